"""Distances against the slow twin, and what each distance means."""

from __future__ import annotations

import random
from math import isnan, nan

import numpy as np
import pyarrow as pa
import pytest

from linkage.linking.compare import (
    EXTRA,
    Comparison,
    compare,
    comparison_fields,
    levels,
    number_kinds,
    sound_alike,
    sound_kinds,
)
from pseudonym.profile import load_profile
from tests.unit.linkage.linking.twins import batch_of, draw_rows, field_table, layout_of, slow_compare, width_of

FULL = (
    ("given_names", "filter", 64, 64),
    ("family_names", "filter", 64, 64),
    ("foreign_number", "filter", 64, 64),
    ("birth_year", "slots", 16, 8),
    ("birth_month", "slots", 8, 8),
    ("birth_day", "slots", 8, 8),
    ("serial", "slots", 32, 8),
    ("sex", "slots", 8, 8),
)
WITH_NAME_PAIR = (*FULL, ("name_pair", "slots", 32, 16))


def assert_like_twin(layout, rows, swap_margin, numbers=()):
    found = compare(batch_of(rows, width_of(layout)), layout, swap_margin=swap_margin, numbers=numbers)
    expected = slow_compare(rows, layout, swap_margin, numbers)
    assert found.a.tolist() == [pair[0] for pair in expected]
    assert found.b.tolist() == [pair[1] for pair in expected]
    assert found.n_keys.tolist() == [pair[3] for pair in expected]
    wanted = np.array([[pair[2][field] for field in found.fields] for pair in expected], np.float32)
    np.testing.assert_array_equal(found.distances, wanted)
    return found


@pytest.mark.parametrize("bits", [1, 7, 8, 63, 64, 65, 127, 128, 129, 200])
@pytest.mark.parametrize("gap", [0, 1, 8, 63])
def test_filters_of_any_length_at_any_place(bits, gap):
    segments = [("given_names", "filter", bits, bits), ("family_names", "filter", bits, bits)]
    layout = layout_of([("sex", "slots", 5, 5), *segments, ("record", "filter", 65, 65)], gap=gap)
    rows = draw_rows(layout, random.Random(bits * 100 + gap), n_pairs=60)
    assert_like_twin(layout, rows, swap_margin=bits / 8)


@pytest.mark.parametrize("slot_bits", [1, 3, 8, 13, 16])
@pytest.mark.parametrize("gap", [0, 5, 57, 64])
def test_slots_of_any_width_at_any_place(slot_bits, gap):
    segments = [("birth_year", 2), ("birth_month", 1), ("serial", 4), ("birth_day", 1), ("sex", 1)]
    layout = layout_of([(field, "slots", n * slot_bits, slot_bits) for field, n in segments], gap=gap)
    rows = draw_rows(layout, random.Random(slot_bits * 100 + gap), n_pairs=60)
    found = assert_like_twin(layout, rows, swap_margin=1.0)
    assert (found.distances == EXTRA).any()


def test_the_full_layout_has_every_shape():
    layout = layout_of(FULL)
    rows = draw_rows(layout, random.Random(0), n_pairs=400)
    found = assert_like_twin(layout, rows, swap_margin=12.0)
    assert found.fields == (*[segment[0] for segment in FULL], "swapped")
    column = {field: found.distances[:, number] for number, field in enumerate(found.fields)}
    assert 20 < (column["swapped"] == EXTRA).sum() < 380
    assert 20 < (column["birth_month"] == EXTRA).sum() < 380
    assert all(np.isnan(values).any() and not np.isnan(values).all() for values in column.values())


def test_the_layout_with_a_name_pair_has_swapped_and_mirrored_names():
    layout = layout_of(WITH_NAME_PAIR)
    found = assert_like_twin(layout, draw_rows(layout, random.Random(6), n_pairs=400), swap_margin=12.0)
    column = {field: found.distances[:, number] for number, field in enumerate(found.fields)}
    mirrored = (column["given_names"] == 64) & (column["family_names"] == 64)
    assert mirrored.sum() > 20
    assert (column["swapped"][mirrored] == 0).all()


def test_64_slots_in_one_segment():
    layout = layout_of([("serial", "slots", 64 * 3, 3)])
    assert_like_twin(layout, draw_rows(layout, random.Random(1), n_pairs=50), swap_margin=1.0)


