"""Purge what different persons have in common, at the linkage unit, and take it from the statistics unit too."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

from linkage.engines.spark.session import Cluster
from linkage.errors import NotErasedError, SettingsError
from linkage.keys import RegistryKey
from linkage.linkage_unit.purge import purge as purge_codes
from linkage.linkage_unit.purge_report import PurgeReport
from linkage.machine import available_memory
from linkage.pipeline.exchange import erase, hand_over
from linkage.pipeline.units import Units
from linkage.progress import Progress, now
from pseudonym.profile import Profile

__all__ = ["purge"]

_MOST_DAYS: Final = 36_500


def purge(
    units: Units,
    profile: Profile,
    *,
    key: RegistryKey,
    review_days: int,
    dry_run: bool,
    progress: Progress,
    cluster: Cluster | None = None,
    beyond_memory: bool = False,
) -> PurgeReport:
    """Settle the records that came before the review window, and erase what that leaves in the files.

    Killed before the hand-over, the pairs of different persons are still at the statistics unit until the next call of
    `purge` or `link`.

    Args:
        units: The registry.
        profile: Its profile.
        key: The registry key.
        review_days: Length of the review window in days.
        dry_run: Whether to count only.
        progress: See `Progress`.
        cluster: Where to compare pairs, if all must be compared again; None for this process.
        beyond_memory: Whether to begin a purge that is expected to take more memory than there is.

    Returns:
        What was taken away.

    Raises:
        SettingsError: `purge.days` if the window is negative or longer than a century, `profile.linking` if the profile
            has no tables for linking.
        TooLargeError: The purge is expected to take more memory than there is; nothing was purged.
        ClusterError: The cluster does not answer or has failed; nothing was purged.
        NotLinkedError: `link` has never been run, or not since something changed.
        NotErasedError: It was taken from the tables, as the `results` say, but is still in a file.
        RegistryError: The registry cannot be opened or written.
    """
    if not 0 <= review_days <= _MOST_DAYS:
        raise SettingsError("purge.days", "The review window must be from 0 to 36500 days.")
    before = (datetime.now(UTC) - timedelta(days=review_days)).date().isoformat()
    with units.linkage.session(write=not dry_run) as codes:
        found = purge_codes(
            codes,
            profile,
            key=key,
            before=before,
            dry_run=dry_run,
            progress=progress,
            at=now(),
            cluster=cluster,
            memory=None if beyond_memory else available_memory(),
        )
        if not dry_run and units.alone is None:
            with units.statistics.session(write=True) as cases:
                hand_over(codes, cases, profile.digest)
                # Its deleted pairs are in its file until that is rewritten.
                if found.pairs:
                    cases.mark_deleted()
    if not dry_run:
        try:
            erase(units)
        except NotErasedError as error:
            error.results = [found]
            raise
    return found
