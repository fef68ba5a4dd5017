"""Work in threads: the order of results, what is made ahead, and errors."""

from __future__ import annotations

import threading
import time
from collections.abc import Generator, Iterator

import pytest

from linkage.threads import in_order


@pytest.mark.parametrize("helpers", [0, 1, 3])
def test_results_come_in_the_order_of_the_items(helpers: int) -> None:
    def slow(item: int) -> int:
        time.sleep(0.001 * (7 - item % 7))
        return item * item

    assert list(in_order(slow, range(30), helpers=helpers)) == [item * item for item in range(30)]
    assert list(in_order(slow, [], helpers=helpers)) == []


def test_helpers_do_the_work_and_the_caller_makes_the_items() -> None:
    makers, workers = set(), set()

    def items() -> Iterator[int]:
        for item in range(20):
            makers.add(threading.get_ident())
            yield item

    list(in_order(lambda _: workers.add(threading.get_ident()), items(), helpers=2))
    assert makers == {threading.get_ident()}
    assert len(workers) <= 2
    assert makers.isdisjoint(workers)


@pytest.mark.parametrize("helpers", [1, 3])
def test_few_items_are_made_ahead(helpers: int) -> None:
    made, done = [], []

    def items() -> Iterator[int]:
        for item in range(20):
            made.append(item)
            # What was made and is not yet taken would have to be held.
            assert len(made) - len(done) <= helpers + 1
            yield item

    for result in in_order(lambda item: item, items(), helpers=helpers):
        done.append(result)
    assert done == made == list(range(20))


@pytest.mark.parametrize("helpers", [0, 2])
def test_the_first_error_is_raised_and_no_more_is_begun(helpers: int) -> None:
    begun = []

    def work(item: int) -> int:
        begun.append(item)
        if item == 3:
            raise ValueError("third")
        return item

    taken: list[int] = []
    with pytest.raises(ValueError, match="third"):
        taken.extend(in_order(work, range(100), helpers=helpers))
    assert taken == [0, 1, 2]
    assert len(begun) <= 4 + helpers + 1


def test_an_error_of_who_makes_the_items_ends_it() -> None:
    def items() -> Iterator[int]:
        yield 1
        raise OSError("gone")

    with pytest.raises(OSError, match="gone"):
        list(in_order(lambda item: item, items(), helpers=2))


def test_a_caller_who_stops_leaves_no_thread() -> None:
    found = in_order(lambda item: item, range(1000), helpers=2)
    assert next(found) == 0
    assert isinstance(found, Generator)
    found.close()
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("linkage")]
