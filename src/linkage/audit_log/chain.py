"""Walk the chain of a log and say what is not as it was written.

| what was done to the file | what shows it |
|---|---|
| an entry was edited | its digest; with that made right, the next entry; with all made right, the seals |
| an entry was removed or inserted, or two were exchanged | the numbers and the digests of the entries before |
| the end was cut off, or written anew without the key | a head kept elsewhere; entries without a seal are counted |
| the whole log was written anew | the seals; the first entry always has one |
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from typing import Any, Final

from linkage.audit_log.entry import FIRST, SealingKey, digest_of, parse_entry, seal_of
from linkage.audit_log.table import Log

__all__ = ["RULES", "Fault", "Verification", "verify"]

RULES: Final = {
    "audit.empty": "The log has no entry, although every store begins with one.",
    "audit.number": "The number does not follow that of the entry before: entries were removed, inserted or exchanged.",
    "audit.content": "The text is none that this library writes, or has another number than its row.",
    "audit.digest": "The digest is not that of the text: the entry was edited.",
    "audit.chain": "The entry does not follow the one before: one was edited, removed, inserted or exchanged.",
    "audit.seal": "The seal is not that of the unit's key: the entry was written anew without the key.",
    "audit.unsealed": "The first entry is not sealed, or none by the unit's key: the log was written anew without it.",
    "audit.head": "The head that was kept is not in the log: its end was cut off or written anew.",
}
"""What is wrong with an entry, by rule."""

_ROWS: Final = "SELECT entry, content, digest, sealed_by, seal FROM audit_log ORDER BY entry"


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that is not as it was written.

    Attributes:
        entry: The number of the entry; for `audit.head` that of the last one.
        rule: A key of `RULES`.
    """

    entry: int
    rule: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """What a walk along the chain found.

    Attributes:
        entries: Number of entries.
        first_at: When the first was written, in UTC; None if there is none or it cannot be read.
        last_at: The same of the last.
        sealed: Number of entries with a seal.
        checked: Number of seals that were checked: those of the key that was given.
        covered: Number of the last entry whose seal was found to be right. It covers those before.
        head: Digest of the last entry.
        kept: Number of the entry whose digest was kept elsewhere; None if none was given or it is not in the log.
        faults: What is wrong, in the order of the entries; empty if nothing is.
    """

    entries: int
    first_at: str | None
    last_at: str | None
    sealed: int
    checked: int
    covered: int
    head: str
    kept: int | None
    faults: tuple[Fault, ...]

    @property
    def whole(self) -> bool:
        """Whether nothing is wrong."""
        return not self.faults

    @property
    def proven(self) -> bool:
        """Whether nothing is wrong, and every entry is covered by a seal or by the head that was kept."""
        return self.whole and max(self.covered, self.kept or 0) == self.entries

    def to_dict(self) -> dict[str, Any]:
        """Return plain lists, strings and numbers, as `linkage audit verify --json` prints them."""
        names = ("entries", "first_at", "last_at", "sealed", "checked", "covered", "head", "kept", "whole", "proven")
        faults = [{"entry": one.entry, "rule": one.rule, "message": RULES[one.rule]} for one in self.faults]
        return {name: getattr(self, name) for name in names} | {"faults": faults}


class _Walk:
    """What is known of the entries so far."""

    def __init__(self, key: SealingKey | None) -> None:
        self._key = key
        self.faults: list[Fault] = []
        self.times: list[str] = []
        self.places: dict[str, int] = {}
        self.number, self.previous = 0, FIRST
        self.sealed = self.checked = self.covered = 0
        self.unsealed = False

    def step(self, number: int, text: str, digest: str, sealed_by: str | None, seal: str | None) -> None:
        """Take in the next row."""
        rules = list(self._wrong_text(number, text, digest))
        if number != self.number + 1:
            rules.append("audit.number")
        self.sealed += seal is not None
        if self._key is not None and seal is not None and sealed_by == self._key.check:
            self.checked += 1
            if not hmac.compare_digest(seal.encode(), seal_of(digest_of(text), self._key).encode()):
                rules.append("audit.seal")
            elif not rules and not self.faults:
                self.covered = number
        self.unsealed |= number == 1 and seal is None
        self.faults += [Fault(number, rule) for rule in rules]
        self.places[digest] = number
        self.number, self.previous = number, digest

    def _wrong_text(self, number: int, text: str, digest: str) -> list[str]:
        """Return the rules that the text breaks."""
        rules = [] if digest == digest_of(text) else ["audit.digest"]
        try:
            entry = parse_entry(text)
        except ValueError:
            return [*rules, "audit.content"]
        self.times.append(entry.at)
        if entry.number != number:
            rules.append("audit.content")
        if entry.previous != self.previous:
            rules.append("audit.chain")
        return rules


def verify(log: Log, *, key: SealingKey | None = None, head: str | None = None) -> Verification:
    """Walk along the chain.

    Args:
        log: The open store.
        key: The key of the unit; without it seals are counted and not checked. Entries that another key has sealed,
            such as one that was replaced, are covered by any later seal of this one.
        head: Digest of an entry that was the last one when it was kept elsewhere, 64 hexadecimal digits.

    Returns:
        What was found.
    """
    walk, rows = _Walk(key), log.rows(_ROWS)
    for row in rows:
        walk.step(*row)
    faults = walk.faults or ([] if rows else [Fault(0, "audit.empty")])
    if rows and (walk.unsealed or (key is not None and not walk.checked)):
        faults.append(Fault(1, "audit.unsealed"))
    kept = None if head is None else walk.places.get(head)
    if head is not None and kept is None:
        faults.append(Fault(walk.number, "audit.head"))
    return Verification(
        entries=len(rows),
        first_at=walk.times[0] if walk.times else None,
        last_at=walk.times[-1] if walk.times else None,
        sealed=walk.sealed,
        checked=walk.checked,
        covered=walk.covered,
        head=walk.previous,
        kept=kept,
        faults=tuple(faults),
    )
