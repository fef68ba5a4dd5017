"""End a command on Ctrl-C with one line and status 130, from its first import on.

Until a command does something, and after it has ended, there is nothing to tidy up, so an interruption ends the process
at once: raised as an exception, it could be lost or reported as another error inside the packages that are being
loaded. While the command works it is raised, so that files in the making are removed.
"""

from __future__ import annotations

import os
import sys

INTERRUPTED = 130
"""Exit status of a command that Ctrl-C has ended: 128 and the number of the signal, as shells count."""

MESSAGE = "Interrupted."

try:
    import signal
    from collections.abc import Iterator
    from contextlib import contextmanager, suppress
    from typing import NoReturn
except KeyboardInterrupt:
    sys.stderr.write(f"{MESSAGE}\n")
    sys.exit(INTERRUPTED)

__all__ = ["INTERRUPTED", "MESSAGE", "Interruption", "loading"]


def _leave(number: int, frame: object) -> NoReturn:
    # Written to the file itself, as the stream may be in use where the signal came.
    with suppress(OSError):
        os.write(2, f"{MESSAGE}\n".encode())
    os._exit(INTERRUPTED)


@contextmanager
def loading() -> Iterator[None]:
    """End the process at once on Ctrl-C in the block, which loads a command and runs it, but not while it works."""
    if signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
        # Started in the background, or by a program that has its own way.
        yield
        return
    signal.signal(signal.SIGINT, _leave)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)


class Interruption:
    """Notice Ctrl-C while a command runs, even if a package turns it into an error of its own.

    Attributes:
        happened: Whether there was one.
    """

    def __init__(self) -> None:
        self.happened = False

    def __enter__(self) -> Interruption:
        """Begin to notice; in a thread, or where a program handles the signal itself, only exceptions show it."""
        self._before = signal.getsignal(signal.SIGINT)
        self._ours = self._before in (signal.default_int_handler, _leave)
        if self._ours:
            try:
                signal.signal(signal.SIGINT, self._note)
            except ValueError:
                self._ours = False
        return self

    def __exit__(self, *exception: object) -> None:
        """Restore what the signal did before."""
        if self._ours:
            signal.signal(signal.SIGINT, self._before)

    def _note(self, number: int, frame: object) -> NoReturn:
        self.happened = True
        raise KeyboardInterrupt
