"""From records to batches of codes: each record is checked, read and encoded."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from itertools import islice
from typing import Final, TypeVar

import numpy as np
import pyarrow as pa

from pseudonym.encode.cases import CaseReader
from pseudonym.encode.codes import CodeMaker
from pseudonym.encode.quality import QualityCounter
from pseudonym.encode.results import Batch
from pseudonym.errors import InputError
from pseudonym.faults import Fault
from pseudonym.identity.record import Record
from pseudonym.identity.record_ids import RecordChecker
from pseudonym.keyed.keys import Subkeys
from pseudonym.profile import Profile
from pseudonym.wire import fixed_column

__all__ = ["BatchMaker", "Chunk", "Numbered", "in_parts", "part_length"]

Numbered = Record | tuple[int, Record] | tuple[int, Record, Sequence[Fault]]
"""A record; with its row and the faults that the reader found in it, if they are known."""

Chunk = Sequence[tuple[int, Record, Sequence[Fault]]]
"""The records of a batch, each with its row and the faults that the reader found in it."""

Item = TypeVar("Item")

BATCH_RECORDS: Final = 1024
"""Records per batch: enough for the bulk primitives to be fast, and a few tens of megabytes at most."""


class BatchMaker:
    """Encode records batch by batch."""

    def __init__(
        self, profile: Profile, subkeys: Subkeys, read_case: CaseReader, *, reporter: str, keep_empty: bool
    ) -> None:
        """Prepare for one profile, key, codebook and reporter, with or without records without identity."""
        self._reporter = reporter
        self._keep_empty = keep_empty
        self._make_codes = CodeMaker(profile.encoding, subkeys, reporter=reporter)
        self._read_case = read_case

    def __call__(
        self, records: Iterable[Numbered], quality: QualityCounter, *, reference_date: date
    ) -> Iterator[Batch]:
        """Encode records.

        Args:
            records: The records, whose ids must be distinct.
            quality: Counts those that are accepted.
            reference_date: The day by which the century of a 10-digit number is inferred.

        Yields:
            Batches of at most 1,024 records; the last may hold only faults.

        Raises:
            InputError: `input.type` if a value is neither text nor missing; `row` says where.

        Sees: plaintext and key
        """
        check = self.checker(reference_date)
        for chunk in in_parts(_numbered(records)):
            yield self.batch(chunk, check, quality)

    def checker(self, reference_date: date) -> RecordChecker:
        """Return what checks the records of one input.

        Args:
            reference_date: As for a call.

        Sees: neither
        """
        return RecordChecker(reference_date=reference_date, reporter=self._reporter, keep_empty=self._keep_empty)

    def batch(self, chunk: Chunk, check: RecordChecker, quality: QualityCounter) -> Batch:
        """Encode the records of one batch.

        Args:
            chunk: The records.
            check: Has seen the records before them.
            quality: Counts those that are accepted.

        Raises:
            InputError: As for a call.

        Sees: plaintext and key
        """
        cases, identities, faults, accepted = [], [], [], []
        derived_before = Counter(self._read_case.derived)
        usual = check.usual([record for _, record, _ in chunk])
        for (row, record, known), identity in zip(chunk, usual, strict=True):
            try:
                read, found = check.check(_a_record(record), row, known, identity)
                faults += found
                if read is not None:
                    accepted.append((record, found))
                    case, case_faults = self._read_case(record, read, row)
                    faults += case_faults
                    cases.append(case)
                    identities.append(read)
            except InputError as error:
                error.row = row
                raise
        quality.add_all(accepted)
        record_ids = tuple(str(case[0]) for case in cases)
        codes, derived = self._make_codes(identities, record_ids), self._read_case.derived - derived_before
        return Batch(record_ids, tuple(cases), codes, tuple(faults), derived)

    def table(self, batches: Iterable[Batch]) -> pa.Table:
        """Put the codes of batches together.

        Returns:
            `record_id`, `kind`, `match_key`, `content`; one row per code, records in the order of the batches.

        Sees: key
        """
        tables = list(map(_table, batches))
        return pa.concat_tables(tables or [_table(Batch((), (), self._make_codes([], []), ()))])


def in_parts(items: Iterable[Item], length: int | None = None) -> Iterator[list[Item]]:
    """Cut records, or rows that will be records, into lists.

    Args:
        items: The records.
        length: Length of each list but the last; 1,024 by default.

    Sees: plaintext
    """
    waiting, length = iter(items), BATCH_RECORDS if length is None else length
    while part := list(islice(waiting, length)):
        yield part


def part_length(n_rows: int, *, jobs: int) -> int:
    """Return the length of parts of which each process has equally many, as far as there are rows; at most 1,024.

    Args:
        n_rows: Number of rows.
        jobs: Number of processes.

    >>> part_length(5000, jobs=1), part_length(5000, jobs=2), part_length(5, jobs=2)
    (1024, 834, 3)

    Sees: neither
    """
    n_turns = -(-n_rows // (BATCH_RECORDS * jobs))
    return BATCH_RECORDS if jobs == 1 else max(1, -(-n_rows // max(1, n_turns * jobs)))


def _a_record(record: object) -> Record:
    """Return a record; what a caller passes may be anything."""
    if not isinstance(record, Record):
        raise InputError(
            "input.type",
            "One of the records is none.",
            hint="batches takes Records, or tuples of a row number and a Record; encode and write take tables too.",
        )
    return record


def _numbered(records: Iterable[Numbered]) -> Iterator[tuple[int, Record, Sequence[Fault]]]:
    """Yield each record with its row, counted from 1 if it is not known, and its faults."""
    for row, item in enumerate(records, start=1):
        number, record, *known = item if isinstance(item, tuple) else (row, item)
        yield number, record, known[0] if known else ()


def _table(batch: Batch) -> pa.Table:
    codes = batch.codes
    n, c = codes.kind.shape
    return pa.table(
        {
            "record_id": pa.array(np.repeat(np.array(batch.record_ids, object), c), pa.string()),
            "kind": pa.array(codes.kind.ravel()),
            "match_key": fixed_column(codes.match_key.reshape(n * c, codes.match_key.shape[2])),
            "content": fixed_column(codes.content.reshape(n * c, codes.content.shape[2])),
        }
    )
