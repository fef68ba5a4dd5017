"""Persons over time: which records cannot be one person, and which person id a cluster of records carries on."""

from __future__ import annotations

from linkage.persons.constraints import cannot_links
from linkage.persons.identity import Assignment, assign, next_number_after

__all__ = ["Assignment", "assign", "cannot_links", "next_number_after"]
