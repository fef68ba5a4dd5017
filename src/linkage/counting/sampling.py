"""A probability sample of records, and what its answers say about the joins that are missing.

Somebody who can see the identities is asked about each record of the sample which records are of the same person. A
join is counted at its smaller half, that is, the part of the person's records that never met the rest; each record of
it is one divided by its size of the join, so that a sample of records estimates joins [Binette2022]. Records are drawn
within strata: those that may well have been missed are drawn far more often than others (Neyman allocation), and each
answer counts by its stratum.

The estimate without answers is the prior: the ratio of all strata to it is gamma distributed with the variance of the
estimate, and that of each stratum about it has the spread `LEVEL_SPREAD`. What a sample sees in a stratum is Poisson,
so that few answers move little, and strata without an answer follow the others.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from linkage.counting.never_met import NeverMet, expected_joins

__all__ = [
    "STRATUM_NAMES",
    "Posterior",
    "SampleStrata",
    "allocate",
    "by_sample",
    "draw_sample",
    "learned",
    "needed",
    "recentred",
]

STRATUM_NAMES: Final = ("alone, unknown", "alone, little", "alone, much", "few, little", "others")
"""The strata: the only record of its person that was compared with no other, that has at most a birth year, that has a
whole birth date or a number; one of two or three records that have at most a birth year; all others."""

LEVEL_SPREAD: Final = 1.0
"""Standard deviation of the ratio of missed joins in one stratum, or of one reporter, to those expected, relative."""

UNKNOWN_SHARE: Final = 0.05
"""Missing joins a person where no estimate can be made, with a relative standard deviation of 1."""

LEAST: Final = 2
"""Fewest records that are drawn of a stratum."""

ONE_JOIN: Final = 1.0
"""Least variance of the missing joins while some records were not asked about."""

CERTAIN: Final = 1.96
"""Standard deviations on either side of a 95 % range."""

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SampleStrata:
    """The strata of the records that a sample is drawn from.

    Attributes:
        stratum: `(n,) int64`, index into `STRATUM_NAMES`.
        joins: `(n,) float64`, see `linkage.counting.never_met.expected_joins`.
        spread: Relative standard deviation of the ratio of all strata.
        n_persons: Number of persons.
    """

    stratum: Ints
    joins: Floats
    spread: float
    n_persons: int

    @classmethod
    def of(cls, labels: Ints, records: pa.Table, estimate: NeverMet) -> SampleStrata:
        """Divide records into strata.

        Args:
            labels: `(n,) int64`, the person of each record.
            records: Columns `reporter` and `has`.
            estimate: The estimate without answers.
        """
        names, person, sizes = np.unique(labels, return_inverse=True, return_counts=True)
        has = np.array(records["has"].to_pylist(), dtype=object)
        little = np.isin(has, ["year", "names", "nothing"])
        best = np.bincount(person, ~little, minlength=len(names)) == 0
        alone, few = sizes[person] == 1, np.isin(sizes[person], [2, 3])
        conditions = [alone & (has == "nothing"), alone & little, alone, few & best[person]]
        stratum = np.select(conditions, range(len(conditions)), len(conditions)).astype(np.int64)
        joins, whole = expected_joins(labels, records, estimate), estimate.joins
        if whole <= 0 or joins.sum() <= 0:
            ease = 1 / (sizes[person] ** 2) * np.where(little, 1.0, 0.1)
            return cls(
                stratum=stratum, joins=ease * UNKNOWN_SHARE * len(names) / max(ease.sum(), 1e-12), spread=1.0,
                n_persons=len(names),
            )  # fmt: skip
        spread = float(np.sqrt(max(estimate.variance - whole, 0.0)) / whole)
        return cls(stratum=stratum, joins=joins * (whole / joins.sum()), spread=spread, n_persons=len(names))

    @property
    def sizes(self) -> Ints:
        """`(h,) int64`, the number of records of each stratum."""
        return np.bincount(self.stratum, minlength=len(STRATUM_NAMES)).astype(np.int64)

    @property
    def expected(self) -> Floats:
        """`(h,) float64`, the joins expected in each."""
        return np.bincount(self.stratum, self.joins, len(STRATUM_NAMES)).astype(np.float64)


def allocate(sizes: Ints, expected: Floats, n: int) -> Ints:
    """Divide a sample among strata by size and standard deviation [Neyman1934].

    Args:
        sizes: `(h,) int64`, records of each stratum.
        expected: `(h,) float64`, joins expected in each.
        n: Records of the sample; at most all are drawn.

    Returns:
        `(h,) int64`, at least `LEAST` of each stratum that has so many.
    """
    n = min(n, int(sizes.sum()))
    share = np.clip(expected / np.maximum(sizes, 1), 1e-6, 0.5)
    weight = sizes * np.sqrt(share * (1 - share))
    drawn = np.minimum(sizes, LEAST)
    while drawn.sum() > n:
        drawn[np.argmax(drawn)] -= 1
    while drawn.sum() < n:
        # The next record goes where it lowers the variance most.
        gain = np.where(drawn < sizes, weight**2 / np.maximum(drawn * (drawn + 1), 1), -1.0)
        drawn[np.argmax(gain)] += 1
    return drawn.astype(np.int64)


def draw_sample(strata: SampleStrata, n: int, rng: np.random.Generator) -> tuple[Ints, Floats]:
    """Draw records, within each stratum all with equal probability.

    Args:
        strata: The strata.
        n: How many.
        rng: Draws them.

    Returns:
        `(n,) int64`, the places of the records in random order, and `(n,) float64`, their inclusion probabilities.
    """
    sizes = strata.sizes
    drawn = allocate(sizes, strata.expected, n)
    parts = [
        rng.choice(np.flatnonzero(strata.stratum == number), int(count), replace=False)
        for number, count in enumerate(drawn)
        if count
    ]
    places = rng.permutation(np.concatenate(parts)) if parts else np.zeros(0, np.int64)
    probability = (drawn / np.maximum(sizes, 1))[strata.stratum[places]]
    return places.astype(np.int64), probability


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Posterior:
    """What the answers say.

    Attributes:
        answers: Number of answers.
        ratio: The missing joins, divided by those expected without answers.
        joins: How many they are.
        shown: How many of them are of persons of whom answers have named all records.
        variance: The variance of all others.
        reporters: For each reporter of an answered record the ratio of its joins to its expected ones, relative to
            `ratio`, and the variance of that.
    """

    answers: int
    ratio: float
    joins: float
    shown: float
    variance: float
    reporters: dict[str, tuple[float, float]]


def learned(
    sizes: Ints,
    expected: Floats,
    spread: float,
    *,
    stratum: Ints,
    joins: Floats,
    missing: Floats,
    reporter: list[str],
    known: Ints | None = None,
) -> Posterior:
    """Estimate the missing joins from answers.

    Args:
        sizes: `(h,) int64`, records of each stratum.
        expected: `(h,) float64`, joins expected in each without answers.
        spread: See `SampleStrata`.
        stratum: `(a,) int64`, the stratum of each record that was answered.
        joins: `(a,) float64`, joins that were expected of it.
        missing: `(a,) float64`, what part of a missing join it is.
        reporter: `(a,)` its reporter.
        known: `(h,) int64`, the records of each stratum of whose persons answers have named all; None for those that
            were answered and no others.

    Returns:
        The estimate.
    """
    whole = float(expected.sum())
    prior = 1 / max(spread, 0.05) ** 2
    answered = np.bincount(stratum, minlength=len(sizes))
    found = np.bincount(stratum, missing, len(sizes))
    share = expected / np.maximum(sizes, 1)
    ratio = (prior + float(found.sum())) / (prior + float((answered * share).sum()))
    level = 1 / LEVEL_SPREAD**2
    # Of each stratum the level in units of records, then the joins of those records that nobody was asked about.
    exposure = level / np.maximum(share * ratio, 1e-9)
    rate = (level + found) / (exposure + answered)
    total = float((found + (sizes - answered) * rate).sum())
    left = np.maximum(sizes - (answered if known is None else known), 0)
    held = exposure / (exposure + answered)
    shared = float((left * rate * held).sum()) ** 2 / (prior + float(found.sum()))
    own = float((left * rate + left**2 * (level + found) / (exposure + answered) ** 2).sum())
    reporters = {}
    scale = total / whole if whole else 1.0
    for name in sorted(set(reporter)):
        of = np.array([one == name for one in reporter], np.bool_)
        seen, awaited = float(missing[of].sum()), float(joins[of].sum()) * scale
        factor = (level + seen) / (level + awaited)
        reporters[name] = factor, factor**2 / (level + seen)
    # One join more or less is never certain before all records were asked about.
    variance = max(own + shared, ONE_JOIN) if left.any() else own + shared
    return Posterior(
        answers=len(missing),
        ratio=scale,
        joins=total,
        shown=max(total - float((left * rate).sum()), 0.0),
        variance=variance,
        reporters=reporters,
    )


def needed(strata: SampleStrata, variance: float, half_width: float) -> int | None:
    """Return how many answers bring the range of the persons within some of the number of persons.

    Args:
        strata: The strata.
        variance: That of the missing joins without answers.
        half_width: Half the width of the 95 % range, divided by the number of persons.

    Returns:
        The number, 0 if the range is no wider without answers; None if not even all records are enough.
    """
    wanted = (half_width * max(strata.n_persons - float(strata.joins.sum()), 1.0) / CERTAIN) ** 2
    if variance <= wanted:
        return 0
    sizes, expected = strata.sizes, strata.expected
    share = expected / np.maximum(sizes, 1)
    most = int(sizes.sum())

    def reached(n: int) -> bool:
        drawn = allocate(sizes, expected, n)
        as_expected = _variance_left(sizes, share, strata.spread, drawn)
        return as_expected <= wanted

    if not reached(most):
        return None
    low, high = 0, most
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if reached(middle) else (middle, high)
    return high


def _variance_left(sizes: Ints, share: Floats, spread: float, drawn: Ints) -> float:
    """Return the variance that answers leave if they are as expected.

    Args:
        sizes: `(h,) int64`, records of each stratum.
        share: `(h,) float64`, joins expected a record.
        spread: See `SampleStrata`.
        drawn: `(h,) int64`, answers of each stratum.
    """
    stratum = np.repeat(np.arange(len(sizes)), drawn)
    missing = share[stratum]
    found = learned(
        sizes, share * sizes, spread, stratum=stratum, joins=missing, missing=missing, reporter=[""] * len(stratum)
    )
    return found.variance


def by_sample(n: int) -> str:
    """Return on what an estimate rests that answers about `n` records have re-centred."""
    return f"by sample of {n}"


def recentred(estimate: NeverMet, posterior: Posterior) -> NeverMet:
    """Replace the assumption of an estimate by what answers have shown.

    Args:
        estimate: The estimate without answers; that of a later run keeps the ratios that the answers showed.
        posterior: What they say.

    Returns:
        The estimate, with its basis in words.
    """
    if not posterior.answers:
        return estimate
    basis = by_sample(posterior.answers)
    if estimate.joins <= 0:
        # Nothing was estimated, as for a profile without bands: the answers are all that is known.
        whole = {
            "has": "",
            "reporter": "",
            "other_reporter": "",
            "joins": posterior.joins,
            "variance": posterior.variance,
        }
        return NeverMet(pa.Table.from_pylist([whole], schema=estimate.strata.schema), basis, posterior.shown)
    rows = estimate.strata.to_pylist()
    factors = {name: factor for name, (factor, _) in posterior.reporters.items()}
    by_reporter = {row["reporter"]: row["joins"] for row in rows if _is_reporter(row)}
    moved = sum(joins * factors.get(name, 1.0) for name, joins in by_reporter.items())
    even = sum(by_reporter.values()) / moved if moved > 0 else 1.0
    for row in rows:
        before = row["joins"]
        factor = posterior.ratio * (factors.get(row["reporter"], 1.0) * even if row["reporter"] else 1.0)
        row["joins"] = before * factor
        if not (row["has"] or row["reporter"] or row["other_reporter"]):
            # Of the records that were asked about it is known, so that the variance can be below that of chance.
            row["variance"] = posterior.variance * (row["joins"] / max(posterior.joins, 1e-9)) ** 2
        elif _is_reporter(row) and row["reporter"] in posterior.reporters:
            factor, variance = posterior.reporters[row["reporter"]]
            row["variance"] = row["joins"] + variance / factor**2 * row["joins"] ** 2
        else:
            spread = max(row["variance"] - before, 0.0) / max(before, 1e-9) ** 2
            row["variance"] = row["joins"] + spread * row["joins"] ** 2
    strata = pa.Table.from_pylist(rows, schema=estimate.strata.schema)
    # What answers have shown stays as it is; all else grows with the registry.
    return NeverMet(strata, basis, posterior.shown)


def _is_reporter(row: dict[str, object]) -> bool:
    return bool(row["reporter"]) and not row["has"] and not row["other_reporter"]
