#!/usr/bin/env python3
"""Verify this audit pack without Sanad: ``python verify.py [--head HASH]``.

Needs Python 3.9 or newer and python-calamine, which reads the spreadsheets (``pip install python-calamine``). Checked:

- every file against SHA256SUMS;
- the ledger: each row's hash from the row before and its own content, up to the head; with --head, that a hash noted
  down earlier is in the chain;
- each source: its bytes against the hash that the ledger states; what is shown of its publication and custody; and that
  it counted when the value was made;
- each figure: the cell at its locator, its header and its line's label; corrections, as the ledger has them;
- each entry of a register: the text of every field at its locator; corrections, as the ledger has them;
- each value: its formula over the figures, in decimal arithmetic, rounded to 6 decimals; a count, by its members, and
  that the entries of each are here.

Exit code 0 when all of that agrees, 4 when something does not (one line each), 2 when it could not be tried. What this
script cannot check it says line by line. Not checked at all: that the whole chain was not written anew (that is what a
head noted down is for), that the figures, members and entries cited are the ones to cite, what the text of a field is
taken for (Apr 2023 for 2023-04), and that index.html shows what chain.json says.
"""

from __future__ import annotations

import argparse
import ast
import csv
import hashlib
import io
import json
import operator
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date
from decimal import ROUND_HALF_UP, Context, Decimal, DivisionByZero, InvalidOperation, localcontext
from pathlib import Path
from typing import Any

try:
    from python_calamine import CalamineError, CalamineWorkbook
except ImportError:
    print("python-calamine is needed to read the spreadsheets: pip install python-calamine", file=sys.stderr)
    sys.exit(2)

Json = Any
Figure = dict[str, Any]
Entry = dict[str, Any]

SUMS = "SHA256SUMS"
GENESIS = "0" * 64
SIX_PLACES = Decimal("0.000001")
WIDE = Context(prec=60, rounding=ROUND_HALF_UP, traps=[InvalidOperation, DivisionByZero])
OPERATIONS: dict[type[ast.operator], Callable[[Decimal, Decimal], Decimal]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}
#: The formula of a count of registrations.
COUNT = "count(members)"
FIELD = re.compile(r"^cell=([0-9]+),([0-9]+)$")
CELL = re.compile(r"^'((?:[^']|'')*)'!([A-Z]+)([0-9]+)$")
#: Of what stands over or beside a figure: its period, its year where that has a cell of its own, its measure, its unit.
HEADINGS = ("header", "year", "measure_header", "unit")
BLANKS = re.compile(r"[\s\u00a0]+")


class Pack:
    """The unpacked files, and what was found in them so far."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.manifest: Json = json.loads((folder / "pack.json").read_text(encoding="utf-8"))
        self.chain: Json = json.loads((folder / "chain.json").read_text(encoding="utf-8"))
        lines = (folder / "ledger.jsonl").read_bytes().splitlines()  # bytes, for a text's own lines end in more ways
        self.ledger: list[Json] = [json.loads(line) for line in lines]
        self.agreed: Counter[str] = Counter()
        self.disagreements: list[str] = []
        self.unchecked: list[str] = []

    def check(self, kind: str, where: str, expected: object, found: object) -> bool:
        """Count two things that must be equal, or say that they are not."""
        if expected == found:
            self.agreed[kind] += 1
            return True
        self.disagreements.append(f"{kind} {where}: expected {expected}, found {found}")
        return False

    def events(self, release_id: str, until: int | None = None) -> list[Json]:
        """The ledger's rows of a release, up to an event."""
        return [
            row for row in self.ledger if row["release_id"] == release_id and (until is None or row["seq"] <= until)
        ]


# ---- files


def check_files(pack: Pack) -> None:
    """Every file is as SHA256SUMS has it."""
    sums = (pack.folder / SUMS).read_text(encoding="utf-8").splitlines()
    stated = {name: sha256 for sha256, _, name in (line.partition("  ") for line in sums)}
    for name, sha256 in stated.items():
        pack.check("file", name, sha256, sha256_of(pack.folder / name))
    there = {path.relative_to(pack.folder).as_posix() for path in pack.folder.rglob("*") if path.is_file()}
    for name in sorted(there - set(stated) - {SUMS}):
        pack.unchecked.append(f"file {name}: SHA256SUMS does not name it")


