"""Everything personal that can be planted comes in through every door, all there is runs over it, and none is left."""

from __future__ import annotations

import io
import json
import logging
import os
import shutil
import subprocess
import traceback
from collections import Counter, defaultdict
from http import HTTPStatus
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import parse_qs

import airflow_home  # noqa: F401 - before anything imports Airflow
import psycopg
import pytest
from helpers import DATASET as SBP
from helpers import FEBRUARY, PROJECT, bundled_arrival, new_installation, rows
from parsers.written import as_csv
from registers.conftest import ROWS, exported, record
from registers.planted import PLANTED, files, refused, seen
from registers.test_redaction import unpacked
from typer.testing import CliRunner

from sanad.cli.commands import app
from sanad.decide import Arrival, decisions, ingest
from sanad.local.faults import Answer
from sanad.local.postgres import psql
from sanad.local.publisher import Publisher
from sanad.registry import dataset
from sanad.warehouse.connect import Role, connection, dsn, url
from sanad.words.ids import Handle
from sanad.words.vocabulary import Event, Origin

pytestmark = [pytest.mark.warehouse, pytest.mark.airflow]
#: Public, and beside what is planted: whoever finds no person must find this.
FIRM, WALKED = "Known Synthetic Firm", "Walked Synthetic Firm"
CONTACTS = ("042-35700001", "info@firm.example", "Plot 77, Contact Street", "Plot 88, Export Street")
HUB, LIST = "pseb/tech_hub", "pseb/registration_list"


class Indiscreet(Publisher):
    """A directory that tells more than it is asked for, on its page and in its errors."""

    def answer(self, method, path, headers, body=b""):
        shown, replied = dict(files(WALKED))[HUB].values()
        said = f"{PLANTED['owner']} {PLANTED['cnic']}"
        match parse_qs(body.decode()).get("locations[]"):
            case None:
                return _answer(shown, "text/html")
            case ["Karachi"]:
                return _answer(replied)
            case ["Lahore"]:
                return _answer(f"<b>{said}</b>".encode(), "text/html")
            case ["Rawalpindi"]:
                return Answer(HTTPStatus.NOT_FOUND, {}, said.encode())
            case ["Multan"]:
                to = f"https://techdestination.com/{PLANTED['bare_mobile']}?of={PLANTED['email']}"
                return Answer(HTTPStatus.FOUND, {"Location": to})
        return _answer(b'{"html": ""}')


def _answer(body: bytes, media_type: str = "application/json") -> Answer:
    return Answer(HTTPStatus.OK, {"Content-Type": media_type, "X-Sanad-Origin": "synthetic"}, body)


def call(*arguments: object) -> str:
    """All that a command says, also when it fails."""
    done = CliRunner().invoke(app, [str(one) for one in arguments])
    raised = "" if done.exception is None else "".join(traceback.format_exception(done.exception))
    return f"sanad {arguments[0]}: exit {done.exit_code}\n{done.output}\n{raised}"


def collected(patch: pytest.MonkeyPatch) -> str:
    """The directory as the scheduled task walks it; what it pushes, and what it tells the assets."""
    from airflow.dag_processing.dagbag import DagBag
    from airflow.sdk import Connection

    task = DagBag(dag_folder=PROJECT / "dags").dags["collect__pseb__tech_hub"].get_task("collect").python_callable
    pushed, events = {}, defaultdict(SimpleNamespace)
    context = {
        "run_id": "manual__1", "dag": SimpleNamespace(dag_id="collect__pseb__tech_hub"), "outlet_events": events,
        "ti": SimpleNamespace(xcom_push=lambda key, value: pushed.update({key: value})),
    }  # fmt: skip
    with Indiscreet() as publisher:
        address = publisher.url.rpartition(":")
        to = Connection(conn_id="sanad_pseb", conn_type="http", host="127.0.0.1", port=int(address[2]), schema="http",
                        extra='{"allow_private": true, "trust_origin": true}')  # fmt: skip
        patch.setattr(Connection, "get", lambda name: to)
        patch.setitem(task.__globals__, "get_current_context", lambda: context)
        task(HUB)
    assert pushed["collected"]["outcome"] == "accepted"
    return json.dumps(pushed) + str(dict(events))


def handed_over(folder: Path) -> str:
    """Every file by the command and, where a row was turned away, by what shows and decides it."""
    said = []
    for number, (name, parts) in enumerate([*files(FIRM), *refused()]):
        place = folder / str(number)
        place.mkdir()
        for part, content in parts.items():
            (place / part).write_bytes(content)
        said.append(call("ingest", name, place, "--json"))
    return "\n".join(said)


_STATES = "select release.dataset, sha256, state from archive.release join archive.release_state using (release_id)"


def decided() -> str:
    """Quarantined releases looked at and accepted, turned away rows looked at and read again."""
    said = [call("quarantine", "list"), call("rejected", "list")]
    for name, sha256, state in rows(_STATES):
        handle = Handle(name, sha256=sha256)
        said.append(call("rejected", "show", handle))
        if state == Event.QUARANTINED:
            said.append(call("quarantine", "show", handle))
            decisions.accept(handle, "tester", "it is synthetic")
    said.append(call("rejected", "replay", handle, "--reason", "why not"))
    said.append(call("reread", handle))
    return "\n".join(said)


