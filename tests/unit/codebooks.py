"""Small codebooks for tests, and maps between them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from pseudonym.codebook import Codebook, CodebookMap, parse_codebook, parse_map

_TEXT = {"sv": "Text", "en": "Text"}

Items = dict[str, tuple[bool, str]]
"""For each item whether it takes many, and its codes with spaces between them."""


def book_of(version: str, items: Items, *, name: str = "cases", days: Sequence[str] = ()) -> Codebook:
    """Return a codebook with these items, which lets the day of some dates be sent."""
    document = {
        "format": "pseudonym-codebook/2",
        "name": name,
        "version": version,
        "title": _TEXT,
        "items": [
            {
                "name": name,
                "label": _TEXT,
                "definition": _TEXT,
                "purpose": _TEXT,
                "basis": _TEXT,
                "many": many,
                "codes": [
                    {"code": code, "label": _TEXT, "definition": None, "valid_from": None, "valid_to": None}
                    for code in codes.split()
                ],
            }
            for name, (many, codes) in items.items()
        ],
        "groupings": [],
        **({"finer": [{"name": column, "reason": _TEXT} for column in days]} if days else {}),
    }
    return parse_codebook(json.dumps(document))


def map_of(
    old: Codebook, new: Codebook, items: list[dict[str, Any]], breaks: Sequence[dict[str, Any]] = ()
) -> CodebookMap:
    """Return a map from one codebook to another."""
    ends = {"from": {"name": old.name, "version": old.version}, "to": {"name": new.name, "version": new.version}}
    return parse_map(json.dumps({"format": "pseudonym-codebook-map/1", **ends, "items": items, "breaks": list(breaks)}))
