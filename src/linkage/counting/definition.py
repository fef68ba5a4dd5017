"""Definitions of who counts: which kinds, contexts and suspicions, and up to which age.

What counts is an open question. A definition stands in a document of its own, so that a figure can name it, and rival
ones can be set side by side.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import Annotated, Literal, Self

import numpy as np
import rfc8785
from numpy.typing import NDArray
from pydantic import Field, model_validator

from linkage.counting.dimensions import COLUMN_CODES, NOT_GIVEN
from linkage.counting.records import NO_ANSWER, Answers
from linkage.counting.rules import load_form
from linkage.errors import SettingsError
from pseudonym.codebook import Codebook, Item
from pseudonym.codebook.parts import BookName, BookVersion, CodeText, Document, Label, NameText
from pseudonym.json_text import RefusedMember, first_repeat

__all__ = [
    "Condition",
    "Definition",
    "accepted_codes",
    "check_definition",
    "items_of",
    "load_definition",
    "meets",
    "met_by",
]

Year = Annotated[str, Field(pattern=r"^[0-9]{4}$", description="a year of four digits")]


class Condition(Document):
    """What one item must say.

    Attributes:
        item: An item of the codebook, or `status`, `case_state` or `role`.
        codes: The codes of which one is enough; or
        below_age: the age below which somebody must be, for an item whose codes stand for ages.
        unknown: Whether somebody counts of whom the item is not known, or whose band of ages lies on both sides.
    """

    item: NameText
    codes: tuple[CodeText, ...] = ()
    below_age: Annotated[int, Field(ge=1, le=150)] | None = None
    unknown: bool

    @model_validator(mode="after")
    def _check(self) -> Self:
        if bool(self.codes) == (self.below_age is not None):
            raise RefusedMember("codes", "codes, or below_age in their place")
        return self


class Definition(Document):
    """One definition of who counts.

    Attributes:
        format: The version of this form.
        name: Its name.
        version: Its version.
        title: What it says.
        judged_by: `record`: one record must meet all conditions; `person`: the values that the attribute rules give.
        conditions: What must hold, all of it.
        begins: The first year for which it was meant, if figures of earlier years were made by another one.
    """

    format: Literal["linkage-definition/1"]
    name: BookName
    version: BookVersion
    title: Label
    judged_by: Literal["record", "person"]
    conditions: tuple[Condition, ...]
    begins: Year | None = None

    @model_validator(mode="after")
    def _check(self) -> Self:
        place = first_repeat([one.item for one in self.conditions])
        if place is not None:
            raise RefusedMember(f"conditions[{place}].item", "an item that no other condition has")
        return self

    @cached_property
    def digest(self) -> str:
        """Its digest as 64 hexadecimal digits, whatever its white space and the order of its members."""
        return hashlib.sha256(rfc8785.dumps(self.model_dump(mode="json"))).hexdigest()

    @property
    def title_text(self) -> str:
        """Name, version and the first digits of its digest."""
        return f"{self.name} {self.version} ({self.digest[:8]})"

    def said(self) -> Iterator[str]:
        """Yield each condition in words."""
        for one in self.conditions:
            what = f"below {one.below_age}" if one.below_age is not None else " or ".join(one.codes)
            yield f"{one.item}: {what}{', or unknown' if one.unknown else ''}"


def load_definition(path: str | Path) -> Definition:
    """Read a definition from a file.

    Args:
        path: A JSON file (docs/how-to/count.md has the form).

    Raises:
        SettingsError: As for `linkage.counting.rules.load_form`, with `definition` in the names of the rules.
    """
    return load_form(path, Definition, "definition")


def check_definition(definition: Definition, book: Codebook | None) -> None:
    """Check that the items and codes of a definition exist.

    Args:
        definition: The definition.
        book: The newest codebook, or None.

    Raises:
        SettingsError: `definition.item` or `definition.code`, with the place as `field`.
    """
    for place, one in enumerate(definition.conditions):
        item = None if book is None else book.by_name.get(one.item)
        known = COLUMN_CODES.get(one.item, () if item is None else tuple(code.code for code in item.codes))
        where = f"conditions[{place}]"
        if not known:
            raise _error("definition.item", "The newest codebook does not have the item of a condition.", where)
        if one.below_age is not None and (item is None or not item.ages):
            raise _error("definition.item", "The codes of the item do not stand for ages.", where)
        if not set(one.codes) <= set(known):
            raise _error("definition.code", "The item of a condition does not have such a code.", where)


def _error(rule: str, message: str, field: str) -> SettingsError:
    hint = "Definitions are read in the newest codebook: pseudonym codebook show FILE lists its items and codes."
    return SettingsError(rule, message, hint=hint, field=field)


def accepted_codes(
    condition: Condition, item: Item | None, unknown: Collection[str]
) -> tuple[frozenset[str], frozenset[str]]:
    """Return the codes that meet a condition, and those by which it is open whether it is met.

    Args:
        condition: The condition.
        item: The item of the codebook; None for a column.
        unknown: Codes that stand for an unknown value.

    Returns:
        Both sets. A band of ages on both sides of the limit is open, and so is an unknown value.
    """
    if condition.below_age is None or item is None:
        met = frozenset(condition.codes)
        return met, frozenset(unknown) - met
    limit = condition.below_age
    met = frozenset(code for years, code in item.ages if years.end <= limit)
    open_ = {code for years, code in item.ages if years.first < limit < years.end}
    return met, frozenset(open_ | set(unknown))


def meets(condition: Condition, answers: Answers, item: Item | None, unknown: Collection[str]) -> NDArray[np.bool_]:
    """Return which records meet a condition.

    Args:
        condition: The condition.
        answers: The answers of the records to its item.
        item: The item of the codebook; None for a column.
        unknown: Codes that stand for an unknown value.

    Returns:
        `(n,) bool`.
    """
    met, unsettled = accepted_codes(condition, item, unknown)
    by_set = [met_by(codes, met, unsettled, unknown=condition.unknown) for codes in answers.sets]
    found = np.array([*by_set, condition.unknown], np.bool_)
    # The last entry is for records without an answer.
    chosen: NDArray[np.bool_] = found[np.where(answers.ids == NO_ANSWER, len(by_set), answers.ids)]
    return chosen


def met_by(codes: Collection[str], met: Collection[str], unsettled: Collection[str], *, unknown: bool) -> bool:
    """Return whether some codes of an item meet a condition.

    Args:
        codes: The codes; none, or `NOT_GIVEN`, if there is no answer.
        met: The codes that meet it.
        unsettled: The codes by which that is open.
        unknown: Whether open is enough.
    """
    given = set(codes) - {NOT_GIVEN}
    if given & set(met):
        return True
    return unknown and (not given or given <= set(unsettled))


def items_of(definition: Definition | None) -> Mapping[str, Condition]:
    """Return the conditions of a definition by their items; none without one."""
    return {} if definition is None else {one.item: one for one in definition.conditions}
