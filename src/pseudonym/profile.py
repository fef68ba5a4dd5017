"""Profiles: declarative, versioned, hashed documents that define how a record is encoded.

A profile lists the match keys, which group records into candidate pairs, and the segments of the content, which is
compared within a group (docs/spec.md, section 3). The number of persons who share a match key sets where a profile lies
between the classic Bloom-filter encoding (an empty match key, [Schnell2009]) and hashed match keys (an empty content).

This module handles neither keys nor identities; both sides import it.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag, ValidationError, model_validator

from pseudonym.canonical import canonical_json, length_prefixed
from pseudonym.documents import read_document, shipped_names
from pseudonym.errors import ProfileError, names_its_file
from pseudonym.json_text import RefusedMember, first_flaw, first_repeat, reencode
from pseudonym.labels import LABELS
from pseudonym.unreadable import why_unknown

__all__ = [
    "PRESENCE_BITS",
    "Combination",
    "Encoding",
    "FieldTable",
    "Linking",
    "MatchKey",
    "MinHash",
    "Place",
    "Privacy",
    "Profile",
    "ProfileError",
    "Segment",
    "Weights",
    "load_profile",
    "parse_profile",
    "profile_names",
]

PRESENCE_BITS: Final = 8
"""Width of a presence slot: an absent field looks present with probability 1/256 per shared match key."""

SHARE_TOLERANCE: Final = 1.25
"""A share rate above the measured one by more than this factor is outside the measurement, not within its error."""

ContentField = Literal[
    "given_names", "family_names", "foreign_number", "birth_year", "birth_month", "birth_day", "serial", "sex",
    "name_pair", "record",
]  # fmt: skip
"""Fields that a content segment can encode (docs/spec.md, section 6)."""

Part = Literal[
    "number", "foreign_number", "year", "month", "day", "sex", "name_sound", "name_sound_2", "given_sound",
    "family_sound", "sound_pair"
]  # fmt: skip
"""Parts that a combination can contain (docs/spec.md, section 5)."""

FILTER_FIELDS: Final = frozenset({"given_names", "family_names", "foreign_number", "birth_year", "record"})
SLOTS_OF_FIELD: Final = {"birth_month": 2, "birth_day": 2, "serial": 4, "sex": 1, "name_pair": 2}
MAX_SLOT_BITS: Final = 16

_SPEC: Final = re.compile(r'"spec": [0-9]+[,}]')
"""A version of the specification, in the JSON that `reencode` writes."""
_FOLDER: Final = "profiles"
_MESSAGES: Final = {
    "profile.form": "A member of the profile is missing, unknown or out of range.",
    "profile.name": "The profile differs from the shipped profile of the same name; rename it.",
    "profile.spec": "The profile follows another version of the specification.",
}
_HINTS: Final = {
    "profile.form": "docs/spec.md, section 3, has the form; the profiles that ship are examples.",
    "profile.spec": "Use a profile that ships with this version, or take spec and tables from one that does.",
}

_FILTER_BITS: Final = "a power of two from 8 to 65536"
_SLOT_BITS: Final = f"an integer from 1 to {MAX_SLOT_BITS}"
_SLOTS: Final = f"{', '.join(f'{slots} for {field}' for field, slots in SLOTS_OF_FIELD.items())}, left out in a filter"

Kind = Annotated[str, Field(pattern=r"^[a-z0-9_]{1,32}$", description="1 to 32 of the characters a-z, 0-9 and _")]
Hex32 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$", description="64 hexadecimal digits, 0-9 and a-f")]


class _Document(BaseModel):
    """Frozen; unknown members are refused, so that no setting is silently ignored."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Combination(_Document):
    """A match key made of an exact combination of fields."""

    kind: Kind
    parts: tuple[Part, ...]
    codes: Annotated[int, Field(ge=1, le=64)]

    @property
    def n_codes(self) -> int:
        """Number of codes of this kind that every record emits."""
        return self.codes


class Weights(_Document):
    """Number of copies of each kind of token that enter MinHash; None leaves the tokens out."""

    name_bigram: Annotated[int, Field(ge=1, le=16)] | None = None
    birth_date: Annotated[int, Field(ge=1, le=16)] | None = None
    serial: Annotated[int, Field(ge=1, le=16)] | None = None
    foreign_bigram: Annotated[int, Field(ge=1, le=16)] | None = None


class MinHash(_Document):
    """One match key per band of a keyed MinHash signature [Broder1997]; similar records tend to share some."""

    kind: Kind
    bands: Annotated[int, Field(ge=1, le=256)]
    rows: Annotated[int, Field(ge=1, le=64)]
    weights: Weights

    @property
    def n_codes(self) -> int:
        """Number of codes of this kind that every record emits: one per band."""
        return self.bands


MatchKey = Combination | MinHash


