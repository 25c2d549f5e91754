"""Figures and entries into PostgreSQL: one COPY a table, inside the transaction that accepts the release."""

from sanad.stage.load import stage

__all__ = ["stage"]
