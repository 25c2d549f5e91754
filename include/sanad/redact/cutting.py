"""What of a register's fields may be kept, and the account of what was cut out."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from sanad.registry import Dataset, heading
from sanad.words.errors import NotKept
from sanad.words.numbers import plain, shortest
from sanad.words.personal import scrub
from sanad.words.vocabulary import Privacy

UNDECLARED = "undeclared"


class Cutting:
    """One file's knife: asked for each value, it gives what may stay, and remembers what may not.

    ``removed`` counts values by (path, what): a path is a column, a JSON pointer with ``*`` for a record's number, or a
    class of cards; what is the field, ``undeclared``, ``person``, or the pattern found in a text.
    """

    def __init__(self, dataset: Dataset, name: str) -> None:
        self.dataset = dataset
        self.name = name
        self.removed: Counter[tuple[str, str]] = Counter()
        self.fields = dataset.printed_as
        #: Headings as they are declared, without case: enough to look twice at a row.
        self.printed = frozenset(column.casefold() for told in dataset.fields.values() for column in told.columns)
        self._persons = [_letters(kind) for kind in dataset.persons.kinds]
        self._certificate = re.compile(dataset.persons.certificates or r"(?!)", re.IGNORECASE).match
        self._contacts = {name for name, told in dataset.fields.items() if told.privacy is Privacy.BUSINESS_CONTACT}

    def refused(self, expected: str, found: str) -> NotKept:
        """The refusal of the whole file; ``found`` must quote nothing of it but headings."""
        return NotKept(f"{self.dataset.name}: {scrub(self.name).text} was not kept: expected {expected}, found {found}")

    def privacy(self, field: str | None) -> Privacy:
        """Whose a field is; what nobody has declared counts as a person's."""
        return self.dataset.fields[field].privacy if field is not None else Privacy.PERSONAL

    def value(self, path: str, field: str | None, value: Any) -> Any:
        """What may stay of a field's value: all, the text without what is personal in it, or None."""
        privacy = self.privacy(field)
        if privacy is Privacy.PERSONAL:
            self.removed[path, field or UNDECLARED] += 1
            return None
        return self.text(path, value, keep_email=self.holds_email(field))

    def holds_email(self, field: str | None) -> bool:
        """Whether a field is where a firm's e-mail address belongs."""
        return field is not None and self.dataset.fields[field].value == "email"

    def text(self, path: str, value: Any, *, keep_email: bool = False) -> Any:
        """A text, or a number that could be one, without what is personal in it."""
        said = value if type(value) is str else _said(value)
        if said is None:
            return value
        kept, found = scrub(said, keep_email=keep_email)
        for pattern in found:
            self.removed[path, pattern] += 1
        return kept if found else value

    def person(self, kind: Any, values: Iterable[Any]) -> bool:
        """Whether a row of this kind is a person's, or one that has a person's certificate number among its values."""
        if kind and self.speaks_of_persons(kind):
            return True
        found = self._certificate
        return any(type(one) is str and found(one) for one in values)

    def is_contact(self, field: str | None) -> bool:
        """Whether a field is a business contact: an address may begin like a certificate's number."""
        return field in self._contacts

    def speaks_of_persons(self, said: Any) -> bool:
        """Whether a kind or a title has a word for persons in it, however that is spelt: ``Free-Lancers (new)``."""
        letters = _letters(str(said))
        return any(word in letters for word in self._persons)


@lru_cache(maxsize=4096)
def _letters(text: str) -> str:
    """A text's letters and digits alone, without case."""
    return heading(text).replace(" ", "")


def _said(value: Any) -> str | None:
    """A value as a text that could hold a number of somebody's; None for what could not."""
    match value:
        case bool() | None:
            return None
        case str():
            return value
        case int():
            return str(value)
        case float():
            return plain(shortest(value)) if abs(value) >= 1e9 else None
    return None
