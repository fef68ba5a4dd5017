"""How far the payload of a submission tells its records apart."""

from __future__ import annotations

import hashlib
from typing import Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from pseudonym.canonical import length_prefixed
from pseudonym.privacy import PayloadPrivacy, count_payload, item_sets
from pseudonym.wire import PAYLOAD_PREFIX, RESERVED

__all__ = ["CaseTally"]

DIGEST_BYTES: Final = 8
"""Length of the digest of a record's payload: enough to tell a hundred million combinations apart."""

TELLING: Final = ("report_id", "case_id", "event_date", "report_date", "discovered_on", "outcome_date")
"""Equal case data mean nothing unless at least one of these columns is filled."""


class CaseTally:
    """Keep short digests of each record's payload and other case data, turn by turn."""

    def __init__(self, items: tuple[str, ...]) -> None:
        """Start empty; `items` are those of the codebook."""
        self._sets = item_sets(items)
        self._filled = [0] * len(self._sets)
        self._payload: list[list[NDArray[np.uint64]]] = [[] for _ in self._sets]
        self._case_data: list[NDArray[np.uint64]] = []
        self._columns = (*RESERVED, *(PAYLOAD_PREFIX + item for item in items))

    def add(self, cases: pa.Table) -> None:
        """Add the cases of one turn."""
        for index, items in enumerate(self._sets):
            rows = _rows(cases, tuple(PAYLOAD_PREFIX + item for item in items))
            self._filled[index] += sum(any(value is not None for value in row) for row in rows)
            self._payload[index].append(_digests(rows))
        telling = np.array([any(row) for row in _rows(cases, TELLING)], np.bool_)
        self._case_data.append(np.where(telling, _digests(_rows(cases, self._columns)), np.uint64(0)))

    @property
    def filled(self) -> tuple[int, ...]:
        """For each entry of `payload`, the number of records with a code of any of its items."""
        return tuple(self._filled)

    def payload(self) -> tuple[PayloadPrivacy, ...]:
        """Count how far each item, and all items together, tell records apart."""
        return tuple(
            count_payload(items, np.unique(_joined(parts), return_counts=True)[1])
            for items, parts in zip(self._sets, self._payload, strict=True)
        )

    def agree(self, first: NDArray[np.uint32], second: NDArray[np.uint32]) -> NDArray[np.bool_]:
        """Return whether pairs of records have equal case data that identify a report.

        Args:
            first: `(p,)`, indices of the first records.
            second: `(p,)`, indices of the second records.

        Returns:
            `(p,) bool`.
        """
        case_data = _joined(self._case_data)
        return np.asarray((case_data[first] == case_data[second]) & (case_data[first] != 0))


def _rows(cases: pa.Table, names: tuple[str, ...]) -> list[tuple[str | None, ...]]:
    return list(zip(*(cases[name].to_pylist() for name in names), strict=True))


def _digests(rows: list[tuple[str | None, ...]]) -> NDArray[np.uint64]:
    # There are few combinations, so each is digested once.
    known = {row: hashlib.blake2b(length_prefixed(*row), digest_size=DIGEST_BYTES).digest() for row in set(rows)}
    return np.frombuffer(b"".join(known[row] for row in rows), np.uint64)


def _joined(parts: list[NDArray[np.uint64]]) -> NDArray[np.uint64]:
    return np.concatenate([np.zeros(0, np.uint64), *parts])
