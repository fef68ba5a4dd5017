"""The payload of a record: each value read by the codebook, and the items that are filled from the identity."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from operator import itemgetter
from typing import Final

from pseudonym.codebook import CELL_CHARACTERS, Answer, CellReader, Codebook, Item
from pseudonym.encode.derived import ages_at, contradicts, derived_value
from pseudonym.faults import Fault
from pseudonym.identity.identities import Identity
from pseudonym.identity.reader.missing import is_missing_code
from pseudonym.identity.record import Record, payload_of, texts_of

__all__ = ["PayloadReader"]

_NO_CODE: Final = ("codebook.unknown_code",)

PLAIN_KEPT: Final = 1 << 10
"""Texts per item that are looked up: codes, labels, and some codes together."""

_SAID_MISSING: Final = Answer(None, (), ("value.placeholder",))


class PayloadReader:
    """Read the payload of records.

    Attributes:
        derived: How many records have each item from their identity.
    """

    def __init__(self, codebook: Codebook | None, *, derive: bool = True) -> None:
        """Take the codebook, without which no payload is sent.

        Args:
            codebook: The codebook, or None.
            derive: Whether to fill the items that the codebook declares where a record does not have them.
        """
        names = codebook.item_names if codebook is not None else ()
        self._items = [codebook.by_name[name] for name in names] if codebook is not None else []
        self._places = {name: place for place, name in enumerate(names)}
        self._derivable = [(place, item) for place, item in enumerate(self._items) if item.derive is not None]
        self._cells = None if codebook is None else CellReader(codebook)
        # What was found to be nothing but codes, which is no text of a person's own.
        self._plain: list[dict[str, str]] = [{} for _ in names]
        self._undated: dict[str, Callable[[str], Answer | None]] = {}
        self._derive = derive
        self.derived: Counter[str] = Counter()

    @property
    def derives(self) -> bool:
        """Whether the codebook has items that a record may have from its identity."""
        return bool(self._derivable)

    def __call__(
        self, record: Record, identities: Sequence[Identity], dates: Mapping[str, str], row: int
    ) -> tuple[list[str | None], list[Fault]]:
        """Read the payload of one record.

        Args:
            record: The record.
            identities: Its identities.
            dates: Its event date and report date by column, blank if there is none.
            row: Its row, for the faults.

        Returns:
            The values in the byte order of the items, and the faults.

        Raises:
            InputError: `input.type` when a value is neither text nor missing.

        Sees: plaintext
        """
        payload = payload_of(record.payload)
        if not payload and not self._derivable:
            return [None] * len(self._items), []
        when = dates["event_date"] or dates["report_date"] or None
        values: list[str | None] = [None] * len(self._items)
        found: list[tuple[int, Fault]] = []
        said_missing: set[str] = set()
        n_unknown = 0
        for name, given in payload.items():
            place = self._places.get(name)
            if place is None:
                n_unknown += 1
            elif type(given) is str and given in self._plain[place]:
                values[place] = self._plain[place][given]
            elif type(given) is not str or given:
                answer = self._answer(name, place, given, when)
                values[place] = answer.value
                found += [(place, Fault(row, name, rule, "left out")) for rule in answer.left_out]
                found += [(place, Fault(row, name, rule, "marked")) for rule in answer.marked]
                if answer is _SAID_MISSING:
                    said_missing.add(name)
        for place, item in self._derivable:
            # A word for nothing is no answer, so the item may be filled from the identity.
            answered = item.name in payload and item.name not in said_missing
            values[place], rule = self._derived(item, values[place], identities, dates["event_date"], given=answered)
            found += [(place, Fault(row, item.name, rule, "marked"))] if rule is not None else []
        # The name of an unknown item could be anything, so it is counted and not shown.
        unknown = [Fault(row, None, "payload.unknown_item", "left out")] * n_unknown
        return values, [*(fault for _, fault in sorted(found, key=itemgetter(0))), *unknown]

    def _answer(self, name: str, place: int, given: object, when: str | None) -> Answer:
        # Nearly every value is a code, which is the same on all dates.
        if type(given) is str and len(given) <= CELL_CHARACTERS:
            undated = self._undated.get(name) or self._undated_of(name)
            answer = undated(given)
            if answer is not None and not answer.left_out:
                plain = self._plain[place]
                if answer.value is not None and not answer.marked and len(plain) < PLAIN_KEPT:
                    plain[given] = answer.value
                return answer
        return self._read(name, given, when)

    def _undated_of(self, name: str) -> Callable[[str], Answer | None]:
        assert self._cells is not None, "items come from a codebook"
        return self._undated.setdefault(name, self._cells.undated(name))

    def _read(self, name: str, given: object, when: str | None) -> Answer:
        assert self._cells is not None, "items come from a codebook"
        texts = texts_of(given, field=name)
        answer = self._cells.read(name, texts, date=when)
        missing = answer.left_out == _NO_CODE and len(texts) == 1 and is_missing_code(texts[0])
        return _SAID_MISSING if missing else answer

    def _derived(
        self, item: Item, value: str | None, identities: Sequence[Identity], event_date: str, *, given: bool
    ) -> tuple[str | None, str | None]:
        """Return the value of an item that may be derived, and the rule if what was given contradicts the identity."""
        if given:
            wrong = (
                value is not None
                and item.derive == "age_at_event"
                and contradicts(item, value, ages_at(identities, event_date))
            )
            return value, "codebook.age_contradicts" if wrong else None
        if not self._derive:
            return value, None
        found = derived_value(item, identities, event_date)
        if found is not None:
            self.derived[item.name] += 1
        return found, None
