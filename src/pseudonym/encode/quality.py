"""Completeness of the identity fields of a submission: the only figures about identities that leave a reporter."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Final

from pseudonym.characters import is_blank
from pseudonym.faults import Fault
from pseudonym.identity.identities import MAX_IDENTITIES
from pseudonym.identity.record import IDENTITY_FIELDS, Record, text_of, texts_of
from pseudonym.wire import Quality

__all__ = ["QualityCounter"]

FIGURES: Final = {"left out": "unreadable", "marked": "marked"}


class QualityCounter:
    """Count, per field, the records that lack it and those with an unreadable or marked value."""

    def __init__(self) -> None:
        """Start from nothing."""
        self._counts: Counter[tuple[str, str]] = Counter()

    def add(self, record: Record, faults: Sequence[Fault]) -> None:
        """Count a record that was accepted.

        Args:
            record: The record.
            faults: The faults of its identity fields.

        Sees: plaintext
        """
        lost = {_field(fault) for fault in faults if fault.effect == "left out"}
        for name in IDENTITY_FIELDS:
            values = getattr(record, name)
            # Nearly every field has at most one value.
            there = isinstance(values, str) and not is_blank(values)
            # A value that the reader of the file left out was there: it counts as unreadable, not as missing.
            if not there and name not in lost and all(map(is_blank, _texts(record, name))):
                self._counts[name, "missing"] += 1
        # A record counts once per field, however many of its values are affected.
        if faults:
            self._counts.update({(_field(fault), FIGURES[fault.effect]) for fault in faults if fault.field is not None})

    def figures(self) -> dict[str, Quality]:
        """Return the figures per identity field.

        Sees: neither
        """
        figures = ("missing", "unreadable", "marked")
        return {name: Quality(**{figure: self._counts[name, figure] for figure in figures}) for name in IDENTITY_FIELDS}


def _texts(record: Record, name: str) -> tuple[str, ...]:
    """Return the values of a field that an identity can take."""
    texts = texts_of(getattr(record, name), field=name)[:MAX_IDENTITIES]
    if name != "given_names":
        return texts
    return (text_of(record.name_of_address, field="name_of_address"), *texts)


def _field(fault: Fault) -> str:
    """Return the field of a fault without the number of the value."""
    name, _, number = (fault.field or "").rpartition("_")
    return name if number.isdecimal() else fault.field or ""
