"""The persons of each draw, as the linkage unit has handed them over."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np
from numpy.typing import NDArray

from linkage.counting import Drawn, Records, drawn_persons
from linkage.messages.labels import unpacked
from linkage.store import Session

__all__ = ["NO_DRAWS", "RANGES", "WHY_NONE", "read_drawn"]

_DRAWS: Final = "SELECT draws FROM runs ORDER BY run DESC LIMIT 1"
_LABELS: Final = "SELECT rid, component, labels FROM draws ORDER BY rid"

RANGES: Final = (
    "in brackets the 95 % range over {n} draws of what the pairs of records that are not certain may be; no brackets "
    "where all draws agree"
)
"""What ranges cover."""

NO_DRAWS: Final = (
    "none: the last run of link has no draws, because a purge took them, or it was made before there were any; the "
    "next run draws again"
)
WHY_NONE: Final = {
    "unit": "none: cases and reports are counted by the ids of their reporters, which are certain",
    "as_of": "none: draws are of the records that the registry has now",
    "no draws": NO_DRAWS,
}
"""Why a table has no ranges."""


def read_drawn(session: Session, records: Records) -> Drawn | None:
    """Read the draws of the last run.

    Args:
        session: The open registry.
        records: The current records.

    Returns:
        The persons that not all draws have; None if the run has no draws.
    """
    found = session.rows(_DRAWS)
    n_draws: int = found[0][0] if found else 0
    if not n_draws or records.rid is None:
        return None
    return drawn_persons(records, _labels(session, records, n_draws))


def _labels(session: Session, records: Records, n_draws: int) -> Iterator[NDArray[np.int64]]:
    """Yield the person of each record in each draw; those that vary have numbers above all others."""
    assert records.rid is not None  # The caller has looked.
    table, persons = session.table(_LABELS), records.persons
    labels = unpacked(table["labels"], n_draws)
    order = np.argsort(records.rid)
    rid = table["rid"].to_numpy().astype(np.int64)
    place = order[np.minimum(np.searchsorted(records.rid[order], rid), max(records.n - 1, 0))] if records.n else rid[:0]
    # A record that was erased since is in no table, and one without a person has no draws either.
    known = (records.rid[place] == rid) & (persons[place] >= 0) if records.n else np.zeros(len(rid), np.bool_)
    place, labels = place[known], labels[known]
    component = table["component"].to_numpy().astype(np.int64)[known]
    numbers = int(persons.max(initial=-1)) + 1 + component[:, None] * (int(labels.max(initial=0)) + 1) + labels
    for draw in range(n_draws):
        found = persons.copy()
        found[place] = numbers[:, draw]
        yield found
