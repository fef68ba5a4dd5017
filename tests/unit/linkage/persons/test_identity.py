"""A person id never changes its meaning without an event."""

from __future__ import annotations

from collections import Counter

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from linkage.persons.identity import EVENT_KINDS, EVENTS, PERSONS, Assignment, assign

Partition = list[list[int]]


def _clusters(
    partition: Partition, *, labels: list[int] | None = None, ranks: dict[int, int] | None = None
) -> pa.Table:
    """Return the table of a partition; a record has its number for its rank unless `ranks` says otherwise."""
    names = labels or list(range(len(partition)))
    rows = [(rid, names[i], (ranks or {}).get(rid, rid)) for i, cluster in enumerate(partition) for rid in cluster]
    columns = zip(*rows, strict=True) if rows else ((), (), ())
    return pa.table(
        {name: pa.array(column, pa.int64()) for name, column in zip(("rid", "label", "rank"), columns, strict=True)}
    )


def _persons(persons: dict[int, str]) -> pa.Table:
    return pa.table({"rid": list(persons), "person_id": list(persons.values())}, schema=PERSONS)


def _numbered(number: int, _founder: int) -> str:
    """Make an id that shows its number, as the ids of registries do not."""
    return f"P{number:06d}"


def _assign(partition: Partition, previous: dict[int, str], *, next_number: int | None = None) -> Assignment:
    number = 1 + max((int(person[1:]) for person in previous.values()), default=0)
    number = number if next_number is None else next_number
    return assign(_clusters(partition), _persons(previous), next_number=number, new_id=_numbered)


def _of(assignment: Assignment) -> dict[int, str]:
    return dict(zip(*(column.to_pylist() for column in assignment.persons.columns), strict=True))


def _events(assignment: Assignment) -> list[tuple[str, str, str | None]]:
    return [tuple(row.values()) for row in assignment.events.to_pylist()]


def test_first_run_numbers_persons_by_the_lowest_ranks_of_their_records() -> None:
    result = _assign([[7, 9], [2], [3, 8]], {})
    assert _of(result) == {2: "P000001", 3: "P000002", 8: "P000002", 7: "P000003", 9: "P000003"}
    assert _events(result) == [("created", f"P00000{i}", None) for i in (1, 2, 3)]
    assert result.next_number == 4


@given(st.permutations(range(1, 10)), st.permutations(range(1, 10)))
def test_ids_of_the_first_run_do_not_depend_on_the_order_of_arrival(one: list[int], other: list[int]) -> None:
    # The record of rank r has the number `arrival[r - 1]`.
    found = []
    for arrival in (one, other):
        partition = [[arrival[rank - 1] for rank in cluster] for cluster in ([9, 2], [5], [1, 3, 4], [8, 6, 7])]
        ranks = {rid: rank for rank, rid in enumerate(arrival, start=1)}
        clusters = _clusters(partition, ranks=ranks)
        persons = assign(clusters, PERSONS.empty_table(), next_number=1, new_id=_numbered).persons.to_pylist()
        found.append({ranks[row["rid"]]: row["person_id"] for row in persons})
    assert found[0] == found[1]
    assert [found[0][rank] for rank in (1, 2, 5, 6)] == ["P000001", "P000002", "P000003", "P000004"]


def test_where_ids_meet_in_one_person_the_oldest_record_decides_and_not_the_rank() -> None:
    ranks = {1: 30, 2: 20, 3: 10}
    clusters = _clusters([[1, 2, 3]], ranks=ranks)
    previous = _persons({1: "P000007", 2: "P000003", 3: "P000003"})
    result = assign(clusters, previous, next_number=8, new_id=_numbered)
    assert set(_of(result).values()) == {"P000007"}


def test_no_record_at_all() -> None:
    result = _assign([], {})
    assert result.persons.equals(PERSONS.empty_table())
    assert result.events.equals(EVENTS.empty_table())
    assert result.next_number == 1


def test_a_new_record_joins_without_an_event() -> None:
    result = _assign([[1, 2, 5]], {1: "P000001", 2: "P000001"})
    assert _of(result)[5] == "P000001"
    assert _events(result) == []


