"""Values that a shell offers for an option when the tab key is pressed; where none fits, it offers files."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import date

__all__ = ["Complete", "offering", "periods"]

Complete = Callable[[str], list[str]]
"""Called with what has been typed of the value; returns the values that begin with it."""


def offering(values: Callable[[], Iterable[str]]) -> Complete:
    """Return the completion for an option with known values.

    Args:
        values: Returns them; called only when they are asked for, since reading them may take time.
    """

    def complete(incomplete: str) -> list[str]:
        # Nothing may be printed while a command is being typed.
        with suppress(Exception):
            return [value for value in values() if value.startswith(incomplete)]
        return []

    return complete


def periods() -> list[str]:
    """Return the periods that are reported most often: the last twelve months, the newest first, and two years."""
    today = date.today()
    months = [divmod(today.year * 12 + today.month - 1 - back, 12) for back in range(12)]
    return [*(f"{year}-{month + 1:02}" for year, month in months), str(today.year), str(today.year - 1)]
