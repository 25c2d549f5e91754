"""``sanad new-source``: everything that a new dataset needs, in files of its own."""

from __future__ import annotations

import keyword
import re
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from string import Template
from typing import Annotated

import typer
import yaml
from pydantic import ValidationError

from sanad import registry
from sanad.registry import Dataset
from sanad.words import settings
from sanad.words.errors import UsageError

#: PostgreSQL would cut names at 63 bytes; tests and hooks put words around a model's name.
LONGEST_MODEL = 51
_PART = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
_TEMPLATES = Path(__file__).with_name("templates")


class Kind(StrEnum):
    """What a dataset holds."""

    STATISTICS = "statistics"
    REGISTER = "register"


class FileType(StrEnum):
    """What its files are."""

    XLS = "xls"
    XLSX = "xlsx"
    CSV = "csv"


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("new-source")(new_source)


def new_source(
    name: Annotated[str, typer.Argument(metavar="PUBLISHER/DATASET", help="Lower-case words: sbp/trade_in_services")],
    kind: Annotated[Kind, typer.Option(help="Figures by line and period, or rows of who is registered.")] = (
        Kind.STATISTICS
    ),
    file_type: Annotated[FileType, typer.Option(help="What the publisher's files are.")] = FileType.XLSX,
    title: Annotated[str | None, typer.Option(help="What people call it.")] = None,
    publisher: Annotated[str | None, typer.Option(help="Who issues it; known for a known publisher.")] = None,
    timezone: Annotated[str | None, typer.Option(help="The zone in whose days it is published.")] = None,
    url: Annotated[list[str] | None, typer.Option(help="Where it is served; repeat it for mirrors.")] = None,
) -> None:
    """Scaffold a dataset: registry file, parser, dbt source and staging model, tests that pass.

    Nothing is overwritten. With --url it gets a collect DAG; without, its files come in with `sanad ingest`.
    """
    code, dataset = _parts(name)
    known = next((one.publisher for one in registry.datasets().values() if one.publisher_code == code), None)
    words = {
        "publisher": code,
        "dataset": dataset,
        "model": f"stg_{code}__{dataset}",
        "kind": kind.value,
        "file_type": file_type.value,
        "title": _line("--title", title or dataset.replace("_", " ").capitalize()),
        "timezone": timezone or (known.timezone if known else "Asia/Karachi"),
        "sheet": '""' if file_type is FileType.CSV else "Data",
        "first_locators": _first_locators(kind, file_type),
    }
    words["title_yaml"] = _scalar(words["title"])
    words["publisher_yaml"] = _scalar(_line("--publisher", publisher or (known.name if known else code.upper())))
    words["collect"] = _collect(url or [])
    files = dict(_files(words, kind))
    _check_registry(name, files)
    if standing := [_shown(path) for path in files if path.exists()]:
        raise UsageError(f"{name}: not overwritten: {', '.join(standing)}")
    for path, text in files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    _say_what_is_next(name, list(files), collected=bool(url))


def _parts(name: str) -> tuple[str, str]:
    """Publisher and dataset; UsageError says what a name may be."""
    parts = name.split("/")
    bad = [part for part in parts if not _PART.fullmatch(part) or keyword.iskeyword(part)]
    if len(parts) != 2 or bad:
        raise UsageError(f"'{name}': expected publisher/dataset in lower-case words joined by single _")
    code, dataset = parts
    if (_project() / "include" / "sanad" / "extract" / f"{code}.py").exists():
        raise UsageError(f"'{name}': a publisher cannot be called {code}: sanad.extract has a module of that name")
    if len(model := f"stg_{code}__{dataset}") > LONGEST_MODEL:
        raise UsageError(f"'{name}': expected a model's name of at most {LONGEST_MODEL} characters, found {model}")
    return code, dataset


def _project() -> Path:
    project = settings.project()
    if not (project / "dbt_project").is_dir():
        raise UsageError(f"{project} is no checkout of the project: set SANAD_PROJECT")
    return project


