"""The lineage pages: pick or search a figure, a mart's value with its chain, one cell of an archived sheet."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from fastapi import Request
from fastapi.responses import FileResponse, HTMLResponse
from psycopg import Connection

from sanad.archive.store import Tampered
from sanad.lineage import COUNT, Chain, Measure, Part, trace
from sanad.lineage.trace import figures
from sanad.warehouse.as_of import as_day
from sanad.warehouse.connect import Role, connection
from sanad.words.errors import Unreadable, UsageError
from sanad.words.vocabulary import Origin, weakest
from sanad_pages import custody, questions, registers, sheet, wording
from sanad_pages.chart import HEIGHT, chart
from sanad_pages.prints import prints
from sanad_pages.questions import Found
from sanad_pages.render import HEADERS, page
from sanad_pages.sheet import NotDrawn, Picture, Wanted

_MART = re.compile(r"[a-z_][a-z0-9_]*")
#: A value shows at most so many of its figures; a sector has two.
MOST_TERMS = 100
_NAME = re.compile(r"[a-z_][a-z0-9_]*")
#: What is not there when a side is rounded too much; of two values that are, it says nothing.
_FINE = re.compile(r"fine\((\w+)\)")
_SIGNS = str.maketrans({"*": "×", "/": "÷", "-": "−"})


@dataclass(frozen=True)
class Term:
    """One figure of a value: the measure it is part of, whether it is added or taken away, where it is drawn."""

    measure: str
    sign: str
    figure: Mapping[str, Any]
    link: str

    @property
    def used(self) -> Decimal | None:
        """The figure's value in the mart: as printed, or as a declared correction has it."""
        return self.figure.get("value_used", self.figure["value"])  # type: ignore[no-any-return]


# routes


def search_page(request: Request, q: str = "") -> HTMLResponse:
    """Pick one of the newest figures, or search them all."""
    return page("lineage.html", request, **front(q))


def value_page(
    request: Request, mart: str, key: str, measure: str = "", as_of: str = "", figure: str = "", first: str = "1"
) -> HTMLResponse:
    """A row of a mart: a value with its figures, a count with those whom it counts, or what else it rests on."""
    chain = _traced(mart, key, as_of)
    if not chain.measures:
        return page("row.html", request, **row(chain))
    chosen = _chosen(chain, measure)
    if chosen.formula == COUNT:
        return page("count.html", request, **count(chain, chosen, first))
    return page("value.html", request, **value(chain, chosen, as_of, figure))


def figure_page(request: Request, figure_id: str) -> HTMLResponse:
    """A cell of an archived sheet."""
    return page("figure.html", request, **cell(figure_id))


def entry_page(request: Request, entry_id: str) -> HTMLResponse:
    """A row of a register."""
    return page("entry.html", request, **registers.entry(entry_id))


def script() -> FileResponse:
    """The keys and the scrolling into view; every page does without."""
    return FileResponse(Path(__file__).with_name("lineage.js"), media_type="text/javascript", headers=HEADERS)


# what they show


def front(q: str) -> dict[str, Any]:
    """The newest figures of sectors and lines, and what a search found."""
    asked = q.replace("\x00", "").strip()
    found, of_all = questions.search(asked)
    tables = [_table(list(group)) for _, group in groupby(questions.newest(), key=lambda one: one.mart)]
    return {"q": asked, "found": found, "of_all": of_all, "tables": tables}


def _table(found: list[Found]) -> dict[str, Any]:
    """One mart's newest figures: a row for each sector or line, a column for each period."""
    periods = list(dict.fromkeys(one.period for one in found))
    rows = []
    for _, group in groupby(found, key=lambda one: one.code):
        by_period = {one.period: one for one in group}
        rows.append((next(iter(by_period.values())), [by_period.get(period) for period in periods]))
    return {"mart": found[0].mart, "periods": periods, "rows": rows, "edition": found[0].edition}


def row(chain: Chain) -> dict[str, Any]:
    """A row without values: the entries it cites and the releases they stand in, or the release that it is."""
    if not chain.releases:
        raise UsageError(f"{chain.mart} {chain.joined_key} has no figures to show")
    return {**_row(chain), "entries": list(registers.by_id(chain).values()), "address": _address(chain, {})}


