"""Declared corrections, one YAML file a dataset: what is to be taken otherwise than it was printed, and why.

A correction names what it is about, in which releases, and what it expects to find there: its guard. It never finds
its way into staged rows; `sanad.decide.corrections` puts it into the ledger.
"""

from __future__ import annotations

import datetime
from abc import abstractmethod
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    Discriminator,
    Field,
    HttpUrl,
    StringConstraints,
    Tag,
    field_validator,
    model_validator,
)

from sanad.registry.load import RegistryError, datasets, named, validated
from sanad.registry.models import Edition, _Strict
from sanad.words import settings
from sanad.words.numbers import equal
from sanad.words.periods import Period
from sanad.words.vocabulary import Flag

Said = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
#: A field of an entry as its parser reads it; a day is quoted in the file, or YAML makes a date of it.
FieldValue = str | int | bool | None


def same(left: Any, right: Any) -> bool:
    """Whether two values are the same, numbers to 6 decimals."""
    if isinstance(left, Decimal) and isinstance(right, Decimal):
        return equal(left, right)
    return bool(left == right)


class Editions(_Strict):
    """The editions ``from`` to ``to``, both inclusive; either may be open."""

    first: Edition | None = Field(None, alias="from")
    last: Edition | None = Field(None, alias="to")

    def cover(self, edition: str | None) -> bool:
        """Whether an edition is one of them."""
        return edition is not None and (self.first or "") <= edition <= (self.last or edition)


class Quantity(_Strict):
    """Which figure of a release."""

    series: str
    measure: str
    period: Annotated[str, AfterValidator(lambda code: Period.parse(code).code)]

    def __str__(self) -> str:
        return f"{self.measure} of line {self.series} for {self.period}"


class EntryKey(_Strict):
    """Which entry of a release, by one of the keys that its register has."""

    certificate_no: str | None = None
    portal_key: str | None = None
    locator: str | None = None

    @model_validator(mode="after")
    def _one_key(self) -> EntryKey:
        if len(self.model_fields_set) != 1:
            raise ValueError("name the entry by one of certificate_no, portal_key and locator")
        return self

    @property
    def column(self) -> str:
        """The column of ``staging.entry`` that it is named by."""
        return next(iter(self.model_fields_set))

    @property
    def value(self) -> str:
        """What stands in that column."""
        return str(getattr(self, self.column))

    def __str__(self) -> str:
        return f"entry of {self.column} {self.value}"


class State(_Strict):
    """Value and flag of a figure; what is left out is not spoken of, null is no value and no flag."""

    value: Annotated[Decimal, Field(gt=-(10**14), lt=10**14)] | None = None  # as wide as the marts hold
    flag: Flag | None = None

    @property
    def said(self) -> dict[str, Any]:
        """What is spoken of, by name."""
        return {name: getattr(self, name) for name in ("value", "flag") if name in self.model_fields_set}


class _Correction(_Strict):
    """What corrections of figures and of entries have in common.

    ``drop`` leaves it out, ``override`` takes ``set`` for what was printed, ``flag`` leaves it as it is and marks it.
    """

    name: str = Field(pattern=r"^[a-z0-9_]+$")
    action: Literal["drop", "override", "flag"]
    editions: Editions | None = None
    release: str | None = Field(None, pattern=r"^(@\d{4}(-\d{2})?|#[0-9a-f]{8,64})$")
    reason: Said
    reporter: Said
    reported_on: datetime.date
    source: HttpUrl | None = None

    @property
    @abstractmethod
    def about(self) -> Quantity | EntryKey:
        """What it corrects."""

    @property
    @abstractmethod
    def expected(self) -> dict[str, Any]:
        """The guard: what must have been printed, by name."""

    @property
    @abstractmethod
    def changes(self) -> dict[str, Any]:
        """What is taken instead, by name."""

    @model_validator(mode="after")
    def _whole(self) -> _Correction:
        if (self.editions is None) == (self.release is None):
            raise ValueError("say which releases it is about: either editions or release")
        if not self.expected:
            raise ValueError("expect: say what must have been printed; without it nobody learns that it was mended")
        if (self.action == "override") != bool(self.changes):
            raise ValueError("set: belongs to the action override, which needs it")
        if self.changes and all(n in self.expected and same(self.expected[n], v) for n, v in self.changes.items()):
            raise ValueError("set: says the same as expect")
        return self

    def covers(self, edition: str | None, sha256: str) -> bool:
        """Whether it is about the release of this edition and content."""
        if self.editions is not None:
            return self.editions.cover(edition)
        mark, name = (self.release or " ")[0], (self.release or " ")[1:]
        return sha256.startswith(name) if mark == "#" else edition == name


class FigureCorrection(_Correction):
    """Of one figure."""

    figure: Quantity
    expect: State
    set: State | None = None

    @field_validator("set")
    @classmethod
    def _a_number(cls, state: State | None) -> State | None:
        if state and state.said.get("value", 0) is None:
            raise ValueError("a figure without a value is dropped, not overridden")
        return state

    @property
    def about(self) -> Quantity:
        """The quantity."""
        return self.figure

    @property
    def expected(self) -> dict[str, Any]:
        """Value, and flag where the guard speaks of it."""
        return self.expect.said

    @property
    def changes(self) -> dict[str, Any]:
        """Value or flag, or both."""
        return self.set.said if self.set else {}


class EntryCorrection(_Correction):
    """Of one entry of a register: its fields, by the names its parser gives them."""

    entry: EntryKey
    expect: dict[str, FieldValue]
    set: dict[str, FieldValue] = Field(default_factory=dict)

    @property
    def about(self) -> EntryKey:
        """The entry."""
        return self.entry

    @property
    def expected(self) -> dict[str, Any]:
        """Fields of the guard."""
        return dict(self.expect)

    @property
    def changes(self) -> dict[str, Any]:
        """Fields that are taken otherwise."""
        return dict(self.set)


def _kind(given: Any) -> str:
    return "entry" if isinstance(given, dict) and "entry" in given else "figure"


Correction = FigureCorrection | EntryCorrection
_Either = Annotated[
    Annotated[FigureCorrection, Tag("figure")] | Annotated[EntryCorrection, Tag("entry")], Discriminator(_kind)
]


class _File(_Strict):
    corrections: list[_Either]

    @model_validator(mode="after")
    def _names_are_unique(self) -> _File:
        names = [one.name for one in self.corrections]
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise ValueError(f"two corrections are called {', '.join(twice)}")
        return self


def corrections_of(dataset: str) -> dict[str, Correction]:
    """Those declared for a dataset by their handles, ``sbp/trade_in_services:name``, in the order of the file.

    Read anew each time, so that an edited file needs no restart. RegistryError names file and field.
    """
    path = settings.corrections() / f"{dataset}.yml"
    if not path.exists():
        return {}
    if dataset not in datasets():
        raise RegistryError(f"{path}: no dataset '{dataset}' in the registry; known: {', '.join(datasets())}")
    return {f"{dataset}:{one.name}": one for one in validated(path, _File).corrections}


def corrected_datasets() -> list[str]:
    """The names of the files of corrections; RegistryError when their folder is not there."""
    folder = settings.corrections()
    if not folder.is_dir():
        raise RegistryError(f"{folder}: no folder of corrections, not even an empty one")
    return [named(path) for path in sorted(folder.glob("*/*.yml"))]
