"""What describes the figures: lines, sectors, periods, releases, the build."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import date

from sanad.registry import datasets
from sanad.verify.declared import seed
from sanad.verify.known import Known, Print
from sanad.verify.marts.claims.official import TRADE
from sanad.verify.marts.derived import differences
from sanad.verify.marts.expected import Row
from sanad.verify.marts.exports import chosen
from sanad.words.periods import MONTHS, Period, fiscal_year_of
from sanad.words.vocabulary import Event, PeriodKind


def releases(known: Known) -> Iterable[Row]:
    """``dim_release``: every release ever received."""
    of_edition = Counter((one.dataset, one.edition) for one in known.releases.values())
    visible = Counter((one.dataset, one.edition) for one in known.releases.values() if one.is_visible)
    for one in known.releases.values():
        last, edition = one.events[-1], (one.dataset, one.edition)
        stands_alone = of_edition[edition] == 1 or (one.is_visible and visible[edition] == 1)
        yield (
            (one.release_id,),
            {
                "dataset": one.dataset,
                "edition": one.edition,
                "handle": one.handle if stands_alone and one.edition else f"{one.dataset}#{one.sha256[:8]}",
                "sha256": one.sha256,
                "origin": one.origin,
                "url": one.url,
                "coverage": one.coverage,
                "redacted": one.redacted,
                "published_on": one.published_on,
                "published_on_from": one.published_on_from,
                "published_seq": one.published_seq,
                "first_fetched_at": one.first_fetched_at,
                "state": last.event,
                "state_at": last.at,
                "state_reason": last.reason,
                "decided_by": last.actor,
                "figures": one.figures,
                "entries": one.entries,
                "rejected": one.rejected,
            },
        )


def periods(known: Known) -> Iterable[Row]:
    """``dim_period``: the periods that the workbook prints, those derived of them, and those of a sector's exports."""
    official = known.of(frozenset({TRADE}))
    printed = {one.period_code for one, _ in official.standing if one.period_code}
    derived = {one.period.code for _, one in differences(official)}
    for code in printed | derived | {code for _, code in known.once(chosen)}:
        period = Period.parse(code)
        year, month = period.last_month
        fiscal_year = fiscal_year_of(date(year, month, 1))
        yield (
            (code,),
            {
                "period_kind": period.kind.value,
                "period_label": _label(period),
                "period_start": period.start,
                "period_end": period.end,
                "period_last_on": date.fromordinal(period.end.toordinal() - 1),
                "months_in_span": (period.end.year - period.start.year) * 12 + period.end.month - period.start.month,
                "is_cumulative": period.kind is PeriodKind.FISCAL_YEAR_TO_DATE,
                "fiscal_year": fiscal_year,
                "fiscal_year_code": _fiscal(period),
                "fiscal_month": (month + 5) % 12 + 1,
                "calendar_year": year,
                "calendar_month": month,
            },
        )


def _fiscal(period: Period) -> str:
    year, month = period.last_month
    return f"FY{fiscal_year_of(date(year, month, 1)) % 100:02d}"


def _label(period: Period) -> str:
    match period.kind:
        case PeriodKind.MONTH:
            return f"{MONTHS[period.start.month - 1]}-{period.start.year % 100:02d}"
        case PeriodKind.CALENDAR_YEAR:
            return period.code
        case PeriodKind.FISCAL_YEAR:
            return _fiscal(period)
    return f"{MONTHS[period.start.month - 1]}-{MONTHS[period.last_month[1] - 1]} {_fiscal(period)}"


def lines(known: Known) -> Iterable[Row]:
    """``dim_ebops_line``: each line as the newest release that prints it labels it."""
    newest: dict[str, Print] = {}
    for one, _ in sorted(known.standing, key=lambda said: (said[0].release.order, -said[0].figure_id)):
        newest[one.series_code] = one
    places = sorted(newest, key=lambda code: [int(number) for number in code.split(".")])
    parents = {one.parent_code for one in newest.values()}
    for code, one in newest.items():
        yield (
            (code,),
            {
                "parent_code": one.parent_code,
                "label": _without_code(" ".join((one.label_raw or "").split()), code),
                "label_raw": one.label_raw,
                "indent": one.indent,
                "level": 0 if code == "0" else code.count(".") + 1,
                "sort_order": places.index(code) + 1,
                "is_leaf": code not in parents,
            },
        )