def count(chain: Chain, chosen: Measure, first: str) -> dict[str, Any]:
    """A count: its formula in words, and a page of those whom it counts."""
    asked, listed = registers.listed(chain, chosen, first)
    query = {"measure": chosen.column}
    return {
        **_row(asked),
        "chosen": chosen,
        "measures": _measures(chain, {}),
        "listed": listed,
        "before": listed.before and _address(chain, {**query, "first": str(listed.before)}),
        "after": listed.after and _address(chain, {**query, "first": str(listed.after)}),
        "address": _address(chain, {**query, "first": first if listed.first > 1 else ""}),
    }


def _row(chain: Chain) -> dict[str, Any]:
    """What every page says of a row that rests on registers."""
    with connection(Role.AUDITOR) as asking:
        about = questions.about(asking, chain)
    return {
        "chain": chain,
        "about": about,
        "marks": wording.marks(
            flag=None, origin=_weakest(chain), basis=None, corrected=bool(chain.row.get("corrected"))
        ),
        "releases": registers.releases_of(chain),
        "all_marks": wording.MARKS,
    }


def _weakest(chain: Chain) -> Origin:
    """Of the row and of what it rests on here: beside a count that the press printed stands what lists show."""
    said = [one["release"]["origin"] for one in chain.releases]
    return weakest(Origin(one) for one in filter(None, [chain.row.get("origin"), *said]))


def _traced(mart: str, key: str, as_of: str) -> Chain:
    """The chain of a row; whom its counts count is asked for page by page."""
    if not _MART.fullmatch(mart) or "\x00" in key:
        raise UsageError(f"no mart '{mart}' has a row '{key}'")
    return trace(mart, key, published=as_day(as_of) if as_of else None, part=Part(most=0))


def value(chain: Chain, chosen: Measure, as_of: str = "", figure_id: str = "") -> dict[str, Any]:
    """A mart row: one of its measures with formula and figures, one of them drawn in its sheet."""
    query = {"measure": chosen.column, "as_of": as_of}
    terms = [
        Term(one.measure, sign, figure, _address(chain, {**query, "figure": figure["figure_id"]}))
        for one in chosen.inputs
        for sign, figures_of in (("+", one.figures), ("−", one.less))
        for figure in figures_of
    ]
    cited = [term.figure for term in terms]
    drawn = next((figure for figure in cited if figure["figure_id"] == figure_id), cited[0] if cited else None)
    with connection(Role.AUDITOR) as asking:
        about = questions.about(asking, chain)
        shown = _chain_of(asking, drawn, cited) if drawn else {"figure": None}
    return {
        "chain": chain,
        "chosen": chosen,
        "about": about,
        "as_of": as_of,
        "now": _address(chain, {"measure": chosen.column}),
        "address": _address(chain, query),
        "marks": _marks(chain, cited),
        "measures": _measures(chain, query),
        "beside": [(one.way, one.name, _link(chain.mart, one.key, query)) for one in about.beside],
        "formula": _with_values(chosen, terms),
        "terms": terms,
        "most_terms": MOST_TERMS,
        "signed": len(terms) > len(chosen.inputs),
        **shown,
    }


def cell(figure_id: str) -> dict[str, Any]:
    """One figure as it was printed, and the figures beside it on its sheet."""
    with connection(Role.AUDITOR) as asking:
        if not questions.may_be_id(figure_id) or not questions.is_staged(asking, figure_id):
            raise UsageError(f"no figure '{figure_id}' is staged: a figure's id is a number of up to 19 digits")
        (figure,) = figures(asking, [int(figure_id)])
        value_of = questions.value_of(asking, figure)
        shown = _chain_of(asking, figure, [])
    return {
        "marks": wording.marks(
            flag=figure["flag"], origin=figure["release"]["origin"], basis="printed",
            corrected=bool(figure.get("corrections")),
        ),
        "beside": [
            (way, wording.plain_words(name), f"/lineage/figure/{beside}")
            for way, name, beside in sheet.beside(figure["figure_id"], shown["staged"])
        ],
        "value_of": value_of,
        "address": f"/lineage/figure/{figure_id}",
        **shown,
    }  # fmt: skip


