"""Faults after which there is no file: the outcome recorded, the class of error, and nothing staged."""

import json
import logging
import socket
import threading
import time
import urllib.error
import urllib.request
from http import HTTPStatus

import pytest
from faults.seen import ARCHIVE, DATASET, PATH, SBP, Held, at, attempts, held

from sanad import registry
from sanad.collect import FinalFetchError, RefusedFetchError, Response, TransientFetchError, Via, fetch
from sanad.collect.http import _retry_after
from sanad.decide.collect import collect
from sanad.local.faults import FAULTS, Answer, Fault, _to
from sanad.local.publisher import Publisher
from sanad.words import settings

pytestmark = pytest.mark.warehouse

TRANSIENT, FINAL = TransientFetchError, FinalFetchError
TRIED_AGAIN, ONCE = 3, 1

#: fault: class of error, tries, (status, outcome) recorded, what its reason says
NO_FILE = {
    "unasked_304": (FINAL, ONCE, (304, "refused"), "found 304 Not Modified though nothing was compared"),
    "status_403": (FINAL, ONCE, (403, "failed"), "found 403 Forbidden"),
    "status_404": (FINAL, ONCE, (404, "failed"), "found 404 Not Found"),
    "status_429": (TRANSIENT, ONCE, (429, "failed"), "found 429 Too Many Requests"),
    "status_500": (TRANSIENT, TRIED_AGAIN, (500, "failed"), "found 500 Internal Server Error"),
    "status_503": (TRANSIENT, ONCE, (503, "failed"), "found 503 Service Unavailable"),
    "no_answer": (TRANSIENT, ONCE, (None, "failed"), "ReadTimeout|found it unfinished"),
    "cut_short": (TRANSIENT, TRIED_AGAIN, (None, "failed"), "RemoteProtocolError: peer closed connection"),
    "length_too_large": (TRANSIENT, TRIED_AGAIN, (None, "failed"), "received 34304 bytes, expected 35304"),
    "trickle": (TRANSIENT, ONCE, (None, "failed"), "expected a whole answer within 0.6 s, found it unfinished"),
    "trickle_headers": (TRANSIENT, ONCE, (None, "failed"), "expected a whole answer within 0.6 s, found it unfin"),
    "reset": (TRANSIENT, TRIED_AGAIN, (None, "failed"), "ReadError"),
    "garbage": (TRANSIENT, TRIED_AGAIN, (None, "failed"), "RemoteProtocolError"),
    "redirect_loop": (FINAL, ONCE, (None, "refused"), "expected the file within 5 redirects, found one more"),
    "redirect_private": (FINAL, ONCE, (None, "refused"), "stay with sbp.org.pk, found one to 'http://10.0.0.1/dt.xls'"),
    "redirect_loopback": (FINAL, ONCE, (None, "refused"), "stay with sbp.org.pk, found one to 'https://127.0.0.1/_c"),
    "redirect_foreign": (FINAL, ONCE, (None, "refused"), "stay with sbp.org.pk, found one to 'https://www.example"),
    "redirect_nonsense": (TRANSIENT, TRIED_AGAIN, (None, "failed"), "Invalid URL in location header"),
    "oversized": (FINAL, ONCE, (200, "refused"), "expected at most 20,000,000 bytes, found 25,165,824 stated"),
    "endless": (FINAL, ONCE, (200, "refused"), "expected at most 20,000,000 bytes, found more"),
}
#: faults after which there is one: see test_contents.py
A_FILE = {
    "length_too_small", "html_page", "html_as_workbook", "workbook_as_html", "changed_etag", "same_etag",
    "same_etag_new_date", "odd_headers", "empty",
}  # fmt: skip


def test_every_fault_of_the_table_is_tested():
    assert set(FAULTS) == set(NO_FILE) | A_FILE
    assert not set(NO_FILE) & A_FILE


@pytest.mark.parametrize("fault", NO_FILE)
def test_no_file_no_change(source, publisher, via, pauses, fault):
    error, tries, recorded, said = NO_FILE[fault]
    timeout = 0.6 if fault in {"no_answer", "trickle", "trickle_headers"} else 10
    before = held()
    publisher.fault(SBP, PATH, fault)
    began = time.monotonic()
    with pytest.raises(error, match=said) as raised:
        collect(at(source, SBP, timeout_seconds=timeout), via=via, actor="airflow")
    assert raised.type is error
    assert timeout > 1 or time.monotonic() - began < 3  # the trickle itself would last a minute and a half
    ((*outcome, reason),) = attempts(source, last=1)
    assert tuple(outcome) == recorded
    assert reason in str(raised.value)
    assert len(pauses) == tries - 1
    assert all(0 <= pause <= 4 for pause in pauses)
    assert held() == before


@pytest.mark.parametrize("fault", ["status_429", "status_503"])
def test_the_wait_a_publisher_asks_for_is_carried(source, publisher, via, fault):
    publisher.fault(SBP, PATH, fault)
    with pytest.raises(TransientFetchError) as raised:
        collect(at(source, ARCHIVE, SBP), via=via, actor="airflow")
    assert raised.value.retry_after_seconds == pytest.approx(120, abs=5)


