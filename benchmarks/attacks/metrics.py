"""Figures of re-identification: shares with limits, precision of the most confident claims, sizes of groups."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import sqrt
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

__all__ = ["TOP", "Claims", "Tally", "Z", "pool", "tally", "wilson"]

Z: Final = 1.959963984540054
"""The 97.5 % point of the normal distribution, for a two-sided 95 % interval."""

TOP: Final = 50
"""Number of claims that an attacker would act on first."""

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True, eq=False, repr=False)
class Claims:
    """The claims of an attack, which never sees the truth: a candidate and a confidence per record.

    Attributes:
        candidate: (n,) a candidate, -1 without a claim; ties are broken at random.
        confidence: (n,) float64, comparable within one attack.
    """

    candidate: Ints
    confidence: NDArray[np.float64]

    @classmethod
    def none(cls, n: int) -> Claims:
        """Return empty claims about `n` records."""
        return cls(np.full(n, -1), np.full(n, -np.inf))


@dataclass(frozen=True)
class Tally:
    """Counts of one attack, or of several seeds together.

    Attributes:
        records: Records to identify: unknown ones whose person is among the candidates.
        hits: Records identified.
        claimed: Claims among the `TOP` most confident.
        right: Right claims among those.
        chance: Expected hits of random claims.
        groups: Records and hits of each subset.
    """

    records: int
    hits: int
    claimed: int
    right: int
    chance: float
    groups: Mapping[str, tuple[int, int]]

    @property
    def share(self) -> float:
        """Return the share re-identified."""
        return self.hits / self.records if self.records else 0.0

    @property
    def upper(self) -> float:
        """Return the upper Wilson limit of the share."""
        return wilson(self.hits, self.records)[1]

    @property
    def top_precision(self) -> float:
        """Return the precision of the most confident claims, 0 without claims."""
        return self.right / self.claimed if self.claimed else 0.0

    def figures(self) -> dict[str, Any]:
        """Return the figures as JSON types."""
        return {
            "records": self.records,
            "re_identified": round(self.share, 6),
            "upper_limit": round(self.upper, 6),
            "top_claims": self.claimed,
            "top_precision": round(self.top_precision, 4),
            "chance": round(self.chance / self.records, 6) if self.records else 0.0,
            "groups": {
                name: {"records": n, "re_identified": round(hits / n, 6) if n else 0.0}
                for name, (n, hits) in self.groups.items()
            },
        }


def wilson(hits: float, n: int) -> tuple[float, float]:
    """Return the limits of the 95 % Wilson interval for a share [Wilson1927].

    Args:
        hits: Successes.
        n: Trials; with none, the interval is [0, 1].

    Returns:
        The lower and the upper limit.
    """
    if n == 0:
        return 0.0, 1.0
    share = hits / n
    middle = share + Z * Z / (2 * n)
    half = Z * sqrt(share * (1 - share) / n + Z * Z / (4 * n * n))
    scale = 1 + Z * Z / n
    return max((middle - half) / scale, 0.0), min((middle + half) / scale, 1.0)


def tally(
    claims: Claims,
    truth: Ints,
    *,
    unknown: Bools | None = None,
    n_candidates: int,
    groups: Mapping[str, Bools] | None = None,
) -> Tally:
    """Count the right claims of an attack.

    Args:
        claims: Its claims about `n` records.
        truth: (n,) the right candidates, -1 if there is none.
        unknown: (n,) records that the attacker did not already know; all by default.
        n_candidates: Number of candidates for a random guess.
        groups: Subsets of the records.

    Returns:
        The counts.
    """
    wanted = (truth >= 0) & (np.ones(len(truth), dtype=bool) if unknown is None else unknown)
    hit = wanted & (claims.candidate == truth)
    top = np.flatnonzero((claims.candidate >= 0) & (True if unknown is None else unknown))
    top = top[np.argsort(-claims.confidence[top], kind="stable")][:TOP]
    return Tally(
        records=int(wanted.sum()),
        hits=int(hit.sum()),
        claimed=len(top),
        right=int((claims.candidate == truth)[top].sum()),
        chance=float(wanted.sum()) / max(n_candidates, 1),
        groups={name: (int((wanted & rows).sum()), int((hit & rows).sum())) for name, rows in (groups or {}).items()},
    )


def pool(tallies: list[Tally]) -> Tally:
    """Add up the counts of several seeds."""
    names = list(dict.fromkeys(name for one in tallies for name in one.groups))
    return Tally(
        records=sum(one.records for one in tallies),
        hits=sum(one.hits for one in tallies),
        claimed=sum(one.claimed for one in tallies),
        right=sum(one.right for one in tallies),
        chance=sum(one.chance for one in tallies),
        groups={
            name: (
                sum(one.groups.get(name, (0, 0))[0] for one in tallies),
                sum(one.groups.get(name, (0, 0))[1] for one in tallies),
            )
            for name in names
        },
    )
