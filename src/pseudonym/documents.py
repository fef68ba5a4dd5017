"""Documents that ship with the library by their names, and others from files. Knows no key and no identity."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

__all__ = ["read_document", "shipped_names"]


def shipped_names(folder: str) -> tuple[str, ...]:
    """List the names of the documents of a folder that ships with the library, sorted.

    Args:
        folder: `profiles` or `codebooks`.
    """
    files = resources.files("pseudonym").joinpath(folder).iterdir()
    return tuple(sorted(file.name.removesuffix(".json") for file in files if file.name.endswith(".json")))


def read_document(folder: str, name: str | Path) -> bytes | None:
    """Read a document that ships, or one from a file.

    Args:
        folder: As for `shipped_names`.
        name: A name of `shipped_names`, or the path of a file.

    Returns:
        The document; None where there is neither such a name nor a file that can be read.
    """
    if str(name) in shipped_names(folder):
        return resources.files("pseudonym").joinpath(folder, f"{name}.json").read_bytes()
    try:
        return Path(name).read_bytes()
    except (OSError, ValueError):
        return None
