"""Text that several commands read or print: days, probabilities, and what the model expects of a run."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import TYPE_CHECKING, Final

from linkage.audit_log import check_name
from pseudonym.console import counted, wrong_option

if TYPE_CHECKING:
    from linkage.counting import PersonsExpected
    from linkage.pipeline import LinkReport, Status

__all__ = [
    "NOT_KNOWN",
    "checked_name",
    "expectation_lines",
    "persons_text",
    "read_day",
    "review_words",
    "share",
]

NOT_KNOWN: Final = "not known (too few numbers or common persons to check it)"
"""Why there is no expected precision although there are links, see `linkage.linking.proven`."""


def read_day(text: str, *, option: str) -> date:
    """Read a day from an option, written as YYYY-MM-DD.

    Raises:
        typer.BadParameter: The text is no such day.
    """
    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = None
    # Python reads other forms too, such as weeks; a day that decides what is kept should leave no doubt.
    if day is None or day.isoformat() != text:
        raise wrong_option(option, "Write a day as YYYY-MM-DD, such as 2026-03-31.")
    return day


def checked_name(name: str, *, option: str) -> str:
    """Return a name for the audit log without blanks around it.

    Raises:
        typer.BadParameter: No entry may hold it.
    """
    try:
        return check_name(name)
    except ValueError:
        raise wrong_option(option, "Write a name of 1 to 100 characters that can be printed.") from None


def share(value: float) -> str:
    """Format a probability or share with four digits, rounded down so that only certainty is shown as 1."""
    if 0 < value < 0.001:
        return f"{value:.1e}"
    return f"{int(value * 10_000) / 10_000:.4f}"


def review_words(persons: int, records: int) -> str:
    """Say how many pairs of persons are for review, and of how many pairs of records.

    Args:
        persons: Number of pairs of persons.
        records: Number of pairs of records.
    """
    if not persons:
        return "no pairs of persons for review"
    return f"{counted(persons, 'pair')} of persons for review ({counted(records, 'pair')} of records)"


def expectation_lines(found: LinkReport | Status) -> Iterator[str]:
    """Yield the expected precision and recall, as far as they could be estimated."""
    if found.expected_precision is not None:
        yield f"Expected precision of the links: {share(found.expected_precision)}"
    elif found.expected_recall is not None:
        yield f"Expected precision of the links: {NOT_KNOWN}"
    if found.expected_recall is not None:
        recall = share(found.expected_recall)
        if found.recall_is_bound:
            yield f"Expected recall: at most {recall} (matches that share no match key could not be estimated)"
        else:
            yield f"Expected recall: {recall} (including an estimate of matches that share no match key)"


def persons_text(found: PersonsExpected) -> str:
    """Return how many persons were found, how many are expected with their range, and on what that rests.

    Args:
        found: What the registry says.
    """
    if found.expected is None or found.span is None:
        return f"found {found.found}; no range: {found.ranges.removeprefix('none: ')}"
    low, high = found.span
    return f"found {found.found}, expected {found.expected:.0f}, range {low}-{high} (95 %), basis: {found.basis}"
