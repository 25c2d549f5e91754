"""Invented firms, known and asked for, with the truth of who is who: what linking is measured on.

Words are made of syllables and are nobody's; how often each is used falls off as words of real names do. Firms are
known from a list with certificates; a directory without them asks for the same firms in other spellings (`SAME`), and
for others who must not be taken for them (`OTHERS`). Everything follows from a seed.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, replace

from sanad.link.evidence import Record
from sanad.link.names import named
from sanad.link.places import find

_CONSONANTS = ["b", "d", "f", "g", "h", "j", "k", "l", "m", "n", "p", "r", "s", "t", "v", "z", "ch", "sh"]
_SYLLABLES = [a + b for a in _CONSONANTS for b in ["a", "e", "i", "o", "u", "ar", "en", "il", "on", "um"]]
_TRADES = [
    "Technologies", "Solutions", "Systems", "Software", "Services", "Consulting", "Labs", "Digital", "Networks", "Data",
    "Associates", "International", "Enterprises", "Pakistan", "Global", "Communications", "BPO", "Marketing", "Logic",
    "Soft", "Web", "Cloud", "Studio", "Media", "Group",
]  # fmt: skip
_OTHER_TRADES = ["Foods", "Textiles", "Capital", "Energy", "Properties", "Pharma", "Motors", "Steel"]
_FORMS = {"(Pvt) Ltd": 40, "(PRIVATE) LIMITED": 20, "(Private) Limited": 15, "(SMC-Pvt) Ltd": 15, "& Co": 3, "": 7}
_CITIES = {
    "Lahore": 364, "Karachi": 280, "Islamabad": 165, "Rawalpindi": 105, "Peshawar": 18, "Faisalabad": 17, "Multan": 12,
    "Sialkot": 6, "Gujranwala": 5, "Quetta": 5, "Hyderabad": 4, "Abbottabad": 4, "Wah Cantt": 3, "Gujrat": 2,
    "Skardu": 2,
}  # fmt: skip
_TOWNS = {"Karachi": ["Korangi Town", "Lyari Town"], "Lahore": ["Ravi Town", "Nishter Town"], "Multan": ["Bosan Town"]}
_SHORT = {
    "Technologies": ["Tech", "Technology", "ٹیکنالوجیز"],
    "Solutions": ["Sol", "Solution", "سلوشنز"],
    "Systems": ["Sys", "System"],
    "Software": ["Softwares", "سافٹ ویئر"],
    "Services": ["Svcs", "Service", "سروسز"],
    "International": ["Intl", "Int'l"],
    "Associates": ["Assoc."],
    "Enterprises": ["Ent"],
    "Pakistan": ["Pak", "پاکستان"],
    "Communications": ["Comms"],
    "Marketing": ["Mktg"],
    "Networks": ["Network"],
    "Labs": ["Lab"],
    "Consulting": ["Consultancy"],
}
_URDU = {"Lahore": "لاہور", "Karachi": "کراچی", "Islamabad": "اسلام آباد", "Peshawar": "پشاور"}


@dataclass(frozen=True)
class Firm:
    """An invented firm as it is printed."""

    number: str
    words: tuple[str, ...]
    form: str
    place: str
    kind: str

    @property
    def record(self) -> Record:
        """As linking sees it."""
        return Record(self.number, named(" ".join([*self.words, self.form])), find(self.place).place, self.kind)


@dataclass(frozen=True)
class Asked:
    """Somebody asked for: how it came about, and whose number is theirs; None for nobody known."""

    record: Record
    sort: str
    truth: str | None


@dataclass(frozen=True)
class Labelled:
    """A labelled set."""

    known: list[Record]
    asked: list[Asked]


Draw = random.Random
_Change = Callable[[Draw, Firm], Firm]


def labelled(seed: int, size: int) -> Labelled:
    """``size`` firms known and as many asked for: of each sort an equal share, six in ten somebody known."""
    draw = random.Random(f"labelled {seed}")
    vocabulary = _vocabulary(draw, round(60 * size**0.6))
    taken: set[tuple[str, ...]] = set()
    firms = [_firm(draw, f"K{number}", vocabulary, taken) for number in range(size)]
    strangers = [_firm(draw, f"S{number}", vocabulary, taken) for number in range(size)]
    asked = []
    for number in range(size):
        if draw.random() < 0.6:
            sort = draw.choice(list(SAME))
            firm, seen = _changed(draw, firms, SAME[sort], taken, again=True)
            seen, truth = _sloppy(draw, seen), firm.number
        else:
            sort, truth = draw.choice(list(OTHERS)), None
            seen = strangers[number] if sort == "stranger" else _changed(draw, firms, OTHERS[sort], taken)[1]
        asked.append(Asked(replace(seen, number=f"A{number}").record, sort, truth))
    return Labelled([firm.record for firm in firms], asked)


def _changed(
    draw: Draw, firms: list[Firm], change: _Change, taken: set[tuple[str, ...]], *, again: bool = False
) -> tuple[Firm, Firm]:
    """A firm, and what a change makes of it: never another firm's very name, and its own only when it is the firm
    ``again``.
    """  # fmt: skip
    while True:
        firm = draw.choice(firms)
        changed = change(draw, firm)
        words = changed.record.name.words
        if words not in taken or (again and words == firm.record.name.words):
            return firm, changed


def _vocabulary(draw: Draw, count: int) -> tuple[list[str], list[float]]:
    words = list(
        dict.fromkeys("".join(draw.choices(_SYLLABLES, k=draw.choice([2, 3, 3, 4]))).capitalize() for _ in range(count))
    )
    total, cumulated = 0.0, []
    for rank in range(len(words)):
        total += 1 / (rank + 8)
        cumulated.append(total)
    return words, cumulated


def _firm(draw: Draw, number: str, vocabulary: tuple[list[str], list[float]], taken: set[tuple[str, ...]]) -> Firm:
    """A firm whose words nobody before it has: a registrar would refuse them."""
    words, cumulated = vocabulary
    own = draw.choices(words, cum_weights=cumulated, k=draw.choice([1, 2, 2]))
    if draw.random() < 0.03:
        own.append(str(draw.randrange(2, 1000)))
    trades = draw.sample(_TRADES, k=draw.choice([1, 1, 1, 2]))
    (form,) = draw.choices(list(_FORMS), weights=list(_FORMS.values()))
    kind = "call_centre" if draw.random() < 0.15 else "company"
    firm = Firm(number, tuple(dict.fromkeys([*own, *trades])), form, _city(draw), kind)
    if firm.record.name.words in taken:
        return _firm(draw, number, vocabulary, taken)
    taken.add(firm.record.name.words)
    return firm


def _city(draw: Draw) -> str:
    return draw.choices(list(_CITIES), weights=list(_CITIES.values()))[0]


def _sloppy(draw: Draw, firm: Firm) -> Firm:
    """As a directory writes it: another case, seldom the legal form, a town for the city, or no place at all."""
    form = firm.form if draw.random() < 0.7 else draw.choice(["", "(Pvt.) Ltd."])
    place = firm.place
    if draw.random() < 0.3 and place in _TOWNS:
        place = draw.choice(_TOWNS[place])
    if draw.random() < 0.03:
        place = ""
    words = tuple(word.lower() for word in firm.words) if draw.random() < 0.25 else firm.words
    return replace(firm, words=words, form=form, place=place)


def _slip(draw: Draw, word: str) -> str:
    at = draw.randrange(1, len(word) - 1)
    slipped = draw.choice(
        [
            word[:at] + word[at + 1 :],
            word[:at] + draw.choice("aeioulnrst") + word[at:],
            word[:at] + draw.choice("aeioulnrst") + word[at + 1 :],
            word[: at - 1] + word[at] + word[at - 1] + word[at + 1 :],
        ]
    )
    return slipped if slipped != word else _slip(draw, word)


def _typo(draw: Draw, firm: Firm, *, own: bool = False) -> Firm:
    """One slip in one word of five letters or more; in an ``own`` one, of no trade."""
    long = [at for at, word in enumerate(firm.words) if len(word) >= 5 and not (own and word in _TRADES)]
    if not long:
        return firm
    at = draw.choice(long)
    return replace(firm, words=(*firm.words[:at], _slip(draw, firm.words[at]), *firm.words[at + 1 :]))


def _abbreviated(draw: Draw, firm: Firm) -> Firm:
    return replace(firm, words=tuple(draw.choice(_SHORT[word]) if word in _SHORT else word for word in firm.words))


def _joined(draw: Draw, firm: Firm) -> Firm:
    if len(firm.words) < 3:
        at = draw.randrange(3, len(firm.words[0]) - 1) if len(firm.words[0]) > 4 else 2
        return replace(firm, words=(firm.words[0][:at], firm.words[0][at:], *firm.words[1:]))
    return replace(firm, words=(firm.words[0] + firm.words[1].lower(), *firm.words[2:]))


def _short(_: Draw, firm: Firm) -> Firm:
    """The last word of a trade left out."""
    return replace(firm, words=firm.words[:-1] if len(firm.words) > 2 else firm.words, form="")


def _moved(draw: Draw, firm: Firm) -> Firm:
    return replace(firm, place=draw.choice([city for city in _CITIES if city != firm.place]))


SAME: dict[str, _Change] = {
    "as printed": lambda _, firm: firm,
    "typo": _typo,
    "abbreviated": _abbreviated,
    "joined or split": _joined,
    "short name": _short,
    "moved": _moved,
    "Urdu place": lambda _, firm: replace(firm, place=_URDU.get(firm.place, firm.place)),
}


def _number(draw: Draw, firm: Firm) -> Firm:
    words = tuple(word for word in firm.words if not word.isdigit())
    return replace(firm, words=(*words, str(draw.randrange(1000, 2000))))


def _another_word(draw: Draw, firm: Firm) -> Firm:
    word = "".join(draw.choices(_SYLLABLES, k=3)).capitalize()
    return replace(firm, words=(word, *firm.words[1:]))


def _another_trade(draw: Draw, firm: Firm) -> Firm:
    trade = draw.choice([one for one in _TRADES if one not in firm.words])
    return replace(firm, words=(*firm.words[:-1], trade))


def _subsidiary(draw: Draw, firm: Firm) -> Firm:
    return replace(firm, words=(*firm.words[:-1], draw.choice(_OTHER_TRADES)))


def _affiliate(draw: Draw, firm: Firm) -> Firm:
    """The whole name and one more word of another trade."""
    return replace(firm, words=(*firm.words, draw.choice(_OTHER_TRADES)))


def _one_letter(draw: Draw, firm: Firm) -> Firm:
    """A name one slip away in a word of its own, in another city."""
    return _moved(draw, _typo(draw, firm, own=True))


OTHERS: dict[str, _Change] = {
    "stranger": lambda _, firm: firm,
    "another number": _number,
    "another first word": _another_word,
    "another trade": _another_trade,
    "subsidiary": _subsidiary,
    "affiliate": _affiliate,
    "one letter, elsewhere": _one_letter,
}
