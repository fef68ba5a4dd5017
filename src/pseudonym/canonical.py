"""Unambiguous byte strings for everything that is hashed (docs/spec.md, section 1)."""

from __future__ import annotations

import struct
from typing import Final

__all__ = ["ABSENT", "length_prefixed"]

ABSENT: Final = b"\xff\xff\xff\xff"
"""Encodes an absent item; no item is this long, so it cannot be mistaken for a length."""

_LENGTH = struct.Struct("<I")


def length_prefixed(*items: str | bytes | None) -> bytes:
    """Join items so that different lists of items never give the same bytes.

    Args:
        items: Text (taken as UTF-8), bytes, or None for an absent item.

    Returns:
        The length of each item as an unsigned 32-bit little-endian integer, followed by its bytes.
    """
    if len(items) == 1 and isinstance(items[0], str):
        # As nearly all are.
        data = items[0].encode()
        return _LENGTH.pack(len(data)) + data
    parts = []
    for item in items:
        if item is None:
            parts.append(ABSENT)
            continue
        data = item.encode() if isinstance(item, str) else item
        parts.append(_LENGTH.pack(len(data)))
        parts.append(data)
    return b"".join(parts)
