"""What the workers of a cluster do: join the codes of a partition, and compare the pairs of a partition.

Spark has neither unsigned numbers nor binary values of one length, so match keys travel as signed numbers with the same
bits, and what `Engine.by_pair` is told to make travels as one binary value per batch. Rows are sorted here, even where
the cluster was asked for an order: Sail 0.7 hands over several sorted runs one after the other without a word, and
batches end anywhere.
"""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from linkage.engines.base import MAX_ROWS, Owners, candidate_schema
from linkage.engines.contents import contents, fixed
from linkage.engines.key_groups import KeyRange, RecordIndex, shared_codes
from linkage.engines.key_join import gather
from linkage.engines.spark.secret import RunSecret
from pseudonym.wire import fixed_bytes

__all__ = [
    "CODES",
    "CROWDED",
    "FLOODED",
    "RESULTS",
    "ROWS",
    "Limits",
    "as_they_are",
    "compare_partition",
    "join_partition",
]

CODES: Final = "rid long, reporter int, kind short, key_hi long, key_lo long, content binary, batch long, number int"
"""Codes as they are put on a cluster, under the secret of the run."""

ROWS: Final = "a long, b long, kind short, key long, xor binary, batch long, number int"
"""Candidate rows on their way to those of the same pair. A `kind` of `CROWDED` or `FLOODED` is no row, but says how
many match keys were left out: `key`, and of which reporter: `a`."""

RESULTS: Final = "kind short, reporter long, n long, result binary"
"""Results: an Arrow stream, and the number of rows behind it; or again what was left out."""

CROWDED: Final = -1
FLOODED: Final = -2

