"""Tokens and combinations: what of a record's facts goes into match keys and contents (docs/spec.md, sections 5 and 6).

Sees plaintext; knows no key. What leaves here are short texts that `pseudonym.encode` hands to keyed functions.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import combinations as pairs_of
from itertools import pairwise, product
from typing import Final

from pseudonym.dates import Birth
from pseudonym.facts import Facts, Identity
from pseudonym.names import Name
from pseudonym.profile import Combination, Segment, Weights

__all__ = [
    "Items",
    "Token",
    "bigrams",
    "combination_codes",
    "content_classes",
    "filter_tokens",
    "minhash_tokens",
    "presence",
    "slot_tokens",
]

Token = tuple[str, str]
"""A tag and a text: equal texts under two tags are two tokens."""

Items = tuple[str, ...]
"""What a match key is made from, beside its kind."""

SOUND_PAIR_SOUNDS: Final = 4
"""Sounds that enter pairs: with more, a person with many names would crowd out the pairs that others share."""

YEARS_AROUND: Final = 3
"""Years on either side whose tokens a birth year carries, so that years are nearer the less they differ."""

MIN_TOKENS: Final = 8
"""Tokens from which on MinHash is worth its codes: a date and a short name alone are shared by many."""

UNCERTAIN: Final = "osaker"
"""The level of a samordningsnummer whose holder's identity is uncertain (law 2022:1697, chapter 2, section 6)."""


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


def _name_tokens(*names: Name) -> list[Token]:
    return _unique([("name", gram) for name in names for gram in name.grams])


def _foreign_tokens(identity: Identity) -> list[Token]:
    foreign = identity.foreign_number
    return _unique([("foreign_number", gram) for gram in bigrams(foreign)]) if foreign else []


def _serial_tokens(identity: Identity) -> list[Token]:
    number = identity.number
    # A samordningsnummer whose holder's identity is uncertain is hardly evidence of who the person is.
    if number is None or number.serial is None or number.level == UNCERTAIN:
        return []
    return [("serial", f"{index}:{character}") for index, character in enumerate(number.serial)]


def _month_and_day(birth: Birth) -> tuple[int | None, int | None]:
    """Give month and day as evidence: a date that is registered where none is known is none."""
    return (None, None) if birth.is_default else (birth.month, birth.day)


def _date_tokens(identity: Identity) -> list[Token]:
    month, day = _month_and_day(identity.birth)
    parts = (("birth_year", identity.birth.exact_year, 4), ("birth_month", month, 2), ("birth_day", day, 2))
    return [(tag, f"{value:0{width}d}") for tag, value, width in parts if value is not None]


def _year_tokens(identity: Identity) -> list[Token]:
    year = identity.birth.year
    if year is None:
        return []
    around = YEARS_AROUND + identity.birth.margin
    return [("year", f"{near:04d}") for near in range(year - around, year + around + 1)]


def _record_tokens(identity: Identity) -> list[Token]:
    names = _name_tokens(identity.given, identity.family)
    return [*names, *_foreign_tokens(identity), *_date_tokens(identity), *_serial_tokens(identity)]


_FILTER_TOKENS: Final[dict[str, Callable[[Identity], list[Token]]]] = {
    "given_names": lambda identity: _name_tokens(identity.given),
    "family_names": lambda identity: _name_tokens(identity.family),
    "foreign_number": _foreign_tokens,
    "birth_year": _year_tokens,
    "record": _record_tokens,
}


def filter_tokens(identity: Identity, field: str) -> list[Token]:
    """Give the distinct tokens of a filter segment.

    Args:
        identity: An identity of a record.
        field: The field of the segment.

    Returns:
        Tokens; none when the field is absent.

    Sees: plaintext
    """
    return _FILTER_TOKENS[field](identity)


def slot_tokens(identity: Identity, field: str) -> list[Token]:
    """Give the tokens of a slots segment, one a slot.

    Args:
        identity: An identity of a record.
        field: The field of the segment.

    Returns:
        Tokens in the order of the slots; none when the field is absent.

    Sees: plaintext
    """
    if field == "birth_month":
        return _two_digits(_month_and_day(identity.birth)[0])
    if field == "birth_day":
        return _two_digits(_month_and_day(identity.birth)[1])
    if field == "serial":
        return _serial_tokens(identity)
    if field == "sex" and identity.sex is not None:
        return [("sex", f"0:{identity.sex}")]
    return []


def _two_digits(value: int | None) -> list[Token]:
    # One tag for month and day, so that their exchange shows in the differences of two contents.
    return [] if value is None else [("month_or_day", f"0:{value // 10}"), ("month_or_day", f"1:{value % 10}")]


def presence(identity: Identity, field: str) -> Token:
    """Give the token of a presence slot.

    Numbers of two types are missing to each other, and so are two bodies' numbers of a type that each body gives out
    for itself; so type and body enter.

    Args:
        identity: An identity in which the field is present.
        field: The field.

    Returns:
        The token.

    Sees: plaintext
    """
    if field == "serial" and identity.number is not None:
        scope = "" if identity.scope is None else f":{identity.scope}"
        return ("presence", f"serial:{identity.number.type}{scope}")
    return ("presence", field)


