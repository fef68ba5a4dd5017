"""How progress is shown, and what time it is: for every part that takes long or writes down when it was done."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

__all__ = ["Progress", "now", "quiet"]

Progress = Callable[[str, int, int], None]
"""Called with the name of a stage, the amount of work done, and the total, which is 0 if unknown.

The first word of the name is the step; further words say which file it is about.
"""


def quiet(stage: str, done: int, total: int) -> None:
    """Show no progress."""


def now() -> str:
    """Return the current time in UTC, to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds")