def sha256_of(path: Path) -> str:
    """Hex sha256 of a file, or that there is none."""
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else "no such file"


# ---- the ledger


def canonical(value: Json) -> str:
    """RFC 8785 JSON of texts, whole numbers, lists and objects; a number with a fraction is refused."""
    if isinstance(value, dict):
        inside = sorted(value.items(), key=lambda item: item[0].encode("utf-16-be"))
        return "{" + ",".join(f"{canonical(name)}:{canonical(inner)}" for name, inner in inside) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(canonical, value)) + "]"
    if isinstance(value, float) or (isinstance(value, int) and abs(value) >= 1 << 53):
        raise ValueError(f"{value} is a number that this script cannot write as RFC 8785 has it")
    return json.dumps(value, ensure_ascii=False)


def check_ledger(pack: Pack, noted: str | None) -> None:
    """Each row's hash, made of the row before and its own content; the head; and one that was noted down."""
    before, at = GENESIS, ""
    for number, row in enumerate(pack.ledger, start=1):
        where = f"row {number} ({row['event']} of release {row['release_id']})"
        content = {name: value for name, value in row.items() if name != "hash"}
        try:
            found = hashlib.sha256((row["prev_hash"] + canonical(content)).encode()).hexdigest()
            pack.check("ledger", f"{where}, hash of its content", row["hash"], found)
        except ValueError as error:
            pack.unchecked.append(f"ledger {where}, hash of its content: {error}")
        pack.check("ledger", f"{where}, seq", number, row["seq"])
        pack.check("ledger", f"{where}, hash of the row before", before, row["prev_hash"])
        pack.check("ledger", f"{where}, not before {at}", True, row["at"] >= at)
        before, at = row["hash"], row["at"]
    head = pack.manifest["ledger"]
    pack.check("ledger", "head", [head["seq"], head["hash"]], [len(pack.ledger), before])
    if noted:
        seqs = [row["seq"] for row in pack.ledger if row["hash"] == noted]
        pack.check("ledger", f"an event of the hash noted down, {noted}", 1, len(seqs))


# ---- sources


def leading_bits(bits: int, *parts: str) -> str:
    """The first bits of a sha256 over texts with zero bytes between them, as a decimal number."""
    digest = hashlib.sha256(b"\0".join(part.encode() for part in parts)).digest()
    return str(int.from_bytes(digest, "big") >> (256 - bits))


def check_source(pack: Pack, source: Json) -> None:
    """A release's bytes against its parts' hashes, those against its own, and that against the ledger."""
    where = f"{source['dataset']}#{source['sha256'][:8]}"
    hashes = {part["name"]: sha256_of(pack.folder / part["file"]) for part in source["parts"]}
    for part in source["parts"]:
        pack.check("source", f"{where}, bytes of {part['file']}", part["sha256"], hashes[part["name"]])
    lines = "".join(f"{name} {sha256}\n" for name, sha256 in sorted(hashes.items()))
    whole = hashlib.sha256(lines.encode()).hexdigest() if len(hashes) > 1 else next(iter(hashes.values()))
    pack.check("source", f"{where}, sha256", source["sha256"], whole)
    release_id = leading_bits(35, source["dataset"], source["sha256"])
    pack.check("source", f"{where}, release_id", source["release_id"], release_id)
    stated = stated_facts(pack, source["release_id"])
    if "sha256" in stated:
        pack.check("source", f"{where}, sha256 in the ledger", stated["sha256"], whole)
    else:
        pack.unchecked.append(f"source {where}: the ledger does not state its sha256")
    check_visible(pack, where, source["release_id"])


def stated_facts(pack: Pack, release_id: str) -> Json:
    """What the release's first event states of it."""
    return next((row["evidence"].get("release", {}) for row in pack.events(release_id)), {})


def check_visible(pack: Pack, where: str, release_id: str) -> None:
    """The release counted when the value was made."""
    until = pack.manifest["ledger_seq"]
    events = [row["event"] for row in pack.events(release_id, until)]
    said = f"{where}, visible at event {until}"
    pack.check("source", said, True, bool(events) and events[-1] in pack.manifest["visible_events"])


