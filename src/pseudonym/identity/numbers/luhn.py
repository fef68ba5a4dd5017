"""Luhn's check digit [Luhn1960], as used in Swedish numbers."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

__all__ = ["check_digit"]

_DOUBLED: Final = (0, 2, 4, 6, 8, 1, 3, 5, 7, 9)
"""The digit sum of twice each digit."""

_LETTERS: Final[Mapping[str, int]] = MappingProxyType(dict.fromkeys("ABCDEFGHIJKLMNOPQRSTUVWXYZ", 1))
"""Version 3.1 of the `personnummer` specification counts any letter as 1."""


def check_digit(text: str, letters: Mapping[str, int] = _LETTERS) -> str:
    """Return the check digit of a text, with weights 2, 1, 2 and so on from the end.

    It detects every single wrong digit, and every swap of adjacent digits except 0 and 9.

    Args:
        text: Digits and capital letters, an odd number of them.
        letters: The value of each letter.

    Returns:
        One digit.
    """
    values = [letters[character] if character in letters else int(character) for character in text]
    total = sum(_DOUBLED[value] for value in values[::2]) + sum(values[1::2])
    return str(-total % 10)
