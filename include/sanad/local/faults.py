"""What a publisher's server can do wrong: a table of named faults for the loopback publisher.

A fault changes the answer that is due (its status, headers or body) or the manner in which it goes over the wire.
Whether the caller has the answer already (304) is settled after the change, so that a fault in the validators
misleads as a real one would.
"""

from __future__ import annotations

import os
import secrets
import socket
import struct
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http import HTTPStatus

#: connection, head, body, and the event that says the server stops
Deliver = Callable[[socket.socket, bytes, bytes, threading.Event], None]

_PAGE = b"<!DOCTYPE html><html><body><h1>We are upgrading our website</h1></body></html>"
_OVERSIZE = 24 << 20
_LONGEST_WAIT_SECONDS = 90
_TRICKLE_BYTES, _TRICKLE_SECONDS = 4, 0.25


def whole(connection: socket.socket, head: bytes, body: bytes, stopping: threading.Event) -> None:
    """All of it, as it should be."""
    connection.sendall(head + body)


@dataclass(frozen=True)
class Answer:
    """What goes back for one request."""

    status: HTTPStatus
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    deliver: Deliver = whole


@dataclass(frozen=True)
class Fault:
    """``change`` makes the faulty answer from the one that is due and that of the dataset's first edition."""

    says: str
    change: Callable[[Answer, Answer], Answer]


def _nothing(connection: socket.socket, head: bytes, body: bytes, stopping: threading.Event) -> None:
    connection.settimeout(0.2)
    for _ in range(_LONGEST_WAIT_SECONDS * 5):
        with suppress(TimeoutError):
            if stopping.is_set() or not connection.recv(1):  # the caller has hung up
                return


