"""The error budget of a count: what lies between the persons found and the persons expected, step by step."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from linkage.counting.counted import Facing
from linkage.counting.counts import Request, Values, chosen
from linkage.counting.definition import accepted_codes, items_of
from linkage.counting.draws import Drawn, drawn_persons
from linkage.counting.quantiles import QUANTILES, Span, spans_of
from linkage.counting.records import Records
from linkage.counting.rules import AttributeRule
from linkage.counting.silent import LEAST_MONTHS, Silence, silent_persons
from linkage.counting.standing import MISSING

__all__ = [
    "CONFLICTS",
    "NEVER_MET",
    "SILENT",
    "UNDECIDED",
    "WRONG_LINKS",
    "Beyond",
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
CONFLICTS: Final = "attribute conflicts"
SILENT: Final = "silent reporters"

Ints = NDArray[np.int64]
Draws = Callable[[], Iterable[Ints]]


class Step(NamedTuple):
    """What one cause adds to a count, or takes from it: the mean over draws, and the ends of a 95 % range."""

    cause: str
    mean: float
    low: float
    high: float


class Beyond(NamedTuple):
    """What one cause could add to a count, or take from it, that no range covers.

    Attributes:
        cause: What it is.
        mean: How much it adds on average; None if nothing says what is likely.
        low: Lower end of what it may add; None if there is no figure.
        high: Upper end.
        why: What the figure is, or why there is none.
    """

    cause: str
    mean: float | None
    low: float | None
    high: float | None
    why: str


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
        beyond: What disagreeing records and missing reports could change; in no range, and not in what is expected.
        disagreeing: See `Disagreeing`; None if nothing was selected by an item.
        silent: For each state of a missing reporting period the reporters in it.
    """

    found: int
    steps: tuple[Step, ...]
    expected: float
    span: Span
    beyond: tuple[Beyond, ...]
    disagreeing: Disagreeing | None
    silent: dict[str, tuple[str, ...]]

    def to_dict(self) -> dict[str, Any]:
        """Return plain lists, strings and numbers."""
        plain = asdict(self)
        return plain | {
            "steps": [step._asdict() for step in self.steps],
            "beyond": [one._asdict() for one in self.beyond],
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
    records: Records,
    request: Request,
    *,
    pairs: Draws,
    joined: Draws,
    silences: Sequence[Silence] = (),
    has_roster: bool = False,
    estimated: bool = True,
) -> Budget:
    """Return the error budget of the total of a request.

    Args:
        records: The records, with the persons of the run.
        request: What is counted; what it is broken down by makes no difference.
        pairs: Yields, each time it is called, the persons of each draw before missing joins.
        joined: Yields them after missing joins.
        silences: The reporters of whom reports are missing.
        has_roster: Whether a roster says who is to report.
        estimated: Whether the number of missing joins could be estimated; if not, its row has no figure.
    """
    selection, _ = chosen(records, request, request.period)
    found, persons = len(selection.units), records.persons

    def totals(drawn: Drawn) -> Ints:
        units = chosen(drawn.records, request, request.period)[0].units
        counted: Ints = drawn.counts(units, np.zeros(len(units), np.int64), np.array([found]))[0]
        return counted

    # Persons of the run, parted where a draw parts them, but not joined.
    parted = totals(drawn_persons(records, (_parted(persons, labels) for labels in pairs())))
    drawn, last = totals(drawn_persons(records, pairs())), drawn_persons(records, joined())
    whole = totals(last)
    differing = disagreeing(records, request)
    steps = [(WRONG_LINKS, parted - found), (UNDECIDED, drawn - parted)]
    beyond = [_conflicts(differing), _silence(records, request, last, silences, has_roster=has_roster)]
    if estimated:
        steps.append((NEVER_MET, whole - drawn))
    else:
        beyond.insert(0, Beyond(NEVER_MET, None, None, None, _UNESTIMATED))
    return Budget(
        found=found,
        steps=tuple(Step(cause, float(by.mean()), *np.quantile(by, QUANTILES).tolist()) for cause, by in steps),
        expected=float(whole.mean()),
        span=spans_of(whole[None, :])[0],
        beyond=tuple(beyond),
        disagreeing=differing,
        silent=_by_state(silences),
    )


