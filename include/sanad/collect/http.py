"""One conditional GET, or one form sent: bounded in time and size.

Requests leave for public addresses only, unless a connection says otherwise.
"""

from __future__ import annotations

import ipaddress
import socket
import threading
from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit, urlunsplit

import httpx
from httpx import codes

from sanad import __version__
from sanad.words import settings
from sanad.words.errors import SanadError
from sanad.words.personal import scrub

REDIRECTS = 5
#: No Retry-After is believed beyond this: the next cycle comes sooner.
LONGEST_RETRY_AFTER_SECONDS = 86_400.0
_TRANSIENT_STATUS = frozenset({408, 425, 429, 500, 502, 503, 504})
#: The statuses that are often gone a second later; the others ask for patience.
_PASSING_STATUS = frozenset({500, 502, 504})


class FetchError(SanadError):
    """An address gave no file; ``status`` is what it answered, None when no answer came."""

    def __init__(self, message: str, status: int | None = None) -> None:
        super().__init__(message)
        self.status = status


class TransientFetchError(FetchError):
    """The publisher may answer if asked again: a time-out, a broken connection, 408, 425, 429, 5xx.

    ``retry_after_seconds`` is the least wait the publisher asks for (Retry-After), None when it asks for none;
    ``passing`` marks what is often over in a second, so that one more try at once is worth it.
    """

    def __init__(
        self,
        message: str,
        status: int | None = None,
        *,
        retry_after_seconds: float | None = None,
        passing: bool = False,
    ) -> None:
        super().__init__(message, status)
        self.retry_after_seconds = retry_after_seconds
        self.passing = passing


class FinalFetchError(FetchError):
    """Asking again changes nothing: 404 and its like."""


class RefusedFetchError(FinalFetchError):
    """An answer came and was not taken: over the size limit, redirected where we do not follow, 304 unasked."""


def user_agent() -> str:
    """Who we are, and whom a publisher can write to."""
    return f"sanad/{__version__} (warehouse of services exports; contact: {settings.contact()})"


@dataclass(frozen=True)
class Via:
    """Where requests for a publisher really go: written by ``sanad.local`` for the loopback publisher.

    The publisher's own host stays in the ``Host`` header. Only such a connection may reach private addresses, and
    only its answers may say that the bytes are not the publisher's own (``X-Sanad-Origin``).
    """

    base_url: str
    allow_private: bool = False
    trust_origin: bool = False


@dataclass(frozen=True)
class Response:
    """An answer: 200 with content, or 304 without. Times are as the server sent them."""

    status: int
    content: bytes
    etag: str | None
    last_modified: str | None
    media_type: str
    origin: str | None

    @property
    def last_modified_at(self) -> datetime | None:
        """The instant of Last-Modified; None when it is absent or no believable date."""
        return _http_date(self.last_modified)


def _http_date(text: str | None) -> datetime | None:
    """An HTTP date, always UTC; None for what is no date, or one at the ends of a broken clock."""
    try:
        found = parsedate_to_datetime(text) if text else None
    except (ValueError, OverflowError):
        return None
    if found is None or not 1980 < found.year < 9999:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


class _Deadline:
    """Cuts the connection when an answer's time is up.

    httpx counts the time of each read alone, so a server that trickles, in its headers or its body, could hold us
    for days. The socket is learnt from httpx's trace of its own events.
    """

    def __init__(self, seconds: float) -> None:
        self.passed = False
        self._socket: socket.socket | None = None
        self._timer = threading.Timer(seconds, self._cut)
        self._timer.daemon = True

    def __enter__(self) -> Self:
        self._timer.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._timer.cancel()

    def watch(self, event: str, info: dict[str, Any]) -> None:
        """httpx's trace: keep the newest connection's socket."""
        if event.endswith(("connect_tcp.complete", "start_tls.complete")):
            self._socket = info["return_value"].get_extra_info("socket")
            if self.passed:
                self._cut()

    def _cut(self) -> None:
        self.passed = True
        if self._socket is not None:
            with suppress(OSError):
                socket.socket.shutdown(self._socket, socket.SHUT_RDWR)  # below TLS, which would wait for the peer


