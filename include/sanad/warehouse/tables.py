"""The tables outside dbt, as SQLAlchemy Core metadata; Alembic's migrations make them.

``archive`` is insert-only: triggers refuse UPDATE, DELETE and TRUNCATE to every role. Every column says what it
holds; the comments stand in PostgreSQL too.
"""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    Integer,
    MetaData,
    Numeric,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from sanad.words.vocabulary import Event, Origin, PeriodKind, PublishedFrom, Scope, Verdict

SCHEMAS = ("archive", "staging", "intermediate", "marts", "lineage", "ops")

metadata = MetaData(
    naming_convention={
        "pk": "%(table_name)s_pkey",
        "uq": "%(table_name)s_%(column_0_N_name)s_key",
        "fk": "%(table_name)s_%(column_0_N_name)s_fkey",
        "ix": "%(table_name)s_%(column_0_N_name)s_idx",
        "ck": "%(table_name)s_%(constraint_name)s_check",
    }
)


def _one_of(column: str, words: type[StrEnum]) -> CheckConstraint:
    listed = ", ".join(f"'{word.value}'" for word in words)
    return CheckConstraint(f"{column} in ({listed})", name=column)


def _instant() -> DateTime:
    return DateTime(timezone=True)


release = Table(
    "release",
    metadata,
    Column(
        "release_id",
        BigInteger,
        primary_key=True,
        autoincrement=False,
        comment="35 bits of sha256(dataset, sha256)",
    ),
    Column("dataset", Text, nullable=False, comment="publisher/dataset, as in the registry"),
    Column("sha256", Text, nullable=False, comment="of the one part, or of the sorted 'name sha256' lines"),
    Column("origin", Text, nullable=False, comment="official, transcribed, press or synthetic"),
    Column("redacted", Boolean, nullable=False, comment="whether personal fields were cut out before archiving"),
    Column("published_on", Date, nullable=False, comment="day of publication in the publisher's time zone"),
    Column("published_on_from", Text, nullable=False, comment="stated, document, http or observed"),
    Column(
        "last_saved_at",
        _instant(),
        comment="the document's or HTTP's last-saved instant; orders one day's releases",
    ),
    Column("first_fetched_at", _instant(), nullable=False, comment="when the bytes first reached the archive"),
    Column("url", Text, comment="the publisher's address; NULL for a file handed over without one"),
    Column("coverage", Text, comment="of a register: partial, or complete: and of what; NULL for statistics"),
    UniqueConstraint("dataset", "sha256"),
    _one_of("origin", Origin),
    _one_of("published_on_from", PublishedFrom),
    schema="archive",
    comment="One issue of a dataset: one distinct content.",
)

part = Table(
    "part",
    metadata,
    Column("release_id", BigInteger, ForeignKey(release.c.release_id), primary_key=True),
    Column("name", Text, primary_key=True, comment="file or response name inside the release"),
    Column("sha256", Text, nullable=False, comment="of the archived bytes: the name they are kept under"),
    Column("original_sha256", Text, comment="before personal fields were cut out; NULL when nothing was"),
    Column("bytes", BigInteger, nullable=False),
    Column("media_type", Text, nullable=False),
    Column("url", Text),
    schema="archive",
    comment="The files or responses of a release.",
)

extraction = Table(
    "extraction",
    metadata,
    Column("extraction_id", BigInteger, primary_key=True, autoincrement=False),
    Column("release_id", BigInteger, ForeignKey(release.c.release_id), nullable=False, index=True),
    Column("parser", Text, nullable=False),
    Column("parser_version", Text, nullable=False),
    Column(
        "edition",
        Text,
        comment="the release's label in the publisher's terms; NULL when it could not be read",
    ),
    Column("canonical_sha256", Text, comment="of what was read, free of layout; NULL when nothing was"),
    Column("figures", Integer, nullable=False),
    Column("entries", Integer, nullable=False),
    Column("rejected", Integer, nullable=False),
    schema="archive",
    comment="One reading of one release by one parser version.",
)

ledger = Table(
    "ledger",
    metadata,
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("at", _instant(), nullable=False, comment="never goes back"),
    Column("event", Text, nullable=False),
    Column("release_id", BigInteger, ForeignKey(release.c.release_id), nullable=False, index=True),
    Column("extraction_id", BigInteger, ForeignKey(extraction.c.extraction_id)),
    Column("actor", Text, nullable=False, comment="who: a person, or a DAG"),
    Column("reason", Text, nullable=False),
    Column("evidence", JSONB, nullable=False),
    Column("prev_hash", Text, nullable=False),
    Column(
        "hash",
        Text,
        nullable=False,
        unique=True,
        comment="sha256(prev_hash || RFC 8785 JSON of the row without hash)",
    ),
    _one_of("event", Event),
    schema="archive",
    comment="What happened to each release, chained by hash. Status lives here and nowhere else.",
)

