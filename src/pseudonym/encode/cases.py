"""The part of a record that is sent in the clear: reserved columns and payload, each value checked first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from pseudonym.codebook import Codebook, CodebookError, split_codes
from pseudonym.faults import Fault
from pseudonym.identity.identities import Identity, is_identity
from pseudonym.identity.record import Record, payload_of, text_of, texts_of
from pseudonym.wire import CASE_STATES, RESERVED, value_rule

__all__ = ["CaseReader"]

IDS: Final = frozenset({"report_id", "case_id"})
"""Reserved columns that are sent as the reporter wrote them, so they must not contain the identity."""

WORDS: Final = frozenset({"role", "status", "case_state"})
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
        for column, value in _reserved(record):
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
            given = payload.get(item)
            value: str | None = None
            errors: list[CodebookError] = []
            if given is not None:
                assert self._codebook is not None, "items come from a codebook"
                codes = [code for text in texts_of(given, field=item) for code in split_codes(text)]
                value, errors = self._codebook.read_value(item, codes, date=when)
            faults += [Fault(row, item, error.rule, "left out") for error in errors]
            values.append(value)
        # The name of an unknown item could be anything, so it is counted and not shown.
        if payload:
            faults += [Fault(row, None, "payload.unknown_item", "left out") for _ in set(payload) - set(self._items)]
        return values


def _reserved(record: Record) -> Iterator[tuple[str, str]]:
    """Yield the reserved columns that have a value."""
    values = {column: _tidy(column, given) for column in RESERVED if (given := getattr(record, column)) is not None}
    if values.get("status") in CASE_STATES:
        # Systems with one column for both put the state of the case there, once it is closed.
        values["case_state"] = values.get("case_state") or values["status"]
        values["status"] = ""
    yield from values.items()


def _tidy(column: str, value: object) -> str:
    """Return the canonical spelling of a value, so that `Accompanying child` is a role."""
    text = text_of(value, field=column).strip()
    return "_".join(text.lower().split()) if column in WORDS else text