def _chosen(chain: Chain, measure: str) -> Measure:
    """The measure asked for by its column or by its name in formulas; the row's first when none is."""
    for one in chain.measures:
        if measure in {"", one.column, *(two.measure for two in one.inputs if two.column == one.column)}:
            return one
    known = ", ".join(one.column for one in chain.measures)
    raise UsageError(f"{chain.mart} has no measure '{measure}' in this row; known: {known}")


def _measures(chain: Chain, query: Mapping[str, str]) -> list[tuple[Measure, str]]:
    """The values of a row, each with the address of its page."""
    return [(one, _address(chain, {**query, "measure": one.column})) for one in chain.measures]


def _address(chain: Chain, query: Mapping[str, str]) -> str:
    return _link(chain.mart, chain.joined_key, query)


def _link(mart: str, key: str, query: Mapping[str, str]) -> str:
    """A value's page below the root of these pages."""
    asked = urlencode({name: said for name, said in query.items() if said})
    return f"/lineage/{mart}/{quote(key, safe='/')}{'?' if asked else ''}{asked}"


def _marks(chain: Chain, cited: list[Mapping[str, Any]]) -> list[wording.Mark]:
    """The row's own flag, origin and basis; where it has no such column, the weakest of the figures'."""
    flags = {figure["flag"] for figure in cited}
    origins = [Origin(figure["release"]["origin"]) for figure in cited]
    return wording.marks(
        flag=chain.row["flag"] if "flag" in chain.row else next((flag for flag in "PR" if flag in flags), None),
        origin=chain.row.get("origin") or (weakest(origins) if origins else None),
        basis=chain.row.get("basis"),
        corrected=bool(chain.row.get("corrected")) or any(figure.get("corrections") for figure in cited),
    )


def _with_values(chosen: Measure, terms: list[Term]) -> str:
    """The formula once more with the values in the places of their names; empty where it is no arithmetic."""
    values = {one.measure: one.value for one in chosen.inputs}
    formula = _FINE.sub(r"\1", chosen.formula)
    names = set(_NAME.findall(formula))
    if names <= values.keys() and None not in values.values():
        said = {name: wording.number(value) for name, value in values.items()}
        return _NAME.sub(lambda name: said[name[0]], formula.translate(_SIGNS))
    if names & {"figure", "figures"}:
        return " ".join(f"{term.sign} {wording.number(term.used)}" for term in terms[:MOST_TERMS]).removeprefix("+ ")
    return ""


def _chain_of(asking: Connection[Any], figure: Mapping[str, Any], cited: list[Mapping[str, Any]]) -> dict[str, Any]:
    """What every page says of a figure: its sheet, its prints, its custody."""
    staged = questions.on_sheets(asking, figure["release"]["release_id"])
    picture, why_not, check = _picture(figure, cited, staged)
    printed = prints(figure)
    return {
        "figure": figure,
        "staged": staged,
        "picture": picture,
        "why_not": why_not,
        "has_cited": len(cited) > 1,
        "prints": printed,
        "chart": chart(printed),
        "chart_height": HEIGHT,
        "steps": custody.steps(figure, check),
        "hidden": custody.hidden_since(figure),
        "all_marks": wording.MARKS,
    }


def _picture(
    figure: Mapping[str, Any], cited: list[Mapping[str, Any]], staged: list[dict[str, Any]]
) -> tuple[Picture | None, str, str]:
    """The sheet, or why there is none; and what came of hashing the archived bytes."""
    wanted = Wanted(
        figure["locator"], figure["header_locator"],
        {one["locator"]: one["figure_id"] for one in staged},
        {one["locator"] for one in cited if one["release"]["release_id"] == figure["release"]["release_id"]},
    )  # fmt: skip
    try:
        parts = sheet.archived({part["name"]: part["sha256"] for part in figure["release"]["parts"]})
    except (Tampered, OSError) as error:
        return None, str(error), f"hashed just now, and not whole: {error}"
    check = "hashed just now: the archived bytes are what their name says"
    try:
        return sheet.picture(figure["release"]["dataset"], parts, wanted), "", check
    except (NotDrawn, Unreadable, UsageError) as error:
        return None, str(error), check
