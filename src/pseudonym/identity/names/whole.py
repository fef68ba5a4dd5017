"""Split a whole name, as many systems hold it in one column, into given and family names."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from pseudonym.errors import FieldError
from pseudonym.identity.names.name import read_name
from pseudonym.identity.names.spelling import words
from pseudonym.tables import TABLES

__all__ = ["Reading", "read_whole_name"]

_BINDING: Final = frozenset([*TABLES["particles"], *TABLES["joining"]])
"""Words that belong to the one after them: *von Essen*, *al Hassan*, *Abdul Rahman*."""


class Reading(NamedTuple):
    """One way to read a whole name.

    Attributes:
        given: The given names, empty if there are none.
        family: The family names, likewise.
    """

    given: str
    family: str

    def __repr__(self) -> str:
        """Show neither: a name is a person's data."""
        return "Reading(...)"


def read_whole_name(text: str, *, first: str = "") -> tuple[Reading, ...]:
    """Return the ways to read a whole name.

    A comma shows the order: *Efternamn, Förnamn*. Otherwise the family name is the last word or the first, with the
    particles before it. A single word is read as a given name: as both it would count as two names that agree.

    Args:
        text: The name.
        first: The name of address, which is a given name; a reading in which it is none is left out.

    Returns:
        One reading if the order is certain or there is only one word, otherwise two: given names first, then family
        name first.

    >>> [tuple(reading) for reading in read_whole_name("Lindqvist, Åsa Maria")]
    [('Åsa Maria', 'Lindqvist')]
    >>> [tuple(reading) for reading in read_whole_name("Ebba von Essen")]
    [('Ebba', 'von Essen'), ('von Essen', 'Ebba')]
    """
    if _is_placeholder(text):
        return (Reading(text, ""),)
    before, comma, after = text.partition(",")
    if comma and "," not in after and words(before) and words(after):
        return (Reading(after.strip(), before.strip()),)
    parts = text.replace(",", " ").split()
    if len(parts) < 2:
        return (Reading(text.strip(), ""),)
    last, front = _begin_of_last(parts), _end_of_first(parts)
    readings = dict.fromkeys(
        (
            Reading(" ".join(parts[:last]), " ".join(parts[last:])),
            Reading(" ".join(parts[front:]), " ".join(parts[:front])),
        )
    )
    known = set(words(first))
    fitting = [reading for reading in readings if known and known <= set(words(reading.given))]
    return tuple(fitting or readings)


def _is_placeholder(text: str) -> bool:
    """Return whether a text as a whole means that the name is unknown, although a word of it may be a name."""
    try:
        read_name(text)
    except FieldError as error:
        return error.rule == "name.placeholder"
    return False


def _begin_of_last(parts: Sequence[str]) -> int:
    """Return where the last name begins; the first word is never part of it."""
    begin = len(parts) - 1
    while begin > 1 and _binds(parts[begin - 1]):
        begin -= 1
    return begin


def _end_of_first(parts: Sequence[str]) -> int:
    """Return where the first name ends; the last word is never part of it."""
    end = 1
    while end < len(parts) - 1 and _binds(parts[end - 1]):
        end += 1
    return end


def _binds(word: str) -> bool:
    """Return whether a word belongs to the one after it."""
    found = words(word)
    return bool(found) and all(one in _BINDING for one in found)
