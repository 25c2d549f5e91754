"""Commands on a machine that is not as it should be: they work, or say in one line what to do, and leave nothing."""

from __future__ import annotations

import errno
import json
import os
import shutil
import signal
import socket
import subprocess
import time
from contextlib import contextmanager, suppress

import pytest
from helpers import state_folder
from machine.sessions import CLEARED_SECONDS, SANAD, alive, begin, environment, interrupt, sanad, until

from sanad.local import machine, postgres, secrets
from sanad.local.machine import in_one_line

pytestmark = pytest.mark.warehouse
ROOT = os.geteuid() == 0


@pytest.fixture(scope="module")
def installed(template):
    """A finished, stopped, empty installation, shared: whoever spoils it mends it."""
    with state_folder() as state:
        subprocess.run(["cp", "-a", f"{template}/.", state], check=True)
        yield state


@pytest.fixture
def stopped(installed):
    """The installation, with nothing of it left running."""
    yield installed
    assert alive(installed) == {}


@contextmanager
def spoiled(path, content):
    """A file with other content, for as long as the block lasts."""
    before = path.read_bytes()
    path.write_text(content)
    try:
        yield
    finally:
        path.write_bytes(before)


def one_line(done, *said, code=1):
    assert done.returncode == code, done.stderr
    (line,) = done.stderr.splitlines()
    assert line.startswith("sanad: "), line
    assert all(part in line for part in said), line


def works(state):
    done = sanad(state, "ledger", "head")
    assert done.returncode == 0, done.stderr
    assert alive(state) == {}


def within(script, state, *arguments):
    """A command in a namespace of its own, prepared by a script; skipped where we may not make one."""
    if not ROOT or shutil.which("unshare") is None:
        pytest.skip("only root may prepare such a machine")
    whole = f'set -e; {script}; exec "$@"'
    return subprocess.run(
        ["unshare", "-m", "-n", "sh", "-c", whole, "sh", *SANAD, *arguments], env=environment(state),
        capture_output=True, text=True, check=False, timeout=60, stdin=subprocess.DEVNULL,
    )  # fmt: skip


LOOPBACK = "ip link set lo up"


@pytest.mark.parametrize("moment", [0.15, 0.6, 1.8])
def test_ctrl_c_while_it_starts_is_no_traceback(stopped, moment):
    process = begin(stopped, "ledger", "head")
    time.sleep(moment)
    interrupt(process)
    _, said = process.communicate(timeout=30)
    assert "Traceback" not in said, said
    # -2: the signal met Python's own last moments; a shell calls that 130 too
    assert process.returncode in {130, 0, -signal.SIGINT}
    assert alive(stopped) == {}


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGHUP])
def test_a_command_asked_to_stop_stops_the_server_it_started(stopped, number):
    process = begin(stopped, "psql", "-c", "select pg_sleep(30)")
    until(lambda: any("bin/psql" in command for command in alive(stopped).values()), 20)
    if number == signal.SIGINT:
        os.kill(process.pid, number)  # handed on to psql, which cancels its query and ends with a code of its own
    else:
        interrupt(process, number)
    process.communicate(timeout=30)
    assert process.returncode in ({1, 130} if number == signal.SIGINT else {130})
    until(lambda: alive(stopped) == {}, CLEARED_SECONDS)


def test_an_initdb_that_was_killed_is_made_good():
    with state_folder() as state:
        process = begin(state, "ledger", "head")
        until((state / "postgres" / "data.new" / "PG_VERSION").exists, 20)
        for pid in alive(state):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        process.communicate(timeout=30)
        assert not (state / "postgres" / "data").exists()
        works(state)
        assert not (state / "postgres" / "data.new").exists()


def test_a_server_that_will_not_start_says_why_and_is_not_left(stopped):
    with spoiled(stopped / "postgres" / "data" / "postgresql.auto.conf", "shared_buffers = nonsense\n"):
        one_line(sanad(stopped, "ledger", "head"), "pg_ctl failed", "shared_buffers")


def test_a_server_whose_warehouse_fails_is_not_left(stopped):
    # the migrations stumble after the server is up
    script = "ip link set lo up; mount -t tmpfs none include/sanad/warehouse/migrations/versions"
    done = within(script, stopped, "ledger", "head")
    assert done.returncode != 0
    assert alive(stopped) == {}


def test_a_cluster_of_another_postgresql(stopped):
    with spoiled(stopped / "postgres" / "data" / "PG_VERSION", "16\n"):
        one_line(sanad(stopped, "ledger", "head"), "was made by PostgreSQL 16", "the archive stays")


def test_a_cluster_of_another_user(stopped):
    if not ROOT:
        pytest.skip("only root can give files away")
    data = stopped / "postgres" / "data"
    owner = data.stat().st_uid
    os.chown(data, 12345, -1)
    one_line(sanad(stopped, "ledger", "head"), "belongs to 12345", "work as whoever made it, or set SANAD_STATE")
    os.chown(data, owner, -1)


