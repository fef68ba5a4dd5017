"""Which column is which field: recognised headers, repeats, separators, and the header itself."""

from __future__ import annotations

from pathlib import Path

import pytest

from pseudonym.errors import InputError
from pseudonym.identity.reader import ALIASES, InputFile, open_input
from pseudonym.identity.reader.fields import REPEATABLE, base_of, fold_header, known_fields
from pseudonym.wire import RESERVED


@pytest.fixture
def opened(tmp_path: Path):
    """Write a file with semicolons and open it."""

    def opened(text: str, **options) -> InputFile:
        path = tmp_path / "cases.csv"
        path.write_text(text, encoding="utf-8")
        return open_input(path, **options)

    return opened


def values(file: InputFile) -> list[dict[str, object]]:
    return [dict(row.values) for row in file if not row.rejected]


def rule_of(opened, text: str, **options) -> str:
    with pytest.raises(InputError) as caught:
        opened(text, **options)
    return caught.value.rule


# Headers.


@pytest.mark.parametrize(("header", "field"), ALIASES.items())
def test_every_listed_header_is_understood(opened, header, field):
    for title in (header, header.upper(), f" {header.capitalize()} "):
        file = opened(f"record_id;{title}\n1;x y\n")
        assert file.fields == ("record_id", field)
        assert file.columns.by_alias == (field,)
        assert file.columns.headers[field] == title.strip()


def test_the_first_of_repeated_columns_may_have_a_number_too(opened):
    file = opened("record_id;number_1;number_2\n1;a1;b2\n")
    assert (file.fields, values(file)) == (
        ("record_id", "number", "number_2"),
        [{"record_id": "1", "number": ("a1", "b2")}],
    )
    both = opened("record_id;number;number_1\n1;a1;b2\n")
    assert (both.fields, both.unused_columns) == (("record_id", "number"), ("number_1",))


@pytest.mark.parametrize(
    "header", ["namn", "nummer", "id", "diarienummer", "aktnummer", "löpnummer", "datum", "kommun", "mellannamn"]
)
def test_headers_that_mean_several_things_are_not_understood(opened, header):
    file = opened(f"record_id;{header}\n1;x\n")
    assert (file.fields, file.unused_columns) == (("record_id",), (header,))


@pytest.mark.parametrize(
    ("header", "field"),
    [
        ("Pers.nr", "number"),
        ("PERS NR", "number"),
        ("Person-/samordningsnummer", None),
        ("Personnummer / Samordningsnummer", "number"),
        ("Personnummer (ÅÅÅÅMMDD-NNNN)", "number"),
        ("Personnummer (12 siffror)", "number"),
        ("Fornamn", "given_names"),
        ("FÖRNAMN(EN)", "given_names"),
        ("Given Name", "given_names"),
        ("first-name", "given_names"),
        ("Födelse-datum", "birth_date"),
        ("Date of birth:", "birth_date"),
        ("Gender", "sex"),
        ("Kon", "sex"),
        ("GivenNames", "given_names"),
        ("Förnamn (anmälare)", None),
        ("Personnummer (vårdnadshavare)", None),
        ("Förnamn mamma", None),
        ("E-namn", None),
    ],
)
def test_headers_are_understood_however_they_are_written(opened, header, field):
    file = opened(f"record_id;{header}\n1;x y\n")
    assert file.fields == (("record_id",) if field is None else ("record_id", field))
    assert file.unused_columns == ((header,) if field is None else ())


@pytest.mark.parametrize(
    ("header", "field"),
    [
        ("Personnumer", "number"),
        ("Personummer", "number"),
        ("Fornamm", "given_names"),
        ("F?rnamn", "given_names"),
        ("Efetrnamn", "family_names"),
        ("Birthdate_", None),
        ("birt date", "birth_date"),
        ("Namn", "names"),
        ("E-namn", "family_names"),
        ("Födelseort", None),
        ("Personal", None),
        ("Anteckning", None),
        ("Kommun", None),
    ],
)
def test_headers_that_are_nearly_one_are_suggested_and_not_read(opened, header, field):
    file = opened(f"record_id;{header}\n1;x\n")
    assert file.columns.suggested == ({} if field is None else {header: field})
    assert file.columns.by_alias == ()


