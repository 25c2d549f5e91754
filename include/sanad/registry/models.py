"""The shape of a registry file. A field that is not here is an error in the file, not a silence."""

from __future__ import annotations

import datetime
import re
from collections import Counter
from decimal import Decimal
from functools import lru_cache
from itertools import pairwise
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, HttpUrl, field_validator, model_validator

from sanad.words.vocabulary import Consequence, Origin, Privacy

Edition = Annotated[str, Field(pattern=r"^\d{4}(-\d{2})?$")]
FileType = Literal["xls", "xlsx", "csv", "html", "json", "pdf"]
#: ``partial``, or ``complete:`` and of what: a kind or ``all``, perhaps a region (``complete:call_centre/Punjab``).
Coverage = Annotated[str, Field(pattern=r"^(partial|complete:[a-z_]+(/[^/]+)?)$")]

_NOT_IN_NAMES = re.compile(r"[^a-z0-9]+")


def _known_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise ValueError(f"'{name}' is no time zone") from error
    return name


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class Publisher(_Strict):
    """Who issues the dataset, and in whose days ``published_on`` is counted."""

    name: str
    timezone: Annotated[str, AfterValidator(_known_zone)]


class Url(_Strict):
    """One address; ``verified`` is the last day it is known to have served the dataset, or false."""

    url: HttpUrl
    verified: datetime.date | Literal[False]
    note: str = ""


class Walk(_Strict):
    """A directory that answers by place only: which form to send to which action, and how not to be a burden.

    ``form`` and ``headers`` go with every request, the place in the field ``place_field``; an answer is a JSON object
    with the dataset's ``markup_key``. ``first_page`` cards are a full page, of which there may be more. ``places`` are
    cities with their towns, as the directory spells them.
    """

    action: Url
    headers: dict[str, str] = {}
    form: dict[str, str]
    place_field: str
    first_page: int = Field(gt=0)
    pause_seconds: float = Field(ge=0)
    max_requests_a_day: int = Field(gt=0)
    places: dict[str, list[str]] = Field(min_length=1)

    @property
    def asked(self) -> list[str]:
        """Every place once: the cities, then their towns."""
        towns = (town for towns in self.places.values() for town in towns)
        return list(dict.fromkeys((*self.places, *towns)))

    @staticmethod
    def part(place: str) -> str:
        """The name of the part that a place's answer is: ``bin_qaism_town.json``."""
        return f"{_NOT_IN_NAMES.sub('_', place.lower()).strip('_')}.json"

    @model_validator(mode="after")
    def _places_give_parts_of_their_own(self) -> Walk:
        times = Counter(map(self.part, self.asked))
        if shared := sorted(name for name, count in times.items() if count > 1):
            raise ValueError(f"more than one place would give the part {', '.join(shared)}")
        return self

    @property
    def ambiguous(self) -> list[str]:
        """The towns that more than one city has."""
        times = Counter(town for towns in self.places.values() for town in set(towns))
        return sorted(town for town, cities in times.items() if cities > 1)


class Collect(_Strict):
    """How the dataset is fetched: by asking its addresses, or by a walk that begins at its one address."""

    method: Literal["http", "walk"]
    schedule: str
    urls: list[Url] = Field(min_length=1)
    timeout_seconds: float = Field(gt=0)
    retries: int = Field(ge=0)
    retry_delay_seconds: int = Field(gt=0)
    walk: Walk | None = None

    @model_validator(mode="after")
    def _a_walk_is_described(self) -> Collect:
        if (self.method == "walk") is (self.walk is None):
            raise ValueError(f"method {self.method}: expected {'a' if self.method == 'walk' else 'no'} walk described")
        if self.walk and len(self.urls) > 1:
            raise ValueError(f"a walk begins at one address, found {len(self.urls)}")
        return self


