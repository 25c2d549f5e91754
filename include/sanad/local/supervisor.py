"""Start processes, notice when one dies, and end them with everything they started.

Each process leads a session of its own; whatever it starts stays in that session, whichever process group it moves
to, so a session is what gets ended. Three nets, for three ways to go: ``stop`` in the ordinary one; a keeper (see
``sanad.local.keeper``) when we are killed outright; the kernel's parent-death signal when the keeper is killed too.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from sanad.local.keeper import Keeper
from sanad.words.errors import SanadError

GRACE_SECONDS = 10.0
_TETHERED = Path(__file__).with_name("tethered.py")


class ProcessDied(SanadError):
    """A process of the stack ended before it was asked to."""


@dataclass(frozen=True)
class Process:
    """One of the stack's processes, the file its output goes to, and how long it may take to end."""

    name: str
    child: subprocess.Popen[bytes]
    log: Path
    grace_seconds: float

    def last_words(self, lines: int = 5) -> str:
        """The end of its log, on one line."""
        return last_words(self.log, lines)


def last_words(log: Path, lines: int = 5) -> str:
    """The last lines of a log that say something, on one line."""
    found = [line.strip() for line in log.read_text(errors="replace").splitlines() if line.strip()]
    return " / ".join(found[-lines:]) or "nothing in it"


def members(sessions: Iterable[int]) -> dict[int, str]:
    """The living processes of some sessions: pid and command name."""
    wanted = set(sessions)
    found = {}
    for entry in Path("/proc").iterdir():
        if not entry.name.isdecimal():
            continue
        try:
            name, _, fields = (entry / "stat").read_text().partition("(")[2].rpartition(")")
        except OSError:
            continue  # gone in the meantime
        state, _parent, _group, session = fields.split()[:4]
        if int(session) in wanted and state not in {"Z", "X"}:
            found[int(entry.name)] = name
    return found


def kill(sessions: Iterable[int], number: signal.Signals) -> None:
    """Send a signal to every process of some sessions."""
    for pid in members(sessions):
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            continue


class Supervisor:
    """The processes of the stack, in the order they were started."""

    def __init__(
        self, logs: Path, environment: Mapping[str, str], keeper: Keeper, python: Path | str = sys.executable
    ) -> None:
        self._logs = logs
        self._environment = dict(environment)
        self._keeper = keeper
        self._python = python
        self._processes: list[Process] = []

    def start(self, name: str, *command: str, grace_seconds: float = GRACE_SECONDS) -> Process:
        """Start a Python module with arguments; its output goes to ``<name>.log``, the one before to ``.1``."""
        self._logs.mkdir(parents=True, exist_ok=True)
        log = self._logs / f"{name}.log"
        if log.exists():
            log.replace(log.with_suffix(".log.1"))
        with log.open("wb") as output:
            child = subprocess.Popen(
                [sys.executable, "-I", _TETHERED, str(os.getpid()), self._python, "-m", *command],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=self._environment,
                start_new_session=True,
            )
        self._keeper.watch(child.pid)
        self._processes.append(Process(name, child, log, grace_seconds))
        return self._processes[-1]

    def check(self) -> None:
        """ProcessDied, with the log's last lines, when a process has ended."""
        for process in self._processes:
            code = process.child.poll()
            if code is not None:
                raise ProcessDied(f"{process.name} ended with code {code}; {process.log} ends: {process.last_words()}")

    def finish(self, process: Process, tick: Callable[[], None]) -> None:
        """Wait for a process that is meant to end; ProcessDied when it does not end well."""
        self._processes.remove(process)
        try:
            while process.child.poll() is None:
                tick()
        finally:
            self._end([process], GRACE_SECONDS, lambda: False)
        if process.child.returncode:
            raise ProcessDied(
                f"{process.name} failed with code {process.child.returncode}; "
                f"{process.log} ends: {process.last_words()}"
            )

    def stop(self, grace_seconds: float, hurried: Callable[[], bool]) -> None:
        """End everything politely, then by force after the grace or when hurried; the first serves the others."""
        self._end(self._processes[1:], grace_seconds, hurried)
        self._end(self._processes[:1], grace_seconds, hurried)
        self._processes.clear()

    def _end(self, processes: Sequence[Process], grace_seconds: float, hurried: Callable[[], bool]) -> None:
        for process in processes:
            if process.child.poll() is None:
                process.child.terminate()
        grace = min([grace_seconds, *(process.grace_seconds for process in processes)])
        end_sessions([process.child.pid for process in processes], grace, hurried, lambda: _reap(processes))


def _reap(processes: Sequence[Process]) -> None:
    for process in processes:
        process.child.poll()


def end_sessions(
    sessions: Sequence[int],
    grace_seconds: float = GRACE_SECONDS,
    hurried: Callable[[], bool] = lambda: False,
    reap: Callable[[], None] = lambda: None,
) -> None:
    """Wait until the sessions are empty; after the grace, or when hurried, kill what is left."""
    until = time.monotonic() + grace_seconds
    while members(sessions):
        reap()
        if hurried() or time.monotonic() > until:
            kill(sessions, signal.SIGKILL)
        time.sleep(0.05)
    reap()
