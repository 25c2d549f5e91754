"""What a version may change in the marts, and that the page of changes is the contracts' own."""

import pytest
from typer.testing import CliRunner

from sanad import __version__
from sanad.cli.commands import app
from sanad.warehouse import contracts
from sanad.warehouse.contracts import Change, Mart

BEFORE = {
    "mart_a": Mart(("k",), {"k": "text", "old": "text", "v": "bigint"}, ("old",)),
    "mart_b": Mart(("k",), {"k": "text"}),
}


def changed(**marts):
    return contracts.changes(BEFORE, BEFORE | marts)


def test_the_promise_and_the_page_are_those_of_the_yaml():
    assert contracts.kept()[__version__] == contracts.declared(), "sanad contracts --write"
    assert contracts.page_file().read_text() == contracts.page(contracts.kept()), "sanad contracts --write"
    assert contracts.declared()["mart_call_centres"].columns["exports_usd_thousand"] == "numeric(20, 6)"


def test_additions_break_nothing():
    more = Mart(("k",), {**BEFORE["mart_a"].columns, "w": "date"}, ("old",))
    assert changed(mart_a=more, mart_c=Mart((), {})) == [Change("mart_a.w", "is new, date"), Change("mart_c", "is new")]


def test_what_was_deprecated_may_go_and_nothing_else():
    assert changed(mart_a=Mart(("k",), {"k": "text", "v": "bigint"})) == [Change("mart_a.old", "is gone")]
    assert changed(mart_a=Mart(("k",), {"k": "text", "old": "text"}, ("old",))) == [Change("mart_a.v", "is gone", True)]
    assert contracts.changes(BEFORE, {"mart_a": BEFORE["mart_a"]}) == [Change("mart_b", "is gone", True)]


def test_another_type_or_key_breaks_and_a_deprecation_is_told():
    other = Mart(("k", "v"), {"k": "text", "old": "date", "v": "integer"}, ("old", "v"))
    assert changed(mart_a=other) == [
        Change("mart_a", "has the key k, v, before k", True),
        Change("mart_a.old", "is date, before text"),
        Change("mart_a.v", "is integer, before bigint", True),
        Change("mart_a.v", "is deprecated"),
    ]


def test_a_broken_promise_is_refused_before_anything_is_written(monkeypatch, tmp_path):
    page = contracts.page_file().read_bytes()
    monkeypatch.setattr(contracts, "kept", lambda: {"0.0.9": BEFORE, __version__: {}})
    told = CliRunner().invoke(app, ["contracts", "--write"])
    assert isinstance(told.exception, contracts.PromiseBroken)
    assert "mart_b: is gone" in str(told.exception) and "mart_a: is gone" in str(told.exception)
    assert contracts.page_file().read_bytes() == page


def test_the_page_tells_the_newest_version_first():
    after = {"mart_a": BEFORE["mart_a"]}
    page = contracts.page({"0.1.0": BEFORE, "0.2.0": after})
    assert (
        page.index("## 0.2.0")
        < page.index("- `mart_b` is gone")
        < page.index("## 0.1.0")
        < page.index("The first promise")
    )
    assert "| `mart_a` | `k` | 3 |" in page


@pytest.mark.parametrize("arguments", [[], ["--json"]])
def test_the_command_shows_what_is_not_kept_yet(arguments, monkeypatch):
    monkeypatch.setattr(contracts, "kept", lambda: {__version__: {**contracts.declared(), "mart_x": Mart((), {})}})
    told = CliRunner().invoke(app, ["contracts", *arguments])
    assert told.exit_code == 0 and "mart_x" in told.stdout and "is gone" in told.stdout
