"""What every engine must do alike. A new engine is added to `ENGINES` and passes, or is none."""

from __future__ import annotations

import random
from collections import Counter
from contextlib import closing
from functools import partial

import numpy as np
import pyarrow as pa
import pytest

from linkage.engines.base import Engine, Owners, candidate_schema
from linkage.engines.duckdb import DuckDBEngine
from linkage.engines.spark.engine import SparkEngine
from tests.unit.linkage.engines.codes import (
    WIDTH,
    EncipheredEngine,
    EncipheredSailEngine,
    SailEngine,
    as_rows,
    as_table,
    rows_of_pairs,
    slow_candidates,
    some_codes,
    without_keys,
    without_low_half,
)

ENGINES = [DuckDBEngine, EncipheredEngine, SailEngine, EncipheredSailEngine]


def marks_of(engine):
    """A server has to be started for those on a cluster."""
    return [pytest.mark.whole] if engine in (SailEngine, EncipheredSailEngine) else []


@pytest.fixture(params=[pytest.param(engine, marks=marks_of(engine), id=engine.__name__) for engine in ENGINES])
def engine(request, tmp_path):
    if issubclass(request.param, DuckDBEngine) and not issubclass(request.param, SparkEngine):
        yield request.param()
        return
    with closing(request.param(tmp_path)) as made:
        yield made
    assert list(tmp_path.iterdir()) == [], "codes are left on the disks of the cluster"