def test_a_merge_keeps_the_id_of_the_oldest_record_even_against_a_larger_person() -> None:
    result = _assign([[1, 2, 3, 4]], {1: "P000009", 2: "P000004", 3: "P000004", 4: "P000004"})
    assert set(_of(result).values()) == {"P000009"}
    assert _events(result) == [("merged", "P000004", "P000009")]


def test_a_split_keeps_the_id_with_the_larger_part() -> None:
    result = _assign([[1], [2, 3]], {1: "P000001", 2: "P000001", 3: "P000001"})
    assert _of(result) == {1: "P000002", 2: "P000001", 3: "P000001"}
    assert _events(result) == [("created", "P000002", None), ("split", "P000001", "P000002")]


def test_a_split_in_equal_parts_keeps_the_id_with_the_oldest_record() -> None:
    result = _assign([[2, 3], [1, 4]], dict.fromkeys([1, 2, 3, 4], "P000001"))
    assert _of(result) == {1: "P000001", 2: "P000002", 3: "P000002", 4: "P000001"}


def test_a_person_whose_records_are_gone_is_retired_and_its_number_is_not_used_again() -> None:
    result = _assign([[3], [4]], {1: "P000002", 3: "P000001"})
    assert _of(result) == {3: "P000001", 4: "P000003"}
    assert _events(result) == [("created", "P000003", None), ("retired", "P000002", None)]


def test_a_record_that_changes_person_is_a_split() -> None:
    before = {1: "P000001", 2: "P000001", 3: "P000001", 4: "P000002"}
    result = _assign([[1, 2], [3, 4]], before)
    assert _of(result) == {1: "P000001", 2: "P000001", 3: "P000002", 4: "P000002"}
    assert _events(result) == [("split", "P000001", "P000002")]


def test_a_person_that_is_merged_and_split_at_once_has_both_events() -> None:
    # P2 goes with its larger part into P1; its smaller part becomes a person of its own.
    before = {1: "P000001", 2: "P000002", 3: "P000002", 4: "P000002"}
    result = _assign([[1, 2, 3], [4]], before)
    assert _of(result) == {1: "P000001", 2: "P000001", 3: "P000001", 4: "P000003"}
    assert _events(result) == [
        ("created", "P000003", None),
        ("merged", "P000002", "P000001"),
        ("split", "P000002", "P000003"),
    ]


def test_labels_and_the_order_of_rows_play_no_part() -> None:
    before = _persons({5: "P000003", 1: "P000001", 2: "P000001", 3: "P000002"})
    options = {"next_number": 4, "new_id": _numbered}
    one = assign(_clusters([[1, 3], [2], [5, 6]]), before, **options)
    other = assign(_clusters([[6, 5], [2], [3, 1]], labels=[-7, 900, 3]), before.take([2, 0, 3, 1]), **options)
    assert one == other


def test_the_founder_of_a_new_person_is_its_record_of_the_lowest_rank() -> None:
    ranks = {1: 5, 2: 3, 3: 4, 4: 1, 5: 2}
    clusters = _clusters([[1, 2], [3], [4, 5]], ranks=ranks)
    founders = []

    def new_id(number: int, founder: int) -> str:
        founders.append((number, founder))
        return f"{number} {founder}"

    result = assign(clusters, _persons({4: "old"}), next_number=7, new_id=new_id)
    assert founders == [(7, 2), (8, 3)]
    assert _of(result) == {1: "7 2", 2: "7 2", 3: "8 3", 4: "old", 5: "old"}
    assert result.next_number == 9


@pytest.mark.parametrize("previous", [{1: "P"}, {3: "P"}])
def test_refuses_an_id_that_exists(previous: dict[int, str]) -> None:
    with pytest.raises(ValueError, match="exists"):
        assign(_clusters([[1], [2]]), _persons(previous), next_number=4, new_id=lambda _number, _founder: "P")


def test_refuses_one_id_for_two_new_persons() -> None:
    with pytest.raises(ValueError, match="exists"):
        assign(_clusters([[1], [2]]), _persons({}), next_number=4, new_id=lambda _number, _founder: "P")