def _half(connection: socket.socket, head: bytes, body: bytes, stopping: threading.Event) -> None:
    connection.sendall(head + body[: len(body) // 2])


def _trickle_body(connection: socket.socket, head: bytes, body: bytes, stopping: threading.Event) -> None:
    connection.sendall(head)
    _trickle(connection, b"", body, stopping)


def _trickle(connection: socket.socket, head: bytes, body: bytes, stopping: threading.Event) -> None:
    message = head + body
    enough = int(_LONGEST_WAIT_SECONDS / _TRICKLE_SECONDS) * _TRICKLE_BYTES
    for start in range(0, min(len(message), enough), _TRICKLE_BYTES):
        connection.sendall(message[start : start + _TRICKLE_BYTES])
        if stopping.wait(_TRICKLE_SECONDS):
            return


def _reset(connection: socket.socket, head: bytes, body: bytes, stopping: threading.Event) -> None:
    connection.sendall(head + body[: len(body) // 2])
    # closed while it lingers for no time: a RST goes out in place of a FIN
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    os.close(connection.detach())


def _garbage(connection: socket.socket, head: bytes, body: bytes, stopping: threading.Event) -> None:
    connection.sendall(b"\x00\xff220 mail.example.org ESMTP\r\n" * 4)


def _endless(connection: socket.socket, head: bytes, body: bytes, stopping: threading.Event) -> None:
    connection.sendall(head)
    block = bytes(1 << 16)
    for _ in range(_OVERSIZE * 4 // len(block)):
        connection.sendall(b"%x\r\n%b\r\n" % (len(block), block))


def _status(status: HTTPStatus, headers: Callable[[], dict[str, str]] = dict) -> Callable[[Answer, Answer], Answer]:
    return lambda due, first: Answer(status, headers())


def _to(location: str) -> Callable[[Answer, Answer], Answer]:
    return _status(HTTPStatus.FOUND, lambda: {"Location": location})


def _by(deliver: Deliver) -> Callable[[Answer, Answer], Answer]:
    return lambda due, first: replace(due, deliver=deliver)


def _with(due: Answer, body: bytes | None = None, **headers: str) -> Answer:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return replace(due, headers={**due.headers, **named}, body=due.body if body is None else body)


def _validators(answer: Answer, *wanted: str) -> dict[str, str]:
    return {name: answer.headers[name] for name in wanted or ("ETag", "Last-Modified") if name in answer.headers}


def _in_two_minutes() -> dict[str, str]:
    return {"Retry-After": format_datetime(datetime.now(UTC) + timedelta(minutes=2), usegmt=True)}


FAULTS: Mapping[str, Fault] = {
    "unasked_304": Fault("304, whether the caller has the file or not", _status(HTTPStatus.NOT_MODIFIED)),
    "status_403": Fault("403", _status(HTTPStatus.FORBIDDEN)),
    "status_404": Fault("404", _status(HTTPStatus.NOT_FOUND)),
    "status_429": Fault("429, Retry-After: 120", _status(HTTPStatus.TOO_MANY_REQUESTS, lambda: {"Retry-After": "120"})),
    "status_500": Fault("500", _status(HTTPStatus.INTERNAL_SERVER_ERROR)),
    "status_503": Fault(
        "503, Retry-After: the date in two minutes", _status(HTTPStatus.SERVICE_UNAVAILABLE, _in_two_minutes)
    ),
    "no_answer": Fault("takes the request and says nothing", _by(_nothing)),
    "cut_short": Fault("closes the connection after half the body", _by(_half)),
    "trickle": Fault("the body at sixteen bytes a second", _by(_trickle_body)),
    "trickle_headers": Fault("all of it, headers first, at sixteen bytes a second", _by(_trickle)),
    "reset": Fault("resets the connection after half the body", _by(_reset)),
    "garbage": Fault("something that is not HTTP", _by(_garbage)),
    "redirect_loop": Fault("redirects to itself", _to("?again")),
    "redirect_private": Fault("redirects to a private address", _to("http://10.0.0.1/dt.xls")),
    "redirect_loopback": Fault("redirects to the caller's own machine", _to("https://127.0.0.1/_control/state")),
    "redirect_foreign": Fault("redirects to somebody else's site", _to("https://www.example.org/dt.xls")),
    "redirect_nonsense": Fault("redirects to no address at all", _to("https://www.sbp.org.pk:port/")),
    "length_too_large": Fault(
        "states 1,000 bytes more than it sends",
        lambda due, first: _with(due, Content_Length=str(len(due.body) + 1000)),
    ),
    "length_too_small": Fault(
        "states half the bytes it sends", lambda due, first: _with(due, Content_Length=str(len(due.body) // 2))
    ),
    "html_page": Fault(
        "an HTML page with status 200, also where nothing is published",
        lambda due, first: replace(_with(due, _PAGE, Content_Type="text/html; charset=utf-8"), status=HTTPStatus.OK),
    ),
    "html_as_workbook": Fault("an HTML page with the workbook's type", lambda due, first: _with(due, _PAGE)),
    "workbook_as_html": Fault("the workbook as text/html", lambda due, first: _with(due, Content_Type="text/html")),
    "changed_etag": Fault(
        "another ETag each time for the same bytes",
        lambda due, first: _with(due, ETag=f'"{secrets.token_hex(8)}"'),
    ),
    "same_etag": Fault(
        "the first edition's ETag and Last-Modified for every edition",
        lambda due, first: replace(due, headers={**due.headers, **_validators(first)}),
    ),
    "same_etag_new_date": Fault(
        "the first edition's ETag for every edition, with its own Last-Modified",
        lambda due, first: replace(due, headers={**due.headers, **_validators(first, "ETag")}),
    ),
    "odd_headers": Fault(
        "an ETag outside ASCII and a Last-Modified that is no date",
        lambda due, first: _with(due, ETag='"r\xe9vision"', Last_Modified="Fri, 31 Dec 9999 23:59:59 -0000"),
    ),
    "oversized": Fault(
        "the file and zeros up to 24 MiB", lambda due, first: _with(due, due.body.ljust(_OVERSIZE, b"\x00"))
    ),
    "endless": Fault(
        "zeros without a stated length",
        lambda due, first: replace(_with(due, Transfer_Encoding="chunked"), deliver=_endless),
    ),
    "empty": Fault("200 with the file's headers and no byte", lambda due, first: _with(due, b"")),
}


class FaultTable:
    """Which address misbehaves how, and how many times more."""

    def __init__(self) -> None:
        self._set: dict[tuple[str, str], tuple[str, int | None]] = {}
        self._lock = threading.Lock()

    def set(self, host: str, path: str, fault: str, times: int | None = None) -> None:
        """Let an address misbehave ``times`` times (None: until told otherwise); ``none`` ends it.

        ValueError for a fault that is not in the table, or fewer times than one.
        """
        if fault != "none" and fault not in FAULTS:
            raise ValueError(f"no fault '{fault}': there are none, {', '.join(FAULTS)}")
        if times is not None and times < 1:
            raise ValueError(f"times: expected 1 or more, found {times}")
        with self._lock:
            self._set.pop((host.lower(), path), None)
            if fault != "none":
                self._set[host.lower(), path] = fault, times

    def clear(self) -> None:
        """Every address behaves again."""
        with self._lock:
            self._set.clear()

    def take(self, host: str, path: str) -> Fault | None:
        """The fault of the next answer from an address, counted down."""
        with self._lock:
            name, times = self._set.get((host, path), ("none", None))
            if times is not None:
                del self._set[host, path]
                if times > 1:
                    self._set[host, path] = name, times - 1
        return FAULTS.get(name)

    def described(self) -> dict[str, object]:
        """What there is and what is set, for the control."""
        with self._lock:
            standing = [
                {"host": host, "path": path, "fault": name, "times": times}
                for (host, path), (name, times) in self._set.items()
            ]
        return {"faults": {name: fault.says for name, fault in FAULTS.items()}, "set": standing}
