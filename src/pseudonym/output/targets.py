"""What an output may replace: an older file of its own kind, and nothing else."""

from __future__ import annotations

import os
import re
import stat
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

from pseudonym.errors import OutputError
from pseudonym.output.full import FULL, is_full

__all__ = ["BOOKS", "TEXTS", "Kind", "check_target", "same_file", "table_kind", "writing"]

_STREAMS: Final = re.compile(r"/dev/(stdin|stdout|stderr|fd/.*)|/proc/.*")
"""Names of what the process has open. Behind them may be a file, which must not be replaced by another."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of output.

    Attributes:
        name: What messages call it, such as `submission`.
        is_one: Returns whether an open file is of this kind, from as little of it as possible.
        suffix: The suffix that its path must have, in small letters; empty if any will do.
        not_as: Suffixes of other formats, which its path must not have, in small letters.
    """

    name: str
    is_one: Callable[[IO[bytes]], bool]
    suffix: str = ""
    not_as: frozenset[str] = frozenset()


BOOKS: Final = frozenset({".ods", ".xls", ".xlsb", ".xlsm", ".xlsx"})
TEXTS: Final = frozenset({".csv", ".json", ".jsonl", ".toml", ".tsv", ".txt"})
"""Suffixes of files that other programs open by their name. Something else under such a name looks damaged."""


def table_kind(name: str, columns: Sequence[str], *, not_as: frozenset[str] = frozenset()) -> Kind:
    """Return the kind of CSV files with exactly these columns.

    Args:
        name: See `Kind`.
        columns: The header; no name needs quotes.
        not_as: See `Kind`.
    """
    header = ",".join(columns).encode()

    def is_one(file: IO[bytes]) -> bool:
        return file.readline(len(header) + 2).rstrip(b"\r\n") == header

    return Kind(name, is_one, not_as=not_as)


@contextmanager
def writing(kind: Kind, target: str | Path | None = None) -> Iterator[None]:
    """Turn an error of the system into one that says which output cannot be written, and why.

    Args:
        kind: The kind of the output.
        target: Its path, for the error.

    Raises:
        OutputError: `output.unwritable`.
    """
    try:
        yield
    except OSError as error:
        raise _unwritable(error, kind, target) from None


def check_target(path: str | Path, kind: Kind) -> Path:
    """Check that an output may be written to a path.

    Args:
        path: The path.
        kind: What would be written.

    Returns:
        The path with all symbolic links resolved.

    Raises:
        OutputError: `output.folder` or `output.device` if the path leads to one, `output.exists` if there is a file of
            another kind, or one that cannot be read, `output.suffix` if the path has the suffix of another format.
    """
    target = Path(os.path.realpath(path))
    try:
        mode = os.stat(path).st_mode
    except OSError:
        # There is nothing yet. Creating the file will tell if there cannot be.
        _check_suffix(path, kind)
        return target
    if stat.S_ISDIR(mode):
        raise OutputError(
            "output.folder", f"The {kind.name} cannot be written: the path is a folder.", hint="Add the name of a file."
        )
    if not stat.S_ISREG(mode) or _STREAMS.fullmatch(os.path.abspath(path)):
        raise OutputError(
            "output.device",
            f"The {kind.name} cannot be written: the path is a pipe, a device or an open stream.",
            hint="Name a file; it is written beside its final place first and then renamed, which only files allow.",
        )
    if not _is_of_kind(target, kind):
        raise OutputError(
            "output.exists",
            f"Another file already exists at the path of the {kind.name}; only an older {kind.name} is replaced.",
            hint="Choose another path, or move that file away first.",
        )
    _check_suffix(path, kind)
    return target


def _check_suffix(path: str | Path, kind: Kind) -> None:
    if Path(path).suffix.lower() in kind.not_as:
        raise OutputError(
            "output.suffix",
            f"The {kind.name} is not of the format that the name of the file says.",
            hint="Let the name end otherwise: submissions, withdrawals and totals are .parquet, lists of rejects .csv.",
            path=Path(path),
        )
    if kind.suffix and Path(path).suffix.lower() != kind.suffix:
        raise OutputError(
            "output.suffix",
            f"The {kind.name} is written as {kind.suffix}: the path has another suffix, or none.",
            hint=f"Let the name of the file end in {kind.suffix}.",
        )


def same_file(a: Path, b: Path) -> bool:
    """Return whether two paths lead to one file, or would once both are written.

    Links of both kinds are seen. As long as neither exists, names in one folder that differ only in case or in the form
    of accents count as the same, because many file systems, among them those to which a file may be copied later, keep
    only one of them.
    """
    with suppress(OSError):
        if os.path.samefile(a, b):
            return True
    one, other = (Path(os.path.realpath(path)) for path in (a, b))
    if os.path.exists(one) or os.path.exists(other):
        # If the system took the names for one, both would exist.
        return False
    try:
        together = os.path.samefile(one.parent, other.parent)
    except OSError:
        together = one.parent == other.parent
    return together and _folded(one.name) == _folded(other.name)


def _folded(name: str) -> str:
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())


def _is_of_kind(path: Path, kind: Kind) -> bool:
    try:
        with path.open("rb") as file:
            return kind.is_one(file)
    except (OSError, ValueError):
        return False


def _unwritable(error: OSError, kind: Kind, target: str | Path | None) -> OutputError:
    if is_full(error):
        # It stands within a sentence here.
        why, hint = FULL[0].lower() + FULL[1:].rstrip("."), "Make room on the disk, or write to another one."
    elif isinstance(error, PermissionError):
        why, hint = "you may not write there", "Check the rights of the folder, and that no program has the file open."
    elif isinstance(error, FileNotFoundError | NotADirectoryError):
        why, hint = "the folder does not exist", "Create the folder first."
    else:
        why, hint = "no space, no permission, or no such folder", "Check the folder and the disk."
    path = None if target is None else Path(target)
    return OutputError("output.unwritable", f"The {kind.name} cannot be written: {why}.", hint=hint, path=path)
