import re
import shutil

import pytest
import yaml
from helpers import PROJECT

from sanad.local import registers
from sanad.registry import RegistryError, dataset, datasets
from sanad.registry.load import load
from sanad.words.errors import UsageError

REAL = PROJECT / "include" / "sources" / "sbp" / "trade_in_services.yml"


@pytest.fixture
def changed(tmp_path):
    """Write the real registry file with one change, and load it."""

    def change(edit):
        content = yaml.safe_load(REAL.read_text())
        edit(content)
        path = tmp_path / "sbp" / "trade_in_services.yml"
        path.parent.mkdir(exist_ok=True)
        path.write_text(yaml.safe_dump(content))
        return load(path)

    return change


def test_the_registry_holds_the_trade_in_services():
    found = datasets()["sbp/trade_in_services"]
    assert len(found.layouts[0].lines) == 88
    assert [str(url.url) for url in found.collect.urls] == [
        "https://www.sbp.org.pk/assets/document/dt.xls",
        "https://www.sbp.org.pk/ecodata/dt.xls",
        "https://archive.sbp.org.pk/ecodata/dt.xls",
    ]
    assert found.collect.urls[0].verified is False


def test_an_unchanged_copy_loads(changed):
    assert changed(lambda content: None).name == "sbp/trade_in_services"


@pytest.mark.parametrize(
    ("edit", "field"),
    [
        (lambda c: c.pop("title"), "title"),
        (lambda c: c.update(colour="green"), "colour"),
        (lambda c: c["publisher"].update(timezone="Asia/Lahore"), "publisher.timezone"),
        (lambda c: c["collect"]["urls"][0].update(url="ftp://www.sbp.org.pk/x"), "collect.urls.0.url"),
        (lambda c: c["collect"]["urls"][0].update(verified="yes"), "collect.urls.0.verified"),
        (lambda c: c["gates"][0].update(consequence="shrug"), "gates.0.consequence"),
        (lambda c: c.update(max_bytes=0), "max_bytes"),
        (lambda c: c["layouts"].append(c["layouts"][0]), "layouts overlap"),
        (lambda c: c["layouts"][1].update(without=["9.2.9"]), "without '9.2.9'"),
        (lambda c: c["layouts"][1].update(like="2019-01"), "like '2019-01'"),
        (lambda c: c["gates"][5].update(factor=1), "gates.5.factor"),
    ],
)
def test_an_error_names_file_and_field(changed, edit, field):
    with pytest.raises(RegistryError) as error:
        changed(edit)
    assert "trade_in_services.yml" in str(error.value)
    assert field in str(error.value)


@pytest.mark.parametrize(
    ("edit", "said"),
    [
        (lambda c: c["collect"].pop("walk"), "method walk: expected a walk described"),
        (lambda c: c["collect"].update(method="http"), "method http: expected no walk described"),
        (lambda c: c["collect"]["urls"].append(c["collect"]["urls"][0]), "a walk begins at one address, found 2"),
        (lambda c: c["collect"]["walk"].update(pause_seconds=-1), "collect.walk.pause_seconds"),
        (lambda c: c["collect"]["walk"].update(max_requests_a_day=0), "collect.walk.max_requests_a_day"),
        (lambda c: c["collect"]["walk"].update(places={}), "collect.walk.places"),
        (
            lambda c: c["collect"]["walk"].update(places={"Site Town": [], "site-town": []}),
            "more than one place would give the part site_town.json",
        ),
    ],
)
def test_a_walk_is_described_whole(tmp_path, edit, said):
    content = yaml.safe_load((PROJECT / "include" / "sources" / "pseb" / "tech_hub.yml").read_text())
    edit(content)
    path = tmp_path / "pseb" / "tech_hub.yml"
    path.parent.mkdir()
    path.write_text(yaml.safe_dump(content))
    with pytest.raises(RegistryError, match=re.escape(said)):
        load(path)


def test_the_places_of_a_walk_are_those_the_bundled_directory_has():
    known = registers.plan()
    walk = dataset("pseb/tech_hub").collect.walk
    assert set(walk.places) <= set(known.cities)
    assert {city: set(towns) for city, towns in walk.places.items() if towns} == {
        city: set(towns) for city, towns in known.towns.items()
    }


@pytest.mark.parametrize("text", ["title: [", "- a list", ""])
def test_a_file_that_is_no_mapping_is_named(tmp_path, text):
    path = tmp_path / "sbp" / "broken.yml"
    path.parent.mkdir()
    path.write_text(text)
    with pytest.raises(RegistryError, match=r"broken\.yml"):
        load(path)


def test_an_unknown_dataset_lists_the_known_ones():
    with pytest.raises(UsageError, match="sbp/trade_in_services"):
        dataset("sbp/nothing")


def test_the_registry_can_live_elsewhere(tmp_path, monkeypatch):
    (tmp_path / "sbp").mkdir()
    shutil.copy(REAL, tmp_path / "sbp" / "other.yml")
    monkeypatch.setenv("SANAD_SOURCES", str(tmp_path))
    assert list(datasets()) == ["sbp/other"]
