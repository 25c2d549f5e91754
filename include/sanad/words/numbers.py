"""Numbers: Decimal everywhere, equal when they agree to 6 decimals of the printed unit."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Context, Decimal

#: numeric(20,6) is what the marts hold.
SIX_PLACES = Decimal("0.000001")
_WIDE = Context(prec=60, rounding=ROUND_HALF_UP)


def shortest(value: float) -> Decimal:
    """The shortest decimal that reads back as the same double, exactly; minus zero is zero.

    A workbook stores doubles: 26508.9619 is stored as 26508.961900000001541..., and printed as 26508.9619.
    """
    return Decimal(repr(float(value))) + 0


def six_places(value: Decimal) -> Decimal:
    """Rounded to 6 decimals, half away from zero, as PostgreSQL rounds numeric."""
    return value.quantize(SIX_PLACES, context=_WIDE) + 0


def equal(left: Decimal, right: Decimal) -> bool:
    """Whether two values are the same figure: equality after rounding to 6 decimals."""
    return six_places(left) == six_places(right)


def plain(value: Decimal) -> str:
    """A decimal in digits, never in exponents."""
    return format(value, "f")
