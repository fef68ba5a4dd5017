"""Draws of partitions change whom persons are believed to be, by how much alike the persons are whom they join."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import sparse

from benchmarks.attacks.on_registries.drawn import ALIKE, OFTEN, Drawn, Likeness, Names, believe, joined, learn
from benchmarks.paths import DOCS
from benchmarks.results import read_result


class _Names(Names):
    """Persons by their tokens, without codes."""

    def __init__(self, *tokens: str) -> None:
        letters = sorted(set("".join(tokens)))
        self._tokens = sparse.csr_matrix(
            np.array([[letter in own for letter in letters] for own in tokens], np.float32)
        )
        self._size = np.asarray(self._tokens.sum(axis=1)).ravel()


NAMES = _Names("abcd", "abce", "wxyz", "klmn")
PAIR = Drawn(np.array([0]), np.array([1]), np.array([0.15]))
OPEN = {
    0: (np.array([0, 2]), np.array([0.5, 0.5], np.float32)),
    1: (np.array([1, 3]), np.array([0.5, 0.5], np.float32)),
}


def _likeness(ratio: float, same: float = 0.0) -> Likeness:
    """Pairs that draws join are so many times more often alike than any two."""
    ratios = np.ones((len(OFTEN) + 1, len(ALIKE) + 1))
    ratios[:, 8:] = ratio
    return Likeness(ratios, np.full(len(OFTEN) + 1, same))


def test_pairs_are_those_of_one_component_and_as_often_as_draws_join_their_records() -> None:
    # Persons 5, 5, 7 and 8 in one component; in two of four draws a record of 5 is with that of 7.
    labels = np.array([[0, 0, 0, 0], [0, 0, 1, 1], [1, 0, 1, 1], [2, 2, 2, 2], [0, 0, 0, 0]])
    found = joined(np.array([5, 5, 7, 8, 9]), np.array([0, 0, 0, 0, 1]), labels)
    assert (found.one.tolist(), found.other.tolist()) == ([5], [7])
    # Of eight pairs of records over the draws, four are together.
    assert found.often.tolist() == [pytest.approx(4 / 8)]


def test_pairs_of_one_case_are_left_out() -> None:
    pairs = Drawn(np.array([0, 0, 1]), np.array([1, 2, 2]), np.array([0.1, 0.2, 0.3]))
    assert pairs.apart(np.array([[0, 2]])).often.tolist() == [0.1, 0.3]
    assert pairs.apart(np.zeros((0, 2), np.int64)).often.tolist() == [0.1, 0.2, 0.3]


def test_candidates_who_are_alike_are_believed_together() -> None:
    found = believe(OPEN, PAIR, _likeness(20.0), NAMES, 4)
    assert found[0][0][0] == 0
    assert found[1][0][0] == 1
    # One of four pairs of candidates is twenty times as probable as the others.
    assert found[0][1][0] == pytest.approx(21 / 23, abs=1e-4)
    assert sum(found[0][1]) == pytest.approx(1)


def test_draws_that_say_nothing_change_nothing() -> None:
    found = believe(OPEN, PAIR, _likeness(1.0), NAMES, 4)
    assert found[0][1].tolist() == pytest.approx([0.5, 0.5])


def test_two_that_may_be_one_person_are_believed_to_be() -> None:
    beliefs = {0: OPEN[0], 1: (np.array([0, 3]), np.array([0.5, 0.5], np.float32))}
    found = believe(beliefs, PAIR, _likeness(1.0, same=0.5), NAMES, 4)
    assert found[0][0][0] == found[1][0][0] == 0
    # 1/2 * 4 against 1/2 for the other three.
    assert found[0][1][0] == pytest.approx((2 + 0.5) / (2 + 1.5), abs=1e-4)


def test_it_is_learned_how_much_alike_pairs_are() -> None:
    pairs = Drawn(np.zeros(40, np.int64), np.ones(40, np.int64), np.full(40, 0.15))
    found = learn(pairs, np.array([0, 1]), NAMES, np.random.default_rng(1))
    often, alike = int(np.searchsorted(OFTEN, 0.15)), int(NAMES.pairs(np.array([0]), np.array([1]))[0])
    assert found.ratio[often, alike] > 3
    assert found.ratio[often].argmax() == alike
    assert found.same[often] == 0


def test_the_controls_of_the_committed_result_work() -> None:
    found = read_result("attacks-draws")["figures"]
    assert found["works"]
    assert not found["failed"]


def test_pages_say_what_draws_add() -> None:
    found = read_result("attacks-draws")["figures"]
    share = {row["attack"]: f"{100 * row['re_identified']:.0f} %" for row in found["rows"]}
    drawn = {row["attack"]: f"{100 * row['groups']['in draws']['re_identified']:.0f} %" for row in found["rows"]}
    page, decision = (
        " ".join((DOCS / name).read_text(encoding="utf-8").split())
        for name in ("threat-model.md", "decisions/0041-ranges-from-draws.md")
    )
    assert f"({share['cases and draws']} are named instead of {share['cases']}, which may be chance)" in page
    assert f"of those in draws {drawn['payload and draws']} are named instead of {drawn['payload']}" in page
    assert f"they would name {share['most alike']}" in page
    assert f"with a register ({share['cases'][:2]} to {share['cases and draws']})" in decision
    assert (
        f"({share['payload'][:2]} to {share['payload and draws']}; of those in draws {drawn['payload'][:2]} to"
        in decision
    )