_UNESTIMATED: Final = "no figure, as too few pairs of records were nearly missed to say how many were; they count twice"


def _conflicts(differing: Disagreeing | None) -> Beyond:
    if differing is None:
        return Beyond(CONFLICTS, 0.0, 0.0, 0.0, "nothing is selected by an item, so the rules change no total")
    why = (
        f"another record says otherwise of {differing.out} of those counted, and some record of {differing.into} "
        "others says that they would count; the ends are what other rules could make of them at most"
    )
    return Beyond(CONFLICTS, None, float(0 - differing.out), float(differing.into), why)


def _silence(
    records: Records, request: Request, drawn: Drawn, silences: Sequence[Silence], *, has_roster: bool
) -> Beyond:
    if not silences:
        if has_roster:
            return Beyond(SILENT, 0.0, 0.0, 0.0, "everything that the roster expects has come")
        return Beyond(SILENT, None, None, None, "no figure, as no roster says who is to report")
    found = silent_persons(records, request, drawn, silences)
    unsaid = f"no figure for {', '.join(found.uncounted)}, which reported less than {LEAST_MONTHS} months of the period"
    if found.mean is None:
        return Beyond(SILENT, None, None, None, unsaid)
    why = (
        f"what {', '.join(found.counted)} would have added in the missing months if these were like those it reported"
        f"{f'; {unsaid}' if found.uncounted else ''}"
    )
    return Beyond(SILENT, found.mean, found.low, found.high, why)


def _by_state(silences: Sequence[Silence]) -> dict[str, tuple[str, ...]]:
    return {state: own for state in MISSING if (own := tuple(one.reporter for one in silences if state in one.states))}


def _parted(persons: Ints, labels: Ints) -> Ints:
    """Return the persons of the run that are one in a draw too."""
    span = int(labels.max(initial=0)) + 2
    _, found = np.unique(persons * span + labels, return_inverse=True)
    parted: Ints = np.where(persons < 0, -1, found.ravel())
    return parted


def disagreeing(records: Records, request: Request) -> Disagreeing | None:
    """Count the persons whose records disagree about the items that a request selects by: filters and a definition.

    Args:
        records: The records.
        request: What is counted.

    Returns:
        See `Disagreeing`; None if it selects by no item.
    """
    unknown = frozenset(request.rules.unknown)
    # For each item the codes by which somebody counts, and those that say nothing against it.
    filters = [(one, codes, unknown) for one, codes in request.where if one.item]
    conditions = items_of(request.definition)
    items = {one.item for one, *_ in filters} | set(conditions)
    if not items:
        return None
    every = {
        name: AttributeRule(prefer=("known",), values="all", records=request.rule_of(name).records) for name in items
    }
    rules = request.rules.model_copy(update={"items": {**request.rules.items, **every}})
    definition = request.definition
    if definition is not None:
        # What no single record says, several may say together.
        definition = definition.model_copy(update={"judged_by": "person"})
    loose = replace(request, rules=rules, definition=definition)
    strict_units = chosen(records, request, request.period)[0]
    loose_units = chosen(records, loose, request.period)[0]
    values, out = Values(records, loose, strict_units), set[int]()
    selecting = [(values.pairs(one), codes, open_) for one, codes, open_ in filters]
    selecting += [
        (values.resolved(name).values, *accepted_codes(condition, request.items.get(name), unknown))
        for name, condition in conditions.items()
    ]
    for table, codes, open_ in selecting:
        said = zip(table["unit"].to_pylist(), table["value"].to_pylist(), strict=True)
        out |= {unit for unit, value in said if value not in codes and value not in open_}
    into = np.setdiff1d(loose_units.units, strict_units.units)
    return Disagreeing(out=len(out), into=len(into))
