"""Corrections that tests declare, in a folder of their own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from helpers import DATASET

#: credit of call centres in February 2026, as edition 2026-02 prints it
CALL_CENTRES = {"series": "9.1.1", "measure": "credit", "period": "2026-02"}
PRINTED = "35425.4657"
WHO = {"reason": "A slip of the pen.", "reporter": "a tester", "reported_on": "2026-05-01"}


def correction(name: str = "one", action: str = "override", **said: Any) -> dict[str, Any]:
    """A correction of call centres in edition 2026-02 that holds, but for what is said otherwise."""
    given: dict[str, Any] = {"figure": CALL_CENTRES, "expect": {"value": PRINTED}} if "entry" not in said else {}
    given |= {"release": "@2026-02"} if "editions" not in said else {}
    given |= {"set": {"value": "40000"}} if action == "override" and "entry" not in said else {}
    return {"name": name, "action": action, **WHO, **given, **said}


class Folder:
    """The folder of corrections that is in use."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def declare(self, *corrections: dict[str, Any], dataset: str = DATASET) -> None:
        """Write a dataset's corrections, in place of those that were declared; none removes the file."""
        path = self.path / f"{dataset}.yml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.unlink(missing_ok=True)
        if corrections:
            path.write_text(yaml.safe_dump({"corrections": list(corrections)}))


def folder(path: Path, patch: pytest.MonkeyPatch) -> Folder:
    """An empty folder of corrections at a path, set as the one in use."""
    path.mkdir(parents=True, exist_ok=True)
    patch.setenv("SANAD_CORRECTIONS", str(path))
    return Folder(path)
