"""What became of faulty rows and fields, for people: the rejects file and its meanings. Holds no value of the input."""

from __future__ import annotations

import csv
import os
import secrets
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from pseudonym.errors import OutputError
from pseudonym.identity.record import Fault

__all__ = ["MEANINGS", "write_rejects"]

COLUMNS: Final = ("row", "field", "rule", "effect", "meaning")

MEANINGS: Final = {
    "record_id.missing": "The row has no record id.",
    "record_id.duplicate": "An earlier row has the same record id.",
    "record_id.form": "A record id has 1 to 64 characters, no white space at its ends and no control characters.",
    "record_id.number_like": "A record id must not have the shape of a Swedish number.",
    "record_id.is_identity": "A record id must not hold the number, or be the names or birth date, of its record.",
    "report_id.is_identity": "A report id must not hold the number, or be the names or birth date, of a record.",
    "case_id.is_identity": "A case id must not hold the number, or be the names or birth date, of a record.",
    "identity.too_many": "The record has more identities than eight: the first eight are used.",
    "identity.none": "The record has no identity that can be read: it meets no other record and counts as a person.",
    "damage.cut": "The text has just the 255 characters at which spreadsheets cut: the rest may be missing.",
    "damage.decimals": "The number was held as an amount: the zeros after its decimal sign were taken off.",
    "damage.error": "The cell holds a word of the spreadsheet, such as #N/A or ####, and no value.",
    "damage.exponent": "The number was shown as an amount such as 1,99E+11: its last digits are lost. Take it anew.",
    "damage.serial": "The date became the number of a day: format the column as dates, and save the file anew.",
    "damage.serial_restored": "The date had become the number of a day: the workbook says which, so it was put back.",
    "damage.zero_lost": "The number may have lost zeros at its beginning, and none make it valid: it stays as it is.",
    "damage.zero_restored": "A spreadsheet dropped zeros at the beginning: they were put back, and make it valid.",
    "date.order": "Which part is the day cannot be told in this column; name it with --date-order dmy or mdy.",
    "date.two_digit_year": "The year has two digits, so its century is not certain: write it with four.",
    "row.columns": "The row has more or fewer columns than the header.",
    "row.nul": "The row has a NUL byte.",
    "row.field_too_long": "A field of the row is longer than one million characters.",
    "row.unterminated": "A quoted field of the row does not end: the file may be cut.",
    "row.quoting": "A quoted field of the row is followed by more text.",
    "birth_date.form": "A birth date is YYYY-MM-DD, YYYY-MM or YYYY, and a day that exists.",
    "birth_date.placeholder": "The birth date is one that programs and people write where they have none.",
    "name.placeholder": "The name is a word such as unknown or NN, and stands for no name.",
    "name.no_letter": "The name has no letter.",
    "number_level.unknown": "A level is styrkt, sannolik or osaker: the number is read without it.",
    "number_type.unknown": "No known type has this name (docs/reference/numbers.md): the number is read without it.",
    "sex.unknown": "Sex is woman, man, other or unknown, in English or Swedish.",
    "number.invalid": "The check digit or the date in the number is wrong: it is compared as text only.",
    "number.form": "The number has no known form: it is compared as text only.",
    "number.unreadable": "The number has other characters than letters and digits, or too many: it is not used.",
    "number.no_digit": "The number has no digit: it is taken for none.",
    "number.placeholder": "The number is a placeholder or a date alone: it is taken for none.",
    "foreign_number.no_digit": "The foreign number has no digit: it is taken for none.",
    "foreign_number.placeholder": "The foreign number is one digit throughout: it is taken for none.",
    "role.unknown": "A role is victim, accompanying_adult or accompanying_child.",
    "status.unknown": "A status is suspected, confirmed or closed.",
    "event_date.form": "A date is YYYY-MM-DD, YYYY-MM or YYYY, and a day that exists.",
    "report_date.form": "A date is YYYY-MM-DD, YYYY-MM or YYYY, and a day that exists.",
    "report_id.form": "A report id has 1 to 64 characters and no control characters.",
    "report_id.number_like": "A report id must not have the shape of a Swedish number.",
    "case_id.form": "A case id has 1 to 64 characters and no control characters.",
    "case_id.number_like": "A case id must not have the shape of a Swedish number.",
    "codebook.unknown_code": "The codebook does not have this code.",
    "codebook.expired_code": "The code is not valid at the date of the record.",
    "payload.unknown_item": "The codebook does not have this item.",
}
"""What each rule says, for people who read a rejects file."""


def write_rejects(path: str | Path, faults: Iterable[Fault]) -> None:
    """Write faults to a CSV file: row, field, rule, effect, meaning; the file appears only when it is whole.

    Args:
        path: The file.
        faults: The faults; none gives a file with a header only, so that an older list does not stay.

    Raises:
        OutputError: `output.unwritable` when the file cannot be written.
    """
    target = Path(path)
    part = target.with_name(f".{target.name}.{secrets.token_hex(4)}.part")
    try:
        with part.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(COLUMNS)
            for fault in sorted(faults, key=lambda fault: fault.row):
                writer.writerow((fault.row, fault.field or "", fault.rule, fault.effect, MEANINGS.get(fault.rule, "")))
        os.replace(part, target)
    except OSError:
        part.unlink(missing_ok=True)
        raise OutputError("output.unwritable", "The rejects file cannot be written.") from None
