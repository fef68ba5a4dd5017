"""Read the file of a reporter row by row, in memory that does not grow with its rows.

Case systems, spreadsheets and databases write text with any delimiter, line end and encoding, or workbooks; people cut,
paste and forward them. The reader infers only what is certain from the file and refuses the rest with a constant
sentence, because a misread name is a lost person. A broken row costs only that row. A value damaged by a spreadsheet is
repaired and marked if the result is certain, and otherwise reported.
"""

from __future__ import annotations

from pseudonym.identity.reader.cleaning import Evidence
from pseudonym.identity.reader.dates import DateColumn, DateOrder
from pseudonym.identity.reader.encodings import Charset, read_charset
from pseudonym.identity.reader.fields import ALIASES, MAX_VALUES, REPEATABLE, base_of, is_identity_field
from pseudonym.identity.reader.files import InputFile, open_input
from pseudonym.identity.reader.header import Columns
from pseudonym.identity.reader.in_memory import TableSource
from pseudonym.identity.reader.lines import TableRecord
from pseudonym.identity.reader.records import RecordReader, read_records
from pseudonym.identity.reader.rows import Row
from pseudonym.identity.reader.sources import TextSource
from pseudonym.identity.reader.tables import InputTable, open_table
from pseudonym.identity.reader.workbook import SheetSource

__all__ = [
    "ALIASES",
    "MAX_VALUES",
    "REPEATABLE",
    "Charset",
    "Columns",
    "DateColumn",
    "DateOrder",
    "Evidence",
    "InputFile",
    "InputTable",
    "RecordReader",
    "Row",
    "SheetSource",
    "TableRecord",
    "TableSource",
    "TextSource",
    "base_of",
    "is_identity_field",
    "open_input",
    "open_table",
    "read_charset",
    "read_records",
]
