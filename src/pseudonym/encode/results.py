"""What comes out of an encoder, and what happens where values or records were lost."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal, get_args

import pyarrow as pa

from pseudonym.encode.codes import Codes
from pseudonym.errors import InputError
from pseudonym.faults import RULES, Fault
from pseudonym.wire import Header

__all__ = ["Batch", "Encoded", "FaultWarning", "OnFault", "Report", "check_on_fault", "first_loss", "warn_of"]

OnFault = Literal["warn", "raise", "ignore"]
"""What to do where a record is rejected or a value is left out."""

_REMEDIES: Final = {
    "rejected": "Correct or remove the record; with on_fault='warn' all others are encoded.",
    "left out": "Correct or remove the value; with on_fault='warn' the record is encoded without it.",
}


class FaultWarning(UserWarning):
    """Records were rejected or values left out; the message says how many and shows no value.

    Attributes:
        rejected: Number of records that were rejected.
        left_out: Number of values that were left out.
    """

    def __init__(self, rejected: int, left_out: int) -> None:
        super().__init__(
            f"Records rejected: {rejected}; values left out: {left_out}. The result lists them in `faults`; "
            "on_fault='raise' stops at the first."
        )
        self.rejected = rejected
        self.left_out = left_out

    def __reduce__(self) -> tuple[type[FaultWarning], tuple[int, int]]:
        """Let the warning be pickled and reach another process."""
        return type(self), (self.rejected, self.left_out)


@dataclass(frozen=True, slots=True, repr=False)
class Batch:
    """The codes of some records.

    Attributes:
        record_ids: The ids of the `n` records, as the reporter wrote them.
        cases: For each record its id, the reserved columns, then the payload in the byte order of the items, all as
            they are sent: dates without their day, unless the codebook gives a reason for it.
        codes: Their codes.
        faults: Everything rejected, left out or marked while this batch was read.
        derived: For each item that was filled from the identity, in how many of these records.
    """

    record_ids: tuple[str, ...]
    cases: tuple[tuple[str | None, ...], ...]
    codes: Codes
    faults: tuple[Fault, ...]
    derived: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Outcome:
    """What became of an input."""

    faults: tuple[Fault, ...] = ()
    notices: tuple[str, ...] = ()
    derived: Mapping[str, int] = field(default_factory=dict)

    def count(self, effect: str) -> int:
        """Count the faults of one effect: `rejected`, `left out` or `marked`.

        Sees: neither
        """
        return sum(fault.effect == effect for fault in self.faults)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class Encoded(_Outcome):
    """The codes of one input as a table, and what became of the input.

    It offers the Arrow PyCapsule interface, so `polars.DataFrame(encoded)` and `pyarrow.table(encoded)` are the table.

    Attributes:
        table: `record_id`, `kind`, `match_key`, `content`; one row per code, records in the order given.
        faults: Everything rejected, left out or marked, in the order of the input.
        notices: Sentences about how the input was understood, such as which columns were not read.
        derived: For each item that was filled from the identity, in how many records.
    """

    table: pa.Table

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        """Return the table as a capsule with an Arrow stream."""
        return self.table.__arrow_c_stream__(requested_schema)

    def __repr__(self) -> str:
        """Show how much there is of what."""
        return f"<Encoded {self.table.num_rows} codes, {len(self.faults)} faults>"


@dataclass(frozen=True, slots=True, kw_only=True)
class Report(_Outcome):
    """The outcome of writing a submission.

    Attributes:
        header: The header of the submission as written.
        faults: Everything rejected, left out or marked, in the order of the input.
        notices: Sentences about how the input was understood, such as which columns were not read.
        derived: For each item that was filled from the identity, in how many records.
        period_notices: Those of the notices that are about the period, such as one that has not begun.
        date_notices: The one of the notices that says in what precision dates are sent, if there are any.
    """

    header: Header
    period_notices: tuple[str, ...] = ()
    date_notices: tuple[str, ...] = ()


def check_on_fault(on_fault: str) -> None:
    """Check what a caller says about faults.

    Raises:
        ValueError: It is none of the words of `OnFault`.

    Sees: neither
    """
    if on_fault not in get_args(OnFault):
        raise ValueError("on_fault is 'warn', 'raise' or 'ignore'")


def first_loss(faults: Iterable[Fault]) -> InputError | None:
    """Return the error for the first record that was rejected or value that was left out, or None.

    Args:
        faults: Faults in any order.

    Sees: neither
    """
    lost = [fault for fault in faults if fault.effect != "marked"]
    if not lost:
        return None
    first = min(lost, key=lambda fault: fault.row)
    return InputError(first.rule, RULES[first.rule], hint=_REMEDIES[first.effect], field=first.field, row=first.row)


def warn_of(faults: Sequence[Fault], *, stacklevel: int) -> None:
    """Warn if records were rejected or values left out.

    Args:
        faults: The faults of an input.
        stacklevel: Which caller the warning points to; 2 is the caller of the function that calls this one.

    Warns:
        FaultWarning: With their numbers.

    Sees: neither
    """
    rejected, left_out = (sum(fault.effect == effect for fault in faults) for effect in ("rejected", "left out"))
    if rejected or left_out:
        warnings.warn(FaultWarning(rejected, left_out), stacklevel=stacklevel + 1)
