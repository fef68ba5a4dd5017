"""Which identities a record has, and what becomes of values that are not as they should be (docs/spec.md, 4.6)."""

from datetime import date

import pytest

from pseudonym.identity.dates import Birth
from pseudonym.identity.identities import MAX_IDENTITIES, read_identities
from pseudonym.identity.record import Record
from pseudonym.identity.telling_ids import is_identity

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
    assert faults_of(**fields) == [
        ("number", "number.contradicts_birth_date", "marked"),
        (None, "identity.too_many", "left out"),
    ]


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


CENTENARIAN = "180215-9838"
"""Born on 15 February 1918, or 2018 if nothing else is known."""


@pytest.mark.parametrize(
    "fields",
    [
        {"birth_date": "1918-02-15"},
        {"birth_date": "1918-02-15", "report_date": "1917-12-31"},
        {"birth_date": "1918-02-15", "event_date": "2018"},
        {"birth_date": "1918"},
        {"birth_date": "1918-02"},
        {"birth_date": "1918-01-01"},
        {"birth_date": "1917~"},
        {"birth_date": ["1985", "", "1918-02-15"]},
    ],
)
def test_the_birth_date_of_the_row_decides_the_century(fields):
    found = {identity.number.compact for identity in identities_of(number=CENTENARIAN, **fields)}
    assert found == {"191802159838"}
    assert found == {identity.number.compact for identity in identities_of(number="19180215-9838", **fields)}


@pytest.mark.parametrize("birth_date", [None, "", "1900-01-01", "1961-02-15", "02-15", "2018-02-15"])
def test_without_one_the_reference_date_does(birth_date):
    assert identities_of(number=CENTENARIAN, birth_date=birth_date)[0].number.compact == "201802159838"


def test_each_number_has_the_century_of_its_own_birth_date():
    identities = identities_of(number=[CENTENARIAN, CENTENARIAN], birth_date=["1918-02-15", "2018-02-15"])
    assert [identity.number.compact for identity in identities] == ["191802159838", "201802159838"]


def test_a_plus_sign_is_believed_against_the_birth_date_of_a_child():
    fields = {"number": "180215+9838", "birth_date": "2018-02-15"}
    assert [one.birth.year for one in identities_of(**fields)] == [2018, 1918]
    assert faults_of(**fields) == [("number", "number.contradicts_birth_date", "marked")]
    assert faults_of(number="180215+9838", birth_date="1918-02-15", report_date="2016") == []


CONTRADICTION = ("number.contradicts_birth_date", "marked")


@pytest.mark.parametrize(
    ("fields", "marked"),
    [
        ({"number": NUMBER, "birth_date": "1961-12-18"}, ["number"]),
        ({"number": NUMBER, "birth_date": "1961"}, ["number"]),
        ({"number": NUMBER, "birth_date": "1981-12-19"}, ["number"]),
        ({"number": NUMBER, "birth_date": "1978~"}, ["number"]),
        ({"number": NUMBER, "birth_date": "1979~"}, []),
        ({"number": NUMBER, "birth_date": "1981-12-18"}, []),
        ({"number": NUMBER, "birth_date": ["1961", "1981-12"]}, []),
        ({"number": NUMBER, "birth_date": ["1961", "1962"]}, ["number"]),
        ({"number": [OTHER, "19900101-9802"], "birth_date": "1981-12-18"}, ["number_2"]),
        ({"number": "19900505-T853", "birth_date": "1961"}, ["number"]),
        ({"number": NUMBER, "birth_date": "1900-01-01"}, []),
        ({"number": NUMBER}, []),
    ],
)
def test_a_number_that_contradicts_every_birth_date_is_marked(fields, marked):
    assert [field for field, *rest in faults_of(**fields) if tuple(rest) == CONTRADICTION] == marked


def test_the_system_of_a_number_is_its_type():
    (identity,) = identities_of(number="http://electronichealth.se/identifier/LMA-nummer|101234567")
    assert (identity.number.type, identity.number.compact) == ("dossier", "10123456")
    (identity,) = identities_of(number="urn:oid:1.2.752.129.2.1.3.3|10123456", number_type="dossier")
    assert identity.number.type == "dossier"


def test_a_system_that_is_not_known_is_left_out_and_the_number_is_read():
    fields = {"number": ["", f"http://example.org/patient|{NUMBER}"]}
    assert identities_of(**fields)[0].number.compact == "198112189876"
    assert faults_of(**fields) == [("number_type_2", "number_type.unknown", "left out")]


