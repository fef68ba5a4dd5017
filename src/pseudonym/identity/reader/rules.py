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
    "input.file_option": "A sheet, the row of a header, an encoding or a delimiter can be set for a file only.",
    "input.fixed_width": "The columns of the input have no sign between them. Export it with semicolons, or as xlsx.",
    "input.header": "The header line of the input cannot be read.",
    "input.header_in_two_rows": "The header is in two rows: write each column's own header into the lower one, and the "
    "ids' too, so that the upper one is not needed.",
    "input.header_not_first": "The first row of the input is not the header, and it is not certain which row is.",
    "input.header_row": "The row named by --header-row is blank or does not exist.",
    "input.markup": "The input is HTML, XML or JSON, and no table. Open it in a spreadsheet and save it as xlsx.",
    "input.no_record_id_column": "The input has no column record_id.",
    "input.no_sheet": "The workbook has no visible sheet with cells; choose one with --sheet.",
    "input.no_such_sheet": "The workbook has no sheet of that name or number.",
    "input.not_text": "The input is neither a text file nor a workbook. Save it as CSV UTF-8 or xlsx.",
    "input.old_workbook": "This workbook format cannot be read (xls, xlsb, ods, strict). Save it as xlsx or CSV UTF-8.",
    "input.opened": "The input has been opened already, with its columns.",
    "input.second_header": "The input has a second header with other columns: give each table a file of its own.",
    "input.separator": "A separator must not occur in any value: no letter, digit, blank, hyphen or delimiter.",
    "input.separator_and_columns": "A field can have several values in one column or in repeated columns, not in both.",
    "input.several_sheets": "Several sheets of the workbook have records, and one is read at a time.",
    "input.sheet_of_text": "The input is a text file and has no sheets.",
    "input.table": "The input is no path, table or record, and no sequence of records.",
    "input.too_large": "The workbook is larger unpacked than any list of persons should be, and was not read.",
    "input.type": "A value or a record of the input has a type that cannot be read.",
    "input.unknown_encoding": "There is no character encoding of that name.",
    "input.workbook": "The workbook is damaged or incomplete. Open it, save it again, and retry.",
}
"""The sentence of each rule; none contains a value."""

HINTS: Final[dict[str, str]] = {
    "input.duplicate_column": "Rename one of them, so that one column is left for the field. A second name, number or "
    "birth date of a person has a number in its header, as in given_names_2.",
    "input.no_record_id_column": "Name it: columns={'record_id': NAME}.",
    "input.opened": "Give the names of columns when it is opened.",
    "input.table": "Give a list of records or dicts, a data frame of pandas or polars, an Arrow table, or the path of "
    "a file; of a LazyFrame what collect() returns.",
    "input.type": "A record is a Record, a dict or another row with names; a value is text, a number, a date or None, "
    "or a list of these where a field may have several.",
}
"""What to do about some of them, where the caller knows nothing better."""


def refused(rule: str, *, hint: str | None = None, field: str | None = None, row: int | None = None) -> InputError:
    """Return the error for a rule, to be raised.

    Args:
        rule: A member of `RULES`.
        hint: What to do, in words of this library and numbers of rows and sheets.
        field: The name of the field concerned.
        row: The line of the input concerned.
    """
    return InputError(rule, RULES[rule], hint=hint or HINTS.get(rule), field=field, row=row)
