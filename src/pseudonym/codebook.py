"""Codebooks: code lists for the payload (docs/spec.md, section 9).

A codebook is a versioned document of code lists with Swedish and English labels and validity dates. Free text is not
allowed, because it could contain names. Every submission carries the digest of its codebook, so the codes mean the same
to the reporter and the registry. This module handles neither keys nor identities; both sides import it.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Final, Literal, Self

import rfc8785
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from pseudonym import faults
from pseudonym.canonical import length_prefixed
from pseudonym.documents import read_document, shipped_names
from pseudonym.errors import CodebookError
from pseudonym.labels import LABELS

__all__ = [
    "Code",
    "Codebook",
    "CodebookError",
    "Item",
    "Label",
    "codebook_names",
    "load_codebook",
    "parse_codebook",
]

RULES: Final[dict[str, str]] = {
    "codebook.json": "The codebook is not a JSON document, or contains a member twice.",
    "codebook.form": "A member of the codebook is missing, unknown or out of range.",
    "codebook.unknown": "No codebook has this name, and no file of this name can be read.",
}

_REPEATED: Final = (
    "number",
    "number_type",
    "number_level",
    "foreign_number",
    "given_names",
    "family_names",
    "birth_date",
)
_SINGLE: Final = (
    "record_id",
    "name_of_address",
    "sex",
    "report_id",
    "case_id",
    "role",
    "event_date",
    "report_date",
    "status",
)

RESERVED_NAMES: Final = frozenset({*_SINGLE, *_REPEATED, *(f"{name}_{n}" for name in _REPEATED for n in range(1, 9))})
"""Columns with a fixed meaning. An item with the name of an identity field would send the identity in the clear."""

_FOLDER: Final = "codebooks"

_DATE_FORM: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def _check_date(text: str) -> str:
    if _DATE_FORM.fullmatch(text) is None:
        raise ValueError("date form")
    date.fromisoformat(text)
    return text


Day = Annotated[str, AfterValidator(_check_date)]


class _Document(BaseModel):
    """Frozen; all members are required and no others allowed, so a document has one canonical form."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Label(_Document):
    """The name of a code or an item in both languages."""

    sv: Annotated[str, Field(min_length=1, max_length=200)]
    en: Annotated[str, Field(min_length=1, max_length=200)]


class Code(_Document):
    """One value that an item can take, and the first and last day on which it may be used."""

    code: Annotated[str, Field(pattern=r"^[A-Za-z0-9_.-]{1,32}$")]
    label: Label
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
    """One column of the payload: its name, its label and its codes."""

    name: Annotated[str, Field(pattern=r"^[a-z0-9_]{1,32}$")]
    label: Label
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


class Codebook(_Document):
    """One codebook document."""

    format: Literal["pseudonym-codebook/1"]
    name: Annotated[str, Field(pattern=r"^[a-z0-9_-]{1,32}$")]
    version: Annotated[str, Field(pattern=r"^[A-Za-z0-9_.-]{1,32}$")]
    title: Label
    items: tuple[Item, ...]

    @model_validator(mode="after")
    def _check_items(self) -> Self:
        if len({item.name for item in self.items}) < len(self.items):
            raise ValueError("repeated item")
        return self

    @cached_property
    def digest(self) -> str:
        """The codebook digest as 64 hexadecimal digits (docs/spec.md, section 9)."""
        canonical = rfc8785.dumps(self.model_dump(mode="json"))
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
            raise _error("codebook.expired_code", item)

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
            raise _error("codebook.unknown_item", None)
        entry = found.by_code.get(code)
        if entry is None:
            raise _error("codebook.unknown_code", item)
        return entry


def parse_codebook(text: str | bytes) -> Codebook:
    """Read a codebook document.

    Args:
        text: JSON text.

    Returns:
        The codebook.

    Raises:
        CodebookError: `codebook.json` if the text is not JSON, `codebook.form` if a member is missing, unknown or out
            of range; the attribute `field` is the path of the first such member.
    """
    # The parsers' exceptions contain the text, so they are not chained: it may be the wrong file.
    plain = _reencode(text)
    if plain is None:
        raise _error("codebook.json", None)
    book = _validate(plain)
    if isinstance(book, str):
        raise _error("codebook.form", book or None)
    return book


def codebook_names() -> tuple[str, ...]:
    """List the names of the codebooks that ship with the library, sorted."""
    return shipped_names(_FOLDER)


def load_codebook(name: str | Path) -> Codebook:
    """Load a codebook that ships with the library, or one from a file.

    Args:
        name: A name from `codebook_names()`, or the path of a JSON file.

    Returns:
        The codebook.

    Raises:
        CodebookError: `codebook.unknown` if there is no such codebook and no such file, and whatever `parse_codebook`
            raises.
    """
    data = read_document(_FOLDER, name)
    if data is None:
        raise _error("codebook.unknown", None)
    return parse_codebook(data)


def _reencode(text: str | bytes) -> str | None:
    """Parse JSON, refuse repeated members, and return it as text again; None if it is not valid."""
    try:
        return json.dumps(json.loads(text, object_pairs_hook=_refuse_repeats))
    except (ValueError, RecursionError):
        return None


def _validate(text: str) -> Codebook | str:
    """Return the codebook, or the path of the first invalid member."""
    try:
        # JSON has lists where the models hold tuples, so the strict check runs on the JSON form.
        return Codebook.model_validate_json(text)
    except ValidationError as error:
        return _path(error.errors(include_input=False)[0]["loc"])


def _refuse_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) < len(pairs):
        raise ValueError("repeated member")
    return members


def _path(steps: tuple[int | str, ...]) -> str:
    # Names of unknown members are left out: if this is the wrong file, its content must not be shown.
    known = {name for model in (Codebook, Item, Code, Label) for name in model.model_fields}
    return ".".join(str(step) for step in steps if isinstance(step, int) or step in known)


def _error(rule: str, field: str | None) -> CodebookError:
    return CodebookError(rule, (RULES | faults.RULES)[rule], field=field)
