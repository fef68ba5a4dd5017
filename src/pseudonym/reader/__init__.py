"""Read the file of a reporting body as it comes, row by row, in memory that does not grow with the file.

Case systems, spreadsheets and databases write CSV with any delimiter, line end and encoding; people cut, paste and
forward it. What can be told for certain is told from the file. What cannot is refused with a constant sentence, never
guessed, because a wrongly read name is a person lost. One broken row costs that row only.
"""

from __future__ import annotations

from pseudonym.reader.encodings import Charset, read_charset
from pseudonym.reader.files import InputFile, Row, RowFault, open_input
from pseudonym.reader.header import Columns

__all__ = ["Charset", "Columns", "InputFile", "Row", "RowFault", "open_input", "read_charset"]
