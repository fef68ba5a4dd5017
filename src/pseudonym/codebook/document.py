"""The form of a codebook: items with their codes, and groupings of the codes."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from functools import cached_property
from itertools import pairwise
from typing import Annotated, Final, Literal, Self

from pydantic import Field, model_validator

from pseudonym.canonical import canonical_json, length_prefixed
from pseudonym.codebook.parts import (
    BookName,
    BookVersion,
    CodeText,
    Day,
    Document,
    Extensible,
    Finer,
    Label,
    NameText,
    Synonyms,
    Text,
    Years,
)
from pseudonym.codebook.values import codebook_error, join_codes, too_many
from pseudonym.columns import DATES, RESERVED
from pseudonym.json_text import RefusedMember, first_repeat
from pseudonym.labels import LABELS

__all__ = ["Code", "Codebook", "Group", "Grouping", "Item"]

_REPEATED: Final = (
    "number",
    "number_type",
    "number_level",
    "foreign_number",
    "given_names",
    "family_names",
    "birth_date",
)
_SINGLE: Final = ("record_id", "name_of_address", "sex", *RESERVED)

RESERVED_NAMES: Final = frozenset({*_SINGLE, *_REPEATED, *(f"{name}_{n}" for name in _REPEATED for n in range(1, 9))})
"""Columns with a fixed meaning. An item with the name of an identity field would send the identity in the clear."""

_DERIVABLE: Final = (
    "age_at_event for an item of one code whose codes have years, sex for one with the codes woman and man; otherwise "
    "left out"
)


_FINER: Final = f"{', '.join(DATES)}, or the name of an item with a code for a single year of age"


class Code(Extensible):
    """One value that an item can take, when to choose it, and the first and last day on which it may be used.

    Attributes:
        code: The value.
        label: Its name.
        definition: When to choose it; None where the label says it all, as for countries.
        valid_from: The first day, or None.
        valid_to: The last day, or None.
        years: The ages that it stands for; None if it stands for none.
    """

    code: CodeText
    label: Label
    definition: Text | None
    valid_from: Day | None
    valid_to: Day | None
    years: Years | None = None

    @model_validator(mode="after")
    def _check_order(self) -> Self:
        if self.valid_from is not None and self.valid_to is not None and self.valid_from > self.valid_to:
            raise RefusedMember("valid_to", "null, or a date that is not before valid_from")
        return self

    def is_valid_on(self, day: str | None) -> bool:
        """Return whether the code may be used on a date known to the day, month or year, or unknown (None)."""
        if day is None:
            return True
        # Dates of this form sort as text; truncating both compares only the known parts.
        early = self.valid_from is not None and day < self.valid_from[: len(day)]
        late = self.valid_to is not None and day > self.valid_to[: len(day)]
        return not (early or late)


class Item(Extensible):
    """One column of the payload.

    Attributes:
        name: Its name.
        label: Its heading.
        definition: What is asked, so that two reporters answer alike.
        purpose: Why it may be collected: the question that it answers.
        basis: Under which law.
        many: Whether a record may have several of its codes.
        codes: The codes.
        derive: What the encoder fills it with if the input does not have it: the age on the event date by the birth
            date of the identity, or its field `sex`; None to leave it empty.
    """

    name: NameText
    label: Label
    definition: Text
    purpose: Text
    basis: Text
    many: bool
    codes: Annotated[tuple[Code, ...], Field(min_length=1)]
    derive: Literal["age_at_event", "sex"] | None = None

    @model_validator(mode="after")
    def _check_codes(self) -> Self:
        place = first_repeat([code.code for code in self.codes])
        if place is not None:
            raise RefusedMember(f"codes[{place}].code", "a code that the item does not have yet")
        if self.name in RESERVED_NAMES:
            raise RefusedMember(
                "name", "no name of a column that has a fixed meaning (docs/reference/codebook.md lists them)"
            )
        return self

    @model_validator(mode="after")
    def _check_ages(self) -> Self:
        """Check that each age has a narrowest code: those of two codes differ, and do not overlap in part."""
        ages = sorted((years for years, _ in self.ages), key=lambda years: (years.first, -years.end))
        if any((one.first, one.end) == (two.first, two.end) for one, two in pairwise(ages)):
            raise RefusedMember("codes", "codes of which no two have the same years")
        open_ends: list[float] = []
        for years in ages:
            while open_ends and open_ends[-1] <= years.first:
                open_ends.pop()
            if open_ends and open_ends[-1] < years.end:
                raise RefusedMember("codes", "codes whose years have nothing in common, or include those of another")
            open_ends.append(years.end)
        return self

    @model_validator(mode="after")
    def _check_derived(self) -> Self:
        able = {None: True, "age_at_event": bool(self.ages), "sex": self.by_code.keys() >= {"woman", "man"}}
        if not able[self.derive] or (self.derive is not None and self.many):
            raise RefusedMember("derive", _DERIVABLE)
        return self

    @cached_property
    def ages(self) -> tuple[tuple[Years, str], ...]:
        """The codes that stand for ages, with these, the narrowest first."""
        found = [(code.years, code.code) for code in self.codes if code.years is not None]
        return tuple(sorted(found, key=lambda one: one[0].end - one[0].first))

    @cached_property
    def single_years(self) -> tuple[int, ...]:
        """The places of the codes that stand for a single year of age."""
        return tuple(place for place, code in enumerate(self.codes) if code.years is not None and code.years.is_one)

    @cached_property
    def by_code(self) -> Mapping[str, Code]:
        """The codes, keyed by their text."""
        return {code.code: code for code in self.codes}

    @cached_property
    def is_dated(self) -> bool:
        """Whether any of its codes has a first or a last day; otherwise a date does not matter to `check_value`."""
        return any(code.valid_from is not None or code.valid_to is not None for code in self.codes)


class Group(Document):
    """Some codes of an item that are counted together, such as the municipalities of a county."""

    group: CodeText
    label: Label
    codes: tuple[CodeText, ...]


class Grouping(Document):
    """A coarser way to count an item. Codes that are in none of its groups are counted apart."""

    name: NameText
    item: NameText
    label: Label
    groups: Annotated[tuple[Group, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _check_groups(self) -> Self:
        place = first_repeat([group.group for group in self.groups])
        if place is not None:
            raise RefusedMember(f"groups[{place}].group", "a group that the grouping does not have yet")
        if len(self.group_of) < sum(len(group.codes) for group in self.groups):
            raise RefusedMember("groups", "groups in which no code stands twice")
        return self

    @cached_property
    def group_of(self) -> Mapping[str, str]:
        """The group of each code that has one."""
        return {code: group.group for group in self.groups for code in group.codes}


class Codebook(Extensible):
    """One codebook document.

    Attributes:
        format: The version of this form.
        name: Its name.
        version: Its version.
        title: What it is about.
        items: The items.
        groupings: Coarser ways to count items.
        finer: What may be sent finer than to the month and in bands of ages, and why.
        synonyms: What reporters write for codes.
    """

    format: Literal["pseudonym-codebook/2"]
    name: BookName
    version: BookVersion
    title: Label
    items: tuple[Item, ...]
    groupings: tuple[Grouping, ...]
    finer: Annotated[tuple[Finer, ...], Field(min_length=1)] = ()
    synonyms: tuple[Synonyms, ...] = ()

    @model_validator(mode="after")
    def _check_items(self) -> Self:
        place = first_repeat([item.name for item in self.items])
        if place is not None:
            raise RefusedMember(f"items[{place}].name", "a name that no other item has")
        return self

    @model_validator(mode="after")
    def _check_groupings(self) -> Self:
        place = first_repeat([grouping.name for grouping in self.groupings])
        if place is not None:
            raise RefusedMember(f"groupings[{place}].name", "a name that no other grouping has")
        for place, grouping in enumerate(self.groupings):
            item = self.by_name.get(grouping.item)
            if item is None:
                raise RefusedMember(f"groupings[{place}].item", "the name of an item of this codebook")
            if not item.by_code.keys() >= grouping.group_of.keys():
                raise RefusedMember(f"groupings[{place}].groups", "codes that the item has")
        return self

    @model_validator(mode="after")
    def _check_finer(self) -> Self:
        place = first_repeat([one.name for one in self.finer])
        if place is not None:
            raise RefusedMember(f"finer[{place}].name", "a name that no other member of finer has")
        single = {
            item.name: (place, item.single_years[0]) for place, item in enumerate(self.items) if item.single_years
        }
        for place, one in enumerate(self.finer):
            if one.name not in DATES and single.pop(one.name, None) is None:
                raise RefusedMember(f"finer[{place}].name", _FINER)
        for name, (item, code) in single.items():
            allowed = f"two years of age or more, unless finer gives a reason for the item {name}"
            raise RefusedMember(f"items[{item}].codes[{code}].years", allowed)
        return self

    @model_validator(mode="after")
    def _check_synonyms(self) -> Self:
        for place, synonyms in enumerate(self.synonyms):
            if not self.by_name.keys() >= set(synonyms.items):
                raise RefusedMember(f"synonyms[{place}].items", "names of items of this codebook")
            if not all(self.by_name[name].by_code.keys() >= synonyms.codes.keys() for name in synonyms.items):
                raise RefusedMember(f"synonyms[{place}].codes", "codes that each of its items has")
        return self

    @cached_property
    def digest(self) -> str:
        """The codebook digest as 64 hexadecimal digits (docs/spec.md, section 9), without groupings and synonyms."""
        canonical = canonical_json(self.model_dump(mode="json", exclude={"groupings", "synonyms"}))
        return hashlib.sha256(length_prefixed(LABELS["codebook"], canonical)).hexdigest()

    @cached_property
    def by_name(self) -> Mapping[str, Item]:
        """The items, keyed by name."""
        return {item.name: item for item in self.items}

    @cached_property
    def days(self) -> frozenset[str]:
        """The columns of dates that may be sent to the day; all others are sent to the month."""
        return frozenset(one.name for one in self.finer if one.name in DATES)

    @cached_property
    def item_names(self) -> tuple[str, ...]:
        """The names of the items in byte order, which is the order of columns in a submission."""
        return tuple(sorted(self.by_name))

    def check(self, item: str, code: str, *, date: str | None = None) -> None:
        """Check that a value may be sent for an item.

        Args:
            item: Name of an item.
            code: The value.
            date: The event date of the record, or its report date, or None; known to the day, month or year.

        Raises:
            CodebookError: `codebook.unknown_item`, `codebook.unknown_code` or `codebook.expired_code`; for the last
                two, the attribute `field` is the item.
        """
        if not self._find(item, code).is_valid_on(date):
            raise codebook_error("codebook.expired_code", item)

    def check_value(self, item: str, value: str, *, date: str | None = None) -> None:
        """Check the codes of one item in the form in which they are sent (see `join_codes`).

        Args:
            item: Name of an item.
            value: One code; of an item that takes many, several.
            date: As for `check`.

        Raises:
            CodebookError: As `check` for any of the codes; `codebook.several` for several codes of an item that takes
                one; `codebook.too_many` for more than 16 codes or 256 bytes; `codebook.order` if they are not in byte
                order, or one is repeated.
        """
        codes = value.split(" ")
        for code in codes:
            self.check(item, code, date=date)
        if len(codes) > 1:
            if not self.by_name[item].many:
                raise codebook_error("codebook.several", item)
            if too_many(codes):
                raise codebook_error("codebook.too_many", item)
            if join_codes(codes) != value:
                raise codebook_error("codebook.order", item)

    def label(self, item: str, code: str, language: str = "sv") -> str:
        """Return the label of a code, for a table or a report.

        Args:
            item: Name of an item.
            code: One of its codes.
            language: `sv` or `en`.

        Raises:
            CodebookError: `codebook.unknown_item` or `codebook.unknown_code`.
        """
        label = self._find(item, code).label
        return label.sv if language == "sv" else label.en

    def to_json(self) -> str:
        """Return the document as JSON text that `parse_codebook` reads back."""
        return json.dumps(self.model_dump(mode="json"), indent=1, ensure_ascii=False) + "\n"

    def _find(self, item: str, code: str) -> Code:
        found = self.by_name.get(item)
        if found is None:
            raise codebook_error("codebook.unknown_item", None)
        entry = found.by_code.get(code)
        if entry is None:
            raise codebook_error("codebook.unknown_code", item)
        return entry
