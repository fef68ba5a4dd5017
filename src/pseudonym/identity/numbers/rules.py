"""The rules that a number can break, each with its constant sentence."""

from __future__ import annotations

from typing import Final

from pseudonym.errors import FieldError

__all__ = ["RULES", "broken"]

RULES: Final[dict[str, str]] = {
    "number.form": "The number has not the form of its type.",
    "number.unreadable": "The number has other characters than letters and digits, or too many.",
    "number.no_digit": "The number has no digit: it says that there is none.",
    "number.placeholder": "The number is a placeholder: one digit throughout, no serial number, or a date alone.",
    "number.date": "The date in the number does not exist.",
    "number.check_digit": "The check digit of the number is wrong.",
    "number_type.unknown": "The type of a number is one of the listed words, in Swedish or English.",
    "number_level.unknown": "The level of a samordningsnummer is styrkt, sannolik or osaker, in Swedish or English.",
    "foreign_number.no_digit": "The foreign number has no digit: it says that there is none.",
    "foreign_number.placeholder": "The foreign number is a placeholder: one digit throughout.",
}
"""What each rule says; no sentence ever holds a value."""


def broken(rule: str) -> FieldError:
    """Return the error of a rule, to be raised.

    Args:
        rule: A member of `RULES`; its first part names the field.
    """
    return FieldError(rule, RULES[rule], field=rule.split(".", 1)[0])
