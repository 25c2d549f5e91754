"""A whole `sanad run` broken off at random moments, in three ways: nothing is left, and the next run is whole.

The moments are random and printed (`make test-machine ARGS=-s`); SANAD_TEST_SEED=n repeats them.
"""

from __future__ import annotations

import os
import random
import signal
import time

import pytest
from helpers import state_folder
from machine.sessions import CLEARED_SECONDS, HEADLINE, Terminal, alive, begin, interrupt, sanad, until

pytestmark = pytest.mark.slow
MOMENTS = int(os.environ.get("SANAD_TEST_MOMENTS", "10"))
SEED = int(os.environ.get("SANAD_TEST_SEED", time.time_ns() % 10**6))


def moments(longest: float) -> list[float]:
    """Random moments, one in each of as many equal parts of a run: the first start and the end are among them."""
    chance = random.Random(SEED)
    return [longest * (number + chance.random()) / MOMENTS for number in range(MOMENTS)]


def whole(state):
    done = sanad(state, "run", timeout=240)
    assert done.returncode == 0, done.stderr
    assert HEADLINE in done.stdout
    assert alive(state) == {}


def test_ctrl_c():
    with state_folder() as state:
        for moment in moments(40):
            process = begin(state, "run")
            time.sleep(moment)
            interrupt(process)
            pressed = time.monotonic()
            _, said = process.communicate(timeout=60)
            left = alive(state)
            print(f"Ctrl-C after {moment:5.1f} s: {process.returncode}, {time.monotonic() - pressed:.1f} s", flush=True)
            assert "Traceback" not in said, said
            assert process.returncode in {130, 0}, said
            assert left == {}
        whole(state)


def test_killed_outright():
    with state_folder() as state:
        for moment in moments(40):
            process = begin(state, "run")
            time.sleep(moment)
            os.kill(process.pid, signal.SIGKILL)
            process.communicate(timeout=60)
            seconds = until(lambda: alive(state) == {}, CLEARED_SECONDS)
            print(f"SIGKILL after {moment:5.1f} s: all gone in {seconds:.1f} s", flush=True)
        whole(state)


def test_killed_outright_and_started_again_at_once():
    with state_folder() as state:
        for moment in moments(40)[::3]:
            process = begin(state, "run")
            time.sleep(moment)
            os.kill(process.pid, signal.SIGKILL)
            process.communicate(timeout=60)
            whole(state)


def test_a_closed_terminal():
    with state_folder() as state:
        for moment in moments(40)[::2]:
            terminal = Terminal.open(state, "run")
            terminal.read_for(moment)
            terminal.close()
            terminal.process.wait(CLEARED_SECONDS)
            seconds = until(lambda: alive(state) == {}, CLEARED_SECONDS)
            print(f"hung up after {moment:5.1f} s: all gone in {seconds:.1f} s", flush=True)
        whole(state)


def test_the_check_can_fail():
    with state_folder() as state:
        process = begin(state, "run")
        until(lambda: len(alive(state)) > 3, 60)
        assert any("postgres" in command for command in alive(state).values())
        interrupt(process)
        process.communicate(timeout=60)
        assert alive(state) == {}
