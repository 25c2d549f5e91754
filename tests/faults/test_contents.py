"""Faults after which there is a file: what is taken, what is quarantined, and what must not stay hidden."""

from datetime import UTC, datetime, timedelta

import pytest
from faults.seen import ARCHIVE, DATASET, PATH, SBP, Held, at, attempts, held

from sanad.archive import fetches, releases
from sanad.archive.store import Store, sha256_of
from sanad.decide.collect import collect
from sanad.local import bundled
from sanad.warehouse.connect import Role, engine

pytestmark = pytest.mark.warehouse
URL = f"https://{SBP}{PATH}"


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ("html_page", "begin b'<!DOCTYP'"),
        ("html_as_workbook", "begin b'<!DOCTYP'"),
        ("empty", "an empty file, 0 bytes"),
        ("length_too_small", "file: expected a whole .xls file"),
    ],
)
def test_what_cannot_be_read_is_kept_and_quarantined_and_hides_nothing(source, publisher, via, fault, said):
    source = at(source, SBP)
    publisher.fault(SBP, PATH, fault)
    first = collect(source, via=via, actor="airflow")
    assert first.outcome == "quarantined"
    assert said in first.summary
    assert attempts(source) == [(200, "new", None)]
    assert held(source) == Held(events=2, releases=1, figures=0)
    with engine(Role.LOADER).connect() as asking:
        heard = fetches.last_heard(asking, source.name, URL, redirected=True)
    assert sha256_of(Store.open().get(heard.sha256)) == heard.sha256

    # the same rubbish again is known, not read again
    assert collect(source, via=via, actor="airflow").outcome == "unchanged"
    assert held(source) == Held(events=2, releases=1, figures=0)

    # the true file under the very same ETag comes through at once
    publisher.fault(SBP, PATH, "none")
    assert collect(source, via=via, actor="airflow").outcome == "accepted"
    assert held(source) == Held(events=4, releases=2, figures=1320)


@pytest.mark.parametrize("fault", ["workbook_as_html", "odd_headers"])
def test_what_the_bytes_are_counts_not_what_they_are_called(source, publisher, via, fault):
    source = at(source, SBP)
    publisher.fault(SBP, PATH, fault)
    assert collect(source, via=via, actor="airflow").outcome == "accepted"
    assert collect(source, via=via, actor="airflow").outcome == "unchanged"
    assert attempts(source)[0] == (200, "new", None)
    assert held(source) == Held(events=2, releases=1, figures=1320)


def test_another_etag_for_the_same_bytes_is_no_release(source, publisher, via):
    source = at(source, SBP)
    publisher.fault(SBP, PATH, "changed_etag")
    assert collect(source, via=via, actor="airflow").outcome == "accepted"
    again = collect(source, via=via, actor="airflow")
    assert (again.outcome, again.warnings) == ("unchanged", [])
    assert attempts(source) == [(200, "new", None), (200, "known", None)]
    assert held(source) == Held(events=2, releases=1, figures=1320)


def _grow_older(source, days):
    """The last whole answer again, as if it had been heard that long ago; archive.fetch cannot be changed."""
    with engine(Role.LOADER).begin() as writing:
        heard = fetches.last_heard(writing, source.name, URL, redirected=True)
        then = datetime.now(UTC) - timedelta(days=days)
        fetches.record(
            writing,
            fetches.Fetch(
                source.name, URL, then, fetches.Outcome.KNOWN, via="http://127.0.0.1", status=200, etag=heard.etag,
                last_modified=heard.last_modified, sha256=heard.sha256,
            ),
        )  # fmt: skip


def test_a_release_hidden_behind_an_etag_that_stays_comes_out_after_a_week(source, publisher, via):
    source = at(source, SBP)
    assert collect(source, via=via, actor="airflow").handle == f"{source.name}@2026-02"
    publisher.advance()
    publisher.fault(SBP, PATH, "same_etag")
    for days in (0, 6.9):
        _grow_older(source, days)
        assert collect(source, via=via, actor="airflow").outcome == "unchanged"
        assert attempts(source, last=1) == [(304, "not_modified", None)]
    _grow_older(source, 7.1)
    found = collect(source, via=via, actor="airflow")
    assert (found.outcome, found.handle) == ("accepted", f"{source.name}@2026-03")
    with engine(Role.LOADER).connect() as asking:
        newest = releases.known(asking, source.name)[-1].release
    assert newest.published_on_from == "observed"  # Last-Modified is still that of February
    (warning,) = found.warnings
    assert warning.startswith(f"{URL} serves other bytes under the same ETag")
    assert attempts(source, last=1) == [(200, "new", warning)]


