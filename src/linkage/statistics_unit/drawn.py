"""The persons of each draw, as the linkage unit has handed them over."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from linkage.counting import Answers, Drawn, Joining, Known, NeverMet, Records, Variants, default_rules, variants_of
from linkage.messages.labels import unpacked
from linkage.statistics_unit.never_met import read_known, read_never_met
from linkage.store import Session
from pseudonym.codebook import Codebook, Item

__all__ = ["NO_DRAWS", "WHY_NONE", "Kept", "attributes_of", "read_drawn", "read_draws"]

_DRAWS: Final = "SELECT draws FROM runs ORDER BY run DESC LIMIT 1"
_STATE: Final = """
SELECT (SELECT max(finished_at) FROM runs), (SELECT max(draws) FROM runs), (SELECT count(*) FROM runs),
    (SELECT max(submission) FROM submissions), (SELECT max(erasure) FROM erasures),
    (SELECT max(codebook) FROM codebooks), (SELECT max(sample) FROM samples),
    (SELECT max(answered_at) FROM samples), (SELECT count(*) FROM draws)
"""
_LABELS: Final = "SELECT rid, component, labels FROM draws ORDER BY rid"

MOST_CODES: Final = 20
"""Most codes of an item by which missing joins are placed; of more, two records of one person seldom have the same."""

MOST_LABELS: Final = 4_000_000
"""Of records in draws: as many draws are counted as this allows, for a table of 100,000 records in seconds."""

LEAST_DRAWS: Final = 50

LEAST_REPORTERS: Final = 2
"""Fewer have no ranges: what is assumed of missing joins was measured where several reporters know a person. Of the
files FEBRL 1 to 3, which are one reporter each, ranges would be too high (benchmarks/results/coverage.json)."""

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
    "none: the last run of link has no draws, because a purge took them before they were handed over, or it was made "
    "before there were any; the next run draws again"
)
ONE_REPORTER: Final = (
    "none: all records are of one reporter, and what is assumed of records that never met was measured on several"
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


@dataclass(eq=False)
class Kept:
    """The persons that not all draws have, kept for the next table of the same registry.

    Attributes:
        state: What they were gathered from; see `_state`.
        rid: `(n,) int64`, the records of the registry, ascending.
        variants: The persons, by places in `rid`.
        said: What ranges cover.
    """

    state: tuple[Any, ...] = ()
    rid: NDArray[np.int64] | None = None
    variants: Variants | None = None
    said: str = ""


def read_drawn(
    session: Session, records: Records, attributes: Sequence[str], kept: Kept | None = None
) -> tuple[Drawn | None, str]:
    """Read the draws of the last run.

    Args:
        session: The open registry.
        records: The current records, with the answers to `attributes`.
        attributes: See `attributes_of`.
        kept: What an earlier call has found; it is used if nothing has changed since, and changed if something has.

    Returns:
        The persons that not all draws have, None if the run has no draws; and in words what ranges cover, or why there
        are none.
    """
    kept = Kept() if kept is None else kept
    state = _state(session)
    if kept.state != state or kept.variants is None:
        draws, said = read_draws(session, records, attributes)
        if draws is None or records.rid is None:
            return None, said
        # By rid, since records come in any order.
        order = np.argsort(records.rid)
        found = variants_of(records.persons[order], (labels[order] for labels in draws))
        kept.state, kept.rid, kept.variants, kept.said = state, records.rid[order], found, said
    # Draws are of records with numbers, as `read_draws` has looked.
    assert kept.rid is not None
    assert records.rid is not None
    order = np.argsort(records.rid)
    row = order[np.searchsorted(records.rid[order], kept.rid)][kept.variants.row]
    return replace(kept.variants, row=row).of(records), kept.said


def _state(session: Session) -> tuple[Any, ...]:
    """Return what changes whenever the draws, the records or their answers do."""
    return session.rows(_STATE)[0]


def read_draws(
    session: Session, records: Records, attributes: Sequence[str], *, joined: bool = True
) -> tuple[Iterator[NDArray[np.int64]] | None, str]:
    """Read the person of each record in each draw of the last run.

    Args:
        session: The open registry.
        records: As for `read_drawn`.
        attributes: As for `read_drawn`.
        joined: Whether draws have the missing joins.

    Returns:
        For each draw `(n,) int64`, -1 for a record without a person; None and the words as for `read_drawn`.
    """
    found = session.rows(_DRAWS)
    n_draws: int = found[0][0] if found else 0
    if not n_draws or records.rid is None:
        return None, NO_DRAWS
    if len(np.unique(records.reporters[0][records.persons >= 0])) < LEAST_REPORTERS:
        return None, ONE_REPORTER
    estimate = read_never_met(session)
    used = _used(n_draws, records.n)
    labels = _labels(session, records, n_draws, used)
    if not joined or not estimate.is_estimated:
        return labels, ONLY_PAIRS.format(n=len(used))
    known = read_known(session, records.rid)
    said = RANGES.format(n=len(used), joins=round(estimate.joins), basis=estimate.basis)
    return _joined(labels, records, attributes, estimate, known), said


def _used(n_draws: int, n_records: int) -> NDArray[np.int64]:
    """Return which draws are counted: all, or of a large registry some, spread over the shifts of the log odds."""
    wanted = min(n_draws, max(LEAST_DRAWS, MOST_LABELS // max(n_records, 1)))
    return np.linspace(0, n_draws - 1, wanted).round().astype(np.int64)


def _joined(
    draws: Iterable[NDArray[np.int64]], records: Records, attributes: Sequence[str], estimate: NeverMet, known: Known
) -> Iterator[NDArray[np.int64]]:
    """Yield the persons of each draw: those that answers have named, and the rest after as many joins as were drawn."""
    assert records.rid is not None  # The caller has looked.
    # The order in which records come from the file must make no difference.
    linked = np.flatnonzero(records.persons >= 0)
    linked = linked[np.argsort(records.rid[linked])]
    open_ = ~known.settled(records.persons)[linked]
    columns = {"reporter": records.rows["reporter"], "has": records.has}
    columns |= {f"item {name}": _known(records.items[name]) for name in attributes}
    joining = Joining(pa.table(columns).take(pa.array(linked[open_])), estimate)
    for number, labels in enumerate(draws):
        own = _by_first(known.applied(labels)[linked])
        own[open_] = joining.add(own[open_], np.random.default_rng([_SEED, number]))
        found = np.full(len(labels), -1, np.int64)
        found[linked] = own
        yield found


def _by_first(labels: NDArray[np.int64]) -> NDArray[np.int64]:
    """Number groups by their first members."""
    first = np.full(int(labels.max(initial=-1)) + 1, len(labels), np.int64)
    np.minimum.at(first, labels, np.arange(len(labels)))
    found: NDArray[np.int64] = first[labels]
    return found


_SEED: Final = 0


def _known(answers: Answers) -> pa.Array:
    """Return the answer of each record as text; null where nothing is known."""
    unknown = set(default_rules().unknown)
    texts = [None if set(codes) <= unknown else " ".join(codes) for codes in answers.sets]
    return pa.array([*texts, None], pa.string()).take(pa.array(answers.ids % (len(texts) + 1)))


def _labels(session: Session, records: Records, n_draws: int, used: NDArray[np.int64]) -> Iterator[NDArray[np.int64]]:
    """Yield the person of each record in each draw; those that vary have numbers above all others."""
    assert records.rid is not None  # The caller has looked.
    table, persons = session.table(_LABELS), records.persons
    labels = unpacked(table["labels"], n_draws)[:, used]
    order = np.argsort(records.rid)
    rid = table["rid"].to_numpy().astype(np.int64)
    place = order[np.minimum(np.searchsorted(records.rid[order], rid), max(records.n - 1, 0))] if records.n else rid[:0]
    # A record that was erased since is in no table, and one without a person has no draws either.
    known = (records.rid[place] == rid) & (persons[place] >= 0) if records.n else np.zeros(len(rid), np.bool_)
    place, labels = place[known], labels[known]
    component = table["component"].to_numpy().astype(np.int64)[known]
    numbers = int(persons.max(initial=-1)) + 1 + component[:, None] * (int(labels.max(initial=0)) + 1) + labels
    for draw in range(len(used)):
        found = persons.copy()
        found[place] = numbers[:, draw]
        yield found
