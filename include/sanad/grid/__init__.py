"""Workbooks as a format-neutral grid of cells, each with its address, typed value and text as shown."""

from sanad.grid.cells import Cell, Grid, Sheet, column_letters
from sanad.grid.read import properties, read, read_json

__all__ = ["Cell", "Grid", "Sheet", "column_letters", "properties", "read", "read_json"]
