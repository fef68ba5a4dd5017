"""Keys of a reporter and of both units, and sealed files for them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from linkage.keys import RegistryKey, StatisticsKey
from pseudonym.keyed import BodyKey
from pseudonym.wire import SealedHeader
from pseudonym.wire.sealed import seal
from tests.unit.linkage.helpers import PROFILE

__all__ = ["BODY", "LINKAGE", "OTHER_BODY", "OTHER_LINKAGE", "STATISTICS", "UNITS", "sealed_of"]

BODY = BodyKey.generate()
OTHER_BODY = BodyKey.generate()
LINKAGE = RegistryKey.generate()
OTHER_LINKAGE = RegistryKey.generate()
STATISTICS = StatisticsKey.generate()
UNITS = (LINKAGE.public, STATISTICS.public)


def sealed_of(source: Path, path: Path, **options: Any) -> SealedHeader:
    """Seal a file of the test profile from `BODY` to both units; options replace these."""
    arguments: dict[str, Any] = {"signer": BODY, "recipients": UNITS, "profile": PROFILE}
    return seal(source, path, **(arguments | options))
