"""CSV by the tokenizer of pandas: the second reader of what the standard library's ``csv`` parsed.

Encoding and delimiter are found anew, by a rule of its own: UTF-8 or UTF-16 by their marks, else UTF-8 where it
decodes, else Windows-1252; the delimiter that occurs most often outside quotes.
"""

from __future__ import annotations

import codecs
import io
import re
from importlib.metadata import version

import pandas as pd

from sanad.verify.locators.table import Place, Table

_MARKS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
_QUOTED = re.compile(r'"[^"]*"')
_DELIMITERS = ",;\t|"


def read(content: bytes) -> Table:
    """Every field that is not empty, as text; rows are records, blank ones counted."""
    text = _decoded(content)
    cells: dict[Place, str] = {}
    if text:
        bare = _QUOTED.sub("", text)
        delimiter = max(_DELIMITERS, key=bare.count)
        widest = 1 + max(line.count(delimiter) for line in text.splitlines())
        frame = pd.read_csv(
            io.StringIO(text, newline=""), sep=delimiter, header=None, names=range(widest), index_col=False, dtype=str,
            keep_default_na=False, na_filter=False, skip_blank_lines=False, engine="c",
        )  # fmt: skip
        for row, values in enumerate(frame.itertuples(index=False, name=None)):
            for column, value in enumerate(values):
                if isinstance(value, str) and value:
                    cells[Place("", row, column)] = value
    return Table(f"pandas {version('pandas')}", cells)


def _decoded(content: bytes) -> str:
    for mark, encoding in _MARKS.items():
        if content.startswith(mark):
            return content.decode(encoding)
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return content.decode("cp1252")
