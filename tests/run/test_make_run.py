"""One whole `make run`, by Airflow's own scheduler, in a state folder of its own; then what a person does next."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from helpers import DATASET, PROJECT, REAL_RELEASES, bundled, state_folder
from sqlalchemy import create_engine, text

from sanad.local import registers
from sanad.local.postgres import airflow_dsn, psql, warehouse
from sanad.warehouse.connect import Role, dsn, url

pytestmark = pytest.mark.run
SANAD = PROJECT / ".venv" / "bin" / "sanad"


def call(*command: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=False, timeout=400)


@pytest.fixture(scope="module")
def finished() -> Iterator[subprocess.CompletedProcess[str]]:
    """A finished `make run`; the state folder stays for the tests after it."""
    with state_folder() as state:
        yield call("make", "run")
        left = _processes_of(state)
    assert left == []


def _processes_of(state: Path) -> list[str]:
    """Command lines of living processes that know the state folder, by argument or by environment."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal() and int(entry.name) != os.getpid():
            try:
                told = (entry / "cmdline").read_bytes() + (entry / "environ").read_bytes()
            except OSError:
                continue
            if str(state).encode() in told:
                found.append((entry / "cmdline").read_bytes().replace(b"\0", b" ").decode())
    return found


def test_it_ends_with_the_headline_figures_and_their_cells(finished):
    assert finished.returncode == 0, finished.stderr
    for figures in (
        ("Feb-26 (R)", "35,425.4657", "2026-03 'EBOPS '!F61"),
        ("Mar-26 (P)", "36,409.9251", "+12.87 %", "2026-03 'EBOPS '!I61"),
        ("Jul-Mar FY26 (P)", "289,057.9660", "+20.36 %", "on Jul-Mar FY25 240,153.6550", "'EBOPS '!O61"),
        ("Mar-26 (P)", "413,622.8920", "'EBOPS '!I59"),
        ("All services Feb-26", "812,245.6956 (P) in 2026-02 'EBOPS '!I9", "now 800,206.0419 (R) in 2026-03"),
        ("46 releases", "2,746 figures", "450 entries of registers", "0 quarantined"),
    ):
        assert any(all(part in line for part in figures) for line in finished.stdout.splitlines()), figures


def test_progress_goes_to_standard_error_without_colour(finished):
    assert "First editions collected" in finished.stderr
    assert "PostgreSQL up" not in finished.stdout
    assert "\x1b" not in finished.stdout + finished.stderr


def test_nothing_is_left_running(finished):
    assert _processes_of(Path(os.environ["SANAD_STATE"])) == []


def test_trace_answers_in_json(finished):
    done = call(SANAD, "trace", "mart_call_centres", "2026-03", "--json")
    assert done.returncode == 0, done.stderr
    chain = json.loads(done.stdout)
    assert chain["key"] == {"period_code": "2026-03"}
    growth = next(measure for measure in chain["measures"] if measure["column"] == "exports_yoy_pct")
    assert growth["formula"] == "100 * (fine(exports) / fine(exports_year_ago) - 1)"
    exports = next(measure for measure in chain["measures"] if measure["column"] == "exports_usd_thousand")
    (figure,) = exports["inputs"][0]["figures"]
    assert (figure["locator"], figure["as_printed"], figure["flag"]) == ("'EBOPS '!I61", "36,410", "P")
    assert isinstance(figure["figure_id"], str)
    assert figure["release"]["published_on"] == "2026-04-17"
    assert [event["event"] for event in figure["custody"]] == ["received", "accepted"]
    assert figure["custody"][1]["actor"] == "collect__sbp__trade_in_services"
    assert chain["models"][-1] == "mart_call_centres"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (
            ("trace", "mart_nothing", "x"),
            "known: fct_exchange_rate_print, fct_reported_exports_print, fct_",
        ),
        (("trace", "mart_call_centres", "2026-09"), "has no row 2026-09"),
        (("trace", "mart_sector_exports", "2026-03"), "a key of mart_sector_exports is sector_code/period_code"),
        (("trace", "mart_call_centres", "2026-03", "--measure", "imports"), "no measure 'imports'"),
        (("ingest", "sbp/nothing", "README.md"), "no dataset 'sbp/nothing'"),
        (("ingest", DATASET, "no-such-file.xls"), "does not exist"),
        (("ingest", DATASET, "README.md", "--published-on", "17-03-2026"), "is no day"),
        (("ingest", DATASET, "README.md", "--published-on", "2999-01-01"), "lies in the future"),
        (("psql", "--role", "admin"), "the admin only migrates"),
        (("nonsense",), "No such command"),
    ],
)
def test_a_wrong_call_is_told_so_in_words_with_exit_2(finished, arguments, said):
    done = call(SANAD, *arguments)
    assert done.returncode == 2, done.stdout + done.stderr
    assert said in " ".join(done.stderr.replace("│", " ").split())
    assert "Traceback" not in done.stderr


