"""``sanad docs``: dbt's pages of the models and their columns, each one file that opens without a server."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from typing import Annotated

import typer

from sanad.cli.output import screen
from sanad.words import settings
from sanad.words.errors import SanadError


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("docs")(docs)


def docs(
    out: Annotated[Path | None, typer.Option(help="The folder to write to; .sanad/docs without it.")] = None,
) -> None:
    """Write models.html (dbt's catalogue) and columns.html (which column comes from which); the marts must be built."""
    from sanad.local.postgres import warehouse
    from sanad.warehouse import dbt

    folder = out or settings.state() / "docs"
    made = settings.state() / "dbt" / "docs"
    folder.mkdir(parents=True, exist_ok=True)
    with warehouse():
        dbt.invoke("docs", "generate", "--static", folder="docs")
    shutil.copyfile(made / "static_index.html", folder / "models.html")
    _columns(made, folder / "columns.html")
    for page in ("models.html", "columns.html"):
        screen.print(str(folder / page), markup=False)


def _columns(made: Path, page: Path) -> None:
    """Run colibri; without the flag its page would tell a company's server that somebody opened it."""
    colibri = Path(sys.executable).with_name("colibri")
    ran = subprocess.run(
        [
            colibri, "generate", "--light", "--disable-telemetry", "--output-dir", made / "columns",
            "--manifest", made / "manifest.json", "--catalog", made / "catalog.json",
        ],
        capture_output=True,
        text=True,
        check=False,
    )  # fmt: skip
    if ran.returncode:
        raise SanadError(f"the page of columns could not be written: {ran.stdout}{ran.stderr}")
    shutil.copyfile(made / "columns" / "index.html", page)
