"""From the record of a table to a row: is it a record at all, was it mended, and what are its values?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from pseudonym.faults import Fault
from pseudonym.identity.reader.cleaning import Cleaner
from pseudonym.identity.reader.fields import RECORD_ID
from pseudonym.identity.reader.in_memory import HeldRecord
from pseudonym.identity.reader.lines import TableRecord
from pseudonym.identity.reader.nonrecords import NonRecords

__all__ = ["Layout", "Row", "RowReader"]


@dataclass(frozen=True, slots=True, repr=False)
class Row:
    """One row of a file.

    Attributes:
        line: The line where it begins, or the row of the sheet. In most files the header is line 1.
        values: The fields that are not blank, trimmed: a text, or a tuple of texts for a field with several values
            (blank values between others are kept as blank texts). Empty if the row is broken.
        faults: Of a good row, the faults of its values: repaired and marked, or left out. Of a broken one, why it must
            be rejected.
    """

    line: int
    values: Mapping[str, str | tuple[str, ...]]
    faults: tuple[Fault, ...] = ()

    @property
    def rejected(self) -> bool:
        """Whether the row must be rejected."""
        return any(fault.effect == "rejected" for fault in self.faults)

    def __repr__(self) -> str:
        """Show the line and the faults only; the values are a person's data."""
        return f"Row(line={self.line}, faults={self.faults!r})"


class Layout:
    """Judge rows as a whole: those that are no record, and those that were mended."""

    def __init__(self, non_records: NonRecords, *, unwrapped: bool) -> None:
        """Take what recognises rows that are no record, and whether the header was quoted as a whole."""
        self.n_spare: Counter[int] = Counter()
        self._non_records = non_records
        self._unwrapped = unwrapped

    @property
    def notices(self) -> tuple[str, ...]:
        """A sentence about quoted lines."""
        return ("Each line was in quotation marks as a whole: they were removed.",) if self._unwrapped else ()

    def rule(self, record: TableRecord) -> str | None:
        """Return the rule by which a row must be rejected, or None."""
        if record.rule is not None and not record.fields:
            return record.rule
        return self._non_records.rule(record.fields, record.line) or record.rule

    def mended(self, record: TableRecord) -> str | None:
        """Return the rule for a row that was mended unlike the others, or None."""
        if record.unwrapped and not self._unwrapped:
            return "row.quoted_whole"
        usual = record.n_spare == 0 or record.n_spare == self.n_spare.most_common(1)[0][0]
        return None if usual else "row.spare_cells"


class RowReader:
    """Read the rows of an input by the evidence from all of them; it can be pickled, and holds no value of a row."""

    def __init__(self, cleaner: Cleaner, layout: Layout) -> None:
        """Take what reads the cells of a row, and what judges it as a whole."""
        self._cleaner = cleaner
        self._layout = layout

    def __call__(self, record: TableRecord) -> Row:
        """Read one row.

        Args:
            record: Its cells.

        Raises:
            InputError: `input.second_header`.
        """
        rule = self._layout.rule(record)
        if rule is not None:
            return Row(record.line, {}, (Fault(record.line, None, rule, "rejected"),))
        values, faults = self._cleaner.clean(record.fields, record.line, record.typed)
        mended = self._layout.mended(record)
        if mended is not None:
            faults = (*faults, Fault(record.line, None, mended, "marked"))
        if RECORD_ID not in values and not _rejected(faults):
            return Row(record.line, values, (Fault(record.line, RECORD_ID, "record_id.missing", "rejected"),))
        rejected = _rejected(faults) if faults else ()
        if not rejected and isinstance(record, HeldRecord) and record.n_unknown:
            # The name of an unknown item could be anything, so it is counted and not shown.
            faults += (Fault(record.line, None, "payload.unknown_item", "left out"),) * record.n_unknown
        return Row(record.line, values, rejected or faults)


def _rejected(faults: tuple[Fault, ...]) -> tuple[Fault, ...]:
    return tuple(fault for fault in faults if fault.effect == "rejected")
