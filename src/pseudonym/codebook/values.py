"""The codes that one record has of one item, in the form in which they are sent; and the errors of codebooks."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Final

from pseudonym import faults
from pseudonym.errors import CodebookError

__all__ = ["CodebookError", "codebook_error", "join_codes", "too_many"]

RULES: Final[dict[str, str]] = {
    "codebook.json": "The codebook is not a JSON document, or contains a member twice.",
    "codebook.form": "A member of the codebook is missing, unknown or out of range.",
    "codebook.format": "The codebook has the form of an earlier version of this library.",
    "codebook.items": "The codebook has no such item, or none would be left.",
    "codebook_map.json": "The map is not a JSON document of at most 4 MiB, or contains a member twice.",
    "codebook_map.form": "A member of the map is missing, unknown or out of range.",
    "codebook_map.from": "The map does not begin at the codebook that was the newest until now.",
    "codebook_map.to": "The map does not lead to the codebook that is given with it.",
    "codebook_map.unknown_item": "The map names an item that its codebook does not have.",
    "codebook_map.unknown_code": "The map names a code that its item does not have.",
    "codebook_map.not_listed": "A code is not in the new codebook, and no map says what became of it.",
    "codebook_map.several": "By the map, a record could have several codes of an item that takes one.",
}

_HINTS: Final = {
    "codebook.form": "docs/spec.md, section 9, has the form; 'pseudonym codebook make' writes a codebook of that form.",
    "codebook.format": "Add 'definition', 'purpose', 'basis' and 'many' to every item, 'definition' to every code, and "
    "'groupings' (docs/reference/codebook.md).",
    "codebook_map.form": "docs/reference/codebook-map.md has the form.",
    "codebook_map.from": "'linkage codebook list' shows name, version and digest of each codebook.",
    "codebook_map.to": "Write name, version and digest of the new codebook; any change needs a new version.",
    "codebook_map.unknown_item": "Old items are looked up in the old codebook, new ones in the new one.",
    "codebook_map.unknown_code": "Old codes are looked up in the old codebook, new ones in the new one.",
    "codebook_map.not_listed": "List it under its item, with {} if nothing became of it, and give the file with --map.",
    "codebook_map.several": "Let the new item take many, or let only codes that exclude each other lead to it.",
    "codebook.items": "See 'pseudonym codebook show' for its items.",
}

MAX_CODES: Final = 16
"""How many codes a record may have of one item."""

MAX_VALUE_BYTES: Final = 256
"""Maximum length of the codes of one item, joined: no text of a submission is longer (docs/spec.md, section 8)."""


def join_codes(codes: Iterable[str]) -> str:
    """Return several codes of one item as they are sent: distinct, in byte order, with one space between them."""
    return " ".join(sorted(set(codes)))


def too_many(codes: Collection[str]) -> bool:
    """Return whether these are more codes than a record may have of one item, or too long together."""
    return len(codes) > MAX_CODES or len(join_codes(codes)) > MAX_VALUE_BYTES


def codebook_error(rule: str, field: str | None, *, allowed: str | None = None) -> CodebookError:
    """Return the error for a broken rule, with its constant message and hint.

    Args:
        rule: The rule.
        field: The member or the item concerned, or None.
        allowed: What the member may hold, or None.
    """
    return CodebookError(rule, (RULES | faults.RULES)[rule], field=field, allowed=allowed, hint=_HINTS.get(rule))
