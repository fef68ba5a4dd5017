"""The file of a unit: how it is created, opened, changed and rewritten. Each unit says what its tables are."""

from __future__ import annotations

from linkage.store.database import WAIT_SECONDS, Store, check_options
from linkage.store.schema import FORMAT_VERSION, Schema
from linkage.store.session import Session

__all__ = ["FORMAT_VERSION", "WAIT_SECONDS", "Schema", "Session", "Store", "check_options"]
