"""Everything that uses the linkage key: subkeys, pseudo-random functions, token lists, Bloom filters, MinHash."""

from __future__ import annotations

from pseudonym.keyed.keys import LinkageKey

__all__ = ["LinkageKey"]
