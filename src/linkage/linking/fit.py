"""Fit a model to counts of patterns with EM: how common matches are, and how often their fields agree.

Four choices differ from the textbook [Fellegi1969]:

- u and the match prior refer to *all* pairs, candidates or not. Every field in a match key is also compared, so being a
  candidate is not separate evidence. The usual way to estimate u is from random pairs, but random pairs share no match
  key, so a registry never sees them; the profile ships u.
- m is fitted by EM [Dempster1977] to counts of patterns, with the shipped m as prior. m/u must not fall as the level
  rises: greater similarity never weakens the evidence for a match.
- The match prior is fitted per stratum (a pair of reporters, or the pairs within one). Its natural scale is matches per
  record of the smaller reporter. A stratum borrows strength from all strata of its kind, as if it had `PRIOR_RECORDS`
  more records at their rate, which is a Beta prior on the probability of a pair.
- Chance agreement is not the only alternative to a match: rivals (`linkage.linking.rivals`) are non-matches that agree
  for a reason. Their rates, between reporters and within, are fitted together with those of matches.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
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
"""Minimum number of expected matches for fitting m; with fewer, m would be noise."""

MAX_ITERATIONS: Final = 1_000
TOLERANCE: Final = 1e-7
"""A fit has converged when no m changes by more than this, and no stratum's expected matches by more than this share of
the total."""

RATE_TOLERANCE: Final = 1e-5
"""The same for rates of rivals, which converge slowly; only their order of magnitude matters."""

MAX_RATE: Final = 5.0
"""Maximum plausible number of matches per record: seven records of one person at one reporter give three. A higher
number comes from a placeholder, such as one date for every unknown birth date: the fit mistakes records that share it
for matches."""

NAMED: Final = "given_names"
MAX_RISE: Final = 2.5
"""Greatest ratio of the fitted m and the shipped one, for those levels of the given names that count against a match.
Without a bound, m of unlike given names takes the twins of a registry for matches, and then joins them: nothing else
tells a person with two names from two persons of one family and one birth date. FEBRL, where many names are wrong,
needs 2.4."""

FEW_MATCHES: Final = "Too few matches to fit m-probabilities; those of the profile are used."
IMPLAUSIBLE: Final = (
    "Implausibly many matches: many records share an uninformative value, perhaps a placeholder. The m-probabilities "
    "of the profile are used."
)
NOT_CONVERGED: Final = "The fit did not converge within the maximum number of iterations."


@dataclass(frozen=True, eq=False)
class _Evidence:
    """Unpacked pattern counts: the `levels` of each distinct pattern; for each row its pattern, stratum and count."""

    levels: NDArray[np.int8]
    pattern: NDArray[np.int64]
    stratum: NDArray[np.int64]
    count: NDArray[np.float64]


class _State(NamedTuple):
    """The state of a fit.

    `tables` have the current m. `rates` are those of matches and `rival_rates` `(2, rivals)` those of rivals, between
    reporters and within. `priors` and `expected` matches are by stratum.
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
    """Fit match priors and m to counts of patterns.

    The priors are fitted first, with the m of the profile. If that gives fewer than `MIN_MATCHES` expected matches, m
    stays unchanged and the model's note says so.

    Args:
        counts: Counts of the candidates' patterns by stratum, made with `linking.fields`.
        linking: The profile's tables. `match_prior` is the expected number of matches per record of the smaller
            reporter; `prior_strength` is the weight of the shipped m in matches.
        strata: The strata of all records, including those in no candidate pair.
        max_iterations: Maximum number of iterations.
        tolerance: See `TOLERANCE`.

    Returns:
        The model, identical to the last bit for equal counts.

    Raises:
        ValueError: The counts do not match the tables, or a stratum number is out of range.
    """
    if counts.n_levels != tuple(n_levels(table) for table in linking.fields):
        raise ValueError("the pattern counts do not match the field tables")
    if len(counts.strata) and not 0 <= counts.strata.min() <= counts.strata.max() < len(strata.n_pairs):
        raise ValueError("a stratum number is out of range")
    evidence = _unpack(counts)
    climb = partial(_climb, evidence, linking, strata, max_iterations=max_iterations, tolerance=tolerance)
    state = climb(learn_m=False)
    few = bool(state.expected.sum() < MIN_MATCHES)
    learned = state if few else climb(learn_m=True)
    implausible = _is_implausible(learned, strata) or _is_implausible(state, strata)
    state = state if implausible else learned
    notes = ((FEW_MATCHES, few), (IMPLAUSIBLE, implausible), (NOT_CONVERGED, not state.converged))
    return Model(
        fields=state.tables,
        strata=_stratum_priors(state, strata, np.unique(evidence.stratum)),
        rate_between=state.rates[0],
        rate_within=state.rates[1],
        partner_share=min(state.rates[0], MAX_SHARE),
        rivals=_rivals(state.rival_rates),
        iterations=state.iterations,
        converged=state.converged,
        note=" ".join(note for note, holds in notes if holds),
    )


