"""Filters of records: those of clkhash bit by bit, of any length and number of hashes, and never the secret."""

from __future__ import annotations

import base64
import copy
import json
import pickle
import sys
from itertools import pairwise
from typing import Any, Final

import pytest

from pseudonym.classic import (
    ClassicError,
    ClkEncoder,
    Feature,
    balance,
    clk,
    dice,
    encode_records,
    fold_xor,
    plain_fields,
    qgrams,
)
from pseudonym.classic import encoder as encoder_module
from pseudonym.classic.hashing import positions
from pseudonym.encode import Record
from tests.paths import ROOT

CLKHASH: Final[dict[str, list[str]]] = json.loads(
    (ROOT / "tests/unit/pseudonym/classic/clkhash_filters.json").read_bytes()
)
"""Made by clkhash itself: `clkhash_filters.py` beside it says from what."""

FIELDS: Final = ("given_names", "family_names", "birth_date", "sex")
ROWS: Final = [
    ("rut elisabet", "lindqvist", "1988-03-26", "f"),
    ("bo", "ek", "", ""),
    ("åsa", "žižek", "2001-12-01", "m"),
    ("", "", "", ""),
]
RUT: Final = dict(zip(FIELDS, ROWS[0], strict=True))
RUTH: Final = {"given_names": "ruth elisabet", "family_names": "lindquist", "birth_date": "1988-03-26", "sex": "f"}
KEYS: Final = (b"k" * 64, b"l" * 64)


def refused(**settings: Any) -> str:
    """Return the rule that an encoder with a setting breaks."""
    with pytest.raises(ClassicError) as caught:
        ClkEncoder(**({"features": ["a"], "secret": "s"} | settings))
    assert "horse" not in repr(caught.value)
    return caught.value.rule


# As clkhash.


@pytest.mark.parametrize(
    ("name", "length", "hashing", "settings"),
    [
        ("double", 1024, {}, {"hashes": 30}),
        ("double of an odd length", 1000, {}, {"bits": 201}),
        ("double-nonsingular", 8, {"hashing": "double-nonsingular"}, {"hashes": 2}),
        ("blake", 512, {"hashing": "blake"}, {"hashes": 70}),
        ("blake, folded", 256, {"hashing": "blake", "folds": 2}, {"bits": 100}),
    ],
)
def test_the_filters_are_those_of_clkhash(
    name: str, length: int, hashing: dict[str, Any], settings: dict[str, Any]
) -> None:
    features = [
        Feature("given_names", **settings),
        Feature("family_names", q=3, hashes=15),
        Feature("birth_date", q=1, positional=True, bits=200),
        Feature("sex", whole=True, hashes=33),
    ]
    encoder = ClkEncoder(features, "horse staple", length=length, salt=b"salt", info=b"info", **hashing)
    found = encoder.encode_all(dict(zip(FIELDS, row, strict=True)) for row in ROWS)
    assert {len(one) for one in found} == {length}
    assert [base64.b64encode(one.tobytes()).decode() for one in found] == CLKHASH[name]


def test_the_hashings_differ() -> None:
    made = [
        clk(RUT, "s", length=256, hashing=hashing) for hashing in ("double", "double-nonsingular", "blake", "random")
    ]
    assert len({one.tobytes() for one in made}) == 3, "only the two kinds of double hashing agree, where no step is 0"


# Positions.


def test_double_hashing_steps_evenly_and_random_hashing_does_not() -> None:
    def steps(hashing: Any) -> set[int]:
        found = positions(b"ut", KEYS, hashing=hashing, n_hashes=20, n_bits=1000)
        return {(b - a) % 1000 for a, b in pairwise(found)}

    assert len(steps("double")) == 1
    assert len(steps("random")) > 10


@pytest.mark.parametrize("hashing", ["double", "double-nonsingular", "random"])
@pytest.mark.parametrize(
    ("n_bits", "n_hashes"), [(8, 1), (9, 3), (63, 64), (64, 65), (65, 33), (997, 1000), (1 << 20, 5)]
)
def test_any_length_and_number_of_hashes(hashing: Any, n_bits: int, n_hashes: int) -> None:
    found = positions(b"ut", KEYS, hashing=hashing, n_hashes=n_hashes, n_bits=n_bits)
    assert len(found) == n_hashes
    assert all(0 <= place < n_bits for place in found)
    assert len(clk({"a": "rut"}, "s", length=n_bits, hashes=n_hashes, hashing=hashing)) == n_bits


