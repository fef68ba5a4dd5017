"""Decide: which pairs are matches [Fellegi1969].

The evidence of a pair is the sum over its fields of log2(m/u), m and u being the probabilities of the field's level
among matches and among all other pairs. Three choices differ from the textbook:

- u and the match prior refer to *all* pairs, candidates or not. Every field that a match key uses is compared too, so
being
  a candidate is no evidence of its own; and u, which random pairs would show, cannot be seen at a registry where random
  pairs share no key. The profile ships u.
- m is fitted by expectation and maximisation [Dempster1977] over counts of patterns, with the shipped m as prior, and
m/u is
  kept from falling as the level rises: greater likeness never speaks less for a match.
- The match prior is fitted for each stratum (pair of bodies, or inside of a body). Its natural scale is matches for
each
  record of the smaller body. A stratum borrows from all strata of its sort as if it had seen `PRIOR_RECORDS` records
  more at their rate, which is a Beta prior on the probability of a pair.

Two later stages have their place here. *Competition between candidates* (a record has at most one partner in each other
body) takes the log odds that `score` gives and returns better ones: it is a `Reweighting`, called before
`probabilities` and `classify`. *Latent classes of non-matches* (twin, namesake, wrong number) replace the one
alternative in `log_ratios`, which is the only place where m and u meet.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from linkage.linking.model import Model, Strata, StratumPrior, priors_of_rates
from linkage.linking.patterns import PatternCounts, n_levels, ordered_levels, pattern_levels
from pseudonym.profile import FieldTable, Linking

__all__ = [
    "DECISIONS",
    "LINK",
    "NO_LINK",
    "REVIEW",
    "Reweighting",
    "Scores",
    "classify",
    "expected_precision",
    "fit",
    "log_ratios",
    "monotone",
    "probabilities",
    "score",
]

NO_LINK: Final = 0
REVIEW: Final = 1
LINK: Final = 2
DECISIONS: Final = ("no link", "review", "link")
"""Names of the decision codes that `classify` gives."""

LINK_FROM: Final = 0.5
"""Least probability of a link: the decision that errs least often when both errors weigh the same."""

REVIEW_FROM: Final = 0.1
"""Least probability of a pair that a person should look at."""

MIN_MATCHES: Final = 30.0
"""Expected matches below which m is not learned: of fewer, chance would decide what likeness means."""

PRIOR_RECORDS: Final = 20.0
"""Records whose worth a stratum borrows from the others, and all strata together from the profile."""

MAX_ITERATIONS: Final = 1_000
TOLERANCE: Final = 1e-7
"""A fit rests when no m changes by more than this, and no stratum's expected matches by more than this share of all."""

FEW_MATCHES: Final = "Too few matches to learn from: the m-probabilities are those of the profile."
NOT_CONVERGED: Final = "The fit was stopped before it came to rest."


class Scores(NamedTuple):
    """The evidence for each pair.

    `match_weight` is `(p,) float64` in bits, the sum of log2(m/u) without the match prior; `probability` the
    probability of a match; `log_odds` its natural log odds, which stay apart where the probability is 1 to the last
    digit.
    """

    match_weight: NDArray[np.float64]
    probability: NDArray[np.float64]
    log_odds: NDArray[np.float64]


