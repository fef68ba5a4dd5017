"""What reporters write for codes: labels, synonyms, ages and several at once; and what is left out by a rule."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pseudonym.codebook import CellReader, Codebook, CodebookError, load_codebook, parse_codebook

SHIPPED = CellReader(load_codebook("case-registry"))
WHEN = "2026-03-15"

LABEL, BAND = "codebook.label", "codebook.age_band"
UNKNOWN, SEVERAL, GROUP = "codebook.unknown_code", "codebook.several", "codebook.group"
AMBIGUOUS, EXPIRED = "codebook.ambiguous_label", "codebook.expired_code"


def text(sv: str, en: str = "") -> dict[str, str]:
    return {"sv": sv, "en": en or sv}


def code(name: str, sv: str, en: str = "", *, valid_to: str | None = None, **members: Any) -> dict[str, Any]:
    return {
        "code": name,
        "label": text(sv, en),
        "definition": None,
        "valid_from": None,
        "valid_to": valid_to,
        **members,
    }


def book(*codes: dict[str, Any], many: bool = False, **members: Any) -> Codebook:
    texts = {member: text(member) for member in ("label", "definition", "purpose", "basis")}
    document = {
        "format": "pseudonym-codebook/2",
        "name": "own",
        "version": "1",
        "title": text("Own"),
        "items": [{"name": "place", **texts, "many": many, "codes": list(codes)}],
        "groupings": [],
        **members,
    }
    return parse_codebook(json.dumps(document))


@pytest.mark.parametrize(
    ("item", "cell", "value"),
    [
        ("municipality", "Stockholm", "0180"),
        ("municipality", "STOCKHOLM", "0180"),
        ("municipality", "Stockholms kommun", "0180"),
        ("municipality", "stockholms  stad", "0180"),
        ("municipality", "Malmö stad", "1280"),
        ("municipality", "Malmo", "1280"),
        ("municipality", "MALMOE KOMMUN", "1280"),
        ("municipality", "Borås kommun", "1490"),
        ("municipality", "Mora kommun", "2062"),
        ("municipality", "Bodens kommun", "2582"),
        ("municipality", "Upplands-Väsby", "0114"),
        ("municipality", "Håbo", "0305"),
        ("municipality", "Habo", "0643"),
        ("municipality", "Region Gotland", "0980"),
        ("state", "Bortförd utomlands", "taken"),
        ("state", "kvarhållen utomlands", "kept"),
        ("state", "Bortford Utomlands", "taken"),
        ("state", "Taken abroad", "taken"),
        ("state", "bortförd", "taken"),
        ("state", "Bortfo\u0308rd utomlands", "taken"),
        ("country", "Syrien", "SY"),
        ("country", "Syria", "SY"),
        ("country", "sy", "SY"),
        ("country", "SYR", "SY"),
        ("country", "bosnien och hercegovina", "BA"),
        ("country", "Bosnia and Herzegovina", "BA"),
        ("country", "Cote d'Ivoire", "CI"),
        ("country", "Kongo - Kinshasa", "CD"),
        ("country", "Okänt", "unknown"),
        ("disability", "ja", "yes"),
        ("disability", "Nej", "no"),
        ("police_report", "Ja", "yes"),
        ("sex_reported", "Flicka", "woman"),
        ("sex_reported", "pojke", "man"),
        ("school_absence", "En vecka eller mer, men mindre än fyra", "weeks"),
        ("discovered_by", "Hälso- och sjukvård", "health_care"),
        ("outcome", "Återvänd  till\u00a0Sverige", "returned"),
        ("outcome", "still abroad", "still_abroad"),
        # A code beside its own label.
        ("municipality", "0180 Stockholm", "0180"),
        ("municipality", "0180 - Stockholms kommun", "0180"),
        ("municipality", "Stockholm (0180)", "0180"),
        ("country", "SE: Sverige", "SE"),
        ("country", "Sverige [SE]", "SE"),
        # Wrong encodings and lost letters.
        ("state", "Bortf\u00c3\u00b6rd utomlands", "taken"),
        ("municipality", "G\u00c3\u00b6teborgs stad", "1480"),
        ("municipality", "H?bo", "0305"),
        ("municipality", "S??dert??lje kommun", "0181"),
        ("municipality", "Malm\ufffd", "1280"),
        ("state", '"Bortförd utomlands"', "taken"),
        ("purpose", "vet ej", "unknown"),
        ("disability", "SANT", "yes"),
        ("age_at_event", "7-12 år", "7-12"),
        ("age_at_event", "7 till 12 år", "7-12"),
        ("age_at_event", "\u2265 65", "65-"),
        ("age_at_event", "minst 18 år", "adult"),
        ("age_at_event", "0-6 years", "0-6"),
        ("age_at_event", "18 \u2013 20 år", "18-20"),
        ("age_at_event", "65+", "65-"),
        ("age_at_event", "65 år eller äldre", "65-"),
        ("age_at_event", "under 18", "child"),
        ("age_at_event", "18 år och äldre", "adult"),
    ],
)
def test_labels_synonyms_and_spellings(item, cell, value):
    assert SHIPPED.read(item, [cell], date=WHEN) == (value, (), (LABEL,))
    assert SHIPPED.read_one(item, cell, date=WHEN) == (value, LABEL)


@pytest.mark.parametrize(
    ("cell", "value", "rule"),
    [
        ("7-12", "7-12", None),
        ("18-20", "18-20", None),
        ("12", "7-12", BAND),
        ("12.0", "7-12", BAND),
        ("12-årig", "7-12", BAND),
        ("12 år och 3 mån", "7-12", BAND),
        ("12 years old", "7-12", BAND),
        ("13", "13-15", BAND),
        ("05", "0-6", BAND),
        ("8 mån", "0-6", BAND),
        ("19", "18-20", BAND),
        ("25", "25-29", BAND),
        ("40", "40-49", BAND),
        ("40 år", "40-49", BAND),
        ("40.0", "40-49", BAND),
        ("64", "50-64", BAND),
        ("65", "65-", BAND),
        ("104 år", "65-", BAND),
    ],
)
def test_an_age_is_read_as_the_narrowest_code_that_includes_it(cell, value, rule):
    for item in ("age_at_event", "age_at_first_exploitation"):
        assert SHIPPED.read(item, [cell], date=WHEN) == (value, (), () if rule is None else (rule,))


@pytest.mark.parametrize(
    ("item", "cell", "rule"),
    [
        ("municipality", "Stockholms län", GROUP),
        ("municipality", "Vastra Gotalands lan", GROUP),
        ("municipality", "01", GROUP),
        ("municipality", "Hébo", UNKNOWN),
        ("municipality", "Stockholm?", UNKNOWN),
        ("municipality", "kommun", UNKNOWN),
        ("municipality", "0180 Solna", UNKNOWN),
        ("municipality", "Habo?", UNKNOWN),
        ("municipality", "?", UNKNOWN),
        ("municipality", "-", UNKNOWN),
        ("state", "taken - okänt", UNKNOWN),
        ("country", "western_asia", GROUP),
        ("country", "Kongo", UNKNOWN),
        ("country", "Sverige/Syrien", SEVERAL),
        ("age_at_event", "25-", GROUP),
        ("age_at_event", "10-40", UNKNOWN),
        ("age_at_event", "ca 18", UNKNOWN),
        ("age_at_event", "12?", UNKNOWN),
        ("age_at_event", "-12", UNKNOWN),
        ("age_at_event", "999", UNKNOWN),
        ("age_at_event", "1987", UNKNOWN),
        ("age_at_event", "14+", UNKNOWN),
        ("schooling", "no work", UNKNOWN),
        ("state", "taken abroad by the father", UNKNOWN),
    ],
)
def test_what_is_no_code_for_certain_is_left_out(item, cell, rule):
    assert SHIPPED.read(item, [cell], date=WHEN) == (None, (rule,), ())


@pytest.mark.parametrize(
    ("item", "cell", "value", "left_out"),
    [
        ("citizenship", "Sverige/Syrien", "SE SY", ()),
        ("citizenship", "Syrien och Irak", "IQ SY", ()),
        ("citizenship", "Bosnien och Hercegovina, Syrien och Irak", "BA IQ SY", ()),
        ("citizenship", "Bosnien och Hercegovina och Serbien", "BA RS", ()),
        ("citizenship", "Korea, Republic of, Sverige", "KR SE", ()),
        ("citizenship", "Syrien|SY|syria", "SY", ()),
        ("citizenship", "Syrien\nIrak", "IQ SY", ()),
        ("purpose", "Besök, semester eller flytt", "visit", ()),
        ("purpose", "Barnäktenskap, Besök, semester eller flytt, Annat syfte", "child_marriage other visit", ()),
        ("purpose", "Barnäktenskap; nonsens; upbringing", "child_marriage upbringing", (UNKNOWN,)),
        ("purpose", "nonsens, upbringing, nonsens", "upbringing", (UNKNOWN, UNKNOWN)),
        ("travelled_with", "Mamma, pappa & syskon", "father mother siblings", ()),
        ("travelled_with", "resa med mor och far", None, (UNKNOWN,)),
        ("exploitation", "sexual labour", "labour sexual", ()),
        ("exploitation", "sexual nonsense", None, (UNKNOWN,)),
    ],
)
def test_several_labels_in_a_cell(item, cell, value, left_out):
    found = SHIPPED.read(item, [cell], date=WHEN)
    assert (found.value, found.left_out) == (value, left_out)


def test_codes_are_not_marked_however_they_are_separated():
    for cell in ("a;b", "b, a", "a|b", " a \t b ", "a\n;,b;", "a;b;a", "a b", "a,b,"):
        reader = CellReader(book(code("a", "First"), code("b", "Second"), many=True))
        assert reader.read("place", [cell]) == ("a b", (), ())
        assert reader.read("place", cell.split(";")).value == "a b"


def test_an_item_of_one_code_takes_nothing_beside_it():
    assert SHIPPED.read("state", ["taken", "taken; Bortförd"], date=WHEN) == ("taken", (), ())
    assert SHIPPED.read("state", ["taken; kept"], date=WHEN) == (None, (SEVERAL,), ())
    assert SHIPPED.read("state", ["taken; nonsens"], date=WHEN) == (None, (UNKNOWN, SEVERAL), ())


def test_a_blank_cell_has_no_value():
    assert SHIPPED.read("purpose", ["", "  ", "\u200b", ";,"]) == (None, (), ())
    assert SHIPPED.read("purpose", []) == (None, (), ())


def test_sixteen_codes_at_most():
    codes = [f"c{n:02}" for n in range(17)]
    reader = CellReader(book(*(code(name, f"Label {name}") for name in codes), many=True))
    assert reader.read("place", [";".join(reversed(codes[:16]))]) == (" ".join(codes[:16]), (), ())
    assert reader.read("place", codes) == (None, ("codebook.too_many",), ())


def test_a_long_text_is_one_unknown_value():
    found = SHIPPED.read("purpose", ["so, " * 100_000])
    assert (found.value, found.left_out) == (None, (UNKNOWN,))
    assert SHIPPED.read("purpose", ["so " * 100_000]).left_out == (UNKNOWN,)


def test_a_label_of_two_codes_is_left_out_unless_one_of_them_has_ended():
    reader = CellReader(
        book(code("old", "Heby", valid_to="2006-12-31"), code("new", "Heby"), code("x", "Hed", "Heby "))
    )
    assert reader.read("place", ["Heby"], date="2006-05") == (None, (AMBIGUOUS,), ())
    reader = CellReader(book(code("old", "Heby", valid_to="2006-12-31"), code("new", "Heby")))
    assert reader.read("place", ["Heby"], date="2007-01-01") == ("new", (), (LABEL,))
    assert reader.read("place", ["Heby"], date="2006-12-31") == (None, (AMBIGUOUS,), ())
    assert reader.read("place", ["old"], date="2007-01-01") == (None, (EXPIRED,), ())
    reader = CellReader(book(code("old", "Heby", valid_to="2006-12-31")))
    assert reader.read("place", ["Heby"], date="2007-01-01") == (None, (EXPIRED,), ())


def test_accents_count_where_they_tell_labels_apart():
    reader = CellReader(book(code("a", "Mäla"), code("b", "Måla"), code("c", "Solna")))
    assert reader.read("place", ["Måla"]).value == "b"
    assert reader.read("place", ["Mala"]) == (None, (AMBIGUOUS,), ())


def test_a_code_wins_over_a_label_with_its_text():
    reader = CellReader(book(code("no", "Norge"), code("none", "no")))
    assert reader.read("place", ["no"]) == ("no", (), ())
    assert reader.read("place", ["NO"]) == (None, (AMBIGUOUS,), ())


@pytest.mark.parametrize(
    ("cell", "value", "rule"),
    [
        ("180", "0180", "damage.zero_restored"),
        ("180,0", "0180", "damage.zero_restored"),
        ("1480", "1480", None),
        ("1480.0", "1480", "damage.decimals"),
        ("180, 1480", "0180 1480", "damage.zero_restored"),
        ("14", "14", None),
    ],
)
def test_zeros_and_decimals_of_spreadsheets(cell, value, rule):
    codes = ("0114", "0180", "1480", "14")
    reader = CellReader(book(*(code(name, f"Place {name}") for name in codes), many=True))
    assert reader.read("place", [cell]) == (value, (), () if rule is None else (rule,))


def test_zeros_are_not_restored_where_two_codes_fit():
    reader = CellReader(book(code("007", "a"), code("07", "b")))
    assert reader.read("place", ["7"]) == (None, (UNKNOWN,), ())


def test_the_narrowest_valid_ages_count():
    ages = [
        code("old", "old", valid_to="2025-12-31", years={"first": 18, "last": 20}),
        code("new", "new", years={"first": 18, "last": 24}),
    ]
    reader = CellReader(book(*ages))
    assert reader.read("place", ["19"], date="2025-12-31").value == "old"
    assert reader.read("place", ["19"], date="2026-01-01") == ("new", (), (BAND,))
    assert reader.read("place", ["17"]) == (None, (UNKNOWN,), ())


def test_an_unknown_item():
    with pytest.raises(CodebookError) as caught:
        SHIPPED.read("no_item", ["x"])
    assert caught.value.rule == "codebook.unknown_item"


ITEMS = ("state", "citizenship", "municipality", "age_at_event", "travelled_with")
PIECES = st.one_of(
    st.sampled_from(["Mor", "far", "SE", "Syrien", "0180", "180", "Stockholm", "kommun", "12", "40", "år", "taken"]),
    st.sampled_from([";", ",", "|", "/", "&", "+", " och ", " ", "\n", "-", "?", "(", ")", "\u2013", "\ufffd", ".0"]),
    st.text(max_size=3),
)


@given(st.sampled_from(ITEMS), st.lists(st.lists(PIECES, max_size=6).map("".join), max_size=3))
def test_whatever_is_written_the_value_can_be_sent_or_a_rule_says_why_not(item, cells):
    book = load_codebook("case-registry")
    found = SHIPPED.read(item, cells, date=WHEN)
    if found.value is not None:
        book.check_value(item, found.value, date=WHEN)
    anything = any(sign.isalnum() for cell in cells for sign in cell)
    assert found.value is not None or found.left_out or not anything
    assert SHIPPED.read(item, list(reversed(cells)), date=WHEN).value == found.value
