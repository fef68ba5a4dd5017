"""Say which ids may stand as docs/spec.md does in 4.7 and 8. From that page alone."""

from __future__ import annotations

import re

from tests.vectors.read_names import words
from tests.vectors.read_numbers import BirthDate, is_number_like, to_ascii
from tests.vectors.reading import Identity

__all__ = ["is_number_like", "tells_identity"]


def dates_in(text: str) -> list[str]:
    """Return the eight digits of each date that is written in an id, in its order of the parts."""
    separated = "([-./_ ]?)"
    forms = (f"[0-9]{{4}}{separated}[0-9]{{2}}\\1[0-9]{{2}}", f"[0-9]{{2}}{separated}[0-9]{{2}}\\1[0-9]{{4}}")
    found, at = [], 0
    while at < len(text):
        matches = [re.compile(form).match(text, at) for form in forms]
        chosen = next((m for m in matches if m and not is_digit(text[m.end() : m.end() + 1])), None)
        if chosen and not (at and is_digit(text[at - 1])):
            found.append("".join(c for c in chosen[0] if is_digit(c)))
            at = chosen.end()
        else:
            at += 1
    return found


def is_digit(character: str) -> bool:
    return len(character) == 1 and "0" <= character <= "9"


def orders(born: BirthDate) -> list[str]:
    """Return the three ways to write a full date; none if a part is unknown."""
    year, month, day = born.year, born.month, born.day
    return [year + month + day, day + month + year, month + day + year] if year and month and day else []


def tells_identity(text: str, persons: list[Identity]) -> bool:
    """Return whether an id holds a number, a foreign number, a birth date or the names of its record."""
    plain = to_ascii(text)
    bare = "".join(c for c in plain if c.isascii() and c.isalnum()).upper()
    found = set(words(text))
    for person in persons:
        number, foreign = person.number, person.foreign_number
        if number is not None and len(number.compact) >= 5 and number.compact[-10:] in bare:
            return True
        if foreign is not None and len(foreign) >= 5 and foreign in bare:
            return True
        if set(orders(person.birth)) & {bare, *dates_in(plain)}:
            return True
        given, family = set(person.given.words), set(person.family.words)
        if found and found in (given, family, given | family):
            return True
    return False
