"""The pages of `make docs`: whole, and silent towards the rest of the world."""

import base64
import re

import pytest
from typer.testing import CliRunner

from sanad.cli.commands import app

pytestmark = pytest.mark.warehouse


def test_both_pages_open_without_a_server_and_tell_nobody(built, tmp_path):
    done = CliRunner().invoke(app, ["docs", "--out", str(tmp_path)])
    assert done.exit_code == 0, done.output
    models, columns = (tmp_path / name for name in ("models.html", "columns.html"))
    assert all(str(page) in done.output.replace("\n", "") for page in (models, columns))
    for page in (models, columns):
        text = page.read_text()
        data = "".join(base64.b64decode(found).decode() for found in re.findall(r'atob\("([^"]+)"\)', text)) or text
        assert "mart_call_centres" in data and "exports_usd_thousand" in data
        assert not re.findall(r"<(?:script|link|img)[^>]+(?:src|href)=[\"']https?:", text)
    assert "<script>window.colibriTelemetry = false" in columns.read_text(), "the page would tell a company's server"
