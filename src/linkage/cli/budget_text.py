"""The error budget of a count as text, and as what is drawn."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from linkage.cli.table_text import picture_notes, who
from pseudonym.console import table_text, wrapped

if TYPE_CHECKING:
    from linkage.answers import BudgetPicture
    from linkage.counting import Budget, CountBudget

__all__ = ["budget_lines", "budget_picture"]


def budget_lines(told: CountBudget) -> Iterator[str]:
    """Yield the lines of an error budget."""
    one = told.budget
    yield ""
    yield "Error budget of the total, in persons, mean over draws and 95 % range:"
    rows: list[list[object]] = [["found", one.found, ""]]
    rows += [[step.cause, f"{step.mean:+.1f}", f"{step.low:+.0f} to {step.high:+.0f}"] for step in one.steps]
    rows.append(["expected", f"{one.expected:.1f}", f"{one.span.low} to {one.span.high}"])
    yield table_text(("", "persons", "range"), rows)
    for note in _notes(one):
        yield wrapped(note)


def _notes(one: Budget) -> Iterator[str]:
    """Yield what no range covers."""
    if one.disagreeing is not None:
        yield (
            f"Attributes: of {one.disagreeing.out} persons counted, another record says otherwise; of "
            f"{one.disagreeing.into} not counted, some record says that they would be. The attribute rules decided, "
            "and no range covers it."
        )
    if one.silent:
        states = "; ".join(f"{state}: {', '.join(reporters)}" for state, reporters in one.silent.items())
        yield f"Missing reporters ({states}): how many more persons they know is not known, and in no range."


def budget_picture(told: CountBudget) -> BudgetPicture:
    """Return what is drawn of an error budget."""
    from linkage.answers import BudgetPicture, BudgetStep

    beside, one = told.beside, told.budget
    return BudgetPicture(
        title=f"Error budget: {who(beside)}, {beside.period or 'all times'}",
        notes=(*picture_notes(beside, total=one.found), *_notes(one)),
        found=one.found,
        steps=tuple(BudgetStep(*step) for step in one.steps),
        expected=one.expected,
        low=one.span.low,
        high=one.span.high,
    )
