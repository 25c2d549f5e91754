"""Collecting from the loopback publisher: every attempt recorded, at most one new release a cycle."""

import pytest

from sanad.collect import FinalFetchError, TransientFetchError, Via, fetch
from sanad.decide.collect import collect
from sanad.local import bundled
from sanad.local.publisher import Publisher
from sanad.warehouse.connect import Role, connection

pytestmark = pytest.mark.warehouse
URL = "https://www.sbp.org.pk/ecodata/dt.xls"


@pytest.fixture
def publisher():
    with Publisher() as running:
        yield running


@pytest.fixture
def via(publisher):
    return Via(publisher.url, allow_private=True, trust_origin=True)


def attempts():
    with connection(Role.AUDITOR) as asking:
        return asking.execute("select url, status, outcome from archive.fetch order by fetch_id").fetchall()


def test_a_cycle_takes_the_edition_that_is_there_then_the_next(installation, trade_in_services, publisher, via):
    first = collect(trade_in_services, via=via, actor="airflow")
    assert (first.outcome, first.handle, first.figures) == ("accepted", "sbp/trade_in_services@2026-02", 1320)
    assert [(status, outcome) for _, status, outcome in attempts()] == [
        (404, "failed"),
        (200, "new"),
        (404, "failed"),
    ]

    same = collect(trade_in_services, via=via, actor="airflow")
    assert same.outcome == "unchanged"
    assert attempts()[4] == (URL, 304, "not_modified")

    publisher.advance()
    second = collect(trade_in_services, via=via, actor="airflow", airflow_run="run_1")
    assert (second.outcome, second.handle) == ("accepted", "sbp/trade_in_services@2026-03")

    publisher.rewind()  # a release that is known already
    assert collect(trade_in_services, via=via, actor="airflow").outcome == "unchanged"
    assert attempts()[10] == (URL, 200, "known")

    with connection(Role.AUDITOR) as asking:
        facts = asking.execute(
            "select origin, published_on::text, published_on_from, url from archive.release order by published_on"
        ).fetchall()
        ((evidence,),) = asking.execute("select evidence from archive.ledger where seq = 1")
        assert asking.execute("select count(*) from archive.fetch where airflow_run = 'run_1'").fetchone() == (3,)
    assert facts == [("transcribed", "2026-03-17", "http", URL), ("transcribed", "2026-04-17", "http", URL)]
    assert evidence["via"] == publisher.url
    assert evidence["last_modified"] == "Tue, 17 Mar 2026 09:12:50 GMT"


def test_the_newest_edition_wins_and_the_older_waits_its_turn(installation, trade_in_services, via, monkeypatch):
    february, march = (bundled.render(release) for release in bundled.editions(trade_in_services.name))

    def two_editions(url, **_):
        from sanad.collect import Response

        content = {"www.sbp.org.pk/ecodata": march, "archive.sbp.org.pk/ecodata": february}
        body = next((body for place, body in content.items() if place in url), None)
        if body is None:
            raise FinalFetchError(f"{url}: 404")
        return Response(200, body, None, None, "application/vnd.ms-excel", "transcribed")

    monkeypatch.setattr("sanad.decide.collect.fetch", two_editions)
    assert collect(trade_in_services, via=via, actor="airflow").handle == "sbp/trade_in_services@2026-03"
    assert [outcome for *_, outcome in attempts()] == ["failed", "new", "older"]
    assert collect(trade_in_services, via=via, actor="airflow").handle == "sbp/trade_in_services@2026-02"
    assert collect(trade_in_services, via=via, actor="airflow").outcome == "unchanged"


@pytest.mark.parametrize("errors", [(FinalFetchError, TransientFetchError), (FinalFetchError, FinalFetchError)])
def test_when_no_address_answers_the_error_says_whether_to_try_again(
    installation, trade_in_services, via, monkeypatch, errors
):
    asked = iter([*errors, errors[0]])

    def fails(url, **_):
        raise next(asked)(f"{url}: no")

    monkeypatch.setattr("sanad.decide.collect.fetch", fails)
    with pytest.raises(errors[1], match="no address answered"):
        collect(trade_in_services, via=via, actor="airflow")
    assert [outcome for *_, outcome in attempts()] == ["failed"] * 3


def test_a_quarantined_release_is_said_with_its_reason_and_not_read_again_every_cycle(
    installation, trade_in_services, via
):
    strict = trade_in_services.model_copy(
        update={"layouts": [trade_in_services.layouts[0].model_copy(update={"unit_text": "Billion"})]}
    )
    first = collect(strict, via=via, actor="airflow")
    assert first.outcome == "quarantined"
    assert "unit_text at 'EBOPS '!L6: expected 'Billion'" in first.summary
    assert collect(strict, via=via, actor="airflow").outcome == "unchanged"
    with connection(Role.AUDITOR) as asking:
        assert asking.execute("select count(*) from archive.ledger").fetchone() == (2,)


def test_private_addresses_are_refused_without_a_connection_that_allows_them(publisher):
    with pytest.raises(FinalFetchError, match=r"expected a public address, found 127\.0\.0\.1"):
        fetch(f"{publisher.url}/ecodata/dt.xls", max_bytes=1, timeout_seconds=5)
    with pytest.raises(FinalFetchError, match="expected a public address"):
        fetch("http://[::1]:9/x", max_bytes=1, timeout_seconds=5)
    with pytest.raises(FinalFetchError, match="expected an http or https address"):
        fetch("file:///etc/passwd", max_bytes=1, timeout_seconds=5)


def test_a_body_over_the_limit_is_cut_off(via):
    with pytest.raises(FinalFetchError, match="expected at most 1,000 bytes, found 34,304 stated"):
        fetch(URL, max_bytes=1000, timeout_seconds=5, via=via)


def test_origin_is_believed_only_through_a_trusted_connection(publisher):
    untrusting = Via(publisher.url, allow_private=True)
    assert fetch(URL, max_bytes=10**6, timeout_seconds=5, via=untrusting).origin is None


def test_a_request_says_who_asks_and_which_publisher_it_means(monkeypatch):
    seen = []

    class Listening(Publisher):
        def answer(self, method, path, headers, body=b""):
            seen.append(dict(headers))
            return super().answer(method, path, headers, body)

    monkeypatch.setenv("SANAD_CONTACT", "somebody@example.org")
    with Listening() as listening:
        fetch(URL, max_bytes=10**6, timeout_seconds=5, via=Via(listening.url, allow_private=True))
    assert "contact: somebody@example.org" in seen[0]["User-Agent"]
    assert seen[0]["Host"] == "www.sbp.org.pk"
