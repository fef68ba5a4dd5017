"""One input on its way through the encoder: its batches, its faults, and what is said about it at the end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date
from typing import TYPE_CHECKING

from pseudonym.codebook import Codebook
from pseudonym.encode.batches import BatchMaker
from pseudonym.encode.derived import derived_notices
from pseudonym.encode.inputs import unused_notice
from pseudonym.encode.precision import SentDates
from pseudonym.encode.quality import QualityCounter
from pseudonym.encode.results import Batch, OnFault, first_loss
from pseudonym.errors import concerning
from pseudonym.faults import Fault
from pseudonym.identity.reader import InputFile, read_records

if TYPE_CHECKING:
    from pseudonym.encode.processes import ProcessBatches

__all__ = ["Run"]


class Run:
    """Encode an input once, batch by batch.

    Attributes:
        faults: Everything rejected, left out or marked so far.
        quality: Counts the fields of the accepted records.
        derived: For each item that was filled from the identity, in how many records.
    """

    def __init__(
        self,
        rows: InputFile,
        make_batches: BatchMaker | ProcessBatches,
        codebook: Codebook | None,
        *,
        reference_date: date,
        on_fault: OnFault = "ignore",
        faults: list[Fault] | None = None,
    ) -> None:
        """Prepare.

        Args:
            rows: The input.
            make_batches: Encodes its records.
            codebook: The codebook of the payload, or None.
            reference_date: The day by which the century of a 10-digit number is inferred.
            on_fault: Whether to `raise` at the first record that is rejected or value that is left out.
            faults: A list to which faults are added.
        """
        self.faults: list[Fault] = [] if faults is None else faults
        self.quality = QualityCounter()
        self.derived: Counter[str] = Counter()
        self._rows = rows
        self._make_batches = make_batches
        self._codebook = codebook
        self._dates = SentDates(codebook)
        self._reference_date = reference_date
        self._raises = on_fault == "raise"

    def batches(self, reading: Callable[[int], None] = lambda n_bytes: None) -> Iterator[Batch]:
        """Yield the batches.

        Args:
            reading: Called with the part of `n_bytes` of the input that has been read.

        Yields:
            See `BatchMaker`.

        Raises:
            InputError: As for `BatchMaker` and the rows of the input; where faults are to be raised, the first.

        Sees: plaintext and key
        """
        items = self._codebook.item_names if self._codebook is not None else ()
        present, defaults = self._rows.fields, self._rows.defaults
        with concerning(self._rows.path):
            n_known = len(self.faults)
            rows = self._rows.rows(reading)
            records = read_records(rows, items, self.faults, present=present, defaults=defaults)
            for batch in self._make_batches(records, self.quality, reference_date=self._reference_date):
                self.faults += batch.faults
                self.derived.update(batch.derived)
                self._dates.add(batch.cases)
                self._check(n_known)
                n_known = len(self.faults)
                yield batch
            # Rows that the reader rejected may be in no batch.
            self._check(n_known)

    def _check(self, n_known: int) -> None:
        error = first_loss(self.faults[n_known:]) if self._raises else None
        if error is not None:
            raise error

    @property
    def notices(self) -> tuple[str, ...]:
        """Sentences about how the input was understood."""
        filled = derived_notices(self._codebook, self.derived)
        return (*self._rows.notices, *unused_notice(self._rows), *filled, *self.date_notices)

    @property
    def date_notices(self) -> tuple[str, ...]:
        """A sentence about the precision in which dates are sent, if there are any."""
        return tuple(self._dates.notices())

    @property
    def sorted_faults(self) -> tuple[Fault, ...]:
        """The faults in the order of the input."""
        return tuple(sorted(self.faults, key=lambda fault: fault.row))
