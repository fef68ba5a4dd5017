"""Maps between codebooks: what they may say, what they mean, and how each wrong one is refused."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from pseudonym.codebook import (
    Codebook,
    CodebookError,
    CodebookMap,
    chained,
    load_codebook,
    load_map,
    parse_map,
    translate,
)
from tests.paths import ROOT
from tests.unit.codebooks import book_of

OLD = book_of("1", {"kind": (False, "taken kept forced other"), "place": (False, "north south"), "why": (True, "a b")})
NEW = book_of(
    "2",
    {
        "state": (False, "taken held other"),
        "purpose": (True, "marriage upbringing"),
        "place": (False, "north south west"),
        "reason": (True, "a b c"),
    },
)
MAP: dict[str, Any] = {
    "format": "pseudonym-codebook-map/1",
    "from": {"name": "cases", "version": "1"},
    "to": {"name": "cases", "version": "2", "digest": NEW.digest},
    "items": [
        {
            "item": "kind",
            "codes": {
                "taken": {"state": ["taken"]},
                "kept": {"state": ["held"]},
                "forced": {"state": ["taken"], "purpose": ["marriage", "upbringing"]},
                "other": {},
            },
        },
        {"item": "why", "codes": {"b": {}}, "others": "reason"},
    ],
    "breaks": [{"item": "purpose", "reason": {"sv": "Delad.", "en": "Split."}}],
}


def changed(change: Callable[[dict[str, Any]], object]) -> CodebookMap:
    """Return the map with something changed in its document."""
    document = json.loads(json.dumps(MAP))
    change(document)
    return parse_map(json.dumps(document))


def rule_of(document: CodebookMap | None, old: Codebook = OLD, new: Codebook = NEW) -> tuple[str, str | None]:
    with pytest.raises(CodebookError) as caught:
        translate(document, old, new)
    return caught.value.rule, caught.value.field


def codes_of(document: dict[str, Any]) -> dict[str, Any]:
    return document["items"][0]["codes"]


@pytest.mark.parametrize(
    ("item", "codes", "read"),
    [
        ("kind", ["kept"], {"state": ("held",)}),
        ("kind", ["forced"], {"purpose": ("marriage", "upbringing"), "state": ("taken",)}),
        ("kind", ["other"], {}),
        ("place", ["south"], {"place": ("south",)}),
        ("why", ["b", "a"], {"reason": ("a",)}),
        ("why", ["b"], {}),
        ("why", [], {}),
    ],
)
def test_answers_are_read_in_the_new_codebook(item, codes, read):
    assert translate(parse_map(json.dumps(MAP)), OLD, NEW).apply(item, codes) == read


@pytest.mark.parametrize(
    ("item", "code", "rule"),
    [("state", "taken", "codebook.unknown_item"), ("kind", "held", "codebook.unknown_code")],
)
def test_only_answers_of_the_old_codebook_are_read(item, code, rule):
    with pytest.raises(CodebookError) as caught:
        translate(parse_map(json.dumps(MAP)), OLD, NEW).apply(item, [code])
    assert caught.value.rule == rule


def test_without_a_map_every_code_stays():
    kind = (False, "taken kept forced other new")
    more = book_of("1b", {"kind": kind, "place": (False, "south north"), "why": (True, "a b c")})
    translation = translate(None, OLD, more)
    assert all(found == {word} for word, found in translation.words.items())
    assert rule_of(None, more, OLD) == ("codebook_map.not_listed", "kind")


def test_codes_that_are_not_listed_go_where_others_says_or_to_nothing():
    nothing = translate(changed(lambda one: one["items"][1].update(others=None)), OLD, NEW)
    assert nothing.apply("why", ["a", "b"]) == {}
    # Without `others` the item of the same name is meant, which the new codebook does not have.
    assert rule_of(changed(lambda one: one["items"][1].pop("others"))) == ("codebook_map.not_listed", "why")
    assert rule_of(changed(lambda one: codes_of(one).pop("other"))) == ("codebook_map.not_listed", "kind")


@pytest.mark.parametrize(
    ("change", "rule", "field"),
    [
        (lambda one: one["from"].update(version="2"), "codebook_map.from", "from"),
        (lambda one: one["from"].update(digest="0" * 64), "codebook_map.from", "from"),
        (lambda one: one["to"].update(digest="0" * 64), "codebook_map.to", "to"),
        (lambda one: one["to"].update(name="other"), "codebook_map.to", "to"),
        (lambda one: one["items"][0].update(item="state"), "codebook_map.unknown_item", "items[0].item"),
        (lambda one: one["items"][1].update(others="why"), "codebook_map.unknown_item", "items[1].others"),
        (lambda one: codes_of(one).update(held={}), "codebook_map.unknown_code", "items[0].codes"),
        (lambda one: codes_of(one).update(kept={"kind": ["kept"]}), "codebook_map.unknown_item", "items[0].codes"),
        (lambda one: codes_of(one).update(kept={"state": ["kept"]}), "codebook_map.unknown_code", "items[0].codes"),
        (lambda one: codes_of(one).update(kept={"state": ["taken", "held"]}), "codebook_map.several", "items[0].codes"),
        # Records may have a code of both items, or several codes of the one that takes many.
        (lambda one: codes_of(one).update(kept={"place": ["west"]}), "codebook_map.several", "place"),
        (
            lambda one: one["items"][1].update(codes={"a": {"place": ["west"]}, "b": {"place": ["north"]}}),
            "codebook_map.several",
            "place",
        ),
        (lambda one: one["breaks"][0].update(item="nothing"), "codebook_map.unknown_item", "breaks[0].item"),
        (lambda one: one["breaks"][0].update(codes=["taken"]), "codebook_map.unknown_code", "breaks[0].codes"),
    ],
)
def test_a_map_that_does_not_fit_its_codebooks_is_refused(change, rule, field):
    assert rule_of(changed(change)) == (rule, field)


def test_several_codes_of_an_item_that_takes_one_are_refused_only_if_they_can_meet():
    many = book_of("1", {"why": (True, "a b")})
    one = book_of("2", {"why": (False, "a b")})
    assert rule_of(None, many, one) == ("codebook_map.several", "why")
    both = _map_between([{"item": "why", "codes": {"b": {"why": ["a"]}}}])
    assert translate(both, many, one).apply("why", ["a", "b"]) == {"why": ("a",)}


def _map_between(items: list[dict[str, Any]]) -> CodebookMap:
    return changed(lambda one: (one.update(items=items, breaks=[]), one["to"].pop("digest")))


def test_a_map_from_a_codebook_to_itself_is_refused():
    itself = changed(lambda one: one.update(to=dict(one["from"]), items=[], breaks=[]))
    assert rule_of(itself, OLD, OLD) == ("codebook_map.to", "to")
    assert rule_of(parse_map(json.dumps(MAP)), NEW, OLD) == ("codebook_map.from", "from")


def test_maps_are_chained():
    last = book_of("3", {"state": (False, "away"), "place": (False, "north south west"), "reason": (True, "a b c")})
    second = changed(
        lambda one: one.update(
            {"from": {"name": "cases", "version": "2"}, "to": {"name": "cases", "version": "3"}, "breaks": []},
            items=[
                {"item": "state", "codes": {"taken": {"state": ["away"]}, "held": {"state": ["away"]}, "other": {}}},
                {"item": "purpose", "codes": {}, "others": None},
            ],
        )
    )
    words = chained([translate(parse_map(json.dumps(MAP)), OLD, NEW), translate(second, NEW, last)])
    assert words["kind", "kept"] == {("state", "away")}
    assert words["kind", "forced"] == {("state", "away")}
    assert words["kind", "other"] == frozenset()
    assert words["why", "a"] == {("reason", "a")}
    assert words["place", "north"] == {("place", "north")}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[" * 100_000,
        '{"format": 1, "format": 1}',
        '{"items": [{"codes": {"a": {}, "a": {}}}]}',
        b"\xff\xfe\x00",
    ],
)
def test_text_that_is_no_json_or_repeats_a_member_is_refused(text):
    with pytest.raises(CodebookError) as caught:
        parse_map(text)
    assert (caught.value.rule, caught.value.field) == ("codebook_map.json", None)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        (lambda one: one.update(format="pseudonym-codebook-map/2"), "format"),
        (lambda one: one.pop("from"), "from"),
        (lambda one: one["to"].update(digest="0"), "to.digest"),
        (lambda one: one["from"].update(version=1), "from.version"),
        (lambda one: one.update(extra=1), None),
        (lambda one: one.update(items={}), "items"),
        (lambda one: one["items"].append(one["items"][0]), None),
        (lambda one: one["items"][0].update(item="A b"), "items[0].item"),
        (lambda one: codes_of(one).update(kept=["state"]), "items[0].codes"),
        (lambda one: codes_of(one).update(kept={"state": []}), "items[0].codes"),
        (lambda one: codes_of(one).update(kept={"state": "held"}), "items[0].codes"),
        (lambda one: codes_of(one).update(kept={"purpose": ["marriage", "marriage"]}), "items[0]"),
        (lambda one: codes_of(one).update({"19900101-1234 Åsa": {}}), "items[0].codes"),
        (lambda one: one["breaks"][0].update(codes=[]), "breaks[0].codes"),
        (lambda one: one["breaks"][0]["reason"].pop("sv"), "breaks[0].reason.sv"),
    ],
)
def test_a_document_of_another_form_is_refused_and_shows_nothing(change, field):
    with pytest.raises(CodebookError) as caught:
        changed(change)
    assert caught.value.rule == "codebook_map.form"
    assert (caught.value.field or "").startswith(field or "")
    assert "Åsa" not in f"{caught.value.field}{caught.value!r}{caught.value}"


def test_the_digest_ignores_how_the_text_is_laid_out():
    document = parse_map(json.dumps(MAP))
    again = parse_map(json.dumps(dict(reversed(MAP.items())), indent=3))
    assert document.digest == again.digest == parse_map(document.to_json()).digest
    assert changed(lambda one: one["items"][1].update(others=None)).digest != document.digest
    assert changed(lambda one: one["items"][1].pop("others")).digest != document.digest


def test_a_map_is_read_from_a_file_of_bounded_size(tmp_path):
    path = tmp_path / "map.json"
    path.write_text(json.dumps(MAP), encoding="utf-8")
    assert load_map(path) == parse_map(json.dumps(MAP))
    path.write_text(json.dumps(MAP) + " " * (1 << 22), encoding="utf-8")
    for file, rule in ((path, "json"), (tmp_path / "none.json", "unreadable"), (tmp_path, "unreadable")):
        with pytest.raises(CodebookError) as caught:
            load_map(file)
        assert caught.value.rule == f"codebook_map.{rule}"


def test_the_map_of_the_examples_leads_to_the_codebook_that_ships():
    document = load_map(ROOT / "examples" / "codebook-map-1-to-2.json")
    book = load_codebook("case-registry")
    assert document.target.names(book)
    assert [one.item for one in document.items] == ["kind_of_case", "age_at_event"]
    old = book_of("1", {one.item: (False, " ".join(one.codes)) for one in document.items})
    named = document.model_copy(update={"source": document.source.model_copy(update={"name": "cases"})})
    translation = translate(named, old, book)
    assert translation.apply("kind_of_case", ["exit_ban"]) == {"measures_present": ("exit_ban",)}
    # Single years have gone into the bands that include them.
    ages = {age: translation.apply("age_at_event", [str(age)])["age_at_event"] for age in range(18)}
    bands = {code: years for years, code in book.by_name["age_at_event"].ages}
    assert all(bands[code].include(age, age + 1) and code != "child" for age, (code,) in ages.items())
