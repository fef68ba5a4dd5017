"""Look through the file of a body before it is encoded: how each column was understood, and what would become of it.

Needs no key. What comes out are names of fields, headers, forms, rules and counts: never a value.
"""

from __future__ import annotations

from pseudonym.identity.dry_run.columns import ColumnReport
from pseudonym.identity.dry_run.run import DryRun, dry_run

__all__ = ["ColumnReport", "DryRun", "dry_run"]