def _without_code(label: str, code: str) -> str:
    return re.sub(rf"^{re.escape(code)}\.? ", "", label)


def sectors(_: Known) -> Iterable[Row]:
    """``dim_sector``: the seeds."""
    lines_of = defaultdict(list)
    for row in seed("sector_ebops_line"):
        lines_of[row["sector_code"]].append(row["ebops_code"])
    for row in seed("sector"):
        yield (
            (row["sector_code"],),
            {
                "sector_name": row["sector_name"],
                "sector_kind": row["sector_kind"],
                "is_within_ict": row["is_within_ict"] == "true",
                "sort_order": int(row["sort_order"]),
                "ebops_codes": sorted(lines_of[row["sector_code"]]),
            },
        )


def places(_: Known) -> Iterable[Row]:
    """``dim_place``: the seeds."""
    spellings = defaultdict(list)
    for row in seed("place_spelling"):
        spellings[row["place_code"]].append(row["spelling"])
    named = {row["place_code"]: row for row in seed("place")}
    for code, row in named.items():
        city, region = named.get(row["city_code"], {}), named.get(row["region_code"], {})
        yield (
            (code,),
            {
                "place_name": row["place_name"],
                "place_kind": row["place_kind"],
                "city_code": row["city_code"] or None,
                "city_name": city.get("place_name"),
                "district_name": row["district_name"] or None,
                "region_code": row["region_code"] or None,
                "region_name": region.get("place_name"),
                "region_kind": region.get("place_kind"),
                "spellings": sorted(spellings[code]),
            },
        )


def build(known: Known) -> Iterable[Row]:
    """``dim_build``: what the visible releases of each dataset come to."""
    of_dataset = defaultdict(list)
    for one in known.visible:
        of_dataset[one.dataset].append(one)
    for dataset, found in of_dataset.items():
        yield (
            (dataset,),
            {
                "newest_edition": found[-1].edition or f"#{found[-1].sha256[:8]}",
                "newest_published_on": found[-1].published_on,
                "releases": len(found),
                "figures": sum(one.figures for one in found),
                "entries": sum(one.entries for one in found),
                "ledger_seq": known.seq,
                "built_at": known.built_at,
                "complete": True,
            },
        )


_MONTH = re.compile(r"(\d{4})-(\d{2})")


def health(known: Known) -> Iterable[Row]:
    """``mart_data_health``: what is newest, awaited and held back of each dataset."""
    of_dataset = defaultdict(list)
    for one in known.releases.values():
        of_dataset[one.dataset].append(one)
    newest = {one.dataset: one for one in known.visible}  # in published order: the last stays
    for dataset, found in of_dataset.items():
        visible, last = [one for one in found if one.is_visible], newest.get(dataset)
        awaited, due_on = _awaited(dataset, last.edition if last else None)
        yield (
            (dataset,),
            {
                "newest_edition": (last.edition or f"#{last.sha256[:8]}") if last else None,
                "newest_published_on": last.published_on if last else None,
                "awaited_edition": awaited,
                "due_on": due_on,
                "received": len(found),
                "quarantined": sum(one.events[-1].event == Event.QUARANTINED for one in found),
                "entries": sum(one.entries for one in visible),
                "entries_rejected": sum(one.rejected for one in visible),
                "last_received_at": max(one.first_fetched_at for one in found),
                "last_decided_at": max(one.events[-1].at for one in found),
            },
        )


def _awaited(dataset: str, edition: str | None) -> tuple[str | None, date | None]:
    """The month after an edition's, and the registry's day of the month after that."""
    registered = datasets().get(dataset)
    if registered is None or registered.due_day is None or edition is None or not _MONTH.fullmatch(edition):
        return None, None
    months = int(edition[:4]) * 12 + int(edition[5:])  # counted from 0: the month after the edition's
    due_year, due_month = divmod(months + 1, 12)
    return f"{months // 12}-{months % 12 + 1:02}", date(due_year, due_month + 1, registered.due_day)
