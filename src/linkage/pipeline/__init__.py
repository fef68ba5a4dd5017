"""The facade: runs both units in one process, joins what they know, and offers the `Registry`."""

from __future__ import annotations

from linkage.answers import Summary
from linkage.engines.spark.session import Cluster
from linkage.intake import Receipt
from linkage.linkage_unit.purge_report import PURGE_STEPS, PurgeReport
from linkage.linkage_unit.repetition import Repetition
from linkage.linkage_unit.report import LINK_STEPS, LinkReport
from linkage.linkage_unit.status import LinkageStatus
from linkage.pipeline.registry import Registry
from linkage.pipeline.status import Status
from linkage.progress import Progress
from linkage.statistics_unit.codebooks import CodebookChange, Codebooks
from linkage.statistics_unit.enrolments import Revoked
from linkage.statistics_unit.stored_codebooks import StoredCodebook

__all__ = [
    "LINK_STEPS",
    "PURGE_STEPS",
    "Cluster",
    "CodebookChange",
    "Codebooks",
    "LinkReport",
    "LinkageStatus",
    "Progress",
    "PurgeReport",
    "Receipt",
    "Registry",
    "Repetition",
    "Revoked",
    "Status",
    "StoredCodebook",
    "Summary",
]
