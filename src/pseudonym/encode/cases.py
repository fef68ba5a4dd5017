"""The part of a record that is sent in the clear: reserved columns and payload, each value checked first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from pseudonym.codebook import Codebook, CodebookError
from pseudonym.faults import Fault
from pseudonym.identity.identities import Identity, is_identity
from pseudonym.identity.record import Record, payload_of, text_of
from pseudonym.wire import RESERVED, value_rule

__all__ = ["CaseReader"]

IDS: Final = frozenset({"report_id", "case_id"})
"""Reserved columns that are sent as the reporter wrote them, so they must not contain the identity."""

WORDS: Final = frozenset({"role", "status"})
"""Reserved columns whose values are words, which people write with spaces and capitals."""


class CaseReader:
    """Read the case row of a record, leaving out values that break a rule."""

    def __init__(self, codebook: Codebook | None) -> None:
        """Take the codebook of the payload; without one no payload is sent."""
        self._codebook = codebook
        self._items = codebook.item_names if codebook is not None else ()

    def __call__(
        self, record: Record, identities: Sequence[Identity], row: int
    ) -> tuple[tuple[str | None, ...], list[Fault]]:
        """Read one record.

        Args:
            record: The record.
            identities: Its identities, which no id may contain.
            row: Its row, for the faults.

        Returns:
            The record id, the reserved columns, then the payload in the byte order of the items; and the faults.

        Raises:
            InputError: `input.type` when a value is neither text nor missing.

        Sees: plaintext
        """
        faults: list[Fault] = []
        reserved = dict.fromkeys(RESERVED, "")
        for column in RESERVED:
            given = getattr(record, column)
            if given is None:
                continue
            value = _tidy(column, given)
            rule = value_rule(column, value) if value else None
            if rule is None and column in IDS and is_identity(value, identities):
                rule = f"{column}.is_identity"
            if rule is not None:
                faults.append(Fault(row, column, rule, "left out"))
            else:
                reserved[column] = value
        payload = self._payload(record, row, faults, when=reserved["event_date"] or reserved["report_date"] or None)
        return (record.record_id, *(value or None for value in reserved.values()), *payload), faults

    def _payload(self, record: Record, row: int, faults: list[Fault], *, when: str | None) -> list[str | None]:
        values: list[str | None] = []
        payload = payload_of(record.payload)
        for item in self._items:
            value = text_of(payload.get(item), field=item).strip()
            rule = self._payload_rule(item, value, when) if value else None
            if rule is not None:
                faults.append(Fault(row, item, rule, "left out"))
            values.append(value if value and rule is None else None)
        # The name of an unknown item could be anything, so it is counted and not shown.
        if payload:
            faults += [Fault(row, None, "payload.unknown_item", "left out") for _ in set(payload) - set(self._items)]
        return values

    def _payload_rule(self, item: str, value: str, when: str | None) -> str | None:
        assert self._codebook is not None, "items come from a codebook"
        try:
            self._codebook.check(item, value, date=when)
        except CodebookError as error:
            return error.rule
        return None


def _tidy(column: str, value: object) -> str:
    """Return the canonical spelling of a value, so that `Accompanying child` is a role."""
    text = text_of(value, field=column).strip()
    return "_".join(text.lower().split()) if column in WORDS else text
