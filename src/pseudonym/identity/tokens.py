"""Tokens and combinations: the parts of identities from which match keys and contents are made.

Sections 5 and 6 of docs/spec.md. The results are short texts, which `pseudonym.encode` passes to keyed functions.
Tokens are made from a *value* of a field, not from a record: a few values make up most of a file, so their tokens are
reused.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import combinations as pairs_of
from itertools import islice, pairwise, product
from operator import attrgetter
from typing import Any, Final

from pseudonym.canonical import length_prefixed
from pseudonym.identity.dates import Birth
from pseudonym.identity.identities import Identity
from pseudonym.identity.name_pairs import name_pair, name_pair_tokens
from pseudonym.memory import kept
from pseudonym.profile import Combination, Segment, Weights

__all__ = [
    "MIN_TOKENS",
    "CombinationCodes",
    "Combinations",
    "Source",
    "Token",
    "bigrams",
    "content_classes",
    "field_sources",
    "minhash_sources",
    "presence_source",
    "rich_enough",
]

Token = tuple[str, str]
"""A tag and a text: equal texts with different tags are different tokens."""

SOUND_PAIR_SOUNDS: Final = 4
"""Maximum number of sounds that form pairs; otherwise a person's many names would crowd out the shared pairs."""

YEARS_AROUND: Final = 3
"""A birth year also gets the tokens of this many years on either side, so that close years have similar tokens."""

MIN_TOKENS: Final = 8
"""Minimum number of tokens for MinHash codes: many persons share a date and a short name."""

UNCERTAIN: Final = "osaker"
"""The level of a samordningsnummer whose holder's identity is uncertain (law 2022:1697, chapter 2, section 6)."""

ITEMS_CACHED: Final = 1 << 14
"""Number of cached items: sounds of names, parts of dates, and words."""


@dataclass(frozen=True, slots=True)
class Source:
    """A source of tokens: reads a value of an identity and turns it into tokens.

    Attributes:
        value: Returns the value of an identity, hashable, None or empty if missing.
        tokens: Returns the distinct tokens of a value (for slots, one per slot in order); none for a missing value.
        of_birth: Returns the value of a birth date, if the value is part of one: many persons share a date.
    """

    value: Callable[[Identity], Hashable]
    tokens: Callable[[Any], list[Token]]
    of_birth: Callable[[Birth], Hashable] | None = None


def bigrams(text: str) -> list[str]:
    """Return the bigrams of a text padded with an underscore on each side.

    Args:
        text: A word or number.

    Returns:
        Bigrams in order, including repeats.
    """
    return [first + second for first, second in pairwise(f"_{text}_")]


def _month(birth: Birth) -> int | None:
    """Return the month as evidence; a default date is not evidence."""
    return None if birth.is_default else birth.month


def _day(birth: Birth) -> int | None:
    return None if birth.is_default else birth.day


def _serial(identity: Identity) -> str | None:
    number = identity.number
    # A samordningsnummer whose holder's identity is uncertain is hardly evidence of who the person is.
    return None if number is None or number.level == UNCERTAIN else number.serial


def _serial_presence(identity: Identity) -> tuple[str, str | None] | None:
    number = identity.number
    return None if number is None or _serial(identity) is None else (number.type, identity.scope)


def _serial_presence_tokens(value: tuple[str, str | None] | None) -> list[Token]:
    if value is None:
        return []
    type_, scope = value
    return [("presence", f"serial:{type_}" if scope is None else f"serial:{type_}:{scope}")]


def _near_years(value: tuple[int | None, int]) -> list[Token]:
    year, margin = value
    if year is None:
        return []
    around = YEARS_AROUND + margin
    return [("year", f"{near:04d}") for near in range(year - around, year + around + 1)]


def _serial_tokens(serial: str | None) -> list[Token]:
    return [("serial", f"{index}:{character}") for index, character in enumerate(serial or "")]


def _foreign_tokens(text: str | None) -> list[Token]:
    return [("foreign_number", gram) for gram in dict.fromkeys(bigrams(text))] if text else []


def _name_tokens(grams: Iterable[str]) -> list[Token]:
    return [("name", gram) for gram in grams]


def _two_digits(value: int | None) -> list[Token]:
    # One tag for month and day, so that swapping them shows in the difference of two contents.
    return [] if value is None else [("month_or_day", f"0:{value // 10}"), ("month_or_day", f"1:{value % 10}")]


def _sex_tokens(value: str | None) -> list[Token]:
    return [] if value is None else [("sex", f"0:{value}")]


def _part_tokens(tag: str, width: int) -> Callable[[int | None], list[Token]]:
    return lambda value: [] if value is None else [(tag, f"{value:0{width}d}")]


def _birth_source(of_birth: Callable[[Birth], Hashable], tokens: Callable[[Any], list[Token]]) -> Source:
    return Source(lambda identity: of_birth(identity.birth), tokens, of_birth)