def check_release(pack: Pack, shown: Json) -> None:
    """What the chain shows of a release is what the ledger states: publication, and who did what, when and why."""
    release, where = shown["release"], f"{shown['release']['dataset']}#{shown['release']['sha256'][:8]}"
    for name, stated in stated_facts(pack, release["release_id"]).items():
        if name in release:
            pack.check("release", f"{where}, {name}", instant(stated), instant(release[name]))
    rows = {row["seq"]: row for row in pack.events(release["release_id"])}
    pack.check("release", f"{where}, events shown", sorted(rows), sorted(event["seq"] for event in shown["custody"]))
    for event in shown["custody"]:
        row = rows.get(event["seq"], {})
        for name in ("event", "actor", "reason", "at"):
            expected, found = instant(row.get(name)), instant(event[name])
            pack.check("release", f"{where}, {name} of event {event['seq']}", expected, found)


def instant(value: Json) -> Json:
    """An instant in UTC in one spelling; anything else as it is."""
    if not isinstance(value, str) or not re.match(r"^\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d", value):
        return value
    plain = re.sub(r"(Z|\+00(:00)?)$", "", value.replace(" ", "T"))
    whole, _, fraction = plain.partition(".")
    return f"{whole}.{fraction.ljust(6, '0')}"


# ---- figures


class Sheets:
    """The cells of the sources, opened once each."""

    def __init__(self, pack: Pack) -> None:
        self._pack = pack
        self._parts = {source["release_id"]: source["parts"] for source in pack.manifest["sources"]}
        self._sheets: dict[tuple[str, str], list[list[Any]]] = {}

    def row(self, release_id: str, locator: str) -> tuple[list[Any], int] | None:
        """The row a locator stands in, and the column's place in it from 0; None where it is no cell of a sheet."""
        parts = self._parts[release_id]
        part = next((part for part in parts if locator.startswith(part["name"] + "!")), parts[0])
        inner = locator[len(part["name"]) + 1 :] if locator.startswith(part["name"] + "!") else locator
        match = CELL.match(inner)
        if not match or not part["file"].endswith((".xls", ".xlsx")):
            return None
        rows = self._read(part["file"], match[1].replace("''", "'"))
        number, column = int(match[3]) - 1, column_of(match[2])
        row = rows[number] if number < len(rows) else []
        return row + [""] * (column + 1 - len(row)), column

    def _read(self, file: str, sheet: str) -> list[list[Any]]:
        if (file, sheet) not in self._sheets:
            book = CalamineWorkbook.from_path(str(self._pack.folder / file))
            found = book.get_sheet_by_name(sheet).to_python(skip_empty_area=False)
            self._sheets[file, sheet] = [list(row) for row in found]
        return self._sheets[file, sheet]


def column_of(letters: str) -> int:
    """The column of its letters, from 0."""
    column = 0
    for letter in letters:
        column = column * 26 + ord(letter) - ord("A") + 1
    return column - 1


def check_figure(pack: Pack, sheets: Sheets, figure: Figure) -> None:
    """The cell at the locator holds the value, under that header and in the line of that label."""
    release_id, where = figure["release"]["release_id"], f"{figure['figure_id']} at {figure['locator']}"
    pack.check("figure", f"{where}, release", release_id, str(int(figure["figure_id"]) >> 28))
    source = next((one for one in pack.manifest["sources"] if one["release_id"] == release_id), None)
    if not pack.check("figure", f"{where}, its source is in the pack", True, source is not None):
        return
    try:
        found = sheets.row(release_id, figure["locator"])
    except (CalamineError, OSError) as error:
        pack.check("figure", where, "a sheet that can be read", error)
        return
    if found is None:
        pack.unchecked.append(f"figure {where}: no cell of a spreadsheet")
        return
    row, column = found
    pack.check("figure", f"{where}, value", printed(figure), cell_value(row[column]))
    if figure["label_raw"]:
        texts = [text(cell) for cell in row if isinstance(cell, str)]
        pack.check("figure", f"{where}, label '{text(figure['label_raw'])}'", True, text(figure["label_raw"]) in texts)
    for heading in HEADINGS:
        if locator := figure.get(f"{heading}_locator"):
            check_heading(pack, sheets, figure, where, locator, figure[f"{heading}_as_printed"])
    # where the year of a period has a cell of its own, it is the header that stands over the column
    over = "header_locator" if figure.get("year_locator") else "measure_header_locator"
    if locator := figure.get(over):
        places = [CELL.match(one) for one in (locator, figure["locator"])]
        columns = [place[2] for place in places if place]
        pack.check("figure", f"{where}, the column of its heading", columns[0], columns[-1])