@pytest.mark.parametrize(
    ("given", "family"),
    [
        ("Okänd pojke", "Okänd"),
        ("Flicka, okänd", "Okänt"),
        ("Ej känd", "Ej känd"),
        ("Ingen uppgift", "Uppgift saknas"),
        ("Unknown male", "Unknown"),
        ("Okänt barn", "NN"),
        ("Baby boy", "okänd"),
        ("Ej identifierad", "Oklart"),
        ("Okänd asylsökande", "finns ej"),
        ("Flicka NN", None),
        ("Pojke 2", "Okänd"),
        ("Okänd", "Man"),
        ("A", "Okänd"),
        ("Son", ["Okänd", ""]),
        ("Nn", "Nn"),
        ("Nan", "Nn"),
        ("N", "N"),
        ("Jane", "Doe"),
        ("John", "DOE"),
        ("Baby", "Doe"),
        ("Okänd", "Doe"),
        ("Ej", "Känd"),
        ("Barn till Anna", None),
        ("Flicka 2", None),
        ("Nyfödd", "Barn"),
        (None, "Barn"),
        ("Man 40 år", "Okänd"),
        ("Невідомо", "Невідомо"),
        ("غير", "معروف"),
        ("NULL", "Okänd"),
    ],
)
def test_a_person_of_whom_nothing_is_known_has_no_name(given, family):
    fields = {"given_names": given, "family_names": family}
    assert [(one.given.words, one.family.words, one.is_unknown) for one in identities_of(**fields)] == [((), (), True)]
    *rules, last = faults_of(**fields)
    assert {rule for _, rule, _ in rules} == {"name.placeholder"}
    assert {field for field, *_ in rules} == {field for field, value in fields.items() if value}
    assert last == (None, "identity.unknown", "marked")


@pytest.mark.parametrize(
    ("given", "family"), [("Null", "Null"), (None, "Null"), ("NULL", "n/a"), ("Förnamn", "Efternamn"), ("Test", None)]
)
def test_what_programs_write_does_not_say_that_there_is_a_person(given, family):
    fields = {"given_names": given, "family_names": family}
    assert [one.is_unknown for one in identities_of(**fields)] == [False]
    assert faults_of(**fields)[-1] == (None, "identity.none", "marked")


@pytest.mark.parametrize(
    ("fields", "unknown"),
    [
        ({}, True),
        ({"birth_date": "1985-02-03", "sex": "kvinna"}, True),
        ({"birth_date": ["1985", "1986"]}, True),
        ({"number": NUMBER}, False),
        ({"number": "19811218-9877"}, True),
        ({"number": ["19811218-9877", NUMBER]}, False),
        ({"number": "19900505-T857"}, False),
        ({"number": "LMA-4711"}, True),
        ({"foreign_number": "AB12345"}, False),
        ({"family_names": "Karlsson"}, False),
        ({"family_names": ["Okänd", "Karlsson"]}, False),
        ({"name_of_address": "Omar"}, False),
    ],
)
def test_a_number_or_a_name_identifies_a_person_who_is_called_unknown(fields, unknown):
    fields = {"given_names": "Okänd"} | fields
    assert {one.is_unknown for one in identities_of(**fields)} == {unknown}
    assert ((None, "identity.unknown", "marked") in faults_of(**fields)) is unknown


def test_a_blank_name_says_nothing():
    assert not identities_of(given_names=" ", birth_date="1985-02-03")[0].is_unknown
    assert not identities_of(given_names="123", birth_date="1985-02-03")[0].is_unknown


def test_only_the_position_at_which_names_are_a_placeholder_together_loses_them():
    names = [one.family.words for one in identities_of(given_names=["Jane", "Noor"], family_names=["Doe", "Ali"])]
    assert names == [("ali",)]


@pytest.mark.parametrize(
    ("given", "family", "words"),
    [
        ("Anna", "Null", (("anna",), ("null",))),
        ("Anna", "Ok", (("anna",), ("ok",))),
        ("Anna", "Ök", (("anna",), ("ok",))),
        ("ANNA", "ÖK", (("anna",), ("ok",))),
        ("Anna", "Nn", (("anna",), ("nn",))),
        ("Nan", "Kim", (("nan",), ("kim",))),
        ("Nn", "Kim", ((), ("kim",))),
        ("Anna", "NULL", (("anna",), ())),
        ("Anna", "nn", (("anna",), ())),
        ("Anna", "None", (("anna",), ())),
        ("Okänd", "Karlsson", ((), ("karlsson",))),
        ("Okänd Karlsson", None, (("karlsson",), ())),
        ("Boy", "Son", (("boy",), ("son",))),
        ("Sigrid", "Barn", (("sigrid",), ("barn",))),
        ("Sigrid", "Flicka", (("sigrid",), ("flicka",))),
        ("Christina", "Doe", (("christina",), ("doe",))),
        ("Pojke", "Svensson", ((), ("svensson",))),
        ("Barn till Anna", "Svensson", ((), ("svensson",))),
        ("Jane", "Doering", (("jane",), ("doering",))),
        (None, "Mann", ((), ("mann",))),
        (None, "Ök", ((), ("ok",))),
    ],
)
def test_names_that_look_like_placeholders(given, family, words):
    (identity,) = identities_of(given_names=given, family_names=family)
    assert (identity.given.words, identity.family.words) == words


def test_one_name_beyond_doubt_keeps_the_others():
    names = [one.family.words for one in identities_of(given_names="Okänd", family_names=["Man", "Berg"])]
    assert names == [("man",), ("berg",)]


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
        ({"sex": "x"}, ("sex", "sex.unknown", "left out")),
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
