"""Series over versions of a codebook: every kind of break, over one change and over several."""

from __future__ import annotations

from typing import Any

from linkage.answers import Change, Series, series_of
from pseudonym.codebook import Codebook, translate
from tests.unit.codebooks import book_of, map_of

ONE = book_of(
    "1",
    {
        "state": (False, "taken kept risk gone"),
        "why": (True, "honour family"),
        "place": (False, "north south"),
    },
)
TWO = book_of(
    "2",
    {
        "state": (False, "away risk"),
        "why": (True, "marriage upbringing family"),
        "place": (False, "north south west"),
    },
)
THREE = book_of(
    "3", {"situation": (False, "away risk"), "why": (True, "marriage upbringing family"), "place": (False, "any")}
)
FIRST: list[dict[str, Any]] = [
    {"item": "state", "codes": {"taken": {"state": ["away"]}, "kept": {"state": ["away"]}, "gone": {}}},
    {"item": "why", "codes": {"honour": {"why": ["marriage", "upbringing"]}}},
]
SECOND: list[dict[str, Any]] = [
    {"item": "state", "codes": {}, "others": "situation"},
    {"item": "place", "codes": {code: {"place": ["any"]} for code in ("north", "south", "west")}},
]
REASON = {"sv": "Ny definition.", "en": "New definition."}


def change(old: Codebook, new: Codebook, items: list[dict[str, Any]], since: str, *breaks: dict[str, Any]) -> Change:
    return Change(translation=translate(map_of(old, new, items, list(breaks)), old, new), since=since, until=None)


def kinds(found: list[Series]) -> list[tuple[str, str, str, str | None]]:
    return [(one.item, one.code, one.kind, one.since) for one in found]


def test_without_a_change_there_is_nothing_to_compare():
    assert series_of([]) == []


def test_one_change():
    found = series_of([change(ONE, TWO, FIRST, "2026-05-01")])
    assert kinds(found) == [
        ("state", "away", "merged", "2026-05-01"),
        ("state", "risk", "continues", None),
        ("why", "marriage", "split", "2026-05-01"),
        ("why", "upbringing", "split", "2026-05-01"),
        ("why", "family", "continues", None),
        ("place", "north", "continues", None),
        ("place", "south", "continues", None),
        ("place", "west", "new", "2026-05-01"),
        ("state", "gone", "ended", "2026-05-01"),
    ]
    assert found[0].before == ("state/taken", "state/kept")
    assert (found[0].old, found[0].new) == ("cases 1", "cases 2")
    assert found[-2].before == ()


def test_each_break_is_dated_by_the_change_that_made_it():
    found = series_of([change(ONE, TWO, FIRST, "2026-05-01"), change(TWO, THREE, SECOND, "2028-01-01")])
    assert kinds(found) == [
        # Renamed by the second change, merged by the first.
        ("situation", "away", "merged", "2026-05-01"),
        ("situation", "risk", "continues", None),
        ("why", "marriage", "split", "2026-05-01"),
        ("why", "upbringing", "split", "2026-05-01"),
        ("why", "family", "continues", None),
        # Three codes became one, of which one was new: two breaks.
        ("place", "any", "merged", "2028-01-01"),
        ("place", "any", "merged", "2026-05-01"),
        ("state", "gone", "ended", "2026-05-01"),
    ]
    risk = found[1]
    assert (risk.before, risk.old, risk.new) == (("state/risk",), "cases 1", "cases 3")


def test_a_series_that_is_new_has_no_older_breaks():
    nothing = [{"item": "why", "codes": {}, "others": None}]
    two = book_of("2", {"place": (False, "north")})
    three = book_of("3", {"place": (False, "north"), "why": (True, "other")})
    one = book_of("1", {"place": (False, "north"), "why": (True, "honour")})
    found = series_of([change(one, two, nothing, "2026-05-01"), change(two, three, [], "2028-01-01")])
    assert kinds(found) == [
        ("place", "north", "continues", None),
        ("why", "other", "new", "2028-01-01"),
        ("why", "honour", "ended", "2026-05-01"),
    ]


def test_codes_that_are_both_merged_and_split():
    one, two = book_of("1", {"why": (True, "a b")}), book_of("2", {"why": (True, "c d")})
    codes = {"a": {"why": ["c", "d"]}, "b": {"why": ["c"]}}
    found = series_of([change(one, two, [{"item": "why", "codes": codes}], "2026-05-01")])
    assert kinds(found) == [("why", "c", "regrouped", "2026-05-01"), ("why", "d", "split", "2026-05-01")]


def test_a_reason_makes_a_break_of_what_would_continue():
    stated = {"item": "place", "codes": ["north"], "reason": REASON}
    found = series_of([change(ONE, TWO, FIRST, "2026-05-01", stated), change(TWO, THREE, SECOND, "2028-01-01")])
    (changed,) = [one for one in found if one.reason is not None]
    assert (changed.item, changed.code, changed.since) == ("place", "any", "2026-05-01")
    one_change = series_of([change(ONE, TWO, FIRST, "2026-05-01", stated)])
    assert [(one.code, one.kind, one.reason) for one in one_change if one.item == "place"] == [
        ("north", "changed", REASON),
        ("south", "continues", None),
        ("west", "new", None),
    ]


def test_reasons_of_a_whole_item_and_of_what_ended():
    stated = {"item": "state", "reason": REASON}
    found = series_of([change(ONE, TWO, FIRST, "2026-05-01", stated)])
    with_reason = [(one.code, one.kind) for one in found if one.reason == REASON]
    assert with_reason == [("away", "merged"), ("risk", "changed"), ("gone", "ended")]
