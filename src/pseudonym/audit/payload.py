"""How far the payload of a submission tells its records apart."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from pseudonym.canonical import length_prefixed
from pseudonym.wire import PAYLOAD_PREFIX, RESERVED

__all__ = ["CaseTally", "PayloadUse"]

FEW: Final = 5
"""A payload that fewer records have is counted as rare."""

DIGEST_BYTES: Final = 8
"""Length of what is kept of a record's payload: enough to tell a hundred million combinations apart."""

ITEM_SEPARATOR: Final = " + "

TELLING: Final = ("report_id", "case_id", "event_date", "report_date")
"""Columns of which one at least must be there before equal ones say anything."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PayloadUse:
    """How far one item, or all together, tell records apart.

    Attributes:
        items: The items, joined by ` + `.
        filled: Records with a code of any of them.
        unique: Records whose combination of codes no other record of the submission has.
        rare: Records whose combination fewer than five records have, those alone with theirs among them.
    """

    items: str
    filled: int
    unique: int
    rare: int


class CaseTally:
    """Keep a short digest of what stands beside the codes of each record, turn by turn."""

    def __init__(self, items: tuple[str, ...]) -> None:
        """Start from nothing; `items` are those of the codebook."""
        self._sets = [*((item,) for item in items), *([items] if len(items) > 1 else [])]
        self._filled = [0] * len(self._sets)
        self._payload: list[list[NDArray[np.uint64]]] = [[] for _ in self._sets]
        self._beside: list[NDArray[np.uint64]] = []
        self._items = items

    def add(self, cases: pa.Table) -> None:
        """Take the cases of one turn."""
        for place, items in enumerate(self._sets):
            rows = _rows(cases, tuple(PAYLOAD_PREFIX + item for item in items))
            self._filled[place] += sum(any(value is not None for value in row) for row in rows)
            self._payload[place].append(_digests(rows))
        beside = _rows(cases, (*RESERVED, *(PAYLOAD_PREFIX + item for item in self._items)))
        telling = np.array([any(row) for row in _rows(cases, TELLING)], np.bool_)
        self._beside.append(np.where(telling, _digests(beside), np.uint64(0)))

    def payload(self) -> tuple[PayloadUse, ...]:
        """Count how far each item, and all together, tell records apart."""
        found = []
        for items, filled, parts in zip(self._sets, self._filled, self._payload, strict=True):
            _, sizes = np.unique(_joined(parts), return_counts=True)
            name = ITEM_SEPARATOR.join(items)
            unique, rare = int((sizes == 1).sum()), int(sizes[sizes < FEW].sum())
            found.append(PayloadUse(items=name, filled=filled, unique=unique, rare=rare))
        return tuple(found)

    def agree(self, first: NDArray[np.uint32], second: NDArray[np.uint32]) -> NDArray[np.bool_]:
        """Say of pairs of records whether all that stands beside their codes is equal, and tells of a report.

        Args:
            first: `(p,)`, the numbers of the one records.
            second: `(p,)`, those of the others.

        Returns:
            `(p,) bool`.
        """
        beside = _joined(self._beside)
        return np.asarray((beside[first] == beside[second]) & (beside[first] != 0))


def _rows(cases: pa.Table, names: tuple[str, ...]) -> list[tuple[str | None, ...]]:
    return list(zip(*(cases[name].to_pylist() for name in names), strict=True))


def _digests(rows: list[tuple[str | None, ...]]) -> NDArray[np.uint64]:
    # A payload has few combinations, so that most rows need no digest of their own.
    known = {row: hashlib.blake2b(length_prefixed(*row), digest_size=DIGEST_BYTES).digest() for row in set(rows)}
    return np.frombuffer(b"".join(known[row] for row in rows), np.uint64)


def _joined(parts: list[NDArray[np.uint64]]) -> NDArray[np.uint64]:
    return np.concatenate([np.zeros(0, np.uint64), *parts])
