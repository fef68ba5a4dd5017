"""The notice: what the statistics unit tells the linkage unit, in handles alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import pyarrow as pa

__all__ = ["HANDLE", "TABLES", "Notice"]

HANDLE: Final = pa.binary(16)

TABLES: Final = {
    "live": pa.schema([("reporter", pa.string()), ("handle", HANDLE)]),
    "apart": pa.schema([("reporter", pa.string()), ("handle_a", HANDLE), ("handle_b", HANDLE)]),
    "seen": pa.schema([("reporter", pa.string()), ("sequence", pa.int64())]),
    "closed": pa.schema([("reporter", pa.string()), ("sequence", pa.int64())]),
}
"""The tables of a notice."""


@dataclass(frozen=True, slots=True, repr=False)
class Notice:
    """Which records the statistics unit has, and which of them are different persons.

    Nothing in it says what a record is about: no id of a record or case, no role, no date.

    Attributes:
        number: How many files the statistics unit had received: a notice with a lower number is older.
        made_at: When it was made, in UTC.
        profile_digest: Digest of the profile of the registry.
        crowded: Number of cases that have too many records to say which of them are different persons.
        live: The records of the statistics unit: `reporter`, `handle`.
        apart: Pairs of records that are different persons: `reporter`, `handle_a`, `handle_b`.
        seen: The submissions that it received: `reporter`, `sequence`. A record that the linkage unit has from one of
            these and that is not live is to be erased; one from any other waits.
        closed: For each reporter that has withdrawn anything, the sequence number of its last withdrawal. Whatever
            has a lower one is never received any more.
    """

    number: int
    made_at: str
    profile_digest: str
    crowded: int
    live: pa.Table
    apart: pa.Table
    seen: pa.Table
    closed: pa.Table

    @property
    def tables(self) -> dict[str, pa.Table]:
        """The tables by name."""
        return {name: getattr(self, name) for name in TABLES}
