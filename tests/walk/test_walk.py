"""Walking through a directory that answers by place: whole, broken off, refused, and never after persons."""

import json
import os
import re
import signal
import sys
from datetime import datetime, timedelta
from types import SimpleNamespace

import pytest
from helpers import rows
from walk.conftest import AJAX, Cut, cut

from sanad.archive.store import Store
from sanad.collect import FinalFetchError, Manners, RefusedFetchError, TransientFetchError, Via, Walker, fetch, progress
from sanad.collect.questions import questions
from sanad.decide.collect import collect
from sanad.decide.walk import collect_by_walk
from sanad.registry import dataset
from sanad.words.errors import Refused

pytestmark = pytest.mark.warehouse
PAGE = "https://techdestination.com/tech-hub-portal/"
ACTION = f"https://{''.join(AJAX)}"


def walked(source, via, manners=None, redact=cut):
    return collect_by_walk(source, redact=redact, via=via, actor="airflow", airflow_run="run_1", manners=manners)


def attempts(source):
    """(url, status, outcome) of every request, in order."""
    return rows("select url, status, outcome from archive.fetch where dataset = %s order by fetch_id", source.name)


def evidence(source, about="walk"):
    """What the ledger says of the newest walk."""
    ((found,),) = rows(
        "select evidence -> %s from archive.ledger join archive.release using (release_id)"
        " where dataset = %s and event = 'received' order by seq desc limit 1",
        about,
        source.name,
    )
    return found


def parts(source):
    return [
        part
        for (part,) in rows(
            "select name from archive.part join archive.release using (release_id) where dataset = %s order by name",
            source.name,
        )
    ]


def test_a_whole_walk_is_one_release(tech_hub, publisher, via):
    source = tech_hub()
    done = walked(source, via)
    assert (done.outcome, done.handle) == ("accepted", f"{source.name}@2023-09")
    asked = source.collect.walk.asked
    assert len(asked) == len(set(asked)) == 45
    # one gave no JSON three times, and two the same cards
    assert publisher.places == [None, *asked, "Sher Shah Town", "Sher Shah Town"]
    kept = [source.collect.walk.part(place) for place in asked]
    for left_out in ("sher_shah_town.json", "chilton_town.json", "zarghoon_town.json"):
        kept.remove(left_out)
    assert parts(source) == sorted(["page.html", *kept])
    ((origin, published_on, published_from, url),) = rows(
        "select origin, published_on::text, published_on_from, url from archive.release where dataset = %s", source.name
    )
    assert (origin, published_on, published_from, url) == ("synthetic", "2023-09-05", "http", PAGE)
    entries = rows("select count(*) from staging.entry where dataset = %s", source.name)
    assert entries[0][0] > 200
    said = evidence(source)
    assert said["places"] == 45
    assert said["without_answer"] == ["Sher Shah Town"]
    assert said["place_forgotten"] == ["Chilton Town", "Zarghoon Town"]
    assert said["towns_of_two_cities"] == ["Gulberg Town", "Iqbal Town"]
    assert {"Karachi", "Lahore", "Islamabad"} <= set(said["full_pages"])
    assert "Sialkot" not in said["full_pages"]
    assert done.warnings == [
        "no answer to Sher Shah Town",
        "the same answer to Chilton Town, Zarghoon Town: the place was forgotten, and they are left out",
    ]
    assert progress.load(Store.open(), source) is None


def test_every_request_is_written_down(tech_hub, via):
    source = tech_hub("Karachi", "Shah Rukn E Alam Town")
    walked(source, via)
    assert attempts(source) == [
        (PAGE, 200, "new"),
        (f"{ACTION}#Karachi", 200, "new"),
        (f"{ACTION}#Shah%20Rukn%20E%20Alam%20Town", 200, "new"),
    ]
    facts = rows("select distinct via, airflow_run from archive.fetch where dataset = %s", source.name)
    assert facts == [(via.base_url, "run_1")]
    asked = "select sha256, bytes from archive.fetch where dataset = %s order by fetch_id"
    kept = "select part.sha256, part.bytes from archive.part join archive.release using (release_id) where dataset = %s"
    assert sorted(rows(asked, source.name)) == sorted(rows(kept, source.name))


