"""Completeness of the identity fields of a submission: the only figures about identities that leave a reporter."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from operator import attrgetter
from typing import Any, Final

from pseudonym.characters import is_blank
from pseudonym.faults import Fault
from pseudonym.identity.identities import MAX_IDENTITIES
from pseudonym.identity.record import IDENTITY_FIELDS, Record, text_of, texts_of
from pseudonym.wire import Quality

__all__ = ["QualityCounter"]

_VALUES: Final = attrgetter(*IDENTITY_FIELDS)

_TEXT: Final = frozenset({str})

FIGURES: Final = {"left out": "unreadable", "marked": "marked"}


class QualityCounter:
    """Count, per field, the records that lack it and those with an unreadable or marked value."""

    def __init__(self) -> None:
        """Start from nothing."""
        self._counts: Counter[tuple[str, str]] = Counter()

    def add_all(self, accepted: Sequence[tuple[Record, Sequence[Fault]]]) -> None:
        """Count records that were accepted, as `add` does one by one.

        Args:
            accepted: Each record with the faults of its identity fields.

        Sees: plaintext
        """
        plain = [record for record, faults in accepted if not faults and record.name_of_address is None]
        for name in IDENTITY_FIELDS:
            values = list(filter(None, map(attrgetter(name), plain)))
            self._counts[name, "missing"] += len(plain) - len(values) + _n_blank(values, name)
        for record, faults in accepted:
            if faults or record.name_of_address is not None:
                self.add(record, faults)

    def add(self, record: Record, faults: Sequence[Fault]) -> None:
        """Count a record that was accepted.

        Args:
            record: The record.
            faults: The faults of its identity fields.

        Sees: plaintext
        """
        lost = {_field(fault) for fault in faults if fault.effect == "left out"} if faults else ()
        for name, value in zip(IDENTITY_FIELDS, _VALUES(record), strict=True):
            # Nearly every field has at most one value.
            if type(value) is str and (value.strip() if value.isascii() else not is_blank(value)):
                continue
            # A value that the reader of the file left out was there: it counts as unreadable, not as missing.
            if name not in lost and all(map(is_blank, _texts(record, name))):
                self._counts[name, "missing"] += 1
        # A record counts once per field, however many of its values are affected.
        if faults:
            self._counts.update({(_field(fault), FIGURES[fault.effect]) for fault in faults if fault.field is not None})

    def add_counts(self, other: QualityCounter) -> None:
        """Add what another counter has counted.

        Args:
            other: The counter of other records.

        Sees: neither
        """
        self._counts.update(other._counts)

    def figures(self) -> dict[str, Quality]:
        """Return the figures per identity field.

        Sees: neither
        """
        figures = ("missing", "unreadable", "marked")
        return {name: Quality(**{figure: self._counts[name, figure] for figure in figures}) for name in IDENTITY_FIELDS}


def _n_blank(values: Sequence[Any], name: str) -> int:
    """Return how many values of a field are blank; all are of a type that it may have, and none is empty."""
    # Nearly every value is a text of ASCII that is not blank.
    if _TEXT.issuperset(map(type, values)) and all(map(str.isascii, values)) and all(map(str.strip, values)):
        return 0
    others = [value for value in values if not (type(value) is str and value.isascii() and value.strip())]
    return sum([_is_blank(value, name) for value in others])


def _is_blank(value: object, name: str) -> bool:
    """Return whether a value, or each that an identity can take, is blank."""
    return is_blank(value) if type(value) is str else all(map(is_blank, texts_of(value, field=name)[:MAX_IDENTITIES]))


def _texts(record: Record, name: str) -> tuple[str, ...]:
    """Return the values of a field that an identity can take."""
    if getattr(record, name) is None and (name != "given_names" or record.name_of_address is None):
        return ()
    texts = texts_of(getattr(record, name), field=name)[:MAX_IDENTITIES]
    if name != "given_names":
        return texts
    return (text_of(record.name_of_address, field="name_of_address"), *texts)


def _field(fault: Fault) -> str:
    """Return the field of a fault without the number of the value."""
    name, _, number = (fault.field or "").rpartition("_")
    return name if number.isdecimal() else fault.field or ""
