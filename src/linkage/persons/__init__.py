"""Persons over time: constraints on which records can be one person, and person ids that last across runs."""

from __future__ import annotations

from linkage.persons.constraints import cannot_links
from linkage.persons.identity import Assignment, assign, next_number_after

__all__ = ["Assignment", "assign", "cannot_links", "next_number_after"]
