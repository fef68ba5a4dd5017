"""Candidates of keyed match keys, of a match key without parts, and of both at once."""

from __future__ import annotations

import random
from fractions import Fraction
from itertools import combinations

import pyarrow as pa
import pytest

from linkage.engines.duckdb import DuckDBEngine
from linkage.linking.candidates import MIN_DICE, all_pairs, candidate_batches
from pseudonym.profile import Combination, Encoding, Segment
from tests.unit.linkage.linking.twins import bits, slow_dice, xor_of

NUMBER = Combination(kind="number", parts=("number",), codes=1)
EVERYONE = Combination(kind="everyone", parts=(), codes=1)
SEGMENTS = (
    Segment(field="given_names", form="filter", bits=32, hashes=2),
    Segment(field="sex", form="slots", bits=8, slots=1),
    Segment(field="family_names", form="filter", bits=32, hashes=2),
)


def encoding(*keys, padded=False, segments=SEGMENTS):
    return Encoding(spec=3, tables="0" * 64, padded=padded, match_keys=keys, segments=segments)


def draw(n_records, *, kinds, seed, width):
    """Draw codes: kinds without parts put all records under one key, others under one of ten; some repeat it."""
    rng = random.Random(seed)
    rows = []
    base = [rng.getrandbits(8 * width) for _ in range(8)]
    for rid in rng.sample(range(10**6), n_records):
        for kind, parts in enumerate(kinds):
            key = rng.randrange(10) if parts else 77
            for _ in range(rng.choice([1, 1, 1, 3])):
                content = rng.choice(base) ^ (
                    rng.getrandbits(8 * width) & rng.getrandbits(8 * width) & rng.getrandbits(80)
                )
                rows.append(dict(rid=rid, kind=kind, key_hi=key, key_lo=key, content=content.to_bytes(width, "little")))
    return rows


def table(rows, width):
    unsigned = pa.uint64()
    fields = dict(rid=pa.int64(), kind=pa.uint8(), key_hi=unsigned, key_lo=unsigned, content=pa.binary(width))
    return pa.Table.from_pylist(rows, schema=pa.schema(list(fields.items())))


def dice(left, right, layout):
    """Dice coefficient of all filter segments taken as one."""
    one = other = 0
    for place in layout:
        if place.form == "filter":
            one = one << place.n_bits | bits(left, place.first_bit, place.n_bits)
            other = other << place.n_bits | bits(right, place.first_bit, place.n_bits)
    return slow_dice(one, other)


def slow_rows(rows, chosen, min_dice):
    """Twin of `candidate_batches`."""
    found = []
    for one, other in combinations(sorted(rows, key=lambda row: row["rid"]), 2):
        same = all(one[name] == other[name] for name in ("kind", "key_hi", "key_lo"))
        same = same and one["rid"] != other["rid"]
        whole = same and not chosen.match_keys[one["kind"]].parts
        if same and (not whole or dice(one["content"], other["content"], chosen.layout) >= Fraction(min_dice)):
            key = 0 if whole else one["key_hi"]
            found.append((one["rid"], other["rid"], one["kind"], key, xor_of(one["content"], other["content"])))
    return sorted(found)


def as_rows(batches):
    return [tuple(row.values()) for batch in batches for row in batch.to_pylist()]


@pytest.mark.parametrize(
    "keys",
    [(NUMBER,), (EVERYONE,), (NUMBER, EVERYONE), (EVERYONE, EVERYONE.model_copy(update={"kind": "again"}), NUMBER)],
    ids=["keyed", "all pairs", "both", "three"],
)
@pytest.mark.parametrize("max_rows", [7, 10_000])
@pytest.mark.whole
def test_the_same_rows_as_the_slow_twin(keys, max_rows):
    chosen = encoding(*keys)
    width = chosen.content_bytes
    rows = draw(70, kinds=[key.parts for key in keys], seed=len(keys), width=width)
    batches = list(candidate_batches(DuckDBEngine(), table(rows, width), chosen, min_dice=0.75, max_rows=max_rows))
    found = as_rows(batches)
    assert [row[:4] for row in found] == sorted(row[:4] for row in found)
    assert sorted(found) == slow_rows(rows, chosen, 0.75)
    assert len(found) > 100
    assert all(batch.num_rows for batch in batches)
    pairs = [{(row["a"], row["b"]) for row in batch.to_pylist()} for batch in batches]
    assert sum(map(len, pairs)) == len(set().union(*pairs))
    assert len(batches) > 1 or max_rows > 7


def test_the_order_of_the_codes_does_not_matter():
    chosen = encoding(NUMBER, EVERYONE)
    rows = draw(50, kinds=[("number",), ()], seed=5, width=chosen.content_bytes)
    one = sorted(as_rows(candidate_batches(DuckDBEngine(), table(rows, chosen.content_bytes), chosen)))
    random.Random(6).shuffle(rows)
    assert sorted(as_rows(candidate_batches(DuckDBEngine(), table(rows, chosen.content_bytes), chosen))) == one


