"""Codebooks side by side in a registry: received until they end, kept as sent, read in the newest."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from linkage.errors import RefusedError, SettingsError
from linkage.pipeline import Registry, desks
from linkage.statistics_unit import codebooks
from linkage.statistics_unit.new_items import short_notice
from linkage.statistics_unit.newest import newest_reports
from pseudonym.codebook import Codebook
from tests.unit.codebooks import book_of, map_of
from tests.unit.linkage.helpers import PROFILE, Rec, dump, registry_bytes, send, take_back

pytestmark = pytest.mark.whole

ONE = book_of("1", {"kind": (False, "taken kept other"), "place": (False, "north south"), "why": (True, "a b")})
TWO = book_of("2", {"state": (False, "away other"), "place": (False, "north south"), "why": (True, "b c d")})
THREE = book_of("3", {"state": (False, "gone"), "place": (False, "any"), "why": (True, "b c d"), "more": (True, "x")})
FIRST = map_of(
    ONE,
    TWO,
    [
        {"item": "kind", "codes": {"taken": {"state": ["away"]}, "kept": {"state": ["away"]}, "other": {}}},
        {"item": "why", "codes": {"a": {"why": ["d", "c"]}}},
    ],
)
SECOND = map_of(
    TWO,
    THREE,
    [
        {"item": "state", "codes": {"away": {"state": ["gone"]}, "other": {}}},
        {"item": "place", "codes": {code: {"place": ["any"]} for code in ("north", "south")}},
    ],
)
RECORDS = [
    Rec("r1", 1, payload={"kind": "taken", "place": "north", "why": "a b"}),
    Rec("r2", 2, payload={"kind": "other"}),
    Rec("r3", 3),
]


@pytest.fixture
def registry(tmp_path: Path) -> Registry:
    return Registry.create(tmp_path / "r.duckdb", profile=PROFILE, codebook=ONE)


def read(registry: Registry) -> dict[str, dict[str, str]]:
    """Return the payload of every record in the newest codebook."""
    query = "SELECT record_id, payload FROM newest_reports JOIN records USING (rid) ORDER BY record_id"
    with registry._store.session(write=False) as session, newest_reports(session):
        return {record_id: dict(payload) for record_id, payload in session.rows(query)}


def rule_of(registry: Registry, book: Codebook, **options: object) -> tuple[str, str | None]:
    before = registry_bytes(registry)
    with pytest.raises(SettingsError) as caught:
        registry.codebooks.add(book, **options)
    assert registry_bytes(registry) == before
    return caught.value.rule, caught.value.field


def test_answers_are_kept_as_sent_and_read_in_the_newest(tmp_path, registry):
    registry.receive(send(tmp_path / "1", "a", 1, RECORDS, codebook=ONE))
    assert read(registry) == {record.record_id: dict(record.payload) for record in RECORDS}
    registry.codebooks.add(TWO, codebook_map=FIRST)
    registry.receive(send(tmp_path / "2", "b", 1, [Rec("s1", 1, payload={"state": "other", "why": "b"})], codebook=TWO))
    assert read(registry) == {
        "r1": {"place": "north", "state": "away", "why": "b c d"},
        "r2": {},
        "r3": {},
        "s1": {"state": "other", "why": "b"},
    }
    registry.codebooks.add(THREE, codebook_map=SECOND)
    assert read(registry) == {
        "r1": {"place": "any", "state": "gone", "why": "b c d"},
        "r2": {},
        "r3": {},
        "s1": {"why": "b"},
    }
    sent = dump(registry, "SELECT payload FROM reports JOIN records USING (rid) WHERE record_id = 'r1'")
    assert sent == [(dict(RECORDS[0].payload),)]
    assert [(one.title, one.records, one.newest) for one in registry.codebooks.list()] == [
        ("cases 1", 3, False),
        ("cases 2", 1, False),
        ("cases 3", 0, True),
    ]


def test_a_registry_that_is_open_takes_the_new_codebook_at_once(tmp_path, registry):
    other = Registry.open(registry.path, registry_key=registry.registry_key)
    other.codebooks.add(TWO, codebook_map=FIRST)
    receipt = registry.receive(send(tmp_path / "1", "a", 1, [Rec("r1", 1, payload={"state": "away"})], codebook=TWO))
    assert (receipt.new, receipt.codebook) == (1, "cases 2")
    assert registry.status().codebook == "cases"


def test_privacy_figures_are_those_of_the_newest(tmp_path, registry):
    registry.receive(send(tmp_path / "1", "a", 1, RECORDS, codebook=ONE))
    registry.codebooks.add(TWO, codebook_map=FIRST)
    registry.receive(send(tmp_path / "2", "b", 1, [Rec("s1", 9, payload={"state": "away"})], codebook=TWO))
    registry.link()
    before = registry_bytes(registry)
    found = {one.items: one for one in registry.privacy().payload}
    assert registry_bytes(registry) == before
    assert set(found) == {"place", "state", "why", "place + state + why"}
    # Two persons are away, as sent under either codebook, and of two others nothing is known.
    assert (found["state"].unique, found["state"].guess) == (0, 0.5)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Set the day of receipt: the last entry."""
    days = ["2026-06-30"]
    monkeypatch.setattr(desks, "now", lambda: f"{days[-1]}T12:00:00+00:00")
    return days


