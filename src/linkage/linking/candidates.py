"""Candidate pairs: the pairs of records that are compared.

Two records are candidates if they share a match key; an equi-join finds them, without an approximate index. An empty
match key is shared by all records, so a join would return every pair. For such a key, a compiled loop runs through all
pairs instead and keeps those with similar filters [Schnell2009].
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from functools import partial
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from linkage.engines.base import MAX_ROWS, Candidates, Engine, KeyCounts, Owners, candidate_schema, ignore_progress
from linkage.linking.compiled.tiles import similar_pairs, tiled
from pseudonym.profile import Combination, Encoding, MinHash, Place

__all__ = ["MIN_DICE", "all_pairs", "candidate_batches", "has_empty_key"]

MIN_DICE: Final = 0.6
"""Minimum Dice coefficient of two whole filters; hardly any pair below it would be linked."""

_DENOMINATOR: Final = 1_000
"""Thresholds are rounded to a fraction with at most this denominator, so that compiled code compares exactly."""

_SPAN: Final = 256
"""Number of records that one call compares with all later ones; each tile is read once per call."""

_NOTHING: Final = -(2**63)
"""Position of a stream before its first batch."""

_CAPACITY: Final = 1 << 16
"""Initial capacity of one call, in pairs; a call with more pairs is repeated."""


def candidate_batches(
    engine: Engine,
    codes: pa.Table | str,
    encoding: Encoding,
    *,
    owners: Owners | None = None,
    min_dice: float = MIN_DICE,
    max_rows: int = MAX_ROWS,
    progress: Callable[[int, int], None] = ignore_progress,
    counted: Callable[[KeyCounts], None] | None = None,
) -> Candidates:
    """Find the candidate pairs of all match keys of a profile.

    Args:
        engine: The engine that holds the codes.
        codes: As `Engine` takes them.
        encoding: The profile's encoding.
        owners: As for `Engine.candidates`; an empty match key has no limit.
        min_dice: For an empty match key: the minimum Dice coefficient of all filter segments taken as one, inclusive.
        max_rows: As for `Engine.candidates`, for each empty match key and for all others together.
        progress: Called with the work done and the total: parts of the codes as for `Engine.candidates`, or pairs of
            records for an empty match key.
        counted: As for `Engine.candidates`.

    Returns:
        The pairs, as `Engine.candidates` returns them. With an empty match key, the number of rows is not known in
        advance, and `max_group` does not apply to that key.

    Raises:
        ValueError: The profile has both an empty match key and a pad, which hides how full a filter is; or contents
            differ in length.
    """
    kinds = range(len(encoding.match_keys))
    whole = [kind for kind in kinds if _is_empty(encoding.match_keys[kind])]
    if whole and encoding.padded:
        raise ValueError("an empty match key requires contents without a pad")
    joined = [kind for kind in kinds if kind not in whole]
    found = engine.candidates(codes, kinds=joined, owners=owners, max_rows=max_rows, progress=progress, counted=counted)
    if not whole:
        return found
    streams = [found.batches] if joined else []
    for kind in whole:
        group = engine.codes_of_kind(codes, kind)
        similar = partial(all_pairs, min_dice=min_dice, max_rows=max_rows, progress=progress)
        streams.append(similar(group, encoding.layout, kind=kind))
    return Candidates(streams[0] if len(streams) == 1 else _merged(streams), 0, found.n_crowded, found.flooded)


def has_empty_key(encoding: Encoding) -> bool:
    """Return whether any match key is empty, so that all pairs of records are candidates."""
    return any(map(_is_empty, encoding.match_keys))


def all_pairs(
    codes: pa.Table,
    layout: tuple[Place, ...],
    *,
    kind: int,
    min_dice: float = MIN_DICE,
    max_rows: int = MAX_ROWS,
    progress: Callable[[int, int], None] = ignore_progress,
) -> Iterator[pa.RecordBatch]:
    """Compare all pairs of codes of one kind, and yield those with similar filters.

    The contents of all records are held in memory. Only codes with the most common key are compared: the others are
    padding for missing codes, with keys of their own.

    Args:
        codes: As `Engine.codes_of_kind` returns them.
        layout: Places of the segments; all filters are compared as if they were one.
        kind: The kind number of the rows.
        min_dice: Minimum Dice coefficient, inclusive; that of two empty filters is 0.
        max_rows: Maximum number of rows of a batch.
        progress: Called with the number of pairs of records done, and the total.

    Yields:
        Batches in the form and order of `Engine.candidates`.
    """
    records, contents = _main_group(codes)
    words = contents.view("<u8").astype(np.uint64) & _filter_mask(layout, contents.shape[1] // 8)
    ones = np.bitwise_count(words).sum(axis=1, dtype=np.int64)
    tiles = tiled(words)
    threshold = Fraction(min_dice).limit_denominator(_DENOMINATOR)
    ratio = threshold.numerator, threshold.denominator
    found = np.empty((_CAPACITY, 2), np.int64)
    for span in _spans(records):
        total = similar_pairs(tiles, ones, span, ratio, found)
        if total > len(found):
            found = np.empty((total, 2), np.int64)
            similar_pairs(tiles, ones, span, ratio, found)
        progress(_n_pairs(len(records)) - _n_pairs(len(records) - span[1]), _n_pairs(len(records)))
        pairs = _between_records(found[:total], records)
        for part in _parts(pairs, records, max_rows):
            yield _batch(records, contents, part, kind)


def _n_pairs(n: int) -> int:
    return n * (n - 1) // 2


def _spans(records: NDArray[np.int64]) -> Iterator[tuple[int, int]]:
    """Divide ascending records into spans of about `_SPAN` codes, with all codes of a record in one span."""
    begin = 0
    while begin < len(records) - 1:
        end = int(np.searchsorted(records, records[min(begin + _SPAN, len(records)) - 1], side="right"))
        yield begin, end
        begin = end


def _between_records(pairs: NDArray[np.int64], records: NDArray[np.int64]) -> NDArray[np.int64]:
    """Sort pairs of indices by their records, and drop those between two contents of one record."""
    a, b = records[pairs].T
    order = np.lexsort((pairs[:, 1], pairs[:, 0], b, a))
    return np.asarray(pairs[order[(a != b)[order]]])


def _parts(pairs: NDArray[np.int64], records: NDArray[np.int64], max_rows: int) -> Iterator[NDArray[np.int64]]:
    """Divide sorted pairs into parts of `max_rows` rows, with all rows of two records in one part."""
    ends = records[pairs]
    last = np.append((ends[1:] != ends[:-1]).any(axis=1), True) if len(pairs) else np.zeros(0, bool)
    stops = np.flatnonzero(last) + 1
    begin = 0
    while begin < len(pairs):
        fitting = int(np.searchsorted(stops, begin + max_rows, side="right")) - 1
        end = int(stops[max(fitting, int(np.searchsorted(stops, begin, side="right")))])
        yield pairs[begin:end]
        begin = end


def _is_empty(key: Combination | MinHash) -> bool:
    return isinstance(key, Combination) and not key.parts


def _main_group(codes: pa.Table) -> tuple[NDArray[np.int64], NDArray[np.uint8]]:
    """Return the records, ascending, and contents of the most common key (ties: the first), each code once."""
    width = codes.schema.field("content").type.byte_width
    column = codes["content"].combine_chunks()
    data = np.frombuffer(column.buffers()[1] or b"", np.uint8)[column.offset * width :]
    contents = data[: len(column) * width].reshape(len(column), width)
    keys = np.column_stack([codes[name].to_numpy() for name in ("key_hi", "key_lo")])
    starts = np.flatnonzero(np.concatenate([[True], (keys[1:] != keys[:-1]).any(axis=1)])) if len(keys) else np.zeros(0)
    if not len(starts):
        return np.zeros(0, np.int64), contents
    sizes = np.diff(np.append(starts, len(keys)))
    largest = int(np.argmax(sizes))
    group = slice(int(starts[largest]), int(starts[largest] + sizes[largest]))
    # Sorted by record and content, so that equal codes are adjacent.
    records, contents = codes["rid"].to_numpy()[group].astype(np.int64), contents[group]
    distinct = np.ones(len(records), bool)
    distinct[1:] = (records[1:] != records[:-1]) | (contents[1:] != contents[:-1]).any(axis=1)
    return records[distinct], contents[distinct]


def _filter_mask(layout: tuple[Place, ...], n_words: int) -> NDArray[np.uint64]:
    """Return a content with the bits of all filters set, as words."""
    bits = np.zeros(64 * n_words, np.uint8)
    for place in layout:
        if place.form == "filter":
            bits[place.first_bit : place.first_bit + place.n_bits] = 1
    return np.packbits(bits, bitorder="little").view("<u8").astype(np.uint64)


def _batch(
    records: NDArray[np.int64], contents: NDArray[np.uint8], pairs: NDArray[np.int64], kind: int
) -> pa.RecordBatch:
    """Return pairs of indices as candidate rows."""
    width = contents.shape[1]
    xor = contents[pairs[:, 0]] ^ contents[pairs[:, 1]]
    rows = pa.FixedSizeBinaryArray.from_buffers(pa.binary(width), len(pairs), [None, pa.py_buffer(xor.tobytes())])
    columns = [pa.array(records[pairs[:, side]]) for side in (0, 1)]
    kinds = pa.array(np.full(len(pairs), kind, np.uint8))
    # All records share one key, so its value does not matter.
    keys = pa.array(np.zeros(len(pairs), np.uint64))
    return pa.record_batch([*columns, kinds, keys, rows], schema=candidate_schema(width))


def _merged(streams: list[Iterator[pa.RecordBatch]]) -> Iterator[pa.RecordBatch]:
    """Merge ascending streams into one, keeping the rows of each pair together.

    A stream has yielded all rows of records before its current one, so rows before the current record of the slowest
    stream are final.
    """
    waiting: list[pa.RecordBatch] = []
    reached = dict.fromkeys(range(len(streams)), _NOTHING)
    while reached:
        slowest = min(reached, key=lambda number: reached[number])
        batch = next(streams[slowest], None)
        if batch is None:
            del reached[slowest]
        else:
            waiting.append(batch)
            reached[slowest] = batch.column("a")[-1].as_py()
        if not waiting:
            continue
        rows = pa.Table.from_batches(waiting)
        final = pc.less(rows["a"], min(reached.values())) if reached else pa.array([True] * len(rows))
        yield from _in_order(rows.filter(final))
        waiting = rows.filter(pc.invert(final)).to_batches()


def _in_order(rows: pa.Table) -> list[pa.RecordBatch]:
    """Sort rows as an engine does, and return them as one batch; no batch if there are no rows."""
    ordered = rows.sort_by([(name, "ascending") for name in ("a", "b", "kind", "key")])
    return list(ordered.combine_chunks().to_batches())
