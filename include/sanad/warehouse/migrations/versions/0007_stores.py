"""The figures of a key by index, and how far each store has come."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

INDEX = "figure_series_code_measure_period_code_idx"


def upgrade():
    op.create_index(INDEX, "figure", ["series_code", "measure", "period_code"], schema="staging")
    op.create_table(
        "watermark",
        sa.Column("model", sa.Text, primary_key=True),
        sa.Column("ledger_seq", sa.BigInteger, nullable=False, comment="newest ledger event the store holds"),
        schema="ops",
        comment="How far each store of prints and vintages has come, written in the store's own transaction.",
    )
    op.execute("alter table ops.watermark owner to owner")
    op.execute("grant select, insert, update on ops.watermark to transformer")
    op.execute("grant select on ops.watermark to loader, auditor")


def downgrade():
    op.drop_table("watermark", schema="ops")
    op.drop_index(INDEX, "figure", schema="staging")
