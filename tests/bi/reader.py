"""Somebody at a browser: logs in, opens a dashboard, chooses in a filter, reads what is on the screen."""

from __future__ import annotations

import json
from contextlib import contextmanager
from typing import Any

from sanad.local import secrets
from sanad.local.dashboards import PASSWORDS

DESKTOP, PHONE = (1440, 900), (390, 844)
_PATIENCE = 90_000
#: Every chart has come to an end: a picture, a table, an error, or words that there is nothing.
_SETTLED = """() => {
  const charts = [...document.querySelectorAll('[data-test="chart-grid-component"]')];
  return charts.length > 0 && charts.every((chart) => !chart.innerText.includes("Waiting on"))
    && charts.every((chart) => chart.querySelector('table, canvas, svg, [role=alert], .ant-empty, .ant-alert'));
}"""

#: When the page last changed, in milliseconds since its address was asked for.
_WATCH = """new MutationObserver(() => { window.lastChange = performance.now(); })
  .observe(document, { subtree: true, childList: true });"""


class Reader:
    """A person with a name and a browser of their own."""

    def __init__(self, browser: Any, url: str, name: str, size: tuple[int, int], password: str = "") -> None:
        self.url = url
        self.size = size
        self.context = browser.new_context(viewport={"width": size[0], "height": size[1]})
        self.context.add_init_script(_WATCH)
        self.page = self.context.new_page()
        self.page.set_default_timeout(_PATIENCE)
        self.elsewhere: list[str] = []
        self.refused: list[str] = []
        self.page.on("request", lambda asked: None if self._is_here(asked.url) else self.elsewhere.append(asked.url))
        self.page.on("requestfailed", lambda asked: self.refused.append(asked.url))
        self._waiting: set[Any] = set()
        self.page.on("request", lambda asked: self._waiting.add(asked) if "/chart/data" in asked.url else None)
        self.page.on("requestfinished", self._answered)
        self.page.on("requestfailed", self._answered)
        self.page.goto(f"{url}/login/")
        self.page.fill("input[name=username], #username", name)
        self.page.fill("input[name=password], #password", password or secrets.ensure()[PASSWORDS[name]])
        self.page.keyboard.press("Enter")
        self.page.wait_for_url(lambda address: "/login" not in address)

    def _answered(self, asked: Any) -> None:
        self._waiting.discard(asked)

    def _is_here(self, address: str) -> bool:
        return address.startswith((self.url, "data:", "blob:", "http://127.0.0.1:"))

    def opens(self, slug: str) -> None:
        """Open a dashboard and wait until every chart is there."""
        self.elsewhere.clear()
        self.refused.clear()
        self.page.set_viewport_size({"width": self.size[0], "height": self.size[1]})
        self.page.goto(f"{self.url}/superset/dashboard/{slug}/")
        self.settle()

    def waited(self) -> float:
        """Seconds from the asking for the page to its last change: how long somebody waited for the last chart."""
        return float(self.page.evaluate("window.lastChange")) / 1000

    def settle(self) -> None:
        """Bring every chart into view once, for they are drawn when they are seen, and wait for all of them."""
        self.page.wait_for_selector('[data-test="chart-grid-component"]')
        width = self.page.viewport_size["width"]
        height = self.page.evaluate("Math.max(...[...document.querySelectorAll('*')].map((one) => one.scrollHeight))")
        self.page.set_viewport_size({"width": width, "height": min(height + 100, 6000)})
        self._quiet()
        self.page.wait_for_function(_SETTLED)
        self.page.wait_for_timeout(500)  # the pictures grow

    def _quiet(self) -> None:
        """Wait until no chart has asked for anything for a second."""
        still = 0
        while still < 10:
            self.page.wait_for_timeout(100)
            still = 0 if self._waiting else still + 1

    def chart(self, name: str) -> Any:
        """A chart by its name."""
        return self.page.locator(f'[data-test="chart-grid-component"][data-test-chart-name="{name}"]')

    def table(self, name: str) -> list[dict[str, str]]:
        """What a table shows, by its headings."""
        chart = self.chart(name)
        headings = [text.strip() for text in chart.locator("thead th").all_inner_texts()]
        rows = [row.locator("td").all_inner_texts() for row in chart.locator("tbody tr").all()]
        return [dict(zip(headings, [cell.strip() for cell in row], strict=True)) for row in rows]

    def chooses(self, column: str, wanted: str) -> None:
        """Choose in a filter, also what it does not offer, and apply it."""
        box = self.page.locator(f"xpath=//*[@id='filter-name-NATIVE_FILTER-{column}']/following::input[1]")
        box.click(force=True)
        box.fill(wanted)
        self.page.wait_for_timeout(1000)  # it looks for the word
        self.page.keyboard.press("Enter")
        self.page.keyboard.press("Escape")
        with self.page.expect_request(lambda asked: "/api/v1/chart/data" in asked.url):
            self.page.locator('[data-test="filter-bar__apply-button"]').click()
        self.settle()

    def asks(self, path: str, body: Any = None, method: str | None = None) -> tuple[int, Any]:
        """Ask Superset's REST with the session of the browser; the status and what was said."""
        return tuple(self.page.evaluate(_ASK, [path, method or ("POST" if body is not None else "GET"), body]))


_ASK = """async ([path, method, body]) => {
  const token = (await (await fetch('/api/v1/security/csrf_token/')).json()).result;
  const headers = { 'Content-Type': 'application/json', ...(token ? { 'X-CSRFToken': token } : {}) };
  const answer = await fetch(path, { method, headers, ...(body === null ? {} : { body: JSON.stringify(body) }) });
  const text = await answer.text();
  return [answer.status, text];
}"""


@contextmanager
def reader(browser: Any, url: str, name: str = "viewer", size: tuple[int, int] = DESKTOP) -> Any:
    """Somebody at a browser, who leaves again."""
    one = Reader(browser, url, name, size)
    try:
        yield one
    finally:
        one.context.close()


def said(text: str) -> Any:
    """JSON, or the text itself."""
    try:
        return json.loads(text)
    except ValueError:
        return text
