"""One run of linking: notice, run and hand-over where both units are in one process, else the run alone."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Final

from linkage.engines.spark.session import Cluster
from linkage.keys import RegistryKey
from linkage.linkage_unit.forecast import check_purge, purge_forecast
from linkage.linkage_unit.report import LinkReport
from linkage.linkage_unit.run import link as find_persons
from linkage.machine import available_memory
from linkage.pipeline.exchange import give_notice, hand_over
from linkage.pipeline.messages import check_noticed
from linkage.pipeline.units import Units
from linkage.progress import Progress, now
from linkage.statistics_unit.notices import make_notice
from pseudonym.profile import Profile

__all__ = ["CROWDED_CASES", "link"]

CROWDED_CASES: Final = (
    "Cases with more than 200 records were not used to tell persons apart: {n}. The usual cause is a column of case "
    "ids that holds something else."
)


def link(
    units: Units,
    profile: Profile,
    *,
    key: RegistryKey,
    refit: bool,
    full: bool,
    progress: Progress,
    cluster: Cluster | None = None,
    beyond_memory: bool = False,
    then_purge: bool = False,
) -> LinkReport:
    """Find the persons among all current records.

    Killed before the hand-over, the linkage unit keeps the run, and the next call that writes hands it over.

    Args:
        units: The registry.
        profile: Its profile.
        key: The registry key.
        refit: Whether to fit a new model.
        full: See `linkage.linkage_unit.run.link`.
        progress: See `Progress`.
        cluster: See `linkage.linkage_unit.run.link`.
        beyond_memory: Whether to begin a run that is expected to take more memory than there is.
        then_purge: Whether a purge is to follow, which must not take more either.

    Returns:
        The report of the run.

    Raises:
        TooLargeError: The run, or the purge that is to follow, is expected to take more memory than there is.
        RegistryError: A file cannot be opened or written.
        ClusterError: The cluster does not answer or has failed.
        NoticeError: `notice.missing` at a linkage unit on its own that has not taken any.
    """
    memory = None if beyond_memory else available_memory()
    if then_purge and memory is not None:
        with units.linkage.session(write=False) as codes:
            check_purge(purge_forecast(codes), memory=memory)
    find = partial(
        find_persons,
        profile=profile,
        key=key,
        refit=refit,
        full=full,
        progress=progress,
        now=now,
        cluster=cluster,
        memory=memory,
    )
    if units.alone == "linkage":
        with units.linkage.session(write=True) as codes:
            check_noticed(codes)
            return find(codes)[0]
    with units.linkage.session(write=True) as codes:
        with units.statistics.session(write=False) as cases:
            notice = make_notice(cases, profile_digest=profile.digest, at=now())
        give_notice(codes, notice, profile.digest)
        report, since = find(codes)
        with units.statistics.session(write=True) as cases:
            hand_over(codes, cases, profile.digest, since=since)
    notes = (CROWDED_CASES.format(n=notice.crowded),) if notice.crowded else ()
    return replace(report, notes=(*report.notes, *notes))
