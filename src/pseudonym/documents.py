"""Read documents that ship with the library by name, and others from files. Handles neither keys nor identities."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

__all__ = ["read_document", "shipped_names"]


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
        The document, or None if there is no such name and no readable file.
    """
    if str(name) in shipped_names(folder):
        return resources.files("pseudonym").joinpath(folder, f"{name}.json").read_bytes()
    try:
        return Path(name).read_bytes()
    except (OSError, ValueError):
        return None
