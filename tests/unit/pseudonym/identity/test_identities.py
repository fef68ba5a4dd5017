"""Which identities a record has, and what becomes of values that are not as they should be (docs/spec.md, 4.6)."""

from datetime import date

import pytest

from pseudonym.identity.dates import Birth
from pseudonym.identity.identities import MAX_IDENTITIES, is_identity, read_identities
from pseudonym.identity.record import Record

REFERENCE = date(2026, 3, 31)
NUMBER = "19811218-9876"
"""Born on 18 December 1981."""
OTHER = "19811278-9873"
"""The same date, a samordningsnummer."""
NAMES = ("Ada", "Bo", "Cia", "Dan", "Eva", "Fia", "Gun", "Hans", "Ida")


def identities_of(**fields):
    return read_identities(Record("r-1", **fields), row=7, reference_date=REFERENCE, reporter="police")[0]


def faults_of(**fields):
    found = read_identities(Record("r-1", **fields), row=7, reference_date=REFERENCE, reporter="police")[1]
    assert {fault.row for fault in found} <= {7}
    return [(fault.field, fault.rule, fault.effect) for fault in found]


def rows(identities):
    """Return number, family name and birth year of each identity."""
    return [
        (
            identity.number.compact if identity.number else None,
            " ".join(identity.family.words),
            identity.birth.year,
        )
        for identity in identities
    ]


def test_one_value_of_each_is_one_identity():
    (identity,) = identities_of(number=NUMBER, given_names="Anna", family_names="Ek", birth_date="1981-12-18", sex="k")
    assert identity.number.compact == "198112189876"
    assert (identity.given.words, identity.family.words) == (("anna",), ("ek",))
    assert (identity.birth, identity.sex, identity.scope) == (Birth(1981, 12, 18), "woman", None)


def test_the_ith_values_belong_together_and_gaps_take_the_first():
    identities = identities_of(number=["", OTHER], family_names=("Ek", None, "Berg"), birth_date=[None, "1981"])
    assert rows(identities) == [
        ("198112789873", "ek", 1981),
        ("198112789873", "berg", 1981),
    ]


def test_equal_identities_are_one():
    assert len(identities_of(family_names=["Ek", "EK", " ek "], given_names=["Bo", "Bo"])) == 1


def test_no_value_at_all_is_one_empty_identity():
    assert rows(identities_of(number=[], given_names=[])) == [(None, "", None)]
    assert faults_of() == [(None, "identity.none", "marked")]


@pytest.mark.parametrize("n", [8, 9])
def test_at_most_eight(n):
    assert [name for _, name, _ in rows(identities_of(family_names=NAMES[:n]))] == [name.lower() for name in NAMES[:8]]
    assert faults_of(family_names=NAMES[:n]) == [(None, "identity.too_many", "left out")] * (n > MAX_IDENTITIES)


def test_a_blank_ninth_place_is_not_a_fault():
    assert faults_of(family_names=[*NAMES[:8], "", None]) == []


def test_an_identity_for_the_number_date_may_be_one_too_many():
    fields = {"family_names": NAMES[:8], "number": NUMBER, "birth_date": "1980-12-18"}
    assert len(identities_of(**fields)) == 8
    assert faults_of(**fields) == [(None, "identity.too_many", "left out")]


def test_the_number_tells_the_date_where_the_field_does_not():
    assert identities_of(number=NUMBER)[0].birth == Birth(1981, 12, 18)
    assert identities_of(number=NUMBER, birth_date="1981-12")[0].birth == Birth(1981, 12, 18)
    assert identities_of(number=NUMBER, birth_date="1983~")[0].birth == Birth(1981, 12, 18)


def test_an_invalid_number_gives_no_date():
    assert identities_of(number="19811218-9877")[0].birth == Birth()


def test_a_number_with_another_date_is_an_identity_more():
    identities = identities_of(number=NUMBER, family_names=["Ek", "Berg"], birth_date="1981-12-19")
    assert [(identity.birth.day, identity.family.words[0]) for identity in identities] == [
        (19, "ek"),
        (19, "berg"),
        (18, "ek"),
    ]


def test_two_numbers_with_other_dates_are_two_identities_more():
    identities = identities_of(number=[NUMBER, "19900101-9801"], birth_date="1981-12-19")
    births = [identity.birth[:3] for identity in identities]
    assert births[:3] == [(1981, 12, 19), (1981, 12, 19), (1981, 12, 18)]