def test_the_next_walk_brings_home_what_has_changed(tech_hub, publisher, via):
    source = tech_hub("Sialkot")
    assert walked(source, via).outcome == "accepted"
    again = walked(source, via)
    assert (again.outcome, again.handle) == ("unchanged", f"{source.name}@2023-09")
    assert [outcome for *_, outcome in attempts(source)] == ["new", "new", "known", "known"]
    publisher.advance()
    assert walked(source, via).outcome == "accepted"
    assert len(attempts(source)) == 6


def test_nothing_is_asked_for_persons_and_nothing_of_them_is_kept(tech_hub, publisher, via, shared_installation):
    source = tech_hub("Karachi", "Lahore", "Gulberg Town")
    walked(source, via)
    assert {one.address for one in publisher.seen} == {("techdestination.com", "/tech-hub-portal/"), AJAX}
    forms = [one.form for one in publisher.seen if one.method == "POST"]
    assert {tuple(form) for form in forms} == {("action", "search", "locations[]")}
    assert {form["action"][0] for form in forms} == {"search_company_on_change"}
    store = Store.open()
    written = b"".join(store.files.cat_file(path) for path in store.files.find(store.root))
    assert b"tech-company-profile" in written
    assert b"Synthetic Person" not in written
    assert b"synthetic person" not in written
    tables = rows("select to_jsonb(asked) from archive.fetch as asked")
    tables += rows("select to_jsonb(ledger) from archive.ledger")
    assert "tech-user-profile" in str(tables)
    assert "Synthetic Person" not in str(tables)
    assert evidence(source, "removed")["page.html"] == {".tech-user-profile": "person 1"}
    ((original,),) = rows(
        "select original_sha256 from archive.part join archive.release using (release_id)"
        " where dataset = %s and name = 'karachi.json'",
        source.name,
    )
    assert re.fullmatch("[0-9a-f]{64}", original)


def test_a_request_is_what_the_directorys_own_page_would_send(tech_hub, publisher, via):
    walked(tech_hub("Karachi"), via)
    page, search = publisher.seen
    assert (page.method, page.headers.get("X-Requested-With")) == ("GET", None)
    assert search.form == {"action": ["search_company_on_change"], "search": [""], "locations[]": ["Karachi"]}
    for name, value in {
        "X-Requested-With": "XMLHttpRequest",
        "Referer": PAGE,
        "Accept": "application/json, text/javascript, */*; q=0.01",
        "Content-Type": "application/x-www-form-urlencoded",
    }.items():
        assert search.headers[name] == value
    assert "sanad/" in search.headers["User-Agent"]


def test_a_town_of_two_cities_is_asked_for_once(tech_hub, publisher, via):
    source = tech_hub(places={"Karachi": ["Gulberg Town"], "Lahore": ["Gulberg Town"]})
    assert source.collect.walk.ambiguous == ["Gulberg Town"]
    walked(source, via)
    assert publisher.places == [None, "Karachi", "Lahore", "Gulberg Town"]


def test_a_killed_walk_goes_on_where_it_stopped(tech_hub, publisher, via):
    source = tech_hub("Karachi", "Lahore", "Multan", "Quetta")

    def dies(of, part, content):
        if part == "multan.json":
            os.kill(os.getpid(), signal.SIGKILL)
        return cut(of, part, content)

    child = os.fork()
    if not child:  # pragma: no cover - it does not live to tell
        Walker(source, dies, Store.open(), via=via).go()
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL
    assert publisher.places == [None, "Karachi", "Lahore", "Multan"]
    assert parts(source) == []

    assert walked(source, via).outcome == "accepted"
    assert publisher.places[4:] == ["Multan", "Quetta"]
    assert parts(source) == ["karachi.json", "lahore.json", "multan.json", "page.html", "quetta.json"]
    ((origin,),) = rows("select origin from archive.release where dataset = %s", source.name)
    assert origin == "synthetic"


