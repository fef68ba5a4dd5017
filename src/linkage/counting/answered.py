"""What answers say: which records are one person, what part of a missing join a record is, and what a sample is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse.csgraph import connected_components

__all__ = ["Known", "SampleStatus", "agreed", "missing_joins"]

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleStatus:
    """The last sample, and what its answers say.

    Attributes:
        sample: Its number.
        drawn_at: When it was drawn, in UTC.
        run: The run of linking that it was drawn after.
        questions: Number of records that were drawn and are still there.
        answered: How many of them have an answer.
        answered_at: When the last answers were taken, or None.
        missed: Answers by which the record is a part of its person that was missed.
        strata: For each stratum the number of its records and of those drawn.
        wrong_fields: For each field the number of records of the answers in which it is wrong.
        joins: The expected number of persons too many because their records never met.
        standard_deviation: Of that number.
        basis: On what it rests: `by assumption`, or `by sample of n`.
    """

    sample: int
    drawn_at: str
    run: int
    questions: int
    answered: int
    answered_at: str | None
    missed: int
    strata: dict[str, tuple[int, int]]
    wrong_fields: dict[str, int]
    joins: float
    standard_deviation: float
    basis: str

    def to_dict(self) -> dict[str, Any]:
        """Return plain lists, strings and numbers, as `linkage sample status --json` prints it."""
        strata = [{"stratum": name, "records": n, "drawn": drawn} for name, (n, drawn) in self.strata.items()]
        return asdict(self) | {"strata": strata}


def agreed(persons: Iterable[frozenset[int]]) -> list[frozenset[int]]:
    """Return the persons of whom no two answers say different things.

    Args:
        persons: All records of the person of each answer.

    Returns:
        Each person once, in the order of their smallest records.
    """
    distinct = set(persons)
    named: dict[int, int] = {}
    for one in distinct:
        for rid in one:
            named[rid] = named.get(rid, 0) + 1
    return sorted((one for one in distinct if all(named[rid] == 1 for rid in one)), key=min)


@dataclass(frozen=True, slots=True, eq=False)
class Known:
    """Persons of whom answers have named all records, so that no draw may say otherwise.

    Attributes:
        person: `(n,) int64`, the known person of each record, from 0; -1 for all others.
        later: `(n,) bool`, records that may have come after the answers, so that they can be of a known person too.
    """

    person: Ints
    later: NDArray[np.bool_]

    def applied(self, labels: Ints) -> Ints:
        """Return a draw in which each known person has its records and no others.

        A later record stays with a known person with whom it was drawn, unless it was drawn with others as well.

        Args:
            labels: `(n,) int64`, the person of each record in the draw; -1 where it is not linked.
        """
        linked = labels >= 0
        known = (self.person >= 0) & linked
        found = labels.copy()
        found[known] = int(labels.max(initial=-1)) + 1 + self.person[known]
        with_others = np.zeros(int(labels.max(initial=-1)) + 1, np.bool_)
        with_others[labels[linked & ~known & ~self.later]] = True
        follows = np.full(len(with_others), -1, np.int64)
        # Written backwards, so that the first known record of a group decides.
        rows = np.flatnonzero(known)[::-1]
        follows[labels[rows]] = found[rows]
        rows = np.flatnonzero(self.later & linked & ~known)
        rows = rows[(follows[labels[rows]] >= 0) & ~with_others[labels[rows]]]
        found[rows] = follows[labels[rows]]
        return found

    def settled(self, persons: Ints) -> NDArray[np.bool_]:
        """Return `(n,) bool`, the records of known persons, and later ones that a run has found to be theirs.

        Args:
            persons: `(n,) int64`, the person of each record in the run; -1 where it is not linked.
        """
        known = self.person >= 0
        mine = np.isin(persons, persons[known & (persons >= 0)])
        return known | (self.later & mine)


def missing_joins(asked: int, same: Sequence[int], drawn: Ints, pairs: Ints) -> float:
    """Return what part of a missing join a record is, given all records of its person.

    Records that some draw puts together belong together here, and so do those of a pair that the run has stored: what
    is only undecided is the matter of the draws, which are right on average. The largest part (of equal ones that with
    the smallest record) is the person; every other part is one join that is missing, which its records share evenly.

    Args:
        asked: The record.
        same: All records of its person, each once, the record among them.
        drawn: `(m, d) int64`, the person of each of these in each draw; one column if there are no draws.
        pairs: `(e, 2) int64`, the pairs that the run has stored, also of other records.

    Returns:
        0 if the record is in the largest part, else 1 divided by the number of records of its part.
    """
    records = np.array(same, np.int64)
    order = np.argsort(records)
    records, labels = records[order], drawn[order]
    together = (labels[:, None, :] == labels[None, :, :]).any(axis=2)
    ends = np.searchsorted(records, pairs[np.isin(pairs, records).all(axis=1)])
    together[ends[:, 0], ends[:, 1]] = True
    part = connected_components(together, directed=False)[1]
    sizes = np.bincount(part)[part]
    own = int(np.searchsorted(records, asked))
    # Records are in order, so that of equal parts the first is that with the smallest record.
    return 0.0 if part[own] == part[np.argmax(sizes)] else 1 / float(sizes[own])
