"""Tables of a registry: what is read from it, what stands beside the figures, and what is refused."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from linkage.counting import FACT_COLUMNS
from linkage.errors import NotLinkedError, SettingsError, UnitError
from linkage.pipeline import Registry, desks
from tests.registries import CopyOf
from tests.unit.codebooks import book_of, map_of
from tests.unit.linkage.helpers import PROFILE, Rec, crowd, registry_bytes, send, take_back

pytestmark = pytest.mark.whole

ONE = book_of("1", {"state": (False, "taken kept unknown"), "why": (True, "a b unknown")})
TWO = book_of("2", {"state": (False, "away unknown"), "why": (True, "a b unknown")})
MAP = map_of(ONE, TWO, [{"item": "state", "codes": {code: {"state": ["away"]} for code in ("taken", "kept")}}])

POLICE = [
    Rec("p1", 1, {"role": "victim", "event_date": "2024-03", "case_id": "c1"}, {"state": "taken", "why": "a b"}),
    Rec("p2", 2, {"role": "accompanying_adult", "event_date": "2024-03", "case_id": "c1"}, {"state": "kept"}),
    Rec("p3", 3, {"role": "victim", "event_date": "2025-01", "case_id": "c2"}, {"state": "unknown"}),
]
SCHOOL = [
    Rec("s1", 1, {"role": "victim", "event_date": "2024-06"}, {"state": "kept"}),
    Rec("s4", 4, {"event_date": "2025-06"}, {"why": "unknown"}),
]


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Set the day of receipt: the last entry."""
    days = ["2026-01-10"]
    monkeypatch.setattr(desks, "now", lambda: f"{days[-1]}T12:00:00+00:00")
    monkeypatch.setattr("linkage.pipeline.receiving.now", lambda: f"{days[-1]}T12:00:00+00:00", raising=False)
    return days


def linked(folder: Path) -> Registry:
    made = Registry.create(folder / "r", profile=PROFILE, codebook=ONE)
    made.receive(send(folder / "police", "police", 1, POLICE, codebook=ONE, period="2025"))
    made.receive(send(folder / "school", "school", 1, SCHOOL, codebook=ONE, period="2025"))
    made.link()
    return made


@pytest.fixture
def registry(copy_of: CopyOf) -> Registry:
    return copy_of(linked)


def counts(registry: Registry, *by: str, **options) -> dict[str, int]:
    table = registry.table(*by, **options)
    return dict(zip(table[by[0]].to_pylist(), table["count"].to_pylist(), strict=True))


def refusal(registry: Registry, *by: str, **options) -> str:
    with pytest.raises(SettingsError) as caught:
        registry.table(*by, **options)
    return caught.value.rule


def test_a_table_says_what_its_figures_are_and_changes_nothing(registry):
    before = registry_bytes(registry)
    table = registry.table("state", period="2024..2025", where=["status="])
    assert registry_bytes(registry) == before
    assert table.column_names == [*FACT_COLUMNS, "state", "count", "low", "high"]
    first = table.to_pylist()[0]
    assert (first["counted"], first["of_role"], first["in_period"]) == ("person", "victim; status=", "2024..2025")
    assert (first["codebook"], first["figures"]) == ("cases 1", "preliminary")
    assert first["use"].startswith("internal: not for release")
    # By the rules that ship, the state is the latest that is known.
    assert counts(registry, "state") == {"kept": 1, "unknown": 1, "(not given)": 1}


def test_it_agrees_with_the_summary(registry):
    summary = registry.summary()
    assert registry.counted(role="all").counts.total == summary.persons == 4
    assert counts(registry, "reporter", role="all") == {one.reporter: one.persons for one in summary.reporters}
    by_number = {str(n): persons for n, persons in summary.persons_by_reporters}
    assert counts(registry, "n_reporters", role="all") == by_number


def test_overlaps_agree_with_the_summary(registry):
    summary = registry.summary()
    found = registry.overlap(role="all")
    pairs = {(row["reporter_a"], row["reporter_b"]): row["count"] for row in found.shared.pairs.to_pylist()}
    assert (
        pairs == {(one.reporter_a, one.reporter_b): one.persons for one in summary.overlap} == {("police", "school"): 1}
    )
    assert found.total == sum(found.shared.exact["count"].to_pylist()) == summary.persons
    assert registry.overlap().total == registry.counted().counts.total
    assert found.table("returns").to_pylist()[0]["closed"] == 0
    assert found.table().column_names[: len(FACT_COLUMNS)] == list(FACT_COLUMNS)


