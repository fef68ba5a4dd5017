"""The form of a map: what became of the codes of one codebook in the next version of it.

```
{"format": "pseudonym-codebook-map/1",
 "from": {"name": …, "version": …, "digest": …}, "to": {…},
 "items": [{"item": old item, "codes": {old code: {new item: [new code, …]}}, "others": new item or null}],
 "breaks": [{"item": …, "codes": […], "reason": {"sv": …, "en": …}}]}
```

`digest`, `others`, `breaks` and the `codes` of a break may be left out; all other members are required.
"""

from __future__ import annotations

import hashlib
import json
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from pseudonym.canonical import canonical_json, length_prefixed
from pseudonym.codebook.document import Codebook
from pseudonym.codebook.parts import BookName, BookVersion, CodeText, NameText, Text
from pseudonym.codebook.values import codebook_error
from pseudonym.documents import read_file
from pseudonym.errors import CodebookError, names_its_file
from pseudonym.json_text import RefusedMember, first_flaw, first_repeat, reencode
from pseudonym.unreadable import why_unreadable

__all__ = ["Break", "CodebookMap", "CodebookName", "ItemMap", "load_map", "parse_map"]

_FORMAT: Final = "pseudonym-codebook-map/1"
"""Also separates its digest from all others. No map is sent, so the specification has none."""

NewCodes = Annotated[tuple[CodeText, ...], Field(min_length=1)]


class _Document(BaseModel):
    """Frozen, without other members."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class CodebookName(_Document):
    """Which codebook is meant; the digest, if there is one, says it exactly."""

    name: BookName
    version: BookVersion
    digest: (
        Annotated[str, Field(pattern=r"^[0-9a-f]{64}$", description="64 hexadecimal digits, 0-9 and a-f")] | None
    ) = None

    def names(self, book: Codebook) -> bool:
        """Return whether a codebook is the one that is meant."""
        return (self.name, self.version) == (book.name, book.version) and self.digest in (None, book.digest)


class ItemMap(_Document):
    """What became of the codes of one item.

    Attributes:
        item: The old item.
        codes: For each old code its new codes, by new item; no item if nothing became of it.
        others: The new item in which the codes that `codes` does not list keep their text; None if nothing became of
            them. If the member is left out, it is the item of the same name.
    """

    item: NameText
    codes: Annotated[
        dict[CodeText, dict[NameText, NewCodes]],
        Field(description="an object that has for each old code its new items, each with a list of distinct new codes"),
    ]
    others: NameText | None = None

    @model_validator(mode="after")
    def _check_codes(self) -> Self:
        for new in (codes for given in self.codes.values() for codes in given.values()):
            if len(set(new)) < len(new):
                raise RefusedMember("codes", "new codes of which none is repeated")
        return self

    @property
    def rest(self) -> str | None:
        """The new item of the codes that are not listed, or None."""
        return self.others if "others" in self.model_fields_set else self.item


class Break(_Document):
    """Why figures before and after the change cannot be compared, for an item or some of its codes."""

    item: NameText
    codes: Annotated[tuple[CodeText, ...], Field(min_length=1)] | None = None
    reason: Text

    def concerns(self, item: str, code: str) -> bool:
        """Return whether the break concerns a code."""
        return self.item == item and (self.codes is None or code in self.codes)


class CodebookMap(_Document):
    """One map."""

    format: Literal["pseudonym-codebook-map/1"]
    source: CodebookName = Field(alias="from")
    target: CodebookName = Field(alias="to")
    items: tuple[ItemMap, ...]
    breaks: tuple[Break, ...] = ()

    @model_validator(mode="after")
    def _check_items(self) -> Self:
        place = first_repeat([one.item for one in self.items])
        if place is not None:
            raise RefusedMember(f"items[{place}].item", "an item that no other entry has")
        return self

    @cached_property
    def digest(self) -> str:
        """The digest of the map as 64 hexadecimal digits, whatever its white space and the order of its members."""
        return hashlib.sha256(length_prefixed(_FORMAT, canonical_json(self._members()))).hexdigest()

    def to_json(self) -> str:
        """Return the document as JSON text that `parse_map` reads back."""
        return json.dumps(self._members(), indent=1, ensure_ascii=False) + "\n"

    def _members(self) -> dict[str, Any]:
        # Whether `others` is null or left out makes a difference.
        return self.model_dump(mode="json", by_alias=True, exclude_unset=True)


def parse_map(text: str | bytes) -> CodebookMap:
    """Read a map.

    Args:
        text: JSON text.

    Returns:
        The map, which has not been compared with its codebooks yet (see `translate`).

    Raises:
        CodebookError: `codebook_map.json` if the text is not JSON or contains a member twice; `codebook_map.form` if a
            member is missing, unknown or out of range; the attribute `field` is the path of the first such member, and
            `allowed` says what it may hold.
    """
    # The parsers' exceptions contain the text, so they are not chained: it may be the wrong file.
    plain = reencode(text)
    if plain is None:
        raise codebook_error("codebook_map.json", None)
    try:
        return CodebookMap.model_validate_json(plain)
    except ValidationError as error:
        flaw = first_flaw(error, CodebookMap)
    raise codebook_error("codebook_map.form", flaw.member, allowed=flaw.allowed)


@names_its_file
def load_map(path: str | Path) -> CodebookMap:
    """Read a map from a file.

    Args:
        path: A JSON file of at most 4 MiB.

    Returns:
        The map.

    Raises:
        CodebookError: `codebook_map.unreadable` if the file cannot be read; as for `parse_map`.
    """
    data = read_file(path)
    if data is None:
        why = why_unreadable(path)
        raise CodebookError("codebook_map.unreadable", why.message, hint=why.hint)
    return parse_map(data)
