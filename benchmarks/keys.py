"""Linkage keys of no secrecy, so that a figure can be measured again.

A registry draws its own key, by which ties are broken, so the fourth decimal of a figure may still move.
"""

from __future__ import annotations

import base64
import hashlib

__all__ = ["fixed_key_text"]


def fixed_key_text(label: str) -> str:
    """Return the text of a key file; equal labels give equal keys, and everybody can make them.

    Args:
        label: Tells keys apart.
    """
    secret = base64.b32encode(hashlib.sha256(label.encode()).digest()).decode().rstrip("=")
    line = f"PSEUDONYM-SECRET-LINKAGE-KEY-1.benchmark.1.{secret}"
    return f"{line}.{hashlib.sha256(line.encode()).hexdigest()[:8]}\n"