def test_only_filters_decide_who_is_alike():
    chosen = encoding(EVERYONE)
    slot = next(place for place in chosen.layout if place.form == "slots")
    content = 0b111 | 255 << slot.first_bit
    rows = [
        dict(rid=rid, kind=0, key_hi=1, key_lo=1, content=(content & keep).to_bytes(chosen.content_bytes, "little"))
        for rid, keep in enumerate([-1, ~(255 << slot.first_bit), ~0b111])
    ]
    found = as_rows(candidate_batches(DuckDBEngine(), table(rows, chosen.content_bytes), chosen, min_dice=1.0))
    assert [row[:2] for row in found] == [(0, 1)]


def test_missing_codes_under_keys_of_their_own_are_left_out():
    chosen = encoding(EVERYONE)
    full = b"\xff" * chosen.content_bytes
    rows = [dict(rid=rid, kind=0, key_hi=key, key_lo=0, content=full) for rid, key in enumerate([5, 9, 9, 9, 1, 9])]
    rows += [dict(rid=1, kind=0, key_hi=9, key_lo=0, content=full), dict(rows[2])]
    codes = DuckDBEngine().codes_of_kind(table(rows, chosen.content_bytes), 0)
    found = as_rows(all_pairs(codes, chosen.layout, kind=0))
    assert [row[:2] for row in found] == [(1, 2), (1, 3), (1, 5), (2, 3), (2, 5), (3, 5)]


@pytest.mark.parametrize("max_rows", [1, 5, 1_000])
@pytest.mark.whole
def test_several_contents_of_a_record_are_compared_with_those_of_others_only(max_rows):
    chosen = encoding(EVERYONE)
    # More codes than a span has, some records across its edge.
    contents = [b"\xff" * chosen.content_bytes, b"\xff" * (chosen.content_bytes - 1) + b"\x7f"]
    rows = [
        dict(rid=rid, kind=0, key_hi=1, key_lo=1, content=content)
        for rid in range(150)
        for content in contents[: 1 + (rid % 3 > 0)] * 2
    ]
    batches = list(candidate_batches(DuckDBEngine(), table(rows, chosen.content_bytes), chosen, max_rows=max_rows))
    found = as_rows(batches)
    n_contents = [1 + (rid % 3 > 0) for rid in range(150)]
    assert len(found) == sum(x * y for x, y in combinations(n_contents, 2))
    assert len({row[:2] for row in found}) == 150 * 149 // 2
    assert sum(len({row[:2] for row in as_rows([batch])}) for batch in batches) == 150 * 149 // 2
    assert all(len(batch) <= max(max_rows, 4) for batch in batches)


@pytest.mark.parametrize("n_records", [0, 1])
def test_fewer_than_two_records_have_no_pair(n_records):
    chosen = encoding(EVERYONE)
    rows = draw(n_records, kinds=[()], seed=1, width=chosen.content_bytes)
    assert list(candidate_batches(DuckDBEngine(), table(rows, chosen.content_bytes), chosen)) == []


def test_more_pairs_than_there_was_room_for_are_all_given():
    chosen = encoding(EVERYONE)
    rows = [dict(rid=rid, kind=0, key_hi=1, key_lo=1, content=b"\xff" * chosen.content_bytes) for rid in range(600)]
    codes = table(rows, chosen.content_bytes)
    found = pa.Table.from_batches(candidate_batches(DuckDBEngine(), codes, chosen, max_rows=50_000))
    pairs = list(zip(found["a"].to_pylist(), found["b"].to_pylist(), strict=True))
    assert pairs == list(combinations(range(600), 2))


def test_a_pad_beside_a_match_key_without_parts_is_refused():
    chosen = encoding(EVERYONE, padded=True)
    with pytest.raises(ValueError, match="without a pad"):
        candidate_batches(DuckDBEngine(), table([], chosen.content_bytes), chosen)


def test_progress_ends_at_all_pairs_of_records():
    chosen = encoding(EVERYONE)
    told = []
    rows = draw(300, kinds=[()], seed=3, width=chosen.content_bytes)
    codes = table(rows, chosen.content_bytes)
    list(candidate_batches(DuckDBEngine(), codes, chosen, progress=lambda *work: told.append(work)))
    n_codes = len({(row["rid"], row["content"]) for row in rows})
    assert told == sorted(told)
    assert len(told) > 1
    assert told[-1] == (n_codes * (n_codes - 1) // 2,) * 2


def test_the_threshold_is_inclusive():
    chosen = encoding(EVERYONE, segments=(Segment(field="record", form="filter", bits=64, hashes=1),))
    contents = [0b11111, 0b1111100, 0b111110000]
    rows = [
        dict(rid=rid, kind=0, key_hi=1, key_lo=1, content=content.to_bytes(chosen.content_bytes, "little"))
        for rid, content in enumerate(contents)
    ]
    found = as_rows(candidate_batches(DuckDBEngine(), table(rows, chosen.content_bytes), chosen, min_dice=MIN_DICE))
    assert [row[:2] for row in found] == [(0, 1), (1, 2)]