def one_pair(layout, *xors):
    """Compare one pair; each shared key has its XOR as {field: bits}, that of presence as {field + "?": bits}."""
    width = width_of(layout)
    rows = []
    for kind, xor in enumerate(xors):
        number = 0
        for place in layout:
            number |= xor.get(place.field, 0) << place.first_bit
            number |= xor.get(place.field + "?", 0) << place.presence_bit
        rows.append((1, 2, kind, 0, bytes(width), number.to_bytes(width, "little")))
    found = compare(batch_of(rows, width), layout, swap_margin=12.0)
    return dict(zip(found.fields, found.distances[0].tolist(), strict=True))


def test_a_distance_is_the_mean_over_shared_keys():
    found = one_pair(layout_of(FULL), {"given_names": 0b111}, {"given_names": 0b1}, {"given_names": 0})
    assert found["given_names"] == pytest.approx(4 / 3)
    assert found["family_names"] == 0


def test_a_slot_differs_when_it_differs_in_any_shared_key():
    found = one_pair(layout_of(FULL), {"serial": 0x0001_0000}, {"serial": 0x0001_0100}, {})
    assert found["serial"] == 2


def test_absent_is_nan_and_never_zero():
    found = one_pair(layout_of(FULL), {}, {"sex?": 0b1000_0000})
    assert isnan(found["sex"])
    assert found["birth_year"] == 0


def test_exchanged_names_are_swapped_and_alike():
    one, other = 0x00FF_00FF_0000_0000, 0x0000_0000_0F0F_0000
    found = one_pair(layout_of(FULL), {"given_names": one ^ other, "family_names": one ^ other})
    assert (found["swapped"], found["given_names"], found["family_names"]) == (EXTRA, 0, 0)


def test_what_is_left_of_swapped_names_is_shared_between_both():
    found = one_pair(layout_of(FULL), {"given_names": 0xFFFF, "family_names": 0xFFF0})
    assert (found["swapped"], found["given_names"], found["family_names"]) == (EXTRA, 2, 2)


@pytest.mark.parametrize(
    ("pairs", "expected"),
    [
        ((0, 0), (EXTRA, 2, 2)),
        ((0, 1), (EXTRA, 2, 2)),
        ((1 << 16, 0), (EXTRA, 2, 2)),
        ((1 << 16, 1 << 15), (0, 64, 64)),
        ((1 << 31 | 1, 0), (0, 64, 64)),
    ],
    ids=["same words", "other first word", "other second word", "other words over both keys", "other words"],
)
def test_names_are_swapped_only_if_one_word_is_the_same_in_every_shared_key(pairs, expected):
    names = {"given_names": 0xFFFF, "family_names": 0xFFF0}
    found = one_pair(layout_of(WITH_NAME_PAIR), *({**names, "name_pair": pair} for pair in pairs))
    assert (found["swapped"], found["given_names"], found["family_names"]) == expected


@pytest.mark.parametrize(("overlap", "distance"), [(4, 5), (5, 64)])
def test_half_the_margin_shows_mirrored_names(overlap, distance):
    # As in the test of the margin, 2 * overlap + 2 ones less twice 2; half the margin is 6.
    common = (1 << overlap) - 1
    names = {"given_names": common | 1 << 40, "family_names": common | 1 << 50}
    found = one_pair(layout_of(WITH_NAME_PAIR), {**names, "name_pair": 1 << 16 | 1})
    assert (found["swapped"], found["given_names"]) == (0, distance)


def test_other_words_in_names_that_are_not_exchanged_change_nothing():
    names = {"given_names": 0xFFFF, "family_names": 0xFFFF_0000}
    found = one_pair(layout_of(WITH_NAME_PAIR), {**names, "name_pair": 5 << 16 | 5})
    assert (found["swapped"], found["given_names"], found["family_names"]) == (0, 16, 16)


@pytest.mark.parametrize(("overlap", "swapped"), [(7, 0.0), (8, EXTRA)])
def test_the_margin_is_exclusive(overlap, swapped):
    # Both XORs together have 2 * overlap + 2 ones and the XOR of the two has 2, which count twice; the margin is 12.
    common = (1 << overlap) - 1
    found = one_pair(layout_of(FULL), {"given_names": common | 1 << 40, "family_names": common | 1 << 50})
    assert found["swapped"] == swapped
    assert found["given_names"] == (1 if swapped else overlap + 1)


def test_equal_given_and_different_family_names_are_not_swapped():
    found = one_pair(layout_of(FULL), {"given_names": 0, "family_names": 0xFFFF_FFFF})
    assert found["swapped"] == 0
    assert found["family_names"] == 32