def test_the_longest_wait_of_several_is_carried(source, publisher, via, monkeypatch):
    monkeypatch.setitem(FAULTS, "busy", Fault("", lambda due, first: Answer(HTTPStatus(429), {"Retry-After": "600"})))
    for first, second in (("busy", "status_429"), ("status_429", "busy")):
        publisher.fault(SBP, PATH, first)
        publisher.fault(ARCHIVE, PATH, second)
        with pytest.raises(TransientFetchError) as raised:
            collect(at(source, SBP, ARCHIVE), via=via, actor="airflow")
        assert raised.value.retry_after_seconds == 600


def test_no_wait_is_carried_where_none_is_asked_for(source, publisher, via):
    publisher.fault(SBP, PATH, "status_500")
    with pytest.raises(TransientFetchError) as raised:
        collect(at(source, SBP), via=via, actor="airflow")
    assert raised.value.retry_after_seconds is None


def test_one_address_that_may_answer_later_makes_the_cycle_worth_another_try(source, publisher, via):
    publisher.fault(ARCHIVE, PATH, "status_429")
    publisher.fault(SBP, PATH, "redirect_foreign")
    with pytest.raises(TransientFetchError, match="no address answered") as raised:
        collect(at(source, SBP, ARCHIVE), via=via, actor="airflow")
    assert raised.value.retry_after_seconds == 120
    assert [outcome for _, outcome, _ in attempts(source, last=2)] == ["refused", "failed"]


@pytest.mark.parametrize("fault", ["reset", "cut_short", "status_500", "garbage"])
def test_what_is_over_at_once_costs_no_cycle(source, publisher, via, pauses, fault):
    publisher.fault(SBP, PATH, fault, times=2)
    assert collect(at(source, SBP), via=via, actor="airflow").outcome == "accepted"
    assert len(pauses) == 2
    ((status, outcome, reason),) = attempts(source)
    assert (status, outcome) == (200, "new")
    assert reason.startswith(f"answered when asked again: https://{SBP}{PATH}: ")


@pytest.mark.parametrize("fault", ["reset", "trickle_headers", "redirect_foreign", "oversized", "html_page"])
def test_the_other_address_and_the_other_dataset_go_on(
    shared_installation, publisher, via, tmp_path, monkeypatch, fault
):
    text = (settings.sources() / f"{DATASET}.yml").read_text().replace("timeout_seconds: 60", "timeout_seconds: 1")
    (tmp_path / "sbp").mkdir()
    for name, path in {f"a_{fault}": "/broken.xls", f"b_{fault}": "/nothing.xls"}.items():
        (tmp_path / "sbp" / f"{name}.yml").write_text(text.replace("/assets/document/dt.xls", path))
    monkeypatch.setenv("SANAD_SOURCES", str(tmp_path))
    publisher.freeze(SBP, "/broken.xls", DATASET)
    publisher.fault(SBP, "/broken.xls", fault)
    struck, other = registry.datasets().values()
    for dataset in (struck, other):
        done = collect(dataset, via=via, actor="airflow")
        assert (done.outcome, done.handle) == ("accepted", f"{dataset.name}@2026-02")
        assert held(dataset) == Held(events=2, releases=1, figures=1320)
    outcome = {"oversized": "refused", "redirect_foreign": "refused", "html_page": "older"}.get(fault, "failed")
    assert [outcome for _, outcome, _ in attempts(struck)] == [outcome, "new", "failed"]
    assert [outcome for _, outcome, _ in attempts(other)] == ["failed", "new", "failed"]


@pytest.mark.parametrize("fault", ["reset", "redirect_foreign"])
def test_one_dataset_without_any_answer_leaves_the_other_alone(source, publisher, via, fault):
    struck = at(source, ARCHIVE).model_copy(update={"name": f"{source.name}_struck"})
    publisher.freeze(ARCHIVE, PATH, DATASET)
    publisher.fault(ARCHIVE, PATH, fault)
    with pytest.raises((TransientFetchError, FinalFetchError)):
        collect(struck, via=via, actor="airflow")
    assert held(struck) == Held(events=0, releases=0, figures=0)
    assert collect(at(source, SBP), via=via, actor="airflow").outcome == "accepted"
    assert held(source) == Held(events=2, releases=1, figures=1320)


