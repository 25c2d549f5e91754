"""Bring Superset to what the files say: ``python superset/provision.py`` with the environment's Python.

Its own database at its newest revision, roles, people, the warehouse, datasets, charts and dashboards. Run again it
changes nothing but what differs; what people made beside it stays. Exit code 1 and one line for a bundle that is not
whole, and nothing of it is then taken. Beside what superset_config.py reads:

SANAD_MARTS_URI, SANAD_MARTS_PASSWORD_FILE     the warehouse as bi_reader, without its password; that
SUPERSET_{ADMIN,ANALYST,VIEWER}_PASSWORD_FILE  the people's passwords
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

HERE = Path(__file__).resolve().parent
BUNDLE = HERE / "bundle"
DATABASE = "databases/warehouse.yaml"
#: Who may enter: the name, and the role.
PEOPLE = {"admin": "Admin", "analyst": "analyst", "viewer": "viewer"}


class Broken(Exception):
    """What cannot be provisioned, in one line."""


def main(bundle: Path = BUNDLE) -> int:
    """Provision; 1 with a line on standard error when the files or the environment will not do."""
    try:
        assets = read(bundle)
        require_whole(assets)
        provision(assets)
    except Broken as broken:
        print(f"superset: {broken}", file=sys.stderr)
        return 1
    return 0


# the files


def read(bundle: Path) -> dict[str, str]:
    """The bundle's files by their path in it, the warehouse's with the address it has here."""
    files = {str(path.relative_to(bundle)): path.read_text() for path in sorted(bundle.rglob("*.yaml"))}
    if DATABASE not in files:
        raise Broken(f"{bundle} has no {DATABASE}")
    files[DATABASE] = yaml.safe_dump({**_loaded(files, DATABASE), "sqlalchemy_uri": _marts_uri()})
    return files


def require_whole(files: dict[str, str]) -> None:
    """Broken when an asset names one that is not in the bundle: Superset leaves it out and is content."""
    found = {name: _loaded(files, name) for name in files}
    known = {str(asset.get("uuid")) for asset in found.values()}
    for name, asset in found.items():
        for named in _named(asset):
            if named not in known:
                raise Broken(f"{name} names {named}, which is not in the bundle")
    uuids = [str(asset["uuid"]) for asset in found.values() if "uuid" in asset]
    twice = {uuid for uuid in uuids if uuids.count(uuid) > 1}
    if twice:
        raise Broken(f"two files of the bundle are called {', '.join(sorted(twice))}")


def _named(asset: dict[str, Any]) -> Iterator[str]:
    """The uuids by which an asset names others."""
    yield from (str(asset[key]) for key in ("database_uuid", "dataset_uuid") if key in asset)
    for part in asset.get("position", {}).values():
        if isinstance(part, dict) and part.get("type") == "CHART":
            yield str(part["meta"]["uuid"])
    for chosen in asset.get("metadata", {}).get("native_filter_configuration", []):
        yield from (str(target["datasetUuid"]) for target in chosen["targets"] if "datasetUuid" in target)


def _loaded(files: dict[str, str], name: str) -> dict[str, Any]:
    try:
        loaded = yaml.safe_load(files[name])
    except yaml.YAMLError as error:
        raise Broken(f"{name} is no YAML: {' '.join(str(error).split())}") from error
    if not isinstance(loaded, dict):
        raise Broken(f"{name} holds no asset")
    return loaded


def _marts_uri() -> str:
    from sqlalchemy.engine import make_url

    # the mask by which Superset knows that the password is given apart
    return make_url(_set("SANAD_MARTS_URI")).set(drivername="postgresql+psycopg2", password="X" * 10).render_as_string(
        hide_password=False
    )  # fmt: skip


def _set(variable: str) -> str:
    try:
        return os.environ[variable]
    except KeyError:
        raise Broken(f"{variable} is not set") from None


def _secret(variable: str) -> str:
    path = Path(_set(variable))
    try:
        said = path.read_text().strip()
    except OSError as error:
        raise Broken(f"{variable}: {path}: {error.strerror}") from None
    if not said:
        raise Broken(f"{variable}: {path} is empty")
    return said


# Superset


def provision(files: dict[str, str]) -> None:
    """Bring a Superset to the files."""
    os.environ.setdefault("SUPERSET_CONFIG_PATH", str(HERE / "superset_config.py"))
    passwords = {name: _secret(f"SUPERSET_{name.upper()}_PASSWORD_FILE") for name in PEOPLE}
    marts_password = _secret("SANAD_MARTS_PASSWORD_FILE")

    from superset.app import create_app

    app = create_app()
    with app.app_context():
        from flask_migrate import upgrade
        from superset.extensions import appbuilder, security_manager

        upgrade()
        appbuilder.add_permissions(update_perms=True)
        security_manager.sync_role_definitions()
        _ensure_person(security_manager, "admin", passwords["admin"])
        _import(security_manager, files, marts_password)
        _ensure_roles(security_manager, yaml.safe_load((HERE / "roles.yml").read_text()))
        for name, password in passwords.items():
            _ensure_person(security_manager, name, password)


def _import(security_manager: Any, files: dict[str, str], marts_password: str) -> None:
    from superset.commands.exceptions import CommandException
    from superset.commands.importers.v1.assets import ImportAssetsCommand
    from superset.utils.core import override_user

    with override_user(security_manager.find_user("admin")):
        try:
            ImportAssetsCommand(files, passwords={DATABASE: marts_password}).run()
        except CommandException as error:
            raise Broken(f"the bundle is refused: {_why(error)}") from error


def _why(error: Any) -> str:
    said = error.normalized_messages() if hasattr(error, "normalized_messages") else ""
    return " ".join(str(said or error.__cause__ or error).split())


def _ensure_roles(security_manager: Any, roles: dict[str, Any]) -> None:
    from superset import db
    from superset.connectors.sqla.models import SqlaTable
    from superset.models.core import Database

    datasets = [security_manager.add_permission_view_menu("datasource_access", one.perm)
                for one in db.session.query(SqlaTable).all()]  # fmt: skip
    databases = {one.database_name: one.perm for one in db.session.query(Database).all()}
    for name, may in roles.items():
        granted = [_permission(security_manager, name, said) for said in _flat(may["permissions"])]
        reached = [security_manager.add_permission_view_menu("database_access", databases[one])
                   for one in may.get("databases", [])]  # fmt: skip
        role = security_manager.add_role(name)
        role.permissions = [*granted, *reached, *datasets]
    db.session.commit()


def _flat(said: list[Any]) -> Iterator[str]:
    for one in said:
        yield from _flat(one) if isinstance(one, list) else [one]


def _permission(security_manager: Any, role: str, said: str) -> Any:
    action, _, view = said.partition(" on ")
    found = security_manager.find_permission_view_menu(action, view)
    if found is None:
        raise Broken(f"role {role}: this Superset knows no permission '{said}'")
    return found


def _ensure_person(security_manager: Any, name: str, password: str) -> None:
    role = security_manager.find_role(PEOPLE[name])
    person = security_manager.find_user(name)
    if person is None:
        security_manager.add_user(name, name.capitalize(), "Sanad", f"{name}@sanad.invalid", role, password)
        return
    security_manager.reset_password(person.id, password)
    if person.roles != [role]:
        person.roles = [role]
        security_manager.update_user(person)


if __name__ == "__main__":
    sys.exit(main())