def _which_key(document: Any) -> str | None:
    """Find by its members which match key is meant, so that an error is about that one."""
    if isinstance(document, MatchKey):
        return type(document).__name__
    if not isinstance(document, dict):
        return None
    if {"parts", "codes"} & document.keys():
        return Combination.__name__
    return MinHash.__name__ if {"bands", "rows", "weights"} & document.keys() else None


_EitherKey = Annotated[
    Annotated[Combination, Tag(Combination.__name__)] | Annotated[MinHash, Tag(MinHash.__name__)],
    Discriminator(_which_key),
]


class Segment(_Document):
    """One field of a content: a Bloom filter over its tokens, or slots that are equal if the values are."""

    field: ContentField
    form: Literal["filter", "slots"]
    bits: Annotated[int, Field(ge=1, le=65536, description=f"{_FILTER_BITS} in a filter, {_SLOT_BITS} in slots")]
    hashes: Annotated[int, Field(ge=1, le=64)] | None = None
    slots: Annotated[int, Field(ge=1, le=64)] | None = None

    @property
    def n_bits(self) -> int:
        """Width of the segment in bits."""
        return self.bits * (self.slots or 1)

    @model_validator(mode="after")
    def _check_form(self) -> Self:
        is_filter = self.form == "filter"
        if is_filter != (self.field in FILTER_FIELDS):
            raise RefusedMember("form", '"slots" for this field' if is_filter else '"filter" for this field')
        if is_filter and (self.bits < 8 or self.bits & (self.bits - 1)):
            raise RefusedMember("bits", f"{_FILTER_BITS} in a filter")
        if not is_filter and self.bits > MAX_SLOT_BITS:
            raise RefusedMember("bits", f"{_SLOT_BITS} in slots")
        if is_filter != (self.hashes is not None):
            raise RefusedMember("hashes", "an integer from 1 to 64 in a filter, left out in slots")
        if self.slots != SLOTS_OF_FIELD.get(self.field):
            raise RefusedMember("slots", _SLOTS)
        return self


@dataclass(frozen=True, slots=True)
class Place:
    """Position of one segment in a content, in bits; bit order as in docs/spec.md, section 1."""

    field: str
    form: str
    first_bit: int
    n_bits: int
    slot_bits: int
    presence_bit: int


