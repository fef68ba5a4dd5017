"""The pipeline: wires intake, engines, linking, persons and answers together, and offers the `Registry`."""

from __future__ import annotations

from linkage.answers import Summary
from linkage.intake import Receipt
from linkage.pipeline.registry import Registry
from linkage.pipeline.report import LinkReport, Progress, Status

__all__ = ["LinkReport", "Progress", "Receipt", "Registry", "Status", "Summary"]
