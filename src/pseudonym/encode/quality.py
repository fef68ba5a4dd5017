"""How well the identity fields of a submission are filled: the only figures about identities that leave a body."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Final

from pseudonym.faults import Fault
from pseudonym.identity.identities import MAX_IDENTITIES
from pseudonym.identity.record import IDENTITY_FIELDS, Record, text_of, texts_of
from pseudonym.wire import Quality

__all__ = ["QualityCounter"]

FIGURES: Final = {"left out": "unreadable", "marked": "marked"}


class QualityCounter:
    """Count the records of a submission that lack a field, or have a value of it that is not as it should be."""

    def __init__(self) -> None:
        """Start from nothing."""
        self._counts: Counter[tuple[str, str]] = Counter()

    def add(self, record: Record, faults: Sequence[Fault]) -> None:
        """Count a record that was accepted.

        Args:
            record: The record.
            faults: What was found in its identity fields.

        Sees: plaintext
        """
        lost = {_field(fault) for fault in faults if fault.effect == "left out"}
        for name in IDENTITY_FIELDS:
            values = getattr(record, name)
            # Nearly every field has one value or none.
            there = isinstance(values, str) and values.strip()
            # What whoever read the file had to leave out was there, and counts as unreadable alone.
            if not there and name not in lost and not any(text.strip() for text in _texts(record, name)):
                self._counts[name, "missing"] += 1
        # A record counts once, however many of its values are concerned.
        if faults:
            self._counts.update({(_field(fault), FIGURES[fault.effect]) for fault in faults if fault.field is not None})

    def figures(self) -> dict[str, Quality]:
        """Return the figures of each identity field.

        Sees: neither
        """
        figures = ("missing", "unreadable", "marked")
        return {name: Quality(**{figure: self._counts[name, figure] for figure in figures}) for name in IDENTITY_FIELDS}


def _texts(record: Record, name: str) -> tuple[str, ...]:
    """Return the values of a field that may become those of an identity."""
    texts = texts_of(getattr(record, name), field=name)[:MAX_IDENTITIES]
    if name != "given_names":
        return texts
    return (text_of(record.name_of_address, field="name_of_address"), *texts)


def _field(fault: Fault) -> str:
    """Return the field of a fault without the number of the value."""
    name, _, place = (fault.field or "").rpartition("_")
    return name if place.isdecimal() else fault.field or ""
