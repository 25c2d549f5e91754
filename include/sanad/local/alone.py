"""Only one stack at a time in a state folder: a lock that also says who holds it."""

from __future__ import annotations

import fcntl
import json
import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from sanad.words import settings
from sanad.words.errors import SanadError

_CLEARING_SECONDS = 30.0


class UnderWay(SanadError):
    """Another run holds the state folder."""


def _lock_file() -> Path:
    return settings.state() / "run.lock"


def _started(pid: int) -> str | None:
    """When a process started, in the kernel's ticks: with the pid, that names one process for ever."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return None if fields[0] in {"Z", "X"} else fields[19]


def _locked(file: IO[str]) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _holder(file: IO[str]) -> tuple[str, int] | None:
    """What the holder of the lock does and its pid; None when it is dead and only its keeper is left."""
    file.seek(0)
    try:
        written = json.loads(file.read())
    except ValueError:
        return None  # it has the lock and has not written yet
    alive = _started(written["pid"]) == written["started"]
    return (written["what"], written["pid"]) if alive else None


@contextmanager
def alone(what: str) -> Iterator[int]:
    """Hold the state folder; gives the lock's descriptor. UnderWay names who holds it instead.

    A holder that was killed still has a keeper at work: that is waited for.
    """
    settings.state().mkdir(parents=True, exist_ok=True)
    with _lock_file().open("a+") as file:
        until = time.monotonic() + _CLEARING_SECONDS
        while not _locked(file):
            holder = _holder(file)
            if holder is not None:
                raise UnderWay(
                    f"`sanad {holder[0]}` is under way here, pid {holder[1]}: wait for it, or stop it with `make down`"
                )
            if time.monotonic() > until:
                raise UnderWay(f"a killed run is still being cleared away; {_lock_file()} is held")
            time.sleep(0.1)
        file.seek(0)
        file.truncate()
        json.dump({"what": what, "pid": os.getpid(), "started": _started(os.getpid())}, file)
        file.flush()
        try:
            yield file.fileno()
        finally:
            file.seek(0)
            file.truncate()


def holder() -> tuple[str, int] | None:
    """Who holds the state folder: what it does and its pid; None for nobody."""
    if not _lock_file().exists():
        return None
    with _lock_file().open("r") as file:
        return None if _locked(file) else _holder(file)


def stop_other() -> str | None:
    """Ask whoever holds the state folder to stop and wait until nothing is left; what it was, None for nobody."""
    if not _lock_file().exists():
        return None
    with _lock_file().open("r") as file:
        stopped = None
        while not _locked(file):
            holder = _holder(file)
            if holder is not None and stopped is None:
                stopped = f"sanad {holder[0]}, pid {holder[1]}"
                with suppress(ProcessLookupError):
                    os.kill(holder[1], signal.SIGTERM)
            time.sleep(0.1)
        return stopped