def test_a_redirect_inside_the_publishers_own_sites_is_followed(publisher, via, monkeypatch, february):
    for location in (f"https://{SBP}{PATH}", f"//sbp.org.pk{PATH}", f"https://www2.{SBP}{PATH}"):
        moved = Fault("", _to(location))
        monkeypatch.setitem(FAULTS, "moved", moved)
        publisher.fault(ARCHIVE, PATH, "moved")
        host = location.split("/")[2]
        if host != SBP:
            publisher.freeze(host, PATH, DATASET)
        url = f"https://{ARCHIVE}{PATH}"
        found = fetch(url, max_bytes=10**6, timeout_seconds=5, via=via, hosts={SBP})
        assert (found.status, found.content) == (200, february)
        with pytest.raises(RefusedFetchError, match="expected redirects to stay with archive"):
            fetch(url, max_bytes=10**6, timeout_seconds=5, via=via)
    monkeypatch.setitem(FAULTS, "moved", Fault("", _to(f"http://{ARCHIVE}/x")))
    with pytest.raises(RefusedFetchError, match="expected redirects to stay with https"):
        fetch(url, max_bytes=10**6, timeout_seconds=5, via=via)
    monkeypatch.setitem(FAULTS, "moved", Fault("", _to(f"https://evil-sbp.org.pk{PATH}")))
    with pytest.raises(RefusedFetchError, match=r"stay with archive\.sbp\.org\.pk, sbp\.org\.pk, found one"):
        fetch(url, max_bytes=10**6, timeout_seconds=5, via=via, hosts={SBP})


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        ("120", 120), ("0", 0), ("9" * 400, 86_400), ("Fri, 01 Jan 1999 00:00:00 GMT", 0), ("-5", None), ("", None),
        ("soon", None), ("1.5", None), ("Fri, 31 Dec 2100 00:00:00 GMT", 86_400),
    ],
)  # fmt: skip
def test_retry_after_in_all_its_forms(said, seconds):
    assert _retry_after(said) == seconds


@pytest.mark.parametrize(
    ("said", "year"),
    [
        ("Tue, 17 Mar 2026 09:12:50 GMT", 2026), ("Tue, 17 Mar 2026 09:12:50 -0000", 2026),
        ("yesterday", None), ("", None),
        ("Fri, 31 Dec 9999 23:59:59 GMT", None), ("Thu, 01 Jan 1970 00:00:00 GMT", None),
        (f"Fri, 31 Dec {'9' * 30} 23:59:59 GMT", None),
    ],
)  # fmt: skip
def test_only_believable_dates_are_believed(said, year):
    found = Response(200, b"", None, said, "", None).last_modified_at
    assert (found.year if found else None) == year
    assert found is None or found.utcoffset().total_seconds() == 0


def test_an_address_that_does_not_listen(source, publisher, pauses):
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    nobody = Via(f"http://127.0.0.1:{port}", allow_private=True)
    with pytest.raises(TransientFetchError, match="ConnectError"):
        collect(at(source, SBP), via=nobody, actor="airflow")
    assert len(pauses) == 2


def test_the_control_sets_lists_and_clears_faults(publisher):
    def control(name, content=None):
        request = urllib.request.Request(
            f"{publisher.url}/_control/{name}", data=None if content is None else json.dumps(content).encode()
        )
        with urllib.request.urlopen(request, timeout=5) as answer:
            return json.load(answer)

    fault = {"host": "WWW.sbp.org.pk", "path": PATH, "fault": "status_404", "times": 2}
    listed = control("fault", fault)
    assert listed["set"] == [{**fault, "host": SBP}]
    assert set(listed["faults"]) == set(FAULTS)
    via = Via(publisher.url, allow_private=True)
    for times in (1, None):
        with pytest.raises(FinalFetchError):
            fetch(f"https://{SBP}{PATH}", max_bytes=10**6, timeout_seconds=5, via=via)
        assert [one["times"] for one in control("faults")["set"]] == ([times] if times else [])
    assert fetch(f"https://{SBP}{PATH}", max_bytes=10**6, timeout_seconds=5, via=via).status == 200
    for clearing in (lambda: control("fault", {**fault, "fault": "none"}), publisher.rewind):
        control("fault", {"host": SBP, "path": PATH, "fault": "status_500"})
        assert len(control("faults")["set"]) == 1
        clearing()
        assert control("faults")["set"] == []
    for wrong in ({"fault": "nothing like it"}, {"times": 0}, {"times": "x"}, {"colour": "red"}, {"host": 1}):
        with pytest.raises(urllib.error.HTTPError, match="400"):
            control("fault", {**fault, **wrong})
    with pytest.raises(urllib.error.HTTPError, match="400"):
        control("fault", [])
    assert control("faults")["set"] == []


def test_a_publisher_that_ends_lets_go_of_whom_it_keeps_waiting(caplog):
    publisher = Publisher().__enter__()
    publisher.fault(SBP, PATH, "no_answer")
    failed = []

    def ask():
        with pytest.raises(TransientFetchError):
            fetch(f"https://{SBP}{PATH}", max_bytes=10, timeout_seconds=20, via=Via(publisher.url, allow_private=True))
        failed.append(True)

    caplog.set_level(logging.INFO)
    asking = threading.Thread(target=ask)
    asking.start()
    while "GET" not in caplog.text:
        asking.join(0.02)
    publisher.__exit__(None, None, None)
    asking.join(5)
    assert failed
    assert not asking.is_alive()
    assert not [thread for thread in threading.enumerate() if "process_request" in thread.name and thread.is_alive()]
