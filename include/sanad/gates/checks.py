"""Gates that look at one reading alone. Each yields what it found wrong, and nothing when all is well."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from decimal import Decimal

from sanad.extract import Figure, Reading
from sanad.gates.occasion import Occasion
from sanad.grid.cells import clean
from sanad.registry import Gate
from sanad.words.errors import Finding
from sanad.words.numbers import equal, plain
from sanad.words.periods import Period


def codes(occasion: Occasion, gate: Gate) -> Iterator[Finding]:
    """Every declared line is there once, and no other."""
    layout = occasion.dataset.layout_for(occasion.reading.edition or "")
    lines = layout.lines if layout else {}
    rows = Counter(figure.series_code for figure in _one_column(occasion.reading))
    first = {figure.series_code: figure for figure in reversed(occasion.reading.figures)}
    for code, label in lines.items():
        if code not in rows:
            yield Finding(gate.gate, gate.consequence, f"line {code} {label}", "no such line")
    for code, times in rows.items():
        figure = first[code]
        if code not in lines:
            yield Finding(
                gate.gate,
                gate.consequence,
                f"one of the {len(lines)} declared codes",
                f"'{figure.label_raw}'",
                figure.locator,
            )
        elif times > 1:
            yield Finding(gate.gate, gate.consequence, f"line {code} once", f"{times} times", figure.locator)


def _one_column(reading: Reading) -> list[Figure]:
    """The figures of the first column, one for each row of the table; a heading may stand over several columns."""
    if not reading.figures:
        return []
    first = reading.figures[0]
    wanted = first.measure, first.header_locator, first.period
    return [f for f in reading.figures if (f.measure, f.header_locator, f.period) == wanted]


def _columns(reading: Reading) -> dict[tuple[Period | None, str], dict[str, Figure]]:
    """Figures by line, for each (period, measure)."""
    columns: dict[tuple[Period | None, str], dict[str, Figure]] = defaultdict(dict)
    for figure in reading.figures:
        columns[figure.period, figure.measure][figure.series_code] = figure
    return columns


def _amount(figure: Figure) -> Decimal:
    return figure.value if figure.value is not None else Decimal(0)  # N/A counts as nothing in a sum


def net_is_credit_less_debit(occasion: Occasion, gate: Gate) -> Iterator[Finding]:
    """|net - (credit - debit)| is within the tolerance, in the printed unit, in every line and period."""
    tolerance = gate.tolerance or Decimal(0)
    columns = _columns(occasion.reading)
    for (period, measure), nets in columns.items():
        if measure != "net":
            continue
        credits, debits = columns[period, "credit"], columns[period, "debit"]
        for code, net in nets.items():
            if code in credits and code in debits:
                wanted = _amount(credits[code]) - _amount(debits[code])
                if abs(_amount(net) - wanted) > tolerance:
                    yield Finding(
                        gate.gate,
                        gate.consequence,
                        f"net of line {code} for {period} = credit {plain(_amount(credits[code]))} - debit "
                        f"{plain(_amount(debits[code]))} = {plain(wanted)}",
                        plain(_amount(net)),
                        net.locator,
                    )


def parent_is_sum_of_children(occasion: Occasion, gate: Gate) -> Iterator[Finding]:
    """|parent - sum of its printed children| is within the tolerance, in every column."""
    tolerance = gate.tolerance or Decimal(0)
    for (period, measure), column in _columns(occasion.reading).items():
        sums: dict[str, Decimal] = defaultdict(Decimal)
        for figure in column.values():
            if figure.parent_code is not None:
                sums[figure.parent_code] += _amount(figure)
        for code, total in sums.items():
            if code in column and abs(_amount(column[code]) - total) > tolerance:
                yield Finding(
                    gate.gate,
                    gate.consequence,
                    f"{measure} of line {code} for {period} = the sum of its parts, {plain(total)}",
                    plain(_amount(column[code])),
                    column[code].locator,
                )


def one_value_per_quantity(occasion: Occasion, gate: Gate) -> Iterator[Finding]:
    """One quantity has one value, also where two columns span the same months, as in a July release."""
    seen: dict[tuple[str, str, object], Figure] = {}
    for figure in occasion.reading.figures:
        key = (figure.series_code, figure.measure, figure.period.span if figure.period else figure.locator)
        first = seen.setdefault(key, figure)
        same = (
            equal(first.value, figure.value)
            if first.value is not None and figure.value is not None
            else (first.value, first.null_reason) == (figure.value, figure.null_reason)
        )
        if not same:
            yield Finding(
                gate.gate,
                gate.consequence,
                f"{figure.measure} of line {figure.series_code} for {figure.period}: {first.value}, as {first.locator}",
                str(figure.value if figure.value is not None else figure.null_reason),
                figure.locator,
            )


def series_add_up(occasion: Occasion, gate: Gate) -> Iterator[Finding]:
    """|``series`` - (the sum of ``plus`` - the sum of ``less``)| is within the tolerance, in every column.

    Whether the series are there is for ``codes`` to say.
    """
    tolerance = gate.tolerance or Decimal(0)
    signs = dict.fromkeys(gate.plus, 1) | dict.fromkeys(gate.less, -1)
    for (period, measure), column in _columns(occasion.reading).items():
        if gate.series not in column or not signs.keys() <= column.keys():
            continue
        wanted = sum((sign * _amount(column[code]) for code, sign in signs.items()), Decimal(0))
        total = column[gate.series]
        if abs(_amount(total) - wanted) > tolerance:
            made = " ".join([*gate.plus, *(f"less {code}" for code in gate.less)])
            yield Finding(
                gate.gate,
                gate.consequence,
                f"{measure} of {gate.series} for {period} = {made} = {plain(wanted)}",
                plain(_amount(total)),
                total.locator,
            )


def edition_not_in_future(occasion: Occasion, gate: Gate) -> Iterator[Finding]:
    """The newest month of the edition had ended when it was published; a register's had begun."""
    edition = occasion.reading.edition
    if edition is None:
        return
    period = Period.parse(edition)
    due = period.start if occasion.dataset.kind == "register" else period.end
    if due > occasion.published_on:
        header = next((f for f in occasion.reading.figures if f.period and f.period.code == edition), None)
        yield Finding(
            gate.gate,
            gate.consequence,
            f"an edition whose month had {'begun' if occasion.dataset.kind == 'register' else 'ended'} by "
            f"{occasion.published_on}, its day of publication",
            edition,
            header.header_locator if header else None,
        )


def periods_had_ended(occasion: Occasion, gate: Gate) -> Iterator[Finding]:
    """Nobody prints what a period came to before it has ended."""
    for figure in occasion.reading.figures:
        if figure.period and figure.period.end > occasion.published_on:
            yield Finding(
                gate.gate,
                gate.consequence,
                f"a period that had ended by {occasion.published_on}, its day of publication",
                figure.period.code,
                figure.header_locator,
            )


def label_changed(occasion: Occasion, gate: Gate) -> Iterator[Finding]:
    """Every line has the label that its layout declares, blanks aside."""
    layout = occasion.dataset.layout_for(occasion.reading.edition or "")
    lines = layout.lines if layout else {}
    for figure in _one_column(occasion.reading):
        code, raw = figure.series_code, clean(figure.label_raw or "")
        label = lines.get(code)
        if label is not None and raw not in {label, f"{code} {label}", f"{code}. {label}"}:
            yield Finding(
                gate.gate, gate.consequence, f"line {code} labelled '{label}', as declared", f"'{raw}'", figure.locator
            )
