"""Erase what a retention rule no longer allows, from both units."""

from __future__ import annotations

from datetime import date

from linkage.errors import NotErasedError, SettingsError
from linkage.intake import OldRecords, erase_old
from linkage.pipeline.exchange import erase
from linkage.pipeline.units import Units
from linkage.progress import now

__all__ = ["erase_before"]


def erase_before(units: Units, before: date, *, dry_run: bool) -> list[OldRecords]:
    """Erase what is older than a day, from all tables and from the files.

    Args:
        units: The registry.
        before: The first day that stays.
        dry_run: Whether to count only.

    Returns:
        The numbers of each reporter that has anything as old, sorted by code.

    Raises:
        SettingsError: `erase.future` if the day is still to come: everything would be older.
        NotErasedError: All of it was deleted, as its `results` say, but is still in a file.
        RegistryError: The registry cannot be opened or written.
    """
    if before > date.today():
        raise SettingsError(
            "erase.future",
            "The first day that stays is still to come: everything would be erased.",
            hint="Check the year.",
        )
    with units.statistics.session(write=not dry_run) as session:
        found = erase_old(session, before.isoformat(), at=now(), dry_run=dry_run)
    if not dry_run:
        try:
            erase(units)
        except NotErasedError as error:
            error.results = found
            raise
    return found
