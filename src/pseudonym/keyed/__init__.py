"""What holds the linkage key: subkeys, the pseudo-random function, token lists, Bloom filters and MinHash."""

from __future__ import annotations

from pseudonym.keyed.keys import LinkageKey

__all__ = ["LinkageKey"]
