"""Read documents that ship with the library by name, and others from files. Handles neither keys nor identities."""

from __future__ import annotations

from importlib import resources
from pathlib import Path
from typing import Final

__all__ = ["read_document", "read_file", "shipped_names"]

MAX_BYTES: Final = 1 << 22
"""More than sixty times the largest document that ships. Parsing takes a multiple of the size in memory."""


def shipped_names(folder: str) -> tuple[str, ...]:
    """Return the sorted names of the documents in one folder of the library.

    Args:
        folder: `profiles` or `codebooks`.
    """
    files = resources.files("pseudonym").joinpath(folder).iterdir()
    return tuple(sorted(file.name.removesuffix(".json") for file in files if file.name.endswith(".json")))


def read_document(folder: str, name: str | Path) -> bytes | None:
    """Read a document that ships with the library, or one from a file.

    Args:
        folder: As for `shipped_names`.
        name: A name from `shipped_names`, or the path of a file.

    Returns:
        The document, or None if there is no such name and no readable file. Of a file that is too large to be one, or
        a device without end, nothing is returned but `b""`, which no parser takes for a document.
    """
    if str(name) in shipped_names(folder):
        return resources.files("pseudonym").joinpath(folder, f"{name}.json").read_bytes()
    return read_file(name)


def read_file(path: str | Path) -> bytes | None:
    """Read a document from a file.

    Args:
        path: Its path.

    Returns:
        As for `read_document`.
    """
    try:
        with open(path, "rb") as file:
            data = file.read(MAX_BYTES + 1)
    except (OSError, ValueError):
        return None
    return data if len(data) <= MAX_BYTES else b""
