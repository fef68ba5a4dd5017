"""Fixed tables of equivalent and invisible characters, and a function that removes invisible ones.

The tables are spelt out because Python's Unicode data changes between versions, and a reporter and the registry could
then disagree on whether an id is valid (docs/spec.md, section 1).
"""

from __future__ import annotations

from typing import Final

__all__ = ["CONTROLS", "DIGITS", "LOWER", "WHITE_SPACE", "WIDE_LETTERS", "plain"]

WHITE_SPACE: Final = (
    "\t\n\x0b\x0c\r\x1c\x1d\x1e\x1f \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u3000"
)

_SURROGATES: Final = range(0xD800, 0xE000)
"""Not characters: no file contains them alone, but a caller can pass them. They cannot be hashed, so drop them."""

CONTROLS: Final = frozenset(map(chr, (*range(0x20), *range(0x7F, 0xA0), *_SURROGATES)))
"""Control characters, and surrogates."""

_INVISIBLE: Final = (0xAD, *range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x206A), 0xFEFF)
_HYPHENS: Final = (*range(0x2010, 0x2016), 0x2212)
_PLAIN: Final[dict[int, str]] = dict.fromkeys((*_INVISIBLE, *_SURROGATES), "") | dict.fromkeys(_HYPHENS, "-")

LOWER: Final = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ\u00c4", "abcdefghijklmnopqrstuvwxyz\u00e4")
"""For `str.translate`: letters of the words for sexes and unknown dates, to lower case."""

_ZEROS: Final = (
    *(0x0660, 0x06F0, 0x07C0, 0x0966, 0x09E6, 0x0A66, 0x0AE6, 0x0B66, 0x0BE6, 0x0C66, 0x0CE6, 0x0D66, 0x0DE6, 0x0E50),
    *(0x0ED0, 0x0F20, 0x1040, 0x1090, 0x17E0, 0x1810, 0x1946, 0x19D0, 0x1A80, 0x1A90, 0x1B50, 0x1BB0, 0x1C40, 0x1C50),
    *(0x2080, 0xA620, 0xA8D0, 0xA900, 0xA9D0, 0xA9F0, 0xAA50, 0xABF0, 0xFF10, 0x104A0, 0x10D30, 0x10D40, 0x11066),
    *(0x110F0, 0x11136, 0x111D0, 0x112F0, 0x11450, 0x114D0, 0x11650, 0x116C0, 0x116D0, 0x116DA, 0x11730, 0x118E0),
    *(0x11950, 0x11BF0, 0x11C50, 0x11D50, 0x11DA0, 0x11DE0, 0x11F50, 0x16130, 0x16A60, 0x16AC0, 0x16B50, 0x16D70),
    *(0x1CCF0, 0x1D7CE, 0x1D7D8, 0x1D7E2, 0x1D7EC, 0x1D7F6, 0x1E140, 0x1E2F0, 0x1E4F0, 0x1E5F1, 0x1E950, 0x1F101),
    0x1FBF0,
)
"""The digit zero of each run of ten consecutive digits."""

_ONES: Final = (0x1369, 0x2460, 0x2474, 0x2488, 0x24F5, 0x2776, 0x2780, 0x278A, 0x10E60, 0x11052)
"""The digit one of each run of nine digits without a zero."""

_SINGLE: Final = {
    **{0xB2: "2", 0xB3: "3", 0xB9: "1", 0x19DA: "1", 0x2070: "0", 0x24EA: "0", 0x24FF: "0", 0x1F100: "0"},
    **{0x2074 + value: str(4 + value) for value in range(6)},
}

DIGITS: Final[dict[int, str]] = {
    **{zero + value: str(value) for zero in _ZEROS for value in range(10)},
    **{one + value: str(1 + value) for one in _ONES for value in range(9)},
    **_SINGLE,
}
"""For `str.translate`: digits of other scripts, and superscript, subscript and circled digits, to ASCII."""

WIDE_LETTERS: Final[dict[int, str]] = {
    **{0xFF21 + place: chr(0x41 + place) for place in range(26)},
    **{0xFF41 + place: chr(0x61 + place) for place in range(26)},
}
"""For `str.translate`: full-width letters to ASCII."""


def plain(text: str) -> str:
    """Remove the invisible characters that word processors and spreadsheets add.

    Args:
        text: The field as received.

    Returns:
        The text without invisible characters and surrounding white space, with every dash replaced by a hyphen.
    """
    return text.translate(_PLAIN).strip(WHITE_SPACE)
