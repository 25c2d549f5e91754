"""The dashboards: Superset from an environment of its own, provisioned from files and served on 127.0.0.1.

Its libraries are older than Airflow's, so it is another Python (``.venv-bi``, made by make) that we only start.
"""

from __future__ import annotations

import os
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sanad.local import secrets
from sanad.local.interrupts import Interrupts
from sanad.local.keeper import Keeper
from sanad.local.machine import free_port
from sanad.local.postgres import ensure_database, own_dsn
from sanad.local.supervisor import GRACE_SECONDS, Supervisor
from sanad.warehouse.connect import Role, url
from sanad.words import settings
from sanad.words.errors import SanadError

SUPERSET = "superset"
#: Who may enter: dashboards alone; those and SQL to read with; everything.
VIEWER, ANALYST, ADMIN = "viewer", "analyst", "admin"
PASSWORDS = {VIEWER: secrets.SUPERSET_VIEWER, ANALYST: secrets.SUPERSET_ANALYST, ADMIN: secrets.SUPERSET_ADMIN}
PORT_FOR_PEOPLE = 8088
_START_SECONDS = 120.0


class NotUp(SanadError):
    """Superset did not come up in time."""


def home() -> Path:
    """Superset's own folder."""
    return settings.state() / "superset"


def python() -> Path:
    """The Python of Superset's environment, whether it is there or not."""
    return settings.project() / ".venv-bi" / "bin" / "python"


def installed() -> bool:
    """Whether the environment was made, and to its end."""
    return python().parents[1].joinpath(".ready").exists()


def environment(lineage_url: str) -> dict[str, str]:
    """The environment of Superset's processes; its secrets are in files that only we may read."""
    kept = secrets.ensure()
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("SUPERSET_", "FLASK_"))}
    written = {
        "SUPERSET_SECRET_KEY_FILE": _written("key", kept[secrets.SUPERSET_KEY]),
        "SANAD_MARTS_PASSWORD_FILE": _written("marts", kept[Role.BI_READER]),
        **{
            f"SUPERSET_{name.upper()}_PASSWORD_FILE": _written(name, kept[secret]) for name, secret in PASSWORDS.items()
        },
    }
    return {
        **inherited,
        **written,
        "PYTHONPATH": str(settings.project() / "superset"),
        "SUPERSET_CONFIG_PATH": str(settings.project() / "superset" / "superset_config.py"),
        "SUPERSET_HOME": str(home()),
        "SUPERSET_META_URI": own_dsn(SUPERSET, kept[secrets.SUPERSET_DATABASE]),
        "SANAD_MARTS_URI": url(Role.BI_READER).set(drivername="postgresql", password=None).render_as_string(),
        "SANAD_LINEAGE_URL": lineage_url,
        "SCARF_ANALYTICS": "false",
        "DO_NOT_TRACK": "1",
    }


def _written(name: str, secret: str) -> str:
    path = home() / "secrets" / name
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.touch(mode=0o600)
    path.chmod(0o600)
    path.write_text(secret)
    return str(path)


class Dashboards:
    """Superset on this machine, from its metadata to its pages."""

    def __init__(self, interrupts: Interrupts, keeper: Keeper, lineage_url: str, wished_port: int) -> None:
        self._port = free_port(wished_port)
        self.url = f"http://127.0.0.1:{self._port}"
        self._interrupts = interrupts
        ensure_database(SUPERSET, secrets.ensure()[secrets.SUPERSET_DATABASE])
        self._supervisor = Supervisor(home() / "logs", environment(lineage_url), keeper, python())

    def tick(self, seconds: float = 0.1) -> None:
        """Wait a moment: KeyboardInterrupt when asked to stop, ProcessDied when Superset has ended."""
        self._interrupts.pause(seconds)
        self._supervisor.check()

    def start(self) -> None:
        """Bring it to what the files say, then serve it; returns when it answers."""
        self._supervisor.finish(self._supervisor.start("provision", "provision"), self.tick)
        self._supervisor.start(
            "superset", "gunicorn", "--workers", "1", "--worker-class", "gthread", "--threads", "8",
            "--timeout", "120", "--bind", f"127.0.0.1:{self._port}", "superset.app:create_app()",
            grace_seconds=2.0,  # it keeps nothing of its own
        )  # fmt: skip
        waited = 0.0
        while not self._answers():
            if waited > _START_SECONDS:
                raise NotUp(f"waited {_START_SECONDS:.0f} s for Superset; the logs are in {home() / 'logs'}")
            self.tick(0.2)
            waited += 0.2

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/health", timeout=5) as answer:  # noqa: S310 - our own address
                return bool(answer.status == 200)
        except (urllib.error.URLError, TimeoutError, ConnectionError):
            return False

    def stop(self) -> None:
        """End it; asked to stop once more meanwhile, by force."""
        asked = self._interrupts.asked
        self._supervisor.stop(GRACE_SECONDS, hurried=lambda: self._interrupts.asked > asked)


@contextmanager
def dashboards(interrupts: Interrupts, keeper: Keeper, lineage_url: str, wished_port: int = 0) -> Iterator[Dashboards]:
    """The dashboards, not yet started; whatever of them was started is ended when the block is left."""
    made = Dashboards(interrupts, keeper, lineage_url, wished_port)
    try:
        yield made
    finally:
        made.stop()
