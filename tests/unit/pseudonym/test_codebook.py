"""Codebooks are read strictly, and codes are checked against their validity."""

import copy
import hashlib
import json

import pytest
from pydantic import ValidationError

from pseudonym.canonical import length_prefixed
from pseudonym.codebook import Codebook, CodebookError, load_codebook, parse_codebook, select_items
from pseudonym.identity.reader.fields import known_fields


def label(text: str = "x") -> dict[str, str]:
    return {"sv": text, "en": text}


def code(name: str, first: str | None = None, last: str | None = None) -> dict[str, object]:
    texts = {"label": {"sv": f"{name} sv", "en": f"{name} en"}, "definition": None}
    return {"code": name, **texts, "valid_from": first, "valid_to": last}


def item(name: str, *codes: dict[str, object], many: bool = False) -> dict[str, object]:
    texts = {member: label() for member in ("label", "definition", "purpose", "basis")}
    return {"name": name, **texts, "many": many, "codes": list(codes)}


MIDDLE = "2026-03-15"
DOCUMENT = {
    "format": "pseudonym-codebook/2",
    "name": "test_book-1",
    "version": "2026.1",
    "title": label("Title"),
    "items": [
        item("zeta", code("a"), code("b", MIDDLE), code("c", None, MIDDLE)),
        item("alpha", code("a", "2026-02-01", "2026-02-28")),
        item("mu", code("last", None, MIDDLE), *(code(f"code-{n:02}-{'x' * 10}") for n in range(20)), many=True),
    ],
    "groupings": [
        {
            "name": "half",
            "item": "zeta",
            "label": label(),
            "groups": [
                {"group": "first", "label": label(), "codes": ["a"]},
                {"group": "none", "label": label(), "codes": []},
            ],
        },
    ],
}


def parse(document: object) -> Codebook:
    return parse_codebook(json.dumps(document))


def rule_of(document: object) -> str:
    with pytest.raises(CodebookError) as caught:
        parse(document)
    return caught.value.rule


def changed(path: list[str | int], value: object) -> dict[str, object]:
    """Return the document with one member set."""
    document = copy.deepcopy(DOCUMENT)
    place = document
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    return document


def test_items_are_in_byte_order():
    assert parse(DOCUMENT).item_names == ("alpha", "mu", "zeta")


def test_labels():
    book = parse(DOCUMENT)
    assert (book.label("zeta", "b"), book.label("zeta", "b", "en")) == ("b sv", "b en")


@pytest.mark.parametrize(
    ("name", "value", "date", "rule"),
    [
        ("zeta", "a", None, None),
        ("zeta", "a", "1900-01-01", None),
        ("zeta", "b", "2026-03-15", None),
        ("zeta", "b", "2026-03-14", "codebook.expired_code"),
        ("zeta", "b", "2026-03", None),
        ("zeta", "b", "2026-02", "codebook.expired_code"),
        ("zeta", "b", "2026", None),
        ("zeta", "b", "2025", "codebook.expired_code"),
        ("zeta", "b", None, None),
        ("zeta", "c", "2026-03-15", None),
        ("zeta", "c", "2026-03-16", "codebook.expired_code"),
        ("zeta", "c", "2026-03", None),
        ("zeta", "c", "2026-04", "codebook.expired_code"),
        ("zeta", "c", "2027", "codebook.expired_code"),
        ("zeta", "A", None, "codebook.unknown_code"),
        ("zeta", "", None, "codebook.unknown_code"),
        ("alpha", "b", None, "codebook.unknown_code"),
    ],
)
def test_check(name, value, date, rule):
    book = parse(DOCUMENT)
    if rule is None:
        book.check(name, value, date=date)
        return
    with pytest.raises(CodebookError) as caught:
        book.check(name, value, date=date)
    assert (caught.value.rule, caught.value.field) == (rule, name)


def test_unknown_item():
    with pytest.raises(CodebookError) as caught:
        parse(DOCUMENT).check("beta", "a", date=None)
    assert (caught.value.rule, caught.value.field) == ("codebook.unknown_item", None)
    with pytest.raises(CodebookError, match="no such item"):
        parse(DOCUMENT).label("beta", "a")


FIRST, SECOND = "code-00-xxxxxxxxxx", "code-01-xxxxxxxxxx"
ALL = [f"code-{n:02}-{'x' * 10}" for n in range(20)]