def test_refuses_a_record_that_stands_twice() -> None:
    with pytest.raises(ValueError, match="twice"):
        _assign([[1], [1, 2]], {})


@st.composite
def _partitions(draw: st.DrawFn, max_rid: int = 14) -> Partition:
    rids = draw(st.lists(st.integers(1, max_rid), unique=True, max_size=max_rid))
    groups = draw(st.lists(st.integers(0, 5), min_size=len(rids), max_size=len(rids)))
    return [[r for r, g in zip(rids, groups, strict=True) if g == group] for group in sorted(set(groups))]


@given(_partitions(), _partitions())
@settings(max_examples=300)
@pytest.mark.whole
def test_every_change_has_an_event_and_every_event_a_change(old: Partition, new: Partition) -> None:
    first = _assign(old, {})
    before = _of(first)
    result = assign(_clusters(new), first.persons, next_number=first.next_number, new_id=_numbered)
    after, events = _of(result), _events(result)
    survivors = before.keys() & after.keys()

    moved = {(before[r], after[r]) for r in survivors if before[r] != after[r]}
    assert moved == {(p, q) for kind, p, q in events if kind in ("merged", "split")}
    created = set(after.values()) - set(before.values())
    assert created == {p for kind, p, _ in events if kind == "created"}
    gone = set(before.values()) - set(after.values())
    assert gone == {p for kind, p, _ in events if kind in ("merged", "retired")}
    assert {p for kind, p, _ in events if kind == "retired"} == gone - {before[r] for r in survivors}
    assert len(events) == len(set(events))
    assert [kind for kind, _, _ in events] == sorted((kind for kind, _, _ in events), key=EVENT_KINDS.index)


@pytest.mark.whole
@given(_partitions(), _partitions())
@settings(max_examples=300)
def test_persons_are_exactly_the_clusters(old: Partition, new: Partition) -> None:
    first = _assign(old, {})
    after = _of(assign(_clusters(new), first.persons, next_number=first.next_number, new_id=_numbered))
    groups: dict[str, set[int]] = {}
    for rid, person in after.items():
        groups.setdefault(person, set()).add(rid)
    assert sorted(map(sorted, groups.values())) == sorted(map(sorted, new))


@given(_partitions(), _partitions())
@settings(max_examples=300)
@pytest.mark.whole
def test_an_id_that_stays_holds_the_largest_part_of_its_records(old: Partition, new: Partition) -> None:
    first = _assign(old, {})
    before = _of(first)
    after = _of(assign(_clusters(new), first.persons, next_number=first.next_number, new_id=_numbered))
    for person in set(before.values()) & set(after.values()):
        parts = Counter(after[r] for r in before if before[r] == person and r in after)
        assert parts[person] == max(parts.values())


@given(_partitions())
def test_the_same_clusters_again_change_nothing(partition: Partition) -> None:
    first = _assign(partition, {})
    again = assign(_clusters(partition), first.persons, next_number=first.next_number, new_id=_numbered)
    assert again.persons.equals(first.persons)
    assert again.events.num_rows == 0
    assert again.next_number == first.next_number


class ManyRuns(RuleBasedStateMachine):
    """Run after run over changing records: the books balance and no id comes back."""

    @initialize()
    def start(self) -> None:
        self.persons = PERSONS.empty_table()
        self.number = 1
        self.gone: set[str] = set()
        self.balance = 0

    @rule(partition=_partitions(max_rid=10))
    def run(self, partition: Partition) -> None:
        result = assign(_clusters(partition), self.persons, next_number=self.number, new_id=_numbered)
        kinds = Counter(result.events["kind"].to_pylist())
        now = set(result.persons["person_id"].to_pylist())
        self.balance += kinds["created"] - kinds["merged"] - kinds["retired"]
        assert not now & self.gone
        self.gone |= set(self.persons["person_id"].to_pylist()) - now
        self.persons, self.number = result.persons, result.next_number

    @invariant()
    def books_balance(self) -> None:
        if hasattr(self, "balance"):
            assert len(set(self.persons["person_id"].to_pylist())) == self.balance


TestManyRuns = ManyRuns.TestCase
TestManyRuns.settings = settings(max_examples=40, stateful_step_count=12, deadline=None)
