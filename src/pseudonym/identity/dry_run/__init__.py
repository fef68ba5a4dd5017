"""Check an input file before encoding: how each column is understood, and which values would be left out.

Needs no key. The result has fields, headers, forms, rules and counts, and never a value.
"""

from __future__ import annotations

from pseudonym.identity.dry_run.columns import ColumnReport
from pseudonym.identity.dry_run.run import DryRun, dry_run

__all__ = ["ColumnReport", "DryRun", "dry_run"]
