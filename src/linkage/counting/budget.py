"""The error budget of a count: what lies between the persons found and the persons expected, step by step."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, replace
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from linkage.counting.counted import Facing
from linkage.counting.counts import Request, Values, chosen
from linkage.counting.draws import drawn_persons
from linkage.counting.quantiles import QUANTILES, Span, spans_of
from linkage.counting.records import Records
from linkage.counting.rules import AttributeRule

__all__ = [
    "NEVER_MET",
    "UNDECIDED",
    "WRONG_LINKS",
    "Budget",
    "CountBudget",
    "Disagreeing",
    "Step",
    "budget_of",
    "disagreeing",
]

WRONG_LINKS: Final = "wrong links"
UNDECIDED: Final = "undecided pairs"
NEVER_MET: Final = "records that never met"

Ints = NDArray[np.int64]
Draws = Callable[[], Iterable[Ints]]


class Step(NamedTuple):
    """What one cause adds to a count, or takes from it: the mean over draws, and the ends of a 95 % range."""

    cause: str
    mean: float
    low: float
    high: float


class Disagreeing(NamedTuple):
    """Persons whose records disagree about what they were selected by.

    Attributes:
        out: Counted persons of whom another record says otherwise.
        into: Persons who are not counted, of whom some record says that they would be.
    """

    out: int
    into: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """The error budget of a count.

    Attributes:
        found: Persons that the run has found.
        steps: Persons that wrong links hide, those that undecided pairs count twice, and those that count twice because
            their records never met.
        expected: The mean over draws: what was found, and all steps.
        span: Its 95 % range.
        disagreeing: See `Disagreeing`; None if nothing was selected by an item.
        silent: For each state of a missing reporting period the reporters in it. How many persons they know is not
            known, and in no range.
    """

    found: int
    steps: tuple[Step, ...]
    expected: float
    span: Span
    disagreeing: Disagreeing | None
    silent: dict[str, tuple[str, ...]]

    def to_dict(self) -> dict[str, Any]:
        """Return plain lists, strings and numbers."""
        plain = asdict(self)
        return plain | {
            "steps": [step._asdict() for step in self.steps],
            "span": self.span._asdict(),
            "disagreeing": None if self.disagreeing is None else self.disagreeing._asdict(),
            "silent": {state: list(reporters) for state, reporters in self.silent.items()},
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class CountBudget:
    """An error budget with what must stand beside it.

    Attributes:
        budget: See `Budget`.
        beside: What stands beside the figures.
    """

    budget: Budget
    beside: Facing

    def to_dict(self) -> dict[str, Any]:
        """Return everything as plain lists, strings and numbers."""
        return self.beside.to_dict() | {"budget": self.budget.to_dict()}


def budget_of(
    records: Records, request: Request, *, pairs: Draws, joined: Draws, silent: dict[str, tuple[str, ...]]
) -> Budget:
    """Return the error budget of the total of a request.

    Args:
        records: The records, with the persons of the run.
        request: What is counted; what it is broken down by makes no difference.
        pairs: Yields, each time it is called, the persons of each draw before missing joins.
        joined: Yields them after missing joins.
        silent: See `Budget`.
    """
    selection, _ = chosen(records, request, request.period)
    found, persons = len(selection.units), records.persons

    def totals(draws: Iterable[Ints]) -> Ints:
        drawn = drawn_persons(records, draws)
        units = chosen(drawn.records, request, request.period)[0].units
        counted: Ints = drawn.counts(units, np.zeros(len(units), np.int64), np.array([found]))[0]
        return counted

    # Persons of the run, parted where a draw parts them, but not joined.
    parted = totals(_parted(persons, labels) for labels in pairs())
    drawn, whole = totals(pairs()), totals(joined())
    steps = ((WRONG_LINKS, parted - found), (UNDECIDED, drawn - parted), (NEVER_MET, whole - drawn))
    return Budget(
        found=found,
        steps=tuple(Step(cause, float(by.mean()), *np.quantile(by, QUANTILES).tolist()) for cause, by in steps),
        expected=float(whole.mean()),
        span=spans_of(whole[None, :])[0],
        disagreeing=disagreeing(records, request),
        silent=silent,
    )


def _parted(persons: Ints, labels: Ints) -> Ints:
    """Return the persons of the run that are one in a draw too."""
    span = int(labels.max(initial=0)) + 2
    _, found = np.unique(persons * span + labels, return_inverse=True)
    parted: Ints = np.where(persons < 0, -1, found.ravel())
    return parted


def disagreeing(records: Records, request: Request) -> Disagreeing | None:
    """Count the persons whose records disagree about the items that a request selects by.

    Args:
        records: The records.
        request: What is counted.

    Returns:
        See `Disagreeing`; None if it selects by no item.
    """
    selecting = [(one, codes) for one, codes in request.where if one.item]
    if not selecting:
        return None
    every = {
        one.item: AttributeRule(prefer=("known",), values="all", records=request.rule_of(one.item).records)
        for one, _ in selecting
    }
    loose = replace(request, rules=request.rules.model_copy(update={"items": {**request.rules.items, **every}}))
    strict_units = chosen(records, request, request.period)[0]
    loose_units = chosen(records, loose, request.period)[0]
    values, known = Values(records, loose, strict_units), set(request.rules.unknown)
    out: set[int] = set()
    for dimension, codes in selecting:
        table = values.pairs(dimension)
        said = zip(table["unit"].to_pylist(), table["value"].to_pylist(), strict=True)
        out |= {unit for unit, value in said if value not in codes and value not in known}
    into = np.setdiff1d(loose_units.units, strict_units.units)
    return Disagreeing(out=len(out), into=len(into))
