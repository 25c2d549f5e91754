"""The gates a registry file can declare, by name, and the judgement of them all."""

from __future__ import annotations

from sanad.gates import checks, comparisons, monthly, rows
from sanad.gates.occasion import Check, Occasion
from sanad.registry import Dataset, Gate
from sanad.words.errors import Finding, UsageError

#: Findings of one gate that are written down; a workbook shifted by one row would otherwise yield a thousand.
MOST = 20

COMPARISONS: dict[str, Check] = {
    check.__name__: check
    for check in (
        comparisons.edition_gap,
        comparisons.value_moved,
        comparisons.turned_missing,
        comparisons.scale_jump,
    )
}
CHECKS: dict[str, Check] = COMPARISONS | {
    check.__name__: check
    for check in (
        checks.codes,
        checks.net_is_credit_less_debit,
        checks.parent_is_sum_of_children,
        checks.one_value_per_quantity,
        checks.edition_not_in_future,
        checks.periods_had_ended,
        checks.label_changed,
        checks.series_add_up,
        monthly.months_follow,
        monthly.positive,
        monthly.change_as_printed,
        rows.serials_not_in_future,
        rows.one_name_per_certificate,
        rows.kinds_are_known,
        rows.text_as_written,
    )
}


def judge(occasion: Occasion) -> list[Finding]:
    """Everything the dataset's gates find, in their order, at most ``MOST`` a gate and one line for the rest.

    What a register must be in any case, not empty and not mostly rejected, is judged undeclared.
    """
    findings: list[Finding] = [*rows.no_entries(occasion), *rows.too_many_rejected(occasion)]
    for gate in occasion.dataset.gates:
        found = list(_check(gate)(occasion, gate))
        findings += found[:MOST]
        if len(found) > MOST:
            findings.append(
                Finding(gate.gate, gate.consequence, "no further finding", f"{len(found) - MOST} more like these")
            )
    return findings


def compares(dataset: Dataset) -> bool:
    """Whether any of the dataset's gates looks at the release before."""
    return any(gate.gate in COMPARISONS for gate in dataset.gates)


def _check(gate: Gate) -> Check:
    if gate.gate not in CHECKS:
        raise UsageError(f"the registry declares a gate '{gate.gate}' that does not exist; known: {', '.join(CHECKS)}")
    return CHECKS[gate.gate]
