"""Fit: learn from counts of patterns how common matches are and how their fields agree.

Four choices differ from the textbook [Fellegi1969]:

- u and the match prior refer to *all* pairs, candidates or not. Every field that a match key uses is compared too, so
  being a candidate is no evidence of its own; and u, which random pairs would show, cannot be seen at a registry where
  random pairs share no key. The profile ships u.
- m is fitted by expectation and maximisation [Dempster1977] over counts of patterns, with the shipped m as prior, and
  m/u is kept from falling as the level rises: greater likeness never speaks less for a match.
- The match prior is fitted for each stratum (pair of bodies, or inside of a body). Its natural scale is matches for
  each record of the smaller body. A stratum borrows from all strata of its sort as if it had seen `PRIOR_RECORDS`
  records more at their rate, which is a Beta prior on the probability of a pair.
- Chance is not the only alternative: `linkage.linking.rivals` are non-matches that agree for a reason, and their
  rates, between bodies and within, are fitted beside those of matches.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from linkage.linking.model import Model, RivalRate, StratumPrior
from linkage.linking.odds import log_odds_of, probabilities
from linkage.linking.patterns import PatternCounts, n_levels, ordered_levels, pattern_levels
from linkage.linking.rivals import RIVALS, log_alternative, rival_ratios, shared_fields
from linkage.linking.score import log_ratios
from linkage.linking.strata import MAX_SHARE, PRIOR_RECORDS, Strata, priors_of_rates, rival_shares
from pseudonym.profile import FieldTable, Linking

__all__ = ["FEW_MATCHES", "IMPLAUSIBLE", "MIN_MATCHES", "NOT_CONVERGED", "fit", "monotone", "refine"]

MIN_MATCHES: Final = 30.0
"""Expected matches below which m is not learned: of fewer, chance would decide what likeness means."""

MAX_ITERATIONS: Final = 1_000
TOLERANCE: Final = 1e-7
"""A fit rests when no m changes by more than this, and no stratum's expected matches by more than this share of all."""

RATE_TOLERANCE: Final = 1e-5
"""And when no rate of a rival changes by more than this: they creep, and matter only by orders of magnitude."""

MAX_RATE: Final = 5.0
"""Matches a record that can be believed: a person in seven reports of one body gives three. More come from a
placeholder, one date for all who are not known, and then what the fit takes for matches is what shares it."""

FEW_MATCHES: Final = "Too few matches to learn from: the m-probabilities are those of the profile."
IMPLAUSIBLE: Final = (
    "More matches than can be believed: many records share a value that says nothing, perhaps a placeholder. The "
    "m-probabilities are those of the profile."
)
NOT_CONVERGED: Final = "The fit was stopped before it came to rest."


@dataclass(frozen=True)
class _Evidence:
    """Pattern counts, unpacked: `levels` of each distinct pattern; of each row its pattern, stratum and count."""

    levels: NDArray[np.int8]
    pattern: NDArray[np.int64]
    stratum: NDArray[np.int64]
    count: NDArray[np.float64]


class _State(NamedTuple):
    """Where a fit stands.

    Tables with the m of now; rates of matches, and of rivals `(2, rivals)`, between bodies and within; priors and
    expected matches by stratum; steps; at rest.
    """

    tables: tuple[FieldTable, ...]
    rates: tuple[float, float]
    rival_rates: NDArray[np.float64]
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
    """
    if counts.n_levels != tuple(n_levels(table) for table in linking.fields):
        raise ValueError("pattern counts do not fit the field tables")
    if len(counts.strata) and not 0 <= counts.strata.min() <= counts.strata.max() < len(strata.n_pairs):
        raise ValueError("a stratum number is out of range")
    evidence = _unpack(counts)
    limits = max_iterations, tolerance
    state = _climb(evidence, linking, strata, learn_m=False, limits=limits)
    few = bool(state.expected.sum() < MIN_MATCHES)
    learned = state if few else _climb(evidence, linking, strata, learn_m=True, limits=limits)
    implausible = _crowded(learned, strata) or _crowded(state, strata)
    state = state if implausible else learned
    told = ((FEW_MATCHES, few), (IMPLAUSIBLE, implausible), (NOT_CONVERGED, not state.converged))
    notes = [note for note, holds in told if holds]
    return Model(
        fields=state.tables,
        strata=_stratum_priors(state, strata, np.unique(evidence.stratum)),
        rate_between=state.rates[0],
        rate_within=state.rates[1],
        partner_share=min(state.rates[0], MAX_SHARE),
        rivals=_rivals(state.rival_rates),
        iterations=state.iterations,
        converged=state.converged,
        note=" ".join(notes),
    )


def refine(
    model: Model, counts: PatternCounts, linking: Linking, strata: Strata, *, matches: NDArray[np.float64]
) -> Model:
    """Take one step of maximisation with matches that were counted otherwise, as by competition.

    Args:
        model: A model fitted to these counts.
        counts: The counts.
        linking: The profile's tables.
        strata: The strata.
        matches: `(k,) float64`, expected matches of each row of the counts.

    Returns:
        The model with the m of these matches and the rivals of the other pairs; priors stay. A model whose fit left m
        alone is given back as it is.
    """
    if any(note in model.note for note in (FEW_MATCHES, IMPLAUSIBLE)):
        return model
    evidence = _unpack(counts)
    tables = _learned(evidence, matches, linking)
    of_rivals = rival_ratios(log_ratios(evidence.levels, tables), shared_fields(tables))[evidence.pattern]
    share = model.rival_shares(strata)[evidence.stratum]
    others = np.maximum(evidence.count - matches, 0)
    rivals = others[:, None] * share * np.exp(of_rivals - log_alternative(of_rivals, share)[:, None])
    return model.with_rivals(strata, tables, _rivals(_rival_rates(evidence, rivals, strata)))


def monotone(m: NDArray[np.float64], u: NDArray[np.float64]) -> NDArray[np.float64]:
    """Change m so that m/u never falls as the level rises, by pooling adjacent violators [Barlow1972].

    Pooling m/u with the weights u gives the most probable m under that order, and keeps its sum.

    Args:
        m: `(levels,) float64`, not negative.
        u: `(levels,) float64`, above 0.

    Returns:
        `(levels,) float64`.
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