@pytest.mark.parametrize(
    ("dates", "year"),
    [
        ({}, 1930),
        ({"report_date": "2030-07"}, 2030),
        ({"report_date": "2030-06"}, 1930),
        ({"report_date": "2030"}, 2030),
        ({"event_date": "2030-07-15"}, 2030),
        ({"report_date": "2029", "event_date": "2030-07-15"}, 1930),
        ({"report_date": "soon", "event_date": "2030-07-15"}, 2030),
    ],
)
def test_the_century_follows_from_the_dates_of_the_record(dates, year):
    (identity,) = identities_of(number="300715-9808", **dates)
    assert identity.number.compact == f"{year}07159808"


def test_a_local_number_is_bound_to_the_reporter():
    (identity,) = identities_of(number="19900505-T857")
    assert (identity.number.type, identity.scope) == ("interim", "police")
    assert identities_of(number=NUMBER)[0].scope is None


def test_types_and_levels_stand_beside_their_numbers():
    identities = identities_of(
        number=[NUMBER, OTHER], number_type=["", "samordningsnummer"], number_level=[None, "osäker"]
    )
    assert [(one.number.type, one.number.level) for one in identities] == [
        ("personnummer", None),
        ("samordningsnummer", "osaker"),
    ]


def test_an_unknown_type_or_level_is_left_out_and_the_number_is_read():
    fields = {"number": [NUMBER, OTHER], "number_type": ["pass", "x"], "number_level": ["", "y"]}
    assert len(identities_of(**fields)) == 2
    assert {fault for fault in faults_of(**fields) if fault[2] == "left out"} >= {
        ("number_type_2", "number_type.unknown", "left out"),
        ("number_level_2", "number_level.unknown", "left out"),
    }


def test_the_name_of_address_comes_first():
    assert identities_of(given_names="Karl Anders", name_of_address="Anders")[0].given.words == ("anders", "karl")
    assert identities_of(name_of_address="Anders")[0].given.words == ("anders",)
    aliases = identities_of(given_names=["Karl Anders", "Kalle"], name_of_address="Anders")
    assert [identity.given.words for identity in aliases] == [("anders", "karl"), ("kalle",)]


@pytest.mark.parametrize(
    ("fields", "fault"),
    [
        ({"birth_date": "1981-02-30"}, ("birth_date", "birth_date.form", "left out")),
        ({"birth_date": "1900-01-01"}, ("birth_date", "birth_date.placeholder", "marked")),
        ({"birth_date": ["1981", "x"]}, ("birth_date_2", "birth_date.form", "left out")),
        ({"sex": "girl"}, ("sex", "sex.unknown", "left out")),
        ({"number": "19811218-9877"}, ("number", "number.invalid", "marked")),
        ({"number": "LMA-4711"}, ("number", "number.form", "marked")),
        ({"number": "#1"}, ("number", "number.unreadable", "left out")),
        ({"number": "okänd"}, ("number", "number.no_digit", "marked")),
        ({"number": [NUMBER, "000000-0000"]}, ("number_2", "number.placeholder", "marked")),
        ({"foreign_number": "saknas"}, ("foreign_number", "foreign_number.no_digit", "marked")),
        ({"given_names": "okänd"}, ("given_names", "name.placeholder", "marked")),
        ({"family_names": ["Ek", "N.N."]}, ("family_names_2", "name.placeholder", "marked")),
        ({"family_names": "123"}, ("family_names", "name.no_letter", "marked")),
    ],
)
def test_faults(fields, fault):
    assert fault in faults_of(**fields)


def test_an_interim_number_without_a_check_digit_is_not_a_fault():
    assert faults_of(number="19900505-T853") == []


@pytest.mark.parametrize("text", ["berg", "p 19811278-9873", "1981-12-18", "anna ek", "AB12345"])
def test_an_id_may_carry_no_identity_of_the_record(text):
    identities = identities_of(
        number=["19900101-9801", OTHER],
        given_names="Anna",
        family_names=["Ek", "Berg"],
        birth_date="1981-12-18",
        foreign_number=["XX99999", "ab 12345"],
    )
    assert is_identity(text, identities)
    assert not is_identity("case 17", identities)
