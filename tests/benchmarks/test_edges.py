"""The edge fingerprint foresees what edges show, names connected records, and knows when two cannot be told apart."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from benchmarks.attacks.controls import INPUTS, Control, input_controls
from benchmarks.attacks.evidence import candidate_pairs
from benchmarks.attacks.evidence.candidate_pairs import CandidatePairs, Look, grouped
from benchmarks.attacks.evidence.differences import features, moments
from benchmarks.attacks.evidence.scenes import Scenario, Scene
from benchmarks.attacks.evidence.scoring import Landmarks
from benchmarks.attacks.evidence.signals import Predicted
from benchmarks.attacks.on_codes import edges, known
from benchmarks.attacks.on_codes.edges import Edges, clusters
from benchmarks.attacks.on_registries.stolen import purge
from benchmarks.attacks.trials import NOBODY, Trial, run_trial
from benchmarks.attacks.world.view import observe
from pseudonym.identity.record import Record
from pseudonym.profile import MinHash, load_profile
from tests.paths import ROOT

COARSE = ROOT / "benchmarks" / "profiles" / "coarse.json"
"""A profile with large groups, so that even a few records share match keys."""


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(4)


@pytest.fixture(scope="module")
def scene() -> Scene:
    return Scene(Scenario("children", 150), load_profile(COARSE), 1)


# What the attacker foresees.


def test_features_cover_every_bit_of_a_content_once() -> None:
    encoding = load_profile("case-registry").encoding
    found = features(encoding)
    bits = [word * 64 + bit for one in found for word, mask in one.masks for bit in range(64) if mask >> bit & 1]
    assert len(bits) == len(set(bits)) == sum(one.n_bits for one in found)
    assert [one.slot for one in found if one.field == "serial"] == [0, 1, 2, 3, -2]


@pytest.mark.parametrize(("common", "mine", "theirs"), [(6, 2, 3), (0, 5, 1), (10, 0, 4), (12, 7, 7)])
def test_distances_of_filters_have_these_moments(common: int, mine: int, theirs: int, rng: np.random.Generator) -> None:
    n_bits, hashes, draws = 64, 3, 20_000
    bits = rng.integers(0, n_bits, (draws, common + mine + theirs, hashes))
    held = np.zeros((draws, common + mine + theirs, n_bits), bool)
    np.put_along_axis(held, bits, True, axis=2)
    one, other = (
        held[:, : common + mine].any(axis=1),
        np.delete(held, np.s_[common : common + mine], axis=1).any(axis=1),
    )
    distance = (one ^ other).sum(axis=1)
    counts = (np.array([float(tokens)]) for tokens in (common, mine, theirs))
    mean, variance = moments(*counts, n_bits=n_bits, hashes=hashes)
    assert mean[0] == pytest.approx(distance.mean(), rel=0.02)
    # Fewer bits can collide than a binomial of this mean would have it.
    assert variance[0] == pytest.approx(distance.var(), rel=0.05)


def test_equal_tokens_leave_no_distance() -> None:
    nothing = np.zeros(1)
    mean, variance = moments(np.array([9.0]), nothing, nothing, n_bits=64, hashes=3)
    assert (mean[0], variance[0]) == (0, 0)


def test_pairs_that_share_a_key_are_listed_once_for_each(monkeypatch: pytest.MonkeyPatch) -> None:
    keys = np.array([[1, 5, 5], [1, 6, 7], [1, 6, 8], [9, 10, 11]])
    a, position, b, other = grouped(keys)
    assert sorted(zip(a.tolist(), b.tolist(), strict=True)) == [(0, 1), (0, 2), (1, 2), (1, 2)]
    assert (keys[a, position] == keys[b, other]).all()
    monkeypatch.setattr(candidate_pairs, "LARGEST", 2)
    a, _, b, _ = grouped(keys)
    assert list(zip(a.tolist(), b.tolist(), strict=True)) == [(1, 2)]


def test_no_pair_is_listed_without_match_keys() -> None:
    assert all(len(part) == 0 for part in grouped(np.zeros((3, 0), np.int64)))


def test_pairs_are_found_from_either_side(scene: Scene) -> None:
    pairs = scene.candidate_pairs
    assert len(pairs) > 100
    assert np.array_equal(pairs.index(pairs.other, pairs.one), np.arange(len(pairs)))
    assert pairs.index(np.array([3]), np.array([3])).tolist() == [-1]
    row, other, pair = pairs.around(np.array([7, 8]))
    assert np.array_equal(pairs.index(np.array([7, 8])[row], other), pair)
    assert len(row) == sum(((pairs.one == one) | (pairs.other == one)).sum() for one in (7, 8))


def test_as_many_edges_are_foreseen_as_there_are(scene: Scene) -> None:
    pairs = scene.candidate_pairs
    found = Edges.of(scene.view, pairs.features)
    foreseen = -np.expm1(pairs.none.astype(float)).sum()
    assert len(found) == pytest.approx(foreseen, rel=0.2)
    truth = scene.world.truth
    assert (pairs.index(truth[found.one], truth[found.other]) >= 0).mean() > 0.9


def test_an_edge_fits_its_persons_better_than_nearly_all_others(scene: Scene) -> None:
    pairs, truth = scene.candidate_pairs, scene.world.truth
    found = Edges.of(scene.view, pairs.features)
    right = pairs.index(truth[found.one], truth[found.other])
    ranks = []
    for look, pair in zip(found.looks, right.tolist(), strict=True):
        if pair >= 0:
            likely = pairs.likelihood(pairs.tables(look))
            ranks.append((likely > likely[pair]).mean())
            assert likely[pair] == pytest.approx(pairs.likelihood(pairs.tables(look), np.array([pair]))[0])
    assert np.median(ranks) < 0.02


def _similarity(predicted: Predicted) -> float:
    """Return the Jaccard similarity of the first two candidates' tokens for the first MinHash match key."""
    one, other = predicted.token_matrices[0][:2].toarray().astype(bool)
    return float((one & other).sum() / (one | other).sum())