class Encoding(_Document):
    """The part of a profile that determines every bit of a code and is therefore in the profile digest."""

    spec: Literal[3]
    tables: Hex32
    padded: bool
    match_keys: Annotated[tuple[_EitherKey, ...], Field(min_length=1, max_length=64)]
    segments: Annotated[tuple[Segment, ...], Field(min_length=1, max_length=32)]

    @model_validator(mode="after")
    def _check_unique(self) -> Self:
        place = first_repeat([key.kind for key in self.match_keys])
        if place is not None:
            raise RefusedMember(f"match_keys[{place}].kind", "a kind that no other match key has")
        place = first_repeat([segment.field for segment in self.segments])
        if place is not None:
            raise RefusedMember(f"segments[{place}].field", "a field that no other segment has")
        return self

    @cached_property
    def codes_per_kind(self) -> tuple[int, ...]:
        """Number of codes of each kind that every record emits, in the order of the match keys."""
        return tuple(key.n_codes for key in self.match_keys)

    @property
    def codes_per_record(self) -> int:
        """Number of codes that every record emits."""
        return sum(self.codes_per_kind)

    @cached_property
    def layout(self) -> tuple[Place, ...]:
        """The position of each segment in a content, in the order of the segments."""
        places = []
        first_bit = 0
        presence_bit = sum(segment.n_bits for segment in self.segments)
        for segment in self.segments:
            places.append(
                Place(segment.field, segment.form, first_bit, segment.n_bits, segment.bits, presence_bit),
            )
            first_bit += segment.n_bits
            presence_bit += PRESENCE_BITS
        return tuple(places)

    @property
    def content_bytes(self) -> int:
        """Length of a content in bytes, a multiple of 8."""
        n_bits = sum(segment.n_bits + PRESENCE_BITS for segment in self.segments)
        return -(-n_bits // 64) * 8


class FieldTable(_Document):
    """m- and u-probabilities of one comparison field, before the registry has seen any pair.

    The level of a comparison is the number of `edges` that the distance does not exceed; 0 is the least similar. `u`
    and `m` are the probabilities of each level among pairs of different persons and among pairs of the same person.
    """

    field: str
    edges: tuple[float, ...]
    u: tuple[float, ...]
    m: tuple[float, ...]

    @model_validator(mode="after")
    def _check_sums(self) -> Self:
        for member, table in (("u", self.u), ("m", self.m)):
            if len(table) < 2 or min(table) <= 0 or abs(sum(table) - 1) > 1e-6:
                raise RefusedMember(member, "two or more probabilities above 0 with the sum 1")
        if len(self.u) != len(self.m):
            raise RefusedMember("m", "as many probabilities as u")
        if list(self.edges) != sorted(self.edges, reverse=True):
            raise RefusedMember("edges", "distances in descending order")
        return self


class Linking(_Document):
    """Tables for the registry, which can be improved without making older codes incomparable.

    Attributes:
        source: The command that produced the tables.
        fields: One table per comparison field.
        swap_margin: Match weight in bits by which swapped names must beat unswapped ones to count as swapped.
        prior_strength: Number of matches that the shipped m tables weigh when the registry fits its own.
        match_prior: Expected matches per record of the smaller of two reporters, before any data is seen.
        population: Number of persons whom the registry serves; the default is that of Sweden (SCB, 2024).
    """

    source: str
    fields: tuple[FieldTable, ...]
    swap_margin: float
    prior_strength: float
    match_prior: float
    population: Annotated[int, Field(ge=1)] = 10_600_000


class Privacy(_Document):
    """The conditions under which a profile was measured; a registry with more persons reveals more.

    Attributes:
        source: The command that made the measurement.
        population: Description of the persons it was measured on.
        share_rate: Share of their records that share a match key with another person, in [0, 1].
        persons: Number of these persons, or None if not stated.
    """

    source: str
    population: str
    share_rate: Annotated[float, Field(ge=0, le=1)]
    persons: Annotated[int, Field(ge=2)] | None = None

    @property
    def highest_share_rate(self) -> float:
        """The highest share rate that the measurement covers."""
        return self.share_rate * SHARE_TOLERANCE


class Profile(_Document):
    """One profile document."""

    format: Literal["pseudonym-profile/1"]
    name: Annotated[
        str, Field(pattern=r"^[a-z0-9-]{1,32}$", description="1 to 32 of the characters a-z, 0-9 and hyphen")
    ]
    version: Annotated[int, Field(ge=1)]
    purpose: str
    encoding: Encoding
    linking: Linking | None = None
    privacy: Privacy | None = None

    @cached_property
    def digest(self) -> str:
        """The profile digest as 64 hexadecimal digits (docs/spec.md, section 3)."""
        document = self.model_dump(mode="json", exclude_none=True, include={"format", "name", "version", "encoding"})
        return hashlib.sha256(length_prefixed(LABELS["profile"], canonical_json(document))).hexdigest()

    @property
    def unguarded(self) -> bool:
        """Whether a match key is empty, so that all records are compared and their similarity graph is exposed."""
        return any(isinstance(key, Combination) and not key.parts for key in self.encoding.match_keys)

    def to_json(self) -> str:
        """Return the document as JSON text that `parse_profile` reads back."""
        return json.dumps(self.model_dump(mode="json", exclude_none=True), indent=2, ensure_ascii=False) + "\n"


def parse_profile(text: str | bytes) -> Profile:
    """Read a profile document.

    Args:
        text: JSON text.

    Returns:
        The profile.

    Raises:
        ProfileError: `profile.json` if the text is not JSON or contains a member twice, `profile.spec` if the profile
            follows another version of the specification, `profile.form` if a member is missing, unknown or out of
            range; the attribute `field` is the path of the first such member, and `allowed` says what it may hold.
    """
    # The parsers' exceptions contain the text, so they are not chained: it may be a key file.
    plain = reencode(text)
    if plain is None:
        raise ProfileError("profile.json", "The profile is not a JSON document, or contains a member twice.")
    try:
        # JSON has lists where the models hold tuples, so the strict check runs on the JSON form.
        return Profile.model_validate_json(plain)
    except ValidationError as error:
        flaw = first_flaw(error, Profile)
    rule = "profile.spec" if flaw.member == "encoding.spec" and _SPEC.search(plain) else "profile.form"
    raise ProfileError(rule, _MESSAGES[rule], field=flaw.member, allowed=flaw.allowed, hint=_HINTS[rule])


def profile_names() -> tuple[str, ...]:
    """List the names of the profiles that ship with the library, sorted."""
    return shipped_names(_FOLDER)


@names_its_file
def load_profile(name: str | Path) -> Profile:
    """Load a profile that ships with the library, or one from a file.

    Args:
        name: A name from `profile_names()`, or the path of a JSON file.

    Returns:
        The profile.

    Raises:
        ProfileError: `profile.unknown` if there is no such profile and no such file, `profile.name` if a file has the
            name of a shipped profile but another digest, and whatever `parse_profile` raises.
    """
    data = read_document(_FOLDER, name)
    if data is None:
        raise ProfileError("profile.unknown", **why_unknown("profile", name, profile_names())._asdict())
    found, shipped = parse_profile(data), profile_names()
    # A shipped profile owns its name.
    if found.name in set(shipped) - {str(name)} and found.digest != load_profile(found.name).digest:
        raise ProfileError("profile.name", _MESSAGES["profile.name"], field="name")
    return found
