"""Records that probably belong to one person: they have an equal number, or many match keys in common.

Reporting one person twice can be right; entering one report twice is not. Both are only guesses here: without the key,
all that can be seen is which match keys are equal.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from pseudonym.audit.keys import Groups, no_room
from pseudonym.profile import Combination, Encoding
from pseudonym.wire import Spool, fixed_bytes, fixed_column

__all__ = ["Pairs", "find_pairs", "owners"]

MAX_GROUP: Final = 32
"""Records that may share a match key and still belong to one person; more of them suggest a placeholder."""

MANY: Final = 20
"""Two records count as one person if they share at least one in this many of their match keys, and at least two. In
the synthetic case files of tests/benchmarks/test_audit.py nine in ten pairs of one person do, and one in a hundred
pairs found belongs to two persons."""

MIX: Final = 0x9E3779B97F4A7C15
"""Odd, so that multiplication can be inverted, and from the golden ratio, so that products fill all bins."""

UNMIX: Final = np.uint64(pow(MIX, -1, 1 << 64))

SCHEMA: Final = pa.schema([("pair", pa.binary(8)), ("weight", pa.uint32())])


@dataclass(frozen=True, slots=True, eq=False)
class Pairs:
    """Pairs of records that probably belong to one person.

    Attributes:
        first: `(p,) uint32`, index of one record, ascending.
        second: `(p,) uint32`, index of the other record, greater than `first`.
    """

    first: NDArray[np.uint32]
    second: NDArray[np.uint32]


def find_pairs(parts: Iterable[Groups], encoding: Encoding, folder: Path) -> Pairs:
    """Find the records that share a number, or at least one in twenty of their match keys.

    Args:
        parts: The shared match keys.
        encoding: The profile's encoding.
        folder: Where the temporary file goes.

    Returns:
        The pairs. Match keys without parts, which all records share, and those of more than 32 records are ignored.

    Raises:
        OutputError: `output.unwritable` if there is no room for the temporary file.
    """
    weights, enough = _weights(encoding)
    found = [np.zeros(0, np.uint64)]
    try:
        with Spool(folder, SCHEMA) as spool:
            for groups in parts:
                for pair, weight in _pairs(groups, weights):
                    mixed = (pair * np.uint64(MIX)).astype(">u8").view(np.uint8).reshape(-1, 8)
                    spool.add([fixed_column(mixed), pa.array(weight)])
            found += [_heavy(batch, enough) for batch in spool.sorted()]
    except OSError as error:
        raise no_room(error) from None
    pairs = np.sort(np.concatenate(found))
    return Pairs((pairs >> np.uint64(32)).astype(np.uint32), pairs.astype(np.uint32))


def _heavy(batch: pa.RecordBatch, enough: int) -> NDArray[np.uint64]:
    """Return the pairs whose total weight is at least `enough`."""
    mixed = np.ascontiguousarray(fixed_bytes(batch.column(0))).view(">u8").ravel().astype(np.uint64)
    begins = np.flatnonzero(np.concatenate([[True], mixed[1:] != mixed[:-1]]))
    total = np.add.reduceat(batch.column(1).to_numpy().astype(np.int64), begins)
    return mixed[begins][total >= enough] * UNMIX


def owners(pairs: Pairs, n_records: int) -> NDArray[np.uint32]:
    """Group records that probably belong to one person.

    Args:
        pairs: The pairs.
        n_records: The number of records.

    Returns:
        `(n,) uint32`: for each record the lowest index in its group, its own if it is alone.
    """
    parent = np.arange(n_records, dtype=np.uint32)

    def root(record: int) -> int:
        while parent[record] != record:
            parent[record] = parent[parent[record]]
            record = int(parent[record])
        return record

    for first, second in zip(pairs.first.tolist(), pairs.second.tolist(), strict=True):
        low, high = sorted((root(first), root(second)))
        parent[high] = low
    for record in sorted({*pairs.first.tolist(), *pairs.second.tolist()}):
        parent[record] = root(record)
    return parent


def _weights(encoding: Encoding) -> tuple[NDArray[np.uint32], int]:
    """Return the weight of a shared match key of each kind, and the total required; a number alone is enough."""
    counted = [key for key in encoding.match_keys if not (isinstance(key, Combination) and not key.parts)]
    enough = max(2, -(-sum(key.n_codes for key in counted) // MANY))
    weights = [
        0 if key not in counted else enough if isinstance(key, Combination) and _is_number(key) else 1
        for key in encoding.match_keys
    ]
    return np.array(weights, np.uint32), enough


def _is_number(key: Combination) -> bool:
    return key.parts in {("number",), ("foreign_number",)}


def _pairs(groups: Groups, weights: NDArray[np.uint32]) -> Iterator[tuple[NDArray[np.uint64], NDArray[np.uint32]]]:
    """Yield all pairs of all groups, by size of the group."""
    sizes = np.bincount(groups.group, minlength=len(groups.kind))
    starts = np.cumsum(sizes) - sizes
    weight = weights[groups.kind]
    for size in range(2, MAX_GROUP + 1):
        chosen = np.flatnonzero((sizes == size) & (weight > 0))
        if len(chosen):
            members = groups.record[starts[chosen][:, None] + np.arange(size)].astype(np.uint64)
            one, other = np.triu_indices(size, 1)
            pair = members[:, one] << np.uint64(32) | members[:, other]
            yield pair.ravel(), np.repeat(weight[chosen], len(one))
