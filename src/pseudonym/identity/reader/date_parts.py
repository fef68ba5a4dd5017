"""A birth date whose year, month and day have columns of their own."""

from __future__ import annotations

from pseudonym.identity.reader.dates import MONTHS, iso_day

__all__ = ["date_of_parts"]


def date_of_parts(year: str, month: str, day: str) -> tuple[str, bool]:
    """Return a date from columns of its year, month and day.

    Args:
        year: The year, in four digits; another text is returned as it is, to be read as a date or named.
        month: The month, by its number or name; blank or 0 if it is not known.
        day: The day, likewise.

    Returns:
        The date, as far as it is known; and whether a part of it could not be read, or there is no such day.

    >>> date_of_parts("2011", "7", "13"), date_of_parts("2011", "juli", ""), date_of_parts("2011", "2", "30")
    (('2011-07-13', False), ('2011-07', False), ('2011-02', True))
    """
    if not (len(year) == 4 and year.isdecimal()):
        return year, not year
    m = MONTHS.get(month.casefold().rstrip("."), _small(month))
    d = _small(day)
    if not m:
        return year, m is None or d is None
    found = iso_day(year, str(m), str(d or 0))
    if found is None:
        found = iso_day(year, str(m), "0")
        return (year, True) if found is None else (found[:7], True)
    return (found if d else found[:7]), d is None


def _small(text: str) -> int | None:
    """Return a number of at most two digits, 0 for none, or None for another text."""
    bare = text.removesuffix(".0")
    return 0 if not bare else int(bare) if bare.isdecimal() and len(bare) <= 2 else None
