"""Sealed submissions: a part for each unit, encrypted to it, and the signature of the reporter.

docs/spec.md, section 14, specifies them. The keys are handed in: that of a reporter to `seal`, that of a unit to
`open_part`. Nothing here reads a key file, and nothing here ever has the linkage key.
"""

from __future__ import annotations

from pseudonym.wire.sealed.opening import OpenedPart, open_part, verify_sealed
from pseudonym.wire.sealed.sealing import seal
from pseudonym.wire.sealed.wrapping import Opener

__all__ = ["OpenedPart", "Opener", "open_part", "seal", "verify_sealed"]
