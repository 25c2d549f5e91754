"""The archive's disk fills up, or turns read-only, in the middle: ledger, archive and staging stay whole."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest
from helpers import MARCH, bundled_arrival, events, rows

from sanad.archive.store import Store
from sanad.decide import ingest
from sanad.local.machine import in_one_line

pytestmark = pytest.mark.warehouse


def files(state: Path) -> set[str]:
    archive = state / "archive"
    return {str(path.relative_to(archive)) for path in archive.rglob("*") if path.is_file()}


def failing(monkeypatch, number, when):
    """Let the store's writing of one kind of path fail at its last step, when the bytes are out."""
    real, at = os.fsync, {"path": ""}
    write = Store._write

    def noting(self, path, content):
        at["path"] = path
        write(self, path, content)

    def fsync(descriptor):
        if when in at["path"]:
            raise OSError(number, os.strerror(number))
        real(descriptor)

    monkeypatch.setattr(Store, "_write", noting)
    monkeypatch.setattr(os, "fsync", fsync)


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EROFS, errno.EDQUOT])
def test_bytes_that_cannot_be_kept_are_not_recorded(installation, trade_in_services, monkeypatch, number):
    with monkeypatch.context() as patch:
        failing(patch, number, "/sha256/")
        with pytest.raises(OSError) as raised:
            ingest(trade_in_services, bundled_arrival(MARCH))
    assert in_one_line(raised.value)
    assert events() == []
    assert rows("select count(*) from staging.figure") == [(0,)]
    assert files(installation) == set()
    assert ingest(trade_in_services, bundled_arrival(MARCH)).new
    assert events() == ["received", "accepted"]


def test_an_event_file_that_cannot_be_written_comes_with_the_next(installation, trade_in_services, monkeypatch):
    with monkeypatch.context() as patch:
        failing(patch, errno.ENOSPC, "/ledger/")
        with pytest.raises(OSError, match="No space left"):
            ingest(trade_in_services, bundled_arrival(MARCH))
    assert events() == ["received", "accepted"]  # decided, and the bytes are there
    assert [name for name in files(installation) if "ledger" in name] == []
    assert not ingest(trade_in_services, bundled_arrival(MARCH)).new
    assert events() == ["received", "accepted"]
    written = sorted(name for name in files(installation) if "ledger" in name)
    assert written == ["ledger/000000000001.json", "ledger/000000000002.json"]
