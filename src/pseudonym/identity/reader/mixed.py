"""Undo reading UTF-8 in another encoding: `Ã¶` in Windows, `√∂` on a Macintosh and `├╢` in DOS are all ö."""

from __future__ import annotations

from typing import Final

from pseudonym.identity.names.mojibake import mend

__all__ = ["unmix"]

_FIRST: Final = (("\u221a", "mac-roman"), ("\u251c", "cp850"), ("\u251c", "cp437"))
"""What the first byte of å, ä, ö and é becomes in other encodings than Windows'."""


def unmix(text: str) -> str:
    """Return a text with its letters back, if that is certain; otherwise the text.

    >>> unmix("S√∂derb√§ck"), unmix("S├╢derb├ñck")
    ('Söderbäck', 'Söderbäck')
    """
    for sign, encoding in _FIRST:
        if sign in text:
            try:
                found = text.encode(encoding).decode("utf-8")
            except UnicodeError:
                continue
            # Sequences of several bytes are rare by chance, and those of letters do not occur.
            if all(letter.isalpha() for letter in found if letter > "\x7f"):
                return found
    return mend(text)