fetch = Table(
    "fetch",
    metadata,
    Column("fetch_id", BigInteger, Identity(always=True), primary_key=True),
    Column("dataset", Text, nullable=False),
    Column("url", Text, nullable=False, comment="the publisher's address that was asked for"),
    Column("via", Text, comment="where the request really went, when a connection redirects the publisher"),
    Column("started_at", _instant(), nullable=False),
    Column("status", SmallInteger, comment="HTTP status; NULL when no answer came"),
    Column("etag", Text),
    Column("last_modified", Text, comment="as the server sent it"),
    Column("bytes", BigInteger),
    Column("sha256", Text),
    Column("outcome", Text, nullable=False, comment="new, known, not_modified, older, failed or refused"),
    Column("reason", Text),
    Column("airflow_run", Text),
    Index(None, "dataset", "url", "fetch_id"),
    Index(None, "sha256"),
    schema="archive",
    comment="Every attempt to collect, whatever came of it. Not chained.",
)

figure = Table(
    "figure",
    metadata,
    Column(
        "figure_id",
        BigInteger,
        primary_key=True,
        autoincrement=False,
        comment="release_id << 28 | cell ordinal",
    ),
    Column("dataset", Text, nullable=False),
    Column("release_id", BigInteger, ForeignKey(release.c.release_id), nullable=False, index=True),
    Column("extraction_id", BigInteger, ForeignKey(extraction.c.extraction_id), nullable=False),
    Column("series_code", Text, nullable=False),
    Column("measure", Text, nullable=False),
    Column("period_start", Date),
    Column("period_end", Date, comment="exclusive"),
    Column("period_kind", Text),
    Column("period_code", Text),
    Column("value", Numeric, comment="the stored double's shortest decimal, exactly; in the printed unit"),
    Column("null_reason", Text, comment="why there is no value, as printed: N/A"),
    Column("unit", Text, nullable=False),
    Column("resolution", Numeric, comment="step of printed rounding; NULL where full precision is stored"),
    Column("qualifier", Text, comment="over, nearly, about"),
    Column("flag", Text, comment="P, R or NULL"),
    Column("locator", Text, nullable=False),
    Column("header_locator", Text),
    Column("as_printed", Text, nullable=False, comment="the cell as a reader of the document sees it"),
    Column("header_as_printed", Text),
    Column("label_raw", Text, comment="the row's label, byte for byte"),
    Column("indent", SmallInteger),
    Column("parent_code", Text),
    Column("details", JSONB),
    Index(None, "series_code", "measure", "period_code"),
    CheckConstraint("(value is null) = (null_reason is not null)", name="value_or_reason"),
    CheckConstraint("period_start < period_end", name="period"),
    _one_of("period_kind", PeriodKind),
    schema="staging",
    comment="Every number of every release that was ever accepted, with the cell it stands in.",
)

entry = Table(
    "entry",
    metadata,
    Column(
        "entry_id",
        BigInteger,
        primary_key=True,
        autoincrement=False,
        comment="release_id << 28 | row ordinal",
    ),
    Column("dataset", Text, nullable=False),
    Column("release_id", BigInteger, ForeignKey(release.c.release_id), nullable=False, index=True),
    Column("extraction_id", BigInteger, ForeignKey(extraction.c.extraction_id), nullable=False),
    Column("locator", Text, nullable=False),
    Column("kind", Text),
    Column("portal_key", Text),
    Column("certificate_no", Text),
    Column("name", Text),
    Column("place", Text),
    Column("valid_from_month", Date),
    Column("valid_till_month", Date),
    Column("status", Text),
    Column("fields", JSONB, nullable=False, comment="{field: {value, as_printed, locator}}"),
    schema="staging",
    comment="Every row of every register that was ever accepted.",
)

rejected = Table(
    "rejected",
    metadata,
    Column("release_id", BigInteger, ForeignKey(release.c.release_id), primary_key=True),
    Column("locator", Text, primary_key=True),
    Column("gate", Text, primary_key=True),
    Column("reason", Text, nullable=False),
    Column("raw", Text, nullable=False),
    schema="staging",
    comment="Register rows that a gate turned away; the rest of their release is staged.",
)

