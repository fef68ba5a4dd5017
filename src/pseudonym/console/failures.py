"""Errors as the user sees them: a line that names the file and what was wrong, a hint, an exit status, and JSON."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from pseudonym.console.text import fitted, print_json, shown

__all__ = [
    "INTERNAL",
    "OK",
    "PARTIAL",
    "UNWRITABLE",
    "USAGE",
    "Explain",
    "Failure",
    "Unfinished",
    "print_error_document",
    "print_failure",
    "wants_json",
]

OK: Final = 0

USAGE: Final = 2
"""The command line makes no sense."""

PARTIAL: Final = 3
"""Done, but rows were rejected or quarantined, values were left out, or there are warnings."""

UNWRITABLE: Final = 6
"""A file cannot be written."""

INTERNAL: Final = 70
"""An internal error: a bug in this library."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """An error as the user sees it.

    Attributes:
        rule: The rule that is broken, as a dotted lower-case constant, for programs.
        message: What happened, in a constant sentence.
        hint: What to do about it, or None.
        path: The file concerned, or None.
        row: The line of the file, or None.
        field: The field of a record, the member of a document, or the option; None if there is none.
        allowed: What that member may hold, or None.
        usage: How the command is used, for an error of the command line itself, or None.
        exit_status: The exit status of the command.
    """

    rule: str
    message: str
    hint: str | None = None
    path: Path | None = None
    row: int | None = None
    field: str | None = None
    allowed: str | None = None
    usage: str | None = None
    exit_status: int

    def line(self) -> str:
        """Return what happened as one line: the path, the sentence, the field, the row, and the rule."""
        path = "" if self.path is None else f"{shown(self.path)}: "
        if self.usage is not None:
            return f"{path}{self.message}"
        place = ": ".join(text for text in (self.field, self.allowed) if text is not None)
        field = f" [{place}]" if place else ""
        row = "" if self.row is None else f" [row {self.row}]"
        return f"{path}{self.message}{field}{row} ({self.rule})"

    def to_dict(self) -> dict[str, Any]:
        """Return what `--json` prints as `error`."""
        return {
            "rule": self.rule,
            "message": self.message,
            "hint": self.hint,
            "path": None if self.path is None else str(self.path),
            "row": self.row,
            "field": self.field,
            "allowed": self.allowed,
            "exit_status": self.exit_status,
        }


class Unfinished(Exception):
    """A command ends with an error, after it has found something that `--json` prints beside it.

    Attributes:
        error: The error.
        document: What was found: members of the document, or a list, which becomes its member `results`.
    """

    def __init__(self, error: Exception, document: Mapping[str, Any] | Sequence[Any]) -> None:
        super().__init__()
        self.error = error
        self.document = document if isinstance(document, Mapping) else {"results": list(document)}


def wants_json(arguments: Sequence[str]) -> bool:
    """Return whether a command line asks for JSON; options cannot be shortened, so the word stands there as it is."""
    words = list(arguments)
    return "--json" in (words[: words.index("--")] if "--" in words else words)


def print_failure(name: str, failure: Failure) -> None:
    """Print an error to standard error: what happened on one line, what to do about it on the next.

    On a terminal both are wrapped; in a log each stays one line.

    Args:
        name: The name of the command, which starts the line.
        failure: The error.
    """
    lines = [failure.usage] if failure.usage else []
    lines.append(fitted(f"{name}: {failure.line()}", stream=sys.stderr))
    if failure.hint is not None:
        lines.append(fitted(f"  {failure.hint}", stream=sys.stderr))
    print("\n".join(lines), file=sys.stderr)


def print_error_document(failure: Failure, beside: Mapping[str, Any]) -> None:
    """Print an error as the JSON document of the command.

    Args:
        failure: The error.
        beside: Members that stand beside it: what was found before.
    """
    # Standard output may be what cannot be written to.
    with suppress(OSError):
        print_json({**beside, "error": failure.to_dict()})


Explain = Callable[[Exception], Failure | None]
"""Returns what the user sees for an error, or None if the error is unexpected."""