def refine(
    model: Model, counts: PatternCounts, linking: Linking, strata: Strata, *, matches: NDArray[np.float64]
) -> Model:
    """Take one M-step with match probabilities from elsewhere, such as competition.

    Args:
        model: A model fitted to these counts.
        counts: The counts.
        linking: The profile's tables.
        strata: The strata.
        matches: `(k,) float64`, expected matches of each row of the counts.

    Returns:
        The model with the m of these matches and the rival rates of the other pairs; priors are unchanged. A model with
        the m of the profile is returned unchanged.
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
    """Adjust m by pooling adjacent violators [Barlow1972], so that m/u does not fall as the level rises.

    Pooling m/u with weights u gives the maximum-likelihood m under this constraint and keeps its sum.

    Args:
        m: `(levels,) float64`, not negative.
        u: `(levels,) float64`, above 0.

    Returns:
        `(levels,) float64`.
    """
    pools: list[tuple[float, float, int]] = []
    for m_level, u_level in zip(m.tolist(), u.tolist(), strict=True):
        pool = m_level, u_level, 1
        # Cross-multiplied, so that no ratio is rounded before the comparison.
        while pools and pools[-1][0] * pool[1] > pool[0] * pools[-1][1]:
            before = pools.pop()
            pool = before[0] + pool[0], before[1] + pool[1], before[2] + pool[2]
        pools.append(pool)
    ratios = [pool[0] / pool[1] for pool in pools for _ in range(pool[2])]
    return np.array(ratios) * u


def _is_implausible(state: _State, strata: Strata) -> bool:
    """Return whether any stratum has implausibly many matches per record."""
    return bool((state.expected >= MAX_RATE * (strata.n_small + PRIOR_RECORDS)).any())


def _unpack(counts: PatternCounts) -> _Evidence:
    """Unpack each distinct pattern once, so that its evidence is summed once for all strata."""
    codes, pattern = np.unique(counts.codes, return_inverse=True)
    levels = pattern_levels(codes, counts.n_levels)
    return _Evidence(levels, pattern.astype(np.int64), counts.strata, counts.counts.astype(np.float64))


def _climb(
    evidence: _Evidence, linking: Linking, strata: Strata, *, learn_m: bool, max_iterations: int, tolerance: float
) -> _State:
    """Run EM from the profile's tables until it converges."""
    nothing = np.zeros(len(strata.n_pairs))
    tables = linking.fields
    rates, priors = _priors(nothing, strata, linking.match_prior)
    rival_rates = np.tile([rival.rate for rival in RIVALS.values()], (2, 1))
    expected = nothing
    for iteration in range(1, max_iterations + 1):
        share = rival_shares(rival_rates, strata)
        matches, rivals = _expectation(evidence, tables, priors=priors, share=share)
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


def _expectation(
    evidence: _Evidence, tables: Sequence[FieldTable], *, priors: NDArray[np.float64], share: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """E-step: return the expected matches `(rows,)` and rivals `(rows, rivals)` of each row of the counts."""
    of_fields = log_ratios(evidence.levels, tables)
    of_rivals = rival_ratios(of_fields, shared_fields(tables))[evidence.pattern]
    shares = share[evidence.stratum]
    alternative = log_alternative(of_rivals, shares)
    log_odds = of_fields.sum(axis=1)[evidence.pattern] + log_odds_of(priors)[evidence.stratum] - alternative
    match = probabilities(log_odds)
    rivals = shares * np.exp(of_rivals - alternative[:, None])
    return evidence.count * match, (evidence.count * (1 - match))[:, None] * rivals


def _rival_rates(evidence: _Evidence, rivals: NDArray[np.float64], strata: Strata) -> NDArray[np.float64]:
    """Return the rates of rivals between reporters and within, `(2, rivals)`, with the shipped rates as prior."""
    rates = []
    for within in (False, True):
        expected = rivals[strata.is_within[evidence.stratum] == within].sum(axis=0)
        n_small = strata.n_small[strata.is_within == within].sum()
        before = PRIOR_RECORDS * np.array([rival.rate for rival in RIVALS.values()])
        rates.append((expected + before) / (n_small + PRIOR_RECORDS))
    return np.array(rates)


def _rivals(rates: NDArray[np.float64]) -> tuple[RivalRate, ...]:
    """Return the rates of rivals as a model holds them."""
    return tuple(
        RivalRate(name, float(between), float(within)) for name, between, within in zip(RIVALS, *rates, strict=True)
    )


def _priors(
    expected: NDArray[np.float64], strata: Strata, match_prior: float
) -> tuple[tuple[float, float], NDArray[np.float64]]:
    """Return the rates of matches between and within reporters, and the match prior of each stratum."""
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
    """M-step: return the tables with the m that maximises the posterior of the current matches."""
    of_pattern = _sums(evidence.pattern, matches, len(evidence.levels))
    tables = []
    for field, shipped in enumerate(linking.fields):
        levels = evidence.levels[:, field].astype(np.int64)
        seen = levels >= 0
        m = _sums(levels[seen], of_pattern[seen], len(shipped.m))
        m += linking.prior_strength * np.asarray(shipped.m)
        m /= m.sum()
        ordered = ordered_levels(shipped)
        if shipped.field == NAMED:
            m = _bounded(m, shipped)
        m[:ordered] = monotone(m[:ordered], np.asarray(shipped.u[:ordered]))
        tables.append(shipped.model_copy(update={"m": tuple(m.tolist())}))
    return tuple(tables)


def _bounded(m: NDArray[np.float64], shipped: FieldTable) -> NDArray[np.float64]:
    """Lower the m of levels that count against a match to `MAX_RISE` times the shipped m, and raise the others."""
    before = np.asarray(shipped.m)
    limited = before < np.asarray(shipped.u)
    result = np.where(limited, np.minimum(m, MAX_RISE * before), m)
    result[~limited] *= (1 - result[limited].sum()) / m[~limited].sum()
    return result


def _stratum_priors(state: _State, strata: Strata, numbers: NDArray[np.int64]) -> tuple[StratumPrior, ...]:
    """Return the parameters of the strata that had candidates."""
    found = []
    shares = rival_shares(state.rival_rates, strata)
    for number in numbers.tolist():
        low, high = strata.reporter_pairs[number]
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


def _sums(index: NDArray[np.int64], weights: NDArray[np.float64], n_sums: int) -> NDArray[np.float64]:
    """Sum weights by index, in the order given."""
    return np.bincount(index, weights, n_sums).astype(np.float64, copy=False)
