"""Output files, which must not replace a file that cannot be made again."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final, TypeVar

import typer

from linkage.errors import ExportError

__all__ = ["write_file"]

HEAD_BYTES: Final = 1024
"""Enough of a file to recognise a key: its comment and the beginning of its line."""

_Content = TypeVar("_Content")


def write_file(writer: Callable[[_Content, Path], None], content: _Content, out: Path, *, option: str) -> None:
    """Write a result to a file, unless that would replace a key, a submission, a registry or a device.

    Args:
        writer: The function that writes the file.
        content: What to write.
        out: The file.
        option: The option that named the file, for the message.

    Raises:
        typer.BadParameter: The file must not be replaced.
        ExportError: `export.unwritable` when the file cannot be written.
    """
    if _is_precious(out):
        raise typer.BadParameter(f"{option} must not replace a key, a submission, a registry or a device.")
    try:
        writer(content, out)
    except OSError:
        raise ExportError(
            "export.unwritable", "The file cannot be written: no space, no permission, or no such folder.", path=out
        ) from None


def _is_precious(path: Path) -> bool:
    """Recognise a file that must not be replaced by its first bytes."""
    try:
        if path.exists() and not (path.is_file() or path.is_dir()):
            return True
        with path.open("rb") as file:
            head = file.read(HEAD_BYTES)
    except OSError:
        return False
    return head.startswith(b"PAR1") or head[8:12] == b"DUCK" or b"-SECRET-" in head