ITEMS = {
    "municipality": ("Municipality where the person lives", "Kommun där personen bor"),
    "purpose": ("Purpose of the journey", "Resans syfte"),
    "age_at_event": ("Age at the event", "Ålder vid händelsen"),
    "age_at_first": ("Age when it began", "Ålder när det började"),
}


@pytest.mark.parametrize(
    ("header", "item"),
    [
        ("Kommun", "municipality"),
        ("KOMMUN", "municipality"),
        ("Syfte", "purpose"),
        ("Personen bor", "municipality"),
        ("Bor personen", None),
        ("Anmälningsdatum", "report_date"),
        ("Ålder", "age_at_event"),
        # Of two items, and too short.
        ("Början", None),
        ("Ålder när", "age_at_first"),
        ("där", None),
        ("Kommunen", None),
    ],
)
def test_a_part_of_one_label_is_suggested_and_not_read(tmp_path, header, item):
    (tmp_path / "x.csv").write_text(f"record_id;{header}\n1;x\n", encoding="utf-8")
    file = open_input(tmp_path / "x.csv", items=ITEMS)
    assert file.columns.suggested == ({} if item is None else {header: item})
    assert file.fields == ("record_id",)


def test_nothing_is_suggested_that_is_there(opened):
    file = opened("record_id;Förnamn;Efternamn;Fornamm;Namn;Personnumer\n1;a;b;c;d;e\n")
    assert file.columns.suggested == {"Personnumer": "number"}
    # A first line that may be a person is not shown, not even to suggest something.
    assert opened("17;Namn\n18;x\n", columns={"record_id": "17"}).columns.suggested == {}


def test_recognised_headers_are_shown_whatever_the_user_named(opened):
    text = "Löpnr;Personnummer;Förnamn;Efternamn;Födelsedatum;Kön;Ärendenummer;Anteckning\n1;;Rut;;;;;x\n"
    file = opened(text, columns={"record_id": "Löpnr"})
    assert set(file.columns.headers.values()) == set(text.split("\n")[0].split(";")) - {"Anteckning"}
    assert file.unused_columns == ("Anteckning",)


def test_one_short_header_may_be_a_name_so_the_others_are_not_shown(opened):
    file = opened("Berg;Kon;Rut\n1;k;x\n", columns={"record_id": "Berg"})
    assert (dict(file.columns.headers), file.unused_columns) == ({"sex": "Kon"}, ())


def test_two_spellings_of_one_kind_of_number_are_not_two_numbers(opened):
    assert rule_of(opened, "record_id;Personnummer;Pnr\n1;a;b\n") == "input.duplicate_column"
    assert opened("record_id;Pnr;Samordn.nr\n1;a;b\n").fields == ("record_id", "number", "number_2")


@pytest.mark.parametrize("title", ["given_names", "Given names", "GIVEN-NAMES", "given  names", "Given\u00a0names"])
def test_blanks_hyphens_and_underscores_are_one(opened, title):
    assert opened(f"Record ID;{title}\n1;x\n").fields == ("record_id", "given_names")


def test_headers_composed_and_decomposed_are_one():
    assert fold_header("Fo\u0308rnamn") == fold_header("Förnamn") == "förnamn"


def test_the_name_of_the_field_goes_before_a_swedish_header(opened):
    file = opened("record_id;personnummer;number\n1;a;b\n")
    assert values(file) == [{"record_id": "1", "number": "b"}]
    assert file.unused_columns == ("personnummer",)


def test_a_mapping_goes_before_a_swedish_header(opened):
    file = opened("record_id;tilltalsnamn\n1;Anna\n", columns={"given_names": "tilltalsnamn"})
    assert values(file) == [{"record_id": "1", "given_names": "Anna"}]


def test_two_headers_of_one_field(opened):
    assert rule_of(opened, "record_id;personnummer;personnr\n1;a;b\n") == "input.duplicate_column"


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_personnummer_and_samordningsnummer_are_two_numbers(opened, order):
    titles = [("personnummer", "samordningsnummer")[place] for place in order]
    file = opened(f"record_id;{';'.join(titles)}\n1;a;b\n2;;b\n")
    assert file.fields == ("record_id", "number", "number_2")
    assert values(file) == [{"record_id": "1", "number": ("a", "b")}, {"record_id": "2", "number": ("", "b")}]


