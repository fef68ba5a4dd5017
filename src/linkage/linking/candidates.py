"""Candidates: which pairs of records are compared at all.

Two records are candidates when they share a match key, and a join on equal keys finds them; no approximate index is
needed. A match key of no parts is the other end of the dial: all records share it, and a join would give every pair.
There a compiled loop looks at all pairs and keeps those whose filters are alike [Schnell2009].
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

from linkage.engines.base import MAX_ROWS, Candidates, Engine, candidate_schema, nothing_told
from linkage.linking.compiled.tiles import similar_pairs, tiled
from pseudonym.profile import Combination, Encoding, Place

__all__ = ["MIN_DICE", "all_pairs", "candidate_batches"]

MIN_DICE: Final = 0.6
"""Dice coefficient from which two whole filters are candidates: few pairs below it would be linked by any decision."""

_DENOMINATOR: Final = 1_000
"""Thresholds are read as the nearest fraction with at most this denominator, so that compiled code compares exactly."""

_SPAN: Final = 256
"""Records that one call compares with all later ones: a tile is read once for so many."""

_NOTHING: Final = -(2**63)
"""Stands for the record that a stream has reached before its first batch."""

_CAPACITY: Final = 1 << 16
"""Pairs that one call has room for before it is asked again with more."""


def candidate_batches(
    engine: Engine,
    codes: pa.Table | str,
    encoding: Encoding,
    *,
    min_dice: float = MIN_DICE,
    max_rows: int = MAX_ROWS,
    progress: Callable[[int, int], None] = nothing_told,
) -> Candidates:
    """Find the candidate pairs of all match keys of a profile.

    Args:
        engine: Where the codes lie.
        codes: As `Engine` takes them.
        encoding: The profile's encoding.
        min_dice: For a match key of no parts: the least Dice coefficient of the filter segments taken as one,
            inclusive.
        max_rows: As for `Engine.candidates`, for each match key of no parts and for all others together.
        progress: Called with work done and work there is: parts of the codes as for `Engine.candidates`, and pairs of
            records looked at while those of a match key of no parts are read.

    Returns:
        The pairs, as `Engine.candidates` gives them. How many rows they are is not known beforehand where a match key
        has no parts, and of such a key no group is too large.

    Raises:
        ValueError: A match key of no parts stands beside a pad, which hides how full a filter is; or contents are not
            of one length.
    """
    kinds = range(len(encoding.match_keys))
    whole = [kind for kind in kinds if _is_empty(encoding, kind)]
    if whole and encoding.padded:
        raise ValueError("a match key of no parts needs contents without a pad")
    joined = [kind for kind in kinds if kind not in whole]
    found = engine.candidates(codes, kinds=joined, max_rows=max_rows, progress=progress)
    if not whole:
        return found
    streams = [found.batches] if joined else []
    for kind in whole:
        group = engine.codes_of_kind(codes, kind)
        alike = partial(all_pairs, min_dice=min_dice, max_rows=max_rows, progress=progress)
        streams.append(alike(group, encoding.layout, kind=kind))
    return Candidates(streams[0] if len(streams) == 1 else _merged(streams), 0, found.n_crowded)


def all_pairs(
    codes: pa.Table,
    layout: tuple[Place, ...],
    *,
    kind: int,
    min_dice: float = MIN_DICE,
    max_rows: int = MAX_ROWS,
    progress: Callable[[int, int], None] = nothing_told,
) -> Iterator[pa.RecordBatch]:
    """Yield the pairs of one kind whose filters are alike, by looking at all pairs.

    The contents of all records are held in memory. Only codes under the key that most records have are compared: the
    others are missing codes, which have keys of their own.

    Args:
        codes: As `Engine.codes_of_kind` gives them.
        layout: Places of the segments; all filters together are compared.
        kind: The kind number that rows bear.
        min_dice: The least Dice coefficient, inclusive. That of two empty filters is 0.
        max_rows: Rows a batch has at most.
        progress: Called with the pairs of records that have been looked at, and all there are.

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
        pairs = _of_two(found[:total], records)
        for part in _parts(pairs, records, max_rows):
            yield _batch(records, contents, part, kind)