def test_an_older_codebook_is_refused_after_its_last_day(tmp_path, registry, clock):
    registry.codebooks.add(TWO, codebook_map=FIRST, accept_old_until=date(2026, 6, 30))
    first = send(tmp_path / "1", "a", 1, RECORDS, codebook=ONE)
    assert registry.receive(first).new == 3
    clock.append("2026-07-01")
    assert registry.receive(first).outcome == "already received"
    late = send(tmp_path / "2", "a", 2, RECORDS[:1], codebook=ONE)
    for options in ({}, {"dry_run": True}):
        with pytest.raises(RefusedError) as caught:
            registry.receive(late, **options)
        assert caught.value.rule == "submission.codebook_ended"
        assert "newest codebook" in caught.value.hint
    assert registry.receive(send(tmp_path / "3", "a", 3, [Rec("r9", 9)], codebook=TWO)).new == 1
    change = registry.codebooks.end("1", date(2026, 7, 1))
    assert (change.codebook, change.accepted_until) == ("cases 1", "2026-07-01")
    assert (registry.receive(late).unchanged, registry.receive(late).outcome) == (1, "already received")


def test_a_codebook_that_the_registry_does_not_have_is_refused(tmp_path, registry):
    for book in (TWO, None):
        with pytest.raises(RefusedError) as caught:
            registry.receive(send(tmp_path / "1", "a", 1, [Rec("r1", 1)], codebook=book))
        assert caught.value.rule == "submission.codebook"


def test_a_record_is_corrected_under_the_new_codebook(tmp_path, registry):
    registry.receive(send(tmp_path / "1", "a", 1, RECORDS, codebook=ONE))
    registry.codebooks.add(TWO, codebook_map=FIRST)
    again = [Rec("r1", 1, payload={"state": "other", "place": "north"}), *RECORDS[1:2]]
    receipt = registry.receive(send(tmp_path / "2", "a", 2, again, codebook=TWO))
    assert (receipt.superseding, receipt.new) == (2, 0)
    assert read(registry)["r1"] == {"place": "north", "state": "other"}
    query = "SELECT record_id, codebook, payload FROM history ORDER BY record_id"
    assert dump(registry, query) == [("r1", 1, dict(RECORDS[0].payload)), ("r2", 1, dict(RECORDS[1].payload))]
    # What comes late under the old codebook goes to history, and says so.
    late = registry.receive(send(tmp_path / "3", "b", 5, [Rec("x", 7, payload={"state": "away"})], codebook=TWO))
    assert late.new == 1
    older = registry.receive(send(tmp_path / "4", "b", 4, [Rec("x", 7, payload={"kind": "kept"})], codebook=ONE))
    assert older.late == 1
    assert dump(registry, "SELECT codebook FROM history WHERE record_id = 'x'") == [(1,)]


