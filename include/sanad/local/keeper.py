"""The stack's keeper: ends what its starter left behind when that was killed outright.

A process of its own (``python -m sanad.local.keeper``), started before anything else. It reads the sessions of the
stack from standard input, one a line; ``done`` means that all is well, the end of the input without it that the
starter is dead. It also holds the starter's lock until nothing is left.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from sanad.words import settings

_ATTEMPTS = 5


class Keeper:
    """The starter's side of the keeper."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._process = process

    def watch(self, session: int) -> None:
        """Have a session ended when we are killed."""
        self._tell(str(session))

    def _tell(self, line: str) -> None:
        assert self._process.stdin is not None  # noqa: S101
        with suppress(BrokenPipeError):  # somebody killed the keeper: we go on without that net
            self._process.stdin.write(f"{line}\n".encode())
            self._process.stdin.flush()

    def dismiss(self) -> None:
        """Let it go: nothing is left to clear up."""
        self._tell("done")
        with suppress(BrokenPipeError):
            self._process.communicate()


@contextmanager
def kept(lock: int) -> Iterator[Keeper]:
    """A keeper that shares a lock's descriptor, for as long as the block lasts."""
    keeper = Keeper(
        subprocess.Popen(
            [sys.executable, "-m", "sanad.local.keeper"],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            pass_fds=[lock],
            env={**os.environ, "SANAD_PROJECT": str(settings.project()), "SANAD_STATE": str(settings.state())},
            start_new_session=True,
        )
    )
    try:
        yield keeper
    finally:
        keeper.dismiss()


def main() -> None:
    """Wait for the end of the input, then clear up if it came unannounced."""
    sessions = []
    for line in sys.stdin:
        if line.strip() == "done":
            return
        sessions.append(int(line))
    _clear_up(sessions)


def _clear_up(sessions: list[int]) -> None:
    from sanad.local import postgres
    from sanad.local.supervisor import end_sessions, kill

    kill(sessions, signal.SIGTERM)
    end_sessions(sessions)
    if settings.database_url() is not None:
        return
    for _ in range(_ATTEMPTS):
        try:
            with postgres.warehouse():
                return  # the last user out stops the server
        except postgres.ServerFailed:
            time.sleep(1)  # it was just being started


if __name__ == "__main__":
    main()
