"""Reading ahead: the same items, at most two in memory, and errors where they belong."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from linkage.linkage_unit.ahead import ahead


@pytest.mark.parametrize("n", [0, 1, 2, 5])
def test_the_items_are_those_of_the_iterator(n):
    assert list(ahead(iter(range(n)))) == list(range(n))


def test_the_next_item_is_read_while_the_one_before_is_used():
    reached = threading.Event()

    def parts() -> Iterator[int]:
        yield 1
        reached.set()
        yield 2

    for number in ahead(parts()):
        # Without a thread the second item would be read only after this.
        assert reached.wait(timeout=10)
        assert number in (1, 2)


def test_no_more_than_one_item_is_read_ahead():
    read = []

    def parts() -> Iterator[int]:
        for number in range(9):
            read.append(number)
            yield number

    for used, _ in enumerate(ahead(parts())):
        assert len(read) <= used + 2


def test_what_reading_raises_is_raised_after_the_items_before_it():
    def parts() -> Iterator[int]:
        yield 1
        raise ValueError("damaged")

    items = ahead(parts())
    assert next(items) == 1
    with pytest.raises(ValueError, match="damaged"):
        next(items)


def test_one_who_stops_early_has_the_file_closed():
    closed = []

    def parts() -> Iterator[int]:
        try:
            yield from range(9)
        finally:
            closed.append(True)

    items = ahead(parts())
    next(items)
    items.close()
    assert closed == [True]


def test_one_who_stops_early_leaves_no_thread():
    before = threading.active_count()
    items = ahead(iter(range(9)))
    assert next(items) == 0
    items.close()
    assert threading.active_count() == before
