"""The interface of an engine.

It specifies results only, so an engine may choose any plan. Given the same codes, in any order, all engines return the
same pairs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple, Protocol

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from pseudonym.privacy import MAX_OF_REPORTER

__all__ = [
    "MAX_GROUP",
    "MAX_ROWS",
    "Candidates",
    "Cipher",
    "Engine",
    "KeyCounts",
    "Owners",
    "candidate_schema",
    "ignore_progress",
    "ignore_work",
]

MAX_GROUP: Final = 1_000
"""Maximum number of codes with the same match key. Only placeholders exceed it, and pairs grow with its square."""

MAX_ROWS: Final = 500_000
"""Target number of rows per batch: about 60 MB with contents of 48 bytes, and enough to make query overhead
negligible."""


def ignore_progress(done: int, total: int) -> None:
    """Ignore progress."""


def ignore_work(stage: str, done: int, total: int) -> None:
    """Ignore the progress of a stage."""


class Cipher(Protocol):
    """Takes stored codes to plain ones; the columns `batch` and `number` say how each was enciphered."""

    def match_keys(
        self,
        high: NDArray[np.uint64],
        low: NDArray[np.uint64],
        batch: NDArray[np.integer],
        number: NDArray[np.integer],
    ) -> tuple[NDArray[np.uint64], NDArray[np.uint64]]:
        """Return both halves of the plain match keys."""
        ...

    def contents(
        self, contents: NDArray[np.uint8], batch: NDArray[np.integer], number: NDArray[np.integer]
    ) -> NDArray[np.uint8]:
        """Return the plain contents, (n, content_bytes) uint8."""
        ...


class Owners(NamedTuple):
    """The reporter of each record: `rid` `(n,) int64`, ascending, and `reporter` `(n,) int64`, from 0."""

    rid: NDArray[np.int64]
    reporter: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class KeyCounts:
    """What match keys say about a join.

    Attributes:
        codes: Number of codes.
        meeting: Number of codes that share their match key with another code, without keys that are left out.
        rows: Number of rows of the join, an upper bound of its pairs: a code that a record has twice is counted twice.
        pairs: Estimated number of pairs of records.
    """

    codes: int
    meeting: int
    rows: int
    pairs: int


@dataclass(slots=True)
class Candidates:
    """Candidate pairs, to be read once: batch by batch here, or by `Engine.by_pair` wherever the engine has them.

    Attributes:
        batches: Batches of `candidate_schema`: one row per pair, shared match key and combination of contents, `a < b`,
            rows of a batch in ascending order of (a, b, kind, key); the order of batches and of combinations is
            unspecified. All rows of a pair are in one batch. No batch is empty.
        n_rows: Number of rows of all batches; 0 if not known in advance.
        n_crowded: Number of match keys that yield no pairs because too many codes have them. Like `flooded` it may be
            known only when all pairs have been read.
        flooded: For each reporter that has a match key too often, the number of match keys that yield no pairs with its
            records; pairs of other reporters are not affected.
    """

    batches: Iterator[pa.RecordBatch]
    n_rows: int
    n_crowded: int
    flooded: Mapping[int, int] = field(default_factory=dict)

    def __iter__(self) -> Iterator[pa.RecordBatch]:
        """Return the batches."""
        return self.batches


class Engine(Protocol):
    """Join codes, run a function over the rows of pairs, and find connected components.

    `codes` is an Arrow table with the columns `rid` int64, `kind` uint8, `key_hi` and `key_lo` uint64, `content` binary
    of equal length; or the name of such a table, for an engine that keeps tables. If codes are enciphered, an engine is
    made with their cipher, and `codes` has the columns `batch` and `number` too. Everything that an engine returns is
    plain; what it writes to a disk must not be.
    """

    def candidates(
        self,
        codes: pa.Table | str,
        *,
        kinds: Sequence[int] | None = None,
        owners: Owners | None = None,
        max_group: int = MAX_GROUP,
        max_of_reporter: int = MAX_OF_REPORTER,
        max_rows: int = MAX_ROWS,
        progress: Callable[[int, int], None] = ignore_progress,
        counted: Callable[[KeyCounts], None] | None = None,
    ) -> Candidates:
        """Find the pairs of records that share a match key, with all keys that they share.

        A record may have the same match key with several contents; equal codes of a record count once.

        Args:
            codes: The codes, in any order.
            kinds: Kind numbers to join; None for all.
            owners: The reporter of every record that has codes; None if none may be left out for being many.
            max_group: A match key with more codes than this yields no pairs.
            max_of_reporter: If a reporter has more codes than this with one match key, these are left out, before
                `max_group` is applied to the rest.
            max_rows: Maximum number of rows per batch, unless the pairs of a single record exceed it.
            progress: Called with the number of parts of the codes done, and the total.
            counted: Called with what match keys say about the join, before any content is read, if there are owners;
                whatever it raises ends the join.

        Returns:
            The pairs.

        Raises:
            ValueError: Contents differ in length.
        """
        ...

    def codes_of_kind(self, codes: pa.Table | str, kind: int) -> pa.Table:
        """Return the codes of one kind, in ascending order of (key_hi, key_lo, rid, content).

        Args:
            codes: The codes.
            kind: A kind number.

        Returns:
            A table with the columns `rid`, `key_hi`, `key_lo`, `content`.

        Raises:
            ValueError: Contents differ in length.
        """
        ...

    def match_keys(self, codes: pa.Table | str) -> Iterator[pa.Table]:
        """Return the match keys of all codes, in parts of one kind each; equal ones are in the same part.

        Args:
            codes: The codes.

        Yields:
            Tables with the columns `rid`, `kind`, `key_hi`, `key_lo`; rows and parts are in no particular order.
        """
        ...

    def by_pair(
        self,
        candidates: Candidates,
        function: Callable[[pa.RecordBatch], pa.RecordBatch],
        *,
        progress: Callable[[str, int, int], None] = ignore_work,
    ) -> Iterator[pa.RecordBatch]:
        """Apply a function to the rows of candidate pairs, wherever the engine has them.

        Args:
            candidates: From `candidates` of this engine. They are used up.
            function: Takes a batch of candidates, and returns what is wanted of its pairs. It is a function of a
                module, or a `functools.partial` of one with values that can be pickled, since an engine may run it
                elsewhere; it reports nothing, and does not depend on which pairs come together.
            progress: Called with `join` or `compare`, the number of rows done, and the total, which is 0 if unknown.

        Yields:
            The results, in any order.
        """
        ...

    def connected_components(
        self, left: NDArray[np.int64], right: NDArray[np.int64]
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Find the connected components of a graph.

        Args:
            left: `(p,) int64`, one end of each edge.
            right: `(p,) int64`, the other end.

        Returns:
            `(n,) int64`, the records that have an edge, sorted; `(n,) int64`, the smallest record in the component of
            each.
        """
        ...


def candidate_schema(content_bytes: int) -> pa.Schema:
    """Return the schema of candidate batches.

    Args:
        content_bytes: Length of a content.

    Returns:
        Columns `a`, `b` int64, `kind` uint8, `key` uint64, which tells the keys of a pair apart, and `xor` fixed-size
        binary: the XOR of both contents, which is all that a comparison looks at. None may be null.
    """
    columns = [
        ("a", pa.int64()),
        ("b", pa.int64()),
        ("kind", pa.uint8()),
        ("key", pa.uint64()),
        ("xor", pa.binary(content_bytes)),
    ]
    return pa.schema([pa.field(name, kind, nullable=False) for name, kind in columns])
