"""The loopback publisher, over real connections."""

import hashlib
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest

from sanad.local import bundled
from sanad.local.publisher import Publisher

DATASET = "sbp/trade_in_services"
SBP = "www.sbp.org.pk"
TECH_HUB = "pseb/tech_hub"
ONE_EDITION = {"sbp/bop_summary": "2026-03", "sbp/exchange_rates": "2026-03"}
EDITIONS = {DATASET: "2026-02", TECH_HUB: "2023-09", "pseb/certificate": "2023-09", **ONE_EDITION}
PATH = "/ecodata/dt.xls"
PROJECT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def server():
    with Publisher() as running:
        yield running


@pytest.fixture
def publisher(server):
    server.rewind()
    return server


def ask(url, method="GET", path=PATH, host=SBP, body=None, **headers):
    """(status, headers, body); ``host`` None means the loopback address itself."""
    connection = http.client.HTTPConnection(url.removeprefix("http://"), timeout=10)
    if host is not None:
        headers["Host"] = host
    connection.request(method, path, body=body, headers={name.replace("_", "-"): at for name, at in headers.items()})
    response = connection.getresponse()
    content = response.read()
    connection.close()
    return response.status, response.headers, content


def control(url, method, name):
    status, headers, content = ask(url, method, f"/_control/{name}", host=None)
    assert status == 200
    assert headers["Content-Type"] == "application/json"
    return json.loads(content)


def test_the_first_edition_with_its_headers(publisher):
    status, headers, content = ask(publisher.url)
    assert status == 200
    assert content == bundled.render(bundled.editions(DATASET)[0])
    assert headers["Content-Type"] == "application/vnd.ms-excel"
    assert headers["Content-Length"] == str(len(content))
    assert headers["ETag"] == f'"{hashlib.sha256(content).hexdigest()}"'
    assert headers["Last-Modified"] == "Tue, 17 Mar 2026 09:12:50 GMT"
    assert headers["X-Sanad-Origin"] == "transcribed"


@pytest.mark.parametrize("host", ["WWW.SBP.ORG.PK", "www.sbp.org.pk:80"])
def test_a_host_is_matched_as_hosts_are(publisher, host):
    assert ask(publisher.url, host=host)[0] == 200


def test_only_the_loopback_interface_listens(publisher):
    assert publisher.url.startswith("http://127.0.0.1:")


def test_head_says_the_same_without_a_body(publisher):
    _, got, content = ask(publisher.url)
    status, headers, nothing = ask(publisher.url, "HEAD")
    assert (status, nothing) == (200, b"")
    for name in ("Content-Type", "Content-Length", "ETag", "Last-Modified", "X-Sanad-Origin"):
        assert headers[name] == got[name]
    assert headers["Content-Length"] == str(len(content))


def test_a_head_answer_ends_with_its_headers(publisher):
    address = publisher.url.removeprefix("http://").split(":")
    with socket.create_connection((address[0], int(address[1])), timeout=10) as raw:
        raw.sendall(f"HEAD {PATH} HTTP/1.1\r\nHost: {SBP}\r\n\r\n".encode())
        received = b"".join(iter(lambda: raw.recv(65536), b""))
    assert received.endswith(b"\r\n\r\n")


def test_what_the_caller_has_is_not_sent_again(publisher):
    tag = ask(publisher.url)[1]["ETag"]
    for given in (tag, f'"other", W/{tag}', "*"):
        status, headers, content = ask(publisher.url, If_None_Match=given)
        assert (status, content, headers["ETag"]) == (304, b"", tag)
    assert ask(publisher.url, If_None_Match='"other"')[0] == 200


def test_not_modified_since(publisher):
    saved = bundled.editions(DATASET)[0].last_saved
    second = timedelta(seconds=1)
    assert ask(publisher.url, If_Modified_Since=format_datetime(saved, usegmt=True))[0] == 304
    assert ask(publisher.url, If_Modified_Since=format_datetime(saved + second, usegmt=True))[0] == 304
    assert ask(publisher.url, If_Modified_Since=format_datetime(saved - second, usegmt=True))[0] == 200
    assert ask(publisher.url, If_Modified_Since="yesterday")[0] == 200


