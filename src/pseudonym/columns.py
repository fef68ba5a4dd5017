"""The columns of a record that are sent in the clear under names of their own, in the order of the record digest."""

from __future__ import annotations

from typing import Final

__all__ = ["DATES", "RESERVED"]

RESERVED: Final = (
    "report_id",
    "case_id",
    "role",
    "event_date",
    "report_date",
    "status",
    "case_state",
    "discovered_on",
    "outcome_date",
)
"""The columns that every submission has besides its codes; no item of a codebook has one of these names."""

DATES: Final = ("event_date", "report_date", "discovered_on", "outcome_date")
"""Those of them that hold dates. They are sent to the month, unless the codebook gives a reason for the day."""
