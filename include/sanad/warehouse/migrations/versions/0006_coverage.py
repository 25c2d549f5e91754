"""What a register's release covers: part of what it is a register of, or all of something."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade():
    op.add_column(
        "release",
        sa.Column("coverage", sa.Text, comment="of a register: partial, or complete: and of what; NULL for statistics"),
        schema="archive",
    )


def downgrade():
    raise NotImplementedError("the archive is insert-only; make a new warehouse instead")