def test_items_may_have_the_names_of_other_columns(tmp_path):
    names = ("count", "use", "unit", "value", "low", "place", "item", "codebook", "year")
    book = book_of("1", {name: (False, f"{name}_1 x") for name in names})
    registry = Registry.create(tmp_path / "r", profile=PROFILE, codebook=book)
    sent = [Rec("p1", 1, {"event_date": "2024"}, {name: f"{name}_1" for name in names})]
    registry.receive(send(tmp_path / "f", "police", 1, sent, codebook=book))
    registry.link()
    for name in names[:-1]:
        (row,) = registry.table(name, "year").to_pylist()
        column = f"by_{name}" if name in {"count", "use", "low", "codebook"} else name
        assert (row[column], row["year"], row["count"]) == (f"{name}_1", "2024", 1)
    (row,) = registry.table(*names).to_pylist()
    assert (row["by_count"], row["unit"], row["count"]) == ("count_1", "unit_1", 1)


def test_a_year_may_be_a_number_and_facts_are_never_blank(registry):
    assert registry.table(period=2024) == registry.table(period="2024")
    (row,) = registry.table().to_pylist()
    assert (row["in_period"], row["definition"]) == ("all", "none")
    assert [name for name, value in row.items() if value is None] == ["as_of"]


def test_conflicts_are_those_of_the_persons_counted(registry):
    found = {one.item: one for one in registry.counted("state").counts.conflicts}
    assert (found["state"].repeated, found["state"].differing, found["state"].decided["latest"]) == (1, 1, 1)


def test_what_is_not_linked_yet_is_counted_apart(tmp_path, registry):
    registry.receive(send(tmp_path / "ud", "ud", 1, crowd("ud", [8, 9]), codebook=ONE))
    found = registry.counted()
    assert (found.counts.total, found.beside.unlinked) == (3, 2)
    assert "records came or went since the last run of link" in found.beside.preliminary
    assert registry.counted(unit="report").beside.unlinked == 0


def test_before_the_first_run_there_are_cases_and_reports_but_no_persons(tmp_path):
    registry = Registry.create(tmp_path / "r", profile=PROFILE, codebook=ONE)
    assert registry.counted("state", unit="case").counts.total == 0
    registry.receive(send(tmp_path / "police", "police", 1, POLICE, codebook=ONE))
    with pytest.raises(NotLinkedError):
        registry.table("state")
    assert registry.counted(unit="case").counts.total == 2
    assert counts(registry, "state", unit="case") == {"taken": 1, "unknown": 1}


def test_a_registry_without_records_or_without_a_codebook(tmp_path):
    empty = Registry.create(tmp_path / "e", profile=PROFILE, codebook=ONE)
    empty.link()
    assert empty.table("state", "year").num_rows == 0
    plain = Registry.create(tmp_path / "p", profile=PROFILE)
    plain.receive(send(tmp_path / "f", "police", 1, crowd("police", [1, 2])))
    plain.link()
    assert counts(plain, "reporter") == {"police": 2}
    assert plain.counted("status").beside.codebook == "no codebook"
    assert refusal(plain, "state") == "table.item"


@pytest.mark.parametrize(
    ("by", "options", "rule"),
    [
        (("municipality",), {}, "table.item"),
        (("state", "state"), {}, "table.repeated"),
        ((), {"where": ["state=gone"]}, "table.code"),
        ((), {"where": ["reporter=ud"]}, "table.code"),
        ((), {"where": ["n_reporters=two"]}, "table.code"),
        ((), {"where": ["reporter="]}, "table.code"),
        ((), {"where": ["state"]}, "table.where"),
        ((), {"where": ["year=2024"]}, "table.where"),
        ((), {"where": ["nothing=1"]}, "table.item"),
        ((), {"period": "2026..2024"}, "table.period"),
        ((), {"unit": "household"}, "table.unit"),
        ((), {"role": "suspect"}, "table.role"),
        ((), {"language": "no"}, "table.language"),
        ((), {"as_of": date(2999, 1, 1)}, "table.as_of"),
    ],
)
def test_what_cannot_be_counted_is_refused(registry, by, options, rule):
    assert refusal(registry, *by, **options) == rule


def test_filters_are_a_list(registry):
    with pytest.raises(TypeError):
        registry.table(where="state=taken")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"filter": ["state=taken"]}, "'filter'"),
        ({"as_of": "2026-01-01"}, "as_of takes"),
        ({"today": 2026}, "today takes"),
    ],
)
def test_nothing_that_is_asked_for_is_ignored(registry, options, message):
    for call in (registry.table, registry.counted, registry.overlap):
        with pytest.raises(TypeError, match=message):
            call(**options)


def test_a_time_is_taken_for_its_day(registry):
    moment = datetime(2020, 1, 1, 12, tzinfo=UTC)
    assert registry.counted(as_of=moment, today=moment).beside.as_of == "2020-01-01"