def minhash_tokens(identity: Identity, weights: Weights) -> list[tuple[Token, int]]:
    """Give the weighted tokens of MinHash: `w` copies of a token make it count as `w` tokens.

    Args:
        identity: An identity of a record.
        weights: Copies by kind of token.

    Returns:
        Tokens with the number of the copy; none where there are fewer than eight without the copies, since so few are
        shared by many persons.

    Sees: plaintext
    """
    kinds = (
        (weights.name_bigram or 0, _name_tokens(identity.given, identity.family)),
        (weights.birth_date or 0, _date_tokens(identity)),
        (weights.serial or 0, _serial_tokens(identity)),
        (weights.foreign_bigram or 0, _foreign_tokens(identity)),
    )
    if sum(len(tokens) for weight, tokens in kinds if weight) < MIN_TOKENS:
        return []
    return [(token, copy) for weight, tokens in kinds for token in tokens for copy in range(weight)]


def content_classes(facts: Facts, segments: Sequence[Segment]) -> list[int]:
    """Number the contents that the identities of a record have: equal numbers, equal tokens in every segment.

    Args:
        facts: The facts of a record.
        segments: The segments of the content.

    Returns:
        A number for each identity.

    Sees: plaintext
    """
    if len(facts.identities) == 1:
        return [0]
    found: dict[tuple[tuple[Token, ...], ...], int] = {}
    return [
        found.setdefault(tuple(_shown(identity, segment) for segment in segments), len(found))
        for identity in facts.identities
    ]


def _shown(identity: Identity, segment: Segment) -> tuple[Token, ...]:
    read = filter_tokens if segment.form == "filter" else slot_tokens
    tokens = read(identity, segment.field)
    return (presence(identity, segment.field), *tokens) if tokens else ()


def combination_codes(facts: Facts, key: Combination, classes: Sequence[int]) -> list[tuple[int, Items]]:
    """Give the codes that a combination makes of a record.

    First every distinct combination gets a code, identities taking turns; then, as long as there is room, further
    identities that have the same combination and another content get one with theirs.

    Args:
        facts: The facts of a record.
        key: The combination.
        classes: What `content_classes` gives for the record.

    Returns:
        At most `key.codes` times the place of an identity, whose content the code carries, and the items.

    Sees: plaintext
    """
    lists = [_items(identity, key) for identity in facts.identities]
    if len(lists) == 1:
        return [(0, items) for items in lists[0][: key.codes]]
    owners: dict[Items, int] = {}
    for turn in range(max(map(len, lists))):
        for place, own in enumerate(lists):
            if turn < len(own):
                owners.setdefault(own[turn], place)
    codes = list(owners.items())
    for items, owner in owners.items():
        carried = {classes[owner]}
        for place, own in enumerate(lists):
            if classes[place] not in carried and items in own:
                carried.add(classes[place])
                codes.append((items, place))
    return [(place, items) for items, place in codes[: key.codes]]


def _items(identity: Identity, key: Combination) -> list[Items]:
    """Give the distinct items of an identity, the last part varying fastest; none when a part is absent."""
    values = product(*(_PARTS[part](identity) for part in key.parts))
    return list(dict.fromkeys(tuple(item for value in chosen for item in value) for chosen in values))


def _one(text: str | None) -> list[Items]:
    return [] if text is None else [(text,)]


def _digits(value: int | None, width: int) -> list[Items]:
    return [] if value is None else [(f"{value:0{width}d}",)]


def _number_part(identity: Identity) -> list[Items]:
    number = identity.number
    if number is None:
        return []
    scope = () if identity.scope is None else (identity.scope,)
    return [(number.type, "valid" if number.valid else "text", number.compact, *scope)]


def _sounds(*names: Name) -> list[str]:
    return list(dict.fromkeys(sound for name in names for sound in name.sounds))


def _sound_pairs(identity: Identity) -> list[Items]:
    # Code points and UTF-8 bytes sort alike, so text order is the order of the specification.
    sounds = _sounds(identity.given, identity.family)[:SOUND_PAIR_SOUNDS]
    return [tuple(sorted(pair)) for pair in pairs_of(sounds, 2)]


_PARTS: Final[dict[str, Callable[[Identity], list[Items]]]] = {
    "number": _number_part,
    "foreign_number": lambda identity: _one(identity.foreign_number),
    "year": lambda identity: _digits(identity.birth.exact_year, 4),
    "month": lambda identity: _digits(identity.birth.month, 2),
    "day": lambda identity: _digits(identity.birth.day, 2),
    "sex": lambda identity: _one(identity.sex),
    "name_sound": lambda identity: [(sound,) for sound in _sounds(identity.given, identity.family)],
    "name_sound_2": lambda identity: [
        (start,) for start in dict.fromkeys(sound[:2] for sound in _sounds(identity.given, identity.family))
    ],
    "given_sound": lambda identity: [(sound,) for sound in identity.given.sounds],
    "family_sound": lambda identity: [(sound,) for sound in identity.family.sounds],
    "sound_pair": _sound_pairs,
}
