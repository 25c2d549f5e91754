"""The event `corrected`; the vintages, which gain a column, are to be computed anew."""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

EVENTS = ("received", "quarantined", "accepted", "duplicate", "rejected", "retracted", "reinstated")


def upgrade():
    _events(*EVENTS, "corrected")
    # the watermark of int_services_trade__touched: without it every key is touched by the next build
    op.execute("delete from ops.dbt_result where node = 'model.sanad.fct_services_trade_vintage'")


def downgrade():
    _events(*EVENTS)


def _events(*events):
    listed = ", ".join(f"'{event}'" for event in events)
    op.drop_constraint(op.f("ledger_event_check"), "ledger", schema="archive", type_="check")
    op.create_check_constraint(op.f("ledger_event_check"), "ledger", f"event in ({listed})", schema="archive")
