"""The part of a record that is sent in the clear: reserved columns and payload, each value checked first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import partial
from operator import attrgetter
from typing import Final

from pseudonym.characters import WHITE_SPACE
from pseudonym.codebook import Codebook
from pseudonym.encode.derived import is_before_birth, is_of_other_sex
from pseudonym.encode.payload import PayloadReader
from pseudonym.faults import Fault
from pseudonym.identity.identities import Identity
from pseudonym.identity.record import Record, text_of
from pseudonym.identity.telling_ids import is_identity
from pseudonym.memory import readings
from pseudonym.tables import TABLES
from pseudonym.wire import DATES, RESERVED, to_month, value_rule
from pseudonym.words import folded, meanings

__all__ = ["CaseReader"]

IDS: Final = frozenset({"report_id", "case_id"})
"""Reserved columns that are sent as the reporter wrote them, so they must not contain the identity."""

OF_LIFE: Final = {"event_date": "event_date.before_birth", "report_date": "report_date.before_birth"}
"""Dates that cannot be before the birth, and the rule for one that is."""

OTHER_SEX: Final = "number.contradicts_sex"
"""Found where only the reporter sees it: the header of a submission counts the marks of identity fields, and how many
persons are recorded with another sex than the legal one is nobody else's business."""

WORDS: Final = {
    "role": meanings(TABLES["roles"]),
    "status": meanings(TABLES["statuses"] | TABLES["case_states"]),
    "case_state": meanings(TABLES["case_states"]),
}
"""Reserved columns whose values are words, and what each word means: systems write them in Swedish or English. A status
may be that of the case."""

VALUES_KEPT: Final = 1 << 12
"""Words, and about eleven years of days."""

_VALUES: Final = attrgetter(*RESERVED)
_NOTHING: Final = (None,) * len(RESERVED)
_NO_DATES: Final = dict.fromkeys(DATES, "")


class CaseReader:
    """Read the case row of a record, leaving out values that break a rule.

    Whatever depends on a date, such as the age at the event, is found by the whole date; then dates lose their day,
    unless the codebook gives a reason for it.
    """

    def __init__(self, codebook: Codebook | None, *, derive: bool = True) -> None:
        """Take the codebook of the payload; without one no payload and no day of a date is sent.

        Args:
            codebook: The codebook, or None.
            derive: Whether to fill the items that the codebook declares where a record does not have them.
        """
        self._payload = PayloadReader(codebook, derive=derive)
        self._nothing = _NOTHING if codebook is None else (*_NOTHING, *[None] * len(codebook.item_names))
        self._to_month = [column for column in DATES if codebook is None or column not in codebook.days]

    @property
    def derived(self) -> Counter[str]:
        """How many records so far have each item from their identity."""
        return self._payload.derived

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
        given = _VALUES(record)
        # Of the faults of an identity only this one is found here: the submission counts the others.
        faults = [Fault(row, "number", OTHER_SEX, "marked")] if is_of_other_sex(identities) else []
        if given == _NOTHING:
            if type(record.payload) is dict and not record.payload and not self._payload.derives:
                return (record.record_id, *self._nothing), faults
            payload, wrong = self._payload(record, identities, _NO_DATES, row)
            return (record.record_id, *_NOTHING, *payload), [*faults, *wrong]
        reserved = dict.fromkeys(RESERVED, "")
        for column, (value, broken) in _reserved(given).items():
            rule = broken
            if rule is None and column in IDS and is_identity(value, identities):
                rule = f"{column}.is_identity"
            if rule is not None:
                faults.append(Fault(row, column, rule, "left out"))
            else:
                reserved[column] = value
        faults += [
            Fault(row, column, rule, "marked")
            for column, rule in OF_LIFE.items()
            if is_before_birth(identities, reserved[column])
        ]
        payload, wrong = self._payload(record, identities, reserved, row)
        for column in self._to_month:
            reserved[column] = to_month(reserved[column])
        sent = [value or None for value in reserved.values()]
        return (record.record_id, *sent, *payload), [*faults, *wrong]


def _reserved(given: Sequence[object]) -> dict[str, tuple[str, str | None]]:
    """Return the reserved columns that have a value, each with the rule that it breaks or None."""
    values = {
        column: _TIDIED[column][value] if type(value) is str and column not in IDS else _tidied(column, value)
        for column, value in zip(RESERVED, given, strict=True)
        if value is not None
    }
    if "status" in values and values["status"][0] in TABLES["case_states"]:
        # Systems with one column for both put the state of the case there, once it is closed.
        state = values.get("case_state")
        values["case_state"] = _tidied("case_state", values["status"][0]) if state is None or not state[0] else state
        values["status"] = "", None
    return values


def _tidied(column: str, value: object) -> tuple[str, str | None]:
    """Return the canonical spelling of a value, so that `Medföljande barn` is a role, and the rule that it breaks."""
    text = text_of(value, field=column).strip(WHITE_SPACE)
    meaning = WORDS[column].get(folded(text)) if column in WORDS else None
    text = text if meaning is None else meaning
    return text, value_rule(column, text) if text else None


_TIDIED: Final = {
    column: readings(partial(_tidied, column), entries=VALUES_KEPT) for column in RESERVED if column not in IDS
}
