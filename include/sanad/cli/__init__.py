"""The console command ``sanad``: the way in and the way out. What it can do is gathered in ``sanad.cli.commands``.

Nothing slow is imported before signals are provided for: a Ctrl-C in the first seconds ends as any other.
"""

from __future__ import annotations

import os
import signal
import sys

TYPE_CHECKING = False  # `typing` would take its own time
if TYPE_CHECKING:
    from types import FrameType

    from typer import Typer


def _at_once(_number: int, _frame: FrameType | None) -> None:
    os.write(2, b"sanad: interrupted\n")
    os._exit(130)


def main() -> None:
    """Run the command line: errors a person can act on are one line, and every exit code has a meaning."""
    signal.signal(signal.SIGINT, _at_once)  # nothing is under way yet that would have to be ended
    sys.stdout.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]  # a terminal without UTF-8
    sys.exit(_run())


def _run() -> int:
    from sanad.words.errors import SanadError
    from sanad.words.vocabulary import ExitCode

    try:
        app = _app()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            if signal.getsignal(number) != signal.SIG_IGN:
                signal.signal(number, signal.default_int_handler)  # whatever is open is closed on the way out
        app(standalone_mode=True)
    except SanadError as error:
        from sanad.local.machine import full_disk

        return _say("; ".join(filter(None, (str(error), full_disk()))), error.exit_code)
    except KeyboardInterrupt:
        return _say("interrupted", ExitCode.INTERRUPTED)
    except Exception as error:
        from sanad.local.machine import in_one_line

        if (said := in_one_line(error)) is None:
            raise
        return _say(said, ExitCode.UNEXPECTED)
    return ExitCode.GOOD


def _app() -> Typer:
    if sys.argv[1:2] == ["doctor"]:  # it must answer where the rest cannot even be imported
        from sanad.cli.doctor import by_itself

        return by_itself()
    from sanad.words.errors import SanadError

    try:
        from sanad.cli.commands import app
    except ImportError as error:
        raise SanadError(f"the environment is not whole ({error}): remove .venv, then call make again") from error
    return app


def _say(words: str, code: int) -> int:
    from sanad.cli.output import errors

    errors.print(f"sanad: {words}", style="red" if code != 130 else None, markup=False)
    return code
