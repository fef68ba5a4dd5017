"""Search everything that a run lets out for the values of a person.

A value is looked for as it stands, in the forms in which Python, JSON and byte strings show it, folded in case, without
separators, and word by word.
"""

from __future__ import annotations

import io
import json
import logging
import traceback
from collections.abc import Callable, Iterable, Iterator
from contextlib import redirect_stderr, redirect_stdout, suppress
from dataclasses import dataclass
from typing import Final, NoReturn

MIN_CHARACTERS: Final = 3
"""A shorter value, such as an initial, stands in every text by chance."""


@dataclass(frozen=True)
class Outcome:
    """What a run let out: its exit status, and all text that it printed, logged or wrote for people."""

    status: int
    text: str


class _Keeper(logging.Handler):
    def __init__(self) -> None:
        super().__init__(level=0)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(f"{record.getMessage()} {record.__dict__!r}")


def run(main: Callable[[list[str]], object], arguments: Iterable[object]) -> Outcome:
    """Run a command line in this process and keep all that it prints and logs."""
    printed, keeper, root = io.StringIO(), _Keeper(), logging.getLogger()
    level = root.level
    root.addHandler(keeper)
    root.setLevel(0)
    status = 0
    try:
        with redirect_stdout(printed), redirect_stderr(printed):
            main([str(word) for word in arguments])
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else 1
        printed.write("" if isinstance(end.code, int) else str(end.code))
    finally:
        root.removeHandler(keeper)
        root.setLevel(level)
    return Outcome(status, printed.getvalue() + "\n".join(keeper.lines))


def told_by(error: BaseException, *, hidden: bool = True) -> str:
    """Put together all that an error tells, with every error that came before it.

    Args:
        error: The error.
        hidden: Whether to follow contexts that `raise ... from None` keeps out of tracebacks and logs.

    Returns:
        The texts, one after the other.
    """
    told = traceback.format_exception(error)
    seen: set[int] = set()
    waiting: list[BaseException | None] = [error]
    while waiting:
        link = waiting.pop()
        if link is None or id(link) in seen:
            continue
        seen.add(id(link))
        told += [str(link), repr(link), repr(link.args), repr(getattr(link, "__dict__", {}))]
        told += getattr(link, "__notes__", [])
        waiting += [link.__cause__, link.__context__ if hidden or not link.__suppress_context__ else None]
    return "\n".join(told)


def raised_by(action: Callable[[], object], *, hidden: bool = True) -> str:
    """Do what must fail, and give all that its error tells."""
    try:
        action()
    except Exception as error:
        return told_by(error, hidden=hidden)
    return _nothing_raised()


def _nothing_raised() -> NoReturn:
    raise AssertionError("nothing was raised, so nothing was tested")


def forms(value: str) -> Iterator[str]:
    """Return the ways in which a value could be shown."""
    for text in {value, value.strip(), value.casefold(), value.upper()}:
        yield from (text, ascii(text)[1:-1], repr(text)[1:-1], json.dumps(text)[1:-1])
        for codec in ("utf-8", "latin-1", "utf-16-le"):
            with suppress(UnicodeEncodeError):
                yield repr(text.encode(codec))[2:-1]


def pieces(values: Iterable[str]) -> set[str]:
    """Return every piece of the values that would tell something: whole, without separators, and word by word."""
    found = set()
    for value in values:
        bare = "".join(character for character in value if character not in " -+./_")
        for part in (value, bare, *value.split()):
            if len(part) >= MIN_CHARACTERS:
                found |= {form for form in forms(part) if len(form) >= MIN_CHARACTERS}
    return found


def leaks(text: str, values: Iterable[str]) -> list[str]:
    """List the pieces of `values` that stand in a text."""
    folded = text.casefold()
    return sorted(piece for piece in pieces(values) if piece in text or piece.casefold() in folded)