def test_unrelated_names_are_not_swapped():
    # Unrelated XORs share as many ones as chance makes them share, and a quarter of the bits is a good deal.
    layout = layout_of(FULL)
    rng = random.Random(5)
    found = [
        one_pair(layout, {name: rng.getrandbits(64) & rng.getrandbits(64) for name in ("given_names", "family_names")})
        for _ in range(200)
    ]
    assert sum(pair["swapped"] == EXTRA for pair in found) == 0


def test_names_of_which_one_is_absent_are_neither_swapped_nor_straight():
    found = one_pair(layout_of(FULL), {"given_names": 0xFFFF, "family_names": 0xFFFF, "family_names?": 1})
    assert isnan(found["swapped"])
    assert isnan(found["family_names"])
    assert found["given_names"] == 16


def test_exchanged_month_and_day_count_once():
    found = one_pair(layout_of(FULL), {"birth_month": 9, "birth_day": 9}, {"birth_month": 1, "birth_day": 1})
    assert found["birth_month"] == EXTRA
    assert isnan(found["birth_day"])


def test_also_if_two_digits_have_the_same_bits_in_one_of_the_keys():
    found = one_pair(layout_of(FULL), {"birth_month": 9, "birth_day": 9}, {})
    assert found["birth_month"] == EXTRA


@pytest.mark.parametrize(
    "xors",
    [
        [{"birth_month": 9, "birth_day": 8}],
        [{"birth_month": 9, "birth_day": 9}, {"birth_month": 9, "birth_day": 8}],
        [{"birth_month": 9, "birth_day": 9}, {"birth_month": 9}],
        [{}],
    ],
)
def test_month_and_day_that_differ_otherwise_are_not_exchanged(xors):
    found = one_pair(layout_of(FULL), *xors)
    assert found["birth_month"] == float(any(xor.get("birth_month") for xor in xors))
    assert found["birth_day"] == float(any(xor.get("birth_day") for xor in xors))


def test_a_month_beside_an_absent_day_is_not_exchanged():
    found = one_pair(layout_of(FULL), {"birth_month": 9, "birth_day": 9, "birth_day?": 1})
    assert found["birth_month"] == 1
    assert isnan(found["birth_day"])


def test_name_segments_of_two_lengths_are_never_swapped():
    segments = [("given_names", "filter", 64, 64), ("family_names", "filter", 128, 128)]
    assert comparison_fields(layout_of(segments)) == ("given_names", "family_names")
    rows = draw_rows(layout_of(segments), random.Random(2), n_pairs=20)
    assert_like_twin(layout_of(segments), rows, swap_margin=1.0)


def test_rows_of_a_slice_are_read_at_their_place():
    layout = layout_of(FULL)
    rows = draw_rows(layout, random.Random(3), n_pairs=30)
    whole = compare(batch_of(rows, width_of(layout)), layout, swap_margin=12.0)
    cut = next(number for number, row in enumerate(rows) if row[0] == 20)
    part = compare(batch_of(rows, width_of(layout)).slice(cut), layout, swap_margin=12.0)
    np.testing.assert_array_equal(part.distances, whole.distances[10:])


def test_an_empty_batch():
    layout = layout_of(FULL)
    found = compare(batch_of([], width_of(layout)), layout, swap_margin=12.0)
    assert found.distances.shape == (0, 9)
    assert len(found.a) == len(found.n_keys) == 0


def test_contents_shorter_than_the_layout_are_refused():
    layout = layout_of(FULL)
    with pytest.raises(ValueError, match="shorter"):
        compare(batch_of([(1, 2, 0, 0, bytes(8), bytes(8))], 8), layout, swap_margin=12.0)


@pytest.mark.parametrize("gap", [0, 1, 63])
@pytest.mark.parametrize("bits", [63, 64, 65])
def test_repeated_keys_like_twin(bits, gap):
    segments = [("given_names", "filter", bits, bits), ("family_names", "filter", bits, bits), *FULL[2:]]
    layout = layout_of(segments, gap=gap)
    rows = draw_rows(layout, random.Random(bits + gap), n_pairs=200, repeated=0.3)
    found = assert_like_twin(layout, rows, swap_margin=12.0)
    assert found.n_keys.sum() < len(rows) - 100


