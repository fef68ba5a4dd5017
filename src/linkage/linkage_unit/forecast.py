"""What a run will take, said before it begins: pairs from counts of match keys, and memory from pairs and codes.

The constants were measured (docs/decisions/0056-one-reading-of-match-keys.md); an estimate is within a quarter.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from linkage.engines.base import Engine, KeyCounts, Owners
from linkage.engines.code_reader import RANGES
from linkage.engines.duckdb import PART_CODES
from linkage.engines.key_counts import count_keys
from linkage.machine import TooLargeError
from linkage.store import Session

__all__ = ["Forecast", "check_memory", "check_purge", "expected_under_population", "forecast", "purge_forecast"]

NARROWER: Final = "population"
"""The profile that compares fewest pairs."""

LINKED: Final = 2.93
"""Pairs of one person for each record, where persons have four records (benchmarks/results/speed-link-population.json).
Under another profile they are as many."""

STRANGERS: Final = 3.93e-6
"""Pairs of different persons for each record and record of the registry, under that profile (the same file)."""

CODES: Final = 76
MEETING: Final = 56.5
"""Codes of a record under that profile, and those that meet another (the same decision)."""

CONTENT_BYTES: Final = 48
"""Length of a content of that profile."""

BASE_BYTES: Final = 350_000_000
"""The process with its packages and compiled code."""

STORED_BYTES: Final = 80
"""Bytes of a stored code, which DuckDB keeps in memory once it has read them, up to its limit."""

STORE_LIMIT: Final = 256_000_000
"""That limit while codes are read; see `linkage.store.session`."""

KEY_BYTES: Final = 25
"""Bytes of a code while match keys are divided into ranges."""

READ_BYTES: Final = 60
"""Bytes of a code while its range is sorted."""

HELD_BYTES: Final = 13
"""Bytes for each code that meets another until its content is read."""

JOINED_BYTES: Final = 18
"""Bytes for each of them while they are joined, beside its content."""

BATCH_BYTES: Final = 350_000_000
"""Batches of candidate rows while they are joined and compared, by two threads."""

ENCIPHERED_BYTES: Final = 200_000_000
"""A batch of codes while a purge enciphers them anew."""

COMPARED_BYTES: Final = 100
"""Bytes for each pair that was compared, while others still are."""

PAIR_BYTES: Final = 420
"""Bytes for each pair while pairs are scored, grouped and stored."""

KNOWN_BYTES: Final = 300
"""Bytes for each pair while a purge reads how it compared, and remembers it
(docs/decisions/0059-a-purge-takes-over-what-was-compared.md)."""

_STORED: Final = """
SELECT (SELECT count(*) FROM records WHERE live), (SELECT count(*) FROM codes),
    coalesce((SELECT n_pairs FROM runs ORDER BY run DESC LIMIT 1), 0)
"""


@dataclass(frozen=True, slots=True)
class Forecast:
    """What a run is expected to take, or a purge.

    Attributes:
        records: Number of records.
        counts: What match keys say about the join.
        content_bytes: Length of a content.
    """

    records: int
    counts: KeyCounts
    content_bytes: int

    @property
    def counting_bytes(self) -> int:
        """Peak memory until match keys are counted, if what was read of them is kept for the join."""
        return BASE_BYTES + self._store_bytes + self._range_bytes + self.counts.meeting * HELD_BYTES

    @property
    def embedded_bytes(self) -> int:
        """Peak memory with the embedded engine."""
        joining = BATCH_BYTES + self.counts.meeting * (self.content_bytes + JOINED_BYTES)
        joining += self.counts.pairs * COMPARED_BYTES
        held = BASE_BYTES + self._store_bytes + max(joining, self.counts.pairs * PAIR_BYTES)
        return max(self.counting_bytes, held)

    @property
    def clustered_bytes(self) -> int:
        """Peak memory of the process that links, if a cluster compares the pairs."""
        return BASE_BYTES + self._store_bytes + max(BATCH_BYTES, self.counts.pairs * PAIR_BYTES)

    @property
    def purge_bytes(self) -> int:
        """Peak memory of a purge that takes over from the last run how pairs compare."""
        storing = ENCIPHERED_BYTES + self.counts.pairs * KNOWN_BYTES
        return BASE_BYTES + self._store_bytes + max(self._range_bytes, storing)

    @property
    def _range_bytes(self) -> int:
        codes = self.counts.codes
        return min(codes, RANGES * PART_CODES) * KEY_BYTES + min(codes, PART_CODES) * READ_BYTES

    @property
    def _store_bytes(self) -> int:
        return min(self.counts.codes * STORED_BYTES, STORE_LIMIT)


def purge_forecast(session: Session) -> Forecast:
    """Return what a purge starts from: the codes that there are, and the pairs of the last run, which it knows.

    Args:
        session: The store of the linkage unit.
    """
    ((records, codes, pairs),) = session.rows(_STORED)
    return Forecast(records, KeyCounts(codes, 0, 0, pairs), 0)


def check_purge(found: Forecast, *, memory: int) -> None:
    """Refuse a purge for which this machine has not the memory.

    Args:
        found: What it starts from.
        memory: Bytes that this process may take.

    Raises:
        TooLargeError: More would be needed.
    """
    if found.purge_bytes > memory:
        raise TooLargeError(
            act="purge",
            records=found.records,
            pairs=found.counts.pairs,
            needed=found.purge_bytes,
            available=memory,
            on_cluster=None,
            narrower=None,
        )


def expected_under_population(n_records: int) -> Forecast:
    """Return what as many records would take under the profile `population`."""
    pairs = round(n_records * (LINKED + STRANGERS * n_records))
    counts = KeyCounts(CODES * n_records, round(MEETING * n_records), pairs, pairs)
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


def check_memory(
    found: Forecast, *, profile: str, on_cluster: bool, memory: int, act: Literal["link", "purge"] = "link"
) -> None:
    """Refuse a run for which this machine has not the memory, or a purge that compares all pairs.

    Args:
        found: What it is expected to take.
        profile: Name of the profile.
        on_cluster: Whether a cluster joins the codes and compares the pairs.
        memory: Bytes that this process may take.
        act: What is to begin.

    Raises:
        TooLargeError: More would be needed.
    """
    needed = found.clustered_bytes if on_cluster else found.embedded_bytes
    if needed > memory:
        raise TooLargeError(
            act=act,
            records=found.records,
            pairs=found.counts.pairs,
            needed=needed,
            available=memory,
            on_cluster=None if on_cluster else found.clustered_bytes,
            narrower=None if profile == NARROWER else expected_under_population(found.records).embedded_bytes,
        )
