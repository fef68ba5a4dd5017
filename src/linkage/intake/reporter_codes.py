"""Question the code of a new reporter that is nearly one that the registry knows: mostly it is a slip.

A slip would make a second reporter of one: each person would be counted at both, and coverage would call one of them
silent. A registry with a roster needs none of this, since it holds back whoever is not on it.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from itertools import pairwise
from typing import Final

from linkage.errors import NearReporterError
from linkage.intake.database import Database
from linkage.intake.ledger import AnyHeader
from linkage.intake.roster.changes import read_roster

__all__ = ["differs_by_a_letter", "near_reporter", "same_but_for_signs"]

MIN_LETTERS: Final = 6
"""Letters of a code from which on one that differs is a slip; shorter ones, as of units, often differ by one."""

MIN_WORD: Final = 4
"""Letters of the word in which they differ: `school-a` and `school-b` are two schools."""

_SIGNS: Final = re.compile(r"[._-]+")
_OUTER_SIGN: Final = re.compile(r"(?<![0-9])-|-(?![0-9])")
_ZEROS: Final = re.compile(r"(?<![0-9])0+(?=[0-9])")


def near_reporter(database: Database, header: AnyHeader, *, accepted: Collection[str] = ()) -> str | None:
    """Find a known reporter whose code that of a new one is nearly.

    Args:
        database: The registry.
        header: The header of a file that was not received before.
        accepted: Codes that are known to be right.

    Returns:
        A known code that differs by one letter, or None.

    Raises:
        NearReporterError: `submission.reporter_near` if a known code differs only in capitals, signs or zeros in front
            of a number.
    """
    code = header.reporter
    known = [one for (one,) in database.rows("SELECT DISTINCT reporter FROM submissions ORDER BY reporter")]
    if code in known or code in accepted or read_roster(database):
        return None
    for one in known:
        if same_but_for_signs(code, one):
            raise NearReporterError(reporter=code, known=one)
    return next((one for one in known if differs_by_a_letter(code, one)), None)


def same_but_for_signs(a: str, b: str) -> bool:
    """Return whether two codes differ in nothing but capitals, signs, and zeros in front of a number.

    A sign between two digits divides two numbers, so it counts, whichever it is.

    >>> same_but_for_signs("Police_Sthlm", "police-sthlm"), same_but_for_signs("unit1-11", "unit11-1")
    (True, False)
    """
    return _folded(a) == _folded(b)


def differs_by_a_letter(a: str, b: str) -> bool:
    """Return whether two codes differ in one letter of a longer word, or in the order of two neighbours.

    >>> differs_by_a_letter("police-sthlm", "police-sthml"), differs_by_a_letter("school-a", "school-b")
    (True, False)
    """
    words = [_SIGNS.split(code.lower()) for code in (a, b)]
    if max(sum(map(str.isalpha, code)) for code in (a, b)) < MIN_LETTERS or len(words[0]) != len(words[1]):
        return False
    unlike = [(one, other) for one, other in zip(*words, strict=True) if one != other]
    return len(unlike) == 1 and _one_slip(*unlike[0])


def _folded(code: str) -> str:
    return _ZEROS.sub("", _OUTER_SIGN.sub("", _SIGNS.sub("-", code.lower())))


def _one_slip(a: str, b: str) -> bool:
    """Return whether a letter is added, left out or another one, or two neighbours change places; digits never are."""
    short, long = sorted((a, b), key=len)
    if sum(map(str.isalpha, long)) < MIN_WORD or len(long) - len(short) > 1:
        return False
    start = next((i for i, (x, y) in enumerate(zip(short, long, strict=False)) if x != y), len(short))
    if len(short) < len(long):
        return short[start:] == long[start + 1 :] and long[start].isalpha()
    places = [i for i, (x, y) in enumerate(zip(a, b, strict=True)) if x != y]
    letters = all(x.isalpha() for i in places for x in (a[i], b[i]))
    if len(places) == 1:
        return letters
    neighbours = list(pairwise(places)) == [(start, start + 1)]
    return letters and neighbours and a[start : start + 2] == b[start : start + 2][::-1]
