"""A template with what it shows, as an answer: nothing but what is on the page, and the scripts of this folder."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import quote

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from sanad_pages import wording

HEADERS = {
    # shown inside Airflow's own pages and in no other site's
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; script-src 'self'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'self'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-store",
}
_templates = Environment(
    loader=FileSystemLoader(Path(__file__).with_name("templates")),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_templates.filters |= {
    "quoted": lambda text: quote(text, safe=""),
    # a key's strokes are part of its path
    "pathed": lambda text: quote(text, safe="/"),
    "number": wording.number,
    "exact": wording.exact,
    "unit": wording.unit,
    "moment": wording.moment,
    "plain": wording.plain,
    "plain_words": wording.plain_words,
    "unit_of": wording.unit_of,
    "column_words": wording.column_words,
    "flag_word": wording.flag_word,
}


def html(template: str, **shown: Any) -> str:
    """The template as text; whatever is shown is escaped."""
    return _templates.get_template(template).render(**shown)


def page(template: str, request: Request, status: int = 200, **shown: Any) -> HTMLResponse:
    """The template as an answer with the pages' headers.

    ``root`` is where these pages begin, for a browser; Airflow may itself live below a path.
    """
    return HTMLResponse(html(template, root=request.scope["root_path"], **shown), status, headers=HEADERS)
