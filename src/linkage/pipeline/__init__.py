"""The pipeline: the one place where intake, linking, persons and publishing are wired together."""

from __future__ import annotations

from linkage.intake import Receipt
from linkage.pipeline.registry import Progress, Registry
from linkage.pipeline.report import LinkReport, Status

__all__ = ["LinkReport", "Progress", "Receipt", "Registry", "Status"]