def fetch(
    url: str,
    *,
    max_bytes: int,
    timeout_seconds: float,
    etag: str | None = None,
    last_modified: str | None = None,
    form: Mapping[str, str] | None = None,
    headers: Mapping[str, str] | None = None,
    via: Via | None = None,
    hosts: Collection[str] = (),
) -> Response:
    """GET a URL once, following at most five redirects; validators of the last answer make it conditional.

    With a ``form`` it is POSTed, and no redirect is followed. ``headers`` are sent beside our own.

    A redirect may lead to the URL's own host, to ``hosts`` and to hosts below any of them, never from https to http.
    ``timeout_seconds`` bounds the whole answer, not only each read, so a server that trickles is cut off too.
    TransientFetchError, FinalFetchError and RefusedFetchError say what was asked, what was expected and what came.
    """
    sent = {**(headers or {}), "User-Agent": user_agent(), "Accept-Encoding": "identity"}
    if etag:
        sent["If-None-Match"] = etag
    if last_modified:
        sent["If-Modified-Since"] = last_modified
    sites = {host.removeprefix("www.") for host in (*hosts, urlsplit(url).hostname or "")}
    target = url
    with (
        _Deadline(timeout_seconds) as deadline,
        httpx.Client(timeout=min(timeout_seconds, 20), trust_env=via is None, follow_redirects=False) as client,
    ):
        for _ in range(REDIRECTS + 1):
            try:
                answer = _ask(client, target, form, sent, max_bytes, deadline, via)
            except httpx.TransportError as error:
                raise _broken(target, error, timeout_seconds, deadline) from error
            if deadline.passed:  # a cut connection can look like the end of a body of unstated length
                raise _broken(target, None, timeout_seconds, deadline)
            if isinstance(answer, Response):
                return answer
            if form is not None:
                raise RefusedFetchError(f"{url}: expected an answer to a form, found a redirect")
            target = _redirected(target, answer, sites)
    raise RefusedFetchError(f"{url}: expected the file within {REDIRECTS} redirects, found one more to {target}")


def _broken(url: str, error: httpx.TransportError | None, seconds: float, deadline: _Deadline) -> TransientFetchError:
    if deadline.passed:
        return TransientFetchError(f"{url}: expected a whole answer within {seconds:g} s, found it unfinished")
    return TransientFetchError(
        f"{url}: expected an answer, found {type(error).__name__}: {_unquoted(error)}",
        passing=not isinstance(error, httpx.TimeoutException),
    )


def _unquoted(error: httpx.TransportError | None) -> str:
    """A library's words without the server's, which may be anything."""
    return str(error).partition(" bytearray(")[0]


def _ask(
    client: httpx.Client,
    url: str,
    form: Mapping[str, str] | None,
    headers: dict[str, str],
    max_bytes: int,
    deadline: _Deadline,
    via: Via | None,
) -> Response | str:
    """The answer, or the address it redirects to."""
    address = _routed(url, via)
    if not (via and via.allow_private):
        _refuse_private(url)
    with client.stream(
        "GET" if form is None else "POST",
        address,
        data=form,
        headers={**headers, "Host": urlsplit(url).netloc},
        extensions={"trace": deadline.watch},
    ) as answer:
        if answer.has_redirect_location:
            return str(answer.headers["location"])
        _check_status(url, answer)
        content = b"" if answer.status_code == 304 else _body(url, answer, max_bytes)
    return Response(
        answer.status_code,
        content,
        _sendable(answer.headers.get("etag")),
        _sendable(answer.headers.get("last-modified")),
        answer.headers.get("content-type", "application/octet-stream").partition(";")[0],
        answer.headers.get("x-sanad-origin") if via and via.trust_origin else None,
    )


