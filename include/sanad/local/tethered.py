"""Become another program that ends when its starter does: ``python tethered.py PARENT PROGRAM ARGUMENT...``.

Run as a file, by an interpreter that reads nothing else, so it costs a few milliseconds; a `preexec_fn` would run
between fork and exec of a process with threads, which Python calls unsafe.
"""

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1


def main() -> None:
    """Ask the kernel for a SIGTERM at the parent's death, then become the program."""
    parent, program, *arguments = sys.argv[1:]
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != int(parent):  # it died before we asked
        sys.exit(1)
    os.execv(program, [program, *arguments])  # noqa: S606


if __name__ == "__main__":
    main()
