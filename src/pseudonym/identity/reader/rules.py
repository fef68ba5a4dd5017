"""The rules by which a whole input is refused, each with a constant sentence."""

from __future__ import annotations

from typing import Final

from pseudonym.errors import InputError

__all__ = ["RULES", "refused"]

RULES: Final[dict[str, str]] = {
    "input.changed": "The input file changed while it was being read. Try again.",
    "input.column_mapping": "A column mapping names a field that does not exist, or a column that is not in the input.",
    "input.date_order": "The order of day and month must be dmy or mdy.",
    "input.delimiter": "A delimiter must be one character, and not a quotation mark or line end.",
    "input.duplicate_column": "Two columns of the input have the name of the same field.",
    "input.empty": "The input file is empty.",
    "input.encoding": "The encoding of the input was not recognised. Save it as CSV UTF-8, or set --encoding.",
    "input.encoding_of_workbook": "The input is a workbook; an encoding or delimiter can be set for text files only.",
    "input.encrypted": "The workbook is locked with a password. Save a copy without one.",
    "input.header": "The header line of the input cannot be read.",
    "input.header_not_first": "The header is not the first row of the input. Delete the rows above it.",
    "input.no_record_id_column": "The input has no column record_id. Name it: --column record_id=HEADER.",
    "input.no_sheet": "The workbook has no visible sheet with cells; choose one with --sheet.",
    "input.no_such_sheet": "The workbook has no sheet of that name.",
    "input.not_a_file": "The input is not a regular file. It is read twice, so it cannot be a pipe.",
    "input.not_text": "The input is neither a text file nor a workbook. Save it as CSV UTF-8 or xlsx.",
    "input.old_workbook": "This workbook format cannot be read (xls, xlsb, ods, strict). Save it as xlsx or CSV UTF-8.",
    "input.separator": "A separator must not occur in any value: no letter, digit, blank, hyphen or delimiter.",
    "input.separator_and_columns": "A field can have several values in one column or in repeated columns, not in both.",
    "input.sheet_of_text": "The input is a text file and has no sheets.",
    "input.too_large": "The workbook is larger unpacked than any list of persons should be, and was not read.",
    "input.unknown_encoding": "There is no character encoding of that name.",
    "input.unreadable": "The input file cannot be opened and read.",
    "input.workbook": "The workbook is damaged or incomplete. Open it, save it again, and retry.",
}
"""The sentence of each rule; none contains a value."""


def refused(rule: str, *, field: str | None = None, row: int | None = None) -> InputError:
    """Return the error for a rule, to be raised.

    Args:
        rule: A member of `RULES`.
        field: The name of the field concerned.
        row: The line of the input concerned.
    """
    return InputError(rule, RULES[rule], field=field, row=row)