def _line(option: str, text: str) -> str:
    """A line that can stand in YAML, in a docstring and in a comment."""
    if not 0 < len(text) <= 80 or not text.isprintable() or set(text) & set('"\\{}'):
        raise UsageError(f'{option}: expected one line of at most 80 characters without " \\ {{ }}, found {text!r}')
    return text


def _scalar(text: str) -> str:
    """Text as YAML, quoted where it must be."""
    return yaml.safe_dump(text, allow_unicode=True, width=1000).removesuffix("...\n").strip()


def _first_locators(kind: Kind, file_type: FileType) -> str:
    """Where the first value of the tests' table stands, and its heading or its name."""
    in_csv = file_type is FileType.CSV
    if kind is Kind.STATISTICS:
        return '"cell=4,3", "cell=3,3"' if in_csv else "\"'Data '!C4\", \"'Data '!C3\""
    return '"row=3", "cell=3,2"' if in_csv else "\"'Sheet1'!3:3\", \"'Sheet1'!B3\""


def _template(name: str, words: dict[str, str]) -> str:
    return Template((_TEMPLATES / f"{name}.tmpl").read_text(encoding="utf-8")).substitute(words)


def _collect(urls: list[str]) -> str:
    if not urls:
        return ""
    listed = "\n".join(f"    - url: {_scalar(url)}\n      verified: false" for url in urls)
    return _template("collect.yml", {"urls": listed})


def _files(words: dict[str, str], kind: Kind) -> Iterator[tuple[Path, str]]:
    """Each file of the dataset with its text."""
    code, dataset, model = words["publisher"], words["dataset"], words["model"]
    project = _project()
    rules = _template(f"{kind}/rules.yml", words)
    yield settings.sources() / code / f"{dataset}.yml", _tidy(_template("registry.yml", {**words, "rules": rules}))
    parsers = project / "include" / "sanad" / "extract" / code
    if not (parsers / "__init__.py").exists():
        yield parsers / "__init__.py", f'"""Parsers of releases of {words["publisher_yaml"]}."""\n'
    yield parsers / f"{dataset}.py", _template(f"{kind}/parser.py", words)
    staging = project / "dbt_project" / "models" / "staging"
    yield staging / f"{model}.sql", _template(f"{kind}/model.sql", words)
    yield staging / f"{model}.yml", _tidy(_template(f"{kind}/model.yml", words))
    yield project / "tests" / "parsers" / f"test_{code}__{dataset}.py", _template(f"{kind}/test.py", words)


def _tidy(text: str) -> str:
    """Gaps that were left open closed: no blank lines at either end, none doubled."""
    return re.sub(r"\n{3,}", "\n\n", text).strip() + "\n"


def _check_registry(name: str, files: dict[Path, str]) -> None:
    """The registry file as the loader will see it, before anything is written."""
    try:
        Dataset.model_validate({**yaml.safe_load(next(iter(files.values()))), "name": name})
    except ValidationError as error:
        said = "; ".join(f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors())
        raise UsageError(f"{name}: {said}") from error


def _shown(path: Path) -> str:
    project = settings.project()
    return str(path.relative_to(project) if path.is_relative_to(project) else path)


def _say_what_is_next(name: str, files: list[Path], *, collected: bool) -> None:
    code, dataset = name.split("/")
    test = _shown(files[-1])
    typer.echo(f"{name}: written")
    for path in files:
        typer.echo(f"  {_shown(path)}")
    collecting = (
        f"Its DAG is collect__{code}__{dataset}; check the addresses, the schedule and the time zone."
        if collected
        else "It has no collect DAG: add a `collect` section to the registry file when it has an address."
    )
    steps = (
        f"Run its tests, which pass on a table of their own: .venv/bin/python -m pytest {test}",
        "Say in the registry file what the publisher issues: the TODOs, sheet, unit, lines, gates, licence.",
        "Put a table like the publisher's into the test, and change the parser until it passes.",
        f"Try the publisher's own file: .venv/bin/sanad ingest {name} FILE; then .venv/bin/sanad build",
        collecting,
        "make lint test",
    )
    typer.echo("\nNext:")
    for number, step in enumerate(steps, 1):
        typer.echo(f"  {number}. {step}")
