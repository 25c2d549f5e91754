"""Where the project and its state live. Nothing else in the package reads these variables."""

from __future__ import annotations

import getpass
import os
import socket
from pathlib import Path


def project() -> Path:
    """The root of the repository: ``SANAD_PROJECT``, else the folder this package was installed from."""
    configured = os.environ.get("SANAD_PROJECT")
    return Path(configured) if configured else Path(__file__).resolve().parents[3]


def state() -> Path:
    """The git-ignored folder of everything a run leaves behind: ``SANAD_STATE``, else ``.sanad``."""
    configured = os.environ.get("SANAD_STATE")
    return Path(configured) if configured else project() / ".sanad"


def archive_url() -> str:
    """Where the archived bytes are, in fsspec's terms: ``SANAD_ARCHIVE``, else a folder of the state."""
    return os.environ.get("SANAD_ARCHIVE") or (state() / "archive").as_uri()


def database_url() -> str | None:
    """A PostgreSQL of one's own, ``SANAD_DATABASE_URL``; None when the embedded one serves."""
    return os.environ.get("SANAD_DATABASE_URL") or None


def secrets_file() -> Path:
    """The JSON file of passwords, mode 0600, or a folder of files: ``SANAD_SECRETS``, else in the state folder."""
    configured = os.environ.get("SANAD_SECRETS")
    return Path(configured) if configured else state() / "secrets.json"


def contact() -> str:
    """Whom a publisher can write to about our requests: ``SANAD_CONTACT``, else the user on this machine."""
    return os.environ.get("SANAD_CONTACT") or f"{getpass.getuser()}@{socket.getfqdn()}"


def actor() -> str:
    """Who decides, as the ledger names them: ``SANAD_ACTOR``, else the user on this machine."""
    return os.environ.get("SANAD_ACTOR") or getpass.getuser()


def sources() -> Path:
    """The folder of the registry: ``SANAD_SOURCES``, else ``include/sources``."""
    configured = os.environ.get("SANAD_SOURCES")
    return Path(configured) if configured else project() / "include" / "sources"


def corrections() -> Path:
    """The folder of declared corrections: ``SANAD_CORRECTIONS``, else ``include/corrections``."""
    configured = os.environ.get("SANAD_CORRECTIONS")
    return Path(configured) if configured else project() / "include" / "corrections"
