"""The persons of each draw, as the linkage unit has handed them over."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from linkage.counting import Answers, Drawn, Joining, NeverMet, Records, default_rules, drawn_persons
from linkage.messages.labels import unpacked
from linkage.statistics_unit.never_met import read_never_met
from linkage.store import Session
from pseudonym.codebook import Codebook, Item

__all__ = ["NO_DRAWS", "WHY_NONE", "attributes_of", "read_drawn", "read_draws"]

_DRAWS: Final = "SELECT draws FROM runs ORDER BY run DESC LIMIT 1"
_LABELS: Final = "SELECT rid, component, labels FROM draws ORDER BY rid"

MOST_CODES: Final = 20
"""Most codes of an item by which missing joins are placed; of more, two records of one person seldom have the same."""

RANGES: Final = (
    "in brackets the 95 % range over {n} draws of what the pairs of records that are not certain may be, and of the "
    "persons who count twice because their records never met ({joins} expected, {basis}); no brackets where all draws "
    "agree with the count. So a count may lie above its range"
)
ONLY_PAIRS: Final = (
    "in brackets the 95 % range over {n} draws of what the pairs of records that are not certain may be; no brackets "
    "where all draws agree with the count. How many persons count twice because their records never met could not be "
    "estimated, so there may be fewer persons than any range says"
)
"""What ranges cover."""

NO_DRAWS: Final = (
    "none: the last run of link has no draws, because a purge took them, or it was made before there were any; the "
    "next run draws again"
)
WHY_NONE: Final = {
    "unit": "none: cases and reports are counted by the ids of their reporters, which are certain",
    "as_of": "none: draws are of the records that the registry has now",
}
"""Why a table has no ranges."""


def attributes_of(book: Codebook | None) -> list[str]:
    """Return the items by which missing joins are placed: ages, and what stays for life and has few codes."""
    if book is None:
        return []
    rules = default_rules()

    def placing(item: Item) -> bool:
        lasting = rules.rule_of(item.name, many=item.many).records == "all" and len(item.codes) <= MOST_CODES
        return not item.many and (bool(item.ages) or lasting)

    return [name for name, item in book.by_name.items() if placing(item)]


def read_drawn(session: Session, records: Records, attributes: Sequence[str]) -> tuple[Drawn | None, str]:
    """Read the draws of the last run.

    Args:
        session: The open registry.
        records: The current records, with the answers to `attributes`.
        attributes: See `attributes_of`.

    Returns:
        The persons that not all draws have, None if the run has no draws; and in words what ranges cover, or why there
        are none.
    """
    draws, said = read_draws(session, records, attributes)
    return None if draws is None else drawn_persons(records, draws), said


def read_draws(
    session: Session, records: Records, attributes: Sequence[str]
) -> tuple[Iterator[NDArray[np.int64]] | None, str]:
    """Read the person of each record in each draw of the last run.

    Args:
        session: The open registry.
        records: As for `read_drawn`.
        attributes: As for `read_drawn`.

    Returns:
        For each draw `(n,) int64`, -1 for a record without a person; None and the words as for `read_drawn`.
    """
    found = session.rows(_DRAWS)
    n_draws: int = found[0][0] if found else 0
    if not n_draws or records.rid is None:
        return None, NO_DRAWS
    estimate = read_never_met(session)
    labels = _labels(session, records, n_draws)
    if estimate.joins <= 0:
        return labels, ONLY_PAIRS.format(n=n_draws)
    said = RANGES.format(n=n_draws, joins=round(estimate.joins), basis=estimate.basis)
    return _joined(labels, records, attributes, estimate), said


def _joined(
    draws: Iterable[NDArray[np.int64]], records: Records, attributes: Sequence[str], estimate: NeverMet
) -> Iterator[NDArray[np.int64]]:
    """Yield the persons of each draw after as many joins as were drawn for records that never met."""
    linked = np.flatnonzero(records.persons >= 0)
    columns = {"reporter": records.rows["reporter"], "has": records.has}
    columns |= {f"item {name}": _known(records.items[name]) for name in attributes}
    joining = Joining(pa.table(columns).take(pa.array(linked)), estimate)
    for number, labels in enumerate(draws):
        found = labels.copy()
        found[linked] = joining.add(labels[linked], np.random.default_rng([_SEED, number]))
        yield found


_SEED: Final = 0


def _known(answers: Answers) -> pa.Array:
    """Return the answer of each record as text; null where nothing is known."""
    unknown = set(default_rules().unknown)
    texts = [None if set(codes) <= unknown else " ".join(codes) for codes in answers.sets]
    return pa.array([*texts, None], pa.string()).take(pa.array(answers.ids % (len(texts) + 1)))


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
