"""Everything that uses a reporter's keys: subkeys, pseudo-random functions, token lists, Bloom filters, MinHash."""

from __future__ import annotations

from pseudonym.keyed.any_key import load_any_key
from pseudonym.keyed.body_key import BodyKey
from pseudonym.keyed.keys import LinkageKey

__all__ = ["BodyKey", "LinkageKey", "load_any_key"]
