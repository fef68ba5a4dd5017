"""Cells and totals: who is counted, that cells add up, and what a filter and a definition leave."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linkage.counting import (
    ROLES,
    Condition,
    Definition,
    Dimension,
    Request,
    count,
    default_rules,
    find_dimension,
    parse_period,
)
from linkage.errors import SettingsError
from pseudonym.codebook import Years
from tests.unit.codebooks import book_of
from tests.unit.linkage.counting.worlds import records_of

SEX, KIND = "woman man unknown", (True, "taken kept unknown")
BOOK = book_of("1", {"gender": (False, SEX), "kind": KIND})
TITLE = {"sv": "Text", "en": "Text"}


def asked(*by: str, **options: Any) -> Request:
    period = options.pop("period", None)
    where = tuple(
        (find_dimension(name, BOOK), frozenset(codes.split())) for name, codes in options.pop("where", {}).items()
    )
    return Request(
        unit=options.pop("unit", "person"),
        role=options.pop("role", "victim"),
        period=None if period is None else parse_period(period),
        by=tuple(find_dimension(name, BOOK) for name in by),
        where=where,
        rules=options.pop("rules", default_rules()),
        items=BOOK.by_name,
        **options,
    )


def cells(rows, *by: str, **options: Any) -> dict[Any, int]:
    found = count(records_of(rows, gender=SEX, kind=KIND), asked(*by, **options))
    columns = [found.cells[name].to_pylist() for name in by]
    counts = found.cells["count"].to_pylist()
    return dict(zip(columns[0] if len(by) == 1 else zip(*columns, strict=True), counts, strict=True))


def total(rows, **options: Any) -> int:
    return count(records_of(rows, gender=SEX, kind=KIND), asked(**options)).total


def test_a_person_counts_once_and_unknown_is_a_cell():
    rows = [
        {"person_id": "P1", "gender": "woman"},
        {"person_id": "P1", "gender": "unknown"},
        {"person_id": "P2", "gender": "unknown"},
        {"person_id": "P3"},
        {"person_id": None, "gender": "man"},
    ]
    assert cells(rows, "gender") == {"woman": 1, "unknown": 1, "(not given)": 1}
    assert total(rows) == 3


def test_victims_only_unless_asked_otherwise():
    rows = [
        {"person_id": "P1", "role": "victim"},
        {"person_id": "P1", "role": "accompanying_adult"},
        {"person_id": "P2", "role": "accompanying_adult"},
        {"person_id": "P3", "role": "accompanying_child"},
        # Without a role: as the person's other record; and where nobody says, as a victim.
        {"person_id": "P3"},
        {"person_id": "P4"},
    ]
    counts = {role: total(rows, role=role) for role in ("victim", "accompanying_adult", "accompanying_child", "all")}
    assert counts == {"victim": 2, "accompanying_adult": 2, "accompanying_child": 1, "all": 4}


def test_a_person_of_a_period_has_a_record_of_the_role_in_it():
    rows = [
        {"person_id": "P1", "role": "victim", "event_date": "2024-05"},
        {"person_id": "P1", "role": "accompanying_adult", "event_date": "2025-05"},
        {"person_id": "P2", "role": "victim", "event_date": "2025-01"},
    ]
    assert [total(rows, period=year) for year in ("2024", "2025", "2024..2025")] == [1, 1, 2]


def test_values_are_of_the_period_unless_the_rule_reads_all_records():
    rows = [
        {"person_id": "P1", "event_date": "2024", "kind": "taken", "gender": "woman"},
        {"person_id": "P1", "event_date": "2025", "kind": "kept"},
    ]
    assert cells(rows, "kind", period="2025") == {"kept": 1}
    assert cells(rows, "kind") == {"taken": 1, "kept": 1}
    assert cells(rows, "gender", period="2025") == {"(not given)": 1}
    everywhere = default_rules().items_of_one_code.model_copy(update={"records": "all"})
    rules = default_rules().model_copy(update={"items": {"gender": everywhere}})
    assert cells(rows, "gender", period="2025", rules=rules) == {"woman": 1}


def test_several_codes_count_in_each_cell_and_it_says_so():
    rows = [{"person_id": "P1", "kind": "taken kept"}, {"person_id": "P1", "kind": "unknown"}, {"person_id": "P2"}]
    found = count(records_of(rows, gender=SEX, kind=KIND), asked("kind"))
    assert found.cells.to_pylist() == [
        {"kind": "taken", "count": 1},
        {"kind": "kept", "count": 1},
        {"kind": "(not given)", "count": 1},
    ]
    assert (found.total, found.repeated) == (2, ("kind",))


def test_cases_and_reports_are_those_of_a_reporter():
    rows = [
        {"reporter": "a", "case_id": "1", "gender": "woman"},
        {"reporter": "a", "case_id": "1", "gender": "man"},
        {"reporter": "b", "case_id": "1", "gender": "man"},
        {"reporter": "b", "role": "accompanying_adult", "case_id": "2"},
        {"reporter": "b", "gender": "man"},
    ]
    assert total(rows, unit="case") == 3
    assert total(rows, unit="case", role="all") == 4
    assert total(rows, unit="report") == 4
    # A case has the sexes of all in it, without a link.
    assert cells(rows, "gender", unit="case") == {"woman": 1, "man": 3}
    assert count(records_of(rows, gender=SEX, kind=KIND), asked("gender", unit="case")).repeated == ("gender",)


def test_a_case_has_one_state_the_latest():
    rows = [
        {"case_id": "1", "case_state": "closed", "event_date": "2024-05"},
        {"case_id": "1", "case_state": "open", "event_date": "2024-03"},
        {"case_id": "2", "case_state": "open"},
        # Of two records of one month, the one that says closed is the later one, as in `returns`.
        {"case_id": "3", "case_state": "closed", "event_date": "2024-05", "role": "accompanying_adult"},
        {"case_id": "3", "case_state": "open", "event_date": "2024-05", "role": "victim"},
    ]
    assert cells(rows, "case_state", unit="case", role="all") == {"open": 1, "closed": 2}
    assert count(records_of(rows, gender=SEX, kind=KIND), asked("case_state", unit="case")).repeated == ()


def test_a_case_id_with_the_separator_is_another_case():
    rows = [
        {"reporter": "a", "case_id": "b/1"},
        {"reporter": "a", "case_id": "1"},
        {"reporter": "a"},
        {"reporter": "a"},
    ]
    assert total(rows, unit="case") == 4


def test_a_cross_table_has_the_empty_cells():
    rows = [
        {"person_id": "P1", "gender": "woman", "status": "confirmed"},
        {"person_id": "P2", "gender": "man", "status": "suspected"},
    ]
    found = cells(rows, "status", "gender")
    assert found == {
        ("confirmed", "woman"): 1,
        ("confirmed", "man"): 0,
        ("suspected", "woman"): 0,
        ("suspected", "man"): 1,
    }


def test_of_a_table_with_too_many_cells_the_empty_ones_are_left_out(monkeypatch):
    monkeypatch.setattr("linkage.counting.counts.MAX_EMPTY_CELLS", 3)
    rows = [
        {"person_id": "P1", "gender": "man", "status": "suspected"},
        {"person_id": "P2", "gender": "woman", "status": "confirmed"},
    ]
    found = cells(rows, "gender", "status")
    assert list(found.items()) == [(("woman", "confirmed"), 1), (("man", "suspected"), 1)]


def test_a_year_is_counted_as_if_it_were_the_period():
    rows = [
        {"person_id": "P1", "event_date": "2023-02", "kind": "taken"},
        {"person_id": "P1", "event_date": "2025-02", "kind": "kept"},
        {"person_id": "P2", "event_date": "2025", "kind": "kept"},
    ]
    found = count(records_of(rows, gender=SEX, kind=KIND), asked("year", "kind", period="2023..2025"))
    assert found.totals == (("2023", 1), ("2024", 0), ("2025", 2))
    assert (found.total, found.repeated) == (2, ("year", "kind"))
    series = cells(rows, "year", "kind", period="2023..2025")
    for year in ("2023", "2024", "2025"):
        own = {kind: n for (of, kind), n in series.items() if of == year and n}
        assert own == cells(rows, "kind", period=year)


def test_without_a_period_all_years_are_shown_unless_a_date_is_absurd():
    rows = [{"person_id": "P1", "event_date": day} for day in ("2022", "2025-03")]
    assert list(cells(rows, "year")) == ["2022", "2023", "2024", "2025"]
    assert list(cells([*rows, {"person_id": "P1", "event_date": "1002-01"}], "year")) == ["1002", "2022", "2025"]


def test_reporters_who_know_them_and_who_was_first():
    rows = [
        {"person_id": "P1", "reporter": "a", "report_date": "2024-01"},
        {"person_id": "P1", "reporter": "b", "report_date": "2024-02"},
        {"person_id": "P2", "reporter": "b", "report_date": "2024-01-05"},
        {"person_id": "P2", "reporter": "a", "report_date": "2024-01"},
        {"person_id": "P3", "reporter": "a", "role": "accompanying_adult"},
        {"person_id": "P3", "reporter": "c", "report_date": "2024-01", "role": "victim"},
    ]
    assert cells(rows, "reporter") == {"a": 3, "b": 2, "c": 1}
    assert cells(rows, "reporters") == {"a + b": 2, "a + c": 1}
    assert cells(rows, "n_reporters") == {"2": 3}
    assert cells(rows, "first_reporter") == {"a": 1, "c": 1, "(same time)": 1}


def test_filters_choose_by_the_values_that_the_rules_give():
    rows = [
        {"person_id": "P1", "gender": "unknown", "kind": "taken kept"},
        {"person_id": "P1", "gender": "woman"},
        {"person_id": "P2", "gender": "unknown"},
        {"person_id": "P3", "gender": "man", "kind": "kept"},
    ]
    assert total(rows, where={"gender": "unknown"}) == 1
    assert total(rows, where={"gender": "woman man", "kind": "kept"}) == 2
    assert total(rows, where={"gender": "woman", "kind": "kept taken"}) == 1
    assert cells(rows, "kind", where={"kind": "kept"}) == {"taken": 1, "kept": 2}


def defined(*conditions: dict[str, Any], by: str = "record") -> Definition:
    return Definition(
        format="linkage-definition/1",
        name="d",
        version="1",
        title=TITLE,
        judged_by=by,
        conditions=tuple(Condition(**{"unknown": False, **one}) for one in conditions),
    )


def test_a_definition_is_judged_by_one_record_or_by_the_person():
    rows = [
        {"person_id": "P1", "status": "confirmed", "gender": "man"},
        {"person_id": "P1", "status": "suspected", "kind": "taken"},
        {"person_id": "P2", "status": "confirmed", "kind": "taken"},
        {"person_id": "P3", "status": "confirmed"},
    ]
    both = ({"item": "status", "codes": ("confirmed",)}, {"item": "kind", "codes": ("taken",)})
    assert total(rows, definition=defined(*both)) == 1
    assert total(rows, definition=defined(*both, by="person")) == 2
    lenient = ({"item": "status", "codes": ("confirmed",)}, {"item": "kind", "codes": ("taken",), "unknown": True})
    assert total(rows, definition=defined(*lenient)) == 3
    assert total(rows, definition=defined()) == 3


AGES = {"0-17": Years(first=0, last=17), "18-20": Years(first=18, last=20), "16-24": Years(first=16, last=24)}
AGES["30-"] = Years(first=30, last=None)


@pytest.mark.parametrize(
    ("limit", "unknown", "counted"),
    [(18, False, 1), (18, True, 3), (21, False, 2), (21, True, 4), (17, False, 0), (10, True, 2)],
)
def test_an_age_limit_leaves_open_what_lies_on_both_sides(limit, unknown, counted):
    ages = ["0-17", "18-20", "16-24", "unknown", "30-"]
    rows = [{"person_id": f"P{place}", "age": age} for place, age in enumerate(ages)]
    records = records_of(rows, age=" ".join(ages))
    item = SimpleNamespace(
        ages=[(years, code) for code, years in [*AGES.items(), ("30-", Years(first=30, last=None))]], many=False
    )
    definition = defined({"item": "age", "below_age": limit, "unknown": unknown})
    request = Request(
        unit="person",
        role="victim",
        period=None,
        by=(),
        rules=default_rules(),
        definition=definition,
        items={"age": item},
    )
    assert count(records, request).total == counted


def test_nothing_gives_a_table_without_rows():
    for by in ((), ("gender",), ("year",), ("reporters",), ("year", "kind"), ("first_reporter", "n_reporters")):
        found = count(records_of([], gender=SEX, kind=KIND), asked(*by))
        assert (found.total, sum(found.cells["count"].to_pylist())) == (0, 0)


def test_what_is_no_item_is_refused():
    with pytest.raises(SettingsError, match=r"table\.item"):
        find_dimension("municipality", BOOK)
    with pytest.raises(SettingsError, match=r"table\.item") as caught:
        find_dimension("kind; DROP", None)
    assert caught.value.field is None
    assert find_dimension("status", None) == Dimension(
        name="status", kind="item", item="status", order=("confirmed", "suspected")
    )


@given(
    st.lists(
        st.fixed_dictionaries(
            {
                "person_id": st.sampled_from(["P1", "P2", "P3", "P4"]),
                "reporter": st.sampled_from(["a", "b", "c"]),
                "role": st.sampled_from(["victim", "accompanying_adult", None]),
                "event_date": st.sampled_from(["2023", "2023-05", "2024-02-03", None]),
                "status": st.sampled_from(["confirmed", "suspected", None]),
                "gender": st.sampled_from([*SEX.split(), None]),
                "kind": st.sampled_from(["taken", "kept taken", "unknown", None]),
            }
        ),
        max_size=12,
    )
)
def test_cells_of_one_value_each_add_up_to_the_total(rows):
    for role, period in (("victim", "2023-05..2024-02"), ("all", None)):
        records = records_of(rows, gender=SEX, kind=KIND)
        for by in (
            ("gender",),
            ("status", "gender"),
            ("reporters",),
            ("n_reporters", "first_reporter"),
            ("kind",),
            ("reporter",),
        ):
            found = count(records, asked(*by, role=role, period=period))
            added = sum(found.cells["count"].to_pylist())
            assert added == found.total if not found.repeated else added >= found.total
        again = count(records_of(rows[::-1], gender=SEX, kind=KIND), asked(*by, role=role, period=period))
        assert again.cells == found.cells


def slowly(rows, item: str, *, role: str, year: str | None) -> dict[str, int]:
    """The slow twin, one person at a time, for an item of one code under the general rule that ships."""
    found: dict[str, int] = {}
    for person in {row["person_id"] for row in rows}:
        own = [row for row in rows if row["person_id"] == person]
        stated = [row["role"] for row in own if row["role"]]
        otherwise = next((one for one in ROLES if one in stated), "victim")
        roles = [row["role"] or otherwise for row in own]
        inside = [year is None or (row["event_date"] or row["received"])[:4] == year for row in own]
        if not any(now and role in {"all", one} for now, one in zip(inside, roles, strict=True)):
            continue
        left = [(row, one) for row, one, now in zip(own, roles, inside, strict=True) if now and row[item]]

        def late(row) -> str:
            # A date counts as its last day: what is longer sorts before what it begins with.
            return (row["event_date"] or row["received"]) + "~"

        keys = [
            lambda row, _one, _left: row[item] == "unknown",
            lambda _row, one, _left: one != "victim",
            lambda row, _one, _left: late(row),
            lambda row, _one, left: -sum(row[item] == other[item] for other, _ in left),
            lambda row, _one, _left: SEX.split().index(row[item]),
        ]
        for key in keys:
            best = min((key(*pair, left) for pair in left), default=None)
            left = [pair for pair in left if key(*pair, left) == best]
        value = left[0][0][item] if left else "(not given)"
        found[value] = found.get(value, 0) + 1
    return found


@given(
    st.lists(
        st.fixed_dictionaries(
            {
                "person_id": st.sampled_from(["P1", "P2", "P3"]),
                "role": st.sampled_from([*ROLES, None]),
                "event_date": st.sampled_from(["2023", "2023-05", "2023-05-07", "2024-02", None]),
                "received": st.just("2024-07-01"),
                "gender": st.sampled_from([*SEX.split(), None]),
            }
        ),
        max_size=10,
    ),
    st.sampled_from([*ROLES, "all"]),
    st.sampled_from([None, "2023", "2024"]),
)
def test_cells_are_what_the_slow_twin_finds(rows, role, year):
    assert cells(rows, "gender", role=role, period=year) == slowly(rows, "gender", role=role, year=year)
