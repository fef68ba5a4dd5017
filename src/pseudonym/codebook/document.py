"""The form of a codebook: items with their codes, and groupings of the codes."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Collection, Iterable, Mapping
from datetime import date
from functools import cached_property
from typing import Annotated, Final, Literal, Self

import rfc8785
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from pseudonym.canonical import length_prefixed
from pseudonym.codebook.values import MAX_CODES, MAX_VALUE_BYTES, CodebookError, codebook_error, join_codes
from pseudonym.columns import RESERVED
from pseudonym.labels import LABELS

__all__ = ["Code", "Codebook", "Group", "Grouping", "Item", "Label", "Text"]

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

_DATE_FORM: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def _check_date(text: str) -> str:
    if _DATE_FORM.fullmatch(text) is None:
        raise ValueError("date form")
    date.fromisoformat(text)
    return text


Day = Annotated[str, AfterValidator(_check_date)]
NameText = Annotated[str, Field(pattern=r"^[a-z0-9_]{1,32}$")]
CodeText = Annotated[str, Field(pattern=r"^[A-Za-z0-9_.-]{1,32}$")]


class _Document(BaseModel):
    """Frozen; all members are required and no others allowed, so a document has one canonical form."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Label(_Document):
    """The name of a code or an item in both languages."""

    sv: Annotated[str, Field(min_length=1, max_length=200)]
    en: Annotated[str, Field(min_length=1, max_length=200)]


class Text(_Document):
    """A definition or an explanation in both languages."""

    sv: Annotated[str, Field(min_length=1, max_length=1000)]
    en: Annotated[str, Field(min_length=1, max_length=1000)]


class Code(_Document):
    """One value that an item can take, when to choose it, and the first and last day on which it may be used.

    The definition is None where the label says it all, as for countries.
    """

    code: CodeText
    label: Label
    definition: Text | None
    valid_from: Day | None
    valid_to: Day | None

    @model_validator(mode="after")
    def _check_order(self) -> Self:
        if self.valid_from is not None and self.valid_to is not None and self.valid_from > self.valid_to:
            raise ValueError("validity ends before it begins")
        return self

    def is_valid_on(self, day: str | None) -> bool:
        """Return whether the code may be used on a date known to the day, month or year, or unknown (None)."""
        if day is None:
            return True
        # Dates of this form sort as text; truncating both compares only the known parts.
        early = self.valid_from is not None and day < self.valid_from[: len(day)]
        late = self.valid_to is not None and day > self.valid_to[: len(day)]
        return not (early or late)


class Item(_Document):
    """One column of the payload.

    Attributes:
        name: Its name.
        label: Its heading.
        definition: What is asked, so that two reporters answer alike.
        purpose: Why it may be collected: the question that it answers.
        basis: Under which law.
        many: Whether a record may have several of its codes.
        codes: The codes.
    """

    name: NameText
    label: Label
    definition: Text
    purpose: Text
    basis: Text
    many: bool
    codes: Annotated[tuple[Code, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _check_codes(self) -> Self:
        if len({code.code for code in self.codes}) < len(self.codes):
            raise ValueError("repeated code")
        if self.name in RESERVED_NAMES:
            raise ValueError("reserved name")
        return self

    @cached_property
    def by_code(self) -> Mapping[str, Code]:
        """The codes, keyed by their text."""
        return {code.code: code for code in self.codes}


class Group(_Document):
    """Some codes of an item that are counted together, such as the municipalities of a county."""

    group: CodeText
    label: Label
    codes: tuple[CodeText, ...]


class Grouping(_Document):
    """A coarser way to count an item. Codes that are in none of its groups are counted apart."""

    name: NameText
    item: NameText
    label: Label
    groups: Annotated[tuple[Group, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _check_groups(self) -> Self:
        if len({group.group for group in self.groups}) < len(self.groups):
            raise ValueError("repeated group")
        if len(self.group_of) < sum(len(group.codes) for group in self.groups):
            raise ValueError("a code in two groups")
        return self

    @cached_property
    def group_of(self) -> Mapping[str, str]:
        """The group of each code that has one."""
        return {code: group.group for group in self.groups for code in group.codes}


class Codebook(_Document):
    """One codebook document."""

    format: Literal["pseudonym-codebook/2"]
    name: Annotated[str, Field(pattern=r"^[a-z0-9_-]{1,32}$")]
    version: Annotated[str, Field(pattern=r"^[A-Za-z0-9_.-]{1,32}$")]
    title: Label
    items: tuple[Item, ...]
    groupings: tuple[Grouping, ...]

    @model_validator(mode="after")
    def _check_items(self) -> Self:
        if len(self.by_name) < len(self.items):
            raise ValueError("repeated item")
        return self

    @model_validator(mode="after")
    def _check_groupings(self) -> Self:
        if len({grouping.name for grouping in self.groupings}) < len(self.groupings):
            raise ValueError("repeated grouping")
        for grouping in self.groupings:
            item = self.by_name.get(grouping.item)
            if item is None or not item.by_code.keys() >= grouping.group_of.keys():
                raise ValueError("a grouping of another item or code")
        return self

    @cached_property
    def digest(self) -> str:
        """The codebook digest as 64 hexadecimal digits (docs/spec.md, section 9); groupings do not enter it."""
        canonical = rfc8785.dumps(self.model_dump(mode="json", exclude={"groupings"}))
        return hashlib.sha256(length_prefixed(LABELS["codebook"], canonical)).hexdigest()

    @cached_property
    def by_name(self) -> Mapping[str, Item]:
        """The items, keyed by name."""
        return {item.name: item for item in self.items}

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
            self._check_several(item, codes)
            if join_codes(codes) != value:
                raise codebook_error("codebook.order", item)

    def read_value(
        self, item: str, texts: Iterable[str], *, date: str | None = None
    ) -> tuple[str | None, list[CodebookError]]:
        """Bring the codes that a reporter wrote for one item to the form in which they are sent.

        Args:
            item: Name of an item.
            texts: The codes, in any order; repeated ones count once.
            date: As for `check`.

        Returns:
            The value, or None if there is none; and an error, as for `check_value`, for each code or for all codes
            that had to be left out.
        """
        errors: list[CodebookError] = []
        codes: list[str] = []
        for code in dict.fromkeys(texts):
            try:
                self.check(item, code, date=date)
                codes.append(code)
            except CodebookError as error:
                errors.append(error)
        try:
            self._check_several(item, codes)
        except CodebookError as error:
            return None, [*errors, error]
        return join_codes(codes) or None, errors

    def _check_several(self, item: str, codes: Collection[str]) -> None:
        if len(codes) > 1 and not self.by_name[item].many:
            raise codebook_error("codebook.several", item)
        if len(codes) > MAX_CODES or len(join_codes(codes)) > MAX_VALUE_BYTES:
            raise codebook_error("codebook.too_many", item)

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