def test_swedish_headers_with_a_number(opened):
    file = opened("record_id;efternamn;Efternamn 2;efternamn_8;efternamn_9;kön_2\n1;a;b;c;d;e\n")
    assert file.fields == ("record_id", "family_names", "family_names_2", "family_names_8")
    assert values(file)[0]["family_names"] == ("a", "b", "", "", "", "", "", "c")


# Several values.


def test_repeated_columns_become_one_field_with_several_values(opened):
    file = opened("record_id;number_3;number;family_names_2;sex\n1;c;a;;k\n2;;a;Ek;\n3;;;;\n")
    assert values(file) == [
        {"record_id": "1", "number": ("a", "", "c"), "sex": "k"},
        {"record_id": "2", "number": "a", "family_names": ("", "Ek")},
        {"record_id": "3"},
    ]


def test_types_and_levels_keep_their_place(opened):
    file = opened("record_id;number;number_2;number_type_2;number_level_2\n1;a;b;other;osäker\n")
    assert values(file)[0]["number_type"] == ("", "other")
    assert values(file)[0]["number_level"] == ("", "osäker")


def test_a_repeated_column_may_have_any_header(opened):
    file = opened("record_id;number;gammalt_nr\n1;a;b\n", columns={"number_2": "Gammalt nr"})
    assert values(file)[0]["number"] == ("a", "b")


@pytest.mark.parametrize("column", ["number_9", "sex_2", "name_of_address_2", "role_2"])
def test_columns_that_are_no_repeats(opened, column):
    assert opened(f"record_id;{column}\n1;x\n").fields == ("record_id",)
    assert rule_of(opened, "record_id;x\n1;x\n", columns={column: "x"}) == "input.column_mapping"


def test_a_separator_splits_the_fields_that_may_have_several(opened):
    text = "record_id;number;family_names;sex;case_id\n1| ;a | b||c;Berg|Ek;k|m;x|y\n"
    assert values(opened(text, separator="|")) == [
        {
            "record_id": "1|",
            "number": ("a", "b", "", "c"),
            "family_names": ("Berg", "Ek"),
            "sex": "k|m",
            "case_id": "x|y",
        }
    ]
    assert values(opened(text))[0]["family_names"] == "Berg|Ek"


def test_a_separator_of_two_signs_and_blank_ends(opened):
    assert values(opened("record_id;number\n1;a//b//\n2;//\n", separator="//")) == [
        {"record_id": "1", "number": ("a", "b")},
        {"record_id": "2"},
    ]


@pytest.mark.parametrize("separator", ["", " ", "a", "1", "-", "'", '"', ";", "\n", "å"])
def test_an_impossible_separator_is_refused(opened, separator):
    assert rule_of(opened, "record_id;number\n1;a\n", separator=separator) == "input.separator"


def test_a_bar_separates_columns_or_values(opened):
    assert values(opened("record_id|sex\n1|k\n")) == [{"record_id": "1", "sex": "k"}]
    assert rule_of(opened, "record_id|sex\n1|k\n", separator="|") == "input.separator"


def test_a_field_has_several_columns_or_a_separator(opened):
    text = "record_id;number;number_2\n1;a|b;c\n"
    assert rule_of(opened, text, separator="|") == "input.separator_and_columns"


def test_one_field_has_several_columns_and_another_a_separator(opened):
    text = "record_id;Personnummer;Samordningsnummer;Efternamn\n1;a;b;Berg|Ek\n"
    assert values(opened(text, separator="|")) == [
        {"record_id": "1", "number": ("a", "b"), "family_names": ("Berg", "Ek")}
    ]


def test_fields_and_places():
    assert [base_of(name) for name in ("number", "number_2", "number_9", "sex_2", "number_type_8")] == [
        ("number", 1),
        ("number", 2),
        ("number_9", 1),
        ("sex_2", 1),
        ("number_type", 8),
    ]
    names = known_fields(["country"])
    assert len(names) == len(set(names)) == 1 + 8 * len(REPEATABLE) + 6 + len(RESERVED) + 1