def test_an_etag_that_stays_while_the_date_moves_is_seen_through_at_once(source, publisher, via):
    source = at(source, SBP)
    collect(source, via=via, actor="airflow")
    publisher.advance()
    publisher.fault(SBP, PATH, "same_etag_new_date")
    found = collect(source, via=via, actor="airflow")
    assert (found.outcome, found.handle) == ("accepted", f"{source.name}@2026-03")
    assert "other bytes under the same ETag" in found.warnings[0]


def test_validators_of_a_connection_are_not_sent_to_the_publisher(source, publisher, via):
    collect(at(source, SBP), via=via, actor="airflow")
    with engine(Role.LOADER).connect() as asking:
        assert fetches.last_heard(asking, source.name, URL, redirected=True)
        assert fetches.last_heard(asking, source.name, URL, redirected=False) is None


def test_two_addresses_with_different_editions_are_warned_of_while_it_is_news(source, publisher, via, caplog):
    source = at(source, SBP, ARCHIVE)
    publisher.freeze(ARCHIVE, PATH, DATASET)
    same = collect(source, via=via, actor="airflow")
    assert (same.outcome, same.warnings) == ("accepted", [])
    assert attempts(source) == [(200, "new", None), (200, "new", None)]

    publisher.advance()
    found = collect(source, via=via, actor="airflow")
    warning = f"https://{ARCHIVE}{PATH} serves edition 2026-02 while {URL} serves 2026-03"
    assert (found.handle, found.warnings) == (f"{source.name}@2026-03", [warning])
    assert attempts(source, last=2) == [(200, "new", None), (304, "not_modified", warning)]
    assert f"{source.name}: {warning}" in caplog.text

    quiet = collect(source, via=via, actor="airflow")
    assert (quiet.outcome, quiet.warnings) == ("unchanged", [])


def test_two_new_editions_at_once_the_newer_first_the_older_with_its_reason(source, publisher, via):
    source = at(source, ARCHIVE, SBP)
    publisher.freeze(ARCHIVE, PATH, DATASET)
    publisher.advance()
    found = collect(source, via=via, actor="airflow")
    assert found.handle == f"{source.name}@2026-03"
    (warning,) = found.warnings
    assert attempts(source) == [(200, "older", warning), (200, "new", None)]
    assert held(source) == Held(events=2, releases=1, figures=1320)
    assert collect(source, via=via, actor="airflow").handle == f"{source.name}@2026-02"


@pytest.mark.parametrize("fault", ["html_page", "empty", "status_404", "oversized"])
def test_one_bad_address_does_not_stop_a_good_one(source, publisher, via, fault):
    source = at(source, ARCHIVE, SBP)  # the bad one is asked first
    publisher.freeze(ARCHIVE, PATH, DATASET)
    publisher.fault(ARCHIVE, PATH, fault)
    found = collect(source, via=via, actor="airflow")
    assert (found.outcome, found.handle) == ("accepted", f"{source.name}@2026-02")
    assert held(source) == Held(events=2, releases=1, figures=1320)
    if fault in {"html_page", "empty"}:
        (warning,) = found.warnings
        assert warning == f"https://{ARCHIVE}{PATH} serves what cannot be read; passed over for {URL}"
        assert attempts(source)[0] == (200, "older", warning)
        assert collect(source, via=via, actor="airflow").outcome == "quarantined"
        assert held(source).figures == 1320


def test_a_parser_that_stumbles_over_one_address_does_not_lose_the_other(source, publisher, via, monkeypatch):
    from sanad import extract

    march = bundled.render(bundled.editions(DATASET)[1])
    reading = extract.read_release

    def stumbles(dataset, parts):
        if march in parts.values():
            raise ZeroDivisionError
        return reading(dataset, parts)

    monkeypatch.setattr(extract, "read_release", stumbles)
    publisher.freeze(ARCHIVE, PATH, DATASET)
    publisher.advance()
    assert collect(at(source, SBP, ARCHIVE), via=via, actor="airflow").handle == f"{source.name}@2026-02"
