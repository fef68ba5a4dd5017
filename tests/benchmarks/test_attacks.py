"""Each attack finds planted matches, makes no confident claims without evidence, and the suite notices a broken one."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from scipy import sparse

from benchmarks.attacks.evidence import alignment
from benchmarks.attacks.evidence.bridges import OldEpoch
from benchmarks.attacks.evidence.scenes import Scenario, Scene
from benchmarks.attacks.evidence.signals import Predicted, differing_bits, masks, meet
from benchmarks.attacks.frontier.sweep import build
from benchmarks.attacks.metrics import Claims, Tally, pool, tally, wilson
from benchmarks.attacks.on_codes import (
    dictionary,
    frequency,
    graph,
    keyholder,
    known,
    patterns,
    payload,
    refinement,
    shape,
)
from benchmarks.attacks.trials import Trial, run_trial
from benchmarks.attacks.world.populations import make_world
from benchmarks.attacks.world.variants import exact_only, unpadded, with_encoding
from benchmarks.attacks.world.view import fixed_registry_key, key_prints, observe
from benchmarks.keys import fixed_key_text
from pseudonym.encode import Encoder
from pseudonym.identity.record import Record
from pseudonym.keyed import LinkageKey
from pseudonym.profile import load_profile
from tests.paths import ROOT

SMALL = Scenario("children", 150)
COARSE = ROOT / "benchmarks" / "profiles" / "coarse.json"
"""A profile with large groups, so that even a few records share match keys."""


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(4)


def share(claims: Claims, truth: np.ndarray) -> float:
    return float((claims.candidate == truth).mean())


# Figures.


@pytest.mark.parametrize(
    ("hits", "n", "lower", "upper"),
    # Computed from the formula in [Wilson1927] by hand, and as tables of the interval have them.
    [(0, 10, 0.0, 0.2775), (1, 10, 0.0179, 0.4042), (5, 10, 0.2366, 0.7634), (10, 10, 0.7225, 1.0), (0, 0, 0.0, 1.0)],
)
def test_wilson_limits(hits: int, n: int, lower: float, upper: float) -> None:
    assert wilson(hits, n) == (pytest.approx(lower, abs=5e-5), pytest.approx(upper, abs=5e-5))


def test_known_and_absent_persons_are_not_counted() -> None:
    claims = Claims(np.array([0, 1, 5, 3]), np.array([3.0, 2.0, 9.0, 1.0]))
    truth = np.array([0, 2, 4, -1])
    unknown = np.array([False, True, True, True])
    counts = tally(claims, truth, unknown=unknown, n_candidates=6, groups={"all": np.ones(4, bool)})
    assert (counts.records, counts.hits, counts.claimed, counts.right) == (2, 0, 3, 0)
    assert counts.groups == {"all": (2, 0)}
    everybody = tally(claims, truth, n_candidates=6)
    assert (everybody.records, everybody.hits, everybody.right) == (3, 1, 1)
    assert everybody.chance == pytest.approx(3 / 6)


def test_seeds_are_added_up() -> None:
    one = Tally(10, 5, 4, 2, 0.1, {"twins": (2, 1)})
    assert pool([one, one]) == Tally(20, 10, 8, 4, 0.2, {"twins": (4, 2)})
    assert pool([one, one]).figures()["groups"]["twins"]["re_identified"] == 0.5


# What the attacker sees.


@pytest.fixture(scope="module")
def registry() -> Scene:
    return Scene(SMALL, load_profile(COARSE), 1)


def test_intake_changes_no_equality_and_no_distance(registry: Scene) -> None:
    records = registry.world.records[:60]
    sent = observe(records, registry.profile, "k")
    stored = observe(records, registry.profile, "k", registry=fixed_registry_key("r"))
    assert not np.array_equal(sent.words, stored.words)
    assert np.array_equal(np.sort(sent.group_size, axis=1), np.sort(stored.group_size, axis=1))
    seen = []
    for view in (sent, stored):
        found = meet(view.key, np.arange(len(view)))
        ours, theirs = view.words[found.row, found.position], view.words[found.landmark, found.landmark_position]
        bits = differing_bits(ours, theirs, view.encoding)
        seen.append(sorted(map(tuple, np.column_stack([found.row, found.landmark, bits]).tolist())))
    assert seen[0] == seen[1]


def test_the_view_does_not_keep_the_order_of_the_reporter(registry: Scene) -> None:
    view = registry.view
    for kind in np.unique(view.kind):
        keys = view.key[:, view.kind == kind]
        assert (np.diff(keys, axis=1) >= 0).all()


def test_combinations_are_predicted_exactly(registry: Scene) -> None:
    world, view = registry.world, registry.view
    found = meet(view.key[:, view.exact], np.arange(len(view)))
    expected = meet(registry.predicted.exact_keys, np.arange(len(registry.predicted)))
    seen = sorted(zip(world.truth[found.row].tolist(), world.truth[found.landmark].tolist(), strict=True))
    assert seen == sorted(zip(expected.row.tolist(), expected.landmark.tolist(), strict=True))
    assert len(seen) > 20


def test_repeated_keys_of_several_identities_are_predicted_too() -> None:
    # The date in the number is another one than the birth date: two identities, and match keys that occur twice.
    twice = Record(
        record_id="record-1",
        number=next(iter(keyholder._every_number(1))),
        given_names="Ada",
        family_names="Berg Lund",
        birth_date="2001-02-03",
    )
    profile = load_profile("case-registry")
    exact = exact_only(profile)
    assert exact is not None
    view = observe([twice], profile, "k")
    predicted = key_prints([twice], exact, "other")
    seen = np.sort(np.unique(view.key[:, view.exact], return_counts=True)[1])
    assert np.array_equal(seen, np.sort(np.unique(predicted, return_counts=True)[1]))
    assert seen[-1] > 1


def test_features_cover_every_bit_of_a_content_once() -> None:
    encoding = load_profile("case-registry").encoding
    bits = [(word * 64 + bit) for _, word, mask in masks(encoding) for bit in range(64) if mask >> bit & 1]
    assert sorted(bits) == list(range(len(bits)))
    assert len(bits) <= encoding.content_bytes * 8


def test_band_rates_are_those_of_the_similarity() -> None:
    records = [
        Record(record_id=f"record-{place}", given_names=given, family_names="Lindqvist", birth_date="2010-05-06")
        for place, given in enumerate(["Ellen Maria", "Ellen Maria", "Torbjörn"])
    ]
    predicted = Predicted(records, load_profile("case-registry"), label="t")
    rates = predicted.band_rates(np.arange(3), np.arange(3))
    bands = sum(key.bands for key in predicted.banded)
    assert rates[0, 1] == pytest.approx(bands)
    assert 0 < rates[0, 2] < bands / 2


def test_a_bigram_of_both_names_counts_once_as_in_the_encoder() -> None:
    # "an", "nn" and "na" are in the given and in the family name of both.
    records = [
        Record(record_id=f"record-{place}", given_names="Anna", family_names=family, birth_date="2010-05-06")
        for place, family in enumerate(["Annanberg", "Annandahl"])
    ]
    profile = load_profile("case-registry")
    rate = Predicted(records, profile, label="t").band_rates(np.array([0]), np.array([1]))[0, 0]
    shared = []
    for key in range(30):
        view = observe(records, profile, f"key {key}")
        shared.append(np.isin(view.key[0, ~view.exact], view.key[1, ~view.exact]).sum())
    # Counting the three twice would foresee half as many again.
    assert np.mean(shared) == pytest.approx(rate, rel=0.15)


def test_worlds_are_drawn_again_from_their_seed() -> None:
    one, other = (make_world("children", 40, seed=2, factor=3) for _ in range(2))
    assert one.digest == other.digest
    assert len(one.candidates) == 120
    names = [(one.records[row].given_names, one.candidates[place].given_names) for row, place in enumerate(one.truth)]
    assert all(mine == theirs for mine, theirs in names)
    half = make_world("children", 40, seed=2, overlap=0.5)
    assert (half.truth >= 0).sum() == 20
    with pytest.raises(ValueError, match="unknown kind"):
        make_world("nobody", 4, seed=1)


# The attacks.


@pytest.mark.whole
def test_a_similarity_graph_is_matched(rng: np.random.Generator) -> None:
    points = rng.normal(size=(100, 6))
    similar = (points @ points.T).astype(np.float32)
    order = rng.permutation(100)
    noise = rng.normal(scale=0.02, size=similar.shape).astype(np.float32)
    claims = graph.match_graphs(similar[np.ix_(order, order)] + noise + noise.T, similar, rng=rng)
    assert share(claims, order) > 0.95
    other = rng.normal(size=(100, 6))
    wrong = graph.match_graphs((other @ other.T).astype(np.float32), similar, rng=rng, restarts=2)
    assert share(wrong, order) < 0.1


@pytest.mark.whole
def test_clk_falls_unseeded(rng: np.random.Generator) -> None:
    scene = Scene(Scenario("children", 200), load_profile("clk"), 1)
    assert share(graph.attack(scene.view, scene.predicted, rng=rng), scene.world.truth) > 0.9


def _keys(groups: list[list[int]], n: int) -> np.ndarray:
    """Return groups of records as match keys, (n, groups), with a unique key for each record outside a group."""
    keys = np.arange(n * len(groups)).reshape(n, len(groups)) + 1000
    for place, members in enumerate(groups):
        keys[members, place] = place
    return keys


def test_refinement_tells_apart_what_its_groups_tell_apart(rng: np.random.Generator) -> None:
    # Three arms from one record, two of them equally long: only these cannot be told apart.
    keys = _keys([[0, 1], [1, 2], [2, 3], [3, 4], [2, 5], [5, 6], [6, 7]], 8)
    order = rng.permutation(8)
    graphs = [refinement.Graph.of(one, np.zeros(keys.shape[1], np.int64)) for one in (keys[order], keys + 5000)]
    start = np.zeros(8, np.uint64), np.zeros(8, np.uint64)
    colours = refinement.refine(*graphs, start)
    claims = refinement.claim(colours, rng)
    symmetric = {0: (0, 4), 1: (1, 3), 3: (1, 3), 4: (0, 4)}
    for row, person in enumerate(order.tolist()):
        assert claims.candidate[row] in symmetric.get(person, (person,))
    assert len(np.unique(colours[0])) >= 6


def test_refinement_ignores_keys_that_are_not_shared(rng: np.random.Generator) -> None:
    keys = np.arange(40).reshape(20, 2)
    graphs = [refinement.Graph.of(keys, np.zeros(2, np.int64)) for _ in range(2)]
    colours = refinement.refine(*graphs, (np.zeros(20, np.uint64), np.zeros(20, np.uint64)))
    assert len(np.unique(colours[0])) == 1
    assert (refinement.claim(colours, rng).confidence == -20).all()


def test_known_pairs_give_a_clk_registry_away(rng: np.random.Generator) -> None:
    scene = Scene(SMALL, load_profile("clk"), 1)
    pairs = scene.known(0.1)
    claims = known.attack(scene.view, scene.predicted, pairs, closed=False, rng=rng)
    assert share(claims, scene.world.truth) > 0.9


@pytest.mark.whole
def test_known_pairs_name_their_neighbours(rng: np.random.Generator) -> None:
    near_hits, far_hits = [], []
    # A single scene of this size has fewer than ten neighbours.
    for seed in range(1, 9):
        scene = Scene(SMALL, load_profile(COARSE), seed)
        pairs = scene.known(0.3)
        claims = known.attack(scene.view, scene.predicted, pairs, closed=False, rng=rng, rounds=0)
        unknown = np.ones(len(scene.view), bool)
        unknown[pairs.row] = False
        met = np.unique(meet(scene.view.key[:, scene.view.exact], pairs.row).row)
        near = unknown & np.isin(np.arange(len(unknown)), met)
        hit = claims.candidate == scene.world.truth
        near_hits.append(hit[near])
        far_hits.append(hit[unknown & ~near])
    near, far = np.concatenate(near_hits), np.concatenate(far_hits)
    assert len(near) > 40
    assert near.mean() > 0.8 > 0.2 > far.mean()


def test_payload_rules_out_whom_it_contradicts(registry: Scene, rng: np.random.Generator) -> None:
    world = registry.world
    pairs = registry.known(0.02)
    given = (world.payload, world.known_payload)
    with_it = known.attack(registry.view, registry.predicted, pairs, closed=False, rng=rng, payload=given)
    without = known.attack(registry.view, registry.predicted, pairs, closed=False, rng=rng)
    assert share(with_it, world.truth) > share(without, world.truth) + 0.2


def test_self_training_never_counts_a_record_as_its_own_landmark(registry: Scene, rng: np.random.Generator) -> None:
    pairs = registry.known(0.2)
    hits = [
        share(
            known.attack(registry.view, registry.predicted, pairs, closed=True, rng=rng, rounds=rounds),
            registry.world.truth,
        )
        for rounds in (0, 2)
    ]
    assert hits[1] >= hits[0] - 0.05


def test_numbers_alone_give_nothing_away(rng: np.random.Generator) -> None:
    narrow = with_encoding(
        load_profile("population"), "narrow", match_keys=[{"kind": "number", "parts": ["number"], "codes": 2}]
    )
    scene = Scene(Scenario("children", 400), narrow, 1)
    for attack, share_known in (("refinement", 0.0), ("known", 0.2), ("graph", 0.0), ("frequency", 0.0)):
        counts, _ = run_trial(scene, Trial(attack, scene.scenario, share_known))
        assert counts.share < 0.03, attack


def planted(rng: np.random.Generator, n: int = 400) -> alignment.Items:
    """Return items that occur together like names of one language: each record belongs to one of six kinds."""
    sort = rng.integers(0, 6, n)
    rates = rng.random((6, 30)) * 0.6
    return alignment.Items((rng.random((n, 30)) < rates[sort]).astype(np.float32), np.repeat([0, 1], 15))


def test_items_are_recognised_by_co_occurrence(rng: np.random.Generator) -> None:
    theirs = planted(rng)
    hidden = np.concatenate([rng.permutation(15), 15 + rng.permutation(15)])
    read = np.where(rng.random(theirs.held.shape) < 0.01, 1 - theirs.held, theirs.held)[rng.permutation(400)]
    mine = alignment.Items(read[:, hidden].astype(np.float32), theirs.kind)
    row, column = alignment.align(mine, theirs)
    assert (hidden[row] == column).mean() > 0.9
    by_rank = np.argsort(-theirs.frequency)[np.argsort(np.argsort(-mine.frequency))]
    assert (hidden == by_rank).mean() < 0.7, "frequency alone would do"


def test_agreement_tells_a_right_alignment_from_a_wrong_one(rng: np.random.Generator) -> None:
    items, other = planted(rng), planted(rng)
    same = np.arange(30)
    assert alignment.agreement(items, items, (same, same)) == pytest.approx(1)
    assert alignment.agreement(items, items, (same, np.roll(same, 7))) < 0.5
    assert alignment.agreement(items, other, alignment.align(items, other)) < 0.9


def test_only_things_of_one_sort_are_aligned(rng: np.random.Generator) -> None:
    items = planted(rng)
    row, column = alignment.align(items.take(np.arange(15)), items)
    assert len(row) == 15
    assert (items.kind[column] == 0).all()


def test_candidates_outside_the_group_are_not_claimed(rng: np.random.Generator) -> None:
    said = [(np.array([0, 1]), np.array([2, 3]), np.array([[-5.0, -9.0], [-9.0, -5.0]], np.float32))]
    claims = alignment.claim(said, (3, 6), rng)
    assert claims.candidate[:2].tolist() == [2, 3]
    assert claims.confidence[2] == 0 < claims.confidence[0]


def test_frequent_groups_are_recognised(rng: np.random.Generator) -> None:
    # Dates of 40, 30, 20 … persons and names of 7, 6, 5 …: together they tell some persons apart.
    narrow = with_encoding(
        load_profile("population"), "dates", match_keys=[{"kind": "sex", "parts": ["sex"], "codes": 1}]
    )
    scene = Scene(Scenario("children", 101), narrow, 1)
    claims = frequency.attack(scene.view, scene.predicted, rng=rng)
    sex = np.array([record.sex for record in scene.world.candidates])
    mine = np.array([record.sex for record in scene.world.records])
    assert (sex[claims.candidate] == mine).mean() > 0.95


def test_patterns_of_a_token_are_mined(rng: np.random.Generator) -> None:
    bits = (rng.random((600, 64)) < 0.3).astype(np.float32)
    assert patterns.mine(bits) == [] or max(len(pattern) for pattern in patterns.mine(bits)) <= 3
    held = rng.random(600) < 0.4
    bits[np.ix_(held, [3, 17, 40, 41])] = 1
    assert {3, 17, 40, 41} == set(patterns.mine(bits)[0].tolist())


def test_patterns_are_read_as_tokens(rng: np.random.Generator) -> None:
    tokens = (rng.random((300, 12)) < np.linspace(0.5, 0.05, 12)).astype(np.float32)
    bits = np.zeros((300, 256), np.float32)
    for token in range(12):
        places = rng.choice(256, 6, replace=False)
        bits[np.ix_(tokens[:, token] > 0, places)] = 1
    score = patterns.read(bits, sparse.csr_matrix(tokens), 6)
    right = np.array([tokens[score[row].argmax()] @ tokens[row] for row in range(300)])
    drawn = np.array([tokens[row - 1] @ tokens[row] for row in range(300)])
    assert right.mean() > 1.5 * drawn.mean()


def test_patterns_are_brought_to_all_bits_of_their_tokens(rng: np.random.Generator) -> None:
    bits = (rng.random((500, 200)) < 0.45).astype(np.float32)
    held = rng.random(500) < 0.3
    bits[np.ix_(held, np.arange(12))] = 1
    few, same = np.array([1, 4, 7]), np.array([2, 5])
    assert (bits[:, few].min(axis=1) > 0).mean() > held.mean() + 0.03
    found = patterns.settle(bits, [few, same, np.array([150, 151])], 12)
    assert found.shape == (500, 1)
    assert (found[:, 0] == held).mean() > 0.99


def test_a_dictionary_is_learned_from_known_members(rng: np.random.Generator) -> None:
    tokens = (rng.random((80, 15)) < 0.3).astype(np.float32)
    places = rng.integers(0, 64, (15, 3))
    pad = rng.random(64) < 0.5
    bits = np.zeros((80, 64), bool)
    for person, token in zip(*np.nonzero(tokens), strict=True):
        bits[person, places[token]] = True
    content = (bits ^ pad).astype(np.float32)
    learned = dictionary.learn(content[:50], sparse.csr_matrix(tokens[:50]))
    score = dictionary.read(content[50:], sparse.csr_matrix(tokens[50:]), learned)
    assert (score.argmax(axis=1) == np.arange(30)).mean() > 0.8
    strange = dictionary.read((rng.random((30, 64)) < 0.5).astype(np.float32), sparse.csr_matrix(tokens[50:]), learned)
    assert (strange.argmax(axis=1) == np.arange(30)).mean() < 0.3


def test_a_dictionary_reads_clk_and_no_group_without_known_members(registry: Scene, rng: np.random.Generator) -> None:
    scene = Scene(SMALL, load_profile("clk"), 1)
    pairs = scene.known(0.3)
    claims = dictionary.attack(scene.view, scene.predicted, pairs, rng=rng)
    unknown = np.setdiff1d(np.arange(len(scene.view)), pairs.row)
    assert (claims.candidate == scene.world.truth)[unknown].mean() > 0.4
    none = dictionary.attack(registry.view, registry.predicted, registry.known(0.02), rng=rng)
    assert (none.candidate == -1).all()


@pytest.mark.whole
def test_the_fill_of_contents_shows_without_a_pad_only(rng: np.random.Generator) -> None:
    base = load_profile("case-registry")
    shares = []
    for profile in (base, unpadded(base)):
        scene = Scene(SMALL, profile, 1)
        shares.append(share(shape.attack(scene.view, scene.predicted, rng=rng), scene.world.truth))
    assert shares[1] > 0.2 > 0.05 > shares[0]


def test_known_pairs_and_fill_are_taken_together(rng: np.random.Generator) -> None:
    scene = Scene(SMALL, unpadded(build("number+mh10x30", load_profile("case-registry"))), 1)
    claims = known.attack(scene.view, scene.predicted, scene.known(0.1), closed=False, rng=rng)
    unknown = np.setdiff1d(np.arange(len(scene.view)), scene.known(0.1).row)
    assert (claims.candidate == scene.world.truth)[unknown].mean() > 0.2


def test_payload_figures_by_hand(rng: np.random.Generator) -> None:
    known_payload = np.array([[1, 5, 0], [1, 5, 0], [2, 7, 1], [2, 8, 1]])
    seen = np.array([[1, 5, 0], [2, 7, 1], [2, -1, 1], [9, 9, 9]])
    figures = payload.figures(seen, known_payload)
    assert (figures["unique"], figures["at_most_four"]) == (0.25, 1.0)
    claims = payload.attack(seen, known_payload, rng=rng)
    assert claims.candidate[1] == 2
    assert claims.candidate[3] == -1
    assert claims.confidence.tolist() == [-2, -1, -2, -np.inf]


def test_bridges_carry_a_clk_registry_into_the_next_epoch(rng: np.random.Generator) -> None:
    scene = Scene(SMALL, load_profile("clk"), 1)
    counts, _ = run_trial(scene, Trial("bridges", SMALL, 0.1))
    assert counts.share > 0.9
    old, place = scene.old_epoch
    assert isinstance(old, OldEpoch)
    assert sorted(place.tolist()) == list(range(len(scene.view)))


def test_the_dictionary_of_the_keyholder_holds_real_match_keys() -> None:
    profile = load_profile("case-registry")
    key = LinkageKey.parse(fixed_key_text("holder"))
    encoder = Encoder(key, reporter="reporter", profile=profile, reference_date=date(2025, 12, 31), keep_empty=True)
    record = Record(record_id="record-1", given_names="Ada", family_names="Berg")
    number = next(iter(keyholder._every_number(1)))
    batch = next(encoder.batches([replace(record, number=number)]))
    found = keyholder.match_keys(profile, key, [number], kind="number")
    assert bytes(batch.codes.match_key[0, 0]) in found or bytes(batch.codes.match_key[0, 1]) in found
    assert keyholder.figures(profile, numbers=200)["seconds_for_all"] > 0
    assert keyholder.figures(load_profile("clk"))["seconds_for_all"] is None