@pytest.mark.parametrize(
    ("name", "value", "date", "rule"),
    [
        ("zeta", "a", None, None),
        ("zeta", "a b", None, "codebook.several"),
        ("mu", FIRST, None, None),
        ("mu", f"{FIRST} {SECOND}", None, None),
        ("mu", f"{SECOND} {FIRST}", None, "codebook.order"),
        ("mu", f"{FIRST} {FIRST}", None, "codebook.order"),
        ("mu", f"{FIRST}  {SECOND}", None, "codebook.unknown_code"),
        ("mu", f" {FIRST}", None, "codebook.unknown_code"),
        ("mu", f"{FIRST};{SECOND}", None, "codebook.unknown_code"),
        ("mu", f"{FIRST} last", "2026-03-15", None),
        ("mu", f"{FIRST} last", "2026-03-16", "codebook.expired_code"),
        ("mu", " ".join(ALL[:13]), None, None),
        ("mu", " ".join(ALL[:14]), None, "codebook.too_many"),
    ],
)
def test_several_codes_as_they_are_sent(name, value, date, rule):
    book = parse(DOCUMENT)
    if rule is None:
        book.check_value(name, value, date=date)
        return
    with pytest.raises(CodebookError) as caught:
        book.check_value(name, value, date=date)
    assert (caught.value.rule, caught.value.field) == (rule, name)


def test_sixteen_codes_at_most():
    document = changed(["items", 2, "codes"], [code(f"c{n:02}") for n in range(17)])
    codes = [f"c{n:02}" for n in range(17)]
    book = parse(document)
    book.check_value("mu", " ".join(codes[:16]))
    with pytest.raises(CodebookError) as caught:
        book.check_value("mu", " ".join(codes))
    assert caught.value.rule == "codebook.too_many"


def test_a_smaller_codebook():
    book = parse(DOCUMENT)
    small = select_items(book, ["zeta"], name="small", version="2", title=label("Small"))
    assert (small.name, small.version, small.title.en, small.item_names) == ("small", "2", "Small", ("zeta",))
    assert small.by_name["zeta"] == book.by_name["zeta"]
    assert small.groupings == book.groupings
    assert select_items(book, ["mu"], name="small", version="2").groupings == ()
    for items, name, rule in [
        (["beta"], "x", "codebook.items"),
        ([], "x", "codebook.items"),
        (["mu"], "X", "codebook.form"),
    ]:
        with pytest.raises(CodebookError) as caught:
            select_items(book, items, name=name, version="2")
        assert caught.value.rule == rule


def test_groups_of_codes():
    grouping = parse(DOCUMENT).groupings[0]
    assert grouping.group_of == {"a": "first"}


def test_the_form_of_an_earlier_version_is_called_one():
    with pytest.raises(CodebookError) as caught:
        parse(changed(["format"], "pseudonym-codebook/1"))
    assert caught.value.rule == "codebook.format"
    assert "'many' to every item" in caught.value.hint


def test_digest_is_over_the_canonical_document():
    members = {name: value for name, value in DOCUMENT.items() if name != "groupings"}
    canonical = json.dumps(members, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    expected = hashlib.sha256(length_prefixed("pseudonym/3/codebook", canonical)).hexdigest()
    assert parse(DOCUMENT).digest == expected
    assert parse_codebook(json.dumps(DOCUMENT, indent=7)).digest == expected
    assert parse(changed(["items", 0, "codes", 0, "label", "sv"], "y")).digest != expected
    assert parse(changed(["title", "en"], "Another")).digest != expected
    assert parse(changed(["items", 0, "basis", "en"], "Another")).digest != expected
    assert parse(changed(["groupings"], [])).digest == expected


def test_written_document_reads_back():
    book = parse(DOCUMENT)
    assert parse_codebook(book.to_json()) == book
    assert parse_codebook(book.to_json().encode()).digest == book.digest


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (["format"], "pseudonym-codebook/3"),
        (["groupings"], None),
        (["groupings", 0, "item"], "beta"),
        (["groupings", 0, "name"], "Half"),
        (["groupings", 0, "groups"], []),
        (["groupings", 0, "groups", 0, "codes"], ["z"]),
        (["groupings", 0, "groups", 1, "codes"], ["a"]),
        (["groupings", 0, "groups", 1, "group"], "first"),
        (["groupings"], DOCUMENT["groupings"] * 2),
        (["items", 0, "many"], "yes"),
        (["items", 0, "definition"], None),
        (["items", 0, "purpose", "sv"], ""),
        (["items", 0, "basis", "sv"], "x" * 1001),
        (["items", 0, "codes", 1, "definition"], "text"),
        (["name"], "Upper"),
        (["name"], "x" * 33),
        (["name"], "a\n"),
        (["version"], 1),
        (["version"], ""),
        (["title"], "text"),
        (["title"], {"sv": "x"}),
        (["title", "fi"], "x"),
        (["note"], "free text"),
        (["items"], {}),
        (["items", 0, "name"], "alpha"),
        (["items", 0, "name"], "with-hyphen"),
        (["items", 0, "codes"], []),
        (["items", 0, "codes", 1, "code"], "a"),
        (["items", 0, "codes", 1, "code"], "with space"),
        (["items", 0, "codes", 1, "code"], "å"),
        (["items", 0, "codes", 1, "code"], ""),
        (["items", 0, "codes", 1, "label", "sv"], ""),
        (["items", 0, "codes", 1, "label", "sv"], "\ud800"),
        (["items", 0, "codes", 1, "valid_from"], "2026-02-30"),
        (["items", 0, "codes", 1, "valid_from"], "2026-02"),
        (["items", 0, "codes", 1, "valid_from"], "20260201"),
        (["items", 0, "codes", 1, "valid_to"], "2026-03-14"),
        *[(["items", 0, "name"], name) for name in (*known_fields(()), "number_1")],
    ],
)
def test_faulty_member(path, value):
    assert parse(DOCUMENT) is not None
    assert rule_of(changed(path, value)) == "codebook.form"


