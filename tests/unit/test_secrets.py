"""Secrets as a deployer gives them: a folder with a file for each, read and never written."""

from __future__ import annotations

import json

import pytest

from sanad.local import postgres, secrets
from sanad.warehouse import connect
from sanad.warehouse.connect import NoWarehouse, Role

URL = "postgresql://boss@db.example.org:5433/sanad?sslmode=require"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    for name, value in {"loader": "l-secret\n", "auditor": "a/secret@"}.items():
        (tmp_path / name).write_text(value)
    monkeypatch.setenv("SANAD_SECRETS", str(tmp_path))
    monkeypatch.setenv("SANAD_DATABASE_URL", URL)
    return tmp_path


def test_each_file_is_a_secret(folder):
    assert connect.secrets() == secrets.ensure() == {"loader": "l-secret", "auditor": "a/secret@"}
    assert {file.name for file in folder.iterdir()} == {"loader", "auditor"}, "nothing is made beside the deployer's"


def test_a_role_goes_where_the_url_says_with_its_own_password(folder):
    url = connect.url(Role.AUDITOR)
    assert (url.host, url.port, url.database, url.query) == ("db.example.org", 5433, "sanad", {"sslmode": "require"})
    assert (url.username, url.password) == ("auditor", "a/secret@")
    assert "a%2Fsecret%40@" in connect.dsn(Role.AUDITOR)


def test_the_admins_password_is_a_file_too_where_it_is_given(folder):
    assert connect.admin_url().password is None
    (folder / "admin").write_text("root")
    assert (connect.admin_url().username, connect.admin_url().password) == ("boss", "root")


def test_the_embedded_servers_admin_is_nobody_elsewhere(tmp_path, monkeypatch):
    (tmp_path / "secrets.json").write_text(json.dumps({"admin": "of the embedded server"}))
    monkeypatch.setenv("SANAD_SECRETS", str(tmp_path / "secrets.json"))
    monkeypatch.setenv("SANAD_DATABASE_URL", URL)
    assert connect.admin_url().password is None


def test_who_has_no_admin_does_not_migrate_and_is_told_where_to(folder):
    with pytest.raises(NoWarehouse, match="run `sanad migrate` where the secret `admin` is"):
        postgres.set_up()
