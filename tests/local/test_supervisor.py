"""Nothing is left: processes that will not end, a starter that is killed, a second one beside the first."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import pytest
from helpers import state_folder

from sanad.local import alone, interrupts
from sanad.local.keeper import kept
from sanad.local.supervisor import ProcessDied, Supervisor, members

STUBBORN = """
import signal, subprocess, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
subprocess.Popen([sys.executable, "-c", "import os, time; os.setpgid(0, 0); time.sleep(60)"])
time.sleep(60)
"""


@pytest.fixture
def modules(tmp_path):
    """Modules to supervise, and the environment that finds them."""
    (tmp_path / "stubborn.py").write_text(STUBBORN)
    (tmp_path / "brief.py").write_text("print('the last word'); raise SystemExit(7)\n")
    return {**os.environ, "PYTHONPATH": os.pathsep.join([str(tmp_path), *sys.path])}


def _until(met, seconds=10.0):
    until = time.monotonic() + seconds
    while not met():
        assert time.monotonic() < until, "waited in vain"
        time.sleep(0.05)


def test_a_process_that_ignores_us_is_killed_with_its_children(tmp_path, modules):
    with state_folder(), alone.alone("test") as lock, kept(lock) as keeper:
        supervisor = Supervisor(tmp_path, modules, keeper)
        session = supervisor.start("stubborn", "stubborn").child.pid
        _until(lambda: len(members([session])) == 2)
        supervisor.stop(0.2, lambda: False)
    assert members([session]) == {}


def test_a_process_that_ends_early_is_reported_with_its_last_words(tmp_path, modules):
    with state_folder(), alone.alone("test") as lock, kept(lock) as keeper:
        supervisor = Supervisor(tmp_path, modules, keeper)
        supervisor.start("brief", "brief").child.wait()
        with pytest.raises(ProcessDied, match=r"brief ended with code 7; .*brief\.log ends: the last word"):
            supervisor.check()
        supervisor.stop(0.2, lambda: False)


def test_a_killed_starter_leaves_no_process_and_gives_the_folder_back(tmp_path, modules):
    # an external database: the keeper then has no server to look after
    starter = (
        "import os, sys, time\nfrom pathlib import Path\n"
        "from sanad.local.alone import alone\nfrom sanad.local.keeper import kept\n"
        "from sanad.local.supervisor import Supervisor\n"
        "with alone('test') as lock, kept(lock) as keeper:\n"
        "    supervisor = Supervisor(Path(sys.argv[1]), os.environ, keeper)\n"
        "    print(supervisor.start('stubborn', 'stubborn').child.pid, flush=True)\n"
        "    time.sleep(60)\n"
    )
    with state_folder() as state:
        environment = {**modules, "SANAD_STATE": str(state), "SANAD_DATABASE_URL": "postgresql://127.0.0.1:1/none"}
        with subprocess.Popen(
            [sys.executable, "-c", starter, str(tmp_path)], env=environment, stdout=subprocess.PIPE, text=True
        ) as process:
            session = int(process.stdout.readline())
            _until(lambda: len(members([session])) == 2)
            with (
                pytest.raises(alone.UnderWay, match=f"`sanad test` is under way here, pid {process.pid}"),
                alone.alone("x"),
            ):
                pass
            process.kill()
        with alone.alone("the next"):  # waits for the keeper
            assert members([session]) == {}


def test_stopping_when_nothing_runs_says_so():
    with state_folder():
        assert alone.stop_other() is None


def test_a_signal_is_noted_and_acted_on_only_where_we_wait():
    before = signal.getsignal(signal.SIGINT)
    with interrupts.noted() as noted:
        os.kill(os.getpid(), signal.SIGTERM)
        assert noted.asked == 1
        with pytest.raises(KeyboardInterrupt):
            noted.pause(5)
    assert signal.getsignal(signal.SIGINT) is before
