"""The pipeline: wires intake, engines, linking, persons and answers together, and offers the `Registry`."""

from __future__ import annotations

from linkage.answers import Summary
from linkage.intake import Receipt
from linkage.pipeline.codebooks import CodebookChange, Codebooks
from linkage.pipeline.registry import Registry
from linkage.pipeline.report import LinkReport, Progress, Status
from linkage.pipeline.stored_codebooks import StoredCodebook

__all__ = [
    "CodebookChange",
    "Codebooks",
    "LinkReport",
    "Progress",
    "Receipt",
    "Registry",
    "Status",
    "StoredCodebook",
    "Summary",
]
