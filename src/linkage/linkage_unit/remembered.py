"""What a run remembers for the next one: how all pairs compared, and what they weighed.

Which records share match keys, and how far they differ, names many persons
(docs/decisions/0024-codes-are-enciphered.md), so nothing of it lies plain. All is enciphered with the registry key.
What is said of one record is also under a pad of that record, and what is said of a pair under pads of both. The nonce
of a record's pads is random and stands in a table of its own: once it is deleted, nobody can read what was said of the
record, not even with the key. So whoever erases a record, or replaces its codes, deletes its nonce, and needs neither
the key nor the pairs. What remains until the next run is its number.

A live record without a nonce is one that the next run compares anew.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import prod
from typing import Any, Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from linkage.counter_mode import NONCE_BYTES, CounterMode, one_value
from linkage.integers import among, distinct
from linkage.keys import RegistryKey
from linkage.linkage_unit.pairs import LeftOut, RecordIndex
from linkage.linkage_unit.run_digests import libraries
from linkage.store import Session
from pseudonym.wire import fixed_bytes, fixed_column

__all__ = ["OldPairs", "OldRecords", "Remembered", "about_run", "forget", "read_remembered", "remember"]

_PART_BYTES: Final = 1 << 22
"""Bytes enciphered at a time."""

_PAIRS: Final = 1 << 17
"""Pairs whose pads are put on at a time."""

_PAIR_BYTES: Final = (4, 1, 8, 8)
"""Bytes of captures, of whether a pair sounds alike, of the evidence against it, and of its log odds; before them is a
byte for each level."""

_RECORD_BYTES: Final = (8, 8, 8, 1, 1, 32)
"""Bytes of each column of records but their rids."""

_READ_NONCES: Final = "SELECT rid, nonce FROM pair_nonces SEMI JOIN (SELECT rid FROM records WHERE live) USING (rid)"


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class OldPairs:
    """Compared pairs, ascending by (a, b).

    Attributes:
        a: (p,) int64, the smaller rid.
        b: (p,) int64, the larger rid.
        levels: (p, f) int8, as for `linkage.linkage_unit.pairs.Pairs`.
        captures: (p,) int32, likewise.
        sound_alike: (p,) bool, likewise.
        against: (p,) float64, the evidence against them that their partners show (`linkage.linking.partners`).
        log_odds: (p,) float64, their log odds after competition.
    """

    a: NDArray[np.int64]
    b: NDArray[np.int64]
    levels: NDArray[np.int8]
    captures: NDArray[np.int32]
    sound_alike: NDArray[np.bool_]
    against: NDArray[np.float64]
    log_odds: NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class OldRecords:
    """Linked records, ascending.

    Attributes:
        rid: (n,) int64.
        label: (n,) int64, the smallest rid of its group before bridges were looked for.
        person: (n,) int64, that of its person; of a record that is gone, the number is still a name.
        meeting: (n,) float64, the meeting strengths.
        without: (n,) bool, whether that first group had no bridge.
        barred: (n,) bool, whether a bridge that does not hold kept it apart from another record.
        sums: (n, 4) uint64, see `linkage.linkage_unit.run_digests.sums_of_keys`.
    """

    rid: NDArray[np.int64]
    label: NDArray[np.int64]
    person: NDArray[np.int64]
    meeting: NDArray[np.float64]
    without: NDArray[np.bool_]
    barred: NDArray[np.bool_]
    sums: NDArray[np.uint64]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Remembered:
    """What a run remembers.

    Attributes:
        pairs: Its pairs, of which both records are as they were.
        records: Its records that are as they were.
        touched: Rids, ascending: records that are as they were, and were compared with one that is not.
        n_gone: Number of its records that are not live, or have other codes.
        apart: (m, 2) int64, pairs of records that it knew to be different persons, as `linkage_unit.pairs` orders them.
        about: The number of its model, its reporters, the match keys it left out, and the libraries it ran on.
    """

    pairs: OldPairs
    records: OldRecords
    touched: NDArray[np.int64]
    n_gone: int
    apart: NDArray[np.int64]
    about: Mapping[str, Any]


class _Ciphers:
    """The pads of pairs and of records, and the key around all."""

    def __init__(self, key: RegistryKey) -> None:
        self.pairs, self.records = (CounterMode(key.subkey(f"remembered {what}")) for what in ("pairs", "records"))
        self.whole = key.subkey("remembered run")


def about_run(model: int | None, records: RecordIndex, left_out: LeftOut) -> dict[str, Any]:
    """Return what `Remembered.about` says of a run.

    Args:
        model: The number of its model.
        records: Its records.
        left_out: The match keys that it left out.
    """
    reporters = list(records.strata.reporters)
    return {"model": model, "reporters": reporters, "n_crowded": left_out.n_crowded, "flooded": left_out.flooded}


def forget(session: Session) -> None:
    """Delete what the last run remembers, so that the next run compares all pairs.

    Args:
        session: The store of the linkage unit, in a transaction.
    """
    session.run("DELETE FROM remembered")
    session.run("DELETE FROM pair_nonces")


def remember(
    session: Session,
    key: RegistryKey,
    pairs: OldPairs,
    records: OldRecords,
    *,
    apart: NDArray[np.int64],
    about: Mapping[str, Any],
) -> None:
    """Replace what the last run remembers.

    Args:
        session: The store of the linkage unit, in a transaction.
        key: Its key.
        pairs: All pairs.
        records: All records.
        apart: See `Remembered`.
        about: See `Remembered`; values as JSON has them.
    """
    forget(session)
    ciphers = _Ciphers(key)
    nonces = np.frombuffer(secrets.token_bytes(NONCE_BYTES * len(records.rid)), np.uint8).reshape(-1, NONCE_BYTES)
    session.load(
        "INSERT INTO pair_nonces SELECT * FROM source",
        source=pa.table({"rid": records.rid, "nonce": fixed_column(nonces)}),
    )
    of_pairs = (pairs.levels, pairs.captures, pairs.sound_alike, pairs.against, pairs.log_odds)
    values = np.empty((len(pairs.a), pairs.levels.shape[1] + sum(_PAIR_BYTES)), np.uint8)
    for start in range(0, len(values), _PAIRS):
        some = slice(start, start + _PAIRS)
        plain, ends = _bytes_of(*(column[some] for column in of_pairs)), np.column_stack([pairs.a[some], pairs.b[some]])
        values[some] = _padded(plain, ends, np.arange(start, start + len(ends)), records.rid, nonces, ciphers)
    columns = (records.label, records.person, records.meeting, records.without, records.barred, records.sums)
    rows = ciphers.records.apply(_bytes_of(*columns), nonces, np.zeros(len(records.rid), np.int64))
    text = json.dumps({**about, "n_fields": pairs.levels.shape[1], "libraries": libraries()}).encode()
    arrays = (pairs.a, pairs.b, values, records.rid, rows, apart, np.frombuffer(text, np.uint8))
    for number, part in enumerate(_parts(arrays)):
        nonce = secrets.token_bytes(NONCE_BYTES)
        session.rows(
            "INSERT INTO remembered VALUES (?, ?, ?)", number, nonce, one_value(ciphers.whole, part.tobytes(), nonce)
        )


def read_remembered(session: Session, key: RegistryKey) -> Remembered | None:
    """Read what the last run remembers.

    Args:
        session: The store of the linkage unit.
        key: Its key.

    Returns:
        What it remembers of records that are live and have the same codes; None if it remembers nothing.
    """
    ciphers = _Ciphers(key)
    whole = _deciphered(session, ciphers)
    if not len(whole):
        return None
    a, b, values, rid, rows, apart, text = _arrays(whole)
    about = json.loads(text.tobytes())
    table = session.table(f"{_READ_NONCES} ORDER BY rid")
    known = table["rid"].to_numpy().astype(np.int64)
    nonces = fixed_bytes(table["nonce"].cast(pa.binary(NONCE_BYTES)))
    first, second, rids = (column.view(np.int64) for column in (a, b, rid))
    stay, same = (among(known, first), among(known, second)), among(known, rids)
    kept = stay[0] & stay[1]
    touched = distinct(np.concatenate([first[stay[0] & ~kept], second[stay[1] & ~kept]]))
    pairs = _pairs(first, second, values, np.flatnonzero(kept), known, nonces, ciphers, about["n_fields"])
    return Remembered(
        pairs,
        _records(rids[same], rows.reshape(-1, sum(_RECORD_BYTES))[same], nonces, ciphers),
        touched,
        int((~same).sum()),
        apart.view(np.int64).reshape(-1, 2).copy(),
        about,
    )


def _deciphered(session: Session, ciphers: _Ciphers) -> NDArray[np.uint8]:
    """Return all that is remembered, one part after another; it is read part by part."""
    parts = session.rows("SELECT part, octet_length(data) FROM remembered ORDER BY part")
    whole, end = np.empty(sum(length for _, length in parts), np.uint8), 0
    for part, length in parts:
        ((nonce, data),) = session.rows("SELECT nonce, data FROM remembered WHERE part = ?", part)
        whole[end : end + length] = np.frombuffer(one_value(ciphers.whole, data, nonce), np.uint8)
        end += length
    return whole


def _pairs(
    first: NDArray[np.int64],
    second: NDArray[np.int64],
    values: NDArray[np.uint8],
    index: NDArray[np.intp],
    known: NDArray[np.int64],
    nonces: NDArray[np.uint8],
    ciphers: _Ciphers,
    n_fields: int,
) -> OldPairs:
    """Decipher what is said of some of the pairs, some at a time."""
    widths, n = (n_fields, *_PAIR_BYTES), len(index)
    values = values.reshape(-1, sum(widths))
    types = (np.int8, np.int32, np.bool_, np.float64, np.float64)
    columns: list[NDArray[Any]] = [
        np.empty((n, width // np.dtype(kind).itemsize), kind) for width, kind in zip(widths, types, strict=True)
    ]
    for start in range(0, n, _PAIRS):
        some = index[start : start + _PAIRS]
        ends = np.column_stack([first[some], second[some]])
        for column, part in zip(
            columns, _split(_padded(values[some], ends, some, known, nonces, ciphers), widths), strict=True
        ):
            column[start : start + len(some)] = part.view(column.dtype)
    levels, *others = columns
    return OldPairs(first[index], second[index], levels, *(column[:, 0] for column in others))


def _records(
    rid: NDArray[np.int64], rows: NDArray[np.uint8], nonces: NDArray[np.uint8], ciphers: _Ciphers
) -> OldRecords:
    """Decipher what is said of records; the nonces are those of the same records."""
    plain = ciphers.records.apply(np.ascontiguousarray(rows), nonces, np.zeros(len(rid), np.int64))
    label, person, meeting, without, barred, sums = _split(plain, _RECORD_BYTES)
    return OldRecords(
        rid,
        label.view(np.int64).ravel(),
        person.view(np.int64).ravel(),
        meeting.view(np.float64).ravel(),
        without.astype(np.bool_).ravel(),
        barred.astype(np.bool_).ravel(),
        sums.view(np.uint64),
    )


def _padded(
    values: NDArray[np.uint8],
    ends: NDArray[np.int64],
    index: NDArray[np.int64],
    rid: NDArray[np.int64],
    nonces: NDArray[np.uint8],
    ciphers: _Ciphers,
) -> NDArray[np.uint8]:
    """Put the pads of both records on what is said of pairs, or take them off.

    Args:
        values: (p, bytes) uint8.
        ends: (p, 2) int64, the rids of each pair.
        index: (p,), the number of each pair, by which no record has a pad twice.
        rid: (n,) int64, ascending, all records of the pairs among them.
        nonces: (n, 12) uint8, their nonces.
        ciphers: The ciphers.
    """
    for side in (0, 1):
        values = ciphers.pairs.apply(values, nonces[np.searchsorted(rid, ends[:, side])], index)
    return values


def _bytes_of(*columns: NDArray[Any]) -> NDArray[np.uint8]:
    """Return the bytes of columns side by side, (n, bytes) uint8."""
    rows = (np.ascontiguousarray(column).reshape(len(column), prod(column.shape[1:])) for column in columns)
    return np.concatenate([row.view(np.uint8) for row in rows], axis=1)


def _split(rows: NDArray[np.uint8], widths: tuple[int, ...]) -> list[NDArray[np.uint8]]:
    """Undo `_bytes_of`."""
    return [np.ascontiguousarray(part) for part in np.split(rows, np.cumsum(widths)[:-1], axis=1)]


def _parts(arrays: tuple[NDArray[Any], ...]) -> Iterator[NDArray[np.uint8]]:
    """Yield the lengths of arrays in bytes and then the arrays, in parts."""
    bodies = [np.ascontiguousarray(array).view(np.uint8).reshape(-1) for array in arrays]
    lengths = np.array([len(body) for body in bodies], np.int64).view(np.uint8)
    for body in (lengths, *bodies):
        for start in range(0, len(body), _PART_BYTES):
            yield body[start : start + _PART_BYTES]


def _arrays(whole: NDArray[np.uint8], n_arrays: int = 7) -> list[NDArray[np.uint8]]:
    """Undo `_parts`; the arrays are views."""
    lengths = whole[: 8 * n_arrays].view(np.int64)
    ends = 8 * n_arrays + np.cumsum(lengths)
    return [whole[end - length : end] for end, length in zip(ends.tolist(), lengths.tolist(), strict=True)]
