"""What stands in an audit pack, and the zip it is: the same bytes for the same state of the warehouse."""

from __future__ import annotations

import io
import json
import zipfile
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from sqlalchemy import Connection

from sanad import __version__
from sanad.archive import ledger, releases
from sanad.archive.store import Store, sha256_of
from sanad.grid import Grid, read
from sanad.lineage import Chain
from sanad.lineage.pack.drawing import draw
from sanad.registry import dataset
from sanad.warehouse.connect import Role, engine
from sanad.words.errors import Unreadable
from sanad.words.numbers import plain
from sanad.words.vocabulary import VISIBLE

_HERE = Path(__file__).parent
_PAGES = Environment(
    loader=FileSystemLoader(_HERE), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
)
_SUMS = "SHA256SUMS"


@dataclass(frozen=True)
class _Source:
    """A cited release with the bytes of its parts by name."""

    release: dict[str, Any]
    parts: dict[str, bytes]

    def file(self, name: str) -> str:
        """Where a part stands in the pack."""
        return f"sources/{self.release['sha256'][:8]}/{quote(name, safe='').lstrip('.') or 'part'}"

    @cached_property
    def grid(self) -> Grid:
        """The cells of its one part; none where that is no grid."""
        source = dataset(self.release["dataset"])
        try:
            return read(next(iter(self.parts.values())), source.file_types, source.max_bytes)
        except Unreadable:
            return Grid([])

    @property
    def stated(self) -> dict[str, Any]:
        """The source in the manifest."""
        release = {name: self.release[name] for name in ("release_id", "dataset", "sha256")}
        parts = [
            {"name": name, "file": self.file(name), "sha256": sha256_of(content), "bytes": len(content)}
            for name, content in sorted(self.parts.items())
        ]
        return {**release, "parts": parts}


def audit_pack(chain: Chain) -> bytes:
    """A zip of a mart row's chain: figures, sources, ledger, a page to read, and a script that verifies them.

    The ledger is whole, up to its head as it stands now. Tampered when archived bytes are not what their names say.
    """
    told = chain.as_dict()
    with engine(Role.AUDITOR).connect() as connection:
        rows = ledger.rows(connection)
        sources = [_source(connection, release) for release in _releases(told)]
    manifest = _manifest(told, rows, sources)
    pages = _pages(told, manifest, sources)
    files = {
        "pack.json": _json(manifest),
        "chain.json": _json(told),
        "ledger.jsonl": b"".join(_line(ledger.chained(row)) for row in rows),
        "verify.py": (_HERE / "verify.py").read_bytes(),
        **{name: _PAGES.get_template(f"{name}.j2").render(pages).encode() for name in ("index.html", "README.txt")},
        **{source.file(name): content for source in sources for name, content in source.parts.items()},
    }
    files[_SUMS] = "".join(f"{sha256_of(files[name])}  {name}\n" for name in sorted(files)).encode()
    return _zip(files)


def cited(told: dict[str, Any]) -> list[dict[str, Any]]:
    """Every figure of a chain once, in the order in which the values cite them."""
    inputs = [one for measure in told["measures"] for one in measure["inputs"]]
    listed = [figure for one in inputs for figure in [*one["figures"], *one.get("less", [])]]
    return list({figure["figure_id"]: figure for figure in listed}.values())


def _releases(told: dict[str, Any]) -> list[dict[str, Any]]:
    """The releases of the figures, and those the chain is about without one."""
    listed = [*cited(told), *told.get("releases", [])]
    found = {one["release"]["release_id"]: one["release"] for one in listed}
    return [found[release_id] for release_id in sorted(found, key=int)]


def _source(connection: Connection, release: dict[str, Any]) -> _Source:
    return _Source(release, releases.contents(connection, Store.open(), int(release["release_id"])))


def _manifest(told: dict[str, Any], rows: list[dict[str, Any]], sources: list[_Source]) -> dict[str, Any]:
    return {
        "sanad": __version__,
        "mart": told["mart"],
        "key": "/".join(told["key"].values()),
        "ledger": {"seq": rows[-1]["seq"], "hash": rows[-1]["hash"]},
        "ledger_seq": _made_at(told, rows),
        "visible_events": sorted(VISIBLE),
        "sources": [source.stated for source in sources],
    }


def _made_at(told: dict[str, Any], rows: list[dict[str, Any]]) -> int:
    """The ledger event at which the cited releases counted: that of the instant asked for, else that of the build."""
    built: int = told["build"]["ledger_seq"] if told["build"] else rows[-1]["seq"]
    instant = told["row"].get("recorded_at") or told.get("as_of", {}).get("recorded")
    return max((row["seq"] for row in rows if instant and row["at"] <= instant), default=built)


def _pages(told: dict[str, Any], manifest: dict[str, Any], sources: list[_Source]) -> dict[str, Any]:
    """What the page and the README show."""
    by_id = {source.release["release_id"]: source for source in sources}
    figures = cited(told)
    return {
        "chain": told,
        "pack": manifest,
        "figures": figures,
        "numbers": {figure["figure_id"]: number for number, figure in enumerate(figures, start=1)},
        "drawings": {one["figure_id"]: draw(one, by_id[one["release"]["release_id"]].grid) for one in figures},
        "releases": {one["release"]["release_id"]: one for one in [*figures, *told.get("releases", [])]},
        "sources": by_id,
    }


def _amount(value: object) -> str:
    """A number with its thousands apart, other things as they are."""
    return f"{value:,f}" if isinstance(value, Decimal) else _text(value)


def _moment(value: object) -> str:
    """An instant to the second."""
    return _text(value)[:19].replace("T", " ") + " UTC"


_PAGES.filters |= {"amount": _amount, "moment": _moment}


def _json(value: dict[str, Any]) -> bytes:
    return json.dumps(value, indent=1, ensure_ascii=False, default=_text).encode() + b"\n"


def _line(value: dict[str, Any]) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode() + b"\n"


def _text(value: object) -> str:
    """Decimals in digits, days and instants in ISO 8601."""
    if isinstance(value, Decimal):
        return plain(value)
    return value.isoformat() if isinstance(value, date) else str(value)


def _zip(files: dict[str, bytes]) -> bytes:
    """Files by name, without times, owners or anything else that two packs could differ in."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as packed:
        for name in sorted(files):
            entry = zipfile.ZipInfo(name)  # of 1980, as the format's first day
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            packed.writestr(entry, files[name])
    return stream.getvalue()