def test_random_positions_reach_every_bit_of_an_odd_length() -> None:
    found = {
        place
        for n in range(200)
        for place in positions(f"{n}".encode(), KEYS, hashing="random", n_hashes=30, n_bits=997)
    }
    assert len(found) > 990


# Settings.


def test_more_hashes_give_a_field_more_weight() -> None:
    light, heavy = (ClkEncoder([Feature("a", hashes=n), Feature("b")], "s") for n in (5, 40))
    other = {"a": "rut", "b": "blom"}
    assert heavy.encode({"a": "rut"}).count() > light.encode({"a": "rut"}).count()
    assert dice(light.encode(RUT_AS_A), light.encode(other)) < dice(heavy.encode(RUT_AS_A), heavy.encode(other))


RUT_AS_A: Final = {"a": "rut", "b": "ek"}


def test_bits_for_a_value_do_not_depend_on_its_length() -> None:
    encoder = ClkEncoder([Feature("a", bits=120)], "s", length=1 << 16, hashing="random")
    for text in ("bo", "ingvald sköljer"):
        assert encoder.encode({"a": text}).count() in range(117, 121)
    # As in clkhash, the hashes of a token that stands twice are spent twice on the same bits.
    assert encoder.encode({"a": "maria magdalena"}).count() < 110


def test_what_is_missing_sets_no_bit() -> None:
    encoder = ClkEncoder(["a", "b"], "s")
    for values in ({}, {"a": None}, {"a": "", "b": None}):
        assert not encoder.encode(values).any()


def test_the_same_text_in_two_fields_sets_other_bits() -> None:
    encoder = ClkEncoder(["a", "b"], "s")
    assert dice(encoder.encode({"a": "lindqvist"}), encoder.encode({"b": "lindqvist"})) < 0.5


def test_another_secret_gives_other_bits() -> None:
    assert clk(RUT, "one") == clk(RUT, b"one")
    one, other = clk(RUT, "one", hashes=10), clk(RUT, "other", hashes=10)
    assert dice(one, other) < 0.5


def test_neither_the_order_nor_the_absence_of_fields_matters_to_clk() -> None:
    assert clk(RUT, "s") == clk(dict(reversed(RUT.items())), "s")
    without = {name: text for name, text in RUT.items() if name != "given_names"}
    assert clk(RUT | {"given_names": None}, "s") == clk(without, "s")
    assert clk(RUT, "s") == ClkEncoder(FIELDS, "s", keys="name").encode(RUT)


def test_what_is_kept_of_tokens_changes_no_filter(monkeypatch: pytest.MonkeyPatch) -> None:
    records = [dict(zip(FIELDS, row, strict=True)) for row in ROWS]
    made = ClkEncoder(FIELDS, "s").encode_all(records)
    monkeypatch.setattr(encoder_module, "KNOWN_BITS", 5 * 1024)
    encoder = ClkEncoder(FIELDS, "s")
    assert encoder.encode_all([*records, *records]) == made * 2
    assert 0 < len(encoder._known) <= 5


def test_a_slip_costs_little_similarity() -> None:
    other = {"given_names": "bo", "family_names": "ek", "birth_date": "1950-11-30", "sex": "m"}
    assert dice(clk(RUT, "s"), clk(RUTH, "s")) > 0.8 > 0.6 > dice(clk(RUT, "s"), clk(other, "s"))


@pytest.mark.parametrize(
    ("settings", "rule"),
    [
        ({"secret": ""}, "classic.secret"),
        ({"secret": b""}, "classic.secret"),
        ({"secret": None}, "classic.secret"),
        ({"secret": 7}, "classic.secret"),
        ({"features": []}, "classic.features"),
        ({"features": ["a", "a"]}, "classic.features"),
        ({"features": [f"f{n}" for n in range(64)]}, "classic.features"),
        ({"length": 7}, "classic.length"),
        ({"length": 1.5}, "classic.length"),
        ({"length": (1 << 20) + 1}, "classic.length"),
        ({"length": 1 << 19, "folds": 2}, "classic.length"),
        ({"hashes": 0}, "classic.hashes"),
        ({"hashes": 1001}, "classic.hashes"),
        ({"hashes": "30"}, "classic.hashes"),
        ({"folds": -1}, "classic.folds"),
        ({"hashing": "md5"}, "classic.hashing"),
        ({"hashing": "blake", "length": 1000}, "classic.power_of_two"),
        ({"hashing": "blake", "length": 1 << 17}, "classic.power_of_two"),
        ({"features": [""]}, "classic.feature"),
    ],
)
def test_a_setting_out_of_range_is_refused(settings: dict[str, Any], rule: str) -> None:
    assert refused(**settings) == rule


