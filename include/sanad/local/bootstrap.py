"""Make the virtual environment: ``python3.11 bootstrap.py FOLDER``, run by make in the repository's root.

Run as a file by the system's Python, so it imports the standard library alone. ``FOLDER/.ready`` is written last and
removed first: an environment without it was cut short, and is made anew. Others who come meanwhile wait.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

_MADE_OF = ("requirements-bootstrap.txt", "requirements.txt", "pyproject.toml")
#: The installed packages are 620 MiB; the same again while they are unpacked, where uv's cache is on this disk.
_MIB_NEEDED = 1300
_INTERRUPTED = 130


class Unfit(Exception):
    """What is missing, in one line."""


def main() -> int:
    """Make the environment whole; 1 with one line on standard error when the machine does not let us."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.default_int_handler)
    folder = Path(sys.argv[1])
    try:
        _require_python()
        with _alone(folder):
            if not _is_ready(folder):
                _make(folder)
    except Unfit as unfit:
        return _say(str(unfit), 1)
    except OSError as error:
        return _say(f"{error.filename or folder}: {error.strerror}", 1)
    except KeyboardInterrupt:
        return _say("interrupted: the next call makes the environment anew", _INTERRUPTED)
    return 0


def _say(words: str, code: int) -> int:
    print(f"sanad: {words}", file=sys.stderr)
    return code


def _require_python() -> None:
    if sys.version_info[:2] != (3, 11):
        raise Unfit(f"Python 3.11 is needed, and {sys.executable} is not: make PYTHON=/path/to/python3.11")
    try:
        import ensurepip  # noqa: F401
        import venv  # noqa: F401
    except ImportError:
        raise Unfit("Python's venv is not whole: install python3-venv (Debian, Ubuntu: python3.11-venv)") from None


@contextlib.contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """One at a time; the lock stands beside the folder, which may be made anew."""
    path = folder.with_name(f"{folder.name}.lock")
    try:
        lock = path.open("w")
    except OSError as error:
        raise Unfit(
            f"{path.parent.resolve()} cannot be written ({error.strerror}): copy the repository to a folder of your own"
        ) from None
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("Waiting for another make to finish the environment", file=sys.stderr)
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _is_ready(folder: Path) -> bool:
    ready = folder / ".ready"
    return ready.exists() and all(ready.stat().st_mtime >= Path(name).stat().st_mtime for name in _MADE_OF)


def _make(folder: Path) -> None:
    ready, python = folder / ".ready", folder / "bin" / "python"
    if ready.exists() and _run(python, "-c", "", quiet=True):
        ready.unlink()
    else:
        free = shutil.disk_usage(folder.parent).free // 2**20
        if free < _MIB_NEEDED:
            raise Unfit(
                f"{folder.parent.resolve()} has {free} MiB left, and the packages need {_MIB_NEEDED}: free some"
            )
        print("Making the virtual environment .venv", flush=True)
        if folder.is_symlink():
            folder.unlink()
        elif folder.exists():
            shutil.rmtree(folder)
        _must("the virtual environment could not be made", sys.executable, "-m", "venv", folder)
    print("Installing the locked packages (the first time a minute or two)", flush=True)
    _must(
        "pip could not install uv", python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check",
        "--require-hashes", "-r", "requirements-bootstrap.txt",
    )  # fmt: skip
    uv = folder / "bin" / "uv"
    _must("uv could not install the packages", uv, "pip", "sync", "--quiet", "--require-hashes", "requirements.txt",
          within=folder)  # fmt: skip
    _must("uv could not install sanad", uv, "pip", "install", "--quiet", "--no-deps", "--no-build-isolation", "-e", ".",
          within=folder)  # fmt: skip
    ready.touch()


def _run(*command: str | Path, quiet: bool = False, within: Path | None = None) -> bool:
    environment = {**os.environ, "VIRTUAL_ENV": str(within)} if within else None
    output = subprocess.DEVNULL if quiet else None
    try:
        return subprocess.run(command, env=environment, stdout=output, stderr=output, check=False).returncode == 0
    except OSError:
        return False


def _must(otherwise: str, *command: str | Path, within: Path | None = None) -> None:
    if not _run(*command, within=within):
        raise Unfit(f"{otherwise}, as said above: put that right, and call make again")


if __name__ == "__main__":
    sys.exit(main())