def test_the_tag_outweighs_the_date(publisher):
    later = format_datetime(datetime(2030, 1, 1, tzinfo=UTC), usegmt=True)
    assert ask(publisher.url, If_None_Match='"other"', If_Modified_Since=later)[0] == 200


@pytest.mark.parametrize(
    ("host", "path"),
    [
        (SBP, "/assets/document/dt.xls"),
        ("archive.sbp.org.pk", PATH),
        ("example.org", PATH),
        (SBP, "/"),
        (SBP, "/ecodata/../ecodata/dt.xls"),
        (SBP, "/ecodata/%2e%2e/dt.xls"),
        (SBP, "/../../../../etc/passwd"),
        (SBP, "//etc/passwd"),
        (None, PATH),
        (None, "/_control/../state"),
        (None, "/_control/"),
    ],
)
def test_everything_else_is_not_found(publisher, host, path):
    status, _, content = ask(publisher.url, path=path, host=host)
    assert (status, content) == (404, b"")


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "BREW"])
def test_other_methods_are_not_allowed(publisher, method):
    status, headers, _ = ask(publisher.url, method, body=b"x" * 1000)
    assert (status, headers["Allow"]) == (405, "GET, HEAD")


def test_the_control_has_its_methods_too(publisher):
    assert ask(publisher.url, "GET", "/_control/advance", host=None)[0] == 405
    assert ask(publisher.url, "POST", "/_control/state", host=None)[0] == 405
    assert publisher.editions == EDITIONS


@pytest.mark.parametrize(("method", "name"), [("POST", "advance"), ("POST", "rewind"), ("GET", "state")])
def test_a_publisher_has_no_control(publisher, method, name):
    assert ask(publisher.url, method, f"/_control/{name}")[0] == 404
    assert publisher.editions == EDITIONS


def test_advancing_changes_what_is_served_and_stops_at_the_last(publisher):
    _, first, old = ask(publisher.url)
    assert control(publisher.url, "GET", "state") == {"editions": EDITIONS}
    advanced = {DATASET: "2026-03", TECH_HUB: "2024-03", "pseb/certificate": "2024-03", **ONE_EDITION}
    assert control(publisher.url, "POST", "advance") == {"advanced": True, "editions": advanced}
    status, second, new = ask(publisher.url, If_None_Match=first["ETag"])
    assert status == 200
    assert new == bundled.render(bundled.editions(DATASET)[1]) != old
    assert second["ETag"] != first["ETag"]
    assert second["Last-Modified"] == "Fri, 17 Apr 2026 07:40:05 GMT"
    for _ in range(4):
        assert control(publisher.url, "POST", "advance")["advanced"] is True
    last = {DATASET: "2026-03", TECH_HUB: "2026-03", "pseb/certificate": "2026-03", **ONE_EDITION}
    assert control(publisher.url, "POST", "advance") == {"advanced": False, "editions": last}
    assert ask(publisher.url)[2] == new
    assert control(publisher.url, "POST", "rewind") == {"editions": EDITIONS}
    assert ask(publisher.url)[2] == old


def test_code_may_advance_it(publisher):
    assert [publisher.advance() for _ in range(6)] == [True] * 5 + [False]
    assert publisher.editions[DATASET] == "2026-03"
    publisher.rewind()
    assert publisher.editions == EDITIONS


def test_it_is_gone_after_the_block():
    with Publisher() as publisher:
        url = publisher.url
    with pytest.raises(ConnectionRefusedError):
        ask(url)
    with pytest.raises(RuntimeError):
        _ = publisher.url


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_process_of_its_own_ends_cleanly(number):
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    process = subprocess.Popen(
        [sys.executable, "-m", "sanad.local.publisher", "--port", str(port)],
        env=os.environ | {"PYTHONPATH": str(PROJECT / "include")},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        url = process.stdout.readline().strip()
        assert url == f"http://127.0.0.1:{port}"
        assert ask(url)[0] == 200
        process.send_signal(number)
        _, log = process.communicate(timeout=20)
    finally:
        process.kill()
        process.wait()
    assert process.returncode == 0
    assert "Traceback" not in log
    assert "www.sbp.org.pk" in log
