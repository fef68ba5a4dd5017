"""Read codebooks: those that ship with the library, and documents of a project."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Final

from pydantic import ValidationError

from pseudonym.codebook.document import Code, Codebook, Group, Grouping, Item, Label, Text
from pseudonym.codebook.json_text import first_fault, reencode
from pseudonym.codebook.values import codebook_error
from pseudonym.documents import read_document, shipped_names

__all__ = ["codebook_names", "load_codebook", "parse_codebook", "select_items"]

_FOLDER: Final = "codebooks"

_OLD: Final = '"format": "pseudonym-codebook/1"'


def parse_codebook(text: str | bytes) -> Codebook:
    """Read a codebook document.

    Args:
        text: JSON text.

    Returns:
        The codebook.

    Raises:
        CodebookError: `codebook.json` if the text is not JSON, `codebook.format` if it is a codebook of an earlier
            version, `codebook.form` if a member is missing, unknown or out of range; the attribute `field` is the path
            of the first such member.
    """
    # The parsers' exceptions contain the text, so they are not chained: it may be the wrong file.
    plain = reencode(text)
    if plain is None:
        raise codebook_error("codebook.json", None)
    book = _validate(plain)
    if isinstance(book, str):
        raise codebook_error("codebook.format" if book == "format" and _OLD in plain else "codebook.form", book or None)
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
        raise codebook_error("codebook.unknown", None)
    return parse_codebook(data)


def select_items(
    book: Codebook, items: Collection[str], *, name: str, version: str, title: Mapping[str, str] | None = None
) -> Codebook:
    """Return a smaller codebook: some of the items, and their groupings.

    Args:
        book: A codebook.
        items: Names of the items to keep.
        name: The name of the new codebook.
        version: Its version.
        title: Its title in `sv` and `en`; None to keep this one.

    Raises:
        CodebookError: `codebook.items` if there is no such item, or none is left; `codebook.form` for a name, version
            or title that a codebook may not have.
    """
    kept = set(items)
    if not kept or not kept <= book.by_name.keys():
        raise codebook_error("codebook.items", None)
    document = book.model_dump(mode="json")
    document |= {"name": name, "version": version, "title": title or document["title"]}
    document["items"] = [item for item in document["items"] if item["name"] in kept]
    document["groupings"] = [one for one in document["groupings"] if one["item"] in kept]
    return parse_codebook(json.dumps(document))


def _validate(text: str) -> Codebook | str:
    """Return the codebook, or the path of the first invalid member."""
    try:
        # JSON has lists where the models hold tuples, so the strict check runs on the JSON form.
        return Codebook.model_validate_json(text)
    except ValidationError as error:
        return first_fault(error, (Codebook, Item, Code, Label, Text, Grouping, Group))
