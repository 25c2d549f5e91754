"""A built warehouse of the two bundled releases, which each test plants one thing in, and mends again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest
from helpers import new_installation

from sanad.verify import Report, verify
from sanad.warehouse.connect import Role, connection

Tampered = Callable[..., AbstractContextManager[None]]


@pytest.fixture(scope="session")
def built(built_template: Path) -> Iterator[Path]:
    """The state folder of a warehouse with both releases, built once."""
    with new_installation(built_template) as state:
        yield state


@contextmanager
def _tampered(table: str, *statements: str) -> Iterator[None]:
    is_guarded, kept = table.startswith("archive."), f'public."kept {table}"'
    with connection(Role.ADMIN) as admin:
        admin.execute(f"create table {kept} as table {table}")
        if is_guarded:
            admin.execute(f"alter table {table} disable trigger user")
        for statement in statements:
            assert admin.execute(statement).rowcount, "nothing was planted"
    try:
        yield
    finally:
        with connection(Role.ADMIN) as admin:
            admin.execute(f"delete from {table}")
            admin.execute(f"insert into {table} overriding system value table {kept}")
            admin.execute(f"drop table {kept}")
            if is_guarded:
                for trigger in ("rows", "table"):
                    admin.execute(f"alter table {table} enable always trigger insert_only_{trigger}")


@pytest.fixture
def tampered(built: Path) -> Iterator[Tampered]:
    """Statements of a superuser on one table, undone when the block is left; all agrees afterwards."""
    tables: list[str] = []

    def tamper(table: str, *statements: str) -> AbstractContextManager[None]:
        tables.append(table)
        return _tampered(table, *statements)

    yield tamper
    marts = [table.removeprefix("marts.") for table in tables if table.startswith("marts.")] or ["dim_build"]
    assert verify(mart=marts[0] if len(marts) == 1 else None).disagreements == []


@pytest.fixture
def file(built: Path) -> Iterator[Callable[[str], Path]]:
    """A file of the archive by its path, put back after the test; all agrees afterwards."""
    before: dict[Path, bytes] = {}

    def find(path: str) -> Path:
        found = built / "archive" / path
        before[found] = found.read_bytes()
        return found

    yield find
    for path, content in before.items():
        path.write_bytes(content)
    assert verify(mart="dim_build").disagreements == []


@pytest.fixture
def found(built: Path) -> Callable[..., list[str]]:
    """What a verification says, a line each; of one area where one is named."""

    def look(area: str | None = None, **how: object) -> list[str]:
        report: Report = verify(**how)  # type: ignore[arg-type]
        return [str(one) for one in report.disagreements if area in {None, one.area}]

    return look
