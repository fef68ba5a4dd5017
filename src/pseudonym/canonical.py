"""Unambiguous byte strings for everything that is hashed (docs/spec.md, section 1)."""

from __future__ import annotations

import json
import re
import struct
from typing import Any, Final

import rfc8785

__all__ = ["ABSENT", "canonical_json", "length_prefixed"]

ABSENT: Final = b"\xff\xff\xff\xff"
"""Encodes an absent item; no item is this long, so it cannot be mistaken for a length."""

_LENGTH = struct.Struct("<I")

_LARGEST_INTEGER: Final = (1 << 53) - 1

_SORTED_OTHERWISE: Final = re.compile("[\ud800-\U0010ffff]")
"""Characters that sort otherwise in UTF-16, as canonical JSON wants it, than as Python compares them."""


def canonical_json(value: Any) -> bytes:
    """Return a value as canonical JSON [RFC8785].

    Python writes the same text twenty times faster where there are no fractions and no characters beyond the first
    plane; anything else is left to `rfc8785`.

    Args:
        value: Dicts, lists, tuples, text, numbers, booleans and None.

    Raises:
        rfc8785.CanonicalizationError: The value has no canonical form.

    >>> canonical_json({"b": [1, None], "a": "å"}).decode()
    '{"a":"å","b":[1,null]}'
    """
    if _is_plain(value):
        text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
        if not _SORTED_OTHERWISE.search(text):
            return text.encode()
    return rfc8785.dumps(value)


def _is_plain(value: Any) -> bool:
    """Return whether a value consists of what has one form in JSON: no fraction, no number that loses digits."""
    waiting = [value]
    while waiting:
        one = waiting.pop()
        kind = type(one)
        if kind is dict:
            if not all(type(name) is str for name in one):
                return False
            waiting.extend(one.values())
        elif kind is list or kind is tuple:
            waiting.extend(one)
        elif kind is int:
            if abs(one) > _LARGEST_INTEGER:
                return False
        elif kind is not str and kind is not bool and one is not None:
            return False
    return True


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