def test_equal_texts_under_another_codebook_are_another_version(tmp_path):
    # The new codebook uses the old texts the other way round.
    one, two = (book_of(version, {"why": (False, "a b")}) for version in "12")
    swapped = map_of(one, two, [{"item": "why", "codes": {"a": {"why": ["b"]}, "b": {"why": ["a"]}}}])
    registry = Registry.create(tmp_path / "r.duckdb", profile=PROFILE, codebook=one)
    registry.receive(send(tmp_path / "1", "a", 1, [Rec("r1", 1, payload={"why": "a"})], codebook=one))
    registry.codebooks.add(two, codebook_map=swapped)
    assert read(registry) == {"r1": {"why": "b"}}
    receipt = registry.receive(send(tmp_path / "2", "a", 2, [Rec("r1", 1, payload={"why": "a"})], codebook=two))
    assert (receipt.superseding, receipt.unchanged) == (1, 0)
    assert read(registry) == {"r1": {"why": "a"}}
    # The same rows under the same sequence number are no file that was received before.
    with pytest.raises(RefusedError) as caught:
        registry.receive(send(tmp_path / "3", "a", 2, [Rec("r1", 1, payload={"why": "a"})], codebook=one))
    assert caught.value.rule == "submission.sequence_used"


def test_what_is_withdrawn_is_erased_whichever_codebook_it_followed(tmp_path, registry):
    registry.receive(send(tmp_path / "1", "a", 1, RECORDS, codebook=ONE))
    registry.codebooks.add(TWO, codebook_map=FIRST)
    registry.receive(send(tmp_path / "2", "a", 2, [Rec("r1", 1, payload={"state": "other"})], codebook=TWO))
    registry.receive(take_back(tmp_path / "3", "a", 3, records=["r1", "r2"]))
    assert read(registry) == {"r3": {}}
    assert dump(registry, "SELECT count(*) FROM history") == [(0,)]
    # The registry was rewritten with its codebooks.
    assert [one.title for one in registry.codebooks.list()] == ["cases 1", "cases 2"]
    assert registry.codebooks.breaks(item="state")


def test_a_registry_without_a_codebook_gets_one(tmp_path, clock):
    registry = Registry.create(tmp_path / "r.duckdb", profile=PROFILE)
    registry.receive(send(tmp_path / "1", "a", 1, [Rec("r1", 1)]))
    assert rule_of(registry, ONE, codebook_map=FIRST) == ("codebook_map.from", "from")
    change = registry.codebooks.add(ONE)
    assert (change.previous, change.series, change.new_items) == ("no codebook", {"new": 7}, ("kind", "place", "why"))
    registry.receive(send(tmp_path / "2", "a", 2, [Rec("r2", 2)]))
    registry.receive(send(tmp_path / "3", "a", 3, [Rec("r3", 3, payload={"place": "north"})], codebook=ONE))
    assert read(registry) == {"r1": {}, "r2": {}, "r3": {"place": "north"}}
    assert registry.codebooks.breaks() == ()
    registry.codebooks.end("none", date(2026, 6, 29))
    with pytest.raises(RefusedError) as caught:
        registry.receive(send(tmp_path / "4", "a", 4, [Rec("r4", 4)]))
    assert caught.value.rule == "submission.codebook_ended"
    registry.codebooks.add(TWO, codebook_map=FIRST)
    assert read(registry)["r3"] == {"place": "north"}
    assert len(registry.codebooks.breaks()) == len(TWO.item_names) * 2 + 1 + 1


def test_what_cannot_be_added(registry):
    assert rule_of(registry, ONE) == ("registry.codebook_known", None)
    assert rule_of(registry, book_of("1", {"kind": (False, "x")})) == ("registry.codebook_version", None)
    assert rule_of(registry, TWO) == ("codebook_map.not_listed", "kind")
    assert rule_of(registry, THREE, codebook_map=SECOND) == ("codebook_map.from", "from")
    registry.codebooks.add(TWO, codebook_map=FIRST)
    # Back to a codebook that the registry has: maps never make a circle.
    assert rule_of(registry, ONE, codebook_map=map_of(TWO, ONE, [])) == ("registry.codebook_known", None)


def test_a_dry_run_changes_nothing(registry):
    before = registry_bytes(registry)
    change = registry.codebooks.add(TWO, codebook_map=FIRST, dry_run=True)
    assert change.dry_run
    assert change.series == {"continues": 3, "ended": 1, "merged": 1, "new": 1, "split": 2}
    assert registry_bytes(registry) == before


def test_what_cannot_end(registry):
    registry.codebooks.add(TWO, codebook_map=FIRST)
    day = date(2027, 1, 1)
    for name, rule in (("2", "newest"), ("3", "unknown"), (ONE.digest[:7], "unknown"), ("none", "unknown")):
        with pytest.raises(SettingsError) as caught:
            registry.codebooks.end(name, day)
        assert caught.value.rule == f"registry.codebook_{rule}"
    assert registry.codebooks.end(ONE.digest[:8], day).codebook == "cases 1"