def test_damaged_secrets(stopped):
    with spoiled(stopped / "secrets.json", "{"):
        one_line(sanad(stopped, "ledger", "head"), "secrets.json is damaged", "put a copy of it back")


@pytest.mark.parametrize("content", ["", "[]", '"x"', "\0\0"])
def test_damaged_secrets_of_every_kind(content):
    with state_folder() as state:
        (state / "secrets.json").write_text(content)
        with pytest.raises(secrets.Damaged):
            secrets.ensure()


def test_what_a_killed_start_left_half_written_is_made_good(stopped):
    (stopped / "where").write_text("{")
    works(stopped)
    assert json.loads((stopped / "where").read_text())["port"]


def test_a_taken_port_is_left_to_its_owner(stopped):
    taken = json.loads((stopped / "where").read_text())["port"]
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        other.bind(("127.0.0.1", taken))
        other.listen()
        works(stopped)
        assert json.loads((stopped / "where").read_text())["port"] != taken


def test_a_loopback_without_ipv4(stopped):
    done = within("ip link set lo up; ip addr del 127.0.0.1/8 dev lo", stopped, "ledger", "head")
    one_line(done, "127.0.0.1 cannot be used", "give this machine an IPv4 loopback")


def test_no_time_zone_database(stopped):
    script = "ip link set lo up; mount -t tmpfs none /usr/share/zoneinfo"
    done = within(script, stopped, "ledger", "head")
    assert done.returncode == 0, done.stderr
    done = within(script, stopped, "doctor", "--json")
    assert done.returncode == 0, done.stdout
    (zones,) = (one for one in json.loads(done.stdout) if one["check"] == "time zones")
    assert (zones["state"], zones["todo"]) == ("warn", "install the package tzdata")


def test_a_full_disk_before_the_first_run():
    with state_folder() as state:
        done = within(f"{LOOPBACK}; mount -t tmpfs -o size=100m,mode=755 none {state}", state, "ledger", "head")
        one_line(done, "has 99 MiB left, and 200 MiB are needed", "free some, or set SANAD_STATE")


def test_a_full_disk_later(stopped):
    script = (
        f"{LOOPBACK}; mkdir {stopped}.full; mount -t tmpfs -o size=150m,mode=755 none {stopped}.full; "
        f"cp -a {stopped}/. {stopped}.full; head -c 1G /dev/zero > {stopped}.full/filler 2>/dev/null || true; "
        f"mount --move {stopped}.full {stopped}"
    )
    try:
        one_line(within(script, stopped, "ledger", "head"), "has 0 MiB left, and 64 MiB are needed")
    finally:
        shutil.rmtree(f"{stopped}.full", ignore_errors=True)


def test_a_read_only_state_folder(stopped):
    done = within(f"{LOOPBACK}; mount --bind -o ro {stopped} {stopped}", stopped, "ledger", "head")
    one_line(done, "is on a read-only file system: set SANAD_STATE")


def test_somebody_elses_state_folder(tmp_path):
    if ROOT:
        pytest.skip("root may write everywhere")
    tmp_path.chmod(0o500)
    one_line(sanad(tmp_path / "state", "ledger", "head"), "may not", "set SANAD_STATE to a folder of your own")


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (PermissionError(errno.EACCES, "Permission denied", "/etc/none/x"), "/etc belongs to root: work as root, or"),
        (OSError(errno.ENOSPC, "No space left on device", "/tmp/x"), "no space left for /tmp/x"),
        (OSError(errno.EROFS, "Read-only file system", "/usr/x"), "/usr/x is on a read-only file system"),
    ],
)  # fmt: skip
def test_errors_of_the_machine_are_found_under_others(error, said):
    try:
        try:
            raise error
        except OSError as cause:
            raise RuntimeError("on the way") from cause
    except RuntimeError as outer:
        assert said in in_one_line(outer)


def test_errors_that_may_be_ours_keep_their_traceback():
    assert in_one_line(KeyError("a bug")) is None
    assert in_one_line(FileNotFoundError(errno.ENOENT, "No such file", "x")) is None


def test_any_error_on_a_full_disk_says_so(monkeypatch):
    monkeypatch.setattr(machine, "free_bytes", lambda path: 0)
    assert "KeyError: 'a bug'; " in in_one_line(KeyError("a bug"))
    assert "has 0 MiB left: free some" in machine.full_disk()


def test_a_terminal_that_knows_ascii_alone(stopped):
    done = sanad(stopped, "--help", PYTHONIOENCODING="ascii", NO_COLOR="1")
    assert done.returncode == 0, done.stderr


def test_a_second_user_of_the_server_keeps_it(stopped, monkeypatch):
    monkeypatch.setenv("SANAD_STATE", str(stopped))
    with postgres.warehouse():
        assert sanad(stopped, "ledger", "head").returncode == 0
        assert any("postgres" in command for command in alive(stopped).values())
