"""Ctrl-C, a closed terminal, a polite kill: heard at any moment, acted on only where it is safe.

The handler writes a note and nothing else; whoever waits asks for it. So no half-started process is lost between
its birth and its being written down, and nothing breaks off in the middle of stopping.
"""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_SLICE_SECONDS = 0.05


class Interrupts:
    """How often we were asked to stop."""

    def __init__(self) -> None:
        self.asked = 0

    def note(self, _number: int, _frame: FrameType | None) -> None:
        """Note a signal: the handler."""
        self.asked += 1

    def check(self) -> None:
        """KeyboardInterrupt when we were asked to stop."""
        if self.asked:
            raise KeyboardInterrupt

    def pause(self, seconds: float) -> None:
        """Sleep, but no longer than until we are asked to stop."""
        until = time.monotonic() + seconds
        self.check()
        while (left := until - time.monotonic()) > 0:
            time.sleep(min(left, _SLICE_SECONDS))
            self.check()


@contextmanager
def noted() -> Iterator[Interrupts]:
    """Note the signals that ask us to stop, for as long as the block lasts."""
    interrupts = Interrupts()
    before = {number: signal.signal(number, interrupts.note) for number in _SIGNALS}
    try:
        yield interrupts
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