def test_older_codebooks_end_together_unless_one_ends_earlier(registry):
    registry.codebooks.add(TWO, codebook_map=FIRST, accept_old_until=date(2030, 1, 1))
    registry.codebooks.add(THREE, codebook_map=SECOND, accept_old_until=date(2031, 1, 1))
    assert [one.accepted_until for one in registry.codebooks.list()] == ["2030-01-01", "2031-01-01", None]
    assert [one.map_digest for one in registry.codebooks.list()] == [None, FIRST.digest, SECOND.digest]


def test_breaks_of_one_item(registry):
    registry.codebooks.add(TWO, codebook_map=FIRST)
    found = [(one.item, one.code, one.kind) for one in registry.codebooks.breaks(item="kind")]
    assert found == [("state", "away", "merged"), ("kind", "other", "ended")]
    assert json.loads(json.dumps([one.to_dict() for one in registry.codebooks.breaks()]))[0]["item"] == "state"
    with pytest.raises(SettingsError) as caught:
        registry.codebooks.breaks(item="nothing")
    assert caught.value.rule == "registry.codebook_item"


@pytest.mark.parametrize(
    ("last_day", "short"),
    [
        (None, False),
        (date(2028, 5, 28), True),
        (date(2028, 5, 29), False),
        (date(2028, 4, 30), True),
        (date(2028, 5, 31), False),
        (date(2020, 1, 1), True),
    ],
)
def test_eighteen_months_of_notice(last_day, short):
    assert short_notice(last_day, today=date(2026, 11, 30)) is short


def test_new_items_need_notice(registry, monkeypatch):
    monkeypatch.setattr(codebooks, "_today", lambda: date(2026, 11, 29))
    change = registry.codebooks.add(TWO, codebook_map=FIRST, accept_old_until=date(2027, 11, 29))
    assert change.new_items == ("state",)
    assert len(change.warnings) == 1
    assert "18 months" in change.warnings[0]
    assert registry.codebooks.end("1", date(2028, 5, 28)).warnings == ()
    assert registry.codebooks.end("1", date(2028, 5, 27)).warnings == change.warnings


def test_the_status_shows_the_codebooks(tmp_path, registry):
    registry.receive(send(tmp_path / "1", "a", 1, RECORDS, codebook=ONE))
    registry.codebooks.add(TWO, codebook_map=FIRST)
    shown = registry.status().to_dict()["codebooks"]
    assert [(one["version"], one["records"], one["newest"]) for one in shown] == [("1", 3, False), ("2", 0, True)]


def test_a_text_means_what_it_does_in_its_own_codebook(tmp_path):
    one, two, three = (
        book_of(version, {"why": (True, codes)}) for version, codes in zip("123", ("a b", "a b", "c d"), strict=True)
    )
    swapped = map_of(one, two, [{"item": "why", "codes": {"a": {"why": ["b"]}, "b": {"why": ["a"]}}}])
    renamed = map_of(two, three, [{"item": "why", "codes": {"a": {"why": ["c"]}, "b": {"why": ["d"]}}}])
    registry = Registry.create(tmp_path / "r.duckdb", profile=PROFILE, codebook=one)
    registry.receive(send(tmp_path / "1", "a", 1, [Rec("r1", 1, payload={"why": "a"})], codebook=one))
    registry.codebooks.add(two, codebook_map=swapped)
    registry.receive(send(tmp_path / "2", "a", 2, [Rec("r2", 2, payload={"why": "a"})], codebook=two))
    registry.codebooks.add(three, codebook_map=renamed)
    assert read(registry) == {"r1": {"why": "d"}, "r2": {"why": "c"}}


def test_codes_that_became_one_are_counted_once(tmp_path):
    one, two = book_of("1", {"why": (True, "a b")}), book_of("2", {"why": (True, "c d")})
    merged = map_of(one, two, [{"item": "why", "codes": {code: {"why": ["c"]} for code in "ab"}}])
    registry = Registry.create(tmp_path / "r.duckdb", profile=PROFILE, codebook=one)
    registry.receive(send(tmp_path / "1", "a", 1, [Rec("r1", 1, payload={"why": "a b"})], codebook=one))
    registry.codebooks.add(two, codebook_map=merged)
    assert read(registry) == {"r1": {"why": "c"}}
