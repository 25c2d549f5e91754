"""Where verifications stand."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "verification",
        sa.Column("verification_id", sa.BigInteger, sa.Identity(always=True), primary_key=True),
        sa.Column("verified_at", sa.DateTime(timezone=True), nullable=False, comment="when it began"),
        sa.Column("ledger_seq", sa.BigInteger, comment="that of the build whose marts it looked at; NULL without one"),
        sa.Column("scope", sa.Text, nullable=False, comment="full, changed or sample"),
        sa.Column("result", sa.Text, nullable=False, comment="agrees or disagrees"),
        sa.Column("head_seq", sa.BigInteger, nullable=False, comment="the newest ledger event it looked at"),
        sa.Column(
            "head_hash", sa.Text, nullable=False, comment="its hash: a chain that lost it was rewritten; empty for none"
        ),
        sa.Column("counts", postgresql.JSONB, nullable=False),
        sa.Column("disagreements", postgresql.JSONB, nullable=False, comment="the first hundred"),
        sa.Column("seconds", sa.Numeric, nullable=False),
        sa.Column("airflow_run", sa.Text),
        sa.CheckConstraint("scope in ('full', 'changed', 'sample')", name="scope"),
        sa.CheckConstraint("result in ('agrees', 'disagrees')", name="result"),
        schema="ops",
        comment="One row for each verification.",
    )
    op.execute("alter table ops.verification owner to owner")
    op.execute("grant select on ops.verification to transformer, auditor")


def downgrade():
    op.execute("drop table ops.verification")
