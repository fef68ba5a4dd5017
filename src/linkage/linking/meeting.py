"""Meeting strengths: how strongly the lack of a shared match key suggests that two records are two persons.

Two records *meet* if they share a match key. Records of different persons hardly ever do, so not meeting is evidence of
two persons only as far as records of one person do meet. How reliably they do is measured in groups of three or more
records: one link puts a record into its group, and the share of the *other* records that it meets shows its reach. A
record with a full date and a number meets nearly all of them, one with names and a year about two thirds. The share is
therefore estimated for each set of fields that a record has, as far as its comparisons show them.

The misses of a record are not independent: whatever made it miss one record makes it miss the next. Each miss therefore
counts only `DEPENDENCE` times what it would count alone.

Strengths are measured once, in the run that fits a model, and kept with it. Measured anew in each run they would move
the persons of records to which nothing has happened.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from linkage.linking.patterns import compared_fields
from linkage.linking.sums import stable_sums

__all__ = ["DEPENDENCE", "MeetingStrengths", "measure_strengths", "meeting_strengths"]

DEPENDENCE: Final = 0.5
"""Chosen on synthetic reporters: the smallest of .25, .35, .5, .7 and 1 that keeps the pair precision obtained with 1.
See docs/explanation/clusters.md."""

PRIOR_SHARE: Final = 0.9
PRIOR_RECORDS: Final = 20.0
"""The prior: a record meets nine of ten others, with the weight of twenty records. The share over all records is in
turn the prior for each set of fields, with the same weight."""

MIN_SHARE: Final = 0.01
MAX_SHARE: Final = 0.995
"""Bounds on the share, so that not meeting always counts a little against one person but never rules it out: a match
key is easily lost."""


@dataclass(frozen=True)
class MeetingStrengths:
    """How reliably records meet others of their person, by the fields that they have.

    Attributes:
        sets: Sets of fields as `compared_fields` numbers them, ascending, and the strength of each.
        otherwise: The strength of records with any other set of fields.
    """

    sets: tuple[tuple[int, float], ...]
    otherwise: float

    def of(self, fields: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return the strength of each record.

        Args:
            fields: `(n,) int64`, from `compared_fields`.

        Returns:
            `(n,) float64`, as `cluster` takes it.
        """
        known = np.array([number for number, _ in self.sets], np.int64)
        # The strength for all others comes last.
        strength = np.array([*(value for _, value in self.sets), self.otherwise])
        place = np.searchsorted(known, fields)
        found = place < len(known)
        found[found] = known[place[found]] == fields[found]
        return np.asarray(strength[np.where(found, place, len(known))])


def measure_strengths(
    a: NDArray[np.int64],
    b: NDArray[np.int64],
    levels: NDArray[np.int8],
    labels: NDArray[np.int64],
    *,
    dependence: float = DEPENDENCE,
) -> MeetingStrengths:
    """Estimate how reliably records meet others of their person.

    Args:
        a: `(p,) int64`, the index of one record of each candidate pair.
        b: `(p,) int64`, that of the other.
        levels: `(p, f) int8`, -1 where a field is absent on either side.
        labels: `(n,) int64`, not negative: the person of each record, as far as known.
        dependence: See `DEPENDENCE`.

    Returns:
        The strengths: a pair that does not meet has log odds of minus the product of the two.
    """
    if not len(labels):
        return MeetingStrengths((), float(np.sqrt(-dependence * np.log1p(-PRIOR_SHARE))))
    sets, kind = np.unique(compared_fields(a, b, levels, len(labels)), return_inverse=True)
    size = np.bincount(labels)[labels]
    same = labels[a] == labels[b]
    met = np.bincount(np.concatenate([a[same], b[same]]), minlength=len(labels))
    counted = size > 2
    share = (met[counted] - 1) / (size[counted] - 2)
    seen = np.bincount(kind[counted], minlength=len(sets))
    sums = stable_sums(kind[counted].astype(np.int64), share, len(sets))
    overall = (sums.sum() + PRIOR_RECORDS * PRIOR_SHARE) / (seen.sum() + PRIOR_RECORDS)
    # The share over all records comes last.
    shares = np.append((sums + PRIOR_RECORDS * overall) / (seen + PRIOR_RECORDS), overall)
    against = -dependence * np.log1p(-np.clip(shares, MIN_SHARE, MAX_SHARE))
    # The product of two strengths equals, on average over all records, the evidence for the record's own kind.
    mean = (against[:-1] * np.bincount(kind, minlength=len(sets))).sum() / len(labels)
    *strengths, otherwise = (against / np.sqrt(mean)).tolist()
    return MeetingStrengths(tuple(zip(sets.tolist(), strengths, strict=True)), otherwise)


def meeting_strengths(
    a: NDArray[np.int64],
    b: NDArray[np.int64],
    levels: NDArray[np.int8],
    labels: NDArray[np.int64],
    *,
    dependence: float = DEPENDENCE,
) -> NDArray[np.float64]:
    """Estimate how reliably each record meets the others of its person.

    Args:
        a: As for `measure_strengths`.
        b: As for `measure_strengths`.
        levels: As for `measure_strengths`.
        labels: As for `measure_strengths`.
        dependence: See `DEPENDENCE`.

    Returns:
        `(n,) float64`, as `cluster` takes it: a pair that does not meet has log odds of minus the product of the two.
    """
    strengths = measure_strengths(a, b, levels, labels, dependence=dependence)
    return strengths.of(compared_fields(a, b, levels, len(labels)))
