"""The event `identified`: a person's decision about whom a row of a register names."""

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

EVENTS = ("received", "quarantined", "accepted", "duplicate", "rejected", "retracted", "reinstated", "corrected")


def upgrade():
    _events(*EVENTS, "identified")


def downgrade():
    _events(*EVENTS)


def _events(*events):
    listed = ", ".join(f"'{event}'" for event in events)
    op.drop_constraint(op.f("ledger_event_check"), "ledger", schema="archive", type_="check")
    op.create_check_constraint(op.f("ledger_event_check"), "ledger", f"event in ({listed})", schema="archive")
