"""Check record ids: a record is encoded only if its id is unique and contains no identity."""

from __future__ import annotations

import hashlib
from datetime import date

from pseudonym.faults import Fault
from pseudonym.identity.identities import Identity, is_identity, read_identities
from pseudonym.identity.record import Record, text_of
from pseudonym.wire import id_rule

__all__ = ["RecordChecker"]


class RecordChecker:
    """Read the identities of the records of one input, rejecting records with an unusable id."""

    def __init__(self, *, reference_date: date, reporter: str) -> None:
        """Set the date by which centuries are inferred, and the code of the reporter."""
        self._reference_date = reference_date
        self._reporter = reporter
        self._seen: set[bytes] = set()

    def __call__(self, record: Record, row: int) -> tuple[tuple[Identity, ...] | None, list[Fault]]:
        """Read one record.

        Args:
            record: The record.
            row: Its row, for the faults.

        Returns:
            Its identities, or None if it is rejected; and the faults.

        Raises:
            InputError: `input.type` when a value is neither text nor missing.
        """
        rule = self._id_rule(record)
        if rule is None:
            identities, faults = read_identities(
                record, row=row, reference_date=self._reference_date, reporter=self._reporter
            )
            if not is_identity(record.record_id, identities):
                return identities, faults
            rule = "is_identity"
        return None, [Fault(row, "record_id", f"record_id.{rule}", "rejected")]

    def _id_rule(self, record: Record) -> str | None:
        """Return the rule that the id breaks: one from `id_rule`, or `duplicate`."""
        rule = id_rule(text_of(record.record_id, field="record_id"))
        if rule is not None:
            return rule
        # Digests keep the set small, however long the ids are.
        digest = hashlib.blake2b(record.record_id.encode(), digest_size=16).digest()
        if digest in self._seen:
            return "duplicate"
        self._seen.add(digest)
        return None
