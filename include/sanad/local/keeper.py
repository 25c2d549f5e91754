"""The stack's keeper: ends what its starter left behind when that was killed outright (``python -m``).

It reads the sessions of the stack from standard input, one a line. ``done`` means that all is well; the end of the
input without it means that the starter is dead.
"""

from __future__ import annotations

import signal
import sys


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
    from sanad.words import settings

    kill(sessions, signal.SIGTERM)
    end_sessions(sessions)
    if settings.database_url() is None:
        with postgres.warehouse():
            pass  # the last user out stops the server


if __name__ == "__main__":
    main()