_GIVEN: Final = Source(attrgetter("given.grams"), _name_tokens)
_FAMILY: Final = Source(attrgetter("family.grams"), _name_tokens)
_FOREIGN: Final = Source(attrgetter("foreign_number"), _foreign_tokens)
_SERIAL: Final = Source(_serial, _serial_tokens)
_SERIAL_PRESENCE: Final = Source(_serial_presence, _serial_presence_tokens)
_DATE: Final = (
    _birth_source(attrgetter("exact_year"), _part_tokens("birth_year", 4)),
    _birth_source(_month, _part_tokens("birth_month", 2)),
    _birth_source(_day, _part_tokens("birth_day", 2)),
)

_FIELDS: Final[dict[str, tuple[Source, ...]]] = {
    "given_names": (_GIVEN,),
    "family_names": (_FAMILY,),
    "foreign_number": (_FOREIGN,),
    "birth_year": (_birth_source(attrgetter("year", "margin"), _near_years),),
    "birth_month": (_birth_source(_month, _two_digits),),
    "birth_day": (_birth_source(_day, _two_digits),),
    "serial": (_SERIAL,),
    "sex": (Source(attrgetter("sex"), _sex_tokens),),
    "name_pair": (Source(name_pair, name_pair_tokens),),
    "record": (_GIVEN, _FAMILY, _FOREIGN, *_DATE, _SERIAL),
}


def field_sources(field: str) -> tuple[Source, ...]:
    """Return the token sources of a content field. An identity lacks the field if all of them are empty.

    Args:
        field: The field of a segment.

    Returns:
        One source, or several for a compound field.
    """
    return _FIELDS[field]


def presence_source(field: str) -> Source:
    """Return the token source of a presence slot.

    The token includes type and reporter, because numbers cannot be compared across types, nor across reporters if each
    reporter issues its own.

    Args:
        field: The field.

    Returns:
        A source of one token, for an identity that has the field.
    """
    return _SERIAL_PRESENCE if field == "serial" else Source(lambda _: field, lambda value: [("presence", value)])


def minhash_sources(weights: Weights) -> list[tuple[Source, int]]:
    """Return the token sources of MinHash, each with its weight: `w` copies of a token count as `w` tokens.

    Args:
        weights: Copies by kind of token.

    Returns:
        The sources that have a weight.
    """
    kinds = (
        (weights.name_bigram, (_GIVEN, _FAMILY)),
        (weights.birth_date, _DATE),
        (weights.serial, (_SERIAL,)),
        (weights.foreign_bigram, (_FOREIGN,)),
    )
    return [(source, weight) for weight, sources in kinds for source in sources if weight]


def rich_enough(identity: Identity, sources: Sequence[tuple[Source, int]]) -> bool:
    """Return whether an identity has enough tokens for MinHash codes.

    Args:
        identity: An identity of a record.
        sources: As `minhash_sources` returns them.

    Returns:
        Whether it has at least eight distinct tokens, not counting copies; many persons share fewer. An
        unknown person never has them: a date and a serial are seven.
    """
    return len({token for source, _ in sources for token in source.tokens(source.value(identity))}) >= MIN_TOKENS


def content_classes(identities: Sequence[Identity], segments: Sequence[Segment]) -> list[int]:
    """Classify the identities of a record by content: those in one class have the same tokens in every segment.

    Args:
        identities: The identities of a record.
        segments: The segments of the content.

    Returns:
        The class of each identity.
    """
    found: dict[tuple[frozenset[Token], ...], int] = {}
    # Compare tokens rather than values: different values, such as reordered names, may have the same tokens.
    return [
        found.setdefault(tuple(_shown(identity, segment.field) for segment in segments), len(found))
        for identity in identities
    ]


def _shown(identity: Identity, field: str) -> frozenset[Token]:
    """Return the tokens of a segment and its presence slot; none where the identity lacks the field."""
    tokens = [token for source in _FIELDS[field] for token in source.tokens(source.value(identity))]
    presence = presence_source(field)
    return frozenset([*tokens, *presence.tokens(presence.value(identity))] if tokens else ())


@dataclass(slots=True, repr=False)
class CombinationCodes:
    """The codes that the combinations give a batch of records, as lists that grow record by record.

    Attributes:
        messages: `lp(kind, items)` of each code, from which its match key is hashed.
        identity: Index, within its record, of the identity whose content each code carries.
        counts: Number of codes of each record and combination.
    """

    messages: list[bytes] = field(default_factory=list)
    identity: list[int] = field(default_factory=list)
    counts: list[int] = field(default_factory=list)

    def __repr__(self) -> str:
        """Show the class only: messages hold a person's data."""
        return "<CombinationCodes>"


