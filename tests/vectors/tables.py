"""The frozen tables of section 4, read as data: the one file that this generator shares with the library."""

from __future__ import annotations

import functools
import hashlib
import json
from pathlib import Path
from typing import Any, Final

__all__ = ["is_a", "tables", "tables_digest"]

TABLES: Final = Path(__file__).resolve().parents[2] / "src" / "pseudonym" / "tables.json"


@functools.cache
def tables() -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(TABLES.read_bytes())
    return loaded


def tables_digest() -> str:
    return hashlib.sha256(TABLES.read_bytes()).hexdigest()


def is_a(kind: str, character: str) -> bool:
    """Return whether a character is in the ranges of a member of `characters`."""
    return any(first <= ord(character) <= last for first, last in tables()["characters"][kind])