class Reweighting(Protocol):
    """A stage between `score` and `classify` that sees all candidates of a record together."""

    def __call__(
        self, a: NDArray[np.int64], b: NDArray[np.int64], log_odds: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """Give new log odds for each pair, whatever the order of the pairs."""
        ...


@dataclass(frozen=True)
class _Evidence:
    """Pattern counts, unpacked: `levels` of each distinct pattern; of each row its pattern, stratum and count."""

    levels: NDArray[np.int8]
    pattern: NDArray[np.int64]
    stratum: NDArray[np.int64]
    count: NDArray[np.float64]


class _State(NamedTuple):
    """Where a fit stands: tables with the m of now, rates and priors by stratum, expected matches, steps, at rest."""

    tables: tuple[FieldTable, ...]
    rates: tuple[float, float]
    priors: NDArray[np.float64]
    expected: NDArray[np.float64]
    iterations: int
    converged: bool


def fit(
    counts: PatternCounts,
    linking: Linking,
    strata: Strata,
    *,
    max_iterations: int = MAX_ITERATIONS,
    tolerance: float = TOLERANCE,
) -> Model:
    """Learn match priors and m from counts of patterns.

    First only the priors are fitted, with the m of the profile. If that leaves fewer than `MIN_MATCHES` expected
    matches, m stays what it is and the model's note says so.

    Args:
        counts: Counts of the candidates' patterns, made with `linking.fields` and the numbers of `strata`.
        linking: The profile's tables. `match_prior` is the expected number of matches for each record of the smaller
            body; `prior_strength` is how many matches the shipped m is worth.
        strata: The strata, with the records that are not in any candidate pair too.
        max_iterations: Limit of steps.
        tolerance: See `TOLERANCE`.

    Returns:
        The model. Equal counts give an equal model, to the last bit, whatever the order of the pairs.

    Raises:
        ValueError: Counts and tables do not fit each other, or a stratum number is out of range.

    Sees: neither
    """
    if counts.n_levels != tuple(n_levels(table) for table in linking.fields):
        raise ValueError("pattern counts do not fit the field tables")
    if len(counts.strata) and not 0 <= counts.strata.min() <= counts.strata.max() < len(strata.n_pairs):
        raise ValueError("a stratum number is out of range")
    evidence = _unpack(counts)
    limits = max_iterations, tolerance
    state = _climb(evidence, linking, strata, learn_m=False, limits=limits)
    few = bool(state.expected.sum() < MIN_MATCHES)
    if not few:
        state = _climb(evidence, linking, strata, learn_m=True, limits=limits)
    notes = [note for note, holds in ((FEW_MATCHES, few), (NOT_CONVERGED, not state.converged)) if holds]
    return Model(
        fields=state.tables,
        strata=_stratum_priors(state, strata, np.unique(evidence.stratum)),
        rate_between=state.rates[0],
        rate_within=state.rates[1],
        iterations=state.iterations,
        converged=state.converged,
        note=" ".join(notes),
    )


def score(levels: NDArray[np.int8], stratum: NDArray[np.integer], model: Model, *, strata: Strata) -> Scores:
    """Weigh the evidence of pairs.

    Args:
        levels: `(p, f) int8` over `model.fields`, -1 where absent: an absent field is no evidence.
        stratum: `(p,)` integers, stratum numbers of `strata`.
        model: The model.
        strata: The strata of today.

    Returns:
        The scores, in the order of the pairs.

    Sees: neither
    """
    ratio = log_ratios(levels, model.fields)
    log_odds = ratio + _log_odds(model.match_priors(strata))[stratum]
    return Scores(ratio / np.log(2), probabilities(log_odds), log_odds)


def probabilities(log_odds: NDArray[np.float64]) -> NDArray[np.float64]:
    """Turn natural log odds into probabilities.

    Args:
        log_odds: `(p,) float64`, infinite ones too.

    Returns:
        `(p,) float64`.

    Sees: neither
    """
    # Of the two forms of the logistic function the one that cannot overflow is taken on each side of 0.
    small = np.exp(-np.abs(log_odds))
    return np.where(log_odds >= 0, 1 / (1 + small), small / (1 + small))


def classify(probability: NDArray[np.float64]) -> NDArray[np.int8]:
    """Decide on each pair; both limits are inclusive.

    Args:
        probability: `(p,) float64`.

    Returns:
        `(p,) int8`: `LINK`, `REVIEW` or `NO_LINK`; `DECISIONS` has their names.

    Sees: neither
    """
    return np.digitize(probability, [REVIEW_FROM, LINK_FROM]).astype(np.int8)


def expected_precision(probability: NDArray[np.float64]) -> float:
    """Give the share of links that are right, as the model itself expects.

    Args:
        probability: `(p,) float64`, of links and other pairs.

    Returns:
        The mean probability of the links, NaN when there is none.

    Sees: neither
    """
    links = np.sort(probability[probability >= LINK_FROM])
    return float(links.mean()) if len(links) else float("nan")


def log_ratios(levels: NDArray[np.int8], tables: Sequence[FieldTable]) -> NDArray[np.float64]:
    """Sum ln(m/u) over the fields of each pair.

    Args:
        levels: `(p, f) int8`, -1 where absent.
        tables: A table a field.

    Returns:
        `(p,) float64`; an absent field adds 0.

    Sees: neither
    """
    total = np.zeros(len(levels))
    for field, table in enumerate(tables):
        # The entry for absence stands last, where the level -1 finds it.
        ratios = np.append(np.log(table.m) - np.log(table.u), 0.0)
        total += ratios[levels[:, field]]
    return total


def monotone(m: NDArray[np.float64], u: NDArray[np.float64]) -> NDArray[np.float64]:
    """Change m so that m/u never falls as the level rises, by pooling adjacent violators [Barlow1972].

    Pooling m/u with the weights u gives the most probable m under that order, and keeps its sum.

    Args:
        m: `(levels,) float64`, not negative.
        u: `(levels,) float64`, above 0.

    Returns:
        `(levels,) float64`.

    Sees: neither
    """
    pools: list[tuple[float, float, int]] = []
    for m_level, u_level in zip(m.tolist(), u.tolist(), strict=True):
        pool = m_level, u_level, 1
        # Cross-multiplied, so that no ratio is rounded before it is compared.
        while pools and pools[-1][0] * pool[1] > pool[0] * pools[-1][1]:
            before = pools.pop()
            pool = before[0] + pool[0], before[1] + pool[1], before[2] + pool[2]
        pools.append(pool)
    ratios = [pool[0] / pool[1] for pool in pools for _ in range(pool[2])]
    return np.array(ratios) * u


def _unpack(counts: PatternCounts) -> _Evidence:
    """Give each distinct pattern once, so that its evidence is summed once for all strata."""
    codes, pattern = np.unique(counts.codes, return_inverse=True)
    levels = pattern_levels(codes, counts.n_levels)
    return _Evidence(levels, pattern.astype(np.int64), counts.strata, counts.counts.astype(np.float64))


def _climb(
    evidence: _Evidence, linking: Linking, strata: Strata, *, learn_m: bool, limits: tuple[int, float]
) -> _State:
    """Take steps of expectation and maximisation from the profile's tables until nothing moves."""
    max_iterations, tolerance = limits
    nothing = np.zeros(len(strata.n_pairs))
    tables = linking.fields
    rates, priors = _priors(nothing, strata, linking.match_prior)
    expected = nothing
    for iteration in range(1, max_iterations + 1):
        log_odds = log_ratios(evidence.levels, tables)[evidence.pattern] + _log_odds(priors)[evidence.stratum]
        matches = evidence.count * probabilities(log_odds)
        before, expected = expected, _sums(evidence.stratum, matches, len(priors))
        moved = float(np.abs(expected - before).max(initial=0)) / max(1.0, float(expected.sum()))
        rates, priors = _priors(expected, strata, linking.match_prior)
        if learn_m:
            learned = _learned(evidence, matches, linking)
            steps = [np.abs(np.subtract(new.m, old.m)).max() for new, old in zip(learned, tables, strict=True)]
            moved = max(moved, *map(float, steps))
            tables = learned
        if moved <= tolerance:
            return _State(tables, rates, priors, expected, iteration, True)
    return _State(tables, rates, priors, expected, max_iterations, False)


def _priors(
    expected: NDArray[np.float64], strata: Strata, match_prior: float
) -> tuple[tuple[float, float], NDArray[np.float64]]:
    """Give the rates of matches between and within bodies, and the match prior of each stratum."""
    rates = np.zeros(len(expected))
    pooled = []
    for within in (False, True):
        sort = strata.is_within == within
        rate = float(
            (expected[sort].sum() + PRIOR_RECORDS * match_prior) / (strata.n_small[sort].sum() + PRIOR_RECORDS)
        )
        rates[sort] = (expected[sort] + PRIOR_RECORDS * rate) / (strata.n_small[sort] + PRIOR_RECORDS)
        pooled.append(rate)
    return (pooled[0], pooled[1]), priors_of_rates(rates, strata)


def _learned(evidence: _Evidence, matches: NDArray[np.float64], linking: Linking) -> tuple[FieldTable, ...]:
    """Give each table the m that the matches of now make most probable."""
    of_pattern = _sums(evidence.pattern, matches, len(evidence.levels))
    tables = []
    for field, shipped in enumerate(linking.fields):
        levels = evidence.levels[:, field].astype(np.int64)
        seen = levels >= 0
        m = _sums(levels[seen], of_pattern[seen], len(shipped.m))
        m += linking.prior_strength * np.asarray(shipped.m)
        m /= m.sum()
        ordered = ordered_levels(shipped)
        m[:ordered] = monotone(m[:ordered], np.asarray(shipped.u[:ordered]))
        tables.append(shipped.model_copy(update={"m": tuple(m.tolist())}))
    return tuple(tables)


def _stratum_priors(state: _State, strata: Strata, numbers: NDArray[np.int64]) -> tuple[StratumPrior, ...]:
    """Write down what was learned of the strata that had candidates."""
    found = []
    for number in numbers.tolist():
        low, high = strata.pairs_of_bodies[number]
        found.append(
            StratumPrior(
                reporters=(strata.reporters[low], strata.reporters[high]),
                n_pairs=int(strata.n_pairs[number]),
                expected_matches=float(state.expected[number]),
                match_prior=float(state.priors[number]),
            )
        )
    return tuple(sorted(found, key=lambda stratum: stratum.reporters))


def _log_odds(probability: NDArray[np.float64]) -> NDArray[np.float64]:
    """Give natural log odds; a stratum without a pair has the probability 0 and is never asked for."""
    with np.errstate(divide="ignore"):
        return np.log(probability) - np.log1p(-probability)


def _sums(places: NDArray[np.int64], weights: NDArray[np.float64], n_places: int) -> NDArray[np.float64]:
    """Add up weights by place, in the order in which they stand."""
    return np.bincount(places, weights, n_places).astype(np.float64, copy=False)
