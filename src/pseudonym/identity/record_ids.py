"""Check records: one is encoded only if its id is unique and contains no identity, and if it has an identity at all.

A record without any identity can never be linked and counts as one person. Mostly it is a row that an export added and
no person, so it is sent only if the caller says so.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import replace
from datetime import date
from typing import Final

from pseudonym.faults import Fault
from pseudonym.identity.identities import Identity, read_unusual
from pseudonym.identity.record import Record, text_of
from pseudonym.identity.telling_ids import is_identity
from pseudonym.identity.usual import read_all_usual
from pseudonym.wire import id_rule

__all__ = ["RecordChecker", "digests_of"]

NONE: Final = "identity.none"


class RecordChecker:
    """Read the identities of the records of one input, rejecting records with an unusable id or without identity."""

    def __init__(self, *, reference_date: date, reporter: str, keep_empty: bool = False) -> None:
        """Set the date by which centuries are inferred, the code of the reporter, and whether to keep empty records."""
        self._reference_date = reference_date
        self._reporter = reporter
        self._keep_empty = keep_empty
        self._seen: set[bytes] = set()

    def usual(self, records: Sequence[object]) -> list[Identity | None]:
        """Return the identities of usual records, which are read faster together than one by one; None for all others.

        Args:
            records: The records.
        """
        found = [record for record in records if isinstance(record, Record)]
        if len(found) < len(records):
            return [None] * len(records)
        return read_all_usual(found, reference_date=self._reference_date, reporter=self._reporter)

    def __call__(
        self, record: Record, row: int, known: Sequence[Fault] = ()
    ) -> tuple[tuple[Identity, ...] | None, list[Fault]]:
        """Read one record.

        Args:
            record: The record.
            row: Its row, for the faults.
            known: The faults of its values that the reader of the file found.

        Returns:
            Its identities, or None if it is rejected; and the faults, those that are known first. Of a record with an
            unusable id only that is reported, of one without identity also why no value of it could be used.

        Raises:
            InputError: `input.type` when a value is neither text nor missing.
        """
        (usual,) = self.usual([record])
        return self.check(record, row, known, usual)

    def check(
        self, record: Record, row: int, known: Sequence[Fault], usual: Identity | None
    ) -> tuple[tuple[Identity, ...] | None, list[Fault]]:
        """Do the same for a record of which `usual` has been called.

        Args:
            record: As for a call.
            row: Likewise.
            known: Likewise.
            usual: What `usual` returned for it.

        Returns:
            As a call.

        Raises:
            InputError: As for a call.
        """
        rule = self._id_rule(record)
        if rule is None:
            identities, faults = ((usual,), []) if usual is not None else self._read(record, row)
            if faults and not self._keep_empty and any(fault.rule == NONE for fault in faults):
                # A row that is no record must not keep the id from the one that is.
                self._seen.discard(_digest(record.record_id))
                return None, [*known, *(_rejecting(fault) for fault in faults)]
            if not is_identity(record.record_id, identities):
                return identities, [*known, *faults]
            rule = "is_identity"
        return None, [Fault(row, "record_id", f"record_id.{rule}", "rejected")]

    def _read(self, record: Record, row: int) -> tuple[tuple[Identity, ...], list[Fault]]:
        return read_unusual(record, row=row, reference_date=self._reference_date, reporter=self._reporter)

    @property
    def seen(self) -> set[bytes]:
        """Digests of the ids that no later record may have."""
        return self._seen

    def has_seen(self, digests: Set[bytes]) -> bool:
        """Return whether an earlier record has one of these ids.

        Args:
            digests: As `digests_of` returns them.
        """
        return not self._seen.isdisjoint(digests)

    def add_seen(self, digests: Set[bytes]) -> None:
        """Add the ids that another checker has seen.

        Args:
            digests: Its `seen`.
        """
        self._seen |= digests

    def _id_rule(self, record: Record) -> str | None:
        """Return the rule that the id breaks: one from `id_rule`, or `duplicate`."""
        text = record.record_id
        rule = id_rule(text if type(text) is str else text_of(text, field="record_id"))
        if rule is not None:
            return rule
        digest = _digest(text)
        if digest in self._seen:
            return "duplicate"
        self._seen.add(digest)
        return None


def digests_of(records: Iterable[Record]) -> Iterator[bytes]:
    """Yield a digest of each record's id, as `RecordChecker.seen` has them.

    Args:
        records: The records.
    """
    return (_digest(record.record_id) for record in records)


def _digest(record_id: str) -> bytes:
    """Return a digest, which keeps the set of ids small, however long they are."""
    return hashlib.blake2b(record_id.encode(), digest_size=16).digest()


def _rejecting(fault: Fault) -> Fault:
    return replace(fault, effect="rejected") if fault.rule == NONE else fault
