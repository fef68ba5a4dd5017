"""What a run will take, said before it begins: pairs from counts of match keys, and memory from pairs and codes.

The constants were measured (docs/decisions/0052-a-run-says-what-it-takes.md); an estimate is within a quarter.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from linkage.engines.base import Engine, KeyCounts, Owners
from linkage.engines.duckdb import PART_CODES
from linkage.engines.key_counts import count_keys
from linkage.machine import TooLargeError

__all__ = ["Forecast", "check_memory", "expected_under_population", "forecast"]

NARROWER: Final = "population"
"""The profile that compares fewest pairs."""

LINKED: Final = 2.9
"""Pairs of one person for each record, where persons have four records (benchmarks/results/speed-link-population.json).
Under another profile they are as many."""

STRANGERS: Final = 3.4e-6
"""Pairs of different persons for each record and record of the registry, under that profile (the same file)."""

CODES: Final = 60
MEETING: Final = 40
"""Codes of a record under that profile, and those that meet another: chosen to fit the peaks of the same file."""

CONTENT_BYTES: Final = 48
"""Length of a content of that profile."""

BASE_BYTES: Final = 350_000_000
"""The process with its packages and compiled code."""

STORED_BYTES: Final = 80
"""Bytes of a stored code, which DuckDB keeps in memory once it has read them, up to its limit."""

STORE_LIMIT: Final = 2_000_000_000
"""That limit; see `linkage.store.database`."""

READ_BYTES: Final = 100
"""Bytes of a code while its part is read and sorted."""

MEETING_BYTES: Final = 32
"""Bytes for each code that meets another, beside its content, which is in memory twice while codes are gathered."""

JOINED_BYTES: Final = 16
"""Bytes for each of them afterwards, beside its content."""

BATCH_BYTES: Final = 150_000_000
"""A batch of candidate rows while it is compared."""

COMPARED_BYTES: Final = 100
"""Bytes for each pair that was compared, while others still are."""

PAIR_BYTES: Final = 600
"""Bytes for each pair while pairs are scored and grouped."""


@dataclass(frozen=True, slots=True)
class Forecast:
    """What a run is expected to take.

    Attributes:
        records: Number of records.
        counts: What match keys say about the join.
        content_bytes: Length of a content.
    """

    records: int
    counts: KeyCounts
    content_bytes: int

    @property
    def embedded_bytes(self) -> int:
        """Peak memory with the embedded engine."""
        codes, meeting = self.counts.codes, self.counts.meeting
        reading = min(codes, PART_CODES) * READ_BYTES + meeting * (2 * self.content_bytes + MEETING_BYTES)
        joining = BATCH_BYTES + meeting * (self.content_bytes + JOINED_BYTES) + self.counts.pairs * COMPARED_BYTES
        store = min(codes * STORED_BYTES, STORE_LIMIT)
        return BASE_BYTES + store + max(reading, joining, self.counts.pairs * PAIR_BYTES)

    @property
    def clustered_bytes(self) -> int:
        """Peak memory of the process that links, if a cluster compares the pairs."""
        store = min(self.counts.codes * STORED_BYTES, STORE_LIMIT)
        return BASE_BYTES + store + max(BATCH_BYTES, self.counts.pairs * PAIR_BYTES)


def expected_under_population(n_records: int) -> Forecast:
    """Return what as many records would take under the profile `population`."""
    pairs = round(n_records * (LINKED + STRANGERS * n_records))
    counts = KeyCounts(CODES * n_records, MEETING * n_records, pairs, pairs)
    return Forecast(n_records, counts, CONTENT_BYTES)


def forecast(engine: Engine, codes: str, owners: Owners, *, content_bytes: int) -> Forecast:
    """Count the match keys of a run.

    Args:
        engine: The engine of the run.
        codes: The table of the codes.
        owners: The reporter of every record.
        content_bytes: Length of a content.
    """
    return Forecast(len(owners.rid), count_keys(engine.match_keys(codes), owners), content_bytes)


def check_memory(found: Forecast, *, profile: str, on_cluster: bool, memory: int) -> None:
    """Refuse a run for which this machine has not the memory.

    Args:
        found: What it is expected to take.
        profile: Name of the profile.
        on_cluster: Whether a cluster joins the codes and compares the pairs.
        memory: Bytes that this process may take.

    Raises:
        TooLargeError: More would be needed.
    """
    needed = found.clustered_bytes if on_cluster else found.embedded_bytes
    if needed > memory:
        raise TooLargeError(
            records=found.records,
            pairs=found.counts.pairs,
            needed=needed,
            available=memory,
            on_cluster=None if on_cluster else found.clustered_bytes,
            narrower=None if profile == NARROWER else expected_under_population(found.records).embedded_bytes,
        )
