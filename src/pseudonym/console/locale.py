"""Explain the two things that go wrong where the encoding of the system is not UTF-8.

Arguments that it cannot decode reach a program as bytes in disguise, and characters that it cannot encode do not reach
the screen. Neither may end a command with an error about something else.
"""

from __future__ import annotations

import codecs
import locale
import re
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from io import TextIOWrapper
from typing import Final

from pseudonym.console.failures import USAGE, Failure
from pseudonym.console.text import say

__all__ = ["replacing_unknown", "undecoded", "undecoded_failure", "undecoded_hint"]

_HANDLER: Final = "pseudonym.console"

_LONE: Final = re.compile(r"[\ud800-\udfff]")

_NOTE: Final = "Note: characters that the encoding of this console does not have are shown as question marks."

REMEDY: Final = "Use a UTF-8 locale, or set the environment variable PYTHONUTF8=1, and run the command again."


def undecoded(arguments: Iterable[str]) -> bool:
    """Return whether an argument has bytes that are no characters in the encoding of the system."""
    return any(_LONE.search(argument) for argument in arguments)


def undecoded_hint() -> str:
    """Return what may be behind an error after such arguments, and what to do about it."""
    return f"An argument has characters that are not in the encoding of this system ({_encoding()}). {REMEDY}"


def undecoded_failure() -> Failure:
    """Return the error of a command that could not go on with such arguments."""
    return Failure(
        rule="usage.encoding",
        message=f"An argument has characters that are not in the encoding of this system ({_encoding()}).",
        hint=REMEDY,
        exit_status=USAGE,
    )


@contextmanager
def replacing_unknown() -> Iterator[None]:
    """Show a question mark for each character that the console cannot show, and say so once, at the end."""
    replaced = False

    def replace(error: UnicodeError) -> tuple[str, int]:
        if not isinstance(error, UnicodeEncodeError):
            raise error
        nonlocal replaced
        replaced = True
        return "?" * (error.end - error.start), error.end

    codecs.register_error(_HANDLER, replace)
    streams = [(stream, stream.errors) for stream in (sys.stdout, sys.stderr) if isinstance(stream, TextIOWrapper)]
    for stream, _ in streams:
        stream.reconfigure(errors=_HANDLER)
    try:
        yield
    finally:
        for stream, errors in streams:
            # Whoever reads it may have gone, or its disk be full; the command has its own error for that.
            with suppress(OSError, ValueError):
                stream.reconfigure(errors=errors)
        if replaced:
            say(f"{_NOTE} {REMEDY}", err=True)


def _encoding() -> str:
    return sys.getfilesystemencoding() if sys.platform != "win32" else locale.getpreferredencoding(do_setlocale=False)
