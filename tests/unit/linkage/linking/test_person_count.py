"""The expected number of persons, where some of their records are left out of their groups."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from numpy.typing import NDArray

from linkage.linking.accuracy import GroupEvidence
from linkage.linking.compiled.steps import MAX_MEMBERS
from linkage.linking.person_count import PersonCount, expected_persons
from linkage.linking.recapture import SIMILARITY_POWER
from pseudonym.profile import Encoding, MinHash
from tests.unit.linkage.linking.twins import BAND_ROWS, ENCODING, draw_captures

MANY = 2_000


class Run:
    """Groups of records, built person by person."""

    def __init__(self) -> None:
        self.group: list[int] = []
        self.pairs: list[tuple[int, int, float, int]] = []

    def records(self, number: int, *, group: int) -> list[int]:
        """Add records to a group and return their indices."""
        self.group += [group] * number
        return list(range(len(self.group) - number, len(self.group)))

    def pair(self, one: int, other: int, *, probability: float = 1.0, captures: int = 9) -> None:
        """Add a candidate pair."""
        self.pairs.append((one, other, probability, captures))

    def expected(
        self,
        *,
        others: dict[int, float] | None = None,
        order: NDArray[np.int64] | None = None,
        encoding: Encoding = ENCODING,
    ) -> float | None:
        """Return the expected number of persons."""
        found = self.persons(others=others, order=order, encoding=encoding)
        return None if found is None else found.expected

    def persons(
        self,
        *,
        others: dict[int, float] | None = None,
        order: NDArray[np.int64] | None = None,
        encoding: Encoding = ENCODING,
    ) -> PersonCount | None:
        """Return the expected number of persons with its range."""
        pairs = self.pairs if order is None else [self.pairs[index] for index in order]
        one, other, probability, captures = (np.array(column) for column in zip(*pairs, strict=True))
        group, ends = np.array(self.group), np.column_stack([one, other])
        links = group[one] == group[other]
        held = np.zeros(len(np.unique(group)))
        for index, value in (others or {}).items():
            held[index] = value
        evidence = GroupEvidence(probability[links].astype(float), held)
        return expected_persons(
            probability.astype(float),
            ends,
            group=group,
            evidence=evidence,
            captures=captures.astype(np.int32),
            encoding=encoding,
        )


def seldom_captured(size: int, *, number: int = MANY) -> Run:
    """Return persons with `size - 1` records that share many keys, and one that shares few keys with them or none."""
    run, drawn = Run(), draw_captures(BAND_ROWS, power=SIMILARITY_POWER, n=number)
    for person, captured in enumerate(np.repeat(np.arange(len(drawn)), drawn.astype(int)).tolist()):
        core = run.records(size - 1, group=2 * person)
        for one, other in combinations(core, 2):
            run.pair(one, other)
        (last,) = run.records(1, group=2 * person + (captured == 0))
        for one in core if captured else []:
            run.pair(one, last, captures=captured)
    return run


def certain(number: int = 400) -> Run:
    """Return persons of two records that share one to four keys, so that an estimate is possible."""
    run = Run()
    for person in range(number):
        one, other = run.records(2, group=person)
        run.pair(one, other, captures=1 + person % 4)
    return run


@pytest.mark.parametrize("size", [2, 5])
def test_records_that_share_no_key_do_not_count_as_persons_of_their_own(size: int) -> None:
    run = seldom_captured(size)
    assert len(set(run.group)) > 1.04 * MANY
    assert run.expected() == pytest.approx(MANY, rel=0.015)
    found = run.persons()
    assert found.low < min(found.expected, MANY)
    assert max(found.expected, MANY) < found.high < len(set(run.group))


def test_the_range_is_wide_where_few_pairs_share_few_keys() -> None:
    few, many = seldom_captured(2, number=300).persons(), seldom_captured(2).persons()
    assert (few.high - few.low) / 300 > 1.5 * (many.high - many.low) / MANY


def test_pairs_within_groups_that_share_no_key_are_not_missing() -> None:
    run = certain()
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
        run = certain()
        one, other = run.records(2, group=1_000)
        run.pair(one, other, probability=probability)
        pairs.append(run.expected())
    assert pairs[1] == pytest.approx(pairs[0] + 0.4)


def test_groups_between_which_all_pairs_match_are_one_person() -> None:
    apart, joined = [], certain()
    for run in (certain(), joined):
        two, three = run.records(2, group=1_000), run.records(3, group=1_001)
        for group in (two, three):
            for one, other in combinations(group, 2):
                run.pair(one, other)
        apart.append((run, two, three))
    for one in apart[1][1]:
        for other in apart[1][2]:
            joined.pair(one, other, probability=1.0)
    assert joined.expected() == pytest.approx(apart[0][0].expected() - 1)


def test_there_is_no_estimate_without_pairs_that_share_few_keys() -> None:
    run = Run()
    for person in range(400):
        run.pair(*run.records(2, group=person), captures=30)
    assert run.expected() is None
    bare = ENCODING.model_copy(update={"match_keys": ENCODING.match_keys[:1]})
    assert not any(isinstance(key, MinHash) for key in bare.match_keys)
    assert certain().expected(encoding=bare) is None


def test_a_group_too_large_to_be_followed_is_one_person() -> None:
    run = certain()
    alone = run.expected()
    for one, other in combinations(run.records(MAX_MEMBERS + 1, group=1_000), 2):
        run.pair(one, other)
    assert run.expected() == pytest.approx(alone + 1)


def test_there_is_no_estimate_without_records_or_pairs() -> None:
    pairs, ends = np.zeros(0), np.zeros((0, 2), np.int64)
    for number in (0, 1, 3):
        group, evidence = np.arange(number), GroupEvidence(pairs, np.zeros(number))
        captures = pairs.astype(np.int32)
        found = expected_persons(pairs, ends, group=group, evidence=evidence, captures=captures, encoding=ENCODING)
        assert found is None


def test_there_is_no_estimate_where_no_match_is_expected() -> None:
    run = certain()
    run.pairs = [(one, other, 0.0, n) for one, other, _, n in run.pairs]
    assert run.expected() is None


def test_there_is_at_least_one_person_and_at_most_one_per_record() -> None:
    crowd = certain()
    (alone,) = crowd.records(1, group=500)
    for other in range(alone):
        crowd.pair(alone, other)
        crowd.pair(alone, other)
    assert crowd.expected() == 1
    wrong = certain()
    two = wrong.records(2, group=500)
    for _ in range(4 * alone):
        wrong.pair(*two, probability=0.0)
    assert wrong.expected() == len(wrong.group)


def test_the_order_of_records_and_pairs_does_not_matter() -> None:
    run = seldom_captured(3)
    rng = np.random.default_rng(4)
    first = run.expected()
    assert run.expected(order=rng.permutation(len(run.pairs))) == first
    moved_to = rng.permutation(len(run.group))
    moved = Run()
    moved.group = np.array(run.group)[np.argsort(moved_to)].tolist()
    moved.pairs = [(int(moved_to[one]), int(moved_to[other]), odds, n) for one, other, odds, n in run.pairs]
    assert moved.expected() == first