def printed(figure: Figure) -> Json:
    """The figure's value to 6 decimals, or the words that stand in its place."""
    return figure["null_reason"] if figure["value"] is None else six(Decimal(figure["value"]))


def cell_value(cell: Any) -> Json:
    """A number as the shortest decimal of its double, to 6 decimals; a text without runs of blanks."""
    if isinstance(cell, (int, float)) and not isinstance(cell, bool):
        return six(Decimal(repr(float(cell))))
    return text(cell)


def text(cell: Any) -> str:
    """A text with every run of blanks made one space."""
    return BLANKS.sub(" ", str(cell)).strip()


def check_heading(pack: Pack, sheets: Sheets, figure: Figure, where: str, locator: str, shown: str) -> None:
    """A heading's own text; a date behind a format is the month in which the figure's period begins."""
    found = sheets.row(figure["release"]["release_id"], locator)
    if found is None:
        return
    cell = found[0][found[1]]
    if isinstance(cell, date):
        code = figure["period_code"]
        month = f"FY{cell.year % 100 + 1:02d}.Jul-Jul" if str(code).startswith("FY") else f"{cell:%Y-%m}"
        pack.check("figure", f"{where}, period by its heading {locator}", code, month)
    elif isinstance(cell, float) and cell.is_integer():  # a year
        pack.check("figure", f"{where}, heading {locator}", text(shown), text(int(cell)))
    else:
        pack.check("figure", f"{where}, heading {locator}", text(shown), text(cell))


# ---- entries of registers


class Texts:
    """What stands at a field's place, in tables of text and in JSON; each part is read once."""

    def __init__(self, pack: Pack, sheets: Sheets) -> None:
        self._pack, self._sheets = pack, sheets
        self._parts = {source["release_id"]: source["parts"] for source in pack.manifest["sources"]}
        self._read: dict[str, Any] = {}

    def at(self, release_id: str, locator: str) -> str | None:
        """The text there, empty where nothing is; None where this script cannot read that kind of place."""
        parts = self._parts[release_id]
        part = next((part for part in parts if locator.startswith(part["name"] + "!")), parts[0])
        inner = locator[len(part["name"]) + 1 :] if locator.startswith(part["name"] + "!") else locator
        if place := FIELD.match(inner):
            rows = self._table(part["file"])
            row = rows[int(place[1]) - 1] if int(place[1]) <= len(rows) else []
            return row[int(place[2]) - 1] if int(place[2]) <= len(row) else ""
        if inner.startswith("/") and "!" not in inner:
            return self._node(part["file"], inner)
        found = self._sheets.row(release_id, locator)
        cell = found[0][found[1]] if found else None
        return cell if isinstance(cell, str) else None

    def _table(self, file: str) -> list[list[str]]:
        if file not in self._read:
            content = (self._pack.folder / file).read_bytes()
            for encoding in ("utf-16",) if content[:2] in {b"\xff\xfe", b"\xfe\xff"} else ("utf-8-sig", "cp1252"):
                try:
                    plain = content.decode(encoding)
                    break
                except UnicodeDecodeError:
                    continue
            bare = re.sub(r'"[^"]*"', "", plain)
            self._read[file] = list(csv.reader(io.StringIO(plain), delimiter=max(",;\t|", key=bare.count)))
        return self._read[file]  # type: ignore[no-any-return]

    def _node(self, file: str, pointer: str) -> str | None:
        if file not in self._read:
            self._read[file] = json.loads((self._pack.folder / file).read_bytes(), parse_float=str, parse_int=str)
        node = self._read[file]
        for escaped in pointer.split("/")[1:]:
            token = escaped.replace("~1", "/").replace("~0", "~")
            try:
                node = node[int(token)] if isinstance(node, list) else node[token]
            except (LookupError, ValueError, TypeError):
                return ""
        return node if isinstance(node, str) else None


