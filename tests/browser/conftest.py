"""A headless Chromium on the pages of a built warehouse, as Airflow serves them to somebody who is logged in."""

from __future__ import annotations

import os
import shutil
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace

import airflow_home  # noqa: F401 - before anything imports Airflow
import pytest
from helpers import PROJECT, new_installation

#: Where the screenshots are left, for people: git does not see it.
ARTEFACTS = PROJECT / ".sanad" / "artefacts" / "pages"


@pytest.fixture(scope="session")
def chromium() -> Iterator[object]:
    """The machine's own browser; every request it makes elsewhere than to 127.0.0.1 would fail the test."""
    from playwright.sync_api import sync_playwright

    found = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if found is None:
        pytest.skip("no Chromium on this machine")
    # root has no user namespace to sandbox in
    flags = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=flags)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def pages(built_template: Path) -> Iterator[str]:
    """The pages' root."""
    with new_installation(built_template), served() as url:
        yield f"{url}/sanad"


@contextmanager
def served() -> Iterator[str]:
    """The pages' server, for somebody who is logged in."""
    import uvicorn
    from airflow.api_fastapi.core_api.security import get_user
    from fastapi import FastAPI

    sys.path.insert(0, str(PROJECT / "plugins"))
    from sanad_pages.app import app

    from sanad.local.machine import free_port

    made = app.__wrapped__()  # one of its own: the other is for tests of those who are not logged in
    made.dependency_overrides[get_user] = lambda: SimpleNamespace(username="reader")
    outer = FastAPI()
    outer.mount("/sanad", made)
    port = free_port(0)
    server = uvicorn.Server(uvicorn.Config(outer, host="127.0.0.1", port=port, log_level="warning"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    deadline = time.monotonic() + 30
    while not server.started:
        assert time.monotonic() < deadline, "the pages are not served"
        time.sleep(0.05)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join(timeout=10)


@pytest.fixture(scope="session")
def artefacts() -> Path:
    """The folder of the screenshots."""
    ARTEFACTS.mkdir(parents=True, exist_ok=True)
    return ARTEFACTS
