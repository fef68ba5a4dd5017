"""Counts of shared match keys and payload, at their limits."""

from __future__ import annotations

import numpy as np

from pseudonym.privacy import PayloadPrivacy, Sharing, count_payload, item_sets


def test_fewer_than_five_holders_are_rare_and_one_is_unique() -> None:
    found = count_payload(["a", "b"], np.array([1, 1, 4, 5]))
    assert found == PayloadPrivacy(items="a + b", unique=2, rare=6, guess=4 / 11)


def test_no_holders_give_zeros() -> None:
    assert count_payload(["a"], np.zeros(0, np.int64)) == PayloadPrivacy(items="a", unique=0, rare=0, guess=0.0)
    assert Sharing(records=0, persons=0, sharing=0, kinds=()).share_rate == 0.0


def test_items_are_counted_alone_and_together() -> None:
    assert item_sets(["a", "b"]) == [("a",), ("b",), ("a", "b")]
    assert item_sets(["a"]) == [("a",)]
    assert item_sets([]) == []
