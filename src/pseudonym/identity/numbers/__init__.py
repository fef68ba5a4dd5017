"""Read Swedish personal numbers of every type, and foreign numbers (docs/reference/numbers.md).

Each type has a module with the verbs `compact`, `validate`, `is_valid`, `format` and, if it has parts, `parts`:
`personnummer`, `samordningsnummer`, `interim`, the reserve numbers, `dossier`, `foreign` and `other`. `read_number` and
the verbs here infer the type, and `read_number` also returns how certain it is.
"""

from __future__ import annotations

from pseudonym.identity.numbers.foreign import read_foreign_number
from pseudonym.identity.numbers.ladder import KINDS, compact, format, is_valid, read_number, validate
from pseudonym.identity.numbers.number import LEVELS, NUMBER_TYPES, Certainty, Level, Number, NumberType, Parts
from pseudonym.identity.numbers.spellings import read_level, read_type_word, split_system

__all__ = [
    "KINDS",
    "LEVELS",
    "NUMBER_TYPES",
    "Certainty",
    "Level",
    "Number",
    "NumberType",
    "Parts",
    "compact",
    "format",
    "is_valid",
    "read_foreign_number",
    "read_level",
    "read_number",
    "read_type_word",
    "split_system",
    "validate",
]