@pytest.mark.parametrize(
    "settings",
    [{"q": 0}, {"q": 17}, {"padding": "ab"}, {"padding": None}, {"hashes": 0}, {"bits": 0}, {"bits": 1, "hashes": 1}],
)
def test_a_setting_of_a_feature_out_of_range_is_refused(settings: dict[str, Any]) -> None:
    with pytest.raises(ClassicError) as caught:
        Feature("a", **settings)
    assert (caught.value.rule, caught.value.field) == ("classic.feature", next(iter(settings)))


@pytest.mark.parametrize(
    ("values", "rule", "field"),
    [
        ({"b": "rut"}, "classic.field", None),
        ({"a": 19880326}, "classic.value", "a"),
        ({"a": ["rut"]}, "classic.value", "a"),
        ({"a": float("nan")}, "classic.value", "a"),
    ],
)
def test_values_that_no_feature_reads_are_refused(values: dict[str, Any], rule: str, field: str | None) -> None:
    with pytest.raises(ClassicError) as caught:
        ClkEncoder(["a"], "s").encode(values)
    assert (caught.value.rule, caught.value.field) == (rule, field)


def test_the_secret_is_never_shown_pickled_or_copied() -> None:
    encoder = ClkEncoder(["a"], "horse staple")
    assert repr(encoder) == str(encoder) == "<ClkEncoder>"
    for attempt in (pickle.dumps, copy.copy, copy.deepcopy):
        with pytest.raises(TypeError):
            attempt(encoder)


def test_without_the_package_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "bitarray", None)
    with pytest.raises(ClassicError) as caught:
        clk(RUT, "s")
    assert caught.value.rule == "classic.extra"
    assert '".[classic]"' in (caught.value.hint or "")


# Hardening.


def test_folding_is_the_exclusive_or_of_the_halves() -> None:
    bits = clk(RUT, "s", length=64, hashes=3)
    assert fold_xor(bits) == bits[:32] ^ bits[32:]
    assert fold_xor(bits, 2) == fold_xor(fold_xor(bits))
    assert fold_xor(bits, 0) == bits
    for folds in (7, -1):
        with pytest.raises(ClassicError) as caught:
            fold_xor(bits, folds)
        assert caught.value.rule == "classic.folds"


def test_a_balanced_filter_has_half_of_its_bits_and_orders_pairs_as_before() -> None:
    pair = [clk(RUT, "s", length=256), clk(RUTH, "s", length=256)]
    made = balance(pair, "another")
    assert [(len(one), one.count()) for one in made] == [(512, 256)] * 2
    assert balance(pair, "another") == made
    assert balance(pair, "third") != made
    differing = (pair[0] ^ pair[1]).count()
    assert (made[0] ^ made[1]).count() == 2 * differing
    assert sorted(made[0].tolist()) == sorted((pair[0] + ~pair[0]).tolist())
    assert balance([], "another") == []


# Tokens and records.


def test_padding_gives_the_ends_as_many_qgrams_as_the_rest() -> None:
    assert qgrams("rut", 3) == ["  r", " ru", "rut", "ut ", "t  "]
    assert qgrams("rut", 2, padding="#") == ["#r", "ru", "ut", "t#"]
    assert qgrams("ru", 3, padding="") == []
    assert qgrams("", 2) == []
    assert qgrams("aaa", 2, padding="") == ["aa", "aa"]
    assert qgrams("ab", 2, positional=True) == ["1  a", "2 ab", "3 b "]


def test_a_record_is_cleaned_as_usual_and_no_more() -> None:
    record = Record(
        "1",
        number=["", "19880326-9820"],
        given_names=" Rut  ELISABET",
        family_names=None,
        birth_date="1988-03",
        sex="Kvinna",
    )
    assert plain_fields(record) == {
        "given_names": "rut elisabet",
        "family_names": None,
        "birth_date": None,
        "number": "8803269820",
        "foreign_number": None,
        "sex": "f",
    }


def test_records_are_encoded_one_by_one() -> None:
    records = [Record("1", given_names="Rut", family_names="Ek"), Record("2", given_names="RUT ", family_names="Ek")]
    a, b = encode_records(records, "s")
    assert a == b
    assert len(a) == 1024
    assert encode_records([], "s") == []