class TestCandidates:
    @pytest.mark.parametrize("seed", range(3))
    def test_the_same_rows_as_the_slow_twin(self, engine, seed):
        rows = some_codes(seed)
        found = as_rows(engine.candidates(as_table(rows)))
        expected = slow_candidates(rows)
        assert len(expected) > 100
        assert without_keys(found) == without_keys(expected)

    def test_the_keys_of_a_pair_are_told_apart(self, engine):
        expected = slow_candidates(some_codes(2))
        found = {row[:4] for row in as_rows(engine.candidates(as_table(some_codes(2))))}
        # One half of a key is enough; in these codes, some keys differ in the other alone.
        halves = {row[:4] for row in without_low_half(expected)}
        assert len(halves) <= len(found) <= len({row[:5] for row in expected})

    def test_the_rows_of_a_batch_ascend(self, engine):
        batches = list(engine.candidates(as_table(some_codes(4)), max_rows=20))
        assert len(batches) > 5
        for batch in batches:
            order = [row[:4] for row in as_rows([batch])]
            assert order == sorted(order)

    @pytest.mark.parametrize("max_rows", [1, 7, 50, 10_000])
    def test_no_pair_is_split_and_no_batch_is_empty(self, engine, max_rows):
        rows = some_codes(5)
        seen = set()
        n_rows = 0
        for batch in engine.candidates(as_table(rows), max_rows=max_rows):
            assert batch.num_rows > 0
            pairs = {row[:2] for row in as_rows([batch])}
            assert not pairs & seen
            seen |= pairs
            n_rows += batch.num_rows
        assert n_rows == len(slow_candidates(rows))

    def test_a_batch_is_no_larger_than_asked_unless_it_is_of_one_record(self, engine):
        batches = list(engine.candidates(as_table(some_codes(6)), max_rows=30))
        assert all(batch.num_rows <= 30 or len(set(batch["a"].to_pylist())) == 1 for batch in batches)
        assert any(len(set(batch["a"].to_pylist())) > 1 for batch in batches)

    def test_the_order_of_the_codes_does_not_matter(self, engine):
        rows = some_codes(7)
        one = sorted(sorted(as_rows([batch])) for batch in engine.candidates(as_table(rows), max_rows=40))
        random.Random(8).shuffle(rows)
        assert sorted(sorted(as_rows([batch])) for batch in engine.candidates(as_table(rows), max_rows=40)) == one

    def test_the_pairs_do_not_depend_on_the_numbers_of_the_records(self, engine):
        rows = some_codes(9)
        rids = sorted({row["rid"] for row in rows})
        mirrored = dict(zip(rids, reversed(rids), strict=True))
        one = {frozenset(row[:2]) for row in as_rows(engine.candidates(as_table(rows)))}
        other = as_rows(engine.candidates(as_table([dict(row, rid=mirrored[row["rid"]]) for row in rows])))
        assert {frozenset((mirrored[a], mirrored[b])) for a, b, *_ in other} == one

    def test_only_the_kinds_asked_for(self, engine):
        rows = some_codes(10)
        found = as_rows(engine.candidates(as_table(rows), kinds=[0, 2]))
        assert without_keys(found) == without_keys(row for row in slow_candidates(rows) if row[2] != 1)
        assert list(engine.candidates(as_table(rows), kinds=[])) == []

    def test_a_kind_is_part_of_the_key(self, engine):
        rows = [dict(rid=rid, kind=rid, key_hi=1, key_lo=1, content=bytes(WIDTH)) for rid in (1, 2)]
        assert list(engine.candidates(as_table(rows))) == []

    def test_a_record_makes_no_pair_with_itself(self, engine):
        rows = [dict(rid=7, kind=0, key_hi=1, key_lo=1, content=bytes([n] * WIDTH)) for n in range(3)]
        assert list(engine.candidates(as_table(rows))) == []

    def test_no_codes_no_batches(self, engine):
        assert list(engine.candidates(as_table([]))) == []

    def test_the_schema(self, engine):
        batch = next(iter(engine.candidates(as_table(some_codes(11)))))
        assert batch.schema.equals(candidate_schema(WIDTH))

    def test_contents_of_several_lengths_are_refused(self, engine):
        rows = [dict(rid=rid, kind=0, key_hi=1, key_lo=1, content=bytes(rid)) for rid in (1, 2)]
        with pytest.raises(ValueError, match="differ in length"):
            list(engine.candidates(as_table(rows, width=-1)))

    @pytest.mark.parametrize("max_group", [2, 5, 8, 1_000])
    def test_keys_that_too_many_codes_have_bring_no_pairs_and_are_counted(self, engine, max_group):
        rows = some_codes(17)
        sizes = Counter((row["kind"], row["key_hi"], row["key_lo"]) for row in rows)
        kept = [row for row in rows if sizes[row["kind"], row["key_hi"], row["key_lo"]] <= max_group]
        found = engine.candidates(as_table(rows), max_group=max_group)
        assert without_keys(as_rows(found)) == without_keys(slow_candidates(kept))
        assert found.n_crowded == sum(size > max_group for size in sizes.values())

    @pytest.mark.parametrize("seed", range(3))
    def test_a_reporter_that_has_a_key_too_often_loses_its_own_pairs_alone(self, engine, seed):
        rows = some_codes(seed)
        rids = sorted({row["rid"] for row in rows})
        owners = Owners(np.array(rids), np.array([place % 3 for place in range(len(rids))]))
        of = dict(zip(rids, owners.reporter.tolist(), strict=True))
        sizes = Counter((row["kind"], row["key_hi"], row["key_lo"], of[row["rid"]]) for row in rows)
        kept = [row for row in rows if sizes[row["kind"], row["key_hi"], row["key_lo"], of[row["rid"]]] <= 3]
        found = engine.candidates(as_table(rows), owners=owners, max_of_reporter=3)
        assert without_keys(as_rows(found)) == without_keys(slow_candidates(kept))
        expected = Counter(reporter for (*_, reporter), size in sizes.items() if size > 3)
        assert found.flooded == dict(sorted(expected.items()))
        assert expected

    def test_a_flood_does_not_switch_a_key_off_for_others(self, engine):
        rows = [dict(rid=rid, kind=0, key_hi=1, key_lo=1, content=bytes(WIDTH)) for rid in range(30)]
        owners = Owners(np.arange(30), np.array([0, 1, *[2] * 28]))
        limits = {"max_group": 20, "max_of_reporter": 10}
        assert list(engine.candidates(as_table(rows), **limits)) == []
        found = engine.candidates(as_table(rows), owners=owners, **limits)
        assert [row[:2] for row in as_rows(found)] == [(0, 1)]
        assert (found.n_crowded, found.flooded) == (0, {2: 1})

    def test_progress_is_reported(self, engine):
        told = []
        engine.candidates(as_table(some_codes(19)), progress=lambda *work: told.append(work))
        assert told == sorted(told)
        assert all(0 <= done <= total for done, total in told)
        assert told

    def test_two_iterators_do_not_disturb_each_other(self, engine):
        rows = some_codes(12)
        one = engine.candidates(as_table(rows), max_rows=10)
        other = engine.candidates(as_table(rows), max_rows=10)
        mixed = [batch for both in zip(one, other, strict=True) for batch in both]
        assert without_keys(as_rows(mixed)) == without_keys(2 * slow_candidates(rows))