class Layout(_Strict):
    """Where things stand in a workbook of the editions ``from`` to ``to``, both inclusive.

    ``periods`` head the columns (``across``) or stand beside the rows (``down``), and the lines on the other side.
    Where a line's own words are not its alone, those above it come first: ``U.S.A. > U.S. Dollar``. Rows whose label is
    set ``apart`` are known, archived and not staged.

    In the file an era may name the one it resembles by that one's first edition (``like: 2018-12``) and give only
    what differs, also which lines it is ``without``; here every layout stands whole.
    """

    first_edition: Edition | None = Field(None, alias="from")
    last_edition: Edition | None = Field(None, alias="to")
    sheet: str
    unit_text: str
    unit: str
    measures: dict[str, str] = Field(min_length=1)
    roles: list[str] = Field(min_length=1)
    lines: dict[str, str] = Field(min_length=1)
    periods: Literal["across", "down"] = "across"
    apart: list[str] = []

    @property
    def words(self) -> dict[str, tuple[str, ...]]:
        """The words of each line, its own last: ``("U.S.A.", "U.S. Dollar")``."""
        return {code: tuple(words.split(" > ")) for code, words in self.lines.items()}

    def covers(self, edition: str) -> bool:
        """Whether the layout is that of an edition."""
        return (self.first_edition or "") <= edition and (not self.last_edition or edition <= self.last_edition)


class Gate(_Strict):
    """A check by the name of its function in ``sanad.gates``, with what a failure does and from where on it fails.

    ``tolerance`` and ``at_least`` are in the printed unit, ``factor`` is a ratio; ``series`` and ``measure`` name the
    one quantity that a gate looks at, ``plus`` and ``less`` the series it is made of; ``first`` is a month. Which of
    them a gate needs is in its docstring.
    """

    gate: str
    consequence: Consequence
    tolerance: Decimal | None = Field(None, ge=0)
    factor: Decimal | None = Field(None, gt=1)
    at_least: Decimal | None = Field(None, ge=0)
    series: str | None = None
    measure: str | None = None
    plus: list[str] = []
    less: list[str] = []
    first: Edition | None = None


_Reading = Literal["text", "number", "labels", "month", "instant", "epoch", "flag", "link", "email", "certificate"]


class RegisterField(_Strict):
    """One field of a register: whose it is, under which headings, keys or classes it is printed, what its text says.

    Headings are compared without case, blanks and stops. ``value`` is how the text is read: ``labels`` stand side by
    side with commas between them, ``0`` for none; a ``month`` may be a day, an ``instant`` is ISO 8601; an ``epoch``
    counts seconds since 1970; a ``link`` is the address behind the text; an ``email`` is cut out of every other text;
    a ``certificate`` is a number that may end in a stroke and the year of the first registration in two digits. What is
    ``unlike`` it (a pattern of the whole) is none. ``kinds`` are the headings that themselves say of which kind every
    row is.
    """

    privacy: Privacy
    columns: list[str] = Field(min_length=1)
    value: _Reading = "text"
    unlike: str | None = None
    kinds: dict[str, str] = {}


class Persons(_Strict):
    """What tells that a row, a card or a document is a person's and not a firm's: it is cut out, or refused, whole.

    ``kinds`` are the publisher's words, ``certificates`` the pattern that a person's certificate number has,
    ``containers`` the classes under which a page keeps persons' cards.
    """

    kinds: list[str] = []
    certificates: str | None = None
    containers: list[str] = []


