"""The dictionary of an attacker with the linkage key and the codes: a fact with its cost, not a gate.

A match key of the number alone is a keyed hash of one of some 46 million numbers, which anyone with the key can try
[Niedermeyer2014]. The time for the first numbers is measured and extrapolated. No encoding can prevent this, which is
why keys are few, kept from the registry and changed with the epoch (docs/spec.md, section 2).
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterable
from typing import Any, Final

import numpy as np

from benchmarks.attacks.world.view import REFERENCE_DATE
from benchmarks.keys import fixed_key_text
from benchmarks.population.numbers import check_digits
from pseudonym.canonical import length_prefixed
from pseudonym.keyed import LinkageKey
from pseudonym.profile import Combination, Profile

__all__ = ["ALL_NUMBERS", "figures", "match_keys"]

ALL_NUMBERS: Final = 46_000_000
"""Valid personnummer of all persons who could be alive: the days of 126 years with 999 serials each."""

NUMBERS: Final = 100_000


def figures(profile: Profile, *, numbers: int = NUMBERS) -> dict[str, Any]:
    """Measure how fast an attacker with the key can try all numbers.

    Args:
        profile: The profile.
        numbers: Numbers to try.

    Returns:
        Figures of JSON types; `seconds_for_all` is None if no match key is the number alone.
    """
    keys = profile.encoding.match_keys
    kind = next((key.kind for key in keys if isinstance(key, Combination) and key.parts == ("number",)), None)
    figures: dict[str, Any] = {"numbers_in_question": ALL_NUMBERS, "numbers_tried": 0, "seconds_for_all": None}
    if kind is None:
        return figures
    key = LinkageKey.parse(fixed_key_text("dictionary"))
    began = time.process_time()
    tried = len(match_keys(profile, key, _every_number(numbers), kind=kind))
    seconds = time.process_time() - began
    return figures | {
        "numbers_tried": tried,
        "seconds": round(seconds, 3),
        "seconds_for_all": round(seconds / tried * ALL_NUMBERS),
        "found": "every record with a valid number",
    }


def match_keys(profile: Profile, key: LinkageKey, numbers: Iterable[str], *, kind: str) -> dict[bytes, str]:
    """Compute the dictionary: the match keys of numbers, as a reporter computes them.

    Args:
        profile: The profile.
        key: The linkage key.
        numbers: Valid personnummer of twelve digits.
        kind: The match key that is the number alone.

    Returns:
        The number of each match key.
    """
    secret = key.subkeys(profile.digest).match_key.reveal()
    dictionary = {}
    for number in numbers:
        message = length_prefixed(kind, "personnummer", "valid", number)
        dictionary[hashlib.blake2b(message, key=secret, digest_size=32).digest()[:16]] = number
    return dictionary


def _every_number(wanted: int) -> list[str]:
    """List valid numbers, from the reference date backwards."""
    days = np.datetime64(REFERENCE_DATE) - np.arange(-(-wanted // 999))
    text = np.repeat([str(day).replace("-", "") for day in days], 999)[:wanted]
    serial = np.tile(np.arange(1, 1000), len(days))[:wanted]
    stems = [f"{day}{number:03d}" for day, number in zip(text, serial.tolist(), strict=True)]
    digits = np.array([[int(digit) for digit in stem[2:]] for stem in stems])
    return [f"{stem}{check}" for stem, check in zip(stems, check_digits(digits).tolist(), strict=True)]