def _sendable(validator: str | None) -> str | None:
    """A validator that can be sent back as it came; one outside ASCII is none."""
    return validator if validator and validator.isascii() else None


def _routed(url: str, via: Via | None) -> str:
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"}:
        raise RefusedFetchError(f"{url}: expected an http or https address")
    if via is None:
        return url
    base = urlsplit(via.base_url)
    return urlunsplit((base.scheme, base.netloc, parts.path, parts.query, ""))


def _redirected(url: str, location: str, sites: Collection[str]) -> str:
    """The address a redirect leads to, if it is one to follow: no publisher's server sends us to somebody else's."""
    asked, target = httpx.URL(url), httpx.URL(url).join(location)  # httpx has seen that it is an address
    if not any(target.host == site or target.host.endswith(f".{site}") for site in sites):
        raise RefusedFetchError(
            f"{url}: expected redirects to stay with {', '.join(sorted(sites))}, found one to {_address(target)}"
        )
    if target.scheme not in {asked.scheme, "https"}:
        raise RefusedFetchError(f"{url}: expected redirects to stay with https, found one to {_address(target)}")
    return str(target)


def _address(url: httpx.URL) -> str:
    """Where a redirect leads, without the question behind it."""
    return repr(scrub(str(url.copy_with(query=None, fragment=None))).text)[:200]


def _refuse_private(url: str) -> None:
    """No request leaves for an address inside somebody's network, whatever a redirect says."""
    parts = urlsplit(url)
    try:
        found = socket.getaddrinfo(parts.hostname, parts.port or 443, type=socket.SOCK_STREAM)
    except OSError as error:
        raise TransientFetchError(f"{url}: the name {parts.hostname} was not found: {error}") from error
    for *_, address in found:
        if not ipaddress.ip_address(address[0]).is_global:
            raise RefusedFetchError(f"{url}: expected a public address, found {address[0]}")


def _check_status(url: str, answer: httpx.Response) -> None:
    status = answer.status_code
    asked_if_changed = {"if-none-match", "if-modified-since"} & set(answer.request.headers)
    if status == 304 and not asked_if_changed:
        # a cache gone wrong: taken for "nothing new", it would look like a publisher that publishes no more
        raise RefusedFetchError(f"{url}: expected the file, found 304 Not Modified though nothing was compared", status)
    if status in {200, 304}:
        return
    message = f"{url}: expected 200 or 304, found {status} {codes.get_reason_phrase(status)}"
    if status not in _TRANSIENT_STATUS:
        raise FinalFetchError(message, status)
    wait = _retry_after(answer.headers.get("retry-after", "").strip())
    raise TransientFetchError(
        message, status, retry_after_seconds=wait, passing=wait is None and status in _PASSING_STATUS
    )


def _retry_after(said: str) -> float | None:
    """Retry-After in seconds, from seconds or a date; None when it says neither."""
    if said.isdecimal():
        return min(float(said), LONGEST_RETRY_AFTER_SECONDS)
    until = _http_date(said)
    if until is None:
        return None
    return min(max((until - datetime.now(UTC)).total_seconds(), 0.0), LONGEST_RETRY_AFTER_SECONDS)


def _body(url: str, answer: httpx.Response, max_bytes: int) -> bytes:
    stated = answer.headers.get("content-length", "0")
    if stated.isdecimal() and int(stated) > max_bytes:
        raise RefusedFetchError(
            f"{url}: expected at most {max_bytes:,} bytes, found {int(stated):,} stated", answer.status_code
        )
    content = bytearray()
    for chunk in answer.iter_raw():
        content += chunk
        if len(content) > max_bytes:
            raise RefusedFetchError(f"{url}: expected at most {max_bytes:,} bytes, found more", answer.status_code)
    return bytes(content)
