"""Tokens and combinations: what of a record's facts goes into match keys and contents (docs/spec.md, sections 5 and 6).

Sees plaintext; knows no key. What leaves here are short texts that `pseudonym.encode` hands to keyed functions.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import combinations as pairs_of
from itertools import pairwise, product
from typing import Final

from pseudonym.names import sound
from pseudonym.profile import Combination, Weights
from pseudonym.record import Facts

__all__ = [
    "Parts",
    "Token",
    "bigrams",
    "combination_items",
    "filter_tokens",
    "minhash_tokens",
    "presence",
    "slot_tokens",
]

Token = tuple[str, str]
"""A tag and a text: equal texts under two tags are two tokens."""

SOUND_PAIR_SOUNDS: Final = 4
"""Sounds that enter pairs: with more, a person with many names would crowd out the pairs that others share."""

YEARS_AROUND: Final = 3
"""Years on either side whose tokens a birth year carries, so that years are nearer the less they differ."""


def bigrams(text: str) -> Iterator[str]:
    """Give every two neighbouring characters of a text between two underscores.

    Args:
        text: A word or number.

    Yields:
        Bigrams in order, repeated ones too.

    Sees: plaintext
    """
    padded = f"_{text}_"
    for first, second in pairwise(padded):
        yield first + second


def _unique(items: Iterator[Token] | Sequence[Token]) -> list[Token]:
    return list(dict.fromkeys(items))


def _name_tokens(words: Sequence[str]) -> list[Token]:
    return _unique([("name", gram) for word in words for gram in bigrams(word)])


def _foreign_tokens(facts: Facts) -> list[Token]:
    return _unique([("foreign_number", gram) for gram in bigrams(facts.foreign_number)]) if facts.foreign_number else []


def _serial_tokens(facts: Facts) -> list[Token]:
    if facts.number is None or facts.number.serial is None:
        return []
    return [("serial", f"{index}:{character}") for index, character in enumerate(facts.number.serial)]


def _date_tokens(facts: Facts) -> list[Token]:
    birth = facts.birth
    parts = (("birth_year", birth.year, 4), ("birth_month", birth.month, 2), ("birth_day", birth.day, 2))
    return [(tag, f"{value:0{width}d}") for tag, value, width in parts if value is not None]


def _year_tokens(facts: Facts) -> list[Token]:
    year = facts.birth.year
    if year is None:
        return []
    return [("year", f"{near:04d}") for near in range(year - YEARS_AROUND, year + YEARS_AROUND + 1)]


def _record_tokens(facts: Facts) -> list[Token]:
    names = _name_tokens((*facts.given_words, *facts.family_words))
    return [*names, *_foreign_tokens(facts), *_date_tokens(facts), *_serial_tokens(facts)]


_FILTER_TOKENS: Final[dict[str, Callable[[Facts], list[Token]]]] = {
    "given_names": lambda facts: _name_tokens(facts.given_words),
    "family_names": lambda facts: _name_tokens(facts.family_words),
    "foreign_number": _foreign_tokens,
    "birth_year": _year_tokens,
    "record": _record_tokens,
}


def filter_tokens(facts: Facts, field: str) -> list[Token]:
    """Give the distinct tokens of a filter segment.

    Args:
        facts: The facts of a record.
        field: The field of the segment.

    Returns:
        Tokens; none when the field is absent.

    Sees: plaintext
    """
    return _FILTER_TOKENS[field](facts)


def slot_tokens(facts: Facts, field: str) -> list[Token]:
    """Give the tokens of a slots segment, one a slot.

    Args:
        facts: The facts of a record.
        field: The field of the segment.

    Returns:
        Tokens in the order of the slots; none when the field is absent.

    Sees: plaintext
    """
    if field == "birth_month":
        return _two_digits(facts.birth.month)
    if field == "birth_day":
        return _two_digits(facts.birth.day)
    if field == "serial":
        return _serial_tokens(facts)
    if field == "sex" and facts.sex is not None:
        return [("sex", f"0:{facts.sex}")]
    return []


def _two_digits(value: int | None) -> list[Token]:
    # One tag for month and day, so that their exchange shows in the differences of two contents.
    return [] if value is None else [("month_or_day", f"0:{value // 10}"), ("month_or_day", f"1:{value % 10}")]


def presence(facts: Facts, field: str) -> Token:
    """Give the token of a presence slot; numbers of two types are missing to each other, so the type enters.

    Args:
        facts: The facts of a record in which the field is present.
        field: The field.

    Returns:
        The token.

    Sees: plaintext
    """
    if field == "serial" and facts.number is not None:
        return ("presence", f"serial:{facts.number.type}")
    return ("presence", field)


def minhash_tokens(facts: Facts, weights: Weights) -> list[tuple[Token, int]]:
    """Give the weighted tokens of MinHash: `w` copies of a token make it count as `w` tokens.

    Args:
        facts: The facts of a record.
        weights: Copies by kind of token.

    Returns:
        Tokens with the number of the copy.

    Sees: plaintext
    """
    kinds = (
        (weights.name_bigram, _name_tokens((*facts.given_words, *facts.family_words))),
        (weights.birth_date, _date_tokens(facts)),
        (weights.serial, _serial_tokens(facts)),
        (weights.foreign_bigram, _foreign_tokens(facts)),
    )
    return [(token, copy) for weight, tokens in kinds for token in tokens for copy in range(weight or 0)]


class Parts:
    """The values of every part of a record, computed once for all the match keys of a profile."""

    __slots__ = ("_facts", "_values")

    def __init__(self, facts: Facts) -> None:
        """Hold the facts; parts are computed when they are asked for."""
        self._facts = facts
        self._values: dict[str, list[tuple[str, ...]]] = {}

    def __getitem__(self, part: str) -> list[tuple[str, ...]]:
        """Give the values of a part, each one a tuple of items."""
        if part not in self._values:
            self._values[part] = _PARTS[part](self._facts)
        return self._values[part]


def _one(text: str | None) -> list[tuple[str, ...]]:
    return [] if text is None else [(text,)]


def _digits(value: int | None, width: int) -> list[tuple[str, ...]]:
    return [] if value is None else [(f"{value:0{width}d}",)]


def _number_part(facts: Facts) -> list[tuple[str, ...]]:
    number = facts.number
    return [] if number is None else [(number.type, "valid" if number.valid else "text", number.compact)]


def _sounds(words: Sequence[str]) -> list[str]:
    return list(dict.fromkeys(sound(word) for word in words))


def _all_sounds(facts: Facts) -> list[str]:
    return _sounds((*facts.given_words, *facts.family_words))


def _sound_pairs(facts: Facts) -> list[tuple[str, ...]]:
    # Code points and UTF-8 bytes sort alike, so text order is the order of the specification.
    return [tuple(sorted(pair)) for pair in pairs_of(_all_sounds(facts)[:SOUND_PAIR_SOUNDS], 2)]


_PARTS: Final[dict[str, Callable[[Facts], list[tuple[str, ...]]]]] = {
    "number": _number_part,
    "foreign_number": lambda facts: _one(facts.foreign_number),
    "year": lambda facts: _digits(facts.birth.year, 4),
    "month": lambda facts: _digits(facts.birth.month, 2),
    "day": lambda facts: _digits(facts.birth.day, 2),
    "sex": lambda facts: _one(facts.sex),
    "name_sound": lambda facts: [(item,) for item in _all_sounds(facts)],
    "name_sound_2": lambda facts: [(item,) for item in dict.fromkeys(item[:2] for item in _all_sounds(facts))],
    "given_sound": lambda facts: [(item,) for item in _sounds(facts.given_words)],
    "family_sound": lambda facts: [(item,) for item in _sounds(facts.family_words)],
    "sound_pair": _sound_pairs,
}


def combination_items(parts: Parts, key: Combination) -> list[tuple[str, ...]]:
    """Give the items of every code that a combination makes of a record.

    Args:
        parts: The parts of a record.
        key: The combination.

    Returns:
        At most `key.codes` distinct tuples of items, in the order of docs/spec.md, section 5; none when a part is
        absent.

    Sees: plaintext
    """
    values = product(*(parts[part] for part in key.parts))
    distinct = dict.fromkeys(tuple(item for value in chosen for item in value) for chosen in values)
    return list(distinct)[: key.codes]
