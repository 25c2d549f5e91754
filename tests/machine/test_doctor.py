"""`sanad doctor`: each check is seen to fail."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from helpers import state_folder
from machine.sessions import alive, environment, sanad, until

from sanad.local import alone, doctor, machine, stack
from sanad.local.doctor import State


@pytest.fixture
def state():
    with state_folder() as folder:
        yield folder


def test_an_empty_folder_is_well_and_stays_empty(state):
    done = sanad(state, "doctor", "--json")
    told = {one["check"]: one for one in json.loads(done.stdout)}
    assert list(told) == list(doctor.CHECKS)
    assert [name for name, one in told.items() if one["state"] == "fail"] == []
    assert done.returncode == 0
    assert told["database"]["found"] == "down"
    assert list(state.iterdir()) == []


def test_lines_are_plain_off_a_terminal_and_say_what_to_do(state):
    secrets = state / "secrets.json"
    secrets.write_text("{}")
    secrets.chmod(0o644)
    done = sanad(state, "doctor")
    assert done.returncode == 1
    assert "\x1b" not in done.stdout
    lines = [line for line in done.stdout.splitlines() if line.startswith("fail")]
    assert lines == [
        f"fail secrets              {secrets} has mode 0644: others can read the passwords: chmod 600 '{secrets}'"
    ]


def test_it_answers_where_the_rest_cannot_be_imported(state, tmp_path):
    (tmp_path / "xlrd.py").write_text("raise ImportError('no xlrd')\n")
    (tmp_path / "typing_extensions").mkdir()
    path = f"{tmp_path}:{environment(state)['PYTHONPATH']}"
    assert sanad(state, "doctor", PYTHONPATH=path).stdout.startswith("ok")


def test_an_environment_that_is_not_as_locked(state, tmp_path, monkeypatch):
    monkeypatch.setenv("SANAD_PROJECT", str(tmp_path))
    lock = tmp_path / "requirements.txt"
    lock.write_text("typer==0.0.1 \\\n    --hash=sha256:00\nno-such-thing==1\nwin==2 ; sys_platform == 'win32'\n")
    found = doctor.environment()
    assert found.state is State.FAIL
    assert "typer" in found.found and "0.0.1" in found.found and "no-such-thing missing for 1" in found.found
    assert "win " not in found.found
    lock.write_text("")
    assert doctor.environment().state is State.FAIL


@pytest.mark.parametrize(("free", "found"), [(100, State.FAIL), (500, State.WARN), (5000, State.OK)])
def test_a_disk_nearly_full(state, monkeypatch, free, found):
    monkeypatch.setattr(machine, "free_bytes", lambda path: free * machine.MIB)
    assert doctor.disk().state is found


def test_a_folder_that_cannot_be_written(state, monkeypatch):
    monkeypatch.setattr(doctor.os, "access", lambda path, mode: False)
    assert doctor.state_folder().state is State.FAIL


def test_damaged_secrets(state):
    (state / "secrets.json").write_text("{")
    (state / "secrets.json").chmod(0o600)
    assert doctor.secrets().state is State.FAIL


def test_no_loopback(state, monkeypatch):
    def unfit():
        raise machine.Unfit("127.0.0.1 cannot be used; give it one")

    monkeypatch.setattr(machine, "free_port", unfit)
    assert doctor.loopback() == doctor.fail("127.0.0.1 cannot be used", "give it one")


def test_a_run_under_way_and_what_a_killed_one_left(state):
    assert doctor.run_under_way().found == "none"
    environ = {**environment(state), "AIRFLOW_HOME": str(stack.home())}
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"], env=environ) as orphan:
        until(lambda: orphan.pid in alive(state), 5)
        found = doctor.left_over()
        assert (found.state, str(orphan.pid) in found.found) == (State.FAIL, True)
        with alone.alone("test"):
            assert doctor.run_under_way().found.startswith("sanad test, pid ")
            assert doctor.left_over().state is State.OK
        orphan.kill()
    assert doctor.left_over() == doctor.ok("none")


def test_a_check_that_stumbles_has_failed(state, monkeypatch):
    def stumble():
        raise KeyError("x")

    monkeypatch.setitem(doctor.CHECKS, "port", stumble)
    assert dict(doctor.examine())["port"].state is State.FAIL


@pytest.mark.warehouse
def test_a_cluster_up_and_of_another_version(installation):
    assert ", up on port " in doctor.cluster().found
    assert doctor.database().found.startswith("up, at migration ")
    assert doctor.left_over().found == "the server, for a command at work"
    version = installation / "postgres" / "data" / "PG_VERSION"
    version.write_text("16\n")
    assert "made by PostgreSQL 16" in dict(doctor.examine())["cluster"].found
    version.write_text("17\n")


def test_metadata_of_another_airflow(state):
    stack.home().mkdir(parents=True)
    (stack.home() / "metadata.json").write_text('{"airflow": "2.0"}')
    assert "the next run migrates" in doctor.airflow().found
    (stack.home() / "metadata.json").write_text("{")
    assert "not migrated yet" in doctor.airflow().found
