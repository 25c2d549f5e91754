"""Promises about the repository itself."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from helpers import PROJECT
from packaging.requirements import Requirement


def test_rooms_import_only_the_rooms_before_them():
    done = subprocess.run(
        [Path(sys.executable).parent / "lint-imports"], cwd=PROJECT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout
    assert "kept" in done.stdout


def _locked() -> dict[str, str]:
    return dict(
        re.findall(r"^([a-z0-9._-]+)(?:\[[a-z,-]+\])?==([^\s;]+)", (PROJECT / "requirements.txt").read_text(), re.M)
    )


def _wanted() -> list[Requirement]:
    lines = (line.partition("#")[0].strip() for line in (PROJECT / "requirements.in").read_text().splitlines())
    return [Requirement(line) for line in lines if line]


def stale(wanted: list[Requirement], locked: dict[str, str]) -> list[str]:
    return [
        str(one)
        for one in wanted
        if not one.specifier.contains(locked.get(one.name.lower(), "0.dev0"), prereleases=False)
    ]


def test_the_lock_satisfies_every_requirement():
    assert len(_wanted()) > 20
    assert stale(_wanted(), _locked()) == []


def test_a_stale_lock_is_found():
    assert stale([Requirement("pandas>=9")], _locked()) == ["pandas>=9"]
    assert stale([Requirement("not-in-the-lock")], _locked()) == ["not-in-the-lock"]


def test_the_lock_is_what_the_requirements_compile_to(tmp_path):
    """uv keeps what a lock pins as long as it fits, so an untouched lock compiles to itself, byte for byte."""
    if not _index_answers():
        pytest.skip("no package index to resolve against")
    again = tmp_path / "requirements.txt"
    again.write_text((PROJECT / "requirements.txt").read_text())
    uv = Path(sys.executable).parent / "uv"
    subprocess.run(
        [uv, "pip", "compile", "-q", "-p", "3.11", "--universal", "--generate-hashes", "--no-header", "requirements.in",
         "-o", again],
        cwd=PROJECT, check=True, capture_output=True, timeout=300,
    )  # fmt: skip
    mentions = str(again)
    assert mentions not in again.read_text()
    assert again.read_text() == (PROJECT / "requirements.txt").read_text()


def _index_answers() -> bool:
    uv = Path(sys.executable).parent / "uv"
    asked = subprocess.run(
        [uv, "pip", "compile", "-q", "-p", "3.11", "--no-header", "-"],
        input="six",
        text=True,
        capture_output=True,
        check=False,
    )
    return asked.returncode == 0


def test_every_locked_file_has_a_hash():
    text = (PROJECT / "requirements.txt").read_text()
    blocks = re.split(r"^(?=[a-z0-9])", text, flags=re.M)[1:]
    assert len(blocks) > 100
    assert [block.split("==")[0] for block in blocks if "--hash=sha256:" not in block] == []


def test_nothing_names_a_package_index_or_a_machine():
    text = (PROJECT / "requirements.txt").read_text() + (PROJECT / "requirements-bootstrap.txt").read_text()
    assert not re.search(r"https?://|--index|--find-links|/(root|home|work|tmp)/", text)


def _tools(commands: str) -> set[str]:
    """What runs from the virtual environment, each with its first word where that says which of its checks."""
    found = re.findall(r"(?:\$\(BIN\)|\.venv/bin)/(ruff \w+|python -m pytest [^>\n]*-k \w+|[\w-]+)", commands)
    return {re.sub(r"python -m pytest .*-k ", "pytest -k ", tool) for tool in found}


def _make_target(name: str) -> str:
    recipe = re.search(rf"^{name}:.*\n((?:\t.*\n)+)", (PROJECT / "Makefile").read_text(), re.M)
    assert recipe
    return recipe[1]


def test_make_lint_and_pre_commit_run_the_same_tools():
    hooks = yaml.safe_load((PROJECT / ".pre-commit-config.yaml").read_text())["repos"]
    assert [repository["repo"] for repository in hooks] == ["local"], "nothing is fetched"
    assert {hook["language"] for hook in hooks[0]["hooks"]} == {"system"}
    before_commit = _tools("\n".join(hook["entry"] for hook in hooks[0]["hooks"]))
    assert before_commit == {
        "ruff check", "ruff format", "mypy", "lint-imports", "sqlfluff", "yamllint", "pytest -k thin",
    }  # fmt: skip
    assert _tools(_make_target("lint")) == before_commit


def test_the_hooks_are_ones_that_pre_commit_takes():
    done = subprocess.run(
        [Path(sys.executable).parent / "pre-commit", "validate-config", ".pre-commit-config.yaml"],
        cwd=PROJECT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr


def test_ci_runs_the_checks_and_then_the_tests():
    steps = re.findall(r"^make (\w+)", (PROJECT / ".ci" / "run").read_text(), re.M)
    assert steps == ["lint", "test"], "pytest's summary is to be the last line"


def test_every_target_says_what_it_is_for():
    makefile = (PROJECT / "Makefile").read_text()
    targets = set(re.findall(r"^\.PHONY: (\S+)", makefile, re.M))
    assert len(targets) > 7
    helped = subprocess.run(["make", "help"], cwd=PROJECT, capture_output=True, text=True, check=True).stdout
    assert set(re.findall(r"^  make (\S+) +\S", helped, re.M)) == targets


def test_the_licence_is_apache_2():
    text = (PROJECT / "LICENSE").read_text()
    assert "Apache License" in text
    assert "END OF TERMS AND CONDITIONS" in text
    assert 'license = "Apache-2.0"' in (PROJECT / "pyproject.toml").read_text()
