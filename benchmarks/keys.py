"""Public linkage keys, so that measurements can be repeated.

A registry still draws its own key, which breaks ties, so the fourth decimal of a figure may vary.
"""

from __future__ import annotations

import base64
import hashlib

__all__ = ["fixed_key_text"]


def fixed_key_text(label: str) -> str:
    """Return the text of a key file; equal labels give equal keys, and anyone can make them.

    Args:
        label: Distinguishes keys.
    """
    secret = base64.b32encode(hashlib.sha256(label.encode()).digest()).decode().rstrip("=")
    line = f"PSEUDONYM-SECRET-LINKAGE-KEY-1.benchmark.1.{secret}"
    return f"{line}.{hashlib.sha256(line.encode()).hexdigest()[:8]}\n"
