"""Luhn's check digit [Luhn1960], as used in Swedish numbers."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

__all__ = ["check_digit", "weighted_sum"]

_DOUBLED: Final = (0, 2, 4, 6, 8, 1, 3, 5, 7, 9)
"""The digit sum of twice each digit."""

_DOUBLED_DIGITS: Final = str.maketrans("0123456789", "".join(map(str, _DOUBLED)))

ZERO: Final = ord("0")

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
    if text.isdecimal() and text.isascii():
        # The characters of digits are 48 and more.
        doubled = text[::2].translate(_DOUBLED_DIGITS)
        return str((ZERO * len(text) - sum(doubled.encode()) - sum(text[1::2].encode())) % 10)
    values = [letters[character] if character in letters else int(character) for character in text]
    total = sum(_DOUBLED[value] for value in values[::2]) + sum(values[1::2])
    return str(-total % 10)


def weighted_sum(digits: str) -> int:
    """Return the sum of some digits by the weights 2, 1, 2 and so on from the first.

    The check digit is right if the sum over all digits of a number, itself the last, is a multiple of 10.

    Args:
        digits: ASCII digits, an even number of them.
    """
    return sum(digits[::2].translate(_DOUBLED_DIGITS).encode()) + sum(digits[1::2].encode()) - ZERO * len(digits)
