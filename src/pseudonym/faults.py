"""Faults in the rows of an input or a submission, and the rules that they break, one sentence each.

A rule is a dotted constant, a fault is one breach of it. No fault and no sentence holds a value. Rules by which a whole
file is refused are not listed here; their sentence is the message of the error that is raised.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from pseudonym.errors import FieldError

__all__ = ["RULES", "Fault", "broken"]


@dataclass(frozen=True, slots=True)
class Fault:
    """One breach of a rule in one row; it never holds a value.

    Attributes:
        row: The line of the input at which the row begins, the position of the record counted from 1 where there is no
            file, or the index of the record in a submission.
        field: The field, with `_2` and so on for its further values; None if the fault concerns the whole row.
        rule: The rule that was broken, a member of `RULES`.
        effect: `rejected` (the record is not used), `left out` (the value is not used) or `marked` (nothing that was
            known is lost: an invalid number is compared as text, and a placeholder meant that there is no value).
    """

    row: int
    field: str | None
    rule: str
    effect: str


RULES: Final[dict[str, str]] = {
    "record_id.missing": "The row has no record id.",
    "record_id.duplicate": "An earlier row has the same record id.",
    "record_id.form": "A record id has 1 to 64 characters, no white space at its ends and no control characters.",
    "record_id.number_like": "A record id must not have the shape of a Swedish number.",
    "record_id.is_identity": "A record id must not contain the number, names or birth date of its record.",
    "report_id.form": "A report id has 1 to 64 characters, no white space at its ends and no control characters.",
    "report_id.number_like": "A report id must not have the shape of a Swedish number.",
    "report_id.is_identity": "A report id must not contain the number, names or birth date of its record.",
    "case_id.form": "A case id has 1 to 64 characters, no white space at its ends and no control characters.",
    "case_id.number_like": "A case id must not have the shape of a Swedish number.",
    "case_id.is_identity": "A case id must not contain the number, names or birth date of its record.",
    "identity.too_many": "The record has more than eight identities: the first eight are used.",
    "identity.none": "No identity of the record can be read: it is never linked and counts as one person.",
    "number.form": "The number does not have the form of a known type: it is compared as text only.",
    "number.date": "The date in the number does not exist.",
    "number.check_digit": "The check digit of the number is wrong.",
    "number.invalid": "The check digit or the date in the number is wrong: it is compared as text only.",
    "number.unreadable": "The number contains characters other than letters and digits, or too many: it is not used.",
    "number.no_digit": "The number has no digit: it counts as missing.",
    "number.placeholder": "The number is a placeholder or only a date: it counts as missing.",
    "number_type.unknown": "No known type has this name (docs/reference/numbers.md): the number is read without it.",
    "number_level.unknown": "A level is styrkt, sannolik or osaker: the number is read without it.",
    "foreign_number.no_digit": "The foreign number has no digit: it counts as missing.",
    "foreign_number.placeholder": "The foreign number is one digit repeated: it counts as missing.",
    "name.no_letter": "The name has no letter.",
    "name.placeholder": "The name is a word such as unknown or NN: it counts as missing.",
    "birth_date.form": (
        "A birth date is YYYY-MM-DD, YYYYMMDD, YYYY-MM, YYYY or YYYY~, a day that exists, 1850 to 2100; 00 is unknown."
    ),
    "birth_date.placeholder": "The birth date is one that programs and people enter when they have none.",
    "sex.unknown": "Sex is woman, man, other or unknown, in English or Swedish.",
    "role.unknown": "A role is victim, accompanying_adult or accompanying_child.",
    "status.unknown": "A status is suspected or confirmed; whether the case is closed goes into case_state.",
    "case_state.unknown": "The state of a case is open or closed.",
    "event_date.form": "An event date is YYYY-MM-DD, YYYY-MM or YYYY, and must exist.",
    "report_date.form": "A report date is YYYY-MM-DD, YYYY-MM or YYYY, and must exist.",
    "discovered_on.form": "The date of discovery is YYYY-MM-DD, YYYY-MM or YYYY, and must exist.",
    "outcome_date.form": "The date of the outcome is YYYY-MM-DD, YYYY-MM or YYYY, and must exist.",
    "codebook.unknown_item": "The codebook has no such item.",
    "codebook.unknown_code": "The value is not a code of this item.",
    "codebook.expired_code": "The code is not valid on the date of the record.",
    "codebook.several": "The item takes one code only.",
    "codebook.too_many": "An item takes at most 16 codes, of 256 characters together.",
    "codebook.order": "Several codes of an item are in byte order, each once, with one space between them.",
    "payload.unknown_item": "The payload has an item that is not in the codebook.",
    "payload.unknown_code": "The payload has a value that is not a code of its item, or not on the date of the record.",
    "payload.several": "The payload has several codes for an item that takes one, too many, or not in the right order.",
    "codes.counts": "The record does not have the number of codes that the profile specifies.",
    "date.order": "The order of day and month is unclear in this column: set it with --date-order dmy or mdy.",
    "date.two_digit_year": "The year has two digits, so its century is unclear: write it with four.",
    "damage.cut": "The text has exactly 255 characters, where spreadsheets cut: the rest may be missing.",
    "damage.decimals": "The number was stored as an amount: the zeros after its decimal sign were removed.",
    "damage.error": "The cell contains a spreadsheet error such as #N/A or ####, not a value.",
    "damage.exponent": "The number was shown as an amount such as 1,99E+11: its last digits are lost. Export it again.",
    "damage.serial": "The date became a day number: format the column as dates and save the file again.",
    "damage.serial_restored": "The date had become a day number: it was restored by the date system of the workbook.",
    "damage.zero_lost": "The number may have lost leading zeros, but is not valid with them: it was left unchanged.",
    "damage.zero_restored": "A spreadsheet dropped leading zeros: they were restored, and make the value valid.",
    "row.columns": "The row has more or fewer columns than the header.",
    "row.field_too_long": "A field of the row is longer than one million characters.",
    "row.nul": "The row contains a NUL byte.",
    "row.quoting": "A quoted field of the row is followed by more text.",
    "row.unterminated": "A quoted field of the row is never closed: the file may be cut off.",
}
"""Every rule that a row or a value can break, each with its one sentence."""


def broken(rule: str, *, field: str | None = None) -> FieldError:
    """Return the error for a broken rule, to be raised.

    Args:
        rule: A member of `RULES`.
        field: The name of the field; the first part of the rule if not given.
    """
    return FieldError(rule, RULES[rule], field=field or rule.split(".", 1)[0])
