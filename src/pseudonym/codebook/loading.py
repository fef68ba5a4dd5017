"""Read codebooks: those that ship with the library, and documents of a project."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Final

from pydantic import ValidationError

from pseudonym.codebook.document import Codebook
from pseudonym.codebook.values import codebook_error
from pseudonym.documents import read_document, shipped_names
from pseudonym.errors import CodebookError, names_its_file
from pseudonym.json_text import first_flaw, reencode
from pseudonym.memory import kept
from pseudonym.unreadable import why_unknown

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
            of the first such member, and `allowed` says what it may hold.
    """
    # The parsers' exceptions contain the text, so they are not chained: it may be the wrong file.
    plain = reencode(text)
    if plain is None:
        raise codebook_error("codebook.json", None)
    try:
        return _checked(plain)
    except ValidationError as error:
        flaw = first_flaw(error, Codebook)
    rule = "codebook.format" if flaw.member == "format" and _OLD in plain else "codebook.form"
    raise codebook_error(rule, flaw.member, allowed=flaw.allowed)


@kept(4)
def _checked(plain: str) -> Codebook:
    """Check a document. Codebooks cannot be changed, and checking a large one takes long, so the last ones are kept."""
    # JSON has lists where the models hold tuples, so the strict check runs on the JSON form.
    return Codebook.model_validate_json(plain)


def codebook_names() -> tuple[str, ...]:
    """List the names of the codebooks that ship with the library, sorted."""
    return shipped_names(_FOLDER)


@names_its_file
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
        why = why_unknown("codebook", name, codebook_names())
        raise CodebookError("codebook.unknown", why.message, hint=why.hint)
    return parse_codebook(data)


def select_items(
    book: Codebook, items: Collection[str], *, name: str, version: str, title: Mapping[str, str] | None = None
) -> Codebook:
    """Return a smaller codebook: some of the items, with their groupings, synonyms and reasons for single years.

    The reasons for days in dates stay.

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
    if "finer" in document:
        gone = book.by_name.keys() - kept
        document["finer"] = [one for one in document["finer"] if one["name"] not in gone]
        if not document["finer"]:
            del document["finer"]
    document["groupings"] = [one for one in document["groupings"] if one["item"] in kept]
    synonyms = [
        one | {"items": [name for name in one["items"] if name in kept]} for one in document.get("synonyms", ())
    ]
    document["synonyms"] = [one for one in synonyms if one["items"]]
    return parse_codebook(json.dumps(document))
