"""The verbs shared by all types of number. Each type defines its form and its checks.

The verbs `compact`, `validate`, `is_valid` and `format` are those of python-stdnum. `validate` accepts
only the form in the specification; the others also read what people write.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from datetime import date
from typing import ClassVar, Final, Literal

from pseudonym.errors import FieldError
from pseudonym.faults import broken
from pseudonym.identity.dates import MAX_YEAR, MIN_YEAR, Birth
from pseudonym.identity.numbers.number import NumberType, Parts, Sex
from pseudonym.identity.numbers.text import Written, complete, read_text

__all__ = ["Kind", "has_date_form", "in_years", "sex_of"]

_LONG: Final = re.compile("[0-9]{8}-?[0-9A-Z]{4}")


class Kind(ABC):
    """One type of number.

    Attributes:
        type: Its name.
        written: The forms that its specification allows, character by character.
        short: Whether it may be written without century.
        inferred: When a number with a form that no other type has is inferred to be of this type: `always`, only if
            the number is `valid`, or `never`.
        has_letters: Whether every number of the type has a letter; otherwise none has.
    """

    type: ClassVar[NumberType]
    written: re.Pattern[str] = _LONG
    short: ClassVar[bool] = False
    inferred: ClassVar[Literal["always", "valid", "never"]] = "valid"
    has_letters: ClassVar[bool] = False

    # Defined by each type, for a compact form.

    @abstractmethod
    def fits(self, compact: str) -> bool:
        """Return whether 12 characters, with 8 leading digits, have the form of the type.

        Args:
            compact: The characters.
        """

    @abstractmethod
    def fault(self, compact: str) -> str | None:
        """Return the rule that a number with the form of the type breaks, None if it is valid.

        Args:
            compact: A number for which `fits` holds.
        """

    def birth(self, compact: str) -> Birth | None:
        """Return the birth date in a number, None if the type has none or the day does not exist.

        Args:
            compact: A number for which `fits` holds.
        """
        return None

    def trusted_birth(self, compact: str, *, valid: bool) -> Birth | None:
        """Return the birth date if the number is evidence of it, which by default means that it is valid.

        Args:
            compact: A number for which `fits` holds.
            valid: Whether `fault` returned None.
        """
        return self.birth(compact) if valid else None

    def take_apart(self, compact: str) -> Parts:
        """Return the parts of a number.

        Args:
            compact: A number for which `fits` holds.
        """
        return Parts()

    def read(self, written: Written, reference_date: date) -> str | None:
        """Return the compact form of a text, None if it does not have the form of the type.

        Args:
            written: The text.
            reference_date: As for `compact`.
        """
        compact = complete(written, reference_date)
        return compact if compact is not None and self.fits(compact) else None

    # The verbs, for a text.

    def compact(self, text: str, *, reference_date: date) -> str:
        """Return the compact form of a number, whether or not it is valid.

        Args:
            text: The field as it came.
            reference_date: The latest possible birth date for a number without century; ignored by types that
                have no century or are always written with it.

        Returns:
            12 characters; 7 or 8 digits for a dossier number.

        Raises:
            FieldError: `number.form`, `number.no_digit` or `number.unreadable`.
        """
        found = self.read(read_text(text), reference_date)
        if found is None:
            raise broken("number.form")
        return found

    def validate(self, text: str, *, reference_date: date) -> str:
        """Return the compact form of a valid number, or raise.

        Args:
            text: The number, written exactly as its specification says.
            reference_date: As for `compact`.

        Returns:
            As `compact`.

        Raises:
            FieldError: `number.form`, `number.date`, `number.placeholder` or `number.check_digit`.
        """
        if self.written.fullmatch(text) is None:
            raise broken("number.form")
        found = self.compact(text, reference_date=reference_date)
        rule = self.fault(found)
        if rule is not None:
            raise broken(rule)
        return found

    def is_valid(self, text: str, *, reference_date: date) -> bool:
        """Return whether a text is a valid number of this type.

        Args:
            text: As for `validate`.
            reference_date: As for `compact`.
        """
        try:
            self.validate(text, reference_date=reference_date)
        except FieldError:
            return False
        return True

    def format(self, text: str, *, reference_date: date, short: bool = False) -> str:
        """Return a number as people write it.

        Args:
            text: The field as it came.
            reference_date: As for `compact`.
            short: Omit the century, and write `+` from the year in which the person turns 100. Types that are always
                written with the century are unaffected.

        Returns:
            `YYYYMMDD-NNNC` or `YYMMDD-NNNC`; a dossier number is digits only.

        Raises:
            FieldError: As `compact`.
        """
        found = self.compact(text, reference_date=reference_date)
        if short and self.short:
            sign = "+" if reference_date.year - int(found[:4]) >= 100 else "-"
            return f"{found[2:8]}{sign}{found[8:]}"
        return f"{found[:8]}-{found[8:]}"

    def parts(self, text: str, *, reference_date: date) -> Parts:
        """Return the parts of a number, valid or not.

        Args:
            text: The field as it came.
            reference_date: As for `compact`.

        Raises:
            FieldError: As `compact`.
        """
        return self.take_apart(self.compact(text, reference_date=reference_date))


def in_years(compact: str) -> bool:
    """Return whether the first four digits are a possible birth year of a living or recently deceased person.

    Args:
        compact: 12 characters.
    """
    return MIN_YEAR <= int(compact[:4]) <= MAX_YEAR


def has_date_form(compact: str) -> bool:
    """Return whether the first eight digits are a year of `in_years`, month 01 to 12 and day 01 to 31, existing or not.

    Args:
        compact: 12 characters.
    """
    return "01" <= compact[4:6] <= "12" and "01" <= compact[6:8] <= "31" and in_years(compact)


def sex_of(digit: str) -> Sex:
    """Return the sex encoded by a digit: odd for a man, even for a woman.

    Args:
        digit: One digit.
    """
    return "man" if int(digit) % 2 else "woman"
