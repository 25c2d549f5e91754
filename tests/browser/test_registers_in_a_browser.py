"""The lineage pages of what registers list, in a real browser: a count, its members, a row of a list, a release."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from browser.conftest import served
from browser.test_lineage_in_a_browser import fits_and_is_legible, visit  # noqa: F401 - a fixture
from registrations.conftest import LIST, registered  # noqa: F401 - a fixture

pytestmark = [pytest.mark.airflow, pytest.mark.warehouse, pytest.mark.browser]
COUNT = "lineage/mart_registrations/2025-03/call_centre/sindh/karachi"
PAGES = {
    "count": COUNT,
    "published-count": "lineage/mart_registered_counts/n0081?measure=listed_active",
    "registrant": "lineage/dim_registrant/certificate:CC-1/24",
    "release": f"lineage/dim_release/{LIST}@2025-03",
    "no-such-count": "lineage/mart_registrations/2025-03/call_centre/sindh/nowhere",
}


@pytest.fixture(scope="module")
def pages(registered) -> Iterator[str]:  # noqa: F811
    """The pages' root, over a warehouse with registers."""
    with served() as url:
        yield f"{url}/sanad"


@pytest.mark.parametrize("name", PAGES)
def test_each_page_fits_a_desktop_and_a_phone_in_light_and_dark(visit, artefacts, name):  # noqa: F811
    fits_and_is_legible(visit, artefacts, name, PAGES[name])


def test_from_a_count_one_walks_to_the_row_of_the_list_and_its_release(visit, monkeypatch):  # noqa: F811
    from sanad_pages import registers

    monkeypatch.setattr(registers, "A_PAGE", 2)
    with visit() as tab:
        tab.open(COUNT)
        assert tab.locator(".value").inner_text() == "3"
        assert tab.locator("section tbody tr").count() == 2
        tab.click("a[rel=next]")
        assert "3 to 3 of 3" in tab.locator("caption").inner_text()
        tab.click("td a:has-text('row=4')")
        assert tab.locator("h1").inner_text() == "Moving Systems (Pvt) Ltd"
        assert "Karachi" in tab.locator("tbody").inner_text()
        tab.click(f"a:has-text('{LIST}@2025-03')")
        assert tab.locator("h1").inner_text() == f"Release, {LIST}@2025-03"
        assert "Accepted" in tab.locator(".custody").inner_text()
