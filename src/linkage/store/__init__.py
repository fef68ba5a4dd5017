"""The registry file: its tables, and how it is opened, changed and rewritten."""

from __future__ import annotations

from linkage.store.database import WAIT_SECONDS, Session, Store

__all__ = ["WAIT_SECONDS", "Session", "Store"]
