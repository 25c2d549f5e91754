"""Whom each row of a register names, and how far that was resolved."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "identity",
        sa.Column("entry_id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("registrant_code", sa.Text, nullable=False, index=True, comment="the one whom the row names"),
        sa.Column("place_code", sa.Text, nullable=False, comment="the place that is meant, as in marts.dim_place"),
        sa.Column("linked_by", sa.Text, nullable=False, comment="key, name, person or alone"),
        sa.Column(
            "is_branch", sa.Boolean, nullable=False, comment="whether the row is declared another location of a firm"
        ),
        sa.Column("probability", sa.Numeric(7, 6), comment="that of the link, where a name made it"),
        schema="staging",
        comment="Whom each row of a visible register names, as resolved before the newest build.",
    )
    op.create_table(
        "identity_changed",
        sa.Column("registrant_code", sa.Text, primary_key=True),
        schema="staging",
        comment="Registrants with a row that was resolved otherwise, until the store of registrations takes them in.",
    )
    op.create_table(
        "resolution",
        sa.Column(
            "ledger_seq", sa.BigInteger, primary_key=True, autoincrement=False, comment="newest ledger event it saw"
        ),
        sa.Column("rules", sa.Text, nullable=False, comment="sha256 of the code and the data files that resolved"),
        schema="ops",
        comment="How far staging.identity has come; one row.",
    )
    for name in ("staging.identity", "staging.identity_changed", "ops.resolution"):
        op.execute(f"alter table {name} owner to owner")
        op.execute(f"grant select, insert, delete on {name} to transformer")
        op.execute(f"grant select on {name} to auditor")


def downgrade():
    op.drop_table("resolution", schema="ops")
    op.drop_table("identity_changed", schema="staging")
    op.drop_table("identity", schema="staging")
