"""Let persons and links out of the registry: what is read, and the entry that says so, in one transaction.

The entry is stored before the first row leaves, so nothing leaves without one; an export that then fails has one too.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pyarrow as pa

from linkage.linkage_unit.person_ids import check_recipient
from linkage.pipeline.key_files import KeyFiles
from linkage.pipeline.units import Units
from linkage.progress import now
from linkage.statistics_unit.queries import read_links, read_persons, read_review
from linkage.store import Session

__all__ = ["Exports"]


class Exports:
    """Exports of a registry. `Registry.persons`, `links` and `review` read the same, and write no entry."""

    def __init__(self, units: Units, key_files: KeyFiles) -> None:
        """Use `Registry.exports` instead."""
        self._units = units
        self._key_files = key_files

    def persons(self, *, recipient: str | None = None, form: str | None = None) -> pa.Table:
        """Return which record belongs to which person, as `Registry.persons` does, and enter that in the audit log.

        Args:
            recipient: For whom the rows are; its person ids are those of nobody else.
            form: In what they leave, such as `csv`.

        Raises:
            NotLinkedError: `link` has never been run.
            SettingsError: `export.recipient` if the name of the recipient is malformed.
            RegistryKeyError: The key, which is needed for a recipient, cannot be used.
            RegistryError: The registry cannot be opened or written; nothing may leave.
        """
        ids = None if recipient is None else self._key_files.ids_for(self._units, recipient)
        return self._let_out("export persons", partial(read_persons, ids=ids), recipient=recipient, form=form)

    def links(self, *, recipient: str | None = None, form: str | None = None, review: bool = False) -> pa.Table:
        """Return the pairs that the last run stored, as `Registry.links` does, and enter that in the audit log.

        Args:
            recipient: For whom the rows are.
            form: In what they leave, such as `csv`.
            review: Return only those for review, as `Registry.review` does.

        Raises:
            NotLinkedError: `link` has never been run.
            SettingsError: `export.recipient` if the name of the recipient is malformed.
            RegistryError: The registry cannot be opened or written; nothing may leave.
        """
        if recipient is not None:
            check_recipient(recipient)
        return self._let_out("export links", read_review if review else read_links, recipient=recipient, form=form)

    def _let_out(
        self, act: str, read: Callable[[Session], pa.Table], *, recipient: str | None, form: str | None
    ) -> pa.Table:
        with self._units.statistics.session(write=True) as session, session.transaction():
            table = read(session)
            run = session.rows("SELECT max(run) FROM runs")[0][0]
            session.log(act, at=now(), run=run, rows=table.num_rows, recipient=recipient, form=form)
        return table