identity = Table(
    "identity",
    metadata,
    Column("entry_id", BigInteger, primary_key=True, autoincrement=False),
    Column("registrant_code", Text, nullable=False, index=True, comment="the one whom the row names"),
    Column("place_code", Text, nullable=False, comment="the place that is meant, as in marts.dim_place"),
    Column("linked_by", Text, nullable=False, comment="key, name, person or alone"),
    Column("is_branch", Boolean, nullable=False, comment="whether the row is declared another location of a firm"),
    Column("probability", Numeric(7, 6), comment="that of the link, where a name made it"),
    schema="staging",
    comment="Whom each row of a visible register names, as resolved before the newest build.",
)

identity_changed = Table(
    "identity_changed",
    metadata,
    Column("registrant_code", Text, primary_key=True),
    schema="staging",
    comment="Registrants with a row that was resolved otherwise, until the store of registrations takes them in.",
)

adjusted = Table(
    "adjusted",
    metadata,
    Column("series_sha256", Text, primary_key=True, comment="of the series that went in"),
    Column("period_code", Text, primary_key=True, comment="the month"),
    Column("sector_code", Text, nullable=False, comment="whose exports the series is"),
    Column("adjusted_usd_thousand", Numeric(20, 6), nullable=False, comment="its exports without the season"),
    Column("model", Text, nullable=False, comment="the statistical model, with its parameters"),
    schema="staging",
    comment="Exports seasonally adjusted: the output of a statistical model, by the very series it was made of.",
)

resolution = Table(
    "resolution",
    metadata,
    Column("ledger_seq", BigInteger, primary_key=True, autoincrement=False, comment="newest ledger event it saw"),
    Column("rules", Text, nullable=False, comment="sha256 of the code and the data files that resolved"),
    schema="ops",
    comment="How far staging.identity has come; one row.",
)

build = Table(
    "build",
    metadata,
    Column("build_id", BigInteger, Identity(always=True), primary_key=True),
    Column("started_at", _instant(), nullable=False),
    Column("ledger_seq", BigInteger, nullable=False, comment="newest ledger event the build may see"),
    Column("invocation_id", Text, nullable=False, comment="dbt's own name of the run"),
    schema="ops",
    comment="One row for each dbt run, written before its first model, so that all models see one ledger.",
)

dbt_result = Table(
    "dbt_result",
    metadata,
    Column("invocation_id", Text, primary_key=True),
    Column("node", Text, primary_key=True, comment="dbt's unique_id"),
    Column("resource_type", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("started_at", _instant()),
    Column("seconds", Numeric, nullable=False),
    Column("rows_inserted", BigInteger, comment="by the difference strategy; NULL for other nodes"),
    Column("rows_deleted", BigInteger),
    Column("failures", BigInteger, comment="rows a data test returned"),
    Column("message", Text),
    Column("airflow_run", Text),
    schema="ops",
    comment="What each dbt node of each run did.",
)

measure = Table(
    "measure",
    metadata,
    Column("mart", Text, primary_key=True),
    Column("column_name", Text, primary_key=True, comment="the column that holds the value"),
    Column("place", SmallInteger, nullable=False, comment="among the mart's traced columns, from 1"),
    Column("measure", Text, comment="what formulas call the value; NULL when none uses it"),
    Column("formula", Text, nullable=False, comment="as the mart's YAML declares it"),
    Column("inputs", ARRAY(Text), nullable=False, comment="the measures the formula is computed from"),
    Column("cites", Text, comment="the mart whose rows' figures a statistic runs over; NULL for other values"),
    schema="lineage",
    comment="How each traced value of the marts comes about; written by the build from the marts' YAML.",
)

verification = Table(
    "verification",
    metadata,
    Column("verification_id", BigInteger, Identity(always=True), primary_key=True),
    Column("verified_at", _instant(), nullable=False, comment="when it began"),
    Column("ledger_seq", BigInteger, comment="that of the build whose marts it looked at; NULL without one"),
    Column("scope", Text, nullable=False, comment="full, changed or sample"),
    Column("result", Text, nullable=False, comment="agrees or disagrees"),
    Column("head_seq", BigInteger, nullable=False, comment="the newest ledger event it looked at"),
    Column("head_hash", Text, nullable=False, comment="its hash: a chain that lost it was rewritten; empty for none"),
    Column("counts", JSONB, nullable=False),
    Column("disagreements", JSONB, nullable=False, comment="the first hundred"),
    Column("seconds", Numeric, nullable=False),
    Column("airflow_run", Text),
    _one_of("scope", Scope),
    _one_of("result", Verdict),
    schema="ops",
    comment="One row for each verification.",
)

watermark = Table(
    "watermark",
    metadata,
    Column("model", Text, primary_key=True),
    Column("ledger_seq", BigInteger, nullable=False, comment="newest ledger event the store holds"),
    schema="ops",
    comment="How far each store of prints and vintages has come, written in the store's own transaction.",
)