def test_the_likelihood_of_shared_bands_is_that_of_the_similarity() -> None:
    records = [
        Record(record_id=f"record-{place}", given_names=given, family_names="Lindqvist", birth_date="2010-05-06")
        for place, given in enumerate(["Ellen Maria", "Ellen Mariana", "Torbjörn"])
    ]
    profile = load_profile("case-registry")
    key = profile.encoding.match_keys[3]
    assert isinstance(key, MinHash)
    predicted = Predicted(records, profile, label="t")
    pairs = CandidatePairs(predicted)
    close = int(pairs.index(np.array([0]), np.array([1]))[0])
    rate = predicted.band_rates(np.array([0]), np.array([1]))[0, 0]
    shared = []
    for number in range(20):
        found = Edges.of(observe(records[:2], profile, f"key {number}"), pairs.features)
        shared += [look.shared.sum() for look in found.looks]
    assert np.mean(shared) == pytest.approx(rate, rel=0.15)
    nothing = Look(np.zeros(5, np.int64), 0, np.zeros(len(pairs.features), np.int64))
    likely = [
        pairs.likelihood(pairs.tables(replace(nothing, shared=np.array([0, 0, 0, bands, 0]))), np.array([close]))[0]
        for bands in range(key.bands + 1)
    ]
    # The most likely number of shared bands is the expected one.
    assert np.argmax(likely) == pytest.approx(key.bands * _similarity(predicted) ** key.rows, abs=1)


# The edges of a registry.


def test_hidden_contents_are_not_compared(scene: Scene) -> None:
    found = Edges.of(replace(scene.view, bare=frozenset(range(9))), scene.candidate_pairs.features)
    assert {look.compared for look in found.looks} == {0}
    assert all((look.distance == 0).all() for look in found.looks)
    assert all(
        look.compared == look.shared.sum() for look in Edges.of(scene.view, scene.candidate_pairs.features).looks
    )


def _edges(ends: list[tuple[int, int, int]]) -> Edges:
    one, other, total = (np.array(column) for column in zip(*ends, strict=True))
    return Edges(one, other, (), total)


def test_clusters_are_cut_where_records_share_least(monkeypatch: pytest.MonkeyPatch) -> None:
    chain = _edges([(0, 1, 9), (1, 2, 8), (2, 3, 1), (3, 4, 9), (6, 7, 2)])
    free = np.ones(9, bool)
    assert [part.tolist() for part in clusters(chain, free, 9)] == [[0, 1, 2, 3, 4], [6, 7]]
    monkeypatch.setattr(edges, "MOST", 3)
    assert [part.tolist() for part in clusters(chain, free, 9)] == [[0, 1, 2], [3, 4], [6, 7]]
    free[1] = False
    assert [part.tolist() for part in clusters(chain, free, 9)] == [[0], [2, 3, 4], [6, 7]]


# The attack.