class TestCodesOfKind:
    def test_the_codes_in_order(self, engine):
        rows = some_codes(13)
        names = ["rid", "key_hi", "key_lo", "content"]
        found = engine.codes_of_kind(as_table(rows), 1)
        expected = [row for row in rows if row["kind"] == 1]
        expected.sort(key=lambda row: (row["key_hi"], row["key_lo"], row["rid"], row["content"]))
        assert found.schema.names == names
        assert found.schema.field("content").type == pa.binary(WIDTH)
        assert found.to_pylist() == [{name: row[name] for name in names} for row in expected]

    def test_a_kind_without_codes(self, engine):
        assert engine.codes_of_kind(as_table(some_codes(14)), 200).num_rows == 0

    def test_contents_of_several_lengths_are_refused(self, engine):
        rows = [dict(rid=rid, kind=0, key_hi=1, key_lo=1, content=bytes(rid)) for rid in (1, 2)]
        with pytest.raises(ValueError, match="differ in length"):
            engine.codes_of_kind(as_table(rows, width=-1), 0)


class TestMatchKeys:
    def test_all_keys_and_whole_groups(self, engine):
        rows = some_codes(16)
        parts = [part.to_pylist() for part in engine.match_keys(as_table(rows))]
        names = ("rid", "kind", "key_hi", "key_lo")
        found = [tuple(row[name] for name in names) for part in parts for row in part]
        assert sorted(found) == sorted(tuple(row[name] for name in names) for row in rows)
        assert all(len({row["kind"] for row in part}) == 1 for part in parts)
        groups = [{(row["kind"], row["key_hi"]) for row in part} for part in parts]
        assert len(set.union(*groups)) == sum(map(len, groups))

    def test_no_codes(self, engine):
        assert list(engine.match_keys(as_table([]))) == []


class TestByPair:
    def test_each_pair_is_seen_once_and_whole(self, engine):
        rows = some_codes(15)
        found = engine.by_pair(engine.candidates(as_table(rows), max_rows=10), rows_of_pairs)
        expected = Counter(row[:2] for row in slow_candidates(rows))
        assert Counter({(a, b): n for a, b, n in as_rows(found)}) == expected
        assert len(expected) > 100

    def test_the_function_is_told_values_beforehand(self, engine):
        rows = some_codes(16)
        found = as_rows(engine.by_pair(engine.candidates(as_table(rows)), partial(rows_of_pairs, times=3)))
        assert sum(n for *_, n in found) == 3 * len(slow_candidates(rows))

    def test_no_codes_no_results(self, engine):
        assert list(engine.by_pair(engine.candidates(as_table([])), rows_of_pairs)) == []

    def test_what_was_left_out_is_known_at_the_end(self, engine):
        candidates = engine.candidates(as_table(some_codes(17)), max_group=5)
        list(engine.by_pair(candidates, rows_of_pairs))
        assert candidates.n_crowded > 0

    def test_progress_is_reported(self, engine):
        told = []
        candidates = engine.candidates(as_table(some_codes(19)), max_rows=10)
        list(engine.by_pair(candidates, rows_of_pairs, progress=lambda *work: told.append(work)))
        assert {stage for stage, *_ in told} <= {"join", "compare"}
        assert [done for _, done, _ in told] == sorted(done for _, done, _ in told)
        assert told


def slow_components(edges):
    """Twin of `connected_components`: the smallest record that each reaches."""
    label = {record: record for edge in edges for record in edge}
    changed = True
    while changed:
        changed = False
        for left, right in edges:
            least = min(label[left], label[right])
            changed |= label[left] != least or label[right] != least
            label[left] = label[right] = least
    return label


class TestConnectedComponents:
    @pytest.mark.parametrize("seed", range(3))
    def test_the_same_as_the_slow_twin(self, engine, seed):
        rng = np.random.default_rng(seed)
        names = rng.integers(-(2**62), 2**62, 80)
        edges = names[rng.integers(0, 80, (50, 2))]
        records, labels = engine.connected_components(edges[:, 0], edges[:, 1])
        assert records.dtype == labels.dtype == np.int64
        assert records.tolist() == sorted(records.tolist())
        assert dict(zip(records.tolist(), labels.tolist(), strict=True)) == slow_components(edges.tolist())

    def test_the_order_of_the_edges_does_not_matter(self, engine):
        rng = np.random.default_rng(3)
        edges = rng.integers(0, 100, (60, 2))
        one = engine.connected_components(edges[:, 0], edges[:, 1])
        edges = rng.permutation(edges)[:, ::-1]
        other = engine.connected_components(edges[:, 0], edges[:, 1])
        assert [part.tolist() for part in one] == [part.tolist() for part in other]

    def test_no_edges(self, engine):
        none = np.zeros(0, np.int64)
        records, labels = engine.connected_components(none, none)
        assert len(records) == len(labels) == 0


def test_engines_are_engines(engine):
    made: Engine = engine
    assert made
