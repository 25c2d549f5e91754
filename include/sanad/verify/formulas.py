"""The formulas of the marts' columns, evaluated in Decimal.

The grammar: numbers, names of measures, ``+ - * / ( )``; ``sum(figures)`` and ``sum(less_figures)``, the figures that
the measure cites and those it takes away; ``fine(measure)``, the measure unless its figures are rounded to more than
one percent of it. Nothing else is let through: a formula is data, not a program.
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Collection, Mapping
from decimal import ROUND_HALF_UP, Context, Decimal, localcontext
from functools import cache

from sanad.words.numbers import six_places

#: NULL where a value is unknown: it makes everything it touches unknown.
Unknown = Decimal | None
_WIDE = Context(prec=60, rounding=ROUND_HALF_UP)
_FUNCTIONS = {"sum", "fine"}
_SUMMED = {"figures", "less_figures"}
_OPERATIONS: dict[type[ast.operator], Callable[[Decimal, Decimal], Unknown]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: lambda left, right: left / right if right else None,
}


class BadFormula(ValueError):
    """A formula outside the grammar, or over a measure that the row has not."""


@cache
def _parsed(formula: str) -> ast.expr:
    try:
        return ast.parse(formula.strip(), mode="eval").body
    except SyntaxError as error:
        raise BadFormula(f"'{formula}' is no formula: {error.msg}") from error


@cache
def measures(formula: str) -> tuple[str, ...]:
    """The names of measures in a formula, in the order of their first use, those of ``sum(...)`` among them."""
    names = [node for node in ast.walk(_parsed(formula)) if isinstance(node, ast.Name) and node.id not in _FUNCTIONS]
    return tuple(dict.fromkeys(node.id for node in sorted(names, key=lambda node: node.col_offset)))


def evaluate(formula: str, values: Mapping[str, Unknown], coarse: Collection[str] = ()) -> Unknown:
    """The value, rounded to 6 decimals half away from zero; None when a measure is unknown or a denominator 0.

    ``values`` holds the measures by name and, as ``figures`` and ``less_figures``, what ``sum(...)`` gives; ``coarse``
    are the measures of which ``fine(...)`` is unknown.
    """
    fine = {f"fine({name})": None if name in coarse else value for name, value in values.items()}
    with localcontext(_WIDE):
        found = _value(_parsed(formula), {**values, **fine}, formula)
    return None if found is None else six_places(found)


def _value(node: ast.expr, values: Mapping[str, Unknown], formula: str) -> Unknown:
    match node:
        case ast.Constant(value=int() | float() as plain) if not isinstance(plain, bool):
            return Decimal(str(plain))
        case ast.Name(id=name) | ast.Call(func=ast.Name(id="sum"), args=[ast.Name(id=name)], keywords=[]):
            is_sum = isinstance(node, ast.Call)
            if name not in values or is_sum != (name in _SUMMED):
                raise BadFormula(f"'{formula}': no measure {name}")
            return values[name]
        case ast.Call(func=ast.Name(id="fine"), args=[ast.Name(id=name)], keywords=[]) if name not in _SUMMED:
            if name not in values:
                raise BadFormula(f"'{formula}': no measure {name}")
            return values[f"fine({name})"]
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            inner = _value(operand, values, formula)
            return None if inner is None else -inner
        case ast.BinOp(left=left, op=operation, right=right) if type(operation) in _OPERATIONS:
            sides = _value(left, values, formula), _value(right, values, formula)
            if sides[0] is None or sides[1] is None:
                return None
            return _OPERATIONS[type(operation)](sides[0], sides[1])
    raise BadFormula(f"'{formula}': {ast.unparse(node)} is none of number, measure, + - * /, sum or fine")
