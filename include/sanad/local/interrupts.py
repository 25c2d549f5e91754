"""Ctrl-C, a closed terminal, a polite kill: heard at any moment, acted on only where it is safe.

The handler writes a note and nothing else; whoever waits asks for it. So no half-started process is lost between
its birth and its being written down, and nothing breaks off in the middle of stopping.
"""

from __future__ import annotations

import os
import signal
import threading
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
    # under nohup a closed terminal is nothing to us
    heard = [number for number in _SIGNALS if number != signal.SIGHUP or signal.getsignal(number) != signal.SIG_IGN]
    before = {number: signal.signal(number, interrupts.note) for number in heard}
    try:
        yield interrupts
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def held() -> Iterator[None]:
    """Put the signals off to the end of the block, for steps that must not be left half done; keep it short."""
    if threading.current_thread() is not threading.main_thread():
        yield  # signals are the main thread's
        return
    heard: list[int] = []
    before = {
        number: signal.signal(number, lambda number, _frame: heard.append(number))
        for number in _SIGNALS
        if signal.getsignal(number) != signal.SIG_IGN
    }
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        for again in dict.fromkeys(heard):
            os.kill(os.getpid(), again)