def check_entry(pack: Pack, texts: Texts, entry: Entry) -> None:
    """The text of every field stands at its locator, and what is used instead is what the ledger says."""
    release_id, where = entry["release_id"], f"{entry['entry_id']} at {entry['locator']}"
    pack.check("entry", f"{where}, release", release_id, str(int(entry["entry_id"]) >> 28))
    source = next((one for one in pack.manifest["sources"] if one["release_id"] == release_id), None)
    if not pack.check("entry", f"{where}, its source is in the pack", True, source is not None):
        return
    correction = entry_correction(pack, entry)
    pack.check("entry", f"{where}, left out", correction.get("action") == "drop", entry["is_dropped"])
    changes = correction.get("fields") or {}
    for told in entry["fields"]:
        field = f"{where}, {told['field']} at {told['locator']}"
        pack.check("entry", f"{field}, value used", changes.get(told["field"], told["value"]), told["value_used"])
        found = texts.at(release_id, told["locator"])
        if found is None:
            pack.unchecked.append(f"entry {field}: a place of a kind that this script does not read")
        else:
            pack.check("entry", field, text(told["as_printed"]), text(found))


def entry_correction(pack: Pack, entry: Entry) -> Json:
    """The entry's correction in the newest set of its release, when the value was made; nothing where it has none."""
    events = pack.events(entry["release_id"], pack.manifest["ledger_seq"])
    sets = [row["evidence"]["corrections"] for row in events if "corrections" in row["evidence"]]
    return next((one for one in (sets[-1] if sets else []) if one.get("entry_id") == entry["entry_id"]), {})


def check_count(pack: Pack, measure: Json) -> None:
    """A count is how many members it has, in the chain and in the row."""
    column = measure["column"]
    found = [one for one in pack.chain["members"] if one["measure"] == column]
    pack.check("value", f"{column} = {COUNT}", len(found), measure["value"] or 0)
    pack.check("value", f"{column} of the row", len(found), pack.chain["row"][column] or 0)
    told = {(one["registrant_code"], one["location_code"]) for one in found}
    pack.check("value", f"{column}, members that are counted twice", 0, len(found) - len(told))
    entries = {entry["entry_id"] for entry in pack.chain["entries"]}
    for one in found:
        pack.check("value", f"{column}, entries of {one['location_code']}", [], sorted({*one["entry_ids"]} - entries))


# ---- values


def six(value: Decimal) -> Decimal:
    """Rounded to 6 decimals, half away from zero."""
    return value.quantize(SIX_PLACES, context=WIDE) + 0


def used(pack: Pack, figure: Figure) -> Decimal | None:
    """The value that was used, in the unit it was printed in: the printed one, unless a correction was in force."""
    value = figure["value"]
    events = pack.events(figure["release"]["release_id"], pack.manifest["ledger_seq"])
    sets = [row["evidence"]["corrections"] for row in events if "corrections" in row["evidence"]]
    for correction in sets[-1] if sets else []:
        if correction.get("figure_id") == figure["figure_id"]:
            value = correction["value"]
    if "value_used" in figure:
        shown, expected = figure["value_used"], None if value is None else six(Decimal(value))
        found = None if shown is None else six(Decimal(shown))
        pack.check("figure", f"{figure['figure_id']} at {figure['locator']}, value used", expected, found)
    return None if value is None else Decimal(value)


def counted(pack: Pack, figure: Figure, column: str) -> Decimal | None:
    """The same in the unit of a column, rounded: a figure in million US dollars counts a thousandfold in thousands."""
    value = used(pack, figure)
    is_scaled = figure["unit"] == "usd_million" and str(column).endswith("_usd_thousand")
    return None if value is None else six(value * (1000 if is_scaled else 1))


def total(pack: Pack, one: Json) -> Decimal | None:
    """An input measure: its figures added, others taken away; None without a figure or where one has no value."""
    plus = [counted(pack, figure, one["column"]) for figure in one["figures"]]
    minus = [counted(pack, figure, one["column"]) for figure in one.get("less", [])]
    if not plus or None in plus or None in minus:
        return None
    return six(sum(filter(None, plus), Decimal(0)) - sum(filter(None, minus), Decimal(0)))


def fine(one: Json, value: Decimal | None) -> Decimal | None:
    """An input measure; None where the steps to which its figures are rounded come to more than one percent of it."""
    steps = [
        1000 * Decimal(figure["resolution"]) * (2 if figure["qualifier"] == "about" else 1)
        for figure in one["figures"] + one.get("less", [])
        if figure["unit"] == "usd_million" and figure["resolution"] is not None
    ]
    return None if value is not None and sum(steps) * 100 > abs(value) else value


