"""Files that commands and programs write: whole or not at all, for their owner only, and never over something else.

An output is written to a temporary file beside its target, `.NAME.XXXXXXXX.part` with eight hexadecimal digits, flushed
to disk and then renamed. Until it is renamed it is locked, so that the next run that writes to the same target, or a
file of the same kind in that folder, can tell what a killed run left behind, which it removes, from what a running one
needs.

A file that already exists is replaced only if it is of the kind that would be written there: a submission by a
submission, an export by an export with the same columns. Whatever else it is, it may exist only once.
"""

from __future__ import annotations

from pseudonym.errors import OutputError
from pseudonym.output.files import Outputs, replacing
from pseudonym.output.full import FREE_SPACE, FULL, is_full
from pseudonym.output.parts import Part, claim, give_name, parts_of, remove_parts
from pseudonym.output.private import private_files
from pseudonym.output.tables import FORMATS, LOCALES, check_table, export_kind, open_kind, write_csv, write_table
from pseudonym.output.targets import BOOKS, TEXTS, Kind, check_target, same_file, table_kind, writing

__all__ = [
    "BOOKS",
    "FORMATS",
    "FREE_SPACE",
    "FULL",
    "LOCALES",
    "TEXTS",
    "Kind",
    "OutputError",
    "Outputs",
    "Part",
    "check_table",
    "check_target",
    "claim",
    "export_kind",
    "give_name",
    "is_full",
    "open_kind",
    "parts_of",
    "private_files",
    "remove_parts",
    "replacing",
    "same_file",
    "table_kind",
    "write_csv",
    "write_table",
    "writing",
]
