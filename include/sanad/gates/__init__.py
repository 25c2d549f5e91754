"""Checks with a declared consequence, run on every reading before anything is staged."""

from sanad.gates.judge import compares, judge
from sanad.gates.occasion import Before, Occasion, Quantity

__all__ = ["Before", "Occasion", "Quantity", "compares", "judge"]