@pytest.mark.parametrize("member", ["format", "name", "version", "title", "items", "groupings"])
def test_missing_member(member):
    document = {name: value for name, value in DOCUMENT.items() if name != member}
    assert rule_of(document) == "codebook.form"


def test_missing_validity_is_not_null():
    document = copy.deepcopy(DOCUMENT)
    del document["items"][0]["codes"][0]["valid_to"]
    with pytest.raises(CodebookError) as caught:
        parse(document)
    assert caught.value.field == "items[0].codes[0].valid_to"


@pytest.mark.parametrize(
    "text", ["", "{", "[1,", b"\xff\xfe\x00", '{"name": "a", "name": "b"}', "[" * 100_000, '{"a": {"b": 1, "b": 1}}']
)
def test_no_json(text):
    with pytest.raises(CodebookError) as caught:
        parse_codebook(text)
    assert caught.value.rule == "codebook.json"


@pytest.mark.parametrize("text", ["[]", "null", "1", '{"Anna Svensson": "200901282392"}', '"Anna"'])
def test_other_json_shows_nothing_of_itself(text):
    with pytest.raises(CodebookError) as caught:
        parse_codebook(text)
    assert caught.value.rule == "codebook.form"
    assert "Anna" not in f"{caught.value} {caught.value!r} {caught.value.field} {caught.value.args}"


def test_name_of_an_unknown_member_is_not_shown():
    for path, field in ((["Anna Svensson"], None), (["items", 0, "Anna Svensson"], "items[0]")):
        with pytest.raises(CodebookError) as caught:
            parse(changed(path, 1))
        assert caught.value.field == field
        assert "Anna" not in caught.value.allowed
        assert caught.value.allowed.startswith("no members but ")


@pytest.mark.parametrize(
    ("path", "value", "field", "allowed"),
    [
        (["format"], "x", "format", '"pseudonym-codebook/2"'),
        (["version"], "", "version", "1 to 32 of the characters A-Z, a-z, 0-9, point, _ and hyphen"),
        (
            ["items", 0, "codes", 1, "valid_to"],
            "2026",
            "items[0].codes[1].valid_to",
            "a date of the form YYYY-MM-DD or null",
        ),
        (["items", 0, "many"], 1, "items[0].many", "true or false"),
        (["items", 0, "codes"], [], "items[0].codes", "a list of 1 or more members"),
        (["items", 0, "label", "sv"], "", "items[0].label.sv", "text of 1 to 200 characters"),
        (["items", 0, "name"], "sex", "items[0].name", "no name of a column that has a fixed meaning"),
        (["groupings", 0, "item"], "none", "groupings[0].item", "the name of an item of this codebook"),
    ],
)
def test_an_error_says_which_member_is_wrong_and_what_is_allowed(path, value, field, allowed):
    with pytest.raises(CodebookError) as caught:
        parse(changed(path, value))
    assert caught.value.field == field
    assert caught.value.allowed.startswith(allowed)


