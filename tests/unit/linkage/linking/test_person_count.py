"""How many persons a run expects, where some of their records stand apart."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from numpy.typing import NDArray

from linkage.linking.accuracy import LIKENESS_POWER, MAX_MEMBERS, Grouped
from linkage.linking.person_count import Headcount, expected_persons
from pseudonym.profile import Encoding, MinHash
from tests.unit.linkage.linking.test_accuracy import ENCODING, ROWS, draw_mets

MANY = 2_000


class Run:
    """Groups of records, put together person by person."""

    def __init__(self) -> None:
        self.group: list[int] = []
        self.pairs: list[tuple[int, int, float, int]] = []

    def records(self, number: int, *, group: int) -> list[int]:
        """Add records to a group and give their places."""
        self.group += [group] * number
        return list(range(len(self.group) - number, len(self.group)))

    def pair(self, one: int, other: int, *, probability: float = 1.0, mets: int = 9) -> None:
        """Add a candidate."""
        self.pairs.append((one, other, probability, mets))

    def expected(
        self,
        *,
        others: dict[int, float] | None = None,
        order: NDArray[np.int64] | None = None,
        encoding: Encoding = ENCODING,
    ) -> float | None:
        """Ask how many persons there are."""
        found = self.persons(others=others, order=order, encoding=encoding)
        return None if found is None else found.expected

    def persons(
        self,
        *,
        others: dict[int, float] | None = None,
        order: NDArray[np.int64] | None = None,
        encoding: Encoding = ENCODING,
    ) -> Headcount | None:
        """Ask how many persons there are, and in what range."""
        pairs = self.pairs if order is None else [self.pairs[place] for place in order]
        one, other, probability, mets = (np.array(column) for column in zip(*pairs, strict=True))
        group, ends = np.array(self.group), np.column_stack([one, other])
        links = group[one] == group[other]
        held = np.zeros(len(np.unique(group)))
        for place, value in (others or {}).items():
            held[place] = value
        found = Grouped(probability[links].astype(float), held)
        mets = mets.astype(np.int32)
        return expected_persons(probability.astype(float), ends, group=group, found=found, mets=mets, encoding=encoding)


def seldom_met(size: int, *, number: int = MANY) -> Run:
    """Return persons: in each `size - 1` records that met often, and one that met them seldom or not at all."""
    run, drawn = Run(), draw_mets(ROWS, power=LIKENESS_POWER, n=number)
    for person, met in enumerate(np.repeat(np.arange(len(drawn)), drawn.astype(int)).tolist()):
        core = run.records(size - 1, group=2 * person)
        for one, other in combinations(core, 2):
            run.pair(one, other)
        (last,) = run.records(1, group=2 * person + (met == 0))
        for one in core if met else []:
            run.pair(one, last, mets=met)
    return run


def sure(number: int = 400) -> Run:
    """Return persons of two records that met once to four times, so that something can be estimated."""
    run = Run()
    for person in range(number):
        one, other = run.records(2, group=person)
        run.pair(one, other, mets=1 + person % 4)
    return run


@pytest.mark.parametrize("size", [2, 5])
def test_records_that_met_nowhere_are_no_persons_of_their_own(size: int) -> None:
    run = seldom_met(size)
    assert len(set(run.group)) > 1.04 * MANY
    assert run.expected() == pytest.approx(MANY, rel=0.015)
    found = run.persons()
    assert found.low < min(found.expected, MANY)
    assert max(found.expected, MANY) < found.high < len(set(run.group))


def test_the_range_is_wide_where_few_pairs_met_seldom() -> None:
    few, many = seldom_met(2, number=300).persons(), seldom_met(2).persons()
    assert (few.high - few.low) / 300 > 1.5 * (many.high - many.low) / MANY


def test_what_a_group_holds_without_having_met_is_not_missing() -> None:
    run = sure()
    trio = run.records(3, group=1_000)
    run.pair(trio[0], trio[1])
    run.pair(trio[1], trio[2])
    alone = run.expected()
    held = run.expected(others={400: 1.0})
    assert alone is not None
    assert held == pytest.approx(alone + 1 / 2), "of three records a pair is worth half a person"


def test_a_link_that_may_be_wrong_adds_its_share_of_a_person() -> None:
    pairs = []
    for probability in (1.0, 0.6):
        run = sure()
        one, other = run.records(2, group=1_000)
        run.pair(one, other, probability=probability)
        pairs.append(run.expected())
    assert pairs[1] == pytest.approx(pairs[0] + 0.4)


def test_groups_between_which_all_pairs_match_are_one_person() -> None:
    apart, joined = [], sure()
    for run in (sure(), joined):
        two, three = run.records(2, group=1_000), run.records(3, group=1_001)
        for group in (two, three):
            for one, other in combinations(group, 2):
                run.pair(one, other)
        apart.append((run, two, three))
    for one in apart[1][1]:
        for other in apart[1][2]:
            joined.pair(one, other, probability=1.0)
    assert joined.expected() == pytest.approx(apart[0][0].expected() - 1)


def test_nothing_is_said_without_pairs_that_met_seldom() -> None:
    run = Run()
    for person in range(400):
        run.pair(*run.records(2, group=person), mets=30)
    assert run.expected() is None
    bare = ENCODING.model_copy(update={"match_keys": ENCODING.match_keys[:1]})
    assert not any(isinstance(key, MinHash) for key in bare.match_keys)
    assert sure().expected(encoding=bare) is None


def test_a_group_too_large_to_be_followed_is_one_person() -> None:
    run = sure()
    alone = run.expected()
    for one, other in combinations(run.records(MAX_MEMBERS + 1, group=1_000), 2):
        run.pair(one, other)
    assert run.expected() == pytest.approx(alone + 1)


def test_nothing_is_said_of_no_records_and_of_no_pairs() -> None:
    pairs, ends = np.zeros(0), np.zeros((0, 2), np.int64)
    for number in (0, 1, 3):
        group, found = np.arange(number), Grouped(pairs, np.zeros(number))
        mets = pairs.astype(np.int32)
        assert expected_persons(pairs, ends, group=group, found=found, mets=mets, encoding=ENCODING) is None


def test_nothing_is_said_where_no_match_is_expected() -> None:
    run = sure()
    run.pairs = [(one, other, 0.0, met) for one, other, _, met in run.pairs]
    assert run.expected() is None


def test_there_is_never_less_than_one_person_nor_more_than_records() -> None:
    crowd = sure()
    (alone,) = crowd.records(1, group=500)
    for other in range(alone):
        crowd.pair(alone, other)
        crowd.pair(alone, other)
    assert crowd.expected() == 1
    wrong = sure()
    two = wrong.records(2, group=500)
    for _ in range(4 * alone):
        wrong.pair(*two, probability=0.0)
    assert wrong.expected() == len(wrong.group)


def test_the_order_of_records_and_pairs_does_not_matter() -> None:
    run = seldom_met(3)
    rng = np.random.default_rng(4)
    first = run.expected()
    assert run.expected(order=rng.permutation(len(run.pairs))) == first
    place = rng.permutation(len(run.group))
    moved = Run()
    moved.group = np.array(run.group)[np.argsort(place)].tolist()
    moved.pairs = [(int(place[one]), int(place[other]), odds, met) for one, other, odds, met in run.pairs]
    assert moved.expected() == first
