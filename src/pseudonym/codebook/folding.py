"""Fold what people write for a code, so that spellings of one label are equal.

Two steps, because the second is bolder: the first ignores case, white space and kinds of dashes; the second also
accents and punctuation. A text with digits keeps its punctuation: `-12` and `12?` are not 12. Only the reporter folds,
and what is sent is a code, so these rules are not part of the specification.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from pseudonym.characters import plain

__all__ = ["fold", "fold_boldly", "lost_letters", "spelt_out", "unscrambled"]

_BLANKS: Final = re.compile(r"[\s_]+")
_DASH: Final = re.compile(" ?- ?")
_SIGNS: Final = re.compile(r"[-,.&/()\[\]\"'\u2018\u2019\u201c\u201d\u00b4`]+")
_LOST: Final = re.compile("[?\ufffd]{1,2}")
_DIGIT: Final = re.compile("[0-9]")
_JOINING: Final = frozenset({"och", "and"})
_LETTERS: Final = str.maketrans({"\u00f8": "o", "\u00e6": "ae", "\u0153": "oe", "\u0142": "l", "\u0111": "d"})
"""Letters that do not decompose."""

_SPELT_OUT: Final = str.maketrans({"\u00e5": "aa", "\u00e4": "ae", "\u00f6": "oe", "\u00fc": "ue"})


def fold(text: str) -> str:
    """Return a text without the differences of case, white space (underscores too) and kinds of dashes.

    >>> (
    ...     fold("Bortf\u00f6rd  utomlands") == fold("bortf\u00f6rd_UTOMLANDS"),
    ...     fold("18 \u2013 20 \u00e5r") == "18-20 \u00e5r",
    ... )
    (True, True)
    """
    composed = unicodedata.normalize("NFKC", plain(text)).casefold()
    return _DASH.sub("-", _BLANKS.sub(" ", composed).strip())


def fold_boldly(folded: str) -> str:
    """Return a folded text also without accents, and without punctuation and the word *and* unless it has digits.

    >>> fold_boldly("bosnien och hercegovina"), fold_boldly("c\u00f4te d'ivoire"), fold_boldly("12?")
    ('bosnien hercegovina', 'cote d ivoire', '12?')
    """
    parts = unicodedata.normalize("NFKD", folded.translate(_LETTERS))
    letters = "".join(sign for sign in parts if not unicodedata.combining(sign))
    if _DIGIT.search(letters):
        return letters
    return " ".join(word for word in _SIGNS.sub(" ", letters).split() if word not in _JOINING)


def lost_letters(folded: str) -> re.Pattern[str] | None:
    """Return a pattern for the texts that may have become this one, or None.

    Programs write `?` or U+FFFD, once or twice, for a letter that they cannot show, and they can show all of ASCII. So
    `h?bo` was `h\u00e5bo` and not `habo`.
    """
    if "?" not in folded and "\ufffd" not in folded:
        return None
    return re.compile("[^\x00-\x7f]".join(map(re.escape, _LOST.split(folded))))


def unscrambled(text: str) -> str | None:
    """Return the text that was written in UTF-8 and read in another encoding, or None if it does not look so.

    >>> unscrambled("Bortf\u00c3\u00b6rd") == "Bortf\u00f6rd"
    True
    """
    try:
        return None if text.isascii() else text.encode("cp1252").decode("utf-8")
    except UnicodeError:
        return None


def spelt_out(folded: str) -> str:
    """Return a folded text as systems without Swedish letters write it: `malmoe` for `malm\u00f6`."""
    return folded.translate(_SPELT_OUT)
