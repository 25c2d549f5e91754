"""Series seasonally adjusted."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "adjusted",
        sa.Column("series_sha256", sa.Text, primary_key=True, comment="of the series that went in"),
        sa.Column("period_code", sa.Text, primary_key=True, comment="the month"),
        sa.Column("sector_code", sa.Text, nullable=False, comment="whose exports the series is"),
        sa.Column("adjusted_usd_thousand", sa.Numeric(20, 6), nullable=False, comment="its exports without the season"),
        sa.Column("model", sa.Text, nullable=False, comment="the statistical model, with its parameters"),
        schema="staging",
        comment="Exports seasonally adjusted: the output of a statistical model, by the very series it was made of.",
    )
    op.execute("alter table staging.adjusted owner to owner")
    op.execute("grant select, insert, delete on staging.adjusted to transformer")
    op.execute("grant select on staging.adjusted to auditor")


def downgrade():
    op.drop_table("adjusted", schema="staging")
