"""The encoder of a reporter: records in, batches of codes or a submission file out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext
from datetime import date
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from pseudonym.codebook import Codebook
from pseudonym.encode.arguments import as_body_key, as_codebook, as_key, as_profile, last_day, next_number
from pseudonym.encode.batches import BatchMaker, Numbered
from pseudonym.encode.cases import CaseReader
from pseudonym.encode.handles import Handles
from pseudonym.encode.headers import checked_header
from pseudonym.encode.inputs import check_content, open_records
from pseudonym.encode.parts import PartMaker, Task
from pseudonym.encode.periods import PeriodCheck
from pseudonym.encode.quality import QualityCounter
from pseudonym.encode.results import Batch, Encoded, OnFault, Report, check_on_fault, warn_of
from pseudonym.encode.run import Run
from pseudonym.errors import ProfileError, concerning
from pseudonym.faults import Fault
from pseudonym.identity.reader import DateOrder, InputFile, RecordReader
from pseudonym.identity.reader.rules import refused
from pseudonym.keyed import BodyKey, LinkageKey
from pseudonym.output import Outputs
from pseudonym.profile import Profile
from pseudonym.tables import TABLES_DIGEST
from pseudonym.wire import QUALITY_RECORDS, SPEC, CodebookReference, Header, SubmissionWriter

if TYPE_CHECKING:
    from pseudonym.encode.processes import ProcessParts

__all__ = ["Encoder"]


class Encoder:
    """Encode the records of one reporter under one key and profile.

    With the same reference date, equal records give equal codes in any batch, run or process: padding is derived, not
    drawn.
    """

    def __init__(
        self,
        key: LinkageKey | str | Path,
        *,
        reporter: str,
        profile: Profile | str | Path = "case-registry",
        codebook: Codebook | str | Path | None = None,
        reference_date: date | None = None,
        today: date | None = None,
        derive: bool = True,
        keep_empty: bool = False,
        jobs: int = 1,
        body_key: BodyKey | str | Path | None = None,
    ) -> None:
        """Prepare.

        Args:
            key: The linkage key, or the path of its file.
            reporter: The code of the reporter, `[A-Za-z0-9._-]`, 1 to 64 characters.
            profile: A profile, the name of one that ships, or the path of one.
            codebook: The codebook of the payload, likewise; without one no payload and no day of a date is sent.
            reference_date: The day from which the century of a 10-digit number is inferred; default: for a submission
                the end of its period, if that has passed, otherwise today.
            today: The current day: what an input dates later is left out (`date.future`), a birth date marked
                (`birth_date.future`); default: that of the clock.
            derive: Whether to fill the items that the codebook declares, such as the age at the event, from the
                identity, where the input does not have them.
            keep_empty: Whether to encode records without any identity, which count as one person each; by default
                they are rejected (`identity.none`).
            jobs: Number of processes in which `encode` and `write` read and encode rows, this one included, which also
                cuts the input into rows and writes. With 1, the default, it does all. The result is the same.
            body_key: The reporter's own key, or the path of its file. Handles and noise then come from it, not from the
                linkage key.

        Raises:
            KeyFileError: As for `LinkageKey.load` and `BodyKey.load`.
            ProfileError: As for `load_profile`; `profile.tables` if the profile was made for other normalisation
                tables.
            CodebookError: As for `load_codebook`.
            InputError: `input.header` if the code of the reporter is malformed.
        """
        self.key = as_key(key)
        self.body_key = as_body_key(body_key)
        self.reporter = reporter
        self.profile = as_profile(profile)
        self.codebook = as_codebook(codebook)
        self.reference_date = reference_date
        self.today = today
        self.items: tuple[str, ...] = self.codebook.item_names if self.codebook is not None else ()
        if self.profile.encoding.tables != TABLES_DIGEST:
            raise ProfileError(
                "profile.tables", "The profile was made for other normalisation tables than those of this version."
            )
        # A wrong reporter is refused here, and not after hours of work.
        self._header(sequence=0, period=None, previous=None, complete=False)
        subkeys = self.key.subkeys(self.profile.digest)
        if self.body_key is not None:
            subkeys = subkeys.replaced(self.body_key.noise(self.key, self.profile.digest))
        self._handles = Handles.of(self.key, subkeys, self.body_key, reporter=reporter)
        read_case = CaseReader(self.codebook, derive=derive)
        self._make_batches = BatchMaker(self.profile, subkeys, read_case, reporter=reporter, keep_empty=keep_empty)
        self._jobs = jobs
        self._processes: ProcessParts | None = None
        if jobs > 1:
            # Most runs need one process only, and should not load what starts others.
            from pseudonym.encode.processes import ProcessParts, Settings

            secrets, handles = subkeys.reveal(), self._handles.reveal()
            settings = Settings(self.profile, self.codebook, derive, reporter, keep_empty, secrets, handles)
            self._processes = ProcessParts(settings, jobs=jobs)

    def __repr__(self) -> str:
        """Show the reporter and the profile."""
        return f"<Encoder {self.reporter} {self.profile.name}>"

    def ready(self) -> AbstractContextManager[None]:
        """Return a context in which the processes of `jobs` start and load, while `read` looks through the input.

        Sees: key
        """
        return nullcontext() if self._processes is None else self._processes.ready()

    def read(
        self,
        data: object,
        *,
        columns: Mapping[str, str] | None = None,
        sheet: str | int | None = None,
        header_row: int | None = None,
        separator: str | None = None,
        date_order: DateOrder | None = None,
        encoding: str | None = None,
        delimiter: str | None = None,
    ) -> InputFile:
        """Open an input and find out how to read it, for `encode` and `write`.

        Values are cleaned as `pseudonym encode` cleans those of a file, by the evidence of whole columns. So a file, a
        table or a sequence is looked at twice, and what can be read only once is first read into memory.

        Args:
            data: The path of a file (CSV or xlsx). Or a table: a data frame of pandas or polars, a table or batch of
                pyarrow, anything else with the Arrow PyCapsule interface. Or a record, or records: `Record`s, dicts or
                other rows with names. Columns and keys are field names, items of the codebook or known Swedish headers.
            columns: Names of the columns, by field, where they are none of these.
            sheet: The name or number of the sheet to read from a workbook; by default the one that has the header.
            header_row: The row or line of the header, if it is not to be found.
            separator: The string between several values in one text; a list needs none.
            date_order: `dmy` or `mdy`, the order of day and month in texts that end with the year; inferred if not
                given.
            encoding: The character encoding of a text file; inferred if not given.
            delimiter: Its delimiter, likewise.

        Returns:
            The input: `fields` were found, `unused_columns` are not read, `notices` say what was inferred.

        Raises:
            InputError: The input as a whole cannot be used.

        Sees: plaintext
        """
        return open_records(
            data,
            self.codebook,
            columns=columns,
            sheet=sheet,
            header_row=header_row,
            separator=separator,
            date_order=date_order,
            encoding=encoding,
            delimiter=delimiter,
            today=self.today,
        )

    def encode(self, data: object, *, columns: Mapping[str, str] | None = None, on_fault: OnFault = "warn") -> Encoded:
        """Encode an input into a table of codes.

        Args:
            data: What `read` takes or has returned. Ids must be distinct: a second record with the same id is rejected.
            columns: As for `read`.
            on_fault: What to do where a record is rejected or a value is left out: `warn` once at the end, `raise` at
                the first, or `ignore` it. The result lists all faults in any case.

        Returns:
            The codes, and what became of the input.

        Raises:
            InputError: As for `read`; `input.no_identity` if there is no part of an identity in it, `input.header_only`
                for a file without rows; and with `raise` the rule of the first fault.

        Warns:
            FaultWarning: Records were rejected or values left out.

        Sees: plaintext and key
        """
        with self.ready():
            run = self._run(self._open(data, columns, on_fault), for_file=False, on_fault=on_fault)
            table = self._make_batches.table(part.batch for part in run.parts() if part.batch is not None)
        if on_fault == "warn":
            warn_of(run.faults, stacklevel=2)
        return Encoded(table=table, faults=run.sorted_faults, notices=run.notices, derived=run.derived)

    def batches(self, records: Iterable[Numbered]) -> Iterator[Batch]:
        """Encode records batch by batch; memory grows only by a digest per record id.

        Values are taken as they stand (docs/spec.md, section 4): nothing is cleaned, as that needs whole columns.

        Args:
            records: Records, or tuples of row number, record and, optionally, the faults that the reader of the file
                found in it. Ids must be distinct: a second record with the same id is rejected.

        Returns:
            Batches of at most 1,024 records; the last may hold only faults.

        Raises:
            InputError: `input.type`, while iterating, if a value is neither text nor missing; `row` says where.

        Sees: plaintext and key
        """
        return self._make_batches(records, QualityCounter(), reference_date=self._day(None))

    def _day(self, period: str | None) -> date:
        return self.reference_date or last_day(period)

    def _open(self, data: object, columns: Mapping[str, str] | None, on_fault: str) -> InputFile:
        check_on_fault(on_fault)
        if isinstance(data, InputFile) and columns is not None:
            raise refused("input.opened")
        rows = data if isinstance(data, InputFile) else self.read(data, columns=columns)
        with concerning(rows.path):
            check_content(rows)
        return rows

    def _run(
        self,
        rows: InputFile,
        *,
        for_file: bool,
        period: str | None = None,
        on_fault: OnFault,
        faults: list[Fault] | None = None,
    ) -> Run:
        task = Task(RecordReader(rows, self.items), self._day(period), period, for_file)
        make = PartMaker(task, self._make_batches, self._handles, self.codebook)
        make_parts = make if self._processes is None else partial(self._processes, task=task, make=make)
        jobs = self._jobs
        return Run(rows, make_parts, self.codebook, jobs=jobs, period=period, on_fault=on_fault, faults=faults)

    def write(
        self,
        path: str | Path,
        data: object,
        *,
        columns: Mapping[str, str] | None = None,
        sequence: int | None = None,
        period: str | None = None,
        previous: str | Path | None = None,
        complete: bool = False,
        on_fault: OnFault = "warn",
        faults: list[Fault] | None = None,
        reading: Callable[[int], None] = lambda n_bytes: None,
        progress: Callable[[int], None] | None = None,
        writing: Callable[[int], None] | None = None,
        outputs: Outputs | None = None,
    ) -> Report:
        """Encode an input into a submission file.

        Args:
            path: The file; it appears under this name only once it is complete, for its owner only. An older
                submission is replaced, any other file is not.
            data: As for `encode`.
            columns: As for `read`.
            sequence: The number of the submission, higher than that of every earlier one from this reporter; default:
                the time in milliseconds.
            period: The reporting period, `YYYY` or `YYYY-MM`.
            previous: The file of any kind that the reporter sent last, or its digest, so that the registry can detect
                gaps.
            complete: Whether these are all records of the period, so that the registry withdraws those it has beside
                them.
            on_fault: As for `encode`.
            faults: A list to which faults are added as they are found, so the caller has them even if writing fails.
            reading: Called with the part of `read(data).n_bytes` that has been read.
            progress: Called with the number of records encoded so far.
            writing: Called, after encoding, with the number of records written so far.
            outputs: A group of outputs to which the file belongs; it then appears when the group is committed.

        Returns:
            The header as written, and what became of the input.

        Raises:
            InputError: As for `encode`; no file is written then. `input.no_records` if no record is usable,
                `input.incomplete` if the delivery is `complete` and a record was rejected, `input.header` if the period
                or sequence is malformed, `input.sequence` if it is not above that of the file sent last.
            SubmissionError: The file sent last cannot be read.
            OutputError: `output.exists` if there is another kind of file at the path; `output.folder`, `output.device`
                or `output.unwritable` if the file cannot be written.

        Warns:
            FaultWarning: Records were rejected or values left out.

        Sees: plaintext and key
        """
        number, before = next_number(sequence, previous)
        header = self._header(sequence=number, period=period, previous=before, complete=complete)
        n_written = 0
        with self._writer(path, outputs) as writer, self.ready():
            rows = self._open(data, columns, on_fault)
            run = self._run(rows, for_file=True, period=period, on_fault=on_fault, faults=faults)
            for part in run.parts(reading):
                n_written += part.n_records
                if part.group is not None:
                    writer.add_group(part.group)
                if progress is not None:
                    progress(n_written)
            run.check_usable(n_written, complete=complete)
            figures = run.quality.figures() if n_written >= QUALITY_RECORDS else None
            written = writer.finish(header.model_copy(update={"quality": figures}), progress=writing)
        if on_fault == "warn":
            warn_of(run.faults, stacklevel=2)
        of_period = run.period_notices(today=self.today or date.today())
        notices = (*run.notices, *of_period)
        return Report(
            header=written,
            faults=run.sorted_faults,
            notices=notices,
            derived=run.derived,
            period_notices=of_period,
            date_notices=run.date_notices,
        )

    def write_nothing(
        self,
        path: str | Path,
        *,
        sequence: int | None = None,
        period: str | None = None,
        previous: str | Path | None = None,
        complete: bool = False,
        outputs: Outputs | None = None,
    ) -> Report:
        """Write the submission of a period with nothing to report.

        Args:
            path: The file.
            sequence: As for `write`.
            period: As for `write`.
            previous: As for `write`.
            complete: As for `write`: whether the registry withdraws all that it has for the period.
            outputs: As for `write`.

        Returns:
            A report without faults.

        Raises:
            InputError: `input.header` if the period or sequence is malformed; `input.sequence` as for `write`.
            SubmissionError: As for `write`.
            OutputError: As for `write`.

        Sees: key
        """
        number, before = next_number(sequence, previous)
        header = self._header(sequence=number, period=period, previous=before, complete=complete)
        with self._writer(path, outputs) as writer:
            whole = writer.finish(header.model_copy(update={"nothing_to_report": True}))
        notices = tuple(PeriodCheck(period).notices(today=self.today or date.today()))
        return Report(header=whole, notices=notices, period_notices=notices)

    def _writer(self, path: str | Path, outputs: Outputs | None) -> SubmissionWriter:
        n_bytes = self.profile.encoding.content_bytes
        beside = self._processes is not None
        return SubmissionWriter(path, content_bytes=n_bytes, items=self.items, outputs=outputs, beside=beside)

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
