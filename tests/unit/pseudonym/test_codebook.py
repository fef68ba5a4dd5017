"""Codebooks are read strictly, and codes are checked against their validity."""

import copy
import hashlib
import json

import pytest
from pydantic import ValidationError

from pseudonym.canonical import length_prefixed
from pseudonym.codebook import (
    Codebook,
    CodebookError,
    join_codes,
    load_codebook,
    parse_codebook,
    select_items,
    split_codes,
)
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
        assert book.read_value(name, reversed(value.split(" ")), date=date) == (value, [])
        return
    with pytest.raises(CodebookError) as caught:
        book.check_value(name, value, date=date)
    assert (caught.value.rule, caught.value.field) == (rule, name)


def test_sixteen_codes_at_most():
    document = changed(["items", 2, "codes"], [code(f"c{n:02}") for n in range(17)])
    codes = [f"c{n:02}" for n in range(17)]
    book = parse(document)
    book.check_value("mu", " ".join(codes[:16]))
    assert book.read_value("mu", codes[:16])[0] == " ".join(codes[:16])
    value, errors = book.read_value("mu", codes)
    assert (value, [error.rule for error in errors]) == (None, ["codebook.too_many"])


def test_only_the_codes_that_are_wrong_are_left_out():
    value, errors = parse(DOCUMENT).read_value("mu", [SECOND, "nonsense", FIRST, "last", SECOND], date="2027")
    assert value == f"{FIRST} {SECOND}"
    assert [error.rule for error in errors] == ["codebook.unknown_code", "codebook.expired_code"]
    value, errors = parse(DOCUMENT).read_value("zeta", ["a", "b"])
    assert (value, [error.rule for error in errors]) == (None, ["codebook.several"])
    assert parse(DOCUMENT).read_value("mu", []) == (None, [])


@pytest.mark.parametrize("text", ["a;b", "a, b", "a|b", " a \t b ", "a\n;,b;", "a;b;a"])
def test_codes_may_be_separated_as_people_do(text):
    assert join_codes(split_codes(text)) == "a b"


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
    assert caught.value.field == "items.0.codes.0.valid_to"


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
    for path in (["Anna Svensson"], ["items", 0, "Anna Svensson"]):
        with pytest.raises(CodebookError) as caught:
            parse(changed(path, 1))
        assert caught.value.field == (".".join(str(step) for step in path[:-1]) or None)


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
