"""The one way by which staged rows of a release go: to be read again by a new parser version."""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade():
    op.execute(
        """
        create function staging.unstage(release bigint) returns bigint
        language sql security definer set search_path = pg_catalog as $$
            with
            figures as (delete from staging.figure where release_id = release returning 1),
            entries as (delete from staging.entry where release_id = release returning 1),
            rejected as (delete from staging.rejected where release_id = release returning 1)
            select count(*) from (table figures union all table entries union all table rejected) as gone
        $$
        """
    )
    op.execute("alter function staging.unstage(bigint) owner to owner")
    op.execute("revoke execute on function staging.unstage(bigint) from public")
    op.execute("grant execute on function staging.unstage(bigint) to loader")
    op.execute(
        "comment on function staging.unstage(bigint) is "
        "'Deletes the staged rows of a release, for the loader to stage another reading of it in the same transaction.'"
    )


def downgrade():
    op.execute("drop function staging.unstage(bigint)")
