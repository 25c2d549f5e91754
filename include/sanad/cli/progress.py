"""Progress on standard error: a clock for each phase on a terminal, else one plain line when a phase is done."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

Say = Callable[[str], None]


class Phases:
    """The phases of a run, each with its own clock."""

    def __init__(self) -> None:
        self._console = Console(stderr=True, soft_wrap=True, highlight=False)
        self._began = time.monotonic()

    @property
    def seconds(self) -> float:
        """Since the first phase."""
        return time.monotonic() - self._began

    @contextmanager
    def phase(self, title: str) -> Iterator[Say]:
        """One phase; call what it gives with what is happening, the last such word stays on the line."""
        began = time.monotonic()
        word = ""
        live = Progress(
            SpinnerColumn(finished_text=" "),
            TextColumn("{task.description}", markup=False),
            TimeElapsedColumn(),
            TextColumn("{task.fields[word]}", style="dim", markup=False),
            console=self._console,
            transient=True,
            disable=not self._console.is_terminal,
        )
        clock = live.add_task(f"{title:<28}", total=None, word="")

        def say(text: str) -> None:
            nonlocal word
            word = text
            live.update(clock, word=text)

        with live:
            yield say
        self._console.print(f"{title:<28} {time.monotonic() - began:6.1f} s  {word}".rstrip(), markup=False)
