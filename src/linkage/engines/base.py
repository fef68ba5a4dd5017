"""What an engine must be able to do.

Everything here is told in terms of results, so that an engine may choose any plan. Two engines given the same codes, in
whatever order, give the same pairs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Protocol, TypeVar

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

__all__ = ["MAX_GROUP", "MAX_ROWS", "Candidates", "Engine", "candidate_schema", "nothing_told"]

MAX_GROUP: Final = 1_000
"""Records that may share a match key. Only a placeholder is shared by more, and pairs grow with the square."""

MAX_ROWS: Final = 500_000
"""Rows a batch aims at: some 60 MB with contents of 48 bytes, and enough that the cost of a query does not show."""

T = TypeVar("T")


def nothing_told(done: int, total: int) -> None:
    """Take no note of progress."""


@dataclass(frozen=True, slots=True)
class Candidates:
    """Candidate pairs, found and waiting to be read once, batch by batch.

    Attributes:
        batches: Batches of `candidate_schema`: one row a pair, shared match key and combination of contents, `a < b`,
            rows in ascending order of (a, b, kind, key), within a batch and from batch to batch; the order of
            combinations is left open. All rows of a pair are in one batch. No batch is empty.
        n_rows: Rows of all batches together; 0 where that is not known before they are read.
        n_crowded: Match keys that more codes have than may, and that so bring no pairs together.
    """

    batches: Iterator[pa.RecordBatch]
    n_rows: int
    n_crowded: int

    def __iter__(self) -> Iterator[pa.RecordBatch]:
        """Read the batches."""
        return self.batches


class Engine(Protocol):
    """Join codes, run a function over batches, and find connected components.

    `codes` is an Arrow table with the columns `rid` int64, `kind` uint8, `key_hi` and `key_lo` uint64, `content` binary
    of one length; or the name of such a table where the engine keeps tables.
    """

    def candidates(
        self,
        codes: pa.Table | str,
        *,
        kinds: Sequence[int] | None = None,
        max_group: int = MAX_GROUP,
        max_rows: int = MAX_ROWS,
        progress: Callable[[int, int], None] = nothing_told,
    ) -> Candidates:
        """Find the pairs of records that share a match key, with all the keys that they share.

        A record may have one match key with several contents; equal codes of a record count once.

        Args:
            codes: The codes; their order does not matter.
            kinds: Kind numbers to join; all when None.
            max_group: A match key that more codes have brings no pairs together.
            max_rows: Rows a batch has at most, unless the pairs of one single record are more.
            progress: Called with the parts of the codes that have been looked through, and all there are.

        Returns:
            The pairs, to be read batch by batch.

        Raises:
            ValueError: Contents are not of one length.
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
            ValueError: Contents are not of one length.
        """
        ...

    def map_batches(self, function: Callable[[pa.RecordBatch], T], batches: Iterable[pa.RecordBatch]) -> Iterator[T]:
        """Apply a function to each batch, where the engine sees fit.

        Args:
            function: Must not depend on the order of the batches.
            batches: Batches, read one by one.

        Yields:
            The results in the order of the batches.
        """
        ...

    def connected_components(
        self, left: NDArray[np.int64], right: NDArray[np.int64]
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Find the connected components of a graph whose edges are given.

        Args:
            left: `(p,) int64`, one end of each edge.
            right: `(p,) int64`, the other end.

        Returns:
            `(n,) int64` records that have an edge, sorted; `(n,) int64` the smallest record of the component of each.
        """
        ...


def candidate_schema(content_bytes: int) -> pa.Schema:
    """Return the schema of candidate batches.

    Args:
        content_bytes: Length of a content.

    Returns:
        Columns `a`, `b` int64, `kind` uint8, `key` uint64 (the first half of the match key, which tells the keys of a
        pair apart), `content_a`, `content_b` fixed-size binary; none may be null.
    """
    content = pa.binary(content_bytes)
    columns = [
        ("a", pa.int64()),
        ("b", pa.int64()),
        ("kind", pa.uint8()),
        ("key", pa.uint64()),
        ("content_a", content),
        ("content_b", content),
    ]
    return pa.schema([pa.field(name, kind, nullable=False) for name, kind in columns])
