"""The loopback publisher: an HTTP server on 127.0.0.1 that stands for the publishers' own hosts.

A request says in its ``Host`` header which publisher it means. Each dataset's current edition is served where its
publisher keeps it, by the desk that stands there (`sanad.local.desks`); everything else is 404. A request
to the loopback address itself reaches the control: ``GET /_control/state``, ``POST /_control/advance`` (every
dataset to its next edition; the last one stays) and ``POST /_control/rewind`` (to the first, without faults). They
answer ``{"editions": {dataset: edition}}``, advance also ``"advanced": true`` or ``false``. ``GET /_control/faults``
lists the faults there are and those that are set; ``POST /_control/fault`` with
``{"host": ..., "path": ..., "fault": "cut_short", "times": 1}`` sets one (without times: until told otherwise).

No path is ever looked up in the file system: there is a table of addresses and nothing else.
"""

from __future__ import annotations

import argparse
import json
import logging
import signal
import threading
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC
from email.utils import parsedate_to_datetime
from functools import partial
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

from sanad.local.bundled import Address
from sanad.local.desks import READING, Desk, Issue, desks, issues
from sanad.local.faults import Answer, FaultTable

LOOPBACK = "127.0.0.1"
_OURSELVES = frozenset({LOOPBACK, "localhost"})
_STATE, _ADVANCE, _REWIND = "/_control/state", "/_control/advance", "/_control/rewind"
_FAULTS, _FAULT = "/_control/faults", "/_control/fault"
_CONTROLS = {_STATE: "GET", _ADVANCE: "POST", _REWIND: "POST", _FAULTS: "GET", _FAULT: "POST"}
_LONGEST_REQUEST_BODY = 1 << 16
_log = logging.getLogger(__name__)


