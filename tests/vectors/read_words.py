"""Read the words of role, status and case_state as docs/spec.md says in 8. From that page alone."""

from __future__ import annotations

from tests.vectors.read_numbers import word
from tests.vectors.tables import tables

__all__ = ["read_word"]

TABLES = {"role": ("roles",), "status": ("statuses", "case_states"), "case_state": ("case_states",)}


def read_word(column: str, text: str) -> str | None:
    """Return the code that a word stands for; a status may be the state of a case. None if it is not listed."""
    for table in TABLES[column]:
        meanings: dict[str, list[str]] = tables()[table]
        for meaning, words in meanings.items():
            if word(text) in [word(one) for one in words]:
                return meaning
    return None
