"""The grammar of meta.sanad in Decimal: an evaluator of the tests' own, for values and for statistics."""

from __future__ import annotations

import ast
import operator
from collections import defaultdict
from decimal import Decimal, localcontext

from sanad.words.numbers import six_places

_OPERATORS = {ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv}
_PERIOD_BY_PERIOD = {
    "count": lambda series: Decimal(sum(one is not False for one in series)),
    "sum": sum,
    "mean": lambda series: sum(series) / len(series),
}


def value(formula, inputs, added, taken, coarse=()):
    """A value by its formula over the row's measures and the figures it cites; None when one is unknown.

    ``coarse`` are the measures whose figures are rounded to more than one percent of them.
    """
    names = {**inputs, "figures": _total(added), "less_figures": _total(taken) if taken else Decimal(0)}
    used = {node.id for node in ast.walk(ast.parse(formula)) if isinstance(node, ast.Name)} - {"sum", "fine"}
    if any(f"fine({name})" in formula for name in coarse):
        return None
    return None if any(names[name] is None for name in used) else _round(formula, names)


def _total(values):
    return None if None in values else sum(map(six_places, values), Decimal(0))


def statistic(formula, prints):
    """A statistic over prints: mappings with period_code, period_end, published_on, edition, value."""
    by_period = defaultdict(list)
    for one in sorted(prints, key=lambda one: one["published_on"]):
        by_period[one["period_code"]].append(one)
    pairs = [
        (six_places(first["value"]), six_places(newest["value"]))
        for first, *_, newest in (printed for printed in by_period.values() if len(printed) > 1)
        if first["value"] is not None and newest["value"] is not None and _ends_in(first)
    ]
    return _round(formula, {"first": [pair[0] for pair in pairs], "newest": [pair[1] for pair in pairs]})


def _ends_in(one):
    """Whether the period ends in the edition month: the day after its last is the first of the month after."""
    year, month = map(int, one["edition"].split("-"))
    end = one["period_end"]
    return (end.year, end.month, end.day) == (year + month // 12, month % 12 + 1, 1)


def _round(formula, names):
    with localcontext(prec=60):
        try:
            found = _evaluate(ast.parse(formula, mode="eval").body, names)
        except ZeroDivisionError:
            return None
        return six_places(found)


def _evaluate(node, names):
    match node:
        case ast.Constant():
            return Decimal(node.value)
        case ast.Name():
            return names[node.id]
        case ast.Call(func=ast.Name(id="abs")):
            return [abs(one) for one in _evaluate(node.args[0], names)]
        case ast.Call(func=ast.Name(id=name)):
            found = _evaluate(node.args[0], names)
            return _PERIOD_BY_PERIOD[name](found) if isinstance(found, list) else found
        case ast.Compare(ops=[ast.NotEq()]):
            return _each(operator.ne, _evaluate(node.left, names), _evaluate(node.comparators[0], names))
        case ast.BinOp():
            sides = _evaluate(node.left, names), _evaluate(node.right, names)
            return _each(_OPERATORS[type(node.op)], *sides)
    raise AssertionError(f"{ast.unparse(node)} is outside of the grammar")


def _each(operation, left, right):
    if isinstance(left, list):
        return [operation(*pair) for pair in zip(left, right, strict=True)]
    return operation(left, right)