def test_connected_records_are_named(scene: Scene, rng: np.random.Generator) -> None:
    claims = edges.attack(scene.view, scene.predicted, NOBODY, rng=rng, pairs=scene.candidate_pairs)
    hit = claims.candidate == scene.world.truth
    assert hit[scene.shares].mean() > 0.5 > 0.05 > hit[~scene.shares].mean()
    sure = claims.confidence > np.log(9)
    assert sure.sum() > 15
    assert hit[sure].mean() > 0.8
    assert len(set(claims.candidate.tolist())) == len(hit)


def test_without_shared_keys_or_contents_hardly_anybody_is_named(scene: Scene, rng: np.random.Generator) -> None:
    purged = edges.attack(purge(scene.view, 1), scene.predicted, NOBODY, rng=rng, pairs=scene.candidate_pairs)
    assert (purged.candidate == scene.world.truth).mean() < 0.05
    noise = replace(scene.view, words=rng.integers(0, 2**64, scene.view.words.shape, np.uint64))
    blind = edges.attack(noise, scene.predicted, NOBODY, rng=rng, pairs=scene.candidate_pairs)
    assert (blind.candidate == scene.world.truth).mean() < 0.1


def test_two_records_with_one_edge_cannot_be_told_apart(rng: np.random.Generator) -> None:
    records = [
        Record(record_id="record-0", given_names="Ellen Maria", family_names="Lindqvist", birth_date="2010-05-06"),
        Record(record_id="record-1", given_names="Ellen Mariana", family_names="Lindqvist", birth_date="2010-05-06"),
        Record(record_id="record-2", given_names="Torbjörn", family_names="Ek", birth_date="2003-11-28"),
    ]
    profile = load_profile("case-registry")
    claims = edges.attack(observe(records, profile, "k"), Predicted(records, profile, label="t"), NOBODY, rng=rng)
    assert set(claims.candidate[:2].tolist()) == {0, 1}
    assert np.exp(claims.confidence[0]) == pytest.approx(1, rel=0.1), "half and half"
    pair = Landmarks(np.array([1]), np.array([1]))
    claims = edges.attack(observe(records, profile, "k"), Predicted(records, profile, label="t"), pair, rng=rng)
    assert claims.candidate[:2].tolist() == [0, 1]
    assert claims.confidence[0] > 2


def test_known_pairs_help(scene: Scene) -> None:
    shares = [run_trial(scene, Trial("edges", scene.scenario, known))[0].share for known in (0.0, 0.5)]
    assert shares[1] > shares[0] + 0.02


def test_payload_rules_out_whom_it_contradicts(scene: Scene) -> None:
    with_it, without = (run_trial(scene, Trial("edges", scene.scenario, payload=used))[0] for used in (True, False))
    assert with_it.share > without.share + 0.2


# Controls that notice an attack that ignores what it is given.


def _control(name: str) -> Control:
    """Run one control of the inputs; it fails the run if it does not work."""
    return next(input_controls(inputs=[one for one in INPUTS if one[0] == name]))


@pytest.mark.parametrize("name", [name for name, *_ in INPUTS])
def test_each_input_names_many_and_nothing_names_nobody(name: str) -> None:
    control = _control(name)
    assert control.works
    assert (control.strong or 0) < 0.05 < control.weak


def test_known_pairs_without_their_bands_are_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    gather = known._gather

    def sabotaged(setting: known._Setting, landmarks: Landmarks) -> known._Evidence:
        found = gather(setting, landmarks)
        return replace(found, bands=found.bands * 0, rates=found.rates * 0)

    monkeypatch.setattr(known, "_gather", sabotaged)
    assert not _control("known, shared keys").works


def test_known_pairs_without_their_contents_are_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    gather = known._gather
    monkeypatch.setattr(known, "_gather", lambda *given: replace(gather(*given), pairs=None))
    assert not _control("known, contents").works


def test_edges_without_the_number_of_shared_keys_are_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    tables = CandidatePairs.tables
    n_factors = 3  # Combinations, and two kinds of bands.

    def sabotaged(pairs: CandidatePairs, look: Look) -> list[np.ndarray]:
        return [table * (place >= n_factors) for place, table in enumerate(tables(pairs, look))]

    monkeypatch.setattr(CandidatePairs, "tables", sabotaged)
    assert not _control("edges, shared keys").works


def test_edges_without_contents_are_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    tables = CandidatePairs.tables
    monkeypatch.setattr(
        CandidatePairs,
        "tables",
        lambda pairs, look: tables(pairs, replace(look, compared=0, distance=0 * look.distance)),
    )
    assert not _control("edges, contents").works
