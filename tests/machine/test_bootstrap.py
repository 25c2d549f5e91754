"""The environment's making: what is missing in one line, one at a time, anew when it was cut short."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
import time

import pytest
from helpers import PROJECT

from sanad.local import bootstrap


@pytest.fixture
def repository(tmp_path, monkeypatch):
    """A folder with what the environment is made of, and blanks and Urdu letters in its path."""
    folder = tmp_path / "سند a b"
    (folder / "include" / "sanad" / "local").mkdir(parents=True)
    for name in ("Makefile", *bootstrap._MADE_OF, "include/sanad/local/bootstrap.py"):
        shutil.copy2(PROJECT / name, folder / name)
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def made(monkeypatch):
    """The commands that would be run, none of them run but the making of a hollow environment."""
    asked = []

    def run(*command, quiet=False, within=None):
        asked.append(" ".join(map(str, command)))
        if "venv" in command:
            python = command[-1] / "bin" / "python"
            python.parent.mkdir(parents=True)
            python.touch()
        return not any(word in asked[-1] for word in failing)

    failing = []
    monkeypatch.setattr(bootstrap, "_run", run)
    monkeypatch.setattr(sys, "argv", ["bootstrap.py", ".venv"])
    return asked, failing


def python(repository, prelude):
    """A stand-in for the system's Python that lacks something."""
    path = repository / "python"
    path.write_text(f"""#!/bin/sh
if [ "$1" = -c ]; then exec {sys.executable} -c "{prelude}
$2"; fi
exec {sys.executable} -c "{prelude}
import sys, runpy; sys.argv = sys.argv[1:]; runpy.run_path(sys.argv[0], run_name='__main__')" "$@"
""")
    path.chmod(0o755)
    return path


@pytest.mark.parametrize(
    ("prelude", "said"),
    [
        ("import sys; sys.version_info = (3, 9, 2)", "sanad: Python 3.11 is needed, and ./python is not"),
        ("import sys; sys.modules['ensurepip'] = None", "install python3-venv (Debian, Ubuntu: python3.11-venv)"),
        ("import shutil; shutil.disk_usage = lambda p: __import__('types').SimpleNamespace(free=2**20)",
         "has 1 MiB left, and the packages need 1300: free some"),
    ],
)  # fmt: skip
def test_make_says_what_is_missing(repository, prelude, said):
    python(repository, prelude)
    done = subprocess.run(["make", "run", "PYTHON=./python"], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    first, *others = done.stderr.splitlines()
    assert said in first
    assert all(line.startswith("make: ***") for line in others), others


def test_no_python_at_all(repository):
    done = subprocess.run(["make", "run", "PYTHON=no-such"], capture_output=True, text=True, check=False)
    assert "Python 3.11 is needed, and no-such is not" in done.stderr


def test_a_folder_that_cannot_be_written(repository, made, capsys, monkeypatch):
    monkeypatch.setattr(sys, "argv", ["bootstrap.py", "/proc/.venv"])
    assert bootstrap.main() == 1
    assert "/proc cannot be written" in capsys.readouterr().err


def test_it_is_made_once(repository, made):
    asked, _ = made
    assert bootstrap.main() == 0
    assert [bool("venv" in asked[0]), "pip install" in asked[1], "pip sync" in asked[2], len(asked)] == [
        True, True, True, 4,
    ]  # fmt: skip
    asked.clear()
    assert bootstrap.main() == 0
    assert asked == []


def test_one_cut_short_is_made_anew(repository, made):
    asked, failing = made
    failing.append("pip sync")
    assert bootstrap.main() == 1
    half = repository / ".venv" / "half"
    half.touch()
    failing.clear()
    asked.clear()
    assert bootstrap.main() == 0
    assert not half.exists()
    assert "venv" in asked[0]


def test_a_new_lock_is_installed_into_the_old_environment(repository, made):
    asked, failing = made
    bootstrap.main()
    kept = repository / ".venv" / "kept"
    kept.touch()
    os.utime("requirements.txt", (time.time() + 5,) * 2)
    asked.clear()
    failing.append("pip sync")
    assert bootstrap.main() == 1
    assert kept.exists()
    assert not (repository / ".venv" / ".ready").exists()  # cut short: the next one is made anew


def test_a_second_one_waits(repository):
    with (repository / ".venv.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        second = subprocess.Popen(
            [sys.executable, "include/sanad/local/bootstrap.py", ".venv"], stderr=subprocess.PIPE, text=True
        )
        assert "Waiting for another make" in second.stderr.readline()
        assert second.poll() is None
        second.send_signal(2)
        _, said = second.communicate(timeout=10)
    assert (second.returncode, said) == (130, "sanad: interrupted: the next call makes the environment anew\n")
