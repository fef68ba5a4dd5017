"""What partners show against a pair: weighed again only near pairs that have come or gone, and equal to all."""

from __future__ import annotations

import numpy as np
import pytest

from linkage.linkage_unit.fitting import KnownAgainst, PairScorer
from linkage.linkage_unit.pairs import Pairs, RecordIndex
from linkage.linking.partners import knows_few
from linkage.linking.patterns import ordered_levels
from linkage.linking.strata import Strata
from pseudonym.profile import load_profile

TABLES = load_profile("case-registry").linking.fields
WEIGHTS = (3.7, 3.0, 2.0, 1.0)
REPORTERS = ("a", "b", "c")


def invented(seed: int, n: int, p: int) -> tuple[RecordIndex, Pairs]:
    """Invent records and pairs of which most agree, so that many have partners."""
    rng = np.random.default_rng(seed)
    reporter = rng.integers(0, len(REPORTERS), n)
    counts = np.bincount(reporter, minlength=len(REPORTERS)).tolist()
    strata = Strata.of(dict(zip(REPORTERS, counts, strict=True)))
    records = RecordIndex(np.arange(n), reporter, rng.integers(0, 256, (n, 16), np.uint8), strata)
    left, right = np.triu_indices(n, 1)
    some = np.sort(rng.permutation(len(left))[:p])
    ends = np.column_stack([left[some], right[some]])
    highest = np.array([ordered_levels(table) - 1 for table in TABLES])
    # Given names often differ, as those of twins do.
    often = np.where([table.field == "given_names" for table in TABLES], 0.5, 0.97)
    levels = np.where(rng.random((p, len(TABLES))) < often, highest, rng.integers(-1, highest + 1, (p, len(TABLES))))
    stratum = strata.numbers(*reporter[ends].T)
    return records, Pairs(
        *ends.T.copy(), ends, levels.astype(np.int8), stratum, np.ones(p, np.int32), rng.random(p) < 0.5
    )


@pytest.mark.parametrize(("n", "p"), [(60, 160), (36, 100), (20, 60)])
@pytest.mark.parametrize("seed", range(12))
def test_what_is_taken_over_is_what_all_pairs_give(seed, n, p):
    rng = np.random.default_rng(seed)
    records, pairs = invented(seed, n, p)
    # New are some pairs of three records; gone are others, of which both records have been compared with one that went.
    is_new = np.isin(pairs.ends, rng.integers(0, n, 3)).any(axis=1)
    gone = ~is_new & (rng.random(p) < 0.05)
    before = PairScorer(records, pairs.of(~is_new), TABLES, weights=WEIGHTS).against
    against = np.full(p, np.nan)
    against[~is_new] = before
    changed = np.zeros(n, np.bool_)
    changed[pairs.ends[gone].ravel()] = True
    now = pairs.of(~gone)
    found = PairScorer(records, now, TABLES, weights=WEIGHTS, known=KnownAgainst(against[~gone], changed))
    assert found.weights == WEIGHTS
    assert found.against.tolist() == PairScorer(records, now, TABLES, weights=WEIGHTS).against.tolist()


@pytest.mark.parametrize(("n", "p", "few"), [(60, 160, False), (20, 60, True)])
def test_a_registry_that_knows_few_persons_weighs_all_pairs(n, p, few):
    records, pairs = invented(1, n, p)
    assert knows_few(pairs.ends, pairs.levels, TABLES, reporter=records.reporter) == few
    whole = PairScorer(records, pairs, TABLES, weights=WEIGHTS).against
    marked = whole + 100.0
    known = KnownAgainst(marked, np.zeros(n, np.bool_))
    found = PairScorer(records, pairs, TABLES, weights=WEIGHTS, known=known).against
    assert found.tolist() == (whole if few else marked).tolist()


def test_far_pairs_are_taken_over_as_they_are():
    records, pairs = invented(1, 60, 160)
    against = PairScorer(records, pairs, TABLES, weights=WEIGHTS).against
    assert 0 < (against > 0).sum() < 160
    marked, no = against + 100.0, np.zeros(60, np.bool_)
    found = PairScorer(records, pairs, TABLES, weights=WEIGHTS, known=KnownAgainst(marked, no)).against
    assert found.tolist() == marked.tolist()
    # One new pair: all of its two records are weighed again, and no others.
    marked[0] = np.nan
    found = PairScorer(records, pairs, TABLES, weights=WEIGHTS, known=KnownAgainst(marked, no)).against
    near = np.isin(pairs.ends, pairs.ends[0]).any(axis=1)
    assert found[near].tolist() == against[near].tolist()
    assert found[~near].tolist() == marked[~near].tolist()
