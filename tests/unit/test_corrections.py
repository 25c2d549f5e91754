"""Files of corrections: what they may say, and that an error names file and field."""

import datetime
from decimal import Decimal

import pytest
import yaml
from helpers import PROJECT

from sanad.registry import RegistryError, corrected_datasets, corrections_of
from sanad.registry.corrections import _File
from sanad.registry.load import validated
from sanad.words.vocabulary import Flag

DATASET = "sbp/trade_in_services"
EXAMPLE = PROJECT / "include" / "corrections" / "example.yml"


@pytest.fixture
def declared(tmp_path, monkeypatch):
    """Write the example with one change of its first correction as a dataset's file, and load it."""
    monkeypatch.setenv("SANAD_CORRECTIONS", str(tmp_path))

    def declare(edit, dataset=DATASET):
        content = yaml.safe_load(EXAMPLE.read_text())
        edit(content["corrections"])
        path = tmp_path / f"{dataset}.yml"
        path.parent.mkdir(exist_ok=True)
        path.write_text(yaml.safe_dump(content))
        return corrections_of(dataset)

    return declare


def test_the_example_is_of_the_form_and_is_not_loaded():
    assert [one.action for one in validated(EXAMPLE, _File).corrections] == ["override", "flag", "drop"]
    assert corrected_datasets() == []
    assert corrections_of(DATASET) == {}


def test_a_file_is_loaded_by_handle_and_an_edit_counts_at_once(declared):
    found = declared(lambda _: None)
    assert list(found) == [
        f"{DATASET}:services_of_february_as_revised", f"{DATASET}:call_centres_in_doubt",
        f"{DATASET}:a_certificate_listed_twice",
    ]  # fmt: skip
    first = found[f"{DATASET}:services_of_february_as_revised"]
    assert first.expected == {"value": Decimal("812245.695592"), "flag": Flag.PROVISIONAL}
    assert first.changes == {"value": Decimal("800206.041911"), "flag": Flag.REVISED}
    assert str(first.about) == "credit of line 0 for 2026-02"
    assert first.reported_on == datetime.date(2026, 4, 17)
    assert corrected_datasets() == [DATASET]
    assert len(declared(lambda all_: all_.pop())) == 2


def test_editions_and_releases_are_covered_by_name(declared):
    ranged, named, open_ended = declared(lambda _: None).values()
    assert [ranged.covers(edition, "ab") for edition in ("2026-01", "2026-02", "2026-03", None)] == [
        False, True, False, False,
    ]  # fmt: skip
    assert (named.covers("2026-02", "ab"), named.covers("2026-03", "ab")) == (True, False)
    assert (open_ended.covers("2031-01", "ab"), open_ended.covers("2026-01", "ab")) == (True, False)
    [*_, hashed] = declared(lambda all_: all_[2].update(release="#0123abcd") or all_[2].pop("editions")).values()
    assert (hashed.covers("2026-02", "0123abcdef"), hashed.covers("2026-02", "ab")) == (True, False)


@pytest.mark.parametrize(
    ("edit", "said"),
    [
        (lambda c: c[0].pop("reason"), "corrections.0.figure.reason: Field required"),
        (lambda c: c[0].update(reason="  "), "corrections.0.figure.reason"),
        (lambda c: c[0].update(reported_on="soon"), "corrections.0.figure.reported_on"),
        (lambda c: c[0].update(colour="green"), "corrections.0.figure.colour: Extra inputs"),
        (lambda c: c[0].update(name="With Blanks"), "corrections.0.figure.name"),
        (lambda c: c[0].update(action="mend"), "corrections.0.figure.action"),
        (lambda c: c[0].update(source="the telephone"), "corrections.0.figure.source"),
        (lambda c: c[0]["figure"].update(period="Feb-26"), "corrections.0.figure.figure.period"),
        (lambda c: c[0]["figure"].update(series=9.1), "corrections.0.figure.figure.series"),
        (lambda c: c[0]["figure"].pop("measure"), "corrections.0.figure.figure.measure"),
        (lambda c: c[0]["editions"].update(to="Feb"), "corrections.0.figure.editions.to"),
        (lambda c: c[0].update(release="2026-02"), "corrections.0.figure.release"),
        (lambda c: c[0].update(release="@2026-02"), "either editions or release"),
        (lambda c: c[0].pop("editions"), "either editions or release"),
        (lambda c: c[0].update(expect={}), "expect: say what must have been printed"),
        (lambda c: c[0].update(expect={"value": "many"}), "corrections.0.figure.expect.value"),
        (lambda c: c[0].update(expect={"value": ".nan"}), "corrections.0.figure.expect.value"),
        (lambda c: c[0].update(expect={"worth": 1}), "corrections.0.figure.expect.worth"),
        (lambda c: c[0].update(set={"flag": "X"}), "corrections.0.figure.set.flag"),
        (lambda c: c[0].update(set={"value": "1e14"}), "corrections.0.figure.set.value"),
        (lambda c: c[0].update(set={"value": None}), "dropped, not overridden"),
        (lambda c: c[0].pop("set"), "belongs to the action override"),
        (lambda c: c[1].update(set={"flag": "R"}), "belongs to the action override"),
        (lambda c: c[0].update(set={"value": 812245.6955921}), "says the same as expect"),
        (lambda c: c[0].pop("figure"), "corrections.0.figure.figure: Field required"),
        (lambda c: c[2].update(figure=c[0]["figure"]), "corrections.2.entry.figure: Extra inputs"),
        (lambda c: c[2].update(entry={}), "one of certificate_no, portal_key and locator"),
        (lambda c: c[2].update(entry={"certificate_no": "1", "portal_key": "2"}), "one of certificate_no"),
        (lambda c: c[2].update(expect={"since": datetime.date(2026, 1, 1)}), "corrections.2.entry.expect.since"),
        (lambda c: c[1].update(name=c[0]["name"]), "two corrections are called services_of_february_as_revised"),
    ],
)
def test_an_error_names_file_and_field(declared, edit, said):
    with pytest.raises(RegistryError) as error:
        declared(edit)
    assert said in str(error.value)
    assert "trade_in_services.yml: " in str(error.value)


def test_a_file_about_no_dataset_and_a_file_that_is_no_yaml(declared, tmp_path):
    with pytest.raises(RegistryError, match=r"sbp/trade_in_goods.yml: no dataset 'sbp/trade_in_goods'.*known: .*sbp/"):
        declared(lambda _: None, "sbp/trade_in_goods")
    for content in (b"corrections: [", b"\xff\xfe\x00", b"- a list"):
        (tmp_path / f"{DATASET}.yml").write_bytes(content)
        with pytest.raises(RegistryError, match=r"trade_in_services\.yml: "):
            corrections_of(DATASET)


def test_without_the_folder_nothing_can_be_said(monkeypatch, tmp_path):
    monkeypatch.setenv("SANAD_CORRECTIONS", str(tmp_path / "gone"))
    with pytest.raises(RegistryError, match="gone: no folder of corrections"):
        corrected_datasets()
