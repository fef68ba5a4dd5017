"""Faults in the rows of an input or a submission, and the rules that they break, one sentence each.

A rule is a dotted constant, a fault is one breach of it. No fault and no sentence holds a value. Rules by which a whole
file is refused are not listed here; their sentence is the message of the error that is raised.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from pseudonym.errors import FieldError

__all__ = ["NO_RECORD", "RULES", "Fault", "broken"]


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

    @property
    def meaning(self) -> str:
        """The sentence of the rule."""
        return RULES[self.rule]


RULES: Final[dict[str, str]] = {
    "record_id.missing": "The row has no record id.",
    "record_id.duplicate": "An earlier row has the same record id.",
    "record_id.form": (
        "A record id has 1 to 64 characters, no white space at its ends, no invisible and no control characters."
    ),
    "record_id.formula": "A record id must not begin with =, +, - or @: spreadsheets take it for a formula.",
    "record_id.number_like": "A record id must not have the shape of a Swedish number.",
    "record_id.is_identity": "A record id must not contain the number, names or birth date of its record.",
    "report_id.form": (
        "A report id has 1 to 64 characters, no white space at its ends, no invisible and no control characters."
    ),
    "report_id.formula": "A report id must not begin with =, +, - or @: spreadsheets take it for a formula.",
    "report_id.number_like": "A report id must not have the shape of a Swedish number.",
    "report_id.is_identity": "A report id must not contain the number, names or birth date of its record.",
    "case_id.form": (
        "A case id has 1 to 64 characters, no white space at its ends, no invisible and no control characters."
    ),
    "case_id.formula": "A case id must not begin with =, +, - or @: spreadsheets take it for a formula.",
    "case_id.number_like": "A case id must not have the shape of a Swedish number.",
    "case_id.is_identity": "A case id must not contain the number, names or birth date of its record.",
    "identity.too_many": "The record has more than eight identities: the first eight are used.",
    "identity.none": (
        "No identity of the record can be read, so it can never be linked. Only --keep-empty sends it, as one more "
        "person."
    ),
    "identity.unknown": (
        "The record is of an unknown person, as its name says, and has no number: it counts as one person and is never "
        "linked."
    ),
    "number.contradicts_birth_date": "The birth date in the number is not the birth date of the record: both are used.",
    "number.contradicts_sex": (
        "The sex in the number is not that of the record: both are used. Check whether the number is that of another "
        "person."
    ),
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
    "names.single": "The name is a single word: it is read as a given name.",
    "names.alias": "The name has another name of the person beside it, as in Rut alias Eva: both are used.",
    "names.digits": "Beside the name stood a date or number: it is not part of the name, and not used.",
    "names.former": "Beside the name stood a former or other family name, as in Berg (f. Ek): both are used.",
    "names.order": "The name does not show which word is the family name: both orders are compared.",
    "names.beside": "The row also has given or family names of its own: those are used, and the whole name is not.",
    "name.no_letter": "The name has no letter.",
    "name.placeholder": "The name only says that there is none, as unknown, NN or unknown boy: it counts as missing.",
    "birth_date.form": (
        "A birth date is YYYY-MM-DD, YYYYMMDD, YYYY-MM, YYYY or YYYY~, a day that exists, 1850 to 2100; 00 is unknown."
    ),
    "birth_date.placeholder": "The birth date is one that programs and people enter when they have none.",
    "sex.unknown": "Sex is woman, man, other or unknown, in English or Swedish.",
    "role.unknown": "A role is victim, accompanying_adult or accompanying_child, in English or Swedish.",
    "status.unknown": (
        "A status is suspected or confirmed, in English or Swedish; whether the case is closed goes into case_state."
    ),
    "case_state.unknown": "The state of a case is open or closed, in English or Swedish.",
    "event_date.form": "An event date is YYYY-MM-DD, YYYY-MM or YYYY, and must exist.",
    "event_date.before_birth": "The event date is before the birth of the person: one of the two is wrong.",
    "event_date.day": "An event date is sent to the month, unless the codebook gives a reason for the day.",
    "report_date.form": "A report date is YYYY-MM-DD, YYYY-MM or YYYY, and must exist.",
    "report_date.before_birth": "The report date is before the birth of the person: one of the two is wrong.",
    "report_date.day": "A report date is sent to the month, unless the codebook gives a reason for the day.",
    "discovered_on.form": "The date of discovery is YYYY-MM-DD, YYYY-MM or YYYY, and must exist.",
    "discovered_on.day": "The date of discovery is sent to the month, unless the codebook gives a reason for the day.",
    "outcome_date.form": "The date of the outcome is YYYY-MM-DD, YYYY-MM or YYYY, and must exist.",
    "outcome_date.day": "The date of the outcome is sent to the month, unless the codebook gives a reason for the day.",
    "codebook.unknown_item": "The codebook has no such item.",
    "codebook.unknown_code": "The value is not a code of this item.",
    "codebook.expired_code": "The code is not valid on the date of the record.",
    "codebook.age_band": "The age was read as the code of the ages that include it.",
    "codebook.age_contradicts": "The age is not that by birth date and event date: it is sent as it was given.",
    "codebook.ambiguous_label": "Several codes of this item have the label: write the code.",
    "codebook.group": "The value is a group of codes, such as a county or an age band, and no code of this item.",
    "codebook.label": "A label, or another word or spelling, was read as its code.",
    "codebook.several": "The item takes one code only.",
    "codebook.too_many": "An item takes at most 16 codes, of 256 characters together.",
    "codebook.order": "Several codes of an item are in byte order, each once, with one space between them.",
    "payload.unknown_item": "The payload has an item that is not in the codebook.",
    "payload.unknown_code": "The payload has a value that is not a code of its item, or not on the date of the record.",
    "payload.several": "The payload has several codes for an item that takes one, too many, or not in the right order.",
    "codes.counts": "The record does not have the number of codes that the profile specifies.",
    "birth_date.future": "The birth date is after today, by the clock of this computer: it is used, but correct it.",
    "date.future": "The date is after today, by the clock of this computer: correct it, or leave it out until then.",
    "date.order": "The order of day and month is unclear in this column: set it with --date-order dmy or mdy.",
    "date.time_unclear": (
        "The date has a time that may be midnight in another time zone: export dates without times, or with their zone."
    ),
    "date.time_zone": "The time beside the date was midnight in Sweden, written in UTC: the day is that of Sweden.",
    "date.unix_time": "The date was a number of seconds or milliseconds since 1970: the day is that of Sweden.",
    "date.two_digit_year": "The year has two digits, so its century is unclear: write it with four.",
    "damage.cut": "The text has exactly 255 characters, where spreadsheets cut: the rest may be missing.",
    "damage.decimals": "The number was stored as an amount: the zeros after its decimal sign were removed.",
    "damage.error": "The cell contains a spreadsheet error such as #N/A or ####, not a value.",
    "damage.escaped": "Letters were written as codes such as &ouml; or %C3%B6: they were put back.",
    "damage.exponent": "The number was shown as an amount such as 1,99E+11: its last digits are lost. Export it again.",
    "damage.exponent_restored": "The number was shown as an amount that has all of its digits: they were put back.",
    "damage.id": "A spreadsheet made a date or another value of the id: format the column as text and type it again.",
    "damage.id_zero_lost": "Other ids of the column have leading zeros, which this one may have lost: it is unchanged.",
    "damage.invisible": "The value had characters that cannot be seen or have several forms: they were made plain.",
    "damage.letters": "Letters are missing or unreadable, as in S?derberg: export the column again as UTF-8.",
    "damage.mojibake": "The text was UTF-8 that some program read in another encoding: it was put back.",
    "damage.serial": "The date became a day number: format the column as dates and save the file again.",
    "damage.serial_restored": "The date had become a day number: it was restored by the date system of the workbook.",
    "damage.zero_lost": "The number may have lost leading zeros, but is not valid with them: it was left unchanged.",
    "damage.zero_restored": "A spreadsheet dropped leading zeros: they were restored, and make the value valid.",
    "cell.duplicate": "An earlier row counts the same cell.",
    "n.form": "The number n is a whole number from 0 to 4294967295, written in digits only.",
    "n.larger_part": "The number n is larger than that of another row, which includes what this row counts.",
    "n.missing": "The row has no number n.",
    "value.placeholder": "The value is a word or sign for none, such as NULL, a dash or 99999: it counts as missing.",
    "row.columns": "The row has more or fewer columns than the header.",
    "row.field_too_long": "A field of the row is longer than one million characters.",
    "row.footer": "The row is a total, a page number or another remark, not a record: it has no identity.",
    "row.header_again": "The row repeats the header: it is not a record.",
    "row.nul": "The row contains a NUL byte.",
    "row.quoted_whole": "The whole line was in quotation marks, as one field: they were removed.",
    "row.quoting": "A quoted field of the row is followed by more text.",
    "row.rule": "The row is a line of dashes or the like: it is not a record.",
    "row.spare_cells": "The row has blank cells beyond the header, other rows have not: they were removed.",
    "row.unterminated": "A quoted field of the row is never closed: the file may be cut off.",
}
"""Every rule that a row or a value can break, each with its one sentence."""


NO_RECORD: Final = frozenset({"row.footer", "row.header_again", "row.rule"})
"""Rules for rows that are certainly no record, so that a delivery is complete without them."""


def broken(rule: str, *, field: str | None = None) -> FieldError:
    """Return the error for a broken rule, to be raised.

    Args:
        rule: A member of `RULES`.
        field: The name of the field; the first part of the rule if not given.
    """
    return FieldError(rule, RULES[rule], field=field or rule.split(".", 1)[0])
