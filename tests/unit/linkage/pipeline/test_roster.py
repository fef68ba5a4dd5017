"""The roster of a registry: how entries change, what is held back, and what coverage then says."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from linkage.errors import HeldBackError, RefusedError, RosterError
from linkage.intake.roster import changes
from linkage.pipeline import Registry
from tests.unit.linkage.helpers import PROFILE, Rec, crowd, dump, send, take_back

Clock = Callable[[str], None]


# Each test writes a registry.
pytestmark = pytest.mark.whole


@pytest.fixture
def registry(tmp_path: Path) -> Registry:
    return Registry.create(tmp_path / "r.duckdb", profile=PROFILE)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    def turn(day: str) -> None:
        for module in ("pipeline.desks", "statistics_unit.roster"):
            monkeypatch.setattr(f"linkage.{module}.now", lambda: f"{day}T12:00:00+00:00")

    turn("2026-01-01")
    return turn


def rule_of(call: Callable[[], object]) -> str:
    with pytest.raises(RosterError) as caught:
        call()
    return caught.value.rule


def states(registry: Registry, today: str, **options: str) -> list[tuple[str, str | None, str]]:
    rows = registry.coverage(today=date.fromisoformat(today), **options).to_pylist()
    return [(row["reporter"], row["period"], row["state"]) for row in rows]


def stored(registry: Registry) -> list[object]:
    tables = ("submissions", "records", "codes", "quarantine", "history", "receipts", "erasures")
    return [row for table in tables for row in dump(registry, f"SELECT * FROM {table} ORDER BY ALL")]


class TestEntries:
    def test_an_entry_is_added_corrected_and_left_alone(self, registry: Registry) -> None:
        roster = registry.roster
        assert roster.entries() == []
        added = roster.set("police", kind="police", from_period="2026-01", due_days="14")
        assert (added.added, added.changed, added.unchanged) == ((("police", "2026-01"),), (), ())
        changed = roster.set("police", name="Polisen", county="01")
        assert (changed.added, changed.changed) == ((), (("police", "2026-01"),))
        assert roster.set("police", name="Polisen").unchanged == (("police", "2026-01"),)
        (entry,) = roster.entries()
        assert (entry.name, entry.county, entry.due_days, entry.kind) == ("Polisen", "01", 14, "police")
        assert roster.set("police", county="").changed
        assert roster.entries()[0].county is None
        assert len(dump(registry, "SELECT * FROM roster")) == 3

    def test_what_is_expected_changes_from_a_period_on(self, registry: Registry) -> None:
        roster = registry.roster
        roster.set("police", kind="police", from_period="2026-01", name="Polisen")
        assert rule_of(lambda: roster.set("police", every="year")) == "roster.from_missing"
        assert rule_of(lambda: roster.set("police", due_days="5")) == "roster.from_missing"
        assert rule_of(lambda: roster.set("police", reports="totals")) == "roster.from_missing"
        roster.set("police", reports="records", due_days="30")
        assert roster.set("police", every="year", from_period="2027").added == (("police", "2027"),)
        assert [(entry.every, entry.from_period, entry.name) for entry in roster.entries()] == [
            ("month", "2026-01", "Polisen"),
            ("year", "2027", "Polisen"),
        ]
        assert states(registry, "2029-01-15")[-3:] == [
            ("police", "2026-12", "never"),
            ("police", "2027", "never"),
            ("police", "2028", "due"),
        ]

    def test_an_entry_that_begins_with_the_same_month_is_replaced(self, registry: Registry) -> None:
        roster = registry.roster
        roster.set("police", kind="police", from_period="2026")
        assert roster.set("police", every="year", from_period="2026").changed == (("police", "2026"),)
        assert [entry.from_period for entry in roster.entries()] == ["2026"]

    def test_an_entry_ends_and_begins_again(self, registry: Registry) -> None:
        roster = registry.roster
        roster.set("police", kind="police", from_period="2026-01")
        assert roster.end("police", "2026-02").changed == (("police", "2026-01"),)
        assert rule_of(lambda: roster.end("police", "2025-12")) == "roster.until"
        assert rule_of(lambda: roster.end("police", "")) == "roster.until"
        assert rule_of(lambda: roster.end("school", "2026-02")) == "roster.unknown"
        roster.set("police", from_period="2026-05")
        assert [entry.until_period for entry in roster.entries()] == ["2026-02", None]
        assert [period for _, period, _ in states(registry, "2026-07-01")] == [
            "2026-01",
            "2026-02",
            "2026-05",
            "2026-06",
        ]

    def test_a_new_reporter_needs_kind_and_first_period(self, registry: Registry) -> None:
        roster = registry.roster
        assert rule_of(lambda: roster.set("police", kind="police")) == "roster.from"
        assert rule_of(lambda: roster.set("police", from_period="2026")) == "roster.kind"
        assert rule_of(lambda: roster.set("po lice", kind="police", from_period="2026")) == "roster.reporter"
        assert (
            rule_of(lambda: roster.set("a", kind="police", from_period="2026", cases_from="b")) == "roster.cases_from"
        )
        assert roster.entries() == []

    def test_a_mistake_is_removed_and_a_reporter_that_has_sent_something_is_not(
        self, registry: Registry, tmp_path: Path
    ) -> None:
        roster = registry.roster
        roster.set("police", kind="police", from_period="2026-01")
        roster.set("polcie", kind="police", from_period="2026-01")
        roster.set("polcie", from_period="2026-02")
        roster.set("school", kind="school", from_period="2026-01", cases_from="polcie")
        assert rule_of(lambda: roster.remove("polcie")) == "roster.referred"
        roster.set("school", cases_from="police")
        assert roster.remove("polcie") == (("polcie", "2026-01"), ("polcie", "2026-02"))
        assert [entry.reporter for entry in roster.entries()] == ["police", "school"]
        table = roster.table()
        assert table.to_pylist() == [entry.to_dict() for entry in roster.entries()]
        registry.receive(send(tmp_path / "a", "police", 1, crowd("a", [1])))
        assert rule_of(lambda: roster.remove("police")) == "roster.has_sent"
        assert rule_of(lambda: roster.remove("nobody")) == "roster.unknown"
        # Added again, it is there again.
        roster.set("polcie", kind="other", from_period="2026-02")
        assert [(entry.reporter, entry.from_period) for entry in roster.entries()][:1] == [("polcie", "2026-02")]

    def test_a_file_adds_and_changes_and_says_so(self, registry: Registry, tmp_path: Path) -> None:
        path = tmp_path / "roster.csv"
        head = "reporter,kind,from,name\n"
        path.write_text(head + "police,police,2026,\nschool,school,2026,\nud,foreign_affairs,2026,\n")
        tried = registry.roster.import_file(path, dry_run=True)
        assert (len(tried.added), tried.dry_run, registry.roster.entries()) == (3, True, [])
        assert registry.roster.import_file(path).added == tried.added
        path.write_text(head + "police,police,2026,\nschool,school,2026,Skolan\nshelter,shelter,2026-02,\n")
        change = registry.roster.import_file(path)
        assert change.to_dict() == {
            "added": [{"reporter": "shelter", "from": "2026-02"}],
            "changed": [{"reporter": "school", "from": "2026-01"}],
            "unchanged": [{"reporter": "police", "from": "2026-01"}],
            "not_named": ["ud"],
            "dry_run": False,
        }
        before = registry.roster.entries()
        path.write_text(head + "new,police,2026,\npolice,robbers,2026,\n")
        assert rule_of(lambda: registry.roster.import_file(path)) == "roster.rows"
        assert registry.roster.entries() == before

    def test_an_import_that_is_interrupted_leaves_nothing(
        self, registry: Registry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        path = tmp_path / "roster.csv"
        path.write_text("reporter,kind,from\n" + "".join(f"r{n},police,2026\n" for n in range(5)))
        append = changes._append

        def failing(*arguments: object, **options: object) -> None:
            append(*arguments, **options)
            raise KeyboardInterrupt

        monkeypatch.setattr(changes, "_append", failing)
        with pytest.raises(KeyboardInterrupt):
            registry.roster.import_file(path)
        assert dump(registry, "SELECT * FROM roster") == []
        assert registry.roster.entries() == []


class TestHoldingBack:
    def test_without_a_roster_everybody_is_accepted(self, registry: Registry, tmp_path: Path) -> None:
        assert registry.receive(send(tmp_path / "a", "anybody", 1, crowd("a", [1]))).new == 1
        assert registry.coverage().column_names == ["reporter", "period", "state", "submissions", "records"]

    def test_nothing_of_a_stranger_is_stored(self, registry: Registry, tmp_path: Path, clock: Clock) -> None:
        registry.roster.set("police", kind="police", from_period="2026-01")
        before = stored(registry)
        path = send(tmp_path / "s", "stranger", 7, crowd("s", [1, 2]))
        clock("2026-04-02")
        with pytest.raises(HeldBackError) as caught:
            registry.receive(path, dry_run=True)
        assert dump(registry, "SELECT * FROM held_back") == []
        error = caught.value
        assert (error.rule, error.exit_status, error.reporter, error.period, error.sequence) == (
            "submission.reporter",
            4,
            "stranger",
            "2026-03",
            7,
        )
        for day in ("2026-04-02", "2026-04-09"):
            clock(day)
            with pytest.raises(HeldBackError, match="held back"):
                registry.receive(path)
        assert stored(registry) == before
        held = dump(registry, "SELECT reporter, period, sequence, held_at FROM held_back")
        assert held == [("stranger", "2026-03", 7, "2026-04-02T12:00:00+00:00")]
        assert ("stranger", "2026-03", "held back") in states(registry, "2026-04-10")
        row = registry.coverage(today=date(2026, 4, 10)).to_pylist()[-1]
        assert (row["kind"], row["submissions"], row["records"], row["received_at"][:10]) == (None, 1, 0, "2026-04-02")

    def test_other_files_of_the_same_call_are_received(self, registry: Registry, tmp_path: Path) -> None:
        registry.roster.set("police", kind="police", from_period="2026-01")
        files = [send(tmp_path / name, name, 1, crowd(name, [1])) for name in ("zebra", "police", "ant")]
        results = registry.receive_all(files)
        assert [isinstance(result, HeldBackError) for result in results] == [True, False, True]

    def test_what_was_held_back_is_received_once_its_reporter_is_on_the_roster(
        self, registry: Registry, tmp_path: Path
    ) -> None:
        registry.roster.set("police", kind="police", from_period="2026-01")
        path = send(tmp_path / "s", "school", 1, crowd("s", [1]))
        registry.receive_all([path])
        registry.roster.set("school", kind="school", from_period="2026-01")
        assert registry.receive(path).new == 1
        assert dump(registry, "SELECT * FROM held_back") == []

    def test_a_withdrawal_of_a_stranger_erases_nothing(self, registry: Registry, tmp_path: Path) -> None:
        registry.receive(send(tmp_path / "s", "school", 1, crowd("s", [1])))
        registry.roster.set("police", kind="police", from_period="2026-01")
        with pytest.raises(HeldBackError):
            registry.receive(take_back(tmp_path / "w", "school", 2, records=["s-1"]))
        assert len(dump(registry, "SELECT * FROM records")) == 1

    def test_after_its_end_a_reporter_is_held_back_and_may_still_withdraw(
        self, registry: Registry, tmp_path: Path, clock: Clock
    ) -> None:
        registry.roster.set("police", kind="police", from_period="2026-01")
        sent = send(tmp_path / "1", "police", 1, crowd("a", [1]), period="2026-01")
        registry.receive(sent)
        registry.roster.end("police", "2026-02")
        assert registry.receive(send(tmp_path / "2", "police", 2, crowd("a", [2]), period="2026-02")).new == 1
        assert registry.receive(send(tmp_path / "3", "police", 3, crowd("a", [3]), period="2026")).new == 1
        with pytest.raises(HeldBackError, match="left the roster"):
            registry.receive(send(tmp_path / "4", "police", 4, crowd("a", [4]), period="2026-03"))
        clock("2026-03-01")
        with pytest.raises(HeldBackError, match="left the roster"):
            registry.receive(send(tmp_path / "5", "police", 5, crowd("a", [5]), period=None))
        assert registry.receive(sent).outcome == "already received"
        assert registry.receive(take_back(tmp_path / "6", "police", 6, records=["a-1"])).withdrawn == 1

    def test_a_file_for_another_registry_is_refused_as_that(self, registry: Registry, tmp_path: Path) -> None:
        registry.roster.set("police", kind="police", from_period="2026-01")
        registry.receive(send(tmp_path / "p", "police", 1, crowd("a", [1])))
        with pytest.raises(RefusedError) as caught:
            registry.receive(send(tmp_path / "s", "stranger", 1, crowd("s", [1]), epoch=2))
        assert caught.value.rule == "submission.epoch"
        assert dump(registry, "SELECT * FROM held_back") == []


class TestCoverage:
    def test_reported_zero_late_silent_never_due_and_held_back(
        self, registry: Registry, tmp_path: Path, clock: Clock
    ) -> None:
        roster = registry.roster
        for code, kind in (
            ("police", "police"),
            ("school", "school"),
            ("shelter", "shelter"),
            ("ud", "foreign_affairs"),
        ):
            roster.set(code, kind=kind, from_period="2026-01", due_days=10)
        roster.set("iom", kind="other", from_period="2025", every="year", due_days="10")

        def receive(day: str, code: str, sequence: int, period: str, n: int) -> None:
            clock(day)
            path = tmp_path / f"{code}-{sequence}"
            registry.receive_all([send(path, code, sequence, crowd(code, range(n)), period=period)])

        receive("2026-02-10", "police", 1, "2026-01", 2)
        receive("2026-02-11", "school", 1, "2026-01", 3)
        receive("2026-02-12", "shelter", 1, "2026-01", 0)
        receive("2026-03-05", "police", 2, "2026-02", 0)
        receive("2026-03-06", "police", 3, "2026-02", 4)
        receive("2026-03-06", "school", 2, "2026-02", 0)
        receive("2026-03-07", "nobody", 1, "2026-02", 1)
        assert states(registry, "2026-03-10") == [
            ("iom", "2025", "never"),
            ("nobody", "2026-02", "held back"),
            ("police", "2026-01", "reported"),
            ("police", "2026-02", "reported"),
            ("school", "2026-01", "late"),
            ("school", "2026-02", "zero"),
            ("shelter", "2026-01", "late"),
            ("shelter", "2026-02", "due"),
            ("ud", "2026-01", "never"),
            ("ud", "2026-02", "due"),
        ]
        assert ("shelter", "2026-02", "silent") in states(registry, "2026-03-11")
        assert ("police", "2026-03", "due") in states(registry, "2026-03-10", through="2026-03")
        rows = {(row["reporter"], row["period"]): row for row in registry.coverage(today=date(2026, 3, 10)).to_pylist()}
        assert rows["police", "2026-02"] == {
            "reporter": "police",
            "kind": "police",
            "county": None,
            "period": "2026-02",
            "state": "reported",
            "due": "2026-03-10",
            "received_at": "2026-03-05T12:00:00+00:00",
            "submissions": 2,
            "records": 4,
        }

    def test_past_periods_are_judged_by_the_values_of_their_time(
        self, registry: Registry, tmp_path: Path, clock: Clock
    ) -> None:
        registry.roster.set("police", kind="police", from_period="2026-01", due_days="30")
        clock("2026-02-20")
        registry.receive(send(tmp_path / "1", "police", 1, crowd("a", [1]), period="2026-01"))
        clock("2026-03-20")
        registry.receive(send(tmp_path / "2", "police", 2, crowd("a", [1]), period="2026-02"))
        registry.roster.set("police", from_period="2026-02", due_days="10")
        assert [state for _, _, state in states(registry, "2026-03-21")] == ["reported", "late"]

    def test_a_year_answers_for_its_months(self, registry: Registry, tmp_path: Path, clock: Clock) -> None:
        registry.roster.set("police", kind="police", from_period="2025-11")
        clock("2026-01-10")
        registry.receive(send(tmp_path / "1", "police", 1, crowd("a", [1]), period="2025"))
        rows = registry.coverage(today=date(2026, 1, 10)).to_pylist()
        assert [(row["period"], row["state"], row["records"]) for row in rows] == [
            ("2025", "reported", 1),
            ("2025-11", "late", 0),
            ("2025-12", "reported", 0),
        ]

    def test_twelve_months_answer_for_their_year(self, registry: Registry, tmp_path: Path, clock: Clock) -> None:
        registry.roster.set("police", kind="police", from_period="2025", every="year")
        clock("2025-12-28")
        files = [
            send(tmp_path / str(month), "police", month, crowd("a", [month]), period=f"2025-{month:02d}")
            for month in range(1, 13)
        ]
        registry.receive_all(files[1:])
        assert states(registry, "2026-01-10")[0] == ("police", "2025", "due")
        # Numbers below those that it holds are those of a file that arrived late.
        registry.receive(files[0])
        rows = registry.coverage(today=date(2026, 1, 10)).to_pylist()
        assert (rows[0]["state"], rows[0]["submissions"], rows[0]["received_at"][:10]) == ("reported", 0, "2025-12-28")

    def test_what_came_before_the_roster_or_unasked_is_shown(self, registry: Registry, tmp_path: Path) -> None:
        registry.receive(send(tmp_path / "1", "old", 1, crowd("a", [1])))
        registry.receive(send(tmp_path / "2", "police", 1, [Rec("p", 1)], period=None))
        registry.roster.set("police", kind="police", from_period="2030-01", county="12")
        rows = registry.coverage(today=date(2026, 6, 1)).to_pylist()
        assert [(row["reporter"], row["kind"], row["county"], row["state"], row["due"]) for row in rows] == [
            ("old", None, None, "reported", None),
            ("police", "police", "12", "reported", None),
        ]

    def test_withdrawals_answer_for_nothing(self, registry: Registry, tmp_path: Path) -> None:
        registry.roster.set("police", kind="police", from_period="2026-01", until_period="2026-01")
        registry.receive(take_back(tmp_path / "w", "police", 1, period="2026-01"))
        assert states(registry, "2026-06-01") == [("police", "2026-01", "never")]