def evaluate(node: ast.expr, values: dict[str, Decimal | None]) -> Decimal | None:
    """A formula of numbers, measures, fine(), + - * / and brackets; None where one has no value or a divisor is 0."""
    if isinstance(node, ast.Constant) and type(node.value) in (int, float):
        return Decimal(str(node.value))
    if isinstance(node, ast.Name) and node.id in values:
        return values[node.id]
    if isinstance(node, ast.Call) and ast.unparse(node) in values:
        return values[ast.unparse(node)]
    if isinstance(node, ast.BinOp) and type(node.op) in OPERATIONS:
        left, right = evaluate(node.left, values), evaluate(node.right, values)
        if left is None or right is None or (isinstance(node.op, ast.Div) and not right):
            return None
        return OPERATIONS[type(node.op)](left, right)
    raise SyntaxError("not a formula that this script knows")


def computed(pack: Pack, measure: Json, values: dict[str, Decimal | None]) -> Decimal | None:
    """A measure of figures is their sum; any other is its formula over the measures."""
    for one in measure["inputs"]:
        if one["column"] == measure["column"]:
            return values[one["measure"]]
    with localcontext(WIDE):
        value = evaluate(ast.parse(measure["formula"], mode="eval").body, values)
    return None if value is None else six(value)


def check_value(pack: Pack, measure: Json) -> None:
    """The value is its formula over its inputs, in the chain and in the row; and so is each input."""
    if measure["formula"] == COUNT:
        check_count(pack, measure)
        return
    column, row = measure["column"], pack.chain["row"]
    values = {one["measure"]: total(pack, one) for one in measure["inputs"]}
    values |= {f"fine({one['measure']})": fine(one, values[one["measure"]]) for one in measure["inputs"]}
    for one in measure["inputs"]:
        if one["column"]:
            where = f"{column}, its input {one['column']}"
            pack.check("value", where, values[one["measure"]], decimal(one["value"]))
    try:
        expected = computed(pack, measure, values)
    except SyntaxError:
        pack.unchecked.append(f"value {column}: {measure['formula']}")
        return
    pack.check("value", f"{column} = {measure['formula']}", expected, decimal(measure["value"]))
    pack.check("value", f"{column} of the row", expected, decimal(row[column]))


def decimal(value: Json) -> Decimal | None:
    """A value of the chain to 6 decimals."""
    return None if value is None else six(Decimal(str(value)))


# ---- all of it


def figures(chain: Json) -> Iterator[Figure]:
    """Every figure that the chain cites, once."""
    seen = set()
    for measure in chain["measures"]:
        for one in measure["inputs"]:
            for figure in one["figures"] + one.get("less", []):
                if figure["figure_id"] not in seen:
                    seen.add(figure["figure_id"])
                    yield figure


def check_all(pack: Pack, noted: str | None) -> None:
    """Everything, from the files to the values."""
    check_files(pack)
    check_ledger(pack, noted)
    for source in pack.manifest["sources"]:
        check_source(pack, source)
    cited = list(figures(pack.chain))
    sheets = Sheets(pack)
    for figure in cited:
        check_figure(pack, sheets, figure)
    texts = Texts(pack, sheets)
    for entry in pack.chain.get("entries", []):
        check_entry(pack, texts, entry)
    for shown in [*cited, *pack.chain.get("releases", [])]:
        check_release(pack, shown)
    for measure in pack.chain["measures"]:
        check_value(pack, measure)


def main() -> int:
    """Check the folder this script lies in; returns the exit code."""
    parser = argparse.ArgumentParser(description="Verify this audit pack without Sanad.")
    parser.add_argument("--head", help="a ledger hash that was noted down before")
    arguments = parser.parse_args()
    try:
        pack = Pack(Path(__file__).resolve().parent)
        check_all(pack, arguments.head)
    except (OSError, ValueError, TypeError, KeyError, AttributeError, CalamineError) as error:
        print(f"this is not a whole pack: {type(error).__name__}: {error}")
        return 2
    for line in pack.disagreements:
        print(f"DISAGREES  {line}")
    for line in pack.unchecked:
        print(f"UNCHECKED  {line}")
    counts = ", ".join(f"{kind} {count}" for kind, count in sorted(pack.agreed.items()))
    print(f"{pack.manifest['mart']} {pack.manifest['key']}: {sum(pack.agreed.values())} checks agree ({counts})")
    print(f"{len(pack.disagreements)} disagree, {len(pack.unchecked)} could not be checked here")
    return 4 if pack.disagreements else 0


if __name__ == "__main__":
    sys.exit(main())