def test_codebook_is_frozen():
    book = parse(DOCUMENT)
    with pytest.raises(ValidationError):
        book.name = "other"


def test_unknown_name_or_file(tmp_path):
    for name in ("no-such-book", tmp_path / "none.json", tmp_path, "a\0b"):
        with pytest.raises(CodebookError) as caught:
            load_codebook(name)
        assert caught.value.rule == "codebook.unknown"


def test_codebook_from_a_file(tmp_path):
    path = tmp_path / "book.json"
    path.write_text(json.dumps(DOCUMENT), encoding="utf-8")
    assert load_codebook(path) == parse(DOCUMENT)
    assert load_codebook(str(path)) == parse(DOCUMENT)


AGES = item(
    "age",
    code("0-1") | {"years": {"first": 0, "last": 1}},
    code("child") | {"years": {"first": 0, "last": 17}},
    code("18-") | {"years": {"first": 18, "last": None}},
)
SYNONYMS = [{"items": ["zeta"], "codes": {"a": ["A-word"]}, "endings": [" land"]}]


def test_members_that_may_be_left_out_are_written_only_where_they_apply():
    book = parse(changed(["items", 0], AGES | {"derive": "age_at_event"}) | {"groupings": [], "synonyms": []})
    assert [(years.first, years.last, code) for years, code in book.by_name["age"].ages] == [
        (0, 1, "0-1"),
        (0, 17, "child"),
        (18, None, "18-"),
    ]
    members = json.loads(book.to_json())
    assert members["items"][0]["derive"] == "age_at_event"
    assert members["items"][0]["codes"][1]["years"] == {"first": 0, "last": 17}
    assert "synonyms" not in members
    assert not {"derive"} & set(members["items"][1])
    assert not {"years"} & set(members["items"][1]["codes"][0])
    assert parse(members) == book


def test_synonyms_do_not_enter_the_digest_but_ages_do():
    assert parse(changed(["synonyms"], SYNONYMS)).digest == parse(DOCUMENT).digest
    years = {"years": {"first": 1, "last": 2}}
    assert parse(changed(["items", 0, "codes", 0], code("a") | years)).digest != parse(DOCUMENT).digest


def test_a_smaller_codebook_keeps_its_synonyms():
    book = parse(changed(["synonyms"], [{**SYNONYMS[0], "items": ["zeta", "alpha"]}]))
    small = select_items(book, ["zeta"], name="small", version="2")
    assert [one.items for one in small.synonyms] == [("zeta",)]
    assert select_items(book, ["mu"], name="small", version="2").synonyms == ()


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (["items", 0, "codes", 0, "years"], None),
        (["items", 0, "codes", 0, "years"], {"first": 1}),
        (["items", 0, "codes", 0, "years"], {"first": 2, "last": 1}),
        (["items", 0, "codes", 0, "years"], {"first": -1, "last": 1}),
        (["items", 0, "codes", 0, "years"], {"first": 1.0, "last": 1}),
        (["items", 0, "codes", 1, "years"], {"first": 0, "last": 1}),
        (["items", 0, "codes", 2, "years"], {"first": 17, "last": 18}),
        (["items", 0, "derive"], None),
        (["items", 0, "derive"], "age"),
        (["items", 0, "derive"], "sex"),
        (["items", 0, "many"], True),
        (["items", 1, "derive"], "age_at_event"),
        (["synonyms"], None),
        (["synonyms"], [SYNONYMS[0] | {"items": []}]),
        (["synonyms"], [SYNONYMS[0] | {"items": ["beta"]}]),
        (["synonyms"], [SYNONYMS[0] | {"codes": {"z": ["x"]}}]),
        (["synonyms"], [SYNONYMS[0] | {"codes": {"a": "x"}}]),
        (["synonyms"], [SYNONYMS[0] | {"endings": [""]}]),
    ],
)
def test_faulty_ages_derived_items_and_synonyms(path, value):
    document = changed(["items"], [AGES | {"derive": "age_at_event"}, item("zeta", code("a"))])
    document |= {"groupings": [], "synonyms": SYNONYMS}
    assert parse(document) is not None
    place = document = copy.deepcopy(document)
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    assert rule_of(document) == "codebook.form"


