"""Frozen tables: rules for characters and lists of words, in one file with one digest (docs/spec.md, section 4).

Results do not depend on Python's Unicode version, so an upgrade cannot silently lose links.
"""

from __future__ import annotations

import hashlib
import json
from importlib import resources
from typing import Any, Final

__all__ = ["TABLES", "TABLES_DIGEST"]

_BYTES: Final = resources.files("pseudonym").joinpath("tables.json").read_bytes()

TABLES_DIGEST: Final = hashlib.sha256(_BYTES).hexdigest()
"""SHA-256 of the file of tables, 64 hexadecimal digits: the member `tables` of a profile."""

TABLES: Final[dict[str, Any]] = json.loads(_BYTES)
