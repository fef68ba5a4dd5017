"""Codes of records with several identities: what changes them, what does not, and what their number tells."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pseudonym.encode import Encoder, Record
from pseudonym.errors import InputError
from pseudonym.keyed import LinkageKey
from pseudonym.profile import load_profile
from tests.property.leaks import leaks, told_by

PROFILE = load_profile("case-registry")
ENCODER = Encoder(
    LinkageKey._from_secret(bytes(range(32)), project="test", epoch=1),
    reporter="police",
    profile=PROFILE,
    keep_empty=True,
)
FIRST = np.cumsum([0, *PROFILE.encoding.codes_per_kind])
KINDS = [key.kind for key in PROFILE.encoding.match_keys]

GIVEN = st.sampled_from(["Anna", "Erik Olof", "Fatima", "Yousef", "Zo\u00eb", "Li", "Md Ali"])
FAMILY = st.sampled_from(["Andersson", "\u00d6berg", "El-Haddad", "von Platen", "Nguyen", "Ek", "Berg Holm"])
DATES = st.dates(date(1930, 1, 1), date(2020, 12, 31)).map(str)
NUMBERS = st.sampled_from(["19811218-9876", "19811278-9873", "19900228-9819", "LMA-4711", "19900505-T857"])
EMPTY = Record("r-1")


def several(values):
    return st.lists(values, max_size=4)


RECORDS = st.builds(
    Record,
    st.just("r-1"),
    number=several(NUMBERS | st.just("")),
    given_names=several(GIVEN),
    family_names=several(FAMILY),
    birth_date=several(DATES),
    sex=st.sampled_from(["k", "m", ""]),
)


IDENTITIES = st.lists(st.tuples(NUMBERS, GIVEN, FAMILY, DATES), min_size=1, max_size=3, unique_by=lambda one: one[0])


def record_of(identities):
    fields = ("number", "given_names", "family_names", "birth_date")
    return replace(
        EMPTY, **{name: list(values) for name, values in zip(fields, zip(*identities, strict=True), strict=True)}
    )


def missing(record, place):
    """Return the match keys of missing codes in a kind: those that change with the id of the record."""
    one, other = (match_keys(replace(record, record_id=name), KINDS[place]) for name in (record.record_id, "another"))
    return keys_as_set(one) - keys_as_set(other)


def codes_of(record):
    (batch,) = ENCODER.batches([record])
    return batch.codes


def match_keys(record, kind):
    place = KINDS.index(kind)
    return codes_of(record).match_key[0, FIRST[place] : FIRST[place + 1]]


def keys_as_set(rows):
    return {row.tobytes() for row in rows}


@given(record=RECORDS)
def test_every_record_emits_the_same_number_of_codes(record):
    codes = codes_of(record)
    assert tuple(np.bincount(codes.kind[0])) == PROFILE.encoding.codes_per_kind


@given(record=RECORDS)
def test_equal_records_give_equal_codes(record):
    def respelt(values):
        return [f" {value.upper()} " for value in values]

    other = replace(record, given_names=respelt(record.given_names), family_names=respelt(record.family_names))
    one, two = codes_of(record), codes_of(other)
    assert (one.match_key == two.match_key).all()
    assert (one.content == two.content).all()


@given(identities=IDENTITIES)
def test_an_identity_given_twice_changes_nothing(identities):
    once, twice = record_of(identities), record_of([*identities, *identities])
    assert (codes_of(once).match_key == codes_of(twice).match_key).all()
    assert (codes_of(once).content == codes_of(twice).content).all()


@given(identities=IDENTITIES)
def test_the_order_of_two_identities_does_not_change_what_they_meet_on(identities):
    one, other = record_of(identities[:2]), record_of(identities[1::-1])
    place = KINDS.index("number")
    assert PROFILE.encoding.codes_per_kind[place] >= 2, "room for both"
    filled = [keys_as_set(match_keys(record, "number")) - missing(record, place) for record in (one, other)]
    assert filled[0] == filled[1]


@given(record=RECORDS, family=FAMILY)
def test_a_further_name_keeps_the_first_code_of_each_combination(record, family):
    more = replace(record, family_names=[*(record.family_names or [""]), family], number=record.number[:1])
    less = replace(more, family_names=more.family_names[:-1])
    if not any(less.family_names):
        return
    for kind in ("number", "foreign_number"):
        filled = keys_as_set(match_keys(less, kind)) - missing(less, KINDS.index(kind))
        # A code that stands for a missing one changes with the record.
        if filled:
            assert match_keys(less, kind)[0].tobytes() in filled
            assert (match_keys(less, kind)[0] == match_keys(more, kind)[0]).all()


@given(record=RECORDS)
def test_missing_codes_of_two_records_never_meet(record):
    one, two = (codes_of(replace(EMPTY, record_id=name)) for name in ("r-2", "r-3"))
    keys = [keys_as_set(codes.match_key[0]) for codes in (codes_of(record), one, two)]
    assert not keys[0] & keys[1]
    assert not keys[1] & keys[2]
    assert len(keys[1]) == PROFILE.encoding.codes_per_record


@given(given_names=GIVEN, wrong=st.sampled_from(["number", "birth_date", "family_names", "role", "record_id"]))
def test_a_value_of_a_wrong_type_is_refused_and_not_shown(given_names, wrong):
    secret = f"Xq{given_names}zw"
    bad = {secret: secret}
    with pytest.raises(InputError) as caught:
        list(ENCODER.batches([replace(EMPTY, given_names=secret, **{wrong: bad})]))
    error = caught.value
    assert (error.rule, error.field, error.row) == ("input.type", wrong, 1)
    assert leaks(told_by(error), [secret]) == []
