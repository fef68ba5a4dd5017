"""Meeting strengths: how strongly the lack of a shared match key suggests that two records are two persons.

Two records *meet* if they share a match key. Records of different persons hardly ever do, so not meeting is evidence of
two persons only as far as records of one person do meet. How reliably they do is measured in groups of three or more
records: one link puts a record into its group, and the share of the *other* records that it meets shows its reach. A
record with a full date and a number meets nearly all of them, one with names and a year about two thirds. The share is
therefore estimated for each set of fields that a record has, as far as its comparisons show them.

The misses of a record are not independent: whatever made it miss one record makes it miss the next. Each miss therefore
counts only `DEPENDENCE` times what it would count alone.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from linkage.linking.patterns import compared_fields
from linkage.linking.sums import stable_sums

__all__ = ["DEPENDENCE", "meeting_strengths"]

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
        a: `(p,) int64`, the index of one record of each candidate pair.
        b: `(p,) int64`, that of the other.
        levels: `(p, f) int8`, -1 where a field is absent on either side.
        labels: `(n,) int64`, not negative: the person of each record, as far as known.
        dependence: See `DEPENDENCE`.

    Returns:
        `(n,) float64`, as `cluster` takes it: a pair that does not meet has log odds of minus the product of the two.
    """
    if not len(labels):
        return np.zeros(0)
    kind = np.unique(compared_fields(a, b, levels, len(labels)), return_inverse=True)[1].astype(np.int64)
    size = np.bincount(labels)[labels]
    same = labels[a] == labels[b]
    met = np.bincount(np.concatenate([a[same], b[same]]), minlength=len(labels))
    counted = size > 2
    share = (met[counted] - 1) / (size[counted] - 2)
    n_kinds = int(kind.max()) + 1
    seen = np.bincount(kind[counted], minlength=n_kinds)
    sums = stable_sums(kind[counted], share, n_kinds)
    overall = (sums.sum() + PRIOR_RECORDS * PRIOR_SHARE) / (seen.sum() + PRIOR_RECORDS)
    of_kind = np.clip((sums + PRIOR_RECORDS * overall) / (seen + PRIOR_RECORDS), MIN_SHARE, MAX_SHARE)
    against = -dependence * np.log1p(-of_kind)
    # The product of two strengths equals, on average over all records, the evidence for the record's own kind.
    mean = (against * np.bincount(kind, minlength=n_kinds)).sum() / len(labels)
    return np.asarray((against / np.sqrt(mean))[kind])