def _completed(layout: dict[str, Any], whole: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """An era in full, from the one it is like."""
    if layout["like"] not in whole:
        raise ValueError(
            f"like '{layout['like']}': no layout in full begins there; known: {', '.join(whole) or 'none'}"
        )
    model = whole[layout["like"]]
    lines, without = model.get("lines", {}), layout.get("without", [])
    if unknown := [code for code in without if code not in lines]:
        raise ValueError(f"without {', '.join(map(repr, unknown))}: the layout from {layout['like']} has no such line")
    shared = {field: value for field, value in model.items() if field not in {"from", "to"}}
    own = {field: value for field, value in layout.items() if field not in {"like", "without"}}
    return {**shared, "lines": {code: label for code, label in lines.items() if code not in without}, **own}


_SIGNS = re.compile(r"[\W_]+")


@lru_cache(maxsize=4096)
def heading(text: str) -> str:
    """A heading without case, blanks and stops: ``Certificate No.`` is ``certificate no``."""
    return _SIGNS.sub(" ", text.casefold()).strip()


class Dataset(_Strict):
    """One thing a publisher issues over and over.

    ``due_day`` is the day of the following month by which the edition of a month is usually out, where that is known.
    Of a register: ``form`` is how its documents are built, ``kinds`` gives the kind for each of the publisher's words,
    ``containers`` for each class under which a page keeps cards of that kind, each of ``card_class``; ``envelope`` are
    the JSON keys around the records, and the labels of a document that are no field's. What none of its ``fields`` is
    printed as is not archived.
    """

    name: str = Field(pattern=r"^[a-z0-9_]+/[a-z0-9_]+$")
    title: str
    description: str
    publisher: Publisher
    owner: str
    tags: list[str] = Field(min_length=1)
    kind: Literal["statistics", "register"]
    licence: str
    attribution: str
    cadence: str
    due_day: int | None = Field(None, ge=1, le=28)
    source_rank: int = Field(ge=1)
    origin: Origin = Origin.OFFICIAL
    collect: Collect | None = None
    parser: str
    file_types: list[FileType] = Field(min_length=1)
    max_bytes: int = Field(gt=0)
    layouts: list[Layout] = []
    gates: list[Gate] = []

    # registers
    form: Literal["table", "records", "cards", "certificate"] | None = None
    coverage: Coverage | None = None
    max_rejected_pct: Decimal = Field(Decimal(5), ge=0, le=100)
    fields: dict[str, RegisterField] = {}
    kinds: dict[str, str] = {}
    persons: Persons = Persons()
    envelope: list[str] = []
    containers: dict[str, str] = {}
    card_class: str = ""

    @field_validator("layouts", mode="before")
    @classmethod
    def _eras_stand_whole(cls, layouts: object) -> object:
        """Fill in what an era shares with the one it is like."""
        if not isinstance(layouts, list) or not all(isinstance(layout, dict) for layout in layouts):
            return layouts  # pydantic says what is wrong with it
        whole = {layout["from"]: layout for layout in layouts if "from" in layout and "like" not in layout}
        return [_completed(layout, whole) if "like" in layout else layout for layout in layouts]

    @model_validator(mode="after")
    def _layouts_do_not_overlap(self) -> Dataset:
        ordered = sorted(self.layouts, key=lambda layout: layout.first_edition or "")
        for earlier, later in pairwise(ordered):
            if not earlier.last_edition or earlier.last_edition >= (later.first_edition or ""):
                raise ValueError(f"layouts overlap from edition {later.first_edition or 'the first'} on")
        return self

    @model_validator(mode="after")
    def _a_register_says_what_it_holds(self) -> Dataset:
        declared = self.form is not None and self.coverage is not None and "name" in self.fields
        if self.kind == "register" and not declared:
            raise ValueError("a register declares its form, its coverage and its fields, a name among them")
        if self.form == "cards" and not (self.card_class and self.containers and len(self.envelope) == 1):
            raise ValueError("a register of cards declares their class, their containers, and the key around them")
        if self.kind == "statistics" and (self.fields or self.form or self.coverage):
            raise ValueError("statistics have no fields, no form and no coverage: those are a register's")
        printed = Counter(heading(column) for field in self.fields.values() for column in field.columns)
        if twice := [column for column, times in printed.items() if times > 1]:
            raise ValueError(f"more than one field is printed as {', '.join(map(repr, twice))}")
        return self

    @property
    def printed_as(self) -> dict[str, str]:
        """The field for each heading, key or class, as `heading` has them."""
        return {heading(column): name for name, field in self.fields.items() for column in field.columns}

    @property
    def markup_key(self) -> str:
        """The key under which a reply of cards carries its markup."""
        return self.envelope[0]

    @property
    def publisher_code(self) -> str:
        """The publisher's folder in the registry: ``sbp``."""
        return self.name.split("/")[0]

    @property
    def dag_suffix(self) -> str:
        """The dataset's part of a DAG id: ``sbp__trade_in_services``."""
        return self.name.replace("/", "__")

    @property
    def zone(self) -> ZoneInfo:
        """The publisher's time zone."""
        return ZoneInfo(self.publisher.timezone)

    def layout_for(self, edition: str) -> Layout | None:
        """The layout declared for an edition; None when the registry declares none."""
        return next((layout for layout in self.layouts if layout.covers(edition)), None)
