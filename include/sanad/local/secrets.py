"""The passwords and keys of one installation, made at its first start and never shown."""

from __future__ import annotations

import base64
import json
import os
import secrets as random
from pathlib import Path
from typing import Final

from sanad.warehouse.connect import Role
from sanad.warehouse.connect import secrets as given
from sanad.words import settings
from sanad.words.errors import SanadError

#: What else needs a secret, beside the roles of the warehouse.
AIRFLOW_DATABASE: Final = "airflow_database"
AIRFLOW_ADMIN: Final = "airflow_admin"
AIRFLOW_READER: Final = "airflow_reader"
AIRFLOW_FERNET: Final = "airflow_fernet"
AIRFLOW_JWT: Final = "airflow_jwt"
AIRFLOW_API: Final = "airflow_api"
SUPERSET_DATABASE: Final = "superset_database"
SUPERSET_KEY: Final = "superset_key"
SUPERSET_ADMIN: Final = "superset_admin"
SUPERSET_ANALYST: Final = "superset_analyst"
SUPERSET_VIEWER: Final = "superset_viewer"

#: 48 letters: more than Superset asks of the key of its sessions.
_BYTES: Final = 36


class Damaged(SanadError):
    """The file of secrets cannot be read as one."""


def _known(path: Path) -> dict[str, str]:
    if not path.exists():
        return {}
    try:
        return {str(name): str(value) for name, value in json.loads(path.read_text()).items()}
    except (ValueError, AttributeError) as error:
        raise Damaged(
            f"{path} is damaged, and the server's passwords are in it: put a copy of it back, or move "
            f"{settings.state()} away and run again"
        ) from error


def ensure() -> dict[str, str]:
    """The secrets of this installation: the deployer's folder, else made and kept at mode 0600 when there are none."""
    path = settings.secrets_file()
    if path.is_dir():
        return given()
    known = _known(path)
    airflow = [AIRFLOW_DATABASE, AIRFLOW_ADMIN, AIRFLOW_READER, AIRFLOW_JWT, AIRFLOW_API]
    superset = [SUPERSET_DATABASE, SUPERSET_KEY, SUPERSET_ADMIN, SUPERSET_ANALYST, SUPERSET_VIEWER]
    names = [*(role.value for role in Role), *airflow, *superset]
    missing = [name for name in (*names, AIRFLOW_FERNET) if name not in known]
    if not missing:
        return known
    for name in missing:
        known[name] = (
            base64.urlsafe_b64encode(random.token_bytes(32)).decode()
            if name == AIRFLOW_FERNET
            else random.token_urlsafe(_BYTES)
        )
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_suffix(".new")
    with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        json.dump(known, file, indent=2)
    unfinished.replace(path)
    return known
