"""Persons over time: person ids that last across runs."""

from __future__ import annotations

from linkage.persons.identity import Assignment, assign

__all__ = ["Assignment", "assign"]
