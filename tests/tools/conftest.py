"""A built warehouse, and its reader's address as the recipes take it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from helpers import new_installation

from sanad.warehouse.connect import Role, dsn


@pytest.fixture(scope="session")
def reader(built_template: Path) -> Iterator[dict[str, str]]:
    """The environment of somebody who reads the marts."""
    with new_installation(built_template):
        yield os.environ | {"SANAD_DSN": dsn(Role.BI_READER)}
