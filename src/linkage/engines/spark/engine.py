"""The engine on a cluster: it joins and compares there, and leaves the rest to the embedded engine."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import duckdb
import pyarrow as pa

from linkage.engines.base import (
    MAX_GROUP,
    MAX_ROWS,
    Candidates,
    Cipher,
    KeyCounts,
    Owners,
    ignore_progress,
    ignore_work,
)
from linkage.engines.duckdb import DuckDBEngine
from linkage.engines.key_counts import count_keys
from linkage.engines.spark.scratch import Scratch
from linkage.engines.spark.secret import RunSecret
from linkage.engines.spark.session import Cluster, cluster_errors, connect, disconnect
from linkage.engines.spark.work import (
    CODES,
    CROWDED,
    RESULTS,
    ROWS,
    Limits,
    as_they_are,
    compare_partition,
    join_partition,
)
from pseudonym.privacy import MAX_OF_REPORTER

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

__all__ = ["PARTITION_CODES", "SparkEngine"]

PARTITION_CODES: Final = 500_000
"""Number of codes per partition: a worker holds one partition per core, some tens of MB of codes, or the rows of pairs
that they make."""


@dataclass(slots=True)
class _OnCluster(Candidates):
    """Candidate pairs that are still on the cluster; `scratch` is None if there are no codes."""

    scratch: Scratch | None = None
    limits: Limits | None = None
    max_rows: int = MAX_ROWS


class SparkEngine(DuckDBEngine):
    """Join codes and compare pairs on a cluster; the codes come from DuckDB, as for the embedded engine.

    Args:
        cluster: Where it is.
        connection: As for `DuckDBEngine`.
        cipher: As for `DuckDBEngine`. It stays in this process.

    Raises:
        MissingExtraError: As for `connect`.
        ClusterError: As for `connect`.
    """

    def __init__(
        self, cluster: Cluster, connection: duckdb.DuckDBPyConnection | None = None, *, cipher: Cipher | None = None
    ) -> None:
        super().__init__(connection, cipher=cipher)
        self._cluster = cluster
        self._session = connect(cluster)
        self._secret = RunSecret.draw()
        self._scratches: list[Scratch] = []
        self._failed = False

    def close(self) -> None:
        """Remove what is on the cluster, and end the session."""
        for scratch in self._scratches:
            scratch.remove()
        disconnect(self._session, failed=self._failed)

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
        """Put the codes on the cluster, where `by_pair` will join them; see `Engine.candidates`."""
        if counted is not None and owners is not None:
            keys = self._match_keys(codes, kinds)
            counted(count_keys(keys, owners, max_group=max_group, max_of_reporter=max_of_reporter))
        scratch = Scratch(self._cluster.scratch, self._secret)
        self._scratches.append(scratch)
        with self._named(codes) as name:
            query = self._codes(name, kinds)
            (total,) = query.count("*").fetchall()[0]
            # Closed also if it was not read to its end: until then DuckDB takes no other statement.
            with pa.RecordBatchReader.from_stream(query) as batches:
                scratch.write(batches, owners, cipher=self._cipher, progress=lambda done: progress(done, total))
        limits = Limits(max_group, max_of_reporter, owned=owners is not None)
        found = _OnCluster(iter(()), 0, 0, {}, scratch, limits, max_rows)
        found.batches = self.by_pair(found, as_they_are)
        return found

    def _codes(self, name: str, kinds: Sequence[int] | None) -> duckdb.DuckDBPyRelation:
        chosen = "TRUE" if kinds is None else f"kind IN ({', '.join(str(int(kind)) for kind in kinds) or 'NULL'})"
        hidden = "" if self._cipher is None else ", batch, number"
        return self._connection.sql(f"SELECT rid, kind, key_hi, key_lo, content{hidden} FROM {name} WHERE {chosen}")

    def by_pair(
        self,
        candidates: Candidates,
        function: Callable[[pa.RecordBatch], pa.RecordBatch],
        *,
        progress: Callable[[str, int, int], None] = ignore_work,
    ) -> Iterator[pa.RecordBatch]:
        """Join the codes and compare the pairs, both on the cluster; see `Engine.by_pair`."""
        if not isinstance(candidates, _OnCluster) or candidates.scratch is None or candidates.limits is None:
            raise TypeError("these candidates are of another engine")
        progress("join", 0, 0)
        scratch, flooded = candidates.scratch, Counter[int]()
        if scratch.n_codes:
            results = self._results(self._compared(scratch, candidates.limits, function, candidates.max_rows))
            done = 0
            for row in results:
                if row["kind"] == CROWDED:
                    candidates.n_crowded += row["n"]
                elif row["kind"] < 0:
                    flooded[row["reporter"]] += row["n"]
                else:
                    done += row["n"]
                    progress("compare", done, 0)
                    yield from pa.ipc.open_stream(row["result"])
        candidates.flooded = dict(sorted(flooded.items()))
        scratch.remove()

    def _results(self, found: DataFrame) -> Iterator[dict[str, Any]]:
        """Let the cluster do its work, and return the rows that come of it."""
        self._failed = True
        with cluster_errors():
            # Spark 3.5 returns no Arrow tables.
            batches = found.toArrow().to_batches() if hasattr(found, "toArrow") else None
            rows = found.collect() if batches is None else []
        self._failed = False
        if batches is None:
            return (row.asDict() for row in rows)
        return (row for batch in batches for row in batch.to_pylist())

    def _compared(
        self, scratch: Scratch, limits: Limits, function: Callable[[pa.RecordBatch], pa.RecordBatch], max_rows: int
    ) -> DataFrame:
        secret = self._secret
        n_partitions = max(self._cluster.partitions, -(-scratch.n_codes // PARTITION_CODES))

        def join(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
            return join_partition(batches, secret=secret, limits=limits)

        def compare(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
            return compare_partition(batches, secret=secret, function=function, max_rows=max_rows)

        codes = self._session.read.schema(CODES).parquet(scratch.url)
        rows = codes.repartition(n_partitions, "kind", "key_hi", "key_lo").mapInArrow(join, ROWS)
        return rows.repartition(n_partitions, "a", "b").mapInArrow(compare, RESULTS)