def test_neither_the_order_of_combinations_nor_which_record_is_smaller_matters():
    layout = layout_of(FULL)
    rng = random.Random(9)
    rows = draw_rows(layout, rng, n_pairs=100, repeated=0.5)
    one = compare(batch_of(rows, width_of(layout)), layout, swap_margin=12.0)
    rng.shuffle(rows)
    rows = sorted([(*row[:4], row[5], row[4]) for row in rows], key=lambda row: row[:4])
    other = compare(batch_of(rows, width_of(layout)), layout, swap_margin=12.0)
    np.testing.assert_array_equal(one.distances, other.distances)


def several(layout, *keys):
    """Compare one pair; each shared key has the XORs of its combinations as {field: bits}."""
    width = width_of(layout)
    rows = []
    for key, xors in enumerate(keys):
        for xor in xors:
            number = 0
            for place in layout:
                number |= xor.get(place.field, 0) << place.first_bit
                number |= xor.get(place.field + "?", 0) << place.presence_bit
            rows.append((1, 2, 0, key, bytes(width), number.to_bytes(width, "little")))
    found = compare(batch_of(rows, width), layout, swap_margin=12.0)
    return dict(zip(found.fields, found.distances[0].tolist(), strict=True)) | {"n_keys": found.n_keys[0]}


def test_a_link_through_any_identity_counts_once():
    earlier, later = {"family_names": 0xFFFF_FFFF, "serial": 0x0101_0101}, {"given_names": 1}
    found = several(layout_of(FULL), [earlier, later])
    assert (found["given_names"], found["family_names"], found["serial"], found["n_keys"]) == (1, 0, 0, 1)


def test_one_combination_counts_and_not_the_best_of_each_field():
    found = several(layout_of(FULL), [{"family_names": 0xFFFF}, {"birth_day": 1, "given_names": 1}])
    assert (found["given_names"], found["family_names"], found["birth_day"]) == (1, 0, 1)


def test_keys_that_are_not_repeated_are_left_out_where_one_is():
    both = [{"family_names": 0xFFFF_FFFF}, {"family_names": 1}]
    found = several(layout_of(FULL), both, [{"family_names": 0xFFFF_FFFF}], both[1:] + both[:1])
    assert found["family_names"] == 1
    assert found["n_keys"] == 3


def test_a_key_that_shows_other_identities_does_not_hide_those_that_are_alike():
    other = {"serial": 0x0101_0101, "family_names": 0xFFFF_FFFF}
    found = one_pair(layout_of(FULL), {}, other, {"family_names": 1})
    assert (found["serial"], found["family_names"]) == (0, 0.5)


def of_one_number(*rows):
    """Compare one pair; each row is (kind, XOR as {field: bits}), kind 3 being that of the number."""
    layout = layout_of(FULL)
    width = width_of(layout)
    made = []
    for key, (kind, xor) in enumerate(rows):
        number = 0
        for place in layout:
            number |= xor.get(place.field, 0) << place.first_bit
            number |= xor.get(place.field + "?", 0) << place.presence_bit
        made.append((1, 2, kind, key, bytes(width), number.to_bytes(width, "little")))
    made.sort()
    found = compare(batch_of(made, width), layout, swap_margin=12.0, numbers=[3])
    return dict(zip(found.fields, found.distances[0].tolist(), strict=True)) | {"n_keys": found.n_keys[0]}


def test_a_shared_number_is_not_contradicted_by_an_earlier_one():
    # Two digits of the other number are the same, so it lies too near to be seen as another identity without the key.
    other = (5, {"serial": 0x0101_0000, "family_names": 0xFF})
    found = of_one_number((3, {"given_names": 1}), other, other)
    assert (found["serial"], found["family_names"], found["given_names"], found["n_keys"]) == (0, 0, 1, 3)
    assert of_one_number((5, {"given_names": 1}), other, other)["serial"] == 2


def test_a_shared_number_is_not_hidden_by_one_of_another_type():
    assert of_one_number((3, {}), (5, {"serial?": 4, "serial": 0x0101_0101}))["serial"] == 0


def test_a_number_that_brings_together_and_is_no_evidence_stays_absent():
    # The serial of an uncertain holder is left out of the content, under the number's own key as well.
    assert isnan(of_one_number((3, {"serial?": 4}), (5, {"serial": 0x0101_0101}))["serial"])


