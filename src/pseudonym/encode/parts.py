"""From rows of an input to what is written of them: all that one process does alone, and several do side by side."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from operator import attrgetter

import pyarrow as pa

from pseudonym.codebook import Codebook
from pseudonym.encode.batches import BatchMaker
from pseudonym.encode.handles import Handles
from pseudonym.encode.periods import PeriodCheck
from pseudonym.encode.precision import SentDates
from pseudonym.encode.quality import QualityCounter
from pseudonym.encode.results import Batch
from pseudonym.faults import Fault
from pseudonym.identity.reader import RecordReader, TableRecord
from pseudonym.identity.record_ids import RecordChecker, digests_of
from pseudonym.wire import make_group

__all__ = ["Part", "PartMaker", "Task"]


@dataclass(frozen=True, slots=True, repr=False)
class Task:
    """What to do with the rows of an input.

    Attributes:
        read: Turns its rows into records.
        reference_date: The day by which the century of a 10-digit number is inferred.
        period: The period for which the records are sent, or None.
        for_file: Whether the codes go to a file; otherwise into a table.
    """

    read: RecordReader
    reference_date: date
    period: str | None
    for_file: bool


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class Part:
    """What became of some consecutive rows of an input.

    Attributes:
        n_records: Number of records that were encoded.
        batch: Their codes for a table; None if they go to a file or there are none.
        group: Their codes, cases and digests for a file; None likewise.
        faults: Everything rejected, left out or marked, in the order of the rows.
        derived: For each item that was filled from the identity, in how many of the records.
        quality: The counts of their fields.
        dates: The columns of dates that they fill.
        period: How many lie in the period.
        ids: Digests of the ids of all records, also of those that are rejected.
        taken: Digests of the ids that no later record may have.
    """

    n_records: int
    batch: Batch | None
    group: pa.RecordBatch | None
    faults: tuple[Fault, ...]
    derived: Mapping[str, int]
    quality: QualityCounter
    dates: SentDates
    period: PeriodCheck
    ids: frozenset[bytes] = field(default_factory=frozenset)
    taken: frozenset[bytes] = field(default_factory=frozenset)


class PartMaker:
    """Read and encode the rows of an input, part by part."""

    def __init__(self, task: Task, make: BatchMaker, handles: Handles, codebook: Codebook | None) -> None:
        """Take what to do, and what encodes and names records."""
        self._task = task
        self._make = make
        self._handles = handles
        self._codebook = codebook

    def __call__(self, parts: Iterable[Sequence[TableRecord]]) -> Iterator[Part]:
        """Read and encode all rows.

        Args:
            parts: The rows, in lists.

        Yields:
            What became of each list.

        Raises:
            InputError: As for `RecordReader` and `BatchMaker`.

        Sees: plaintext and key
        """
        check = self.checker()
        return (self.part(rows, check) for rows in parts)

    def checker(self) -> RecordChecker:
        """Return what checks the records of one input.

        Sees: neither
        """
        return self._make.checker(self._task.reference_date)

    def part(self, rows: Sequence[TableRecord], check: RecordChecker) -> Part:
        """Read and encode some rows.

        Args:
            rows: The rows.
            check: Has seen the records before them.

        Raises:
            InputError: As for a call.

        Sees: plaintext and key
        """
        return self._part(rows, check)[0]

    def part_alone(self, rows: Sequence[TableRecord]) -> Part:
        """Do the same where nothing is known of the records before them.

        Args:
            rows: The rows.

        Returns:
            What becomes of them if none of their `ids` is among the `taken` ones of earlier parts.

        Raises:
            InputError: As for a call.

        Sees: plaintext and key
        """
        check = self.checker()
        part, ids = self._part(rows, check)
        return replace(part, ids=frozenset(ids), taken=frozenset(check.seen))

    def _part(self, rows: Sequence[TableRecord], check: RecordChecker) -> tuple[Part, Iterator[bytes]]:
        faults: list[Fault] = []
        records = list(self._task.read(rows, faults))
        quality, dates, period = QualityCounter(), SentDates(self._codebook), PeriodCheck(self._task.period)
        batch = self._make.batch(records, check, quality)
        dates.add(batch.cases)
        period.add(batch.cases)
        part = Part(
            n_records=len(batch.record_ids),
            batch=None if self._task.for_file else batch,
            group=self._group(batch) if self._task.for_file and batch.record_ids else None,
            # Each row has those of one kind, and the order does not depend on where rows are cut into parts.
            faults=tuple(sorted((*faults, *batch.faults), key=attrgetter("row"))),
            derived=batch.derived,
            quality=quality,
            dates=dates,
            period=period,
        )
        return part, digests_of(record for _, record, _ in records)

    def _group(self, batch: Batch) -> pa.RecordBatch:
        items = self._codebook.item_names if self._codebook is not None else ()
        codes = batch.codes
        return make_group(
            self._handles(batch.record_ids), batch.cases, (codes.kind, codes.match_key, codes.content), items
        )
