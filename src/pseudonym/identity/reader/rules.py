"""The rules by which a whole input is refused, each with its constant sentence."""

from __future__ import annotations

from typing import Final

from pseudonym.errors import InputError

__all__ = ["RULES", "refused"]

RULES: Final[dict[str, str]] = {
    "input.changed": "The input file was changed while it was read.",
    "input.column_mapping": "A column mapping names a field that does not exist, or a column that is not in the input.",
    "input.date_order": "The order of day and month is dmy or mdy.",
    "input.delimiter": "A delimiter is one character, and no quotation mark or line end.",
    "input.duplicate_column": "Two columns of the input have the name of one field.",
    "input.empty": "The input file is empty.",
    "input.encoding": "The encoding of the input was not recognised. Save it as CSV UTF-8, or name its encoding.",
    "input.encoding_of_workbook": "The input is a workbook; an encoding or a delimiter is named for text files only.",
    "input.encrypted": "The workbook is locked with a password. Save a copy without one.",
    "input.header": "The header line of the input cannot be read.",
    "input.header_not_first": "The header is not the first row of the input. Delete what stands above it.",
    "input.no_record_id_column": "The input has no column record_id. Name it: --column record_id=HEADER.",
    "input.no_sheet": "The workbook has no sheet with cells that is not hidden; name one with --sheet.",
    "input.no_such_sheet": "The workbook has no sheet of the name given.",
    "input.not_a_file": "The input is not a regular file; it is read twice, which a pipe does not allow.",
    "input.not_text": "The input is neither a text file nor a workbook. Save it as CSV UTF-8 or xlsx.",
    "input.old_workbook": "The workbook is of another kind (xls, xlsb, ods, strict). Save it as xlsx, or as CSV UTF-8.",
    "input.separator": "A separator is a sign that stands in no value: no letter, digit, blank, hyphen or delimiter.",
    "input.separator_and_columns": "A field has several values either in one column or in repeated ones, not in both.",
    "input.sheet_of_text": "The input is a text file and has no sheets.",
    "input.too_large": "The workbook unpacks to more than a workbook of persons holds, and is not read.",
    "input.unknown_encoding": "There is no character encoding of the name given.",
    "input.unreadable": "The input file cannot be opened and read.",
    "input.workbook": "The workbook is damaged, or the file is cut. Open it, save it anew, and try again.",
}
"""The sentence of each rule; none contains a value."""


def refused(rule: str, *, field: str | None = None, row: int | None = None) -> InputError:
    """Return the error of a rule, to be raised.

    Args:
        rule: A member of `RULES`.
        field: The name of the field concerned.
        row: The line of the input concerned.
    """
    return InputError(rule, RULES[rule], field=field, row=row)
