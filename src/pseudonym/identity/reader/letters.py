"""Letters that were lost on the way, as in `S?derberg`. Nothing brings them back, so the value is marked."""

from __future__ import annotations

import re
from typing import Final

__all__ = ["lost_letters"]

_REPLACED: Final = "[\x1a\x80-\x9f\u2400-\u2426\u25a0\u25a1\u25af\ue000-\uf8ff\ufffc\ufffd]|\u00ef\u00bf\u00bd"
"""What stands where a letter cannot be shown or read: substitutes, boxes, controls, private characters."""

_LOST: Final = re.compile(_REPLACED)
_LOST_IN_NAME: Final = re.compile(
    rf"{_REPLACED}"
    r"|(?<=[^\W\d_])(?:\?+|[\u00a1-\u00a9\u00ac\u00ae\u00b1\u00b6\u00bf#*^~$\u00d7\u00f7\u02c6\u02dc\u201a\u201c-\u201e"
    r"\u2020-\u2022\u2030\u2122\u2200-\u22ff\u2500-\u259f\u25ca])(?=[^\W\d_])"  # S?derberg, G\u201dran
    r"|(?<![^\W_])[?\u2020\u2021\u00a5\u00a7](?=[a-z\u00df-\u00ff])"  # ?sa: a name does not begin with a small letter
    r"|(?<=[^\W\d_])_+(?=[a-z\u00df-\u00ff])|(?<=[^\W\d_])[0-9](?=[a-z\u00df-\u00ff])"  # S_derberg, S0derberg
    r"|[%=][0-9A-F]{2}|\\'[0-9a-f]{2}|&[A-Za-z]{2,8};"  # codes that are not certain
    r"|(?<=[A-Za-z])[{}](?=[a-z])|(?<=[A-Za-z])[|\\](?=[a-z])"  # G|ran: letters of seven bits
)


def lost_letters(text: str, *, name: bool) -> bool:
    """Return whether a text has signs where letters were.

    Args:
        text: The text.
        name: Whether it is a name, in which a question mark within a word is such a sign too.
    """
    return (_LOST_IN_NAME if name else _LOST).search(text) is not None
