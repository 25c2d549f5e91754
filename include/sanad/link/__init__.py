"""Who is who: rows of registers that name one registrant, found by keys, names and places."""

from sanad.link.resolve import By, Decision, Identity, Link, Resolution, State, resolve
from sanad.link.rows import Row

__all__ = ["By", "Decision", "Identity", "Link", "Resolution", "Row", "State", "resolve"]
