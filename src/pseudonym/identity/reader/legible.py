"""The text of a cell as it was typed: without the codes, wrong encodings and invisible characters of its journey."""

from __future__ import annotations

import re
from typing import Final

from pseudonym.characters import plain as without_invisible
from pseudonym.columns import RESERVED
from pseudonym.identity.reader.escapes import unescape
from pseudonym.identity.reader.fields import DATE_FIELDS, NAME_FIELDS, RECORD_ID
from pseudonym.identity.reader.ids import visible
from pseudonym.identity.reader.letters import lost_letters
from pseudonym.identity.reader.mixed import unmix

__all__ = ["legible"]

NUMBERS: Final = frozenset({"number", "foreign_number"})

SENT_AS_WRITTEN: Final = frozenset({RECORD_ID, *RESERVED}) - DATE_FIELDS
"""Fields that are compared letter by letter. The readers of all others skip what is invisible themselves."""

_DIGITS: Final = re.compile("[0-9]")
"""In a name they may be a code that lost its sign, or stand for a letter."""

_ORDINARY: Final = re.compile(r"[0-9A-Za-z\u00c0-\u00c2\u00c4-\u00d6\u00d8-\u00e1\u00e4-\u00f6\u00f8-\u00ff .,:;/()-]*")
"""Characters of texts that are certainly as they were typed: without the first letters of most mojibake."""


def legible(field: str, text: str) -> tuple[str, tuple[str, ...]]:
    """Return a text as it was typed.

    Args:
        field: The field, without the position of a repeated one.
        text: The text, trimmed.

    Returns:
        The text, and the rules of what was repaired or found: `damage.escaped`, `damage.mojibake`, `damage.invisible`
        and `damage.letters`.
    """
    name = field in NAME_FIELDS
    if _ORDINARY.fullmatch(text) and not (name and _DIGITS.search(text)):
        return text, ()
    rules = []
    plain = unescape(text, name=name).strip()
    if plain != text:
        text = plain
        rules.append("damage.escaped")
    if not text.isascii() and (mended := unmix(text)) != text:
        text = mended
        rules.append("damage.mojibake")
    if field in NUMBERS:
        text = without_invisible(text)
    if field in SENT_AS_WRITTEN:
        text, changed = visible(text)
        if changed:
            rules.append("damage.invisible")
    if lost_letters(text, name=name):
        rules.append("damage.letters")
    return text, tuple(rules)