@pytest.mark.parametrize("gap", [0, 5, 57, 64])
def test_shared_numbers_like_twin(gap):
    layout = layout_of(FULL, gap=gap)
    rows = draw_rows(layout, random.Random(gap), n_pairs=300, repeated=0.3)
    plain = compare(batch_of(rows, width_of(layout)), layout, swap_margin=12.0)
    found = assert_like_twin(layout, rows, swap_margin=12.0, numbers=[0])
    assert not np.array_equal(found.distances, plain.distances, equal_nan=True)


def test_the_kinds_of_the_number_are_those_that_hold_it():
    encoding = load_profile("case-registry").encoding
    kinds = [encoding.match_keys[kind].kind for kind in number_kinds(encoding)]
    assert kinds == ["number"]


def test_the_kinds_of_sounds_are_those_with_the_whole_date():
    encoding = load_profile("case-registry").encoding
    assert [encoding.match_keys[kind].kind for kind in sound_kinds(encoding)] == ["date_sounds"]
    assert sound_kinds(load_profile("population").encoding) == ()


def test_one_shared_key_of_sounds_is_enough_and_without_such_keys_nothing_shows_it():
    columns = {"a": [1, 1, 1, 2, 2], "b": [4, 4, 5, 3, 3], "kind": [0, 2, 3, 2, 2]}
    batch = pa.RecordBatch.from_pydict(columns)
    assert sound_alike(batch, (2,)).tolist() == [True, False, True]
    assert sound_alike(batch, ()).tolist() == [True, True, True]
    assert sound_alike(batch.slice(0, 0), (2,)).tolist() == []


def test_ten_keys_say_no_more_than_one():
    xor = {"given_names": 0b111, "serial": 0x0001_0000, "birth_day": 3}
    one, ten = one_pair(layout_of(FULL), xor), one_pair(layout_of(FULL), *[xor] * 10)
    assert one == ten


def test_keys_that_show_about_the_same_are_all_kept():
    found = one_pair(layout_of(FULL), {"serial": 0x0100_0000}, {"serial": 0x0001_0101})
    assert found["serial"] == 4


def test_among_equal_distances_the_one_with_more_fields_counts():
    found = several(layout_of(FULL), [{"serial?": 1}, {}])
    assert found["serial"] == 0


def test_a_swapped_combination_is_as_near_as_it_is_when_unswapped():
    swapped, other = {"given_names": 0xFFFF, "family_names": 0xFFFF}, {"given_names": 0xFF}
    assert several(layout_of(FULL), [other, swapped])["swapped"] == EXTRA


def comparison(field, distances):
    column = np.array(distances, np.float32)[:, None]
    zeros = np.zeros(len(distances), np.int64)
    return Comparison((field,), zeros, zeros, column, zeros.astype(np.int32))


def test_a_level_is_the_number_of_edges_not_exceeded():
    table = field_table("given_names", (44, 20, 4, 0.5), [0.2] * 5, [0.2] * 5)
    found = levels(comparison("given_names", [60, 44.5, 44, 20.5, 20, 4, 1, 0.5, 0, nan]), [table])
    assert found[:, 0].tolist() == [0, 0, 1, 1, 2, 3, 3, 4, 4, -1]


def test_extra_levels_stand_last():
    month = field_table("birth_month", (0.5,), [0.5, 0.4, 0.1], [0.5, 0.4, 0.1])
    assert levels(comparison("birth_month", [1, 0, EXTRA, nan]), [month])[:, 0].tolist() == [0, 1, 2, -1]
    swapped = field_table("swapped", (), [0.9, 0.1], [0.9, 0.1])
    assert levels(comparison("swapped", [0, EXTRA, nan]), [swapped])[:, 0].tolist() == [0, 1, -1]


def test_columns_follow_the_tables():
    layout = layout_of(FULL)
    found = compare(
        batch_of(draw_rows(layout, random.Random(4), n_pairs=50), width_of(layout)), layout, swap_margin=12.0
    )
    sex = field_table("sex", (0.5,), [0.5, 0.5], [0.5, 0.5])
    year = field_table("birth_year", (1.5, 0.5), [0.3] * 2 + [0.4], [0.3] * 2 + [0.4])
    both = levels(found, [sex, year])
    assert both.dtype == np.int8
    assert (both[:, ::-1] == levels(found, [year, sex])).all()


def test_a_table_of_a_field_that_is_not_there_is_refused():
    sex = field_table("sex", (0.5,), [0.5, 0.5], [0.5, 0.5])
    with pytest.raises(ValueError, match="lack"):
        levels(comparison("serial", [1]), [sex])