def test_answers_are_read_in_the_newest_codebook(tmp_path, registry):
    registry.codebooks.add(TWO, codebook_map=MAP)
    registry.receive(send(tmp_path / "2", "ud", 1, [Rec("u5", 5, {}, {"state": "away"})], codebook=TWO))
    registry.link()
    found = registry.counted("state")
    assert counts(registry, "state") == {"away": 2, "unknown": 1, "(not given)": 1}
    assert (found.beside.codebook, found.beside.codebooks) == ("cases 2", (("cases 1", 5),))
    # The map has made one code of two, so reports that disagreed no longer do.
    assert found.counts.conflicts[0].differing == 0


def test_as_of_a_day_the_versions_of_that_day_count(tmp_path, clock):
    registry = Registry.create(tmp_path / "r", profile=PROFILE, codebook=ONE)
    registry.receive(send(tmp_path / "1", "police", 1, POLICE, codebook=ONE))
    clock.append("2026-02-20")
    changed = Rec("p1", 1, dict(POLICE[0].values), {"state": "kept"})
    registry.receive(send(tmp_path / "2", "police", 2, [changed], codebook=ONE))
    registry.receive(send(tmp_path / "3", "school", 1, SCHOOL, codebook=ONE))
    registry.link()
    days = {day: counts(registry, "state", as_of=date(2026, *day)) for day in ((1, 9), (1, 10), (2, 19), (2, 20))}
    assert days[1, 9] == {}
    assert days[1, 10] == days[2, 19] == {"taken": 1, "unknown": 1}
    assert days[2, 20] == counts(registry, "state") == {"kept": 1, "unknown": 1, "(not given)": 1}
    assert registry.counted(as_of=date(2026, 1, 10)).beside.coverage[0].reporters == {"reported": ("police",)}


def test_what_is_erased_is_in_no_table_of_any_day(tmp_path, clock):
    registry = Registry.create(tmp_path / "r", profile=PROFILE, codebook=ONE)
    registry.receive(send(tmp_path / "1", "police", 1, POLICE, codebook=ONE))
    clock.append("2026-02-20")
    registry.receive(take_back(tmp_path / "2", "police", 2, records=["p1"]))
    registry.link()
    found = registry.counted("state", as_of=date(2026, 1, 10))
    assert (found.counts.total, found.beside.erased) == (1, 1)


def test_figures_are_final_once_all_that_the_roster_expects_has_come(tmp_path, registry):
    for reporter in ("police", "school"):
        registry.roster.set(reporter, kind="other", from_period="2025", every="year")
    found = registry.counted("year", period="2025", today=date(2026, 3, 1)).beside
    assert (found.state, found.preliminary) == ("final", ())
    assert [(one.period, one.complete) for one in found.coverage] == [("2025", True)]
    registry.roster.set("ud", kind="foreign_affairs", from_period="2025", every="year")
    found = registry.counted(period="2025", today=date(2026, 3, 1)).beside
    assert found.preliminary == ("2025: never: ud",)
    found = registry.counted(period="2025", today=date(2026, 1, 10)).beside
    assert found.preliminary == ("2025: due: ud",)
    found = registry.counted(period="2025..2026", today=date(2026, 3, 1)).beside
    assert found.preliminary[0] == "the period is not over"
    assert registry.counted(period="2024", today=date(2026, 3, 1)).beside.preliminary == (
        "2024: the roster expects nobody",
    )


def test_a_series_says_where_it_breaks(tmp_path, registry):
    registry.codebooks.add(TWO, codebook_map=MAP)
    for reporter, begins in (("police", "2024"), ("school", "2025"), ("ud", "2024")):
        registry.roster.set(reporter, kind="other", from_period=begins, every="year")
    registry.roster.end("ud", "2024")
    year = str(date.today().year)
    found = registry.counted("year", "state", period=f"2024..{year}").beside.breaks
    assert [(one.year, one.kind, one.what.split(" (")[0]) for one in found] == [
        ("2025", "roster", "school is expected from 2025 on"),
        ("2025", "roster", "ud is expected no longer from 2025 on"),
        (year, "codebook", "state: away: merged"),
    ]
    assert registry.counted("year", "why", period="2024").beside.breaks == ()
    assert registry.counted("state", period=f"2024..{year}").beside.breaks == ()


def test_the_linkage_unit_alone_counts_nothing(tmp_path):
    unit = Registry.create(tmp_path / "l", profile=PROFILE, unit="linkage")
    with pytest.raises(UnitError):
        unit.table()


def test_absurd_periods_and_dates_are_counted_where_they_are(tmp_path, registry):
    for number, (period, day) in enumerate((("0000", "9999-12"), ("9999", "0001"), ("9999-12", None)), start=1):
        values = {} if day is None else {"event_date": day}
        sent = [Rec(f"u{number}", 20 + number, values)]
        registry.receive(send(tmp_path / f"u{number}", "ud", number, sent, codebook=ONE, period=period))
    registry.link()
    assert counts(registry, "year") == {"0001": 1, "2024": 1, "2025": 2, "9999": 2}
    assert registry.counted("year", period="2024..2025").counts.total == 3
    assert registry.overlap().total == 6
