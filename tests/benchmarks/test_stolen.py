"""The attack on a stolen registry file names persons where codes are not enciphered, and nobody where they are."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from benchmarks.attacks.gates import STOLEN, judge_rows
from benchmarks.attacks.metrics import tally
from benchmarks.attacks.on_registries.stolen import (
    OPEN,
    OPEN_KEYS,
    WORKS,
    at_rest,
    figures,
    purge,
    read_contents,
    steal,
)
from benchmarks.attacks.world.populations import make_world
from benchmarks.attacks.world.view import View
from benchmarks.results import read_result
from pseudonym.profile import load_profile

PROFILE = load_profile("case-registry")

pytestmark = pytest.mark.whole


@pytest.fixture(scope="module")
def world():
    return make_world("children", 120, seed=1)


def share(world, *, enciphered: bool) -> float:
    theft = steal(world, PROFILE, seed=1, enciphered=enciphered)
    claims = read_contents(theft, world.candidates, PROFILE, rng=np.random.default_rng(1))
    return tally(claims, world.truth, n_candidates=len(world.candidates)).share


def test_without_enciphering_the_distances_name_most_persons(world):
    assert share(world, enciphered=False) > 0.6


def test_enciphered_contents_name_nobody(world):
    assert share(world, enciphered=True) < 0.1


def test_a_thief_who_mistakes_the_record_ids_learns_nothing(world):
    # The attack stands on the noise of these very records, and on nothing else.
    theft = steal(world, PROFILE, seed=1, enciphered=False)
    theft = replace(theft, names=theft.names[1:] + theft.names[:1])
    claims = read_contents(theft, world.candidates, PROFILE, rng=np.random.default_rng(1))
    assert tally(claims, world.truth, n_candidates=len(world.candidates)).share < 0.1


def test_purged_match_keys_are_shared_by_nobody():
    key = np.array([[1, 2, 3], [1, 4, 5], [6, 4, 7]])
    view = purge(View(PROFILE.encoding, np.array([0, 1, 2]), key, np.zeros((3, 3, 1), np.uint64)), 1)
    assert (view.group_size == 1).all()
    assert view.key[[0, 1, 2, 2], [2, 2, 0, 2]].tolist() == [3, 5, 6, 7]


def test_at_rest_no_match_key_looks_like_another():
    key = np.array([[1, 2, 3], [1, 4, 5], [6, 4, 7]])
    view = at_rest(View(PROFILE.encoding, np.array([0, 1, 2]), key, np.zeros((3, 3, 1), np.uint64)), 1)
    assert (view.group_size == 1).all()


def test_the_figures_have_all_rows_and_the_control_works():
    found = figures(PROFILE, persons=30, shared_keys=100, seeds=(1,))
    assert [row["attack"].split()[0] for row in found["rows"]] == ["stolen"] * 5 + ["purged"]
    assert found["works"][OPEN.attack]


def test_the_committed_result_meets_its_gate_and_its_control_works():
    found = read_result("attacks-stolen")["figures"]
    assert not found["failed"]
    assert [verdict.state for verdict in judge_rows(STOLEN, found["rows"])] == ["met", "met"]
    shares = {(row["attack"], row["setting"]): row["re_identified"] for row in found["rows"]}
    assert all(shares[row.attack, row.setting] > 2 * WORKS[row] for row in (OPEN, OPEN_KEYS))
    assert shares["stolen contents", "closed"] < 0.01
    assert shares["stolen match keys", "closed"] < 0.001
