"""The encoder of a reporter: records in, batches of codes or a submission file out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import islice
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from pseudonym.codebook import Codebook
from pseudonym.encode.cases import CaseReader
from pseudonym.encode.codes import CodeMaker, Codes, keyed_digests
from pseudonym.encode.headers import checked_header
from pseudonym.encode.quality import QualityCounter
from pseudonym.errors import InputError, ProfileError
from pseudonym.faults import Fault
from pseudonym.identity.identities import Identity
from pseudonym.identity.record import Record
from pseudonym.identity.record_ids import RecordChecker
from pseudonym.keyed import LinkageKey
from pseudonym.keyed.prf import KeyedHash
from pseudonym.output import Outputs
from pseudonym.profile import Profile, load_profile
from pseudonym.tables import TABLES_DIGEST
from pseudonym.wire import (
    QUALITY_RECORDS,
    RECORD_BYTES,
    SPEC,
    CodebookReference,
    Header,
    SubmissionWriter,
    fixed_column,
)

__all__ = ["Batch", "Encoder", "Report"]

Numbered = Record | tuple[int, Record] | tuple[int, Record, Sequence[Fault]]

BATCH_RECORDS: Final = 1024
"""Records per batch: enough for the bulk primitives to be fast, and a few tens of megabytes at most."""


@dataclass(frozen=True, slots=True, repr=False)
class Batch:
    """The codes of some records.

    Attributes:
        record_ids: The ids of the `n` records, as the reporter wrote them.
        cases: For each record its id, the reserved columns, then the payload in the byte order of the items.
        codes: Their codes.
        faults: Everything rejected, left out or marked while this batch was read.
    """

    record_ids: tuple[str, ...]
    cases: tuple[tuple[str | None, ...], ...]
    codes: Codes
    faults: tuple[Fault, ...]


@dataclass(frozen=True, slots=True)
class Report:
    """The outcome of encoding one input.

    Attributes:
        header: The header of the submission as written.
        faults: Everything rejected, left out or marked, in the order of the input.
    """

    header: Header
    faults: tuple[Fault, ...]

    def count(self, effect: str) -> int:
        """Count the faults of one effect: `rejected`, `left out` or `marked`.

        Sees: neither
        """
        return sum(fault.effect == effect for fault in self.faults)


class Encoder:
    """Encode the records of one reporter under one key and profile.

    With the same reference date, equal records give equal codes in any batch, run or process: padding is derived, not
    drawn.
    """

    def __init__(
        self,
        key: LinkageKey,
        *,
        reporter: str,
        profile: Profile | str = "case-registry",
        codebook: Codebook | None = None,
        reference_date: date | None = None,
    ) -> None:
        """Prepare.

        Args:
            key: The linkage key.
            reporter: The code of the reporter, `[A-Za-z0-9._-]`, 1 to 64 characters.
            profile: A profile, or the name of one that ships.
            codebook: The codebook of the payload; without one no payload is sent.
            reference_date: The day from which the century of a 10-digit number is inferred; default: today.

        Raises:
            ProfileError: `profile.tables` if the profile was made for other normalisation tables.
        """
        self.key = key
        self.reporter = reporter
        self.profile = load_profile(profile) if isinstance(profile, str) else profile
        self.codebook = codebook
        self.reference_date = reference_date or date.today()
        self.items: tuple[str, ...] = codebook.item_names if codebook is not None else ()
        if self.profile.encoding.tables != TABLES_DIGEST:
            raise ProfileError(
                "profile.tables", "The profile was made for other normalisation tables than those of this version."
            )
        self._subkeys = key.subkeys(self.profile.digest)
        self._order_hash = KeyedHash(self._subkeys.order, digest_bytes=RECORD_BYTES)
        self._make_codes = CodeMaker(self.profile.encoding, self._subkeys, reporter=reporter)
        self._read_case = CaseReader(codebook)

    def __repr__(self) -> str:
        """Show the reporter and the profile."""
        return f"<Encoder {self.reporter} {self.profile.name}>"

    def encode(self, records: Iterable[Record]) -> pa.Table:
        """Encode records into a table of codes.

        Args:
            records: Records with distinct ids. A record with an unusable id is left out; `batches` reports its fault.

        Returns:
            `record_id`, `kind`, `match_key`, `content`; one row per code, records in the order given.

        Sees: plaintext and key
        """
        tables = [_table(batch) for batch in self.batches(records)]
        return pa.concat_tables(tables) if tables else _table(Batch((), (), self._make_codes([], []), ()))

    def batches(self, records: Iterable[Numbered]) -> Iterator[Batch]:
        """Encode records batch by batch; memory grows only by a digest per record id.

        Args:
            records: Records, or tuples of row number, record and, optionally, the faults that the reader of the file
                found in it. Ids must be distinct: a second record with the same id is rejected.

        Returns:
            Batches of at most 1,024 records; the last may hold only faults.

        Raises:
            InputError: `input.type`, while iterating, if a value is neither text nor missing; `row` says where.

        Sees: plaintext and key
        """
        return self._batches(records, QualityCounter())

    def _batches(self, records: Iterable[Numbered], quality: QualityCounter) -> Iterator[Batch]:
        check = RecordChecker(reference_date=self.reference_date, reporter=self.reporter)
        numbered = (item if isinstance(item, tuple) else (row, item) for row, item in enumerate(records, start=1))
        while chunk := list(islice(numbered, BATCH_RECORDS)):
            cases, identities, faults = [], [], []
            for row, record, *known in chunk:
                try:
                    case, read, found = self._read(row, record, check, quality, known[0] if known else ())
                except InputError as error:
                    error.row = row
                    raise
                faults += found
                if case is not None and read is not None:
                    cases.append(case)
                    identities.append(read)
            record_ids = tuple(str(case[0]) for case in cases)
            yield Batch(record_ids, tuple(cases), self._make_codes(identities, record_ids), tuple(faults))

    def _read(
        self, row: int, record: Record, check: RecordChecker, quality: QualityCounter, known: Sequence[Fault]
    ) -> tuple[tuple[str | None, ...] | None, tuple[Identity, ...] | None, list[Fault]]:
        """Read a record; case and identities are None when it is rejected."""
        if not isinstance(record, Record):
            raise InputError("input.type", "The encoder takes Records, or tuples of a row number and a Record.")
        identities, faults = check(record, row)
        if identities is None:
            return None, None, faults
        faults = [*known, *faults]
        quality.add(record, faults)
        case, case_faults = self._read_case(record, identities, row)
        return case, identities, [*faults, *case_faults]

    def write(
        self,
        path: str | Path,
        records: Iterable[Numbered],
        *,
        sequence: int,
        period: str | None = None,
        previous: str | None = None,
        complete: bool = False,
        faults: list[Fault] | None = None,
        progress: Callable[[int], None] | None = None,
        writing: Callable[[int], None] | None = None,
        outputs: Outputs | None = None,
    ) -> Report:
        """Encode records into a submission file.

        Args:
            path: The file; it appears under this name only once it is complete, for its owner only. An older
                submission is replaced, any other file is not.
            records: As for `batches`.
            sequence: The number of the submission, higher than that of every earlier one from this reporter.
            period: The reporting period, `YYYY` or `YYYY-MM`.
            previous: The digest of the file that the reporter sent last, a submission or a withdrawal.
            complete: Whether these are all records of the period, so that the registry withdraws those it has beside
                them.
            faults: A list to which faults are added as they are found, so the caller has them even if writing fails.
            progress: Called with the number of records encoded so far.
            writing: Called, after encoding, with the number of records written so far.
            outputs: A group of outputs to which the file belongs; it then appears when the group is committed.

        Returns:
            The header as written, and the faults.

        Raises:
            InputError: `input.no_records` if no record is usable; no file is written then. `input.incomplete`
                likewise, if the delivery is `complete` and a record was rejected. `input.header` if the reporter,
                period or sequence is malformed.
            OutputError: `output.exists` if there is another kind of file at the path; `output.folder`, `output.device`
                or `output.unwritable` if the file cannot be written.

        Sees: plaintext and key
        """
        found: list[Fault] = [] if faults is None else faults
        quality = QualityCounter()
        n_written = 0
        header = self._header(sequence=sequence, period=period, previous=previous, complete=complete)
        with self._writer(path, outputs) as writer:
            for batch in self._batches(records, quality):
                found += batch.faults
                n_written += len(batch.record_ids)
                if batch.record_ids:
                    ids = self._wire_ids(batch.record_ids, sequence)
                    codes = batch.codes
                    writer.add(ids, batch.cases, (codes.kind, codes.match_key, codes.content))
                if progress is not None:
                    progress(n_written)
            if complete and any(fault.effect == "rejected" for fault in found):
                raise InputError(
                    "input.incomplete",
                    "Rows were rejected, so the delivery is not complete, and no submission was written: the registry "
                    "would erase the records of these rows.",
                    hint="--rejects FILE lists the rows. Correct them, or encode without --complete.",
                )
            if n_written == 0:
                raise InputError("input.no_records", "The input has no usable record. Report an empty period as such.")
            figures = quality.figures() if n_written >= QUALITY_RECORDS else None
            whole = header.model_copy(update={"quality": figures})
            return Report(header=writer.finish(whole, progress=writing), faults=tuple(found))

    def write_nothing(
        self,
        path: str | Path,
        *,
        sequence: int,
        period: str | None = None,
        previous: str | None = None,
        complete: bool = False,
    ) -> Report:
        """Write the submission of a period with nothing to report.

        Args:
            path: The file.
            sequence: As for `write`.
            period: As for `write`.
            previous: As for `write`.
            complete: As for `write`: whether the registry withdraws all that it has for the period.

        Returns:
            A report without faults.

        Raises:
            InputError: `input.header` if the reporter, period or sequence is malformed.
            OutputError: As for `write`.

        Sees: key
        """
        header = self._header(sequence=sequence, period=period, previous=previous, complete=complete)
        with self._writer(path, None) as writer:
            whole = writer.finish(header.model_copy(update={"nothing_to_report": True}))
        return Report(header=whole, faults=())

    def _writer(self, path: str | Path, outputs: Outputs | None) -> SubmissionWriter:
        n_bytes = self.profile.encoding.content_bytes
        return SubmissionWriter(path, content_bytes=n_bytes, items=self.items, outputs=outputs)

    def _header(self, *, sequence: int, period: str | None, previous: str | None, complete: bool) -> Header:
        book = self.codebook
        with checked_header():
            return Header(
                spec=SPEC,
                profile=self.profile.name,
                profile_digest=self.profile.digest,
                codebook=None
                if book is None
                else CodebookReference(name=book.name, version=book.version, digest=book.digest),
                key_id=self.key.key_id,
                epoch=self.key.epoch,
                reporter=self.reporter,
                period=period,
                sequence=sequence,
                previous=previous,
                records=0,
                codes=0,
                nothing_to_report=False,
                quality=None,
                content_digest="0" * 64,
                complete=complete,
            )

    def _wire_ids(self, record_ids: tuple[str, ...], sequence: int) -> NDArray[np.uint8]:
        """Return ids that differ in every submission, so the order of the file reveals nothing about its source."""
        return keyed_digests(self._order_hash, ((self.reporter, str(sequence), record_id) for record_id in record_ids))


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
