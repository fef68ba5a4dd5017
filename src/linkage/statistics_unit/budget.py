"""The error budget of what was asked for, read from the store."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from linkage.counting import PAIRS_ALONE, CountBudget, budget_of, silences_of
from linkage.errors import SettingsError
from linkage.statistics_unit.counted import with_ranges
from linkage.statistics_unit.counting import Asked, open_request
from linkage.statistics_unit.drawn import WHY_NONE, attributes_of, read_draws
from linkage.statistics_unit.stored_codebooks import read_book
from linkage.store import Session

__all__ = ["read_budget"]


def read_budget(session: Session, asked: Asked) -> CountBudget:
    """Return the error budget of the total of what is asked for; filters make it that of a cell.

    Args:
        session: The open registry.
        asked: What is asked for; `by` makes no difference.

    Raises:
        NotLinkedError: As `check_linked`, for persons.
        SettingsError: As `open_request`; `table.budget` if there are no ranges, and so no budget.
    """
    opened = open_request(session, replace(asked, by=()))
    if asked.unit != "person":
        raise _error(WHY_NONE["unit"])
    if asked.as_of is not None:
        raise _error(WHY_NONE["as_of"])
    attributes, records = attributes_of(read_book(session)), opened.records
    draws, said = read_draws(session, records, attributes)
    if draws is None:
        raise _error(said)

    beside = with_ranges(session, opened.beside, said, there=True)

    def drawn(*, joined: bool) -> Iterator[NDArray[np.int64]]:
        found, _ = read_draws(session, records, attributes, joined=joined)
        assert found is not None  # They were there a moment ago.
        return found

    budget = budget_of(
        records,
        opened.request,
        pairs=lambda: drawn(joined=False),
        joined=lambda: drawn(joined=True),
        silences=silences_of(opened.coverage, opened.request.period),
        has_roster="due" in opened.coverage.column_names,
        estimated=beside.range_basis != PAIRS_ALONE,
    )
    return CountBudget(budget=budget, beside=beside)


def _error(why: str) -> SettingsError:
    message = f"There is no error budget, since there are no ranges ({why.removeprefix('none: ')})."
    return SettingsError("table.budget", message, hint="Leave out --budget.")