def _crowded(state: _State, strata: Strata) -> bool:
    """Return whether some stratum has reached more matches a record than can be believed."""
    return bool((state.expected >= MAX_RATE * (strata.n_small + PRIOR_RECORDS)).any())


def _unpack(counts: PatternCounts) -> _Evidence:
    """Return each distinct pattern once, so that its evidence is summed once for all strata."""
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
    rival_rates = np.tile([rival.rate for rival in RIVALS.values()], (2, 1))
    expected = nothing
    for iteration in range(1, max_iterations + 1):
        share = rival_shares(rival_rates, strata)
        matches, rivals = _expect(evidence, tables, priors=priors, share=share)
        before, expected = expected, _sums(evidence.stratum, matches, len(priors))
        moved = float(np.abs(expected - before).max(initial=0)) / max(1.0, float(expected.sum()))
        rates, priors = _priors(expected, strata, linking.match_prior)
        rates_before, rival_rates = rival_rates, _rival_rates(evidence, rivals, strata)
        moved = max(moved, float(np.abs(rival_rates - rates_before).max()) * tolerance / RATE_TOLERANCE)
        if learn_m:
            learned = _learned(evidence, matches, linking)
            steps = [np.abs(np.subtract(new.m, old.m)).max() for new, old in zip(learned, tables, strict=True)]
            moved = max(moved, *map(float, steps))
            tables = learned
        if moved <= tolerance:
            return _State(tables, rates, rival_rates, priors, expected, iteration, True)
    return _State(tables, rates, rival_rates, priors, expected, max_iterations, False)


def _expect(
    evidence: _Evidence, tables: Sequence[FieldTable], *, priors: NDArray[np.float64], share: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return for each row of counts how many matches `(rows,)` and rivals `(rows, rivals)` it is expected to hold."""
    of_fields = log_ratios(evidence.levels, tables)
    of_rivals = rival_ratios(of_fields, shared_fields(tables))[evidence.pattern]
    shares = share[evidence.stratum]
    alternative = log_alternative(of_rivals, shares)
    log_odds = of_fields.sum(axis=1)[evidence.pattern] + log_odds_of(priors)[evidence.stratum] - alternative
    match = probabilities(log_odds)
    rivals = shares * np.exp(of_rivals - alternative[:, None])
    return evidence.count * match, (evidence.count * (1 - match))[:, None] * rivals


def _rival_rates(evidence: _Evidence, rivals: NDArray[np.float64], strata: Strata) -> NDArray[np.float64]:
    """Return the rates of rivals between bodies and within: `(2, rivals)`, with what is known beforehand as a prior."""
    rates = []
    for within in (False, True):
        expected = rivals[strata.is_within[evidence.stratum] == within].sum(axis=0)
        n_small = strata.n_small[strata.is_within == within].sum()
        before = PRIOR_RECORDS * np.array([rival.rate for rival in RIVALS.values()])
        rates.append((expected + before) / (n_small + PRIOR_RECORDS))
    return np.array(rates)


def _rivals(rates: NDArray[np.float64]) -> tuple[RivalRate, ...]:
    """Write down what was learned of the rivals."""
    return tuple(
        RivalRate(name, float(between), float(within)) for name, between, within in zip(RIVALS, *rates, strict=True)
    )


def _priors(
    expected: NDArray[np.float64], strata: Strata, match_prior: float
) -> tuple[tuple[float, float], NDArray[np.float64]]:
    """Return the rates of matches between and within bodies, and the match prior of each stratum."""
    rates = np.zeros(len(expected))
    pooled = []
    for within in (False, True):
        sort = strata.is_within == within
        rate = float(
            (expected[sort].sum() + PRIOR_RECORDS * match_prior) / (strata.n_small[sort].sum() + PRIOR_RECORDS)
        )
        rates[sort] = (expected[sort] + PRIOR_RECORDS * rate) / (strata.n_small[sort] + PRIOR_RECORDS)
        pooled.append(min(rate, MAX_RATE))
    rates = np.minimum(rates, MAX_RATE)
    return (pooled[0], pooled[1]), priors_of_rates(rates, strata)


def _learned(evidence: _Evidence, matches: NDArray[np.float64], linking: Linking) -> tuple[FieldTable, ...]:
    """Return each table the m that the matches of now make most probable."""
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
    shares = rival_shares(state.rival_rates, strata)
    for number in numbers.tolist():
        low, high = strata.pairs_of_bodies[number]
        found.append(
            StratumPrior(
                reporters=(strata.reporters[low], strata.reporters[high]),
                n_pairs=int(strata.n_pairs[number]),
                expected_matches=float(state.expected[number]),
                match_prior=float(state.priors[number]),
                partner_odds=float(state.priors[number] / (1 - state.priors[number])),
                rival_shares=tuple(shares[number].tolist()),
            )
        )
    return tuple(sorted(found, key=lambda stratum: stratum.reporters))


def _sums(places: NDArray[np.int64], weights: NDArray[np.float64], n_places: int) -> NDArray[np.float64]:
    """Add up weights by place, in the order in which they stand."""
    return np.bincount(places, weights, n_places).astype(np.float64, copy=False)
