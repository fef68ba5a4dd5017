"""Codebooks are read strictly, and codes are checked against their validity."""

import copy
import hashlib
import json

import pytest
from pydantic import ValidationError

from pseudonym.canonical import length_prefixed
from pseudonym.codebook import Codebook, CodebookError, codebook_names, load_codebook, parse_codebook
from pseudonym.identity.reader.fields import known_fields


def label(text: str = "x") -> dict[str, str]:
    return {"sv": text, "en": text}


def code(name: str, first: str | None = None, last: str | None = None) -> dict[str, object]:
    return {"code": name, "label": {"sv": f"{name} sv", "en": f"{name} en"}, "valid_from": first, "valid_to": last}


MIDDLE = "2026-03-15"
DOCUMENT = {
    "format": "pseudonym-codebook/1",
    "name": "test_book-1",
    "version": "2026.1",
    "title": label("Title"),
    "items": [
        {"name": "zeta", "label": label(), "codes": [code("a"), code("b", MIDDLE), code("c", None, MIDDLE)]},
        {"name": "alpha", "label": label(), "codes": [code("a", "2026-02-01", "2026-02-28")]},
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
    assert parse(DOCUMENT).item_names == ("alpha", "zeta")


def test_labels():
    book = parse(DOCUMENT)
    assert (book.label("zeta", "b"), book.label("zeta", "b", "en")) == ("b sv", "b en")


@pytest.mark.parametrize(
    ("item", "value", "date", "rule"),
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
def test_check(item, value, date, rule):
    book = parse(DOCUMENT)
    if rule is None:
        book.check(item, value, date=date)
        return
    with pytest.raises(CodebookError) as caught:
        book.check(item, value, date=date)
    assert (caught.value.rule, caught.value.field) == (rule, item)


def test_unknown_item():
    with pytest.raises(CodebookError) as caught:
        parse(DOCUMENT).check("beta", "a", date=None)
    assert (caught.value.rule, caught.value.field) == ("codebook.unknown_item", None)
    with pytest.raises(CodebookError, match="no such item"):
        parse(DOCUMENT).label("beta", "a")


def test_digest_is_over_the_canonical_document():
    canonical = json.dumps(DOCUMENT, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    expected = hashlib.sha256(length_prefixed("pseudonym/3/codebook", canonical)).hexdigest()
    assert parse(DOCUMENT).digest == expected
    assert parse_codebook(json.dumps(DOCUMENT, indent=7)).digest == expected
    assert parse(changed(["items", 0, "codes", 0, "label", "sv"], "y")).digest != expected
    assert parse(changed(["title", "en"], "Another")).digest != expected


def test_written_document_reads_back():
    book = parse(DOCUMENT)
    assert parse_codebook(book.to_json()) == book
    assert parse_codebook(book.to_json().encode()).digest == book.digest


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (["format"], "pseudonym-codebook/2"),
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


@pytest.mark.parametrize("member", ["format", "name", "version", "title", "items"])
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


class TestCaseRegistry:
    def test_it_ships(self):
        assert "case-registry" in codebook_names()
        assert load_codebook("case-registry").name == "case-registry"

    def test_items(self):
        items = load_codebook("case-registry").item_names
        assert items == ("age_at_event", "country", "discovered_by", "kind_of_case", "municipality", "sex_reported")

    @pytest.mark.parametrize("item", load_codebook("case-registry").item_names)
    def test_unknown_is_a_value_of_its_own(self, item):
        book = load_codebook("case-registry")
        book.check(item, "unknown", date=None)
        others = {book.label(item, code) for code in book.by_name[item].by_code if code != "unknown"}
        assert book.label(item, "unknown") not in others

    def test_all_municipalities(self):
        codes = load_codebook("case-registry").by_name["municipality"].by_code
        numbers = [code for code in codes if code.isdecimal()]
        assert len(numbers) == 290
        assert all(len(code) == 4 for code in numbers)
        assert [codes[code].label.sv for code in ("0180", "1480", "2584")] == ["Stockholm", "Göteborg", "Kiruna"]

    def test_every_year_of_childhood_and_unknown_adults_apart(self):
        codes = load_codebook("case-registry").by_name["age_at_event"].by_code
        assert {str(age) for age in range(18)} <= set(codes)
        assert {"child", "adult", "unknown"} <= set(codes)

    def test_countries(self):
        book = load_codebook("case-registry")
        countries = [code for code in book.by_name["country"].by_code if len(code) == 2]
        assert len(countries) == 244
        assert (book.label("country", "SO"), book.label("country", "DE", "en")) == ("Somalia", "Germany")

    def test_exit_ban_exists_since_its_law(self):
        book = load_codebook("case-registry")
        book.check("kind_of_case", "exit_ban", date="2020-07-01")
        with pytest.raises(CodebookError):
            book.check("kind_of_case", "exit_ban", date="2020-06-30")
