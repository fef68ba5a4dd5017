"""Linked clusters keep what most records of a person have, errors are voted away, and broken attacks are noticed."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from benchmarks.attacks.on_codes import edges
from benchmarks.attacks.on_registries import clusters
from benchmarks.attacks.on_registries.clusters import cluster_view
from benchmarks.attacks.world.view import View
from pseudonym.profile import load_profile

PROFILE = load_profile("case-registry")


def _view(keys: list[list[int]], words: list[list[int]], kind: list[int]) -> View:
    content = np.array(words, np.uint64)[..., None]
    return View(PROFILE.encoding, np.array(kind), np.array(keys, np.int64), content)


def test_a_person_has_the_match_keys_of_most_of_its_records() -> None:
    view = _view([[1, 10, 11], [1, 10, 12], [2, 10, 13], [1, 20, 21]], [[0, 0, 0]] * 4, [0, 1, 1])
    nodes = cluster_view(view, np.array([0, 0, 0, 1]))
    assert nodes.kind.tolist() == [0, 1, 1]
    assert nodes.key[0, 0] == nodes.key[1, 0] == 1
    assert nodes.key[0, 1] == 10
    assert nodes.key[0, 2] in (11, 12, 13)
    assert nodes.key[1].tolist() == [1, 20, 21]


def test_of_equally_frequent_match_keys_those_are_kept_that_others_have() -> None:
    view = _view([[1, 10, 11], [1, 12, 13], [2, 13, 14]], [[0, 0, 0]] * 3, [0, 1, 1])
    nodes = cluster_view(view, np.array([0, 0, 1]))
    assert 13 in nodes.key[0]
    assert nodes.shares(np.arange(2)).all()


def test_contents_are_voted_bit_by_bit_where_others_have_the_match_key() -> None:
    right, wrong = 0b1011, 0b1010
    view = _view([[1, 10, 11]] * 4 + [[1, 20, 21]], [[right, wrong, 0]] * 2 + [[wrong, right, 0]] * 2 + [[0, 0, 0]],
                 [0, 1, 1])  # fmt: skip
    nodes = cluster_view(view, np.array([0, 0, 0, 0, 1]))
    # A tie is a zero.
    assert nodes.words[0, 0, 0] == 0b1010
    more = View(PROFILE.encoding, view.kind, view.key[[0, 1, 2, 4]], view.words[[0, 1, 2, 4]])
    assert cluster_view(more, np.array([0, 0, 0, 1])).words[0, 0, 0] == right


def test_a_person_with_too_few_match_keys_gets_some_that_nobody_has() -> None:
    view = _view([[1, 10, 10], [1, 10, 11]], [[0, 0, 0]] * 2, [0, 1, 1])
    nodes = cluster_view(view, np.array([0, 1]))
    assert sorted(nodes.key[0].tolist())[:2] == [1, 10]
    assert nodes.key[0].max() > 11
    assert nodes.group_size[0, np.argmax(nodes.key[0])] == 1


def test_single_records_are_their_own_clusters() -> None:
    rng = np.random.default_rng(1)
    view = _view(np.sort(rng.permutation(30).reshape(10, 3), axis=1).tolist(), [[1, 2, 3]] * 10, [0, 1, 1])
    nodes = cluster_view(view, np.arange(10))
    assert [set(row) for row in nodes.key.tolist()] == [set(row) for row in view.key.tolist()]


@pytest.fixture(scope="module")
def found() -> dict[str, Any]:
    return clusters.figures(PROFILE, persons=800, seeds=(1,))


def test_the_attack_names_linked_persons_before_a_purge_and_nearly_none_after(found: dict[str, Any]) -> None:
    share = {row["title"]: row["re_identified"] for row in found["rows"]}
    assert len(share) == len(found["rows"])
    # Few children share match keys, and with whom is chance: at full size true persons are named more often.
    assert share[clusters.LINKED.title] >= clusters.WORKS
    assert share[clusters.KNOWN.title] > share[clusters.HIDDEN.title]
    assert max(share[row.title] for row in (clusters.SETTLED, clusters.SETTLED_KNOWN)) < 0.005
    assert found["works"]["persons are named before a purge"]
    # So few children are not enough to show that the limit is met.
    assert found["verdicts"][-1]["state"] == "missed"


def test_an_attack_that_sees_no_edges_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    def blind(view: View, *rest: Any, **more: Any) -> Any:
        own = np.arange(view.key.size).reshape(view.key.shape)
        return _attack(View(view.encoding, view.kind, own, view.words), *rest, **more)

    _attack = edges.attack
    monkeypatch.setattr(edges, "attack", blind)
    found = clusters.figures(PROFILE, persons=200, seeds=(1,))
    assert not found["works"]["persons are named before a purge"]
    assert found["failed"]