class Publisher:
    """The server, in a thread of its own inside ``with Publisher() as publisher:``."""

    def __init__(self, port: int = 0, host: str = LOOPBACK) -> None:
        self._port = port
        self._host = host
        self._issues = issues()
        self._desks = desks()
        self._position = dict.fromkeys(self._issues, 0)
        self._frozen: dict[Address, tuple[Desk, Issue]] = {}
        self._faults = FaultTable()
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._server: ThreadingHTTPServer | None = None

    def __enter__(self) -> Self:
        self._server = ThreadingHTTPServer((self._host, self._port), partial(_Handler, self.answer, self._stopping))
        threading.Thread(target=self._server.serve_forever, name="publisher", daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stopping.set()
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
        return {dataset: self._current(dataset).edition for dataset in self._issues}

    def advance(self) -> bool:
        """Move every dataset to its next edition; False when each was at its last."""
        with self._lock:
            before = dict(self._position)
            for dataset, position in before.items():
                self._position[dataset] = min(position + 1, len(self._issues[dataset]) - 1)
            return self._position != before

    def rewind(self) -> None:
        """Move every dataset back to its first edition; no address misbehaves, none is frozen."""
        with self._lock:
            self._position = dict.fromkeys(self._issues, 0)
            self._frozen.clear()
        self._faults.clear()

    def fault(self, host: str, path: str, fault: str, times: int | None = None) -> None:
        """Let an address misbehave: see ``FaultTable.set``."""
        self._faults.set(host, path, fault, times)

    def freeze(self, host: str, path: str, dataset: str) -> None:
        """Serve a dataset's current edition at one more address, where it stays when the dataset moves on."""
        desk = next(desk for desk in self._desks.values() if desk.dataset == dataset)
        with self._lock:
            self._frozen[Address(host, path)] = desk, self._current(dataset)

    def answer(self, method: str, path: str, headers: Mapping[str, str], body: bytes = b"") -> Answer:
        """Answer one request; the header names of ``headers`` are matched as HTTP matches them."""
        host = headers.get("Host", "").partition(":")[0].strip().lower()
        path = path.partition("?")[0]
        if host in _OURSELVES:
            return self._control(method, path, body)
        desk, issue = self._offered(Address(host, path))
        methods = desk.methods if desk else READING
        fault = self._faults.take(host, path) if method in methods else None
        if desk is None and fault is None:
            return Answer(HTTPStatus.NOT_FOUND)
        if method not in methods:
            return _not_allowed(", ".join(sorted(methods)))
        due = desk.answer(issue, body) if desk and issue else Answer(HTTPStatus.NOT_FOUND)
        if fault:
            due = fault.change(due, desk.answer(self._issues[desk.dataset][0], body) if desk else due)
        return _unless_had(due, headers)

    def _offered(self, address: Address) -> tuple[Desk, Issue] | tuple[None, None]:
        """Who answers at an address, for which edition."""
        if desk := self._desks.get(address):
            return desk, self._current(desk.dataset)
        return self._frozen.get(address, (None, None))

    def _current(self, dataset: str) -> Issue:
        return self._issues[dataset][self._position[dataset]]

    def _control(self, method: str, path: str, body: bytes) -> Answer:
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
        elif path == _FAULT:
            try:
                self.fault(**json.loads(body))
            except (ValueError, TypeError, AttributeError) as error:
                return _as_json(HTTPStatus.BAD_REQUEST, {"error": str(error)})
        if path in {_FAULT, _FAULTS}:
            return _as_json(HTTPStatus.OK, self._faults.described())
        return _as_json(HTTPStatus.OK, {**said, "editions": self.editions})


def _as_json(status: HTTPStatus, content: Mapping[str, Any]) -> Answer:
    return Answer(status, {"Content-Type": "application/json"}, json.dumps(content).encode())


def _not_allowed(allowed: str) -> Answer:
    return Answer(HTTPStatus.METHOD_NOT_ALLOWED, {"Allow": allowed})


def _unless_had(due: Answer, headers: Mapping[str, str]) -> Answer:
    """The answer that is due, or 304 when the caller has it."""
    if due.status != HTTPStatus.OK or not _has_it(headers, due.headers):
        return due
    validators = {name: value for name, value in due.headers.items() if name in {"ETag", "Last-Modified"}}
    return replace(due, status=HTTPStatus.NOT_MODIFIED, headers=validators, body=b"")


def _has_it(asked: Mapping[str, str], due: Mapping[str, str]) -> bool:
    """Whether the caller's copy is current, by RFC 9110: the date counts only where no tag is given."""
    tags = asked.get("If-None-Match")
    if tags is not None:
        return any(tag.strip().removeprefix("W/") in {due.get("ETag"), "*"} for tag in tags.split(","))
    try:
        since, saved = (
            parsedate_to_datetime(said.get(name, ""))
            for said, name in ((asked, "If-Modified-Since"), (due, "Last-Modified"))
        )
    except ValueError:
        return False
    return saved.replace(tzinfo=UTC) <= since.replace(tzinfo=UTC)  # an HTTP date is GMT, whatever it calls itself


class _Handler(BaseHTTPRequestHandler):
    """HTTP around ``answer``: one request a connection."""

    protocol_version = "HTTP/1.1"
    server_version = "sanad-loopback-publisher"
    sys_version = ""
    timeout = 10

    def __init__(
        self,
        answer: Callable[[str, str, Mapping[str, str], bytes], Answer],
        stopping: threading.Event,
        *connection: Any,
    ) -> None:
        self._answer = answer
        self._stopping = stopping
        super().__init__(*connection)

    def __getattr__(self, name: str) -> Callable[[], None]:
        # the base class looks for do_GET, do_POST, ...; which methods there are is for ``answer`` to say
        if name.startswith("do_"):
            return self._respond
        raise AttributeError(name)

    def _respond(self) -> None:
        answer = self._answer(self.command, self.path, self.headers, self._read_body())  # type: ignore[arg-type]  # Message maps
        self.log_request(answer.status)
        headers = {"Date": self.date_time_string(), "Server": self.server_version, **answer.headers}
        if answer.status != HTTPStatus.NOT_MODIFIED and "Transfer-Encoding" not in headers:
            headers.setdefault("Content-Length", str(len(answer.body)))
        lines = [f"{self.protocol_version} {answer.status.value} {answer.status.phrase}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        head = "\r\n".join([*lines, "Connection: close", "", ""]).encode("latin-1")
        self.close_connection = True
        try:
            answer.deliver(self.connection, head, b"" if self.command == "HEAD" else answer.body, self._stopping)
        except OSError as error:  # the caller has hung up, as it may
            self.log_message("%s", error)

    def _read_body(self) -> bytes:
        # closing a connection with unread bytes would reset it, and the answer might be lost
        length = self.headers.get("Content-Length", "0")
        return self.rfile.read(min(int(length), _LONGEST_REQUEST_BODY)) if length.isdecimal() else b""

    def log_message(self, format: str, *args: Any) -> None:  # the base class's name for it
        _log.info("%s %s", self.headers.get("Host", "-") if hasattr(self, "headers") else "-", format % args)


def main() -> None:
    """Serve until SIGTERM or SIGINT; the first line on standard output is the address."""
    parser = argparse.ArgumentParser(prog="python -m sanad.local.publisher", description=__doc__.splitlines()[0])
    parser.add_argument("--port", type=int, default=0, help="a free port when 0 (the default)")
    parser.add_argument("--host", default=LOOPBACK, help="where to listen (%(default)s)")
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    with Publisher(arguments.port, arguments.host) as publisher:
        print(publisher.url, flush=True)
        stop.wait()


if __name__ == "__main__":
    main()