def test_a_walk_is_ingested_later_when_that_was_where_it_broke_off(tech_hub, publisher, via, monkeypatch):
    source = tech_hub("Karachi")
    with monkeypatch.context() as patch:
        patch.setattr("sanad.decide.walk.ingest", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            walked(source, via)
    publisher.seen.clear()
    assert walked(source, via).outcome == "accepted"
    assert publisher.seen == []


def test_when_the_days_requests_are_used_up_it_goes_on_the_next_day(tech_hub, publisher, via, monkeypatch):
    source, few = tech_hub("Karachi", "Lahore", "Multan"), Manners(0, 3)
    first = walked(source, via, few)
    assert (first.outcome, first.handle) == ("unchanged", None)
    assert first.summary.endswith("3 answers kept, 1 questions open")
    assert publisher.places == [None, "Karachi", "Lahore"]
    assert walked(source, via, few).outcome == "unchanged"
    assert len(publisher.seen) == 3

    class Tomorrow(datetime):
        @classmethod
        def now(cls, zone=None):
            return datetime.now(zone) + timedelta(days=1)

    monkeypatch.setattr("sanad.collect.walk.datetime", Tomorrow)
    assert walked(source, via, few).outcome == "accepted"
    assert publisher.places[3:] == ["Multan"]


def test_the_day_is_the_publishers(tech_hub, via):
    source = tech_hub("Karachi")
    walker = Walker(source, cut, Store.open(), via=via)
    walker.go()
    assert walker._asked_today() == 2
    elsewhere = source.model_copy(
        update={"publisher": source.publisher.model_copy(update={"timezone": "Pacific/Kiritimati"})}
    )
    assert Walker(elsewhere, cut, Store.open(), via=via)._asked_today() in {0, 2}
    assert Walker(source, cut, Store.open())._asked_today() == 0  # what a stand-in was asked burdens nobody


def test_an_answer_that_is_no_json_is_asked_for_again_at_the_end(tech_hub, publisher, via):
    source = tech_hub("Karachi", "Lahore")
    publisher.fault(*AJAX, "html_page", times=1)
    done = walked(source, via)
    assert (done.outcome, done.warnings) == ("accepted", [])
    assert publisher.places == [None, "Karachi", "Lahore", "Karachi"]
    assert [outcome for *_, outcome in attempts(source)] == ["new", "refused", "new", "new"]
    ((reason,),) = rows("select reason from archive.fetch where dataset = %s and outcome = 'refused'", source.name)
    assert reason == "expected a JSON object with 'html', found text/html of 78 bytes that is none"


@pytest.mark.parametrize(
    "answer", [b"0", b"", b"[]", b'{"html": 1}', b"{", b"\xff\xfe", b'{"text": "x"}', b"[" * 10**5]
)
def test_what_is_no_answer_is_no_part(tech_hub, publisher, via, monkeypatch, answer):
    from sanad.local.faults import FAULTS, Fault, _with

    monkeypatch.setitem(FAULTS, "other", Fault("", lambda due, first: _with(due, answer)))
    source = tech_hub("Karachi")
    publisher.fault(*AJAX, "other")
    assert walked(source, via).warnings == ["no answer to Karachi"]
    assert publisher.places == [None, "Karachi", "Karachi", "Karachi"]
    assert parts(source) == ["page.html"]


def test_several_useless_answers_in_a_row_end_the_walk_for_now(tech_hub, publisher, via):
    source = tech_hub("Karachi", "Lahore", "Multan", "Quetta")
    publisher.fault(*AJAX, "html_page")
    with pytest.raises(TransientFetchError, match=r"3 questions in a row were in vain; .*#Multan: expected a"):
        walked(source, via)
    assert publisher.places == [None, "Karachi", "Lahore", "Multan"]
    assert parts(source) == []
    publisher.fault(*AJAX, "none")
    assert walked(source, via).outcome == "accepted"
    assert publisher.places[4:] == ["Quetta", "Karachi", "Lahore", "Multan"]


def test_a_directory_that_refuses_is_not_asked_on_and_on(tech_hub, publisher, via):
    source = tech_hub("Karachi", "Lahore", "Multan", "Quetta")
    publisher.fault(*AJAX, "status_403")
    with pytest.raises(FinalFetchError, match=r"3 questions in a row were in vain; the last: .*403"):
        walked(source, via)
    assert len(publisher.seen) == 4
    assert [status for _, status, _ in attempts(source)] == [200, 403, 403, 403]


def test_a_busy_directory_is_left_alone_and_the_place_asked_last(tech_hub, publisher, via):
    source = tech_hub("Karachi", "Lahore")
    publisher.fault(*AJAX, "status_429", times=1)
    with pytest.raises(TransientFetchError) as raised:
        walked(source, via)
    assert raised.value.retry_after_seconds == 120
    assert walked(source, via).outcome == "accepted"
    assert publisher.places == [None, "Karachi", "Lahore", "Karachi"]


def test_one_bad_place_does_not_keep_a_walk_from_its_end(tech_hub, publisher, via):
    source = tech_hub("Karachi")
    publisher.fault(*AJAX, "status_429")
    for _ in range(3):
        with pytest.raises(TransientFetchError):
            walked(source, via)
    done = walked(source, via)
    assert (done.outcome, done.warnings) == ("accepted", ["no answer to Karachi"])
    assert parts(source) == ["page.html"]
    assert len(publisher.seen) == 4


def test_a_walk_without_one_answer_is_an_error(tech_hub, publisher, via):
    source = tech_hub("Karachi")
    publisher.fault(*AJAX, "status_404")
    publisher.fault("techdestination.com", "/tech-hub-portal/", "status_404")
    with pytest.raises(FinalFetchError, match="come to its end without one answer"):
        walked(source, via)
    assert progress.load(Store.open(), source) is None


def test_what_may_not_be_kept_is_not(tech_hub, publisher, via):
    def refuses(of, part, content):
        if part == "page.html":
            raise Refused("page.html was not kept: expected cards, found none")
        return cut(of, part, content)

    source = tech_hub("Karachi")
    done = walked(source, via, redact=refuses)
    assert (done.outcome, done.warnings) == ("accepted", ["no answer to page.html"])
    assert parts(source) == ["karachi.json"]


def test_a_stumbling_knife_keeps_nothing(tech_hub, via):
    def stumbles(of, part, content):
        raise KeyError("no such knife")

    source = tech_hub("Karachi")
    with pytest.raises(KeyError):
        walked(source, via, redact=stumbles)
    assert progress.load(Store.open(), source).kept == {}
    asked = rows("select outcome, reason, sha256 from archive.fetch where dataset = %s", source.name)
    assert asked == [("refused", "KeyError while it was cut down to what may be kept", None)]
    assert parts(source) == []


def test_what_passes_in_a_moment_is_asked_again_at_once_and_every_try_counts(tech_hub, publisher, via, monkeypatch):
    monkeypatch.setattr("time.sleep", lambda seconds: None)
    source = tech_hub("Karachi")
    publisher.fault(*AJAX, "status_500", times=2)
    assert walked(source, via, Manners(0, 4)).outcome == "accepted"
    assert [status for _, status, _ in attempts(source)] == [200, 500, 500, 200]


class Clock:
    """A clock that only sleep moves on."""

    def __init__(self):
        self.now = 100.0
        self.slept = []

    def __call__(self):
        return self.now

    def sleep(self, seconds):
        self.slept.append(seconds)
        self.now += seconds


def test_there_is_a_pause_between_any_two_requests(tech_hub, publisher, via, monkeypatch):
    clock = Clock()
    publisher.fault(*AJAX, "status_500", times=1)
    monkeypatch.setattr("time.sleep", lambda seconds: None)  # tenacity's own, which is shorter
    walked(tech_hub("Karachi", "Lahore"), via, Manners(10, None, clock, clock.sleep))
    assert len(publisher.seen) == 4
    assert clock.slept == [10, 10, 10]


def test_time_that_has_passed_is_no_longer_waited_for():
    clock = Clock()
    manners = Manners(10, None, clock, clock.sleep)
    manners.wait()
    clock.now += 4
    manners.wait()
    clock.now += 15
    manners.wait()
    assert clock.slept == [6]


def test_manners_are_owed_to_the_publisher_not_to_a_stand_in():
    walk = dataset("pseb/tech_hub").collect.walk
    for via in (None, Via("http://proxy.example")):
        own = Manners.towards(walk, via)
        assert (own.pause_seconds, own.requests_a_day) == (10, 60)
    stand_in = Manners.towards(walk, Via("http://127.0.0.1:1", allow_private=True, trust_origin=True))
    assert (stand_in.pause_seconds, stand_in.requests_a_day) == (0, None)
    assert walk.max_requests_a_day > len(questions(dataset("pseb/tech_hub")))


def test_a_walk_begun_elsewhere_or_long_ago_begins_anew(tech_hub, publisher, via):
    source, store = tech_hub("Karachi", "Lahore"), Store.open()
    walked(source, via, Manners(0, 2))
    begun = progress.load(store, source)
    assert (len(begun.kept), begun.redirected) == (2, True)
    assert Walker(source, cut, store)._under_way() is None
    assert Walker(source, cut, store, via=via)._under_way() == begun
    begun.began_at -= timedelta(days=10, seconds=1)
    progress.save(store, source, begun)
    assert Walker(source, cut, store, via=via)._under_way() is None
    walked(source, via)
    assert publisher.places == [None, "Karachi", None, "Karachi", "Lahore"]


def test_a_place_that_is_no_longer_asked_for_is_no_part(tech_hub, via):
    source = tech_hub("Karachi", "Lahore")
    walked(source, via, Manners(0, 2))
    walk = source.collect.walk.model_copy(update={"places": {"Lahore": []}})
    changed = source.model_copy(update={"collect": source.collect.model_copy(update={"walk": walk})})
    walked(changed, via)
    assert parts(source) == ["lahore.json", "page.html"]


def test_towns_without_cards_may_have_the_same_answer(tech_hub, via):
    source = tech_hub("Nowhere", "Bin Qasim Town")
    assert walked(source, via).warnings == []
    assert parts(source) == ["bin_qasim_town.json", "nowhere.json", "page.html"]
    assert evidence(source)["place_forgotten"] == []


def test_a_form_is_never_sent_on_to_another_address(publisher, via):
    publisher.fault(*AJAX, "redirect_foreign")
    with pytest.raises(RefusedFetchError, match="expected an answer to a form, found a redirect"):
        fetch(ACTION, max_bytes=10**6, timeout_seconds=5, form={"action": "x"}, via=via)
    assert len(publisher.seen) == 1


def test_a_collect_cycle_of_such_a_dataset_is_a_walk(tech_hub, via, monkeypatch):
    monkeypatch.setitem(sys.modules, "sanad.redact", SimpleNamespace(redact=cut))
    monkeypatch.setattr("sanad.decide.walk.collect_by_walk", lambda source, **how: (source, how))
    source = tech_hub("Karachi")
    walked_source, how = collect(source, via=via, actor="airflow", airflow_run="run_1")
    assert walked_source is source
    assert callable(how.pop("redact"))
    assert how == {"via": via, "actor": "airflow", "airflow_run": "run_1"}


def test_progress_is_read_as_it_was_written(tech_hub, via):
    source = tech_hub("Karachi", "Lahore")
    found = Walker(source, cut, Store.open(), via=via, manners=Manners(0, 2)).go()
    assert progress.load(Store.open(), source) == found
    assert json.loads(Store.open().walk(source.dag_suffix))["kept"]["karachi.json"]["origin"] == "synthetic"


def test_the_same_bytes_are_cut_the_same():
    content = b'{"html": "<div class=\'tech-user-profile\'>x</div>"}'
    assert isinstance(cut(None, "a.json", content), Cut)
    assert json.loads(cut(None, "a.json", content).content) == {"html": ""}
