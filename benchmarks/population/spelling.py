"""How texts change on their way into a case file: slips of the hand, lost letters, lost parts.

Each function takes one text and returns another; callers decide which texts are affected.
"""

from __future__ import annotations

import unicodedata
from typing import Final

import numpy as np

__all__ = [
    "fold",
    "lose_hyphen",
    "lose_part",
    "mojibake",
    "nickname",
    "number_slip",
    "register_letters",
    "travel_letters",
    "typo",
]

_LETTERS: Final = "abcdefghijklmnopqrstuvwxyzåäö"
_VOWELS: Final = "aeiouy"
_ENDINGS: Final = ("", "e", "an", "is")
_ROWS: Final = ("qwertyuiopå", "asdfghjklöä", "zxcvbnm")
_BESIDE: Final = {letter: row[max(i - 1, 0) : i] + row[i + 1 : i + 2] for row in _ROWS for i, letter in enumerate(row)}
# Letters without a Unicode decomposition.
_BASE: Final = str.maketrans(
    {"ı": "i", "đ": "d", "Đ": "D", "ł": "l", "Ł": "L", "ø": "o", "Ø": "O", "ə": "e", "æ": "ae", "ß": "ss", "ð": "d"}
)
# How a machine-readable passport writes these letters (ICAO Doc 9303, part 3, section 6).
_TRAVEL: Final = str.maketrans(
    {"å": "aa", "ä": "ae", "ö": "oe", "ü": "ue", "ø": "oe", "æ": "ae", "Å": "Aa", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue"}
)


def fold(text: str) -> str:
    """Remove the marks from all letters: Åsa becomes Asa, Yıldız becomes Yildiz."""
    apart = unicodedata.normalize("NFD", text.translate(_BASE))
    return "".join(c for c in apart if not unicodedata.combining(c))


def register_letters(text: str) -> str:
    """Remove the marks from letters outside ISO 8859-1, as the Swedish population register does."""
    return "".join(c if c <= "ÿ" else fold(c) for c in text)


def travel_letters(text: str) -> str:
    """Write a name as in the machine-readable zone of a passport, but in mixed case: Åsa becomes Aasa."""
    return fold(text.translate(_TRAVEL))


def mojibake(text: str) -> str:
    """Read UTF-8 as ISO 8859-1; control characters that result are lost, as in practice."""
    wrong = text.encode().decode("latin-1")
    return "".join(c for c in wrong if c.isprintable())


def nickname(text: str, rng: np.random.Generator) -> str:
    """Shorten the first given name as Swedish nicknames do: Fredrik becomes Fred, Fredde, Freddan or Freddis."""
    name = next(iter(text.replace("-", " ").split()), "")
    vowels = [i for i, letter in enumerate(fold(name).lower()) if letter in _VOWELS]
    # The first syllable ends with the consonant after its vowel, or with the next one if the name begins with a vowel.
    end = next((i + 2 for i in vowels if i > 0), 0)
    if not end or end >= len(name) or len(name) < 4:
        return name
    stem, ending = name[:end], _ENDINGS[int(rng.integers(len(_ENDINGS)))]
    return stem + stem[-1] + ending if ending and stem[-1].lower() not in _VOWELS else stem


def typo(text: str, rng: np.random.Generator) -> str:
    """Make one typing error: a letter lost, doubled, added, swapped with the next, or replaced by a neighbour."""
    if len(text) < 2:
        return text
    kind, at = int(rng.integers(5)), int(rng.integers(len(text) - 1))
    letter = text[at]
    if kind == 0:
        return text[:at] + text[at + 1 :]
    if kind == 1:
        return text[: at + 1] + letter.lower() + text[at + 1 :]
    if kind == 2:
        return text[: at + 1] + _LETTERS[int(rng.integers(len(_LETTERS)))] + text[at + 1 :]
    if kind == 3:
        return text[:at] + text[at + 1] + letter + text[at + 2 :]
    near = _BESIDE.get(letter.lower(), _LETTERS)
    other = near[int(rng.integers(len(near)))]
    return text[:at] + (other.upper() if letter.isupper() else other) + text[at + 1 :]


def lose_part(text: str, rng: np.random.Generator) -> str:
    """Leave out one of several names."""
    parts = text.split(" ")
    if len(parts) > 1:
        parts.pop(int(rng.integers(len(parts))))
    return " ".join(parts)


def lose_hyphen(text: str, rng: np.random.Generator, *, space: float) -> str:
    """Replace a hyphen by a space or drop it: Anna-Karin becomes Anna Karin or Annakarin."""
    if "-" not in text:
        return text
    if rng.random() < space:
        return text.replace("-", " ")
    head, *rest = text.split("-")
    return head + "".join(part.lower() for part in rest)


def number_slip(number: str, rng: np.random.Generator, *, exchanged: float) -> str:
    """Mistype one of the last eight digits, or exchange two neighbours among them."""
    at = len(number) - 2 - int(rng.integers(7))
    if rng.random() < exchanged:
        return number[:at] + number[at + 1] + number[at] + number[at + 2 :]
    digit = (int(number[at]) + 1 + int(rng.integers(9))) % 10 if number[at].isdigit() else int(rng.integers(10))
    return f"{number[:at]}{digit}{number[at + 1 :]}"
