"""A sentence about exports as claims, by a small grammar: ``call centres FY25 328 million, up 24.6 percent``.

What it knows: a sector; one period, and a second one that a growth is measured against; amounts of money; growths;
numbers of people. Whatever else stands in the sentence is given back as not understood, and every guess as assumed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from sanad.words.errors import UsageError
from sanad.words.numbers import plain
from sanad.words.periods import MONTHS, Period, month_number
from sanad.words.printed import QUALIFIERS, Amount, amount, western

#: The longer words first: "software consultancy" is not all of software.
_SECTORS = {
    r"call[- ]cent(?:re|er)s?": "call_centres",
    r"software consultancy": "software_consultancy",
    r"hardware consultancy": "hardware_consultancy",
    r"(?:computer )?software(?: exports?)?": "computer_software_export_import",
    r"(?:computer )?(?:maintenance|repairs?)": "computer_maintenance_repair",
    r"freelanc\w+": "freelance_computer_information",
    r"computer(?: services)?": "computer_total",
    r"information services": "information_total",
    r"telecommunication services": "telecommunication_services",
    r"telecom\w*": "telecom_total",
    r"(?:all |total )services(?: exports?)?|services exports?": "services_total_exports",
    r"ict|it(?:[- ](?:exports?|enabled services))?|ites": "ict_total",
}
_STAFF = {"call_centres": "call_centre_employment"}

_MONTH = "|".join(f"{name}[a-z]*" for name in MONTHS)
_YEAR = r"\d{4}(?:-\d{2,4})?|\d{2}"
_PERIODS = (
    rf"FY[ .']?(?P<fy>{_YEAR})[., ]+(?P<first>{_MONTH})\s*(?:-|to)\s*(?P<last>{_MONTH})",
    rf"(?P<first>{_MONTH})\s*(?:-|to)\s*(?P<last>{_MONTH}),?\s+(?:of )?FY[ .']?(?P<fy>{_YEAR})",
    rf"(?:FY|fiscal year)[ .']?(?P<fy>{_YEAR})",
    r"(?P<year>\d{4})-(?P<number>0[1-9]|1[0-2])",
    rf"(?P<month>{_MONTH})[ \-,']+(?P<year>\d{{4}}|\d{{2}})",
    r"(?:calendar year |in )(?P<calendar>(?:19|20)\d{2})",
)
_QUALIFIER = "|".join(word for words in QUALIFIERS.values() for word in words)
_NUMBER = r"[+-]?\d[\d,]*(?:\.\d+)?"
_SCALE = r"thousand|lakh|lac|million|mn|m|crore|billion|bn|b|trillion"
_UP, _DOWN = (
    r"up|rose|grew|growth|growing|increased?|jumped|surged|higher",
    r"down|fell|declined?|dropped|decreased?|lower",
)
_PEOPLE = re.compile(
    rf"(?:(?P<qualifier>{_QUALIFIER}) )?(?P<number>(?:an? )?(?:{_NUMBER}|million|lakh)(?: (?:{_SCALE}))?)"
    r" (?:people|persons|professionals|employees|workers|jobs|agents)\b",
    re.IGNORECASE,
)
_GROWTH = re.compile(
    rf"(?:\b(?P<up>{_UP})|\b(?P<down>{_DOWN}))?\s*(?:of |by )?(?:(?P<qualifier>{_QUALIFIER}) )?"
    rf"(?P<number>{_NUMBER})\s*(?:%|percent\b|per cent\b|pct\b|pc\b)",
    re.IGNORECASE,
)
_MONEY = re.compile(
    rf"(?:\b(?P<base>from|against)\s+)?(?:\b(?P<qualifier>{_QUALIFIER}) )?"
    rf"(?P<text>(?:US\$|\$|USD|Rs\.?|PKR)?\s*{_NUMBER}\s*(?:{_SCALE})\b(?:\s+(?:US )?(?:dollars?|rupees|US\$))?)",
    re.IGNORECASE,
)
#: Words that say nothing a figure would need.
_FILLER = frozenset(
    """
    a an the of in on at by for to from and or with was were is are be has have had it its their that which as than
    exports export exported earned earn earnings earning revenue revenues receipts pakistan pakistani pakistan's s
    employ employs employed employing year-on-year yoy year compared over against stood reached totalled came
    """.split()  # noqa: SIM905 - words are read as words
)


@dataclass
class Sentence:
    """What was understood: claims in the terms of ``intermediate.weigh_claims``, what was assumed, and the rest."""

    text: str
    claims: list[dict[str, Any]] = field(default_factory=list)
    assumed: list[str] = field(default_factory=list)
    not_understood: list[str] = field(default_factory=list)


class _Rest:
    """The words of a sentence that nothing has taken yet."""

    def __init__(self, text: str) -> None:
        self.text = " ".join(western(text).split())

    def take(self, pattern: re.Pattern[str]) -> Iterator[re.Match[str]]:
        """Every match, cut out."""
        found = list(pattern.finditer(self.text))
        for match in reversed(found):
            self.text = f"{self.text[: match.start()]} | {self.text[match.end() :]}"
        yield from found

    @property
    def words(self) -> list[str]:
        """What is left, but for words that say nothing."""
        tokens = (token.strip(".,;:!?()'\"") for token in self.text.replace("|", " ").split())
        return [token for token in tokens if token and token.casefold() not in _FILLER]


def parse(text: str, known_on: date | None = None) -> Sentence:
    """The claims of a sentence; UsageError when there is no sector, no period or no number in it."""
    rest, sentence = _Rest(text), Sentence(text)
    periods = list(_periods(rest))
    people, growths = list(rest.take(_PEOPLE)), list(rest.take(_GROWTH))
    money = list(rest.take(_MONEY))
    sector = _sector(rest)
    if not sector:
        raise UsageError(f"'{text}': no sector understood, such as call centres, ICT, software consultancy")
    if not periods:
        raise UsageError(f"'{text}': no period understood, such as FY25, Jul-Feb FY25, November 2024")
    if not (people or growths or money):
        raise UsageError(f"'{text}': no figure understood, such as $328 million, up 24.6 percent")
    base = periods[1] if len(periods) > 1 else periods[0].shifted(-1)
    if len(periods) < 2 and (growths or any(match["base"] for match in money)):
        sentence.assumed.append(f"measured against {base.code}, a year earlier")
    for match in money:
        said = _money(match, sentence)
        _add(sentence, sector, "credit", said, base if match["base"] else periods[0], None, known_on)
    for match in growths:
        _add(sentence, sector, "credit_growth", _growth(match), periods[0], base, known_on)
    for match in people:
        if sector not in _STAFF:
            sentence.not_understood.append(f"{match[0]} (of {sector})")
            continue
        _add(sentence, _STAFF[sector], "stock", _people(match), periods[0], None, known_on)
    sentence.not_understood += [period.code for period in periods[2:]] + rest.words
    return sentence


def _add(
    sentence: Sentence,
    series: str,
    measure: str,
    said: Amount,
    period: Period,
    base: Period | None,
    known_on: date | None,
) -> None:
    sentence.claims.append({
        "claim_id": f"claim {len(sentence.claims) + 1}",
        "series_code": series,
        "measure": measure,
        "unit": said.unit,
        "value": plain(said.value),
        "resolution": plain(said.resolution),
        "qualifier": said.qualifier,
        "period_code": period.code,
        "period_kind": period.kind.value,
        "span_start": period.start.isoformat(),
        "span_end": period.end.isoformat(),
        "base_period_code": base.code if base else None,
        "base_start": base.start.isoformat() if base else None,
        "base_end": base.end.isoformat() if base else None,
        "known_on": known_on.isoformat() if known_on else None,
    })  # fmt: skip


def _sector(rest: _Rest) -> str | None:
    """The first sector by the list; what names another one stays among the words."""
    for words, code in _SECTORS.items():
        if list(rest.take(re.compile(rf"\b(?:{words})(?: exports?)?\b", re.IGNORECASE))):
            return code
    return None


def _periods(rest: _Rest) -> Iterator[Period]:
    """In the order of the sentence."""
    pattern_of = [re.compile(rf"\b{pattern}\b", re.IGNORECASE) for pattern in _PERIODS]
    found = []
    for pattern in pattern_of:
        for match in pattern.finditer(rest.text):
            try:
                found.append((match.start(), _period(match.groupdict())))
            except ValueError as error:
                raise UsageError(str(error)) from error
        # as many blanks as the words had, so that places stay what they are
        rest.text = pattern.sub(lambda match: " " * len(match[0]), rest.text)
    yield from (period for _, period in sorted(found, key=lambda one: one[0]))


def _period(said: dict[str, str | None]) -> Period:
    if year := said.get("fy"):
        code = f"FY{year[-2:]}"
        first, last = said.get("first"), said.get("last")
        if first and last:
            code += f".{MONTHS[month_number(first) - 1]}-{MONTHS[month_number(last) - 1]}"
        return Period.parse(code)
    if calendar := said.get("calendar"):
        return Period.parse(calendar)
    written = said.get("year") or ""
    full = int(written) if len(written) == 4 else 2000 + int(written)
    number, month = said.get("number"), said.get("month")
    return Period.month(full, int(number) if number else month_number(month or ""))


def _money(match: re.Match[str], sentence: Sentence) -> Amount:
    text = " ".join(filter(None, (match["qualifier"], match["text"].strip())))
    try:
        return amount(text)
    except UsageError:
        said = amount(text, "usd_million")
        sentence.assumed.append(f"'{text}' in US dollars")
        return said


def _growth(match: re.Match[str]) -> Amount:
    said = amount(" ".join(filter(None, (match["qualifier"], match["number"], "percent"))))
    return said._replace(value=-said.value) if match["down"] and said.value > 0 else said


def _people(match: re.Match[str]) -> Amount:
    number = re.sub(r"^(?:an? )?(?=million|lakh)", "1 ", match["number"], flags=re.IGNORECASE)
    said = amount(" ".join(filter(None, (match["qualifier"], number))), "persons")
    return said if said.value else said._replace(resolution=Decimal(1))
