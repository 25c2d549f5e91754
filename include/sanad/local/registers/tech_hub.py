"""The Tech Hub's directory: a page of cards of three kinds, and the action that answers a search with more of them.

The class names, one of them misspelt, the words on the cards and the traps are the site's. Where nobody has written
down what the site does, this is what ours does: a search by a city also brings cards of the other two kinds, one by a
town companies alone; the seats and the CSR agents of a call centre stand where a company's staff does; "load more" is
an action of the name below.
"""

from __future__ import annotations

import html
import json
from collections.abc import Iterable
from functools import cache

from sanad.local.registers.plan import Edition, plan
from sanad.local.registers.population import Kind, Registrant, registered

SEARCH, LOAD_MORE, FREELANCERS = "search_company_on_change", "load_more_company", "search_user_on_change"
#: What WordPress answers when nothing handles an action.
UNHANDLED = b"0"
_CONTAINERS: dict[Kind, str] = {
    "company": "tech-company-profile",
    "call_centre": "tech-callcenter-profile",
    "freelancer": "tech-user-profile",
}


def page(edition: Edition) -> bytes:
    """The portal's page: the form's places, and the first cards of each kind, all in the HTML."""
    words = plan().words
    places = "".join(f"<option>{html.escape(place)}</option>" for place in _places())
    shown = words["tech_hub"]["page_of_each_kind"]
    cards = "".join(_container(kind, listed(edition, kind)[:shown], edition) for kind in _CONTAINERS)
    head = "<head><meta charset='utf-8'><title>Tech Hub Portal</title></head>"
    form = f"<form id='tech-hub-search'><select name='locations[]' multiple>{places}</select></form>"
    body = f"<body>\n<p>{html.escape(words['notice'])}</p>\n{form}\n{cards}<button>Load More</button>\n</body>"
    return f"<!DOCTYPE html>\n<html>\n{head}\n{body}\n</html>\n".encode()


def search(edition: Edition, place: str, text: str = "") -> bytes:
    """The answer to a search by place and by a part of the name; an empty place is every place.

    Only the first page of results comes.
    """
    traps = plan().words["tech_hub"]
    if place in traps["not_json"]:
        return UNHANDLED
    if place in traps["filter_dropped"]:
        place = ""
    first = traps["first_page"]
    named = [one for one in listed(edition, "company") if text.lower() in one.stem.lower()]
    found = [one for one in named if place in {"", located(one, edition)}]
    containers = [_container("company", found[:first], edition)]
    if place in plan().cities:
        for kind in ("call_centre", "freelancer"):
            others = [one for one in listed(edition, kind) if located(one, edition) == place]
            containers.append(_container(kind, others[: traps["page_of_each_kind"] // 3], edition))
    return _reply(containers)


def load_more(edition: Edition, page_number: int) -> bytes:
    """A further page of companies, from 2 on: whatever place was searched for, of every place."""
    first = plan().words["tech_hub"]["first_page"]
    companies = listed(edition, "company")[(page_number - 1) * first : page_number * first]
    return _reply([_container("company", companies, edition)])


def freelancers(edition: Edition) -> bytes:
    """Freelancers' cards, for whoever asks for them; Sanad does not."""
    return _reply([_container("freelancer", listed(edition, "freelancer"), edition)])


@cache
def listed(edition: Edition, kind: Kind) -> tuple[Registrant, ...]:
    """Those with a card: registered now, and not too shy."""
    share = plan().shares["on_tech_hub"]
    found = (one for one in registered(edition.month, kind) if one.active(edition.month))
    return tuple(one for one in found if one.draws.happens("on the Tech Hub", share))


def located(one: Registrant, edition: Edition) -> str:
    """The place a card names: a town where one is given, else the city."""
    version = one.version(edition.month)
    return version.town or version.place


def _places() -> list[str]:
    """Every place the form offers, each name once."""
    towns = (town for towns in plan().towns.values() for town in towns)
    return list(dict.fromkeys((*plan().cities, *towns)))


def _reply(containers: Iterable[str]) -> bytes:
    content = f"<!-- {plan().words['notice']} -->\n{''.join(containers)}"
    return json.dumps({"html": content}).replace("/", "\\/").encode()  # PHP escapes the stroke


def _container(kind: Kind, found: Iterable[Registrant], edition: Edition) -> str:
    cards = "".join(_card(one, edition) for one in found)
    return f"<div class='{_CONTAINERS[kind]}'>\n{cards}</div>\n"


def _card(one: Registrant, edition: Edition) -> str:
    name = one.stem.lower() if one.draws.happens("trade name", plan().shares["trade_name"]) else one.name(edition.month)
    parts = [
        f"<h4 class='name'>{html.escape(name)}</h4>",
        f"<p class='location'>{html.escape(located(one, edition))}</p>",
        *(f"<div class='staff-holder'><span>{count}</span> {what}</div>" for what, count in _heads(one).items()),
        f"<div class='experience'>{_experience(one, edition)}</div>",
        f"<div class='EXPERTISE'><h5>Expertise</h5><div class='ecperties-overflow'>{_expertise(one)}</div></div>",
        f"<div class='View-Profile'>{_link(one)}</div>",
    ]
    return f"<div class='tech-api-profile'>{''.join(parts)}</div>\n"


def _heads(one: Registrant) -> dict[str, int]:
    if one.kind == "call_centre":
        seats = one.draws.number("seats", 5, 400)
        return {"Seats": seats, "CSR Agents": one.draws.number("agents", 3, seats)}
    return {"Staff": one.draws.number("staff", 1, 250)} if one.kind == "company" else {}


def _experience(one: Registrant, edition: Edition) -> str:
    years = (edition.month - one.first_month) // 12
    return f"{years} {'Yr' if years == 1 else 'Yrs'} Experience"


def _expertise(one: Registrant) -> str:
    if one.draws.happens("array", plan().shares["array"]):
        return "<div>Array</div>"
    options = dict.fromkeys(plan().words["expertise"], 1.0)
    return "".join(f"<div>{area}</div>" for area in one.draws.some_of("expertise", options, 5))


def _link(one: Registrant) -> str:
    if one.kind == "call_centre" or not one.draws.happens("website", plan().shares["website"]):
        return ""
    return f"<a href='{one.website}'>View Profile</a>"
