"""Find out why a file cannot be read, in the same words for every kind of file."""

from __future__ import annotations

import os
from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Final, NamedTuple

__all__ = ["EMPTY", "Reason", "why_unknown", "why_unreadable"]


class Reason(NamedTuple):
    """Why a file cannot be read.

    Attributes:
        message: What is wrong, in a constant sentence that follows the path.
        hint: What to do about it.
    """

    message: str
    hint: str


MISSING: Final = Reason(
    "There is no such file.", "Check its name, and the folder: a relative path begins where the command is run."
)
FOLDER: Final = Reason("The path is a folder, not a file.", "Add the name of the file to the path.")
FORBIDDEN: Final = Reason(
    "The file cannot be opened: permission denied.",
    "Ask its owner for the right to read it; on Windows, close the program that has it open.",
)
DEVICE: Final = Reason("The path is a pipe or a device, not a file.", "Save what comes from it to a file first.")
EMPTY: Final = Reason("The file is empty.", "Export it again, or check that it was copied whole.")
FAILING: Final = Reason(
    "The file cannot be read: the disk or the network fails, or the system has no file handles left.",
    "Copy the file to a local disk and try again.",
)
MALFORMED: Final = Reason("This cannot be the path of a file.", "Check the path.")


def why_unreadable(path: str | os.PathLike[str], error: Exception | None = None) -> Reason:
    """Return why a file could not be read.

    Args:
        path: The file.
        error: What the system raised, if it was tried.

    Returns:
        The reason, as the system gives it or, where that is vague, as the path shows it.
    """
    try:
        if isinstance(error, FileNotFoundError | NotADirectoryError) or not os.path.lexists(path):
            return MISSING
        if os.path.isdir(path):
            # Windows calls it a matter of permission.
            return FOLDER
        if os.path.exists(path) and not os.path.isfile(path):
            return DEVICE
    except ValueError:
        # For example, a NUL character.
        return MALFORMED
    if isinstance(error, PermissionError) or not os.access(path, os.R_OK):
        return FORBIDDEN
    return FAILING


def why_unknown(kind: str, name: str | os.PathLike[str], shipped: Sequence[str]) -> Reason:
    """Return why a document can neither be found by its name nor be read from a file.

    Args:
        kind: What it is, such as `profile`.
        name: What was asked for.
        shipped: The names of those that ship.
    """
    if Path(name).suffix or Path(name).name != str(name) or os.path.lexists(name):
        return why_unreadable(name)
    near = get_close_matches(str(name), shipped, n=1)
    question = f"Did you mean {near[0]}? " if near else ""
    return Reason(
        f"There is no {kind} and no file of this name.",
        f"{question}Those that ship are {', '.join(shipped)}; any other is named by the path of its file.",
    )