_SCHEMA: Final = pa.schema(
    [
        ("a", pa.int64()),
        ("b", pa.int64()),
        ("kind", pa.int16()),
        ("key", pa.int64()),
        ("xor", pa.binary()),
        ("batch", pa.int64()),
        ("number", pa.int32()),
    ]
)


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits of `Engine.candidates`; without owners there is none for a reporter."""

    max_group: int
    max_of_reporter: int
    owned: bool


def as_they_are(batch: pa.RecordBatch) -> pa.RecordBatch:
    """Return candidate rows unchanged."""
    return batch


def join_partition(batches: Iterator[pa.RecordBatch], *, secret: RunSecret, limits: Limits) -> Iterator[pa.RecordBatch]:
    """Join the codes of whole match keys.

    Args:
        batches: Codes as in `CODES`: if it has one code with a match key, all of them.
        secret: That of the run.
        limits: See `Limits`.

    Yields:
        Batches as in `ROWS`.
    """
    codes = _gathered(batches)
    if codes is None:
        return
    rid = codes["rid"].to_numpy()
    distinct, first = np.unique(rid, return_index=True)
    owners = Owners(distinct, codes["reporter"].to_numpy()[first].astype(np.int64)) if limits.owned else None
    records, kinds = RecordIndex(distinct), codes["kind"].to_numpy()
    parts: list[KeyRange] = []
    n_crowded, flooded = 0, Counter[int]()
    for kind in np.unique(kinds).tolist():
        part, crowded, floods = shared_codes(
            _typed(codes.filter(pa.array(kinds == kind))),
            records,
            kind=kind,
            max_group=limits.max_group,
            owners=owners,
            max_of_reporter=limits.max_of_reporter,
            cipher=_CodesOfRun(secret),
        )
        parts.append(part)
        n_crowded += crowded
        flooded += floods
    yield from _left_out(n_crowded, flooded)
    for rows in gather(parts, records).batches(MAX_ROWS):
        yield _enciphered(rows, secret)


def compare_partition(
    batches: Iterator[pa.RecordBatch],
    *,
    secret: RunSecret,
    function: Callable[[pa.RecordBatch], pa.RecordBatch],
    max_rows: int,
) -> Iterator[pa.RecordBatch]:
    """Apply a function to the rows of whole pairs.

    Args:
        batches: Rows as in `ROWS`: if it has one row of a pair, all of them.
        secret: That of the run.
        function: See `Engine.by_pair`.
        max_rows: Maximum number of rows per call of the function, unless the rows of a single pair exceed it.

    Yields:
        Batches as in `RESULTS`.
    """
    rows = _gathered(batches)
    if rows is None:
        return
    kind = rows["kind"].to_numpy()
    for told in rows.filter(pa.array(kind < 0)).to_pylist():
        yield _result(told["kind"], told["a"], told["key"], b"")
    rows = rows.filter(pa.array(kind >= 0))
    a, b, key = (rows[name].to_numpy() for name in ("a", "b", "key"))
    order = np.lexsort((key.view(np.uint64), rows["kind"].to_numpy(), b, a))
    stops = np.flatnonzero(np.append(((a[order][1:] != a[order][:-1]) | (b[order][1:] != b[order][:-1])), True)) + 1
    for some in _cut(order, stops, max_rows):
        found = function(_deciphered(rows.take(pa.array(some)), secret))
        yield _result(0, 0, len(some), _packed(found))


class _CodesOfRun:
    """The cipher of the codes on a cluster, in the form of `linkage.engines.base.Cipher`."""

    def __init__(self, secret: RunSecret) -> None:
        self._secret = secret

    def match_keys(
        self,
        high: NDArray[np.uint64],
        low: NDArray[np.uint64],
        batch: NDArray[np.integer],
        number: NDArray[np.integer],
    ) -> tuple[NDArray[np.uint64], NDArray[np.uint64]]:
        """Return match keys as they are: permuted ones serve as well."""
        return high, low

    def contents(
        self, contents: NDArray[np.uint8], batch: NDArray[np.integer], number: NDArray[np.integer]
    ) -> NDArray[np.uint8]:
        """Decipher contents."""
        return self._secret.contents(contents, batch, number)


def _gathered(batches: Iterator[pa.RecordBatch]) -> pa.Table | None:
    """Put the batches of a partition together, binary columns with offsets of 32 bits; None if there are no rows."""
    held = [batch for batch in batches if batch.num_rows]
    if not held:
        return None
    table = pa.Table.from_batches(held)
    for place, field in enumerate(table.schema):
        if pa.types.is_large_binary(field.type) or pa.types.is_binary_view(field.type):
            table = table.set_column(place, field.name, table.column(place).cast(pa.binary()))
    return table


def _typed(codes: pa.Table) -> pa.Table:
    """Return codes with match keys as the join takes them."""
    for name in ("key_hi", "key_lo"):
        place = codes.schema.get_field_index(name)
        codes = codes.set_column(place, name, pa.array(codes[name].to_numpy().view(np.uint64)))
    return codes


def _left_out(n_crowded: int, flooded: Counter[int]) -> Iterator[pa.RecordBatch]:
    """Say which match keys were left out, in the form of rows."""
    told = [(CROWDED, 0, n_crowded)] if n_crowded else []
    told += [(FLOODED, reporter, n) for reporter, n in flooded.items()]
    for kind, reporter, n in told:
        yield pa.record_batch([[reporter], [0], [kind], [n], [b""], [0], [0]], schema=_SCHEMA)


def _enciphered(rows: pa.RecordBatch, secret: RunSecret) -> pa.RecordBatch:
    """Return candidate rows as they travel."""
    batch = np.full(rows.num_rows, np.frombuffer(secrets.token_bytes(8), np.int64)[0])
    number = np.arange(rows.num_rows, dtype=np.int32)
    columns = [
        rows.column("a"),
        rows.column("b"),
        rows.column("kind").cast(pa.int16()),
        pa.array(rows.column("key").to_numpy().view(np.int64)),
        fixed(secret.rows(fixed_bytes(rows.column("xor")), batch, number)).cast(pa.binary()),
        pa.array(batch),
        pa.array(number),
    ]
    return pa.record_batch(columns, schema=_SCHEMA)


def _deciphered(rows: pa.Table, secret: RunSecret) -> pa.RecordBatch:
    """Return rows as `Engine.candidates` does."""
    enciphered = contents(rows.select(["xor"]).rename_columns(["content"]), None)
    xor = secret.rows(enciphered, rows["batch"].to_numpy(), rows["number"].to_numpy())
    columns = [
        pa.array(rows["a"].to_numpy()),
        pa.array(rows["b"].to_numpy()),
        pa.array(rows["kind"].to_numpy().astype(np.uint8)),
        pa.array(rows["key"].to_numpy().view(np.uint64)),
        fixed(xor),
    ]
    return pa.record_batch(columns, schema=candidate_schema(xor.shape[1]))


def _cut(order: NDArray[np.intp], stops: NDArray[np.intp], max_rows: int) -> Iterator[NDArray[np.intp]]:
    """Divide sorted rows into parts of at most `max_rows`, at the ends of pairs."""
    begin = 0
    while begin < len(order):
        fitting = int(np.searchsorted(stops, begin + max_rows, side="right")) - 1
        end = int(stops[max(fitting, int(np.searchsorted(stops, begin, side="right")))])
        yield order[begin:end]
        begin = end


def _packed(batch: pa.RecordBatch) -> bytes:
    """Return a batch as an Arrow stream."""
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, batch.schema) as writer:
        writer.write_batch(batch)
    return bytes(sink.getvalue())


def _result(kind: int, reporter: int, n: int, result: bytes) -> pa.RecordBatch:
    """Return one row as in `RESULTS`."""
    columns = {
        "kind": pa.array([kind], pa.int16()),
        "reporter": pa.array([reporter], pa.int64()),
        "n": pa.array([n], pa.int64()),
        "result": pa.array([result], pa.binary()),
    }
    return pa.RecordBatch.from_pydict(columns)
