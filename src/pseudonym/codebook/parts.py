"""What codebooks and their items are put together from: texts, names, ages, and what reporters write for codes."""

from __future__ import annotations

import re
from datetime import date
from math import inf
from typing import Annotated, Any, Final, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    SerializerFunctionWrapHandler,
    model_serializer,
    model_validator,
)

from pseudonym.json_text import RefusedMember

__all__ = [
    "BookName",
    "BookVersion",
    "CodeText",
    "Day",
    "Document",
    "Extensible",
    "Finer",
    "Label",
    "NameText",
    "Synonyms",
    "Text",
    "WordText",
    "Years",
]

OPTIONAL: Final = frozenset({"years", "derive", "finer", "synonyms"})
"""Members that are left out where they do not apply, and are never null."""

_DATE_FORM: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def _check_date(text: str) -> str:
    if _DATE_FORM.fullmatch(text) is None:
        raise ValueError("date form")
    date.fromisoformat(text)
    return text


Day = Annotated[str, AfterValidator(_check_date), Field(description="a date of the form YYYY-MM-DD")]
NameText = Annotated[str, Field(pattern=r"^[a-z0-9_]{1,32}$", description="1 to 32 of the characters a-z, 0-9 and _")]
CodeText = Annotated[
    str,
    Field(
        pattern=r"^[A-Za-z0-9_.-]{1,32}$",
        description="1 to 32 of the characters A-Z, a-z, 0-9, point, _ and hyphen",
    ),
]
BookName = Annotated[
    str, Field(pattern=r"^[a-z0-9_-]{1,32}$", description="1 to 32 of the characters a-z, 0-9, _ and hyphen")
]
BookVersion = CodeText
WordText = Annotated[str, Field(min_length=1, max_length=200)]


class Document(BaseModel):
    """Frozen; all members but `OPTIONAL` are required and no others allowed, so a document has one canonical form."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Extensible(Document):
    """Has members that may be left out."""

    @model_validator(mode="after")
    def _check_optional(self) -> Self:
        for name in sorted(self.model_fields_set & OPTIONAL):
            if getattr(self, name) is None:
                raise RefusedMember(name, "a value; where there is none, leave the member out")
        return self

    @model_serializer(mode="wrap")
    def _leave_out(self, write: SerializerFunctionWrapHandler) -> dict[str, Any]:
        members: dict[str, Any] = write(self)
        return {name: value for name, value in members.items() if value or name not in OPTIONAL}


class Label(Document):
    """The name of a code or an item in both languages."""

    sv: Annotated[str, Field(min_length=1, max_length=200)]
    en: Annotated[str, Field(min_length=1, max_length=200)]


class Text(Document):
    """A definition or an explanation in both languages."""

    sv: Annotated[str, Field(min_length=1, max_length=1000)]
    en: Annotated[str, Field(min_length=1, max_length=1000)]


class Years(Document):
    """The ages that a code stands for, in completed years; without end if the last is None."""

    first: Annotated[int, Field(ge=0, le=150)]
    last: Annotated[int, Field(ge=0, le=150)] | None

    @model_validator(mode="after")
    def _check_order(self) -> Self:
        if self.end <= self.first:
            raise RefusedMember("last", "null, or an age that is not below the first")
        return self

    @property
    def end(self) -> float:
        """The first age beyond them."""
        return inf if self.last is None else self.last + 1

    @property
    def is_one(self) -> bool:
        """Whether this is a single age."""
        return self.last == self.first

    def include(self, first: int, end: float) -> bool:
        """Return whether all ages from `first` to below `end` are among them."""
        return self.first <= first and end <= self.end


class Finer(Document):
    """What may be sent finer than the default, and why.

    Attributes:
        name: A column of dates, which may then be sent to the day; or an item, whose codes may then stand for a single
            year of age.
        reason: Why a month, or a band of ages, is not enough.
    """

    name: NameText
    reason: Text


class Synonyms(Document):
    """What reporters write for codes beside their labels; it changes nothing that is sent.

    Attributes:
        items: The items in which they are read so.
        codes: For some codes other words, such as `SYR` for `SY`.
        endings: What may stand after a label, such as `s kommun`.
    """

    items: Annotated[tuple[NameText, ...], Field(min_length=1)]
    codes: dict[CodeText, tuple[WordText, ...]]
    endings: tuple[WordText, ...]
