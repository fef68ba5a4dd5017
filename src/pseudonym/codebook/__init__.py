"""Codebooks: what may be sent about a case, as codes (docs/spec.md, section 9).

A codebook is a versioned document of code lists in Swedish and English. Each item says what it means, why it may be
collected and under which law. Free text is not allowed, because it could contain names. Every submission carries the
digest of its codebook, so the codes mean the same to the reporter and the registry. A map says what became of the codes
of one version in the next. What people write for a code is read here too. This package handles neither keys nor
identities; both sides import it.
"""

from __future__ import annotations

from pseudonym.codebook.ages import Ages, codes_of_ages
from pseudonym.codebook.document import Code, Codebook, Group, Grouping, Item
from pseudonym.codebook.loading import codebook_names, load_codebook, parse_codebook, select_items
from pseudonym.codebook.map_document import Break, CodebookMap, load_map, parse_map
from pseudonym.codebook.parts import Finer, Label, Synonyms, Text, Years
from pseudonym.codebook.reading import CELL_CHARACTERS, Answer, CellReader
from pseudonym.codebook.translation import Translation, Word, chained, translate
from pseudonym.codebook.values import CodebookError, join_codes

__all__ = [
    "CELL_CHARACTERS",
    "Ages",
    "Answer",
    "Break",
    "CellReader",
    "Code",
    "Codebook",
    "CodebookError",
    "CodebookMap",
    "Finer",
    "Group",
    "Grouping",
    "Item",
    "Label",
    "Synonyms",
    "Text",
    "Translation",
    "Word",
    "Years",
    "chained",
    "codebook_names",
    "codes_of_ages",
    "join_codes",
    "load_codebook",
    "load_map",
    "parse_codebook",
    "parse_map",
    "select_items",
    "translate",
]
