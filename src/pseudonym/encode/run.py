"""One input on its way through the encoder: its parts, its faults, and what is said about it at the end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date

from pseudonym.codebook import Codebook
from pseudonym.encode.batches import in_parts, part_length
from pseudonym.encode.derived import derived_notices
from pseudonym.encode.inputs import unused_notice
from pseudonym.encode.parts import Part
from pseudonym.encode.periods import PeriodCheck
from pseudonym.encode.precision import SentDates
from pseudonym.encode.quality import QualityCounter
from pseudonym.encode.results import OnFault, first_loss
from pseudonym.errors import InputError, concerning
from pseudonym.faults import NO_RECORD, Fault
from pseudonym.identity.reader import InputFile, TableRecord

__all__ = ["Run"]


class Run:
    """Encode an input once, part by part.

    Attributes:
        faults: Everything rejected, left out or marked so far.
        quality: Counts the fields of the accepted records.
        derived: For each item that was filled from the identity, in how many records.
    """

    def __init__(
        self,
        rows: InputFile,
        make_parts: Callable[[Iterable[Sequence[TableRecord]]], Iterator[Part]],
        codebook: Codebook | None,
        *,
        jobs: int = 1,
        period: str | None = None,
        on_fault: OnFault = "ignore",
        faults: list[Fault] | None = None,
    ) -> None:
        """Prepare.

        Args:
            rows: The input.
            make_parts: Encodes its rows, see `PartMaker`.
            codebook: The codebook of the payload, or None.
            jobs: Number of processes in which it does.
            period: The period for which records are sent, or None.
            on_fault: Whether to `raise` at the first record that is rejected or value that is left out.
            faults: A list to which faults are added.
        """
        self.faults: list[Fault] = [] if faults is None else faults
        self.quality = QualityCounter()
        self.derived: Counter[str] = Counter()
        self._rows = rows
        self._jobs = jobs
        self._make_parts = make_parts
        self._codebook = codebook
        self._dates = SentDates(codebook)
        self._period = PeriodCheck(period)
        self._raises = on_fault == "raise"

    def parts(self, reading: Callable[[int], None] = lambda n_bytes: None) -> Iterator[Part]:
        """Yield what became of the rows, part by part.

        Args:
            reading: Called with the part of `n_bytes` of the input that has been read.

        Yields:
            See `PartMaker`.

        Raises:
            InputError: As for `PartMaker` and the rows of the input; where faults are to be raised, the first.

        Sees: plaintext and key
        """
        with concerning(self._rows.path):
            length = part_length(self._rows.evidence.n_rows, jobs=self._jobs)
            for part in self._make_parts(in_parts(self._rows.records(reading), length)):
                self.faults += part.faults
                self.derived.update(part.derived)
                self.quality.add_counts(part.quality)
                self._dates.add_seen(part.dates)
                self._period.add_counts(part.period)
                self._check(part.faults)
                yield part
            self._rows.cleaner.forget()

    def _check(self, faults: Iterable[Fault]) -> None:
        error = first_loss(faults) if self._raises else None
        if error is not None:
            raise error

    def check_usable(self, n_records: int, *, complete: bool) -> None:
        """Check that what was encoded may be sent.

        Args:
            n_records: Number of records that were encoded.
            complete: Whether they are all records of the period.

        Raises:
            InputError: `input.incomplete` or `input.no_records`.

        Sees: neither
        """
        with concerning(self._rows.path):
            if complete and any(fault.effect == "rejected" and fault.rule not in NO_RECORD for fault in self.faults):
                raise InputError(
                    "input.incomplete",
                    "Rows were rejected, so the delivery is not complete, and no submission was written: the registry "
                    "would erase the records of these rows.",
                    hint="--rejects FILE lists the rows. Correct or remove them, keep those without any identity with "
                    "--keep-empty, or encode without --complete.",
                )
            if n_records == 0:
                raise InputError(
                    "input.no_records",
                    "The input has no usable record.",
                    hint="Report an empty period as such: --nothing-to-report, or write_nothing in Python.",
                )

    @property
    def notices(self) -> tuple[str, ...]:
        """Sentences about how the input was understood."""
        filled = derived_notices(self._codebook, self.derived)
        return (*self._rows.notices, *unused_notice(self._rows), *filled, *self.date_notices)

    def period_notices(self, *, today: date) -> tuple[str, ...]:
        """Return sentences about the period, if it is unusual.

        Args:
            today: The current day.

        Sees: neither
        """
        return tuple(self._period.notices(today=today))

    @property
    def date_notices(self) -> tuple[str, ...]:
        """A sentence about the precision in which dates are sent, if there are any."""
        return tuple(self._dates.notices())

    @property
    def sorted_faults(self) -> tuple[Fault, ...]:
        """The faults in the order of the input."""
        return tuple(sorted(self.faults, key=lambda fault: fault.row))
