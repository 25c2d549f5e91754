"""Schemas, roles, the insert-only archive and its ledger, staging, ops."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

ROLES = ("owner", "loader", "transformer", "bi_reader", "auditor")
READ_ONLY = {"bi_reader": "30s", "auditor": "5min"}


def upgrade():
    _roles()
    _schemas()
    _tables()
    _release_state()
    _insert_only("release", "part", "extraction", "ledger", "fetch")
    _grants()


def _roles():
    op.execute("revoke all on schema public from public")
    for role in ROLES:
        op.execute(
            f"do $$ begin if not exists (select from pg_roles where rolname = '{role}') then "
            f"create role {role} login; end if; end $$"
        )
        # a managed PostgreSQL's admin is no superuser: it must belong to the roles whose defaults it sets
        op.execute(
            f"do $$ begin if not (select rolsuper from pg_roles where rolname = current_user) then "
            f"grant {role} to current_user; end if; end $$"
        )
    # the owner may write and drop what dbt built
    op.execute("grant transformer to owner")
    for role, timeout in READ_ONLY.items():
        op.execute(f"alter role {role} set default_transaction_read_only = on")
        op.execute(f"alter role {role} set statement_timeout = '{timeout}'")


def _schemas():
    op.execute(
        "do $$ begin execute format('grant create on database %I to owner', current_database()); "
        "execute format('revoke temporary on database %I from public', current_database()); "
        "execute format('grant temporary on database %I to owner, loader, transformer, auditor', current_database()); "
        "end $$"
    )
    for schema in ("staging", "intermediate", "marts", "lineage", "ops"):
        op.execute(f"create schema if not exists {schema} authorization owner")


def _tables():
    instant = sa.DateTime(timezone=True)
    op.create_table(
        "release",
        sa.Column(
            "release_id",
            sa.BigInteger,
            primary_key=True,
            autoincrement=False,
            comment="35 bits of sha256(dataset, sha256)",
        ),
        sa.Column("dataset", sa.Text, nullable=False, comment="publisher/dataset, as in the registry"),
        sa.Column("sha256", sa.Text, nullable=False, comment="of the one part, or of the sorted 'name sha256' lines"),
        sa.Column("origin", sa.Text, nullable=False, comment="official, transcribed, press or synthetic"),
        sa.Column(
            "redacted",
            sa.Boolean,
            nullable=False,
            comment="whether personal fields were cut out before archiving",
        ),
        sa.Column("published_on", sa.Date, nullable=False, comment="day of publication in the publisher's time zone"),
        sa.Column("published_on_from", sa.Text, nullable=False, comment="stated, document, http or observed"),
        sa.Column(
            "last_saved_at",
            instant,
            comment="the document's or HTTP's last-saved instant; orders one day's releases",
        ),
        sa.Column("first_fetched_at", instant, nullable=False, comment="when the bytes first reached the archive"),
        sa.Column("url", sa.Text, comment="the publisher's address; NULL for a file handed over without one"),
        sa.UniqueConstraint("dataset", "sha256", name="release_dataset_sha256_key"),
        sa.CheckConstraint("origin in ('official', 'transcribed', 'press', 'synthetic')", name="origin"),
        sa.CheckConstraint("published_on_from in ('stated', 'document', 'http', 'observed')", name="published_on_from"),
        schema="archive",
        comment="One issue of a dataset: one distinct content.",
    )
    op.create_table(
        "part",
        sa.Column(
            "release_id",
            sa.BigInteger,
            sa.ForeignKey("archive.release.release_id", name="part_release_id_fkey"),
            primary_key=True,
        ),
        sa.Column("name", sa.Text, primary_key=True, comment="file or response name inside the release"),
        sa.Column("sha256", sa.Text, nullable=False, comment="of the archived bytes: the name they are kept under"),
        sa.Column("original_sha256", sa.Text, comment="before personal fields were cut out; NULL when nothing was"),
        sa.Column("bytes", sa.BigInteger, nullable=False),
        sa.Column("media_type", sa.Text, nullable=False),
        sa.Column("url", sa.Text),
        schema="archive",
        comment="The files or responses of a release.",
    )
    op.create_table(
        "extraction",
        sa.Column("extraction_id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column(
            "release_id",
            sa.BigInteger,
            sa.ForeignKey("archive.release.release_id", name="extraction_release_id_fkey"),
            nullable=False,
        ),
        sa.Column("parser", sa.Text, nullable=False),
        sa.Column("parser_version", sa.Text, nullable=False),
        sa.Column(
            "edition",
            sa.Text,
            comment="the release's label in the publisher's terms; NULL when it could not be read",
        ),
        sa.Column("canonical_sha256", sa.Text, comment="of what was read, free of layout; NULL when nothing was"),
        sa.Column("figures", sa.Integer, nullable=False),
        sa.Column("entries", sa.Integer, nullable=False),
        sa.Column("rejected", sa.Integer, nullable=False),
        schema="archive",
        comment="One reading of one release by one parser version.",
    )
    op.create_index("extraction_release_id_idx", "extraction", ["release_id"], schema="archive")
    op.create_table(
        "ledger",
        sa.Column("seq", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("at", instant, nullable=False, comment="never goes back"),
        sa.Column("event", sa.Text, nullable=False),
        sa.Column(
            "release_id",
            sa.BigInteger,
            sa.ForeignKey("archive.release.release_id", name="ledger_release_id_fkey"),
            nullable=False,
        ),
        sa.Column(
            "extraction_id",
            sa.BigInteger,
            sa.ForeignKey("archive.extraction.extraction_id", name="ledger_extraction_id_fkey"),
        ),
        sa.Column("actor", sa.Text, nullable=False, comment="who: a person, or a DAG"),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("evidence", postgresql.JSONB, nullable=False),
        sa.Column("prev_hash", sa.Text, nullable=False),
        sa.Column(
            "hash",
            sa.Text,
            nullable=False,
            comment="sha256(prev_hash || RFC 8785 JSON of the row without hash)",
        ),
        sa.UniqueConstraint("hash", name="ledger_hash_key"),
        sa.CheckConstraint(
            "event in ('received', 'quarantined', 'accepted', 'duplicate', 'rejected', 'retracted', 'reinstated')",
            name="event",
        ),
        schema="archive",
        comment="What happened to each release, chained by hash. Status lives here and nowhere else.",
    )
    op.create_index("ledger_release_id_idx", "ledger", ["release_id"], schema="archive")
    op.create_table(
        "fetch",
        sa.Column("fetch_id", sa.BigInteger, sa.Identity(always=True), primary_key=True),
        sa.Column("dataset", sa.Text, nullable=False),
        sa.Column("url", sa.Text, nullable=False, comment="the publisher's address that was asked for"),
        sa.Column("via", sa.Text, comment="where the request really went, when a connection redirects the publisher"),
        sa.Column("started_at", instant, nullable=False),
        sa.Column("status", sa.SmallInteger, comment="HTTP status; NULL when no answer came"),
        sa.Column("etag", sa.Text),
        sa.Column("last_modified", sa.Text, comment="as the server sent it"),
        sa.Column("bytes", sa.BigInteger),
        sa.Column("sha256", sa.Text),
        sa.Column("outcome", sa.Text, nullable=False, comment="new, known, not_modified, older, failed or refused"),
        sa.Column("reason", sa.Text),
        sa.Column("airflow_run", sa.Text),
        schema="archive",
        comment="Every attempt to collect, whatever came of it. Not chained.",
    )
    op.create_index("fetch_dataset_url_fetch_id_idx", "fetch", ["dataset", "url", "fetch_id"], schema="archive")
    op.create_table(
        "figure",
        sa.Column(
            "figure_id",
            sa.BigInteger,
            primary_key=True,
            autoincrement=False,
            comment="release_id << 28 | cell ordinal",
        ),
        sa.Column("dataset", sa.Text, nullable=False),
        sa.Column(
            "release_id",
            sa.BigInteger,
            sa.ForeignKey("archive.release.release_id", name="figure_release_id_fkey"),
            nullable=False,
        ),
        sa.Column(
            "extraction_id",
            sa.BigInteger,
            sa.ForeignKey("archive.extraction.extraction_id", name="figure_extraction_id_fkey"),
            nullable=False,
        ),
        sa.Column("series_code", sa.Text, nullable=False),
        sa.Column("measure", sa.Text, nullable=False),
        sa.Column("period_start", sa.Date),
        sa.Column("period_end", sa.Date, comment="exclusive"),
        sa.Column("period_kind", sa.Text),
        sa.Column("period_code", sa.Text),
        sa.Column("value", sa.Numeric, comment="the stored double's shortest decimal, exactly; in the printed unit"),
        sa.Column("null_reason", sa.Text, comment="why there is no value, as printed: N/A"),
        sa.Column("unit", sa.Text, nullable=False),
        sa.Column("resolution", sa.Numeric, comment="step of printed rounding; NULL where full precision is stored"),
        sa.Column("qualifier", sa.Text, comment="over, nearly, about"),
        sa.Column("flag", sa.Text, comment="P, R or NULL"),
        sa.Column("locator", sa.Text, nullable=False),
        sa.Column("header_locator", sa.Text),
        sa.Column("as_printed", sa.Text, nullable=False, comment="the cell as a reader of the document sees it"),
        sa.Column("header_as_printed", sa.Text),
        sa.Column("label_raw", sa.Text, comment="the row's label, byte for byte"),
        sa.Column("indent", sa.SmallInteger),
        sa.Column("parent_code", sa.Text),
        sa.Column("details", postgresql.JSONB),
        sa.CheckConstraint("(value is null) = (null_reason is not null)", name="value_or_reason"),
        sa.CheckConstraint("period_start < period_end", name="period"),
        sa.CheckConstraint(
            "period_kind in ('month', 'quarter', 'fiscal_year', 'fiscal_year_to_date', 'calendar_year')",
            name="period_kind",
        ),
        schema="staging",
        comment="Every number of every release that was ever accepted, with the cell it stands in.",
    )
    op.create_index("figure_release_id_idx", "figure", ["release_id"], schema="staging")
    op.create_table(
        "entry",
        sa.Column(
            "entry_id",
            sa.BigInteger,
            primary_key=True,
            autoincrement=False,
            comment="release_id << 28 | row ordinal",
        ),
        sa.Column("dataset", sa.Text, nullable=False),
        sa.Column(
            "release_id",
            sa.BigInteger,
            sa.ForeignKey("archive.release.release_id", name="entry_release_id_fkey"),
            nullable=False,
        ),
        sa.Column(
            "extraction_id",
            sa.BigInteger,
            sa.ForeignKey("archive.extraction.extraction_id", name="entry_extraction_id_fkey"),
            nullable=False,
        ),
        sa.Column("locator", sa.Text, nullable=False),
        sa.Column("kind", sa.Text),
        sa.Column("portal_key", sa.Text),
        sa.Column("certificate_no", sa.Text),
        sa.Column("name", sa.Text),
        sa.Column("place", sa.Text),
        sa.Column("valid_from_month", sa.Date),
        sa.Column("valid_till_month", sa.Date),
        sa.Column("status", sa.Text),
        sa.Column("fields", postgresql.JSONB, nullable=False, comment="{field: {value, as_printed, locator}}"),
        schema="staging",
        comment="Every row of every register that was ever accepted.",
    )
    op.create_index("entry_release_id_idx", "entry", ["release_id"], schema="staging")
    op.create_table(
        "rejected",
        sa.Column(
            "release_id",
            sa.BigInteger,
            sa.ForeignKey("archive.release.release_id", name="rejected_release_id_fkey"),
            primary_key=True,
        ),
        sa.Column("locator", sa.Text, primary_key=True),
        sa.Column("gate", sa.Text, primary_key=True),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("raw", sa.Text, nullable=False),
        schema="staging",
        comment="Register rows that a gate turned away; the rest of their release is staged.",
    )
    op.create_table(
        "build",
        sa.Column("build_id", sa.BigInteger, sa.Identity(always=True), primary_key=True),
        sa.Column("started_at", instant, nullable=False),
        sa.Column("ledger_seq", sa.BigInteger, nullable=False, comment="newest ledger event the build may see"),
        sa.Column("invocation_id", sa.Text, nullable=False, comment="dbt's own name of the run"),
        schema="ops",
        comment="One row for each dbt run, written before its first model, so that all models see one ledger.",
    )
    op.create_table(
        "dbt_result",
        sa.Column("invocation_id", sa.Text, primary_key=True),
        sa.Column("node", sa.Text, primary_key=True, comment="dbt's unique_id"),
        sa.Column("resource_type", sa.Text, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("started_at", instant),
        sa.Column("seconds", sa.Numeric, nullable=False),
        sa.Column("rows_inserted", sa.BigInteger, comment="by the difference strategy; NULL for other nodes"),
        sa.Column("rows_deleted", sa.BigInteger),
        sa.Column("failures", sa.BigInteger, comment="rows a data test returned"),
        sa.Column("message", sa.Text),
        sa.Column("airflow_run", sa.Text),
        schema="ops",
        comment="What each dbt node of each run did.",
    )
    for table in ("staging.figure", "staging.entry", "staging.rejected", "ops.build", "ops.dbt_result"):
        op.execute(f"alter table {table} owner to owner")


def _release_state():
    op.execute(
        """
        create view archive.release_state as
        select distinct on (ledger.release_id)
            ledger.release_id, release.dataset, ledger.event as state, ledger.at, ledger.seq,
            ledger.actor, ledger.reason, ledger.extraction_id
        from archive.ledger
        join archive.release using (release_id)
        order by ledger.release_id, ledger.seq desc
        """
    )
    op.execute("comment on view archive.release_state is 'The last event of each release.'")


def _insert_only(*tables):
    op.execute(
        """
        create function archive.refuse() returns trigger language plpgsql as $$
        begin
            raise exception 'archive.% is insert-only: % refused', tg_table_name, tg_op
                using errcode = 'insufficient_privilege';
        end $$
        """
    )
    for table in tables:
        op.execute(
            f"create trigger insert_only_rows before update or delete on archive.{table} "
            "for each row execute function archive.refuse()"
        )
        op.execute(
            f"create trigger insert_only_table before truncate on archive.{table} "
            "for each statement execute function archive.refuse()"
        )
        # also in a session that plays back a replica's changes
        op.execute(f"alter table archive.{table} enable always trigger insert_only_rows")
        op.execute(f"alter table archive.{table} enable always trigger insert_only_table")


def _grants():
    everyone = "owner, loader, transformer, auditor"
    op.execute(f"grant usage on schema archive, staging to {everyone}")
    op.execute(f"grant select on all tables in schema archive to {everyone}")
    op.execute(
        "grant insert on archive.release, archive.part, archive.extraction, archive.ledger, archive.fetch to loader"
    )
    op.execute("grant select, insert on staging.figure, staging.entry, staging.rejected to loader")
    op.execute("grant select on staging.figure, staging.entry, staging.rejected to transformer, auditor")
    for schema in ("staging", "intermediate", "marts", "lineage"):
        op.execute(f"grant usage, create on schema {schema} to transformer")
    op.execute("grant usage on schema ops to transformer, auditor, loader")
    op.execute("grant select, insert on ops.build, ops.dbt_result to transformer")
    op.execute("grant select on ops.build, ops.dbt_result to loader, auditor")
    op.execute("grant usage on schema intermediate, marts, lineage to auditor")
    op.execute("grant usage on schema marts to bi_reader")
    op.execute("grant usage on schema marts to loader")
    # dbt makes its tables as the transformer; whoever may read the schema may read what it makes next
    for role in ("transformer", "owner"):
        for schema in ("staging", "intermediate", "marts", "lineage", "ops"):
            op.execute(f"alter default privileges for role {role} in schema {schema} grant select on tables to auditor")
        op.execute(f"alter default privileges for role {role} in schema marts grant select on tables to bi_reader")


def downgrade():
    raise NotImplementedError("the archive is insert-only; make a new warehouse instead")