class Combinations:
    """Make the codes for the combinations of a profile, with at most the given number of codes per combination."""

    def __init__(self, keys: Sequence[Combination]) -> None:
        """Take the combinations, in the order of the profile."""
        self._keys = [([length_prefixed(key.kind)], key.parts, key.codes) for key in keys]
        self._wanted = [(part, _PARTS[part]) for part in dict.fromkeys(part for key in keys for part in key.parts)]

    def add_one(self, identity: Identity, found: CombinationCodes) -> None:
        """Add the codes of a record with one identity.

        Args:
            identity: The identity.
            found: The codes so far.
        """
        n_before = len(found.messages)
        if identity.is_unknown:
            found.counts += [0] * len(self._keys)
            return
        parts = {part: values(identity) for part, values in self._wanted}
        for head, names, n_codes in self._keys:
            if not names:
                messages = head
            elif len(names) == 1:
                messages = [head[0] + value for value in parts[names[0]][:n_codes]]
            else:
                messages = list(map(b"".join, islice(product(head, *[parts[name] for name in names]), n_codes)))
            found.messages += messages
            found.counts.append(len(messages))
        found.identity += [0] * (len(found.messages) - n_before)

    def add_several(self, identities: Sequence[Identity], classes: Sequence[int], found: CombinationCodes) -> None:
        """Add the codes of a record with several identities.

        First, every distinct combination gets a code, with identities taking turns. If there is room left, other
        identities that have the same combination but different content each get a code with their own content.

        Args:
            identities: The identities.
            classes: The classes of their contents, from `content_classes`.
            found: The codes so far.
        """
        if any(identity.is_unknown for identity in identities):
            found.counts += [0] * len(self._keys)
            return
        parts = [{part: values(identity) for part, values in self._wanted} for identity in identities]
        for head, names, n_codes in self._keys:
            lists = [list(map(b"".join, product(head, *[own[name] for name in names]))) for own in parts]
            codes = _in_turns(lists, classes)[:n_codes]
            found.messages += [message for message, _ in codes]
            found.identity += [index for _, index in codes]
            found.counts.append(len(codes))


def _in_turns(lists: Sequence[Sequence[bytes]], classes: Sequence[int]) -> list[tuple[bytes, int]]:
    """Order the messages of identities, each with the index of the identity whose content it carries."""
    owners: dict[bytes, int] = {}
    for turn in range(max(map(len, lists))):
        for index, own in enumerate(lists):
            if turn < len(own):
                owners.setdefault(own[turn], index)
    codes = list(owners.items())
    for message, owner in owners.items():
        carried = {classes[owner]}
        for index, own in enumerate(lists):
            if classes[index] not in carried and message in own:
                carried.add(classes[index])
                codes.append((message, index))
    return codes


@kept(ITEMS_CACHED)
def _item(text: str) -> bytes:
    return length_prefixed(text)


@kept(ITEMS_CACHED)
def _part_of_date(value: int, width: int) -> list[bytes]:
    return [length_prefixed(f"{value:0{width}d}")]


def _both(identity: Identity) -> list[str]:
    """Return the distinct sounds of given and family names."""
    return list(dict.fromkeys(identity.given.sounds + identity.family.sounds))


def _sound_pairs(identity: Identity) -> list[bytes]:
    # Code points and UTF-8 bytes sort alike, so text order is the order of the specification.
    pairs = pairs_of(_both(identity)[:SOUND_PAIR_SOUNDS], 2)
    return [_item(one) + _item(two) if one < two else _item(two) + _item(one) for one, two in pairs]


def _one(text: str | None) -> list[bytes]:
    return [] if text is None else [length_prefixed(text)]


def _digits(value: int | None, width: int) -> list[bytes]:
    return [] if value is None else _part_of_date(value, width)


def _number_part(identity: Identity) -> list[bytes]:
    number = identity.number
    if number is None:
        return []
    scope = () if identity.scope is None else (identity.scope,)
    return [length_prefixed(number.type, "valid" if number.valid else "text", number.compact, *scope)]


_PARTS: Final[dict[str, Callable[[Identity], list[bytes]]]] = {
    "number": _number_part,
    "foreign_number": lambda identity: _one(identity.foreign_number),
    "year": lambda identity: _digits(identity.birth.exact_year, 4),
    "month": lambda identity: _digits(identity.birth.month, 2),
    "day": lambda identity: _digits(identity.birth.day, 2),
    "sex": lambda identity: _one(identity.sex),
    "name_sound": lambda identity: list(map(_item, _both(identity))),
    "name_sound_2": lambda identity: list(map(_item, dict.fromkeys(sound[:2] for sound in _both(identity)))),
    "given_sound": lambda identity: list(map(_item, identity.given.sounds)),
    "family_sound": lambda identity: list(map(_item, identity.family.sounds)),
    "sound_pair": _sound_pairs,
}
