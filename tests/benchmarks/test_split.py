"""What each reader would see if the linkage unit were split in two."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binom

from benchmarks.attacks.evidence.differences import log_binomial_between
from benchmarks.attacks.evidence.scenes import Scenario, Scene
from benchmarks.attacks.on_codes.edges import Edges
from benchmarks.attacks.on_registries import split
from pseudonym.profile import load_profile

PROFILE = load_profile("case-registry")
READERS = {reader.name: reader for reader in split.READERS}


@pytest.fixture(scope="module")
def scene() -> Scene:
    return Scene(Scenario("children", 700), PROFILE, 1)


def shown(scene: Scene, reader: str) -> Edges:
    return split._shown(scene, READERS[reader])


@pytest.mark.parametrize(("least", "most"), [(0, 0), (3, 3), (0, 4), (2, 9), (5, 20), (0, 20)])
def test_the_probability_of_a_range_is_that_of_its_values(least: int, most: int) -> None:
    p = np.array([0.1, 0.5, 0.9])
    found = log_binomial_between(least, most, np.full(3, 20.0), p)
    assert np.exp(found) == pytest.approx(binom.cdf(most, 20, p) - binom.cdf(least - 1, 20, p), rel=1e-6, abs=1e-12)


def test_each_reader_sees_what_it_is_said_to_see(scene: Scene) -> None:
    whole = shown(scene, "whole")
    assert all(look.most is None and look.compared for look in whole.looks)
    for name in READERS:
        looks = shown(scene, name).looks
        # The match keys that a pair shares are seen by everybody but the comparer, which sees their number.
        assert [look.shared.tolist() for look in looks] == [look.shared.tolist() for look in whole.looks]
    assert {look.compared for look in shown(scene, "joiner, counts").looks} == {0}
    assert [look.distance.tolist() for look in shown(scene, "comparer").looks] == [
        look.distance.tolist() for look in whole.looks
    ]
    two = shown(scene, "two bands").looks
    single = [look.shared.sum() == 1 for look in whole.looks]
    assert any(single)
    assert [not look.compared for look in two] == [
        one and look.shared[3:].any() for one, look in zip(single, whole.looks, strict=True)
    ]


def test_a_level_is_a_range_that_holds_the_distance(scene: Scene) -> None:
    tables = {table.field: np.sort(table.edges) for table in PROFILE.linking.fields}
    features = scene.candidate_pairs.features
    for name in ("joiner, levels", "joiner, two levels"):
        widths = []
        for look, real in zip(shown(scene, name).looks, shown(scene, "whole").looks, strict=True):
            assert (look.distance <= real.distance).all()
            assert (real.distance <= look.most).all()
            for column, feature in enumerate(features):
                if not feature.hashes:
                    assert (look.most[column] > 0) == (real.distance[column] > 0)
                    continue
                ends = np.array([look.distance[column], look.most[column]]) / look.compared
                if name == "joiner, levels":
                    level = np.searchsorted(tables[feature.field], ends, side="left")
                    assert (
                        level[0]
                        == level[1]
                        == np.searchsorted(tables[feature.field], real.distance[column] / look.compared, side="left")
                    )
                widths.append(ends[1] - ends[0])
        assert np.mean(widths) > 1


def test_a_joiner_of_likely_pairs_sees_the_levels_of_few(scene: Scene) -> None:
    looks, real = shown(scene, "joiner, likely pairs").looks, shown(scene, "whole").looks
    seen = [look.compared > 0 for look in looks]
    assert 0 < sum(seen) < len(seen) / 2
    # The pairs whose levels are shown are the more similar ones.
    far = np.array([look.distance.sum() / look.compared for look in real])
    assert far[seen].mean() < far[np.invert(seen)].mean()


def test_the_attack_names_most_where_most_is_seen_and_a_broken_one_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    found = split.figures(PROFILE, children=700, seeds=(1,))
    named = {row["reader"]: row["re_identified"] for row in found["rows"]}
    assert found["works"]
    assert not found["failed"]
    assert named["whole"] > named["joiner, likely pairs"] >= named["joiner, counts"]
    assert named["comparer"] > 3 * named["joiner, counts"]
    compared = {row["reader"]: row["pairs_compared"] for row in found["rows"]}
    assert compared["whole"] > compared["joiner, likely pairs"] > compared["joiner, counts"] == 0
    # An attack that sees no contents names nearly nobody, and the run says that it is broken.
    glimpse = split._glimpse
    monkeypatch.setattr(split, "_glimpse", lambda look, scene, reader: glimpse(look, scene, "joiner, counts"))
    broken = split.figures(PROFILE, children=700, seeds=(1,))
    assert broken["failed"]


def test_a_profile_without_tables_cannot_be_measured() -> None:
    with pytest.raises(ValueError, match="tables"):
        split.figures(PROFILE.model_copy(update={"linking": None}), children=10)


def test_a_claim_about_a_pair_counts_for_both_of_its_records_in_either_order(scene: Scene) -> None:
    truth = scene.world.truth
    assert split._in_order((0, 1), (int(truth[1]), int(truth[0])), truth) == (truth[0], truth[1])
    wrong = (int(truth[2]), int(truth[1]))
    assert split._in_order((0, 1), wrong, truth) == wrong
