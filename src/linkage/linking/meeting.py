"""Reach: what it says that two records share no match key.

Records of different persons share a key so seldom that its absence says nothing for them; so it speaks against one
person as strongly as two records of one person are sure to meet. That is measured, in persons of three records and
more: each record owes its place to one link, and the share of the *others* that it meets too is its own. A record with
a whole date and a number meets nearly all of them, one with names and a year some two of three, so the share is taken
by the fields that a record has, as far as anything that it was compared with has shown them.

Misses of one record are not independent: what made it miss one makes it miss the next. So each counts `DEPENDENCE` of
what it would alone.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from linkage.linking.patterns import sums_of

__all__ = ["DEPENDENCE", "reaches"]

DEPENDENCE: Final = 0.5
"""Chosen on synthetic bodies: the least of .25, .35, .5, .7 and 1 with which pair precision is what it is with 1. See
docs/explanation/clusters.md."""

PRIOR_SHARE: Final = 0.9
PRIOR_RECORDS: Final = 20.0
"""Before anything is seen, nine of ten others are met; some twenty records outweigh that, and as many those of all
fields when it comes to records with certain fields."""

MIN_SHARE: Final = 0.01
MAX_SHARE: Final = 0.995
"""No kind of record is taken to meet fewer or more: what does not meet speaks at least a little against one person,
and a match key is soon lost."""


def reaches(
    a: NDArray[np.int64],
    b: NDArray[np.int64],
    levels: NDArray[np.int8],
    labels: NDArray[np.int64],
    *,
    dependence: float = DEPENDENCE,
) -> NDArray[np.float64]:
    """Say how surely each record meets the others of its person.

    Args:
        a: `(p,) int64`, the place of one record of each candidate pair, from 0.
        b: `(p,) int64`, that of the other.
        levels: `(p, f) int8`, -1 where a field is absent on a side.
        labels: `(n,) int64`, not negative: the person of each record as far as is known.
        dependence: See `DEPENDENCE`.

    Returns:
        `(n,) float64`, as `cluster` takes it: the product of two is minus the log odds of a pair that does not meet.
    """
    if not len(labels):
        return np.zeros(0)
    kind = _kinds(a, b, levels, len(labels))
    size = np.bincount(labels)[labels]
    same = labels[a] == labels[b]
    met = np.bincount(np.concatenate([a[same], b[same]]), minlength=len(labels))
    told = size > 2
    share = (met[told] - 1) / (size[told] - 2)
    n_kinds = int(kind.max()) + 1
    seen = np.bincount(kind[told], minlength=n_kinds)
    sums = sums_of(kind[told], share, n_kinds)
    overall = (sums.sum() + PRIOR_RECORDS * PRIOR_SHARE) / (seen.sum() + PRIOR_RECORDS)
    of_kind = np.clip((sums + PRIOR_RECORDS * overall) / (seen + PRIOR_RECORDS), MIN_SHARE, MAX_SHARE)
    against = -dependence * np.log1p(-of_kind)
    # A product of two is to be on average, over all whom a record may meet, what its kind says.
    mean = (against * np.bincount(kind, minlength=n_kinds)).sum() / len(labels)
    return np.asarray((against / np.sqrt(mean))[kind])


def _kinds(a: NDArray[np.int64], b: NDArray[np.int64], levels: NDArray[np.int8], n_records: int) -> NDArray[np.int64]:
    """Number the records by the fields that they have."""
    bits = ((levels >= 0) << np.arange(levels.shape[1], dtype=np.int64)).sum(axis=1)
    fields = np.zeros(n_records, np.int64)
    np.bitwise_or.at(fields, a, bits)
    np.bitwise_or.at(fields, b, bits)
    return np.unique(fields, return_inverse=True)[1].astype(np.int64)
