"""One conditional GET: bounded in time and size, to public addresses only unless a connection says otherwise."""

from __future__ import annotations

import ipaddress
import socket
import time
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from urllib.parse import urljoin, urlsplit, urlunsplit

import httpx

from sanad import __version__
from sanad.words import settings
from sanad.words.errors import SanadError

REDIRECTS = 5
_TRANSIENT_STATUS = frozenset({408, 425, 429, 500, 502, 503, 504})


class TransientFetchError(SanadError):
    """The publisher may answer if asked again: a time-out, a broken connection, 429, 5xx."""


class FinalFetchError(SanadError):
    """Asking again changes nothing: 404, a body over the limit, an address that is refused."""


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
        """The instant of Last-Modified; None when it is absent or no date."""
        try:
            return parsedate_to_datetime(self.last_modified) if self.last_modified else None
        except ValueError:
            return None


def fetch(
    url: str,
    *,
    max_bytes: int,
    timeout_seconds: float,
    etag: str | None = None,
    last_modified: str | None = None,
    via: Via | None = None,
) -> Response:
    """GET a URL, following at most five redirects; validators of the last answer make it conditional.

    TransientFetchError and FinalFetchError say what was asked, what was expected and what came.
    ``timeout_seconds`` bounds the whole answer, not only each read, so a server that trickles is cut off too.
    """
    headers = {"User-Agent": user_agent(), "Accept-Encoding": "identity"}
    if etag:
        headers["If-None-Match"] = etag
    if last_modified:
        headers["If-Modified-Since"] = last_modified
    deadline = time.monotonic() + timeout_seconds
    with httpx.Client(timeout=min(timeout_seconds, 20), trust_env=via is None, follow_redirects=False) as client:
        target = url
        for _ in range(REDIRECTS + 1):
            answer = _ask(client, target, headers, max_bytes, deadline, via)
            if isinstance(answer, Response):
                return answer
            target = urljoin(target, answer)
    raise FinalFetchError(f"{url}: expected the file within {REDIRECTS} redirects, found one more to {target}")


def _ask(
    client: httpx.Client, url: str, headers: dict[str, str], max_bytes: int, deadline: float, via: Via | None
) -> Response | str:
    """The answer, or the address it redirects to."""
    address = _routed(url, via)
    if not (via and via.allow_private):
        _refuse_private(url)
    try:
        with client.stream("GET", address, headers={**headers, "Host": urlsplit(url).netloc}) as answer:
            if answer.has_redirect_location:
                return answer.headers["location"]
            _check_status(url, answer)
            content = b"" if answer.status_code == 304 else _body(url, answer, max_bytes, deadline)
    except httpx.TransportError as error:
        raise TransientFetchError(f"{url}: expected an answer, found {type(error).__name__}: {error}") from error
    return Response(
        answer.status_code,
        content,
        answer.headers.get("etag"),
        answer.headers.get("last-modified"),
        answer.headers.get("content-type", "application/octet-stream").partition(";")[0],
        answer.headers.get("x-sanad-origin") if via and via.trust_origin else None,
    )


def _routed(url: str, via: Via | None) -> str:
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"}:
        raise FinalFetchError(f"{url}: expected an http or https address")
    if via is None:
        return url
    base = urlsplit(via.base_url)
    return urlunsplit((base.scheme, base.netloc, parts.path, parts.query, ""))


def _refuse_private(url: str) -> None:
    """No request leaves for an address inside somebody's network, whatever a redirect says."""
    parts = urlsplit(url)
    try:
        found = socket.getaddrinfo(parts.hostname, parts.port or 443, type=socket.SOCK_STREAM)
    except OSError as error:
        raise TransientFetchError(f"{url}: the name {parts.hostname} was not found: {error}") from error
    for *_, address in found:
        if not ipaddress.ip_address(address[0]).is_global:
            raise FinalFetchError(f"{url}: expected a public address, found {address[0]}")


def _check_status(url: str, answer: httpx.Response) -> None:
    if answer.status_code in {200, 304}:
        return
    message = f"{url}: expected 200 or 304, found {answer.status_code} {answer.reason_phrase}"
    raise (TransientFetchError if answer.status_code in _TRANSIENT_STATUS else FinalFetchError)(message)


def _body(url: str, answer: httpx.Response, max_bytes: int, deadline: float) -> bytes:
    content = bytearray()
    for chunk in answer.iter_raw():
        content += chunk
        if len(content) > max_bytes:
            raise FinalFetchError(f"{url}: expected at most {max_bytes:,} bytes, found more")
        if time.monotonic() > deadline:
            raise TransientFetchError(f"{url}: the answer was not whole in time, {len(content):,} bytes had come")
    return bytes(content)