@pytest.fixture(scope="module")
def spoken(shared_installation, tmp_path_factory):
    """Everything planted has come in; all that was said by log, command and task since."""
    handler = logging.StreamHandler(stream := io.StringIO())
    logging.getLogger().addHandler(handler)
    logging.getLogger().setLevel(logging.DEBUG)
    folder = tmp_path_factory.mktemp("handed")
    with pytest.MonkeyPatch.context() as patch:
        said = [collected(patch), handed_over(folder)]
    listed = as_csv([[*ROWS[2], "Office Phone", "Company Email", "Address"], [*ROWS[3], *CONTACTS[:3]]])
    of_firms = exported(record(900, address=CONTACTS[3]))
    for name, content in ((LIST, listed), ("pseb/registry_export", of_firms)):
        ingest(dataset(name), Arrival({"x": content}, Origin.SYNTHETIC, "tester", "handed over"))
    ingest(dataset(SBP), bundled_arrival(FEBRUARY))
    said += [decided(), call("build"), call("verify", "--json")]
    ((release_id,),) = rows("select release_id from archive.release where dataset = %s and redacted limit 1", LIST)
    said += [call("trace", "dim_release", release_id, "--json"), call("trace", "dim_release", release_id)]
    said += [call("audit-pack", "mart_call_centres", "2026-02", "--out", folder / "pack.zip")]
    said += [call("status", "--json"), call("corrections", "list"), call("impact", release_id)]
    logging.getLogger().removeHandler(handler)
    return "\n".join([*said, stream.getvalue(), unpacked((folder / "pack.zip").read_bytes()).decode("latin-1")])


@pytest.fixture(scope="module")
def rebuilt(spoken, shared_installation, template):
    """What a warehouse says, and is, that was made anew from the archive alone."""
    with new_installation(template) as state:
        shutil.copytree(shared_installation / "archive", state / "archive")
        yield call("rebuild"), dumped(), state


def dumped() -> bytes:
    """The whole cluster as SQL."""
    program = [Path(psql()).with_name("pg_dumpall"), "-d", dsn(Role.ADMIN), "--no-role-passwords"]
    password = {"PGPASSWORD": str(url(Role.ADMIN).password)}
    return subprocess.run(program, capture_output=True, check=True, env=os.environ | password).stdout


def test_nothing_personal_is_said(spoken):
    refusals = Counter(line.partition(" was not kept")[0] for line in spoken.splitlines() if " was not kept" in line)
    assert len(refusals) > 3
    for command in ("ingest", "quarantine", "rejected", "verify", "trace", "audit-pack", "status"):
        assert f"sanad {command}: exit" in spoken
    assert "found 404 Not Found" in spoken
    assert "found a redirect" in spoken
    assert "[removed]" in spoken, "rows that were turned away were shown"
    assert seen(spoken) == []


def test_nothing_personal_stands_in_the_cluster(spoken):
    dump = dumped()
    assert FIRM.encode() in dump
    assert WALKED.encode() in dump
    assert seen(dump) == []


def test_nothing_personal_stands_in_the_archive_or_beside_it(spoken, shared_installation):
    assert beside(shared_installation) == {}
    assert "pseb/tech_hub" in (shared_installation / "openlineage.jsonl").read_text()
    archived = b"".join(path.read_bytes() for path in (shared_installation / "archive").rglob("*") if path.is_file())
    assert FIRM.encode() in archived
    assert WALKED.encode() in archived


def beside(state: Path) -> dict[str, list[str]]:
    """What is planted in each file of a state folder, the server's own aside: those are dumped."""
    written = [path for path in state.rglob("*") if path.is_file() and "postgres" not in path.parts]
    assert len([path for path in written if "archive" in path.parts]) > 20
    assert any("dbt" in path.parts for path in written)
    named = {str(path): found for path in written if (found := seen(str(path)))}
    return named | {str(path): found for path in written if (found := seen(unpacked(path.read_bytes())))}


def test_nothing_personal_comes_back_when_all_is_made_anew(rebuilt):
    said, dump, state = rebuilt
    assert "exit 0" in said, said
    assert seen(said) == seen(dump) == []
    assert FIRM.encode() in dump
    assert beside(state) == {}


_RELATIONS = """
    select format('%I.%I', nspname, relname) from pg_class join pg_namespace on pg_namespace.oid = relnamespace
    where relkind in ('r', 'v', 'm', 'p') and nspname !~ '^pg_toast' order by 1
"""


def test_who_looks_at_the_marts_sees_no_business_contact_anywhere(spoken):
    fields = str(rows("select fields from staging.entry"))
    assert [contact for contact in CONTACTS if contact not in fields] == []
    refused_to = []
    with connection(Role.BI_READER) as asking:
        asking.autocommit = True
        for (name,) in rows(_RELATIONS):
            try:
                found = str(asking.execute(f"select * from {name}").fetchall())
            except (psycopg.errors.InsufficientPrivilege, psycopg.errors.FeatureNotSupported):
                refused_to.append(name)
            else:
                assert [contact for contact in CONTACTS if contact in found] == [], name
    staged = {name for (name,) in rows(_RELATIONS) if name.split(".")[0] in {"staging", "intermediate", "archive"}}
    assert len(staged) > 20
    assert staged <= set(refused_to)
    assert not [name for name in refused_to if name.startswith("marts.")]


def test_every_register_is_a_view_and_a_row_of_the_marts_dimensions(spoken):
    for name in ("registration_list", "registry_export", "certificate", "tech_hub"):
        ((staged, shown),) = rows(
            f"select (select count(*) from staging.entry where dataset = %s), count(*) from staging.stg_pseb__{name}",
            f"pseb/{name}",
        )
        assert staged == shown > 0
    told = rows("select coverage, redacted from marts.dim_release where handle like 'pseb/tech_hub%'")
    assert set(told) == {("partial", True)}
    assert rows("select newest_edition like '#%' from marts.dim_build where dataset = 'pseb/tech_hub'") == [(True,)]
