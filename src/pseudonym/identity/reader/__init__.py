"""Read the file of a reporting body as it comes, row by row, in memory that does not grow with its rows.

Case systems, spreadsheets and databases write text with any delimiter, line end and encoding, or workbooks; people cut,
paste and forward them. What can be told for certain is told from the file. What cannot is refused with a constant
sentence, never guessed, because a wrongly read name is a person lost. One broken row costs that row only, and a value
that a spreadsheet damaged is mended where the result is certain, with a mark, or named.
"""

from __future__ import annotations

from pseudonym.identity.reader.cleaning import Evidence
from pseudonym.identity.reader.dates import DateColumn, DateOrder
from pseudonym.identity.reader.encodings import Charset, read_charset
from pseudonym.identity.reader.fields import ALIASES, MAX_VALUES, REPEATABLE, base_of, is_identity_field
from pseudonym.identity.reader.files import InputFile, Row, open_input
from pseudonym.identity.reader.header import Columns
from pseudonym.identity.reader.records import read_records
from pseudonym.identity.reader.sources import TextSource
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
    "Row",
    "SheetSource",
    "TextSource",
    "base_of",
    "is_identity_field",
    "open_input",
    "read_charset",
    "read_records",
]
