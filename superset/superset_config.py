"""Superset's settings. Whatever differs between installations comes from the environment, secrets from files.

SUPERSET_META_URI            SQLAlchemy's URI of Superset's own database
SUPERSET_SECRET_KEY_FILE     the file whose content signs sessions and encrypts the kept password
SANAD_LINEAGE_URL            the address of the lineage page, https://airflow.example.org/sanad/lineage
"""

from __future__ import annotations

import json
import logging
import os
import re
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from jinja2 import TemplateError
from sqlalchemy.exc import OperationalError

if TYPE_CHECKING:
    from flask import Flask, Response

SQLALCHEMY_DATABASE_URI = os.environ["SUPERSET_META_URI"]
SECRET_KEY = Path(os.environ["SUPERSET_SECRET_KEY_FILE"]).read_text().strip()

APP_NAME = "Sanad"
FEATURE_FLAGS = {"ENABLE_TEMPLATE_PROCESSING": True, "ALERT_REPORTS": False}
ENABLE_UI_THEME_ADMINISTRATION = False
THEME_DARK = None  # one set of colours, so that a colour means one thing
THEME_DEFAULT: dict[str, Any] = {
    "token": {
        "brandAppName": APP_NAME,
        "brandLogoAlt": "Sanad",
        "brandLogoUrl": "/static/assets/images/superset-logo-horiz.png",
        "brandLogoMargin": "18px 0",
        "brandLogoHref": "/dashboard/list/",
        "brandLogoHeight": "24px",
        # dark enough to be read on white, and on the pale grounds that are made of it
        "colorPrimary": "#0b5d76",
        "colorLink": "#0b5d76",
        "fontFamily": "Inter, Helvetica, Arial, sans-serif",
        "fontFamilyCode": "'IBM Plex Mono', 'Courier New', monospace",
    },
    "algorithm": "default",
}

# Every page and every request stays here. Superset's front end asks a counting pixel of its makers': this forbids it.
TALISMAN_ENABLED = True
TALISMAN_CONFIG = {
    "content_security_policy": {
        "default-src": ["'self'"],
        "base-uri": ["'self'"],
        "img-src": ["'self'", "blob:", "data:"],
        "worker-src": ["'self'", "blob:"],
        "connect-src": ["'self'"],
        "object-src": "'none'",
        "style-src": ["'self'", "'unsafe-inline'"],
        "font-src": ["'self'", "data:"],
        "script-src": ["'self'", "'strict-dynamic'"],
        "frame-ancestors": ["'none'"],
    },
    "content_security_policy_nonce_in": ["script-src"],
    "force_https": False,  # who puts it on a network puts TLS before it
    "session_cookie_secure": False,
}
HTML_SANITIZATION_SCHEMA_EXTENSIONS = {"attributes": {"span": ["style"]}}
SESSION_COOKIE_SAMESITE = "Lax"
WTF_CSRF_ENABLED = True
PERMANENT_SESSION_LIFETIME = timedelta(hours=12)
FAB_ADD_SECURITY_API = True

# What is on the screen is what the marts hold now: no result is kept, only the state of filters and forms.
_IN_DATABASE = {"CACHE_TYPE": "SupersetMetastoreCache", "CACHE_DEFAULT_TIMEOUT": int(timedelta(days=7).total_seconds())}
FILTER_STATE_CACHE_CONFIG = _IN_DATABASE
EXPLORE_FORM_DATA_CACHE_CONFIG = _IN_DATABASE
CACHE_CONFIG = {"CACHE_TYPE": "NullCache"}
DATA_CACHE_CONFIG = {"CACHE_TYPE": "NullCache"}

SQLLAB_TIMEOUT = 30
SUPERSET_WEBSERVER_TIMEOUT = 60
ROW_LIMIT = 10_000
SQL_MAX_ROW = 100_000


# what datasets may call in their SQL


class NotAsked(TemplateError):
    """A filter asks for something that cannot be answered."""


_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


def as_of(chosen: list[Any]) -> str:
    """The day chosen in the filter as a SQL date; empty when none is. Nothing else that was typed reaches the SQL.

    NotAsked, in words for the chart, when it is no day or when there are two.
    """
    if not chosen:
        return ""
    said = str(chosen[0])
    try:
        day = date.fromisoformat(said) if _DAY.fullmatch(said) else None
    except ValueError:
        day = None
    if day is None or len(chosen) > 1:
        raise NotAsked(f"'{', '.join(map(str, chosen))}' is no day: choose one like 2026-03-20")
    return f"cast('{day.isoformat()}' as date)"


def lineage_url() -> str:
    """The address of the lineage page, safe within a SQL text."""
    address = os.environ.get("SANAD_LINEAGE_URL", "http://127.0.0.1:8080/sanad/lineage").rstrip("/")
    if urlsplit(address).scheme not in {"http", "https"} or set(address) & set("'\"<>\\{} "):
        raise NotAsked("SANAD_LINEAGE_URL is no address of a page")
    return address


JINJA_CONTEXT_ADDONS = {"as_of": as_of, "lineage_url": lineage_url}


# what is said when PostgreSQL does not answer

_DOWN = (
    "<!doctype html><title>Sanad</title><h1>The dashboards do not answer</h1>"
    "<p>PostgreSQL, in which they keep themselves and read the marts, is down. "
    "Tell whoever runs it; nothing is lost.</p>"
)


def _no_database(error: OperationalError) -> tuple[str | dict[str, Any], int]:
    from flask import request

    logging.getLogger(__name__).error("no database: %s", error)
    return ({"message": str(error)} if request.path.startswith("/api/") else _DOWN), 503


def in_words(said: str) -> str | None:
    """What an error of PostgreSQL's means for whoever looks at a chart; None for any other."""
    return next((words for pattern, words in _WORDS.items() if pattern.search(said)), None)


def _told(answer: Response) -> Response:
    """An error that a chart is answered, in words: Superset shows PostgreSQL's own."""
    if answer.status_code >= 400 and answer.is_json and (words := in_words(str(answer.get_json(silent=True)))):
        shown = {"message": words, "error_type": "GENERIC_DB_ENGINE_ERROR", "level": "error", "extra": {}}
        answer.set_data(json.dumps({"errors": [shown], "message": words}))
    return answer


def FLASK_APP_MUTATOR(app: Flask) -> None:
    """Have it said in words, with 503, also where Superset itself cannot look up who is asking."""
    app.register_error_handler(OperationalError, _no_database)
    app.after_request(_told)


_WORDS = {
    re.compile(r'relation "marts\.|function marts\.'): (
        "The marts are not built yet: they are when the first release has been collected. Look again in a few minutes."
    ),
    re.compile("is not permitted to log in|password authentication failed|no pg_hba.conf entry"): (
        "The warehouse does not let the dashboards in: the role bi_reader is locked, or its password is another. "
        "Tell whoever runs the warehouse."
    ),
    re.compile("permission denied"): (
        "The role bi_reader may read the marts and nothing else, and this asks for something else."
    ),
    re.compile("read-only transaction"): ("Nothing can be written here: the role bi_reader reads."),
    re.compile("statement timeout"): ("This took longer than 30 seconds and was stopped: ask for less."),
    re.compile(
        "onnection refused|could not connect|connection to server|the database system is|terminating connection|"
        "server closed the connection|not currently accepting connections"
    ): ("The warehouse is down: PostgreSQL does not answer. Tell whoever runs it; nothing is lost."),
}
