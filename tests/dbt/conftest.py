"""A warehouse of its own for the dbt tests: embedded PostgreSQL, two small releases, one build."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import psycopg
import pytest

from sanad.warehouse.connect import Role, connection
from sanad.words import ids
from sanad.words.periods import Period

DATASET = "sbp/trade_in_services"
#: line -> label byte for byte; every line's parent is its code less the last part, and 0 is everyone's
LABELS = {
    "0": "Services",
    "9": "9.\u00a0Telecommunications, Computer and information services",
    "9.1": "9.1   Telecommunications services",
    "9.1.1": "9.1.1 Call centres",
    "9.1.2": "9.1.2 Telecommunication services ",
    "9.2": "9.2\u00a0Computer services",
    "9.2.1": "9.2.1 Hardware consultancy services  ",
    "9.2.2": "9.2.2 Software consultancy services",
    "9.2.3": "9.2.3 Maintenance & repairs of computer",
    "9.2.4": "9.2.4 Export / Import of Computer Software",
    "9.2.5": "9.2.5 Freelance of Computer and Information Services",
    "9.2.6": "9.2.6 Other Computer services",
    "9.3": "9.3\u00a0Information services",
    "9.3.1": "9.3.1 News agency services",
    "9.3.2": "9.3.2 Other information services",
    "10": "10. Other business services",
    "10.3": "10.3 Technical, trade-related and other business services",
    "10.3.5": "10.3.5   Other Freelance Services",
    "10.3.6": "10.3.6   Other business services n.i.e.",
}
LEAVES = ("9.1.1", "9.1.2", "9.2.1", "9.2.2", "9.2.3", "9.2.4", "9.2.5", "9.2.6", "9.3.1", "9.3.2", "10.3.5")
#: the remainder up to the line Services, which the State Bank prints in more detail than these tests need
REST = "10.3.6"
NO_DEBIT = ("9.2.5", "10.3.5")


def parent_of(code: str) -> str | None:
    """9.1.1 -> 9.1, 9 -> 0, 0 -> None."""
    return None if code == "0" else code.rpartition(".")[0] or "0"


@dataclass(frozen=True)
class Column:
    """A period of a release: what SBP printed as credit for the leaves and for Services, thousand US$."""

    period: str
    flag: str | None
    services: str
    leaves: str

    def credits(self) -> dict[str, Decimal]:
        leaves = {code: Decimal(value) for code, value in zip(LEAVES, self.leaves.split(), strict=True)}
        leaves[REST] = Decimal(self.services) - sum(leaves.values())
        return leaves


@dataclass(frozen=True)
class Release:
    """A release of trade in services as the loader would leave it."""

    edition: str
    saved_at: str
    columns: tuple[Column, ...]
    origin: str = "transcribed"
    changes: dict[tuple[str, str, str], Decimal] = field(default_factory=dict)

    @property
    def sha256(self) -> str:
        return hashlib.sha256(f"{self.edition} {self.saved_at}".encode()).hexdigest()

    @property
    def release_id(self) -> int:
        return ids.release_id(DATASET, self.sha256)

    @property
    def extraction_id(self) -> int:
        return ids.extraction_id(self.release_id, "tests", "1")


# Credits as the State Bank printed them, to 4 decimals; the debits below are made up.
FEBRUARY = Release(
    "2026-02",
    "2026-03-17T09:12:50Z",
    (
        Column("2025-02", None, "694904.7925", "26508.9619 23201.7368 327.1687 84041.5547 109.2418 43397.6511 "
               "71592.1247 55805.4292 1194.8900 115.2419 18268.7997"),
        Column("2026-01", "R", "876480.9195", "33116.0993 14752.8939 416.6302 117436.9658 39.3883 47309.7993 "
               "93466.3188 66618.0710 265.0540 106.8562 51123.7976"),
        Column("2026-02", "P", "812245.6956", "35425.4657 23786.9100 402.6228 97535.7019 55.8728 47066.2414 "
               "92896.5957 66309.5777 188.6737 142.3094 52086.8745"),
        Column("FY25.Jul-Feb", None, "5459696.8192", "207895.4224 147078.5778 3812.3447 729253.2634 1078.1178 "
               "388131.2546 489012.1201 501488.2921 17670.2587 1200.2846 111721.3443"),
        Column("FY26.Jul-Feb", "P", "6463432.7218", "252648.0409 208812.3417 5021.3017 816997.0553 441.5852 "
               "416134.3056 743389.6096 527763.4965 2061.1385 1024.0908 350521.0676"),
    ),
)  # fmt: skip
MARCH = Release(
    "2026-03",
    "2026-04-17T07:40:05Z",
    (
        Column("2025-03", "R", "777219.9563", "32258.2326 15330.6094 310.7932 98512.0983 79.8260 55853.5514 "
               "78469.6045 63265.8259 563.4682 283.7860 22269.8351"),
        Column("2026-02", "R", "800206.0419", "35425.4657 23786.9100 402.6228 97535.7019 55.8728 47066.2414 "
               "92896.5957 66309.5777 188.6737 142.3094 52086.8745"),
        Column("2026-03", "P", "902912.7726", "36409.9251 17761.8569 1142.1335 119589.0217 47.6743 57436.3998 "
               "112979.6014 67811.8501 308.0582 136.3710 57988.8063"),
        Column("FY25.Jul-Mar", "R", "6275655.9870", "240153.6550 162409.1872 4123.1379 827765.3617 1157.9438 "
               "445927.6242 567517.9778 564754.1180 18233.7269 1484.0706 133991.1794"),
        Column("FY26.Jul-Mar", "P", "7345347.6153", "289057.9660 226574.1986 6163.4352 936586.0770 489.2595 "
               "473570.7054 856369.2110 595575.3466 2369.1967 1160.4618 408509.8739"),
    ),
)  # fmt: skip


def _sums(leaves: dict[str, Decimal]) -> dict[str, Decimal]:
    """Every line as the sum of the leaves below it."""
    return {
        code: sum((v for leaf, v in leaves.items() if code == "0" or f"{leaf}.".startswith(f"{code}.")), Decimal(0))
        for code in LABELS
    }


def figures(release: Release) -> Iterator[tuple[object, ...]]:
    """Rows of staging.figure in reading order."""
    values: dict[tuple[str, str, str], Decimal | None] = {}
    for column in release.columns:
        credits = column.credits()
        debits = {code: Decimal(0) if code in NO_DEBIT else round(v / 3, 4) for code, v in credits.items()}
        for measure, leaves in (
            ("credit", credits),
            ("debit", debits),
            ("net", {code: credits[code] - debits[code] for code in credits}),
        ):
            for code, value in _sums(leaves).items():
                missing = measure == "debit" and code in NO_DEBIT
                values[code, measure, column.period] = None if missing else value
    values.update(release.changes)
    ordinal = 0
    for row, (code, label) in enumerate(LABELS.items(), start=9):
        for group, column in enumerate(release.columns):
            period = Period.parse(column.period)
            for offset, measure in enumerate(("credit", "debit", "net")):
                value = values[code, measure, column.period]
                head, cell = (chr(ord("C") + 3 * group + shift) for shift in (0, offset))
                yield (
                    ids.figure_id(release.release_id, ordinal), DATASET, release.release_id, release.extraction_id,
                    code, measure, period.start, period.end, period.kind.value, column.period,
                    value, "N/A" if value is None else None, "usd_thousand", column.flag,
                    f"'EBOPS '!{cell}{row}", f"'EBOPS '!{head}7", "N/A" if value is None else f"{value:,.0f}",
                    column.period, label, code.count(".") * 2 + 1 if code != "0" else 0, parent_of(code),
                )  # fmt: skip
                ordinal += 1


COLUMNS = (
    "figure_id, dataset, release_id, extraction_id, series_code, measure, period_start, period_end, period_kind, "
    "period_code, value, null_reason, unit, flag, locator, header_locator, as_printed, header_as_printed, "
    "label_raw, indent, parent_code"
)


def load(release: Release) -> None:
    """Archive and stage a release, received and accepted."""
    saved_at = datetime.fromisoformat(release.saved_at)
    with connection(Role.LOADER) as warehouse:
        warehouse.execute(
            "insert into archive.release (release_id, dataset, sha256, origin, redacted, published_on, "
            "published_on_from, last_saved_at, first_fetched_at, url) "
            "values (%s, %s, %s, %s, false, %s, 'http', %s, %s, 'https://www.sbp.org.pk/ecodata/dt.xls')",
            [release.release_id, DATASET, release.sha256, release.origin, saved_at.date(), saved_at, saved_at],
        )
        rows = list(figures(release))
        warehouse.execute(
            "insert into archive.extraction (extraction_id, release_id, parser, parser_version, edition, "
            "canonical_sha256, figures, entries, rejected) values (%s, %s, 'tests', '1', %s, %s, %s, 0, 0)",
            [release.extraction_id, release.release_id, release.edition, release.sha256, len(rows)],
        )
        with warehouse.cursor().copy(f"copy staging.figure ({COLUMNS}) from stdin") as copy:
            for row in rows:
                copy.write_row(row)
    note(release, "received", "accepted")


def note(release: Release, *events: str) -> None:
    """Write ledger events of a release; their hashes are not a chain, nothing here looks at them."""
    with connection(Role.LOADER) as warehouse:
        for event in events:
            warehouse.execute(
                "insert into archive.ledger "
                "(seq, at, event, release_id, extraction_id, actor, reason, evidence, prev_hash, hash) "
                "select coalesce(max(seq), 0) + 1, clock_timestamp(), %s, %s, %s, 'tests', 'a test', '{}', '', "
                "md5(random()::text) from archive.ledger",
                [event, release.release_id, release.extraction_id if event == "accepted" else None],
            )


@pytest.fixture(scope="session")
def server() -> Iterator[None]:
    """An embedded warehouse in a state folder of its own."""
    from sanad.local.postgres import warehouse

    with tempfile.TemporaryDirectory(prefix="sanad-dbt-") as folder:
        Path(folder).chmod(0o755)  # PostgreSQL runs as an unprivileged user when the tests run as root
        before = {name: os.environ.pop(name, None) for name in ("SANAD_STATE", "SANAD_DATABASE_URL", "SANAD_SECRETS")}
        os.environ["SANAD_STATE"] = folder
        try:
            with warehouse():
                yield
        finally:
            del os.environ["SANAD_STATE"]
            os.environ.update({name: value for name, value in before.items() if value is not None})


@pytest.fixture(scope="session")
def built(server: None) -> object:
    """The warehouse with the releases of February and March 2026, built once."""
    from sanad.warehouse import dbt

    load(FEBRUARY)
    load(MARCH)
    return dbt.build()


@pytest.fixture
def query(built: object) -> Callable[..., list[tuple[object, ...]]]:
    """Rows of a question asked as a role, bi_reader unless another is named."""

    def ask(question: str, *parameters: object, role: Role = Role.BI_READER) -> list[tuple[object, ...]]:
        with connection(role) as warehouse:
            return warehouse.execute(question, parameters or None).fetchall()

    return ask


@pytest.fixture
def owner(built: object) -> Iterator[psycopg.Connection]:
    """A transaction of the owner that is always rolled back: whatever is planted is gone afterwards."""
    with connection(Role.OWNER) as warehouse:
        yield warehouse
        warehouse.rollback()
