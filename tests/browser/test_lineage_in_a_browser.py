"""The lineage pages in a real browser: what a person sees, and what the keys do."""

from __future__ import annotations

from contextlib import contextmanager

import pytest

pytestmark = [pytest.mark.airflow, pytest.mark.warehouse, pytest.mark.browser]

DESKTOP, PHONE = (1280, 800), (390, 844)
VALUE = "lineage/mart_sector_exports/call_centres/2026-03?measure=exports_yoy_pct"
REVISED = "lineage/fct_services_trade/0/credit/2026-02"
PAGES = {
    "front": "lineage?q=call+centres+2026",
    "value": VALUE,
    "revised": REVISED,
    "sum": "lineage/mart_sector_exports/freelance_all/2026-03",
    "unknown": "lineage/mart_call_centres/2026-09",
    "builds": "builds",
}

#: Contrast of every shown text with what lies behind it, by the formula of WCAG 2: those below 4.5, or 3 when large.
CONTRAST = """() => {
  const channels = (colour) => (colour.match(/[\\d.]+/g) || []).map(Number);
  const linear = (c) => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  const light = ([r, g, b]) => [r, g, b].map((c) => linear(c / 255))
    .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
  const behind = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const found = channels(getComputedStyle(at).backgroundColor);
      if (found.length === 3 || found[3] === 1) return found;
    }
    return matchMedia("(prefers-color-scheme: dark)").matches ? [18, 18, 18] : [255, 255, 255];
  };
  const poor = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  let seen = 0;
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    if (!walker.currentNode.data.trim() || !element.getClientRects().length) continue;
    const style = getComputedStyle(element);
    const ink = channels(element.closest("svg") ? style.fill : style.color);
    const [a, b] = [light(ink), light(behind(element))].sort((x, y) => y - x);
    const large = parseFloat(style.fontSize) >= 24 || (parseFloat(style.fontSize) >= 18.66 && style.fontWeight >= 700);
    const ratio = (a + 0.05) / (b + 0.05);
    seen += 1;
    if (ratio < (large ? 3 : 4.5)) poor.push(`${walker.currentNode.data.trim().slice(0, 30)}: ${ratio.toFixed(2)}`);
  }
  return { seen, poor };
}"""
#: The lit cell's place in its box, less what the frozen headers and labels cover.
LIT = """() => {
  const box = document.querySelector(".sheet").getBoundingClientRect();
  const cell = document.querySelector(".sheet .lit").getBoundingClientRect();
  const heads = document.querySelector(".sheet tbody.headers").getBoundingClientRect();
  const label = document.querySelector(".sheet tr:has(.lit) .stays").getBoundingClientRect();
  return cell.top >= heads.bottom - 1 && cell.left >= label.right - 1 && cell.bottom <= box.bottom + 1
    && cell.right <= box.right + 1 && heads.top >= box.top - 1;
}"""


@pytest.fixture
def visit(chromium, pages):
    """Opens pages in a window of some size; at the end nothing may have gone wrong or elsewhere."""

    @contextmanager
    def opened(size=DESKTOP, **more):
        context = chromium.new_context(viewport={"width": size[0], "height": size[1]}, **more)
        tab = context.new_page()
        wrong: list[str] = []
        tab.on("console", lambda said: wrong.append(said.text) if said.type in {"error", "warning"} else None)
        tab.on("pageerror", lambda error: wrong.append(str(error)))
        asked: list[str] = []
        tab.on("request", lambda request: asked.append(request.url))
        tab.open = lambda path: tab.goto(f"{pages}/{path}")
        yield tab
        context.close()
        assert [one for one in wrong if "404" not in one] == []
        assert asked
        assert [url for url in asked if not url.startswith(pages.removesuffix("/sanad"))] == []

    return opened


@pytest.mark.parametrize("name", PAGES)
def test_each_page_fits_a_desktop_and_a_phone_in_light_and_dark(visit, artefacts, name):
    fits_and_is_legible(visit, artefacts, name, PAGES[name], full_page=name != "front")


def fits_and_is_legible(visit, artefacts, name, address, full_page=True):
    for device, size in (("desktop", DESKTOP), ("phone", PHONE)):
        with visit(size) as tab:
            tab.open(address)
            assert tab.evaluate("document.documentElement.scrollWidth") <= size[0]
            assert tab.locator("h1").count() == tab.locator("main").count() == 1
            for scheme in ("light", "dark"):
                tab.emulate_media(color_scheme=scheme)
                contrast = tab.evaluate(CONTRAST)
                assert contrast["seen"] > 5
                assert contrast["poor"] == []
                tab.screenshot(path=artefacts / f"{name}-{device}-{scheme}.png", full_page=full_page)


