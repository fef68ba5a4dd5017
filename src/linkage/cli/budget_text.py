"""The error budget of a count as text, and as what is drawn."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from linkage.cli.table_text import picture_notes, range_notes, who
from pseudonym.console import table_text, wrapped

if TYPE_CHECKING:
    from linkage.answers import BudgetPicture
    from linkage.counting import Beyond, Budget, CountBudget

__all__ = ["budget_lines", "budget_picture"]


def budget_lines(told: CountBudget) -> Iterator[str]:
    """Yield the lines of an error budget."""
    one = told.budget
    yield ""
    yield "Error budget of the total, in persons, mean over draws and 95 % range:"
    rows: list[list[object]] = [["found", one.found, ""]]
    rows += [[step.cause, f"{step.mean:+.1f}", f"{step.low:+.0f} to {step.high:+.0f}"] for step in one.steps]
    rows.append(["expected", f"{one.expected:.1f}", f"{one.span.low} to {one.span.high}"])
    rows += [[cause.cause, _mean(cause), _ends(cause)] for cause in one.beyond]
    yield table_text(("", "persons", "range"), rows)
    for note in _notes(one):
        yield wrapped(note)


def _mean(one: Beyond) -> str:
    return "-" if one.mean is None else f"{one.mean:+.1f}"


def _ends(one: Beyond) -> str:
    if one.low is None or one.high is None:
        return "no figure"
    return f"{one.low:+.0f} to {one.high:+.0f}, not in what is expected"


def _notes(one: Budget) -> Iterator[str]:
    """Yield what the figures are that no range covers, or why there is none."""
    for cause in one.beyond:
        yield f"{cause.cause.capitalize()}: {cause.why}."
    if one.silent:
        states = "; ".join(f"{state}: {', '.join(reporters)}" for state, reporters in one.silent.items())
        yield f"Missing reports: {states}."


def budget_picture(told: CountBudget) -> BudgetPicture:
    """Return what is drawn of an error budget."""
    from linkage.answers import BudgetBeyond, BudgetPicture, BudgetStep

    beside, one = told.beside, told.budget
    return BudgetPicture(
        title=f"Error budget: {who(beside)}, {beside.period or 'all times'}",
        notes=(*picture_notes(beside, total=str(one.found)), *range_notes(beside), *_notes(one)),
        found=one.found,
        steps=tuple(BudgetStep(*step) for step in one.steps),
        beyond=tuple(BudgetBeyond(*cause[:4]) for cause in one.beyond),
        expected=one.expected,
        low=one.span.low,
        high=one.span.high,
    )
