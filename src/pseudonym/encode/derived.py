"""Items that the encoder fills from the identity where the codebook declares it: an age, and the sex as reported.

Only what is certain is filled in. Of a person of whom only 2010 is known, an event in 2026 shows that the person was
under 18, but neither 15 nor 16.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from pseudonym.codebook import Ages, Codebook, Item, codes_of_ages
from pseudonym.identity.dates import Birth
from pseudonym.identity.identities import Identity
from pseudonym.identity.numbers import KINDS, Number
from pseudonym.memory import kept

__all__ = [
    "DERIVED_FROM",
    "ages_at",
    "contradicts",
    "derived_notices",
    "derived_value",
    "is_before_birth",
    "is_of_other_sex",
]

Day = tuple[int, int, int]

MAX_AGE: Final = 130

AGES_CACHED: Final = 1 << 12

WITH_SEX: Final = frozenset({"personnummer", "samordningsnummer"})
"""Types of numbers whose last digit but one says for certain whether they were issued to a woman or to a man."""

DERIVED_FROM: Final = {"age_at_event": "the birth date and the event date", "sex": "the field sex"}
"""What an item is filled in from, by its member `derive`."""


def ages_at(identities: Sequence[Identity], day: str) -> Ages | None:
    """Return the ages that a person can have had on a day.

    Args:
        identities: The identities of the record. If their birth dates differ, every one of them counts.
        day: The day, `YYYY-MM-DD`, `YYYY-MM`, `YYYY` or blank.

    Returns:
        The ages; None if no birth date or no day is known, if the year of birth is an estimate, or if the birth is
        after the day. Who was born on 29 February becomes older on 1 March of other years.

    Sees: plaintext
    """
    births = tuple(dict.fromkeys(identity.birth for identity in identities if identity.birth.year is not None))
    return _ages(births, day) if births and day else None


@kept(AGES_CACHED)
def _ages(births: tuple[Birth, ...], day: str) -> Ages | None:
    if any(birth.margin for birth in births):
        return None
    year, month, date = (*map(int, day.split("-")), 0, 0)[:3]
    earliest, latest = _bounds(year, month, date)
    spans = [_born(birth) for birth in births]
    youngest = _completed(max(last for _, last in spans), earliest)
    oldest = _completed(min(first for first, _ in spans), latest)
    return Ages(max(youngest, 0), oldest + 1) if 0 <= oldest <= MAX_AGE else None


def is_before_birth(identities: Sequence[Identity], day: str) -> bool:
    """Return whether a day is before the birth of a person, whichever of the birth dates is right.

    Args:
        identities: The identities of the record.
        day: As for `ages_at`.

    Sees: plaintext
    """
    births = tuple(dict.fromkeys(identity.birth for identity in identities if identity.birth.year is not None))
    return bool(births and day) and _is_before(births, day)


@kept(AGES_CACHED)
def _is_before(births: tuple[Birth, ...], day: str) -> bool:
    year, month, date = (*map(int, day.split("-")), 0, 0)[:3]
    _, latest = _bounds(year, month, date)
    return all(birth.margin == 0 and _born(birth)[0] > latest for birth in births)


def is_of_other_sex(identities: Sequence[Identity]) -> bool:
    """Return whether the numbers of a record were issued to a person of the other sex.

    Only valid personnummer and samordningsnummer count, and they must agree: who changes the legal sex gets a new
    number, so a record with the earlier number beside it has one of each.

    Args:
        identities: The identities of the record, which have the same sex.

    Sees: plaintext
    """
    sex = identities[0].sex if identities else None
    if sex not in {"woman", "man"}:
        return False
    found = {_sex_in(identity.number) for identity in identities if identity.number is not None} - {None}
    return bool(found) and sex not in found


def _sex_in(number: Number) -> str | None:
    usable = number.valid and number.type in WITH_SEX
    return KINDS[number.type].take_apart(number.compact).sex if usable else None


def derived_value(item: Item, identities: Sequence[Identity], event_date: str) -> str | None:
    """Return the code that an item has by the identity of its record.

    Args:
        item: An item that may be derived.
        identities: The identities.
        event_date: The event date, or blank.

    Returns:
        The code, which is valid on the event date; None if it is not certain.

    Sees: plaintext
    """
    if item.derive == "sex":
        sexes = {identity.sex for identity in identities if identity.sex is not None}
        codes = tuple(sexes & item.by_code.keys()) if len(sexes) == 1 else ()
    else:
        ages = ages_at(identities, event_date)
        codes = () if ages is None else codes_of_ages(item, ages)
    return next((code for code in codes if item.by_code[code].is_valid_on(event_date or None)), None)


def contradicts(item: Item, code: str, ages: Ages | None) -> bool:
    """Return whether an age that was given is none that the person can have had.

    Args:
        item: The item of the age.
        code: Its code.
        ages: From `ages_at`.

    Sees: plaintext
    """
    years = item.by_code[code].years
    return ages is not None and years is not None and (years.end <= ages.first or ages.end <= years.first)


def derived_notices(book: Codebook | None, counts: Mapping[str, int]) -> tuple[str, ...]:
    """Return a sentence for each item that was filled in.

    Args:
        book: The codebook, or None.
        counts: In how many records each item was filled in.

    Sees: neither
    """
    found = [] if book is None else [(book.by_name[name], count) for name, count in sorted(counts.items()) if count]
    return tuple(
        f"The input has no column {item.name}: filled in from {DERIVED_FROM[str(item.derive)]} in {count:,} "
        f"record{'' if count == 1 else 's'}, as the codebook declares; --no-derived or derive=False leaves it empty."
        for item, count in found
    )


def _born(birth: Birth) -> tuple[Day, Day]:
    """Return the first and last day on which a person may be born; 1 January and 1 July often mean unknown."""
    year = birth.year or 0
    return _bounds(year, 0, 0) if birth.is_default else _bounds(year, birth.month or 0, birth.day or 0)


def _bounds(year: int, month: int, date: int) -> tuple[Day, Day]:
    # No month has more than 31 days; to compare days, the 31st of a shorter month does no harm.
    return (year, month or 1, date if month and date else 1), (year, month or 12, date if month and date else 31)


def _completed(born: Day, on: Day) -> int:
    """Return the completed years from one day to another, negative if it is earlier."""
    return on[0] - born[0] - (on[1:] < born[1:])
