"""What came of repeating a run of linking; apart from the repeating, which loads compiled code for a second."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

__all__ = ["Repetition"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Repetition:
    """What came of repeating a run.

    Attributes:
        run: The number of the run.
        linked_at: When it ended, in UTC.
        changed: What it was computed from and is no longer as it was: `records`, `cases`, `profile`, `model`. If
            anything is, nothing was computed.
        submissions: The numbers of the first and the last submission since the run, or None.
        erasures: Number of records erased since the run.
        purged: Number of records that were purged for the first time since the run.
        libraries: Packages that have another version than then.
        differs: What did not come out as it did then: `model`, `links`, `persons`.
        altered: What is stored and is not what came out then: `links`, `persons`.
    """

    run: int
    linked_at: str
    changed: tuple[str, ...]
    submissions: tuple[int, int] | None
    erasures: int
    purged: int
    libraries: tuple[str, ...]
    differs: tuple[str, ...] = ()
    altered: tuple[str, ...] = ()

    @property
    def same(self) -> bool:
        """Whether the run was repeated, with the same result, and that is what is stored."""
        return not (self.changed or self.differs or self.altered)

    def to_dict(self) -> dict[str, Any]:
        """Return plain lists, strings and numbers, as `linkage audit repeat --json` prints them."""
        found = asdict(self)
        return {name: list(one) if isinstance(one, tuple) else one for name, one in found.items()} | {"same": self.same}
