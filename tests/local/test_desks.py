"""PSEB's pages on the loopback publisher, over real connections: their shapes, and their traps."""

import http.client
import json
import re
from urllib.parse import urlencode

import pytest

from sanad.local import registers
from sanad.local.publisher import Publisher
from sanad.local.registers import certificate

TECH_HUB, PORTAL = "techdestination.com", "api.techdestination.com"
AJAX, VERIFY = "/wp-admin/admin-ajax.php", "/api/verify-certificate"
FIRST, *_, LAST = registers.plan().editions


@pytest.fixture(scope="module")
def server():
    with Publisher() as running:
        yield running


@pytest.fixture
def publisher(server):
    server.rewind()
    return server


def ask(publisher, method, host, path, body=None, **headers):
    connection = http.client.HTTPConnection(publisher.url.removeprefix("http://"), timeout=10)
    connection.request(method, path, body=body, headers={"Host": host, **headers})
    response = connection.getresponse()
    content = response.read()
    connection.close()
    return response.status, response.headers, content


def act(publisher, **form):
    typed = {"Content-Type": "application/x-www-form-urlencoded"}
    fields = {"locations[]" if name == "place" else name: value for name, value in form.items()}
    return ask(publisher, "POST", TECH_HUB, AJAX, urlencode(fields), **typed)


def search(publisher, place):
    return act(publisher, action="search_company_on_change", search="", place=place)


def places(html):
    return set(re.findall(r"class='location'>([^<]*)<", html))


def test_the_page_under_both_its_names(publisher):
    status, headers, content = ask(publisher, "GET", TECH_HUB, "/tech-hub-portal/")
    assert (status, headers["Content-Type"]) == (200, "text/html; charset=UTF-8")
    assert headers["X-Sanad-Origin"] == "synthetic"
    assert headers["Last-Modified"] == "Tue, 05 Sep 2023 06:30:00 GMT"
    assert content.count(b"tech-api-profile") == 45
    assert ask(publisher, "GET", TECH_HUB, "/profiles/")[2] == content
    publisher.advance()
    assert ask(publisher, "GET", TECH_HUB, "/tech-hub-portal/")[2] != content


def test_the_action_answers_a_form(publisher):
    status, headers, content = search(publisher, "Karachi")
    assert (status, headers["Content-Type"]) == (200, "application/json; charset=UTF-8")
    assert headers["X-Sanad-Origin"] == "synthetic"
    answer = json.loads(content)
    assert list(answer) == ["html"]
    assert places(answer["html"]) == {"Karachi"}
    assert "tech-user-profile" in answer["html"]
    assert json.loads(act(publisher, action="search_company_on_change", search="sigma")[2])["html"]


@pytest.mark.parametrize("method", ["GET", "PUT"])
def test_the_action_takes_nothing_but_forms(publisher, method):
    status, headers, _ = ask(publisher, method, TECH_HUB, AJAX)
    assert (status, headers["Allow"]) == (405, "POST")
    assert ask(publisher, "POST", TECH_HUB, "/tech-hub-portal/")[0] == 405


@pytest.mark.parametrize("form", [{}, {"action": "unheard_of"}, {"action": "load_more_company", "page": "x"}])
def test_an_unknown_action_is_answered_as_wordpress_does(publisher, form):
    status, headers, content = act(publisher, **form)
    assert (status, content) == (400, b"0")
    assert headers["Content-Type"] == "text/html; charset=UTF-8"


def test_the_traps_are_served(publisher):
    status, headers, content = search(publisher, "Sher Shah Town")
    assert (status, headers["Content-Type"], content) == (200, "text/html; charset=UTF-8", b"0")
    assert search(publisher, "Chilton Town")[2] == search(publisher, "Zarghoon Town")[2]
    more = json.loads(act(publisher, action="load_more_company", page="2", place="Karachi")[2])["html"]
    assert len(places(more)) > 1
    persons = json.loads(act(publisher, action="search_user_on_change")[2])["html"]
    assert "tech-user-profile" in persons


def verify(publisher, token):
    body = json.dumps({"token": token})
    return ask(publisher, "POST", PORTAL, VERIFY, body, **{"Content-Type": "application/json"})


def test_a_certificate_is_verified_at_the_edition_the_publisher_is_at(publisher):
    one = next(
        one
        for one in registers.registered(FIRST.month, "company")
        if one.active(FIRST.month) and not one.active(FIRST.month + 6)
    )
    token = certificate.token(one, FIRST)
    status, headers, content = verify(publisher, token)
    assert (status, headers["Content-Type"]) == (200, "application/json; charset=utf-8")
    answer = json.loads(content)
    assert answer["message"] == "Certificate verified successfully"
    assert (answer["data"]["registrationNo"], answer["data"]["isValid"]) == (one.certificate_no, True)
    publisher.advance()
    answer = json.loads(verify(publisher, token)[2])
    assert (answer["message"], answer["data"]["isValid"]) == ("Certificate is not valid", False)
    assert verify(publisher, token + "x")[0] == 400
    assert ask(publisher, "POST", PORTAL, VERIFY, "no json")[0] == 400


def test_an_address_that_takes_forms_can_misbehave_too(publisher):
    publisher.fault(TECH_HUB, AJAX, "html_page", times=1)
    assert search(publisher, "Karachi")[2].startswith(b"<!DOCTYPE html>")
    assert search(publisher, "Karachi")[2].startswith(b"{")
    publisher.fault(TECH_HUB, AJAX, "status_503")
    status, headers, _ = search(publisher, "Karachi")
    assert (status, "Retry-After" in headers) == (503, True)


def test_a_page_can_be_frozen(publisher):
    content = ask(publisher, "GET", TECH_HUB, "/tech-hub-portal/")[2]
    publisher.freeze("mirror.example", "/", registers.TECH_HUB)
    publisher.advance()
    assert ask(publisher, "GET", "mirror.example", "/")[2] == content