def test_a_bi_reader_queries_the_marts_and_nothing_else(finished):
    one = "select exports_usd_thousand, flag, origin from marts.mart_call_centres where period_code = '2026-03'"
    done = call(SANAD, "psql", "--role", "bi_reader", "-At", "-c", one)
    assert (done.stdout, done.returncode) == ("36409.925100|P|transcribed\n", 0)
    assert call(SANAD, "psql", "--role", "bi_reader", "-c", "table archive.release").returncode != 0


def test_status_and_ledger_head_agree(finished):
    status = json.loads(call(SANAD, "status", "--json").stdout)
    head = json.loads(call(SANAD, "ledger", "head", "--json").stdout)
    assert status["ledger"] == head == {"seq": 92, "hash": head["hash"]}
    assert [release["state"] for release in status["releases"]] == ["accepted"] * 46
    assert {fetch["outcome"] for fetch in status["fetches"]} == {"new", "known", "failed", "refused"}


def test_only_what_is_asked_for_is_run_whatever_the_hour(finished):
    with warehouse(), create_engine(airflow_dsn()).connect() as metadata:
        asked = metadata.execute(text("select dag_id, run_type from dag_run")).all()
        awake = {name for (name,) in metadata.execute(text("select dag_id from dag where not is_paused"))}
    collectors = {"collect__pseb__tech_hub", "collect__sbp__trade_in_services"}
    assert awake == collectors | {"build__marts"}
    assert {name for name, how in asked if how == "manual"} >= collectors
    assert {how for _, how in asked} <= {"manual", "asset_triggered"}


def test_no_person_of_the_directory_is_found_in_what_the_run_left_behind(finished):
    """Freelancers' cards came along with every page; the cluster, with Airflow's database, and the files have none."""
    persons = [one.stem.lower() for one in registers.registrants() if one.kind == "freelancer"]
    state = Path(os.environ["SANAD_STATE"])
    with warehouse():
        program = [Path(psql()).with_name("pg_dumpall"), "-d", dsn(Role.ADMIN), "--no-role-passwords"]
        password = {"PGPASSWORD": str(url(Role.ADMIN).password)}
        dumped = subprocess.run(program, capture_output=True, check=True, env=os.environ | password).stdout
    assert b"dag_run" in dumped
    assert b"tech-user-profile" in dumped, "the account says that there were such cards"
    files = [path for path in state.rglob("*") if path.is_file() and "postgres" not in path.parts]
    assert len(files) > 100
    written = "\n".join(content.decode("utf-8", "replace") for content in (dumped, *map(Path.read_bytes, files)))
    assert [person for person in persons if person in written.lower()] == []


def test_a_second_run_finds_nothing_new_and_starts_no_dbt(finished):
    builds = ("psql", "-At", "-c", "select count(*) from ops.build")
    before = call(SANAD, *builds).stdout
    again = call("make", "run")
    assert again.returncode == 0, again.stderr
    assert "nothing new" in again.stderr
    assert call(SANAD, *builds).stdout == before
    assert "36,409.9251" in again.stdout


def test_files_handed_over_end_with_the_exit_code_of_what_became_of_them(finished, tmp_path):
    empty, known, real = tmp_path / "empty.xls", tmp_path / "march.xls", REAL_RELEASES / "dt_2026-03-17.xls"
    empty.touch()
    known.write_bytes(bundled.render(bundled.editions(DATASET)[1]))
    done = call(SANAD, "ingest", DATASET, empty)
    assert done.returncode == 3
    assert f"{DATASET}#e3b0c442: file: expected a .xls file, found an empty file, 0 bytes" in done.stderr.replace(
        "\n", " "
    )
    assert call(SANAD, "ingest", DATASET, empty).returncode == 3  # read again, and still empty
    done = call(SANAD, "ingest", DATASET, known, "--json")
    assert (done.returncode, json.loads(done.stdout)["event"]) == (0, "accepted")
    if REAL_RELEASES.exists():
        done = call(SANAD, "ingest", DATASET, real, "--json")
        told = json.loads(done.stdout)
        assert (done.returncode, told["event"], told["new"], told["figures"]) == (0, "accepted", True, 1320)
        assert told["release_id"] == "16044295724"
        done = call(SANAD, "ingest", DATASET, REAL_RELEASES / "Balancepayment_BPM6.xls")
        assert done.returncode == 3
        assert "only 'BPM6_Summary': this is another dataset's workbook" in done.stderr
