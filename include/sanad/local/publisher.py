"""The loopback publisher: an HTTP server on 127.0.0.1 that stands for the publishers' own hosts.

A request says in its ``Host`` header which publisher it means. Each bundled dataset's current edition is
served where its publisher kept it (``published_at`` in its `dataset.yml`); everything else is 404. A request
to the loopback address itself reaches the control: ``GET /_control/state``, ``POST /_control/advance`` (every
dataset to its next edition; the last one stays) and ``POST /_control/rewind`` (to the first). They answer
``{"editions": {dataset: edition}}``, advance also ``"advanced": true`` or ``false``.

No path is ever looked up in the file system: there is a table of addresses and nothing else.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import logging
import signal
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from functools import cache, partial
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

from sanad.local import bundled
from sanad.local.bundled import Address, BundledRelease

LOOPBACK = "127.0.0.1"
_OURSELVES = frozenset({LOOPBACK, "localhost"})
_STATE, _ADVANCE, _REWIND = "/_control/state", "/_control/advance", "/_control/rewind"
_CONTROLS = {_STATE: "GET", _ADVANCE: "POST", _REWIND: "POST"}
_LONGEST_REQUEST_BODY = 1 << 16
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Answer:
    """What goes back for one request."""

    status: HTTPStatus
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


class Publisher:
    """The server, in a thread of its own inside ``with Publisher() as publisher:``."""

    def __init__(self, port: int = 0) -> None:
        self._port = port
        self._editions = {dataset: bundled.editions(dataset) for dataset in bundled.datasets()}
        self._addresses = {address: dataset for dataset in self._editions for address in bundled.published_at(dataset)}
        self._position = dict.fromkeys(self._editions, 0)
        self._lock = threading.Lock()
        self._server: ThreadingHTTPServer | None = None

    def __enter__(self) -> Self:
        self._server = ThreadingHTTPServer((LOOPBACK, self._port), partial(_Handler, self.answer))
        threading.Thread(target=self._server.serve_forever, name="publisher", daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None

    @property
    def url(self) -> str:
        """``http://127.0.0.1:<port>`` while the server runs."""
        if self._server is None:
            raise RuntimeError("the loopback publisher is not running")
        return f"http://{LOOPBACK}:{self._server.server_port}"

    @property
    def editions(self) -> dict[str, str]:
        """The edition each dataset is at."""
        return {dataset: self._current(dataset).edition for dataset in self._editions}

    def advance(self) -> bool:
        """Move every dataset to its next edition; False when each was at its last."""
        with self._lock:
            before = dict(self._position)
            for dataset, position in before.items():
                self._position[dataset] = min(position + 1, len(self._editions[dataset]) - 1)
            return self._position != before

    def rewind(self) -> None:
        """Move every dataset back to its first edition."""
        with self._lock:
            self._position = dict.fromkeys(self._editions, 0)

    def answer(self, method: str, path: str, headers: Mapping[str, str]) -> Answer:
        """Answer one request; the header names of ``headers`` are matched as HTTP matches them."""
        host = headers.get("Host", "").partition(":")[0].strip().lower()
        path = path.partition("?")[0]
        if host in _OURSELVES:
            return self._control(method, path)
        dataset = self._addresses.get(Address(host, path))
        if dataset is None:
            return Answer(HTTPStatus.NOT_FOUND)
        if method not in {"GET", "HEAD"}:
            return _not_allowed("GET, HEAD")
        return _document(self._current(dataset), headers)

    def _current(self, dataset: str) -> BundledRelease:
        return self._editions[dataset][self._position[dataset]]

    def _control(self, method: str, path: str) -> Answer:
        allowed = _CONTROLS.get(path)
        if allowed is None:
            return Answer(HTTPStatus.NOT_FOUND)
        if method != allowed:
            return _not_allowed(allowed)
        said: dict[str, Any] = {}
        if path == _ADVANCE:
            said["advanced"] = self.advance()
        elif path == _REWIND:
            self.rewind()
        body = json.dumps({**said, "editions": self.editions}).encode()
        return Answer(HTTPStatus.OK, {"Content-Type": "application/json"}, body)


def _not_allowed(allowed: str) -> Answer:
    return Answer(HTTPStatus.METHOD_NOT_ALLOWED, {"Allow": allowed})


@cache
def _body(release: BundledRelease) -> bytes:
    return bundled.render(release)


def _document(release: BundledRelease, headers: Mapping[str, str]) -> Answer:
    """The release's file, or 304 when the caller has it."""
    body = _body(release)
    etag = f'"{hashlib.sha256(body).hexdigest()}"'
    validators = {"ETag": etag, "Last-Modified": format_datetime(release.last_saved, usegmt=True)}
    if _has_it(headers, etag, release.last_saved):
        return Answer(HTTPStatus.NOT_MODIFIED, validators)
    kind = {"Content-Type": release.media_type, "X-Sanad-Origin": release.origin}
    return Answer(HTTPStatus.OK, validators | kind, body)


def _has_it(headers: Mapping[str, str], etag: str, last_saved: datetime) -> bool:
    """Whether the caller's copy is current, by RFC 9110: the date counts only where no tag is given."""
    tags = headers.get("If-None-Match")
    if tags is not None:
        return any(tag.strip().removeprefix("W/") in {etag, "*"} for tag in tags.split(","))
    try:
        since = parsedate_to_datetime(headers.get("If-Modified-Since", ""))
    except ValueError:
        return False
    return last_saved <= (since if since.tzinfo else since.replace(tzinfo=UTC))


class _Handler(BaseHTTPRequestHandler):
    """HTTP around ``answer``: one request a connection."""

    protocol_version = "HTTP/1.1"
    server_version = "sanad-loopback-publisher"
    sys_version = ""
    timeout = 10

    def __init__(self, answer: Callable[[str, str, Mapping[str, str]], Answer], *connection: Any) -> None:
        self._answer = answer
        super().__init__(*connection)

    def __getattr__(self, name: str) -> Callable[[], None]:
        # the base class looks for do_GET, do_POST, ...; which methods there are is for ``answer`` to say
        if name.startswith("do_"):
            return self._respond
        raise AttributeError(name)

    def _respond(self) -> None:
        self._drain()
        answer = self._answer(self.command, self.path, self.headers)  # type: ignore[arg-type]  # Message maps
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        if answer.status != HTTPStatus.NOT_MODIFIED:
            self.send_header("Content-Length", str(len(answer.body)))
        self.send_header("Connection", "close")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(answer.body)

    def _drain(self) -> None:
        # closing a connection with unread bytes would reset it, and the answer might be lost
        length = self.headers.get("Content-Length", "0")
        if length.isdecimal():
            self.rfile.read(min(int(length), _LONGEST_REQUEST_BODY))

    def log_message(self, format: str, *args: Any) -> None:  # the base class's name for it
        _log.info("%s %s", self.headers.get("Host", "-") if hasattr(self, "headers") else "-", format % args)


def main() -> None:
    """Serve until SIGTERM or SIGINT; the first line on standard output is the address."""
    parser = argparse.ArgumentParser(prog="python -m sanad.local.publisher", description=__doc__.splitlines()[0])
    parser.add_argument("--port", type=int, default=0, help="a free port when 0 (the default)")
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    with Publisher(arguments.port) as publisher:
        print(publisher.url, flush=True)
        stop.wait()


if __name__ == "__main__":
    main()
