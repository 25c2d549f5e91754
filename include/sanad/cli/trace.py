"""``sanad trace`` and ``sanad impact``: where a value of a mart comes from, and what rests on a figure or an entry."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from decimal import Decimal
from typing import Annotated, Any

import typer

from sanad.cli.output import aligned, print_json, screen
from sanad.lineage import ENTRY, Chain, EntryChain, Impact, Input, Measure
from sanad.warehouse.as_of import as_day, as_instant
from sanad.words.errors import UsageError

AsJson = Annotated[bool, typer.Option("--json", help="JSON on standard output; ids as text.")]
_WIDTH = 80
#: A sum of more figures is said in words.
_MOST_TERMS = 6
#: Of more registrations behind its counts a row shows only these.
_MOST_MEMBERS = 50
#: What stands over or beside a figure, under the names it has there; a period's year may have a cell of its own.
_HEADS = {"period": "header", "year": "year", "measure": "measure_header", "unit": "unit"}


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("trace")(trace)
    app.command("impact")(impact)


def trace(
    mart: Annotated[
        str, typer.Argument(help="mart_call_centres; dim_release for a release's custody; entry for a register's row")
    ],
    key: Annotated[str, typer.Argument(help="Its primary key's values joined by /; an entry's id, or RELEASE!PLACE")],
    measure: Annotated[str | None, typer.Option(help="One column or input measure; all of the row without it.")] = None,
    as_of: Annotated[
        str | None, typer.Option(help="The row as of a day in the publisher's zone, included: 2026-03-20")
    ] = None,
    recorded: Annotated[
        str | None, typer.Option(help="And as of an instant of the warehouse, included: 2026-05-01T12:00:00Z")
    ] = None,
    schema: Annotated[
        str, typer.Option(help="Marts that `sanad as-of` made in a schema of their own: marts_2026_03_20")
    ] = "marts",
    json: AsJson = False,
) -> None:
    """Show the chain of a mart row: formulas, figures as printed, cells, releases, and who accepted them."""
    from sanad.lineage import trace as find
    from sanad.lineage import trace_entry
    from sanad.local.postgres import warehouse

    if mart == ENTRY:
        if as_of or recorded or schema != "marts":
            raise UsageError("an entry is traced as it stands now: its release lists it once")
        with warehouse():
            entry = trace_entry(key, measure)
        _show(entry.as_dict(), json, _entry(entry))
        return
    day, instant = as_day(as_of) if as_of else None, as_instant(recorded) if recorded else None
    with warehouse():
        chain = find(mart, key, measure, published=day, recorded=instant, schema=schema)
    _show(chain.as_dict(), json, _chain(chain))


def impact(
    name: Annotated[
        str,
        typer.Argument(
            metavar="RELEASE|FIGURE|ENTRY",
            help="sbp/trade_in_services@2026-03, the id of a figure or of a register's row, or a release and a place: "
            "sbp/trade_in_services@2026-03!'EBOPS '!I61",
        ),
    ],
    rows: Annotated[bool, typer.Option("--rows", help="Every row, not only how many.")] = False,
    json: AsJson = False,
) -> None:
    """Show which rows of the marts use a release, a figure or an entry: trace, the other way."""
    from sanad.lineage import impact as find
    from sanad.local.postgres import warehouse

    with warehouse():
        found = find(name)
    _show(found.as_dict(), json, _impact(found, rows))


def _show(told: dict[str, Any], json: bool, lines: Iterator[str]) -> None:
    """As JSON, or line by line."""
    if json:
        print_json(told)
        return
    for line in lines:
        screen.print(line, markup=False)


def _chain(chain: Chain) -> Iterator[str]:
    """The chain for a reader: values with their formulas, then each figure once, then each release once."""
    inputs = {one.measure: one for measure in chain.measures for one in measure.inputs}
    cited = {figure["figure_id"]: figure for one in inputs.values() for figure in (*one.figures, *one.less)}
    marks = {figure_id: f"[{number}]" for number, figure_id in enumerate(cited, start=1)}
    yield " ".join([chain.mart, chain.joined_key, *_as_of(chain)])
    yield from _values([*_sums(inputs, marks), *_formulas(chain.measures)])
    yield ""
    for figure_id, figure in cited.items():
        yield from _figure(figure, f"{marks[figure_id]} ")
    yield from _members(chain) if chain.members else _cited_entries(chain)
    for one in chain.releases:
        yield from _release(one)
    yield from _made(chain)


def _as_of(chain: Chain) -> Iterator[str]:
    published, recorded, schema = chain.as_of
    if published:
        yield f"as of {published}"
    if recorded:
        yield f"as recorded by {recorded:%Y-%m-%d %H:%M:%S} UTC"
    if schema != "marts":
        yield f"in {schema}"


def _values(values: list[tuple[str, str, str]]) -> Iterator[str]:
    """Name, value, and how it came about: on a line of its own where it does not fit."""
    heads = aligned([(name, value) for name, value, _ in values], "<>") if values else []
    for head, (_, _, said) in zip(heads, values, strict=True):
        line = f"{head}  {said}"
        yield from [line] if len(line) <= _WIDTH else [head, *_hanging("      ", said)]


def _sums(inputs: dict[str, Input], marks: dict[str, str]) -> Iterator[tuple[str, str, str]]:
    """What formulas are computed from, and the figures behind it."""
    for one in inputs.values():
        value = _number(one.value) if one.column else f"{len(one.figures)} figures"
        yield f"  {one.column or one.measure}", value, f"= {_terms(one, marks)}" if one.column else _terms(one, marks)


def _formulas(measures: list[Measure]) -> Iterator[tuple[str, str, str]]:
    for measure in measures:
        if measure.column not in {one.column for one in measure.inputs}:
            yield f"  {measure.column}", _number(measure.value), f"= {measure.formula}"


def _terms(one: Input, marks: dict[str, str]) -> str:
    added, taken = ([marks[figure["figure_id"]] for figure in figures] for figures in (one.figures, one.less))
    terms = [f"+ {mark}" for mark in added] + [f"- {mark}" for mark in taken]
    if len(terms) > _MOST_TERMS:
        terms = [*terms[:1], "...", *terms[-1:]]
    return " ".join(terms).removeprefix("+ ") or "nothing"


def _figure(figure: dict[str, Any], mark: str = "") -> Iterator[str]:
    unit = f" {figure['unit']}" if figure["value"] is not None else ""
    flag = f" ({figure['flag']})" if figure["flag"] else ""
    yield f"{mark}{figure['locator']}  {_number(figure['value'])}{unit}{flag}"
    yield f"    shown   '{figure['as_printed']}'"
    yield f"    line    '{_one_line(figure['label_raw'])}'"
    for word, head in _HEADS.items():
        if figure[f"{head}_locator"]:
            printed = _one_line(figure[f"{head}_as_printed"])
            yield f"    {word:8}'{printed}' at {figure[f'{head}_locator']}"
    yield f"    figure  {figure['figure_id']}, {figure['series_code']} {figure['measure']} {figure['period_code']}"
    yield f"    of      {figure['release']['handle']}, read by {_parser(figure['extraction'])}"
    for one in figure["corrections"]:
        flag = f" ({one['flag']})" if one["flag"] else ""
        used = f"{_number(figure['value_used'])}{flag} is used"
        yield from _hanging("    instead ", f"{used}: {one['action']} by {one['correction']}")
        source = f", {one['source']}" if one["source"] else ""
        yield from _hanging("            ", f"{one['reason']}; {one['reporter']}, {one['reported_on']}{source}")
    yield ""


def _members(chain: Chain) -> Iterator[str]:
    """Whom the counts count, each with the row of a register that says so."""
    entries = {one["entry_id"]: one for one in chain.entries}
    handles = {one["release"]["release_id"]: one["release"]["handle"] for one in chain.releases}
    for one in chain.members[:_MOST_MEMBERS]:
        where = [f"{handles[entries[id_]['release_id']]}!{entries[id_]['locator']}" for id_ in one["entry_ids"]]
        yield from _hanging(f"  {one['measure']}  ", f"{one['location_code']} of {one['registrant_code']}")
        yield from _hanging("      ", f"entry {', '.join(one['entry_ids'])} at {', '.join(where)}")
    if len(chain.members) > _MOST_MEMBERS:
        yield f"  and {len(chain.members) - _MOST_MEMBERS:,} more: --json has all, --measure those of one count"
    yield ""


def _cited_entries(chain: Chain) -> Iterator[str]:
    for entry in chain.entries:
        yield from _told(entry)
        yield ""


def _told(entry: dict[str, Any]) -> Iterator[str]:
    """An entry, field by field, and what corrects it."""
    left_out = ", left out" if entry["is_dropped"] else ""
    yield f"{ENTRY} {entry['entry_id']}, {entry['kind'] or 'of no known kind'}, at {entry['locator']}{left_out}"
    for told in entry["fields"]:
        yield f"  {told['field']}  {told['value']}"
        yield f"      shown   '{_one_line(told['as_printed'])}' at {told['locator']}"
        if told["value_used"] != told["value"]:
            yield f"      instead {told['value_used']} is used"
    for one in entry["corrections"]:
        source, event = f", {one['source']}" if one.get("source") else "", one["event"]
        said = f"{one['action']} by {one['correction']}: {one['reason']}; {one['reporter']}, {one['reported_on']}"
        yield from _hanging("  corrected ", said + source)
        yield from _hanging("            ", f"ledger {event['seq']}, {_instant(event['at'])}, by {event['actor']}")


def _entry(chain: EntryChain) -> Iterator[str]:
    """An entry for a reader: what it says, then its release."""
    yield from _told(chain.as_dict())
    yield f"  read by {_parser(chain.release['extraction'])}"
    yield ""
    yield from _release(chain.release)
    yield from _through(chain.models)
    yield f"Ledger   {chain.ledger_head['seq']} {chain.ledger_head['hash']}"


def _release(one: dict[str, Any]) -> Iterator[str]:
    release = one["release"]
    yield f"{release['handle']}, {release['origin']}, {release['state']}, release {release['release_id']}"
    yield f"    sha256     {release['sha256']}"
    yield f"    published  {release['published_on']}, as {_KNOWN_FROM[release['published_on_from']]}"
    yield f"    fetched    {_instant(release['first_fetched_at'])}"
    yield f"    from       {release['url'] or 'whoever handed it over'}"
    for fetch in one["fetches"]:
        yield from _hanging("    asked      ", _fetched(fetch))
    for event in one["custody"]:
        yield from _hanging(f"    ledger {event['seq']:<3} ", _event(event))
        for finding in event["findings"]:
            yield from _hanging("               ", _finding(finding))
    yield ""


#: How the day of publication is known.
_KNOWN_FROM = {
    "stated": "a person stated",
    "document": "the document says",
    "http": "HTTP's Last-Modified says",
    "observed": "first fetched: an upper bound",
}


def _fetched(fetch: dict[str, Any]) -> str:
    via = f" through {fetch['via']}" if fetch["via"] else ""
    run = f", {fetch['airflow_run']}" if fetch["airflow_run"] else ""
    again = f", and {fetch['times'] - 1} more" if fetch["times"] > 1 else ""
    return f"{fetch['url']}{via}, {_instant(fetch['started_at'])}: {fetch['status']}{run}{again}"


def _event(event: dict[str, Any]) -> str:
    overruled = " in spite of its gates" if event["overruled"] else ""
    return f"{_instant(event['at'])} {event['event']}{overruled} by {event['actor']}: {event['reason']}"


def _finding(finding: dict[str, Any]) -> str:
    where = f" at {finding['locator']}" if finding["locator"] else ""
    return (
        f"{finding['consequence']} {finding['gate']}{where}: expected {finding['expected']}, found {finding['found']}"
    )


def _through(models: list[str]) -> Iterator[str]:
    if models:
        yield from _hanging("Through  ", " > ".join(models))


def _made(chain: Chain) -> Iterator[str]:
    yield from _through(chain.models)
    if chain.build:
        run = f" by {chain.build['airflow_run']}" if chain.build["airflow_run"] else ""
        yield f"Built    {chain.build['built_at']:%Y-%m-%d %H:%M:%S} UTC{run} at ledger seq {chain.build['ledger_seq']}"
    if chain.ledger_head:
        yield f"Ledger   {chain.ledger_head['seq']} {chain.ledger_head['hash']}"


def _impact(found: Impact, with_rows: bool) -> Iterator[str]:
    release = found.release["release"]
    if found.figure:
        yield from _figure(found.figure)
    elif found.entry:
        yield from _told(found.entry)
    else:
        yield f"{release['handle']}, {release['state']}, release {release['release_id']}"
    if not found.rows:
        yield "No row of the marts uses it."
        return
    yield from aligned(
        [(f"  {mart}", f"{count:,} row{'s' * (count > 1)}") for mart, count in found.counts.items()], "<>"
    )
    if with_rows:
        yield ""
        for row in found.rows:
            yield f"{row['mart']} {row['key']}  {row['role']} {_TO[row['role']]} {row['measure']}"


_TO = {"added": "to", "taken away": "from", "cited": "in", "counted": "in"}


def _hanging(head: str, said: str) -> list[str]:
    return textwrap.wrap(
        said, _WIDTH, initial_indent=head, subsequent_indent=" " * len(head), break_long_words=False,
        break_on_hyphens=False,
    )  # fmt: skip


def _instant(text: str) -> str:
    return f"{text[:19].replace('T', ' ')} UTC"


def _one_line(text: str | None) -> str:
    return " ".join((text or "").split())


def _parser(extraction: dict[str, Any]) -> str:
    return f"{extraction['parser']} {extraction['parser_version']}"


def _number(value: Decimal | int | None) -> str:
    return "no value" if value is None else f"{value:,f}" if isinstance(value, Decimal) else f"{value:,}"
