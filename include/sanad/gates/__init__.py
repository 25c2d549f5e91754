"""Checks with a declared consequence, run on every reading before anything is staged."""

from sanad.gates.checks import Occasion, judge

__all__ = ["Occasion", "judge"]