@pytest.mark.parametrize(
    ("path", "value", "field", "allowed"),
    [
        (["items", 0, "codes", 0, "years"], None, "items[0].codes[0].years", "leave the member out"),
        (["items", 0, "codes", 0, "years", "last"], -1, "items[0].codes[0].years.last", "integer"),
        (["items", 0, "codes", 1, "years", "last"], 20, "items[0].codes", "nothing in common"),
        (["items", 0, "derive"], "sex", "items[0].derive", "woman and man"),
        (["synonyms", 0, "items"], ["beta"], "synonyms[0].items", "items of this codebook"),
        (["synonyms", 0, "codes"], {"z": ["x"]}, "synonyms[0].codes", "each of its items"),
    ],
)
def test_errors_about_ages_derived_items_and_synonyms_say_what_is_allowed(path, value, field, allowed):
    document = changed(["items"], [AGES | {"derive": "age_at_event"}, item("zeta", code("a"))])
    place = document = copy.deepcopy(document | {"groupings": [], "synonyms": SYNONYMS})
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    with pytest.raises(CodebookError) as caught:
        parse(document)
    assert (caught.value.field, allowed in caught.value.allowed) == (field, True)


def reason(name: str) -> dict[str, object]:
    return {"name": name, "reason": label("because")}


SINGLE = item("age", code("0") | {"years": {"first": 0, "last": 0}}, code("1-") | {"years": {"first": 1, "last": None}})
FINER = DOCUMENT | {"items": [*DOCUMENT["items"], SINGLE], "finer": [reason("report_date"), reason("age")]}


def test_a_reason_lets_days_and_single_years_be_sent():
    book = parse(FINER)
    assert (book.days, book.by_name["age"].single_years) == ({"report_date"}, (0,))
    assert [(one.name, one.reason.en) for one in book.finer] == [("report_date", "because"), ("age", "because")]
    assert json.loads(book.to_json())["finer"] == FINER["finer"]
    assert (parse(DOCUMENT).days, "finer" in json.loads(parse(DOCUMENT).to_json())) == (frozenset(), False)


def test_reasons_enter_the_digest():
    digests = {
        parse(DOCUMENT | members).digest
        for members in (
            {},
            {"finer": [reason("event_date")]},
            {"finer": [reason("report_date")]},
            {"finer": [reason("event_date") | {"reason": label("other")}]},
        )
    }
    assert len(digests) == 4


def test_a_smaller_codebook_keeps_the_reasons_that_it_needs():
    small = select_items(parse(FINER), ["zeta"], name="small", version="2")
    assert [one.name for one in small.finer] == ["report_date"]
    ages = select_items(parse(FINER | {"finer": [reason("age")]}), ["age"], name="small", version="2")
    assert [one.name for one in ages.finer] == ["age"]
    assert select_items(parse(FINER | {"finer": [reason("age")]}), ["mu"], name="small", version="2").finer == ()


@pytest.mark.parametrize(
    ("finer", "field", "allowed"),
    [
        ([], "finer", "1 or more members"),
        (None, "finer", "1 or more members"),
        ([reason("age"), reason("age")], "finer[1].name", "no other member of finer"),
        ([reason("age"), reason("zeta")], "finer[1].name", "single year of age"),
        ([reason("age"), reason("gone")], "finer[1].name", "event_date, report_date, discovered_on, outcome_date"),
        ([reason("age"), reason("status")], "finer[1].name", "event_date, report_date"),
        ([reason("age"), reason("birth_date")], "finer[1].name", "event_date, report_date"),
        ([{"name": "age"}], "finer[0].reason", "required"),
        ([reason("age") | {"reason": {"sv": "x"}}], "finer[0].reason.en", "required"),
        ([reason("age") | {"reason": label("")}], "finer[0].reason.sv", "text of 1 to 1000 characters"),
        ([reason("age") | {"until": "2027"}], "finer[0]", "no members but name, reason"),
        ([reason("report_date")], "items[3].codes[0].years", "unless finer gives a reason for the item age"),
    ],
)
def test_faulty_reasons(finer, field, allowed):
    with pytest.raises(CodebookError) as caught:
        parse(FINER | {"finer": finer})
    assert (caught.value.rule, caught.value.field) == ("codebook.form", field)
    assert allowed in caught.value.allowed


def test_single_years_without_any_reason_are_refused():
    document = {name: value for name, value in FINER.items() if name != "finer"}
    with pytest.raises(CodebookError) as caught:
        parse(document)
    assert caught.value.field == "items[3].codes[0].years"
    assert caught.value.allowed == "two years of age or more, unless finer gives a reason for the item age"
