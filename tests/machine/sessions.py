"""Commands in sessions of their own, and what of them is left alive."""

from __future__ import annotations

import os
import pty
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from helpers import PROJECT

SANAD = (sys.executable, "-c", "import sys; from sanad.cli import main; sys.exit(main())")
#: How long it may take until nothing of a killed command is left: a task at work has ten seconds to end.
CLEARED_SECONDS = 30.0
HEADLINE = "36,409.9251"


def environment(state: Path, **more: str) -> dict[str, str]:
    """What a command needs to work in a state folder."""
    return {**os.environ, "SANAD_STATE": str(state), "PYTHONPATH": str(PROJECT / "include"), **more}


def sanad(state: Path, *arguments: str, timeout: float = 60, **more: str) -> subprocess.CompletedProcess[str]:
    """One command to its end."""
    return subprocess.run(
        [*SANAD, *arguments], env=environment(state, **more), capture_output=True, text=True, check=False,
        timeout=timeout, stdin=subprocess.DEVNULL,
    )  # fmt: skip


def begin(state: Path, *arguments: str) -> subprocess.Popen[str]:
    """Start a command as the leader of a session."""
    return subprocess.Popen(
        [*SANAD, *arguments], env=environment(state), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        stdin=subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip


def interrupt(process: subprocess.Popen[str], number: signal.Signals = signal.SIGINT) -> None:
    """What a terminal does: the signal goes to the whole process group."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, number)


def alive(state: Path) -> dict[int, str]:
    """Living processes that know the state folder, by argument or by environment, but for ourselves."""
    found = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal() and int(entry.name) != os.getpid():
            try:
                told = (entry / "cmdline").read_bytes() + (entry / "environ").read_bytes()
                gone = (entry / "stat").read_text().rpartition(")")[2].split()[0] in {"Z", "X"}
            except OSError:
                continue
            if str(state).encode() in told and not gone:
                found[int(entry.name)] = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode()[:200]
    return found


def until(met: Callable[[], bool], seconds: float) -> float:
    """Wait; gives the seconds it took, AssertionError when it was in vain."""
    began = time.monotonic()
    while not met():
        assert time.monotonic() - began < seconds, "waited in vain"
        time.sleep(0.02)
    return time.monotonic() - began


@dataclass
class Terminal:
    """A command on a terminal of its own that can be closed."""

    process: subprocess.Popen[bytes]
    master: int

    @classmethod
    def open(cls, state: Path, *arguments: str) -> Terminal:
        """Start a command as the leader of a session with a controlling terminal."""
        master, slave = pty.openpty()
        take = (
            "import fcntl, os, sys, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0); os.execv(sys.argv[1], sys.argv[1:])"
        )
        process = subprocess.Popen(
            [sys.executable, "-S", "-c", take, *SANAD, *arguments], env=environment(state, TERM="xterm"),
            stdin=slave, stdout=slave, stderr=slave, start_new_session=True,
        )  # fmt: skip
        os.close(slave)
        os.set_blocking(master, False)
        return cls(process, master)

    def read_for(self, seconds: float) -> bytes:
        """Look on for some seconds, or to the end."""
        seen, till = b"", time.monotonic() + seconds
        while time.monotonic() < till and self.process.poll() is None:
            try:
                seen += os.read(self.master, 65536)
            except BlockingIOError:
                time.sleep(0.02)
            except OSError:
                break
        return seen

    def close(self) -> None:
        """Close the window: the kernel hangs up."""
        os.close(self.master)