def _n_pairs(n: int) -> int:
    return n * (n - 1) // 2


def _spans(records: NDArray[np.int64]) -> Iterator[tuple[int, int]]:
    """Cut ascending records into spans of some `_SPAN` codes, all codes of a record in one."""
    begin = 0
    while begin < len(records) - 1:
        end = int(np.searchsorted(records, records[min(begin + _SPAN, len(records)) - 1], side="right"))
        yield begin, end
        begin = end


def _of_two(pairs: NDArray[np.int64], records: NDArray[np.int64]) -> NDArray[np.int64]:
    """Sort pairs of places by their records, and leave out those of two contents of one record."""
    a, b = records[pairs].T
    order = np.lexsort((pairs[:, 1], pairs[:, 0], b, a))
    return np.asarray(pairs[order[(a != b)[order]]])


def _parts(pairs: NDArray[np.int64], records: NDArray[np.int64], max_rows: int) -> Iterator[NDArray[np.int64]]:
    """Cut sorted pairs into parts of `max_rows` rows, all rows of two records in one."""
    ends = records[pairs]
    last = np.append((ends[1:] != ends[:-1]).any(axis=1), True) if len(pairs) else np.zeros(0, bool)
    stops = np.flatnonzero(last) + 1
    begin = 0
    while begin < len(pairs):
        fitting = int(np.searchsorted(stops, begin + max_rows, side="right")) - 1
        end = int(stops[max(fitting, int(np.searchsorted(stops, begin, side="right")))])
        yield pairs[begin:end]
        begin = end


def _is_empty(encoding: Encoding, kind: int) -> bool:
    """Return whether a match key has no parts."""
    key = encoding.match_keys[kind]
    return isinstance(key, Combination) and not key.parts


def _main_group(codes: pa.Table) -> tuple[NDArray[np.int64], NDArray[np.uint8]]:
    """Return records, ascending, and contents of the key that most codes have, of equals the first; each code once."""
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
    # Sorted by record and content, so that equal codes stand side by side.
    records, contents = codes["rid"].to_numpy()[group].astype(np.int64), contents[group]
    distinct = np.ones(len(records), bool)
    distinct[1:] = (records[1:] != records[:-1]) | (contents[1:] != contents[:-1]).any(axis=1)
    return records[distinct], contents[distinct]


def _filter_mask(layout: tuple[Place, ...], n_words: int) -> NDArray[np.uint64]:
    """Return a content in which the bits of filters are set, as words."""
    bits = np.zeros(64 * n_words, np.uint8)
    for place in layout:
        if place.form == "filter":
            bits[place.first_bit : place.first_bit + place.n_bits] = 1
    return np.packbits(bits, bitorder="little").view("<u8").astype(np.uint64)


def _batch(
    records: NDArray[np.int64], contents: NDArray[np.uint8], pairs: NDArray[np.int64], kind: int
) -> pa.RecordBatch:
    """Put pairs of positions in the form of candidate rows."""
    width = contents.shape[1]
    binary = pa.binary(width)
    sides = [
        pa.FixedSizeBinaryArray.from_buffers(
            binary, len(pairs), [None, pa.py_buffer(contents[pairs[:, side]].tobytes())]
        )
        for side in (0, 1)
    ]
    columns = [pa.array(records[pairs[:, side]]) for side in (0, 1)]
    kinds = pa.array(np.full(len(pairs), kind, np.uint8))
    # One key for all records: which one does not matter.
    keys = pa.array(np.zeros(len(pairs), np.uint64))
    return pa.record_batch([*columns, kinds, keys, *sides], schema=candidate_schema(width))


def _merged(streams: list[Iterator[pa.RecordBatch]]) -> Iterator[pa.RecordBatch]:
    """Merge streams in ascending order into one, keeping the rows of each pair together.

    Every stream has given all rows of the records before the one it has reached, so rows before the record that the
    slowest stream has reached are final.
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
    """Sort rows as an engine does, and give them as one batch, or none when there are none."""
    ordered = rows.sort_by([(name, "ascending") for name in ("a", "b", "kind", "key")])
    return list(ordered.combine_chunks().to_batches())
