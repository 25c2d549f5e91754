"""The two users that every installation has, with the passwords of the secrets, and the pool of dbt. Run by `init`."""

from __future__ import annotations

from pathlib import Path

from airflow.models.pool import Pool
from airflow.providers.fab.auth_manager.cli_commands.utils import get_application_builder

from sanad.local.stack import ADMIN, POOLS, READER

SECRETS = Path("/run/secrets")
#: The name, Airflow's role for it, and the secret that is its password.
USERS = ((ADMIN, "Admin", "airflow_admin"), (READER, "Viewer", "airflow_reader"))


def main() -> None:
    """Make what is missing; a password that was changed in the secrets is changed here."""
    with get_application_builder() as builder:
        for name, role, secret in USERS:
            ensure_user(builder.sm, name, role, (SECRETS / secret).read_text().strip())
    for name, slots in POOLS.items():
        Pool.create_or_update_pool(name, slots, "one dbt process at a time", include_deferred=False)


def ensure_user(users, name: str, role: str, password: str) -> None:
    """A user of this name who can log in with this password; SystemExit when Airflow refuses."""
    found = users.find_user(username=name)
    if found is None:
        done = users.add_user(name, name, "sanad", f"{name}@localhost", users.find_role(role), password=password)
    else:
        done = users.reset_password(found.id, password)
    if not done:
        raise SystemExit(f"Airflow's user {name} could not be made or given its password")


if __name__ == "__main__":
    main()