@pytest.mark.parametrize("size", [DESKTOP, PHONE])
@pytest.mark.parametrize("script", [True, False])
def test_the_lit_cell_is_in_view_with_its_headers_and_its_label(visit, size, script):
    with visit(size, java_script_enabled=script) as tab:
        for path in (VALUE, REVISED, "lineage/fct_services_trade/12.3/net/FY26.Jul-Mar"):
            tab.open(path)
            assert tab.evaluate(LIT), path


def test_the_arrow_keys_go_to_the_figures_beside(visit):
    with visit() as tab:
        tab.open("lineage/mart_sector_exports/call_centres/2026-03?measure=exports")
        for key, heading, value in (
            ("ArrowLeft", "Call centres, Feb-26", "35,425.4657"),
            ("ArrowDown", "Telecommunication services, Feb-26", "23,786.91"),
            ("ArrowRight", "Telecommunication services, Mar-26", "17,761.8569"),
            ("ArrowUp", "Call centres, Mar-26", "36,409.9251"),
        ):
            tab.keyboard.press(key)
            tab.wait_for_function("text => document.querySelector('h1').textContent === text", arg=heading)
            assert tab.locator(".value").inner_text().startswith(value)
        here = tab.url
        tab.keyboard.press("ArrowUp")  # the first sector: the key moves the page, if anything
        tab.keyboard.press("Shift+ArrowLeft")
        tab.focus("input[name=as_of]")
        tab.keyboard.press("ArrowLeft")
        tab.wait_for_timeout(200)
        assert tab.url == here


def test_the_arrow_keys_move_the_lit_cell_over_the_sheet(visit):
    with visit() as tab:
        tab.open("lineage?q=9.1.1+credit+2026-03")
        tab.click("tbody a")
        tab.click("td a:has-text('36,409.9251')")
        tab.wait_for_url("**/lineage/figure/*")
        places = []
        for key in ("ArrowDown", "ArrowLeft", "ArrowUp"):
            before = tab.url
            tab.keyboard.press(key)
            tab.wait_for_function("url => location.href !== url && document.querySelector('.lit')", arg=before)
            places.append(tab.locator(".crumb code").inner_text())
        assert places == ["'EBOPS '!I62", "'EBOPS '!F62", "'EBOPS '!F61"]
        beside = tab.locator(".sheet tr:has(.lit) td a").nth(5)
        assert beside.inner_text() == "36,410"
        beside.click()
        tab.wait_for_function("document.querySelector('.crumb code').textContent === \"'EBOPS '!I61\"")
        assert tab.locator(".sheet .lit").inner_text() == "36,410"


def test_the_tab_key_shows_where_it_is_and_does_not_walk_the_sheet(visit):
    with visit() as tab:
        tab.open(VALUE)
        seen = []
        for _ in range(60):
            tab.keyboard.press("Tab")
            place = tab.evaluate(
                "() => { const at = document.activeElement; if (at === document.body) return null;"
                " return [at.tagName, at.className, getComputedStyle(at).outlineStyle] }"
            )
            if place is None:
                break
            seen.append(place)
        assert seen[0][1] == "skip"
        assert 10 < len(seen) < 40
        assert {outline for _, _, outline in seen} <= {"solid", "auto"}
        assert any("sheet" in name for _, name, _ in seen)


def test_without_a_script_search_and_neighbours_work(visit):
    with visit(java_script_enabled=False) as tab:
        tab.open("lineage")
        tab.fill("input[name=q]", "freelance_all 2026-03")
        tab.click("button")
        tab.click("tbody a")
        assert tab.locator("h1").inner_text() == "All freelance services, Mar-26"
        tab.click("a[data-way=left]")
        assert tab.locator("h1").inner_text() == "All freelance services, Feb-26"


def test_it_prints_on_paper_with_the_cell_and_its_headers(visit, artefacts):
    with visit() as tab:
        tab.open(VALUE)
        printed = tab.pdf(path=artefacts / "value.pdf", prefer_css_page_size=True)
        assert printed.startswith(b"%PDF")
        tab.emulate_media(media="print")
        shown = tab.evaluate(
            "() => [...document.querySelectorAll('.sheet tr')].filter((row) => row.getClientRects().length)"
            ".map((row) => row.innerText.replace(/\\s+/g, ' ')) "
        )
        assert 20 < len(shown) < 40
        assert any("Mar-26 (P)" in row for row in shown)
        assert any("9.1.1 Call centres" in row for row in shown)
        assert not tab.locator("form").first.is_visible()
