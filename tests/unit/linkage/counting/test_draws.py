"""Counts over draws of persons: each as if that draw were counted alone, and tables that agree with each other."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from linkage.counting import (
    Condition,
    Definition,
    Drawn,
    Records,
    Request,
    Span,
    chosen,
    compare,
    count,
    default_rules,
    drawn_persons,
    find_dimension,
    in_draws,
    meetings,
    parse_period,
    range_text,
    returns,
    returns_in_draws,
    shared,
    shared_in_draws,
)
from linkage.counting.draws import cells_in_draws
from linkage.counting.quantiles import spans_of
from pseudonym.codebook.parts import Label
from tests.unit.codebooks import book_of
from tests.unit.linkage.counting.worlds import records_of

SEX, KIND = "woman man unknown", (True, "taken kept unknown")
BOOK = book_of("1", {"gender": (False, SEX), "kind": KIND})
TITLE = {"sv": "Text", "en": "Text"}
N_DRAWS = 30

Made = tuple[Records, list[NDArray[np.int64]], Drawn]


def asked(*by: str, **options: Any) -> Request:
    where = options.pop("where", {})
    period = options.pop("period", None)
    return Request(
        unit="person",
        role=options.pop("role", "victim"),
        period=None if period is None else parse_period(period),
        by=tuple(find_dimension(name, BOOK) for name in by),
        where=tuple((find_dimension(name, BOOK), frozenset(codes.split())) for name, codes in where.items()),
        rules=default_rules(),
        items=BOOK.by_name,
        **options,
    )


def world(seed: int, n: int = 60) -> tuple[Records, list[NDArray[np.int64]]]:
    """Return records of about `n / 3` persons, and draws in which some are parted, and some joined."""
    rng = np.random.default_rng(seed)
    persons = rng.integers(0, n // 3, n)

    def one_of(*values: str | None) -> str | None:
        return values[rng.integers(len(values))]

    rows = [
        {
            "person_id": f"P{person}" if rng.random() > 0.05 else None,
            "reporter": one_of("a", "b", "c"),
            "role": one_of("victim", "victim", "accompanying_adult", None),
            "event_date": one_of("2024-03", "2024-11", "2025-02", "2025"),
            "status": one_of("confirmed", "suspected"),
            "gender": one_of("woman", "man", "unknown", None),
            "kind": one_of("taken", "kept", "kept taken", None),
            "case_id": one_of("c1", "c2", None),
            "case_state": one_of("open", "closed", None),
            "outcome_date": one_of("2024-05", None),
        }
        for person in persons
    ]
    records = records_of(rows, gender=SEX, kind=KIND)
    own, draws = records.persons, []
    for _ in range(N_DRAWS):
        labels = own + rng.integers(0, 2) * 100 * (rng.random(n) < 0.1)
        onto = rng.integers(0, n // 3, 2)
        labels = np.where(labels == onto[0], onto[1], labels)
        draws.append(np.where(own < 0, -1, labels))
    return records, draws


def alone(records: Records, labels: NDArray[np.int64]) -> Records:
    return records.taken(np.arange(records.n), labels)


@pytest.fixture(params=[1, 2, 3])
def made(request: pytest.FixtureRequest) -> Made:
    records, draws = world(request.param)
    return records, draws, drawn_persons(records, draws)


NARROW = Definition(
    format="linkage-definition/1",
    name="narrow",
    version="1",
    title=Label(**TITLE),
    judged_by="person",
    conditions=(Condition(item="gender", codes=("woman",), unknown=False),),
    begins=None,
)
REQUESTS = {
    "total": asked(),
    "item": asked("gender"),
    "several codes": asked("kind"),
    "two items": asked("gender", "status"),
    "period": asked("gender", period="2024"),
    "series": asked("year", "gender", period="2024..2025"),
    "years alone": asked("year"),
    "reporters": asked("reporters"),
    "first reporter": asked("first_reporter", "gender"),
    "where": asked("kind", where={"gender": "woman man"}),
    "all roles": asked("role", role="all"),
    "definition": asked("kind", definition=NARROW),
}


@pytest.mark.parametrize("name", REQUESTS)
def test_each_draw_counts_as_if_it_were_alone(made: Made, name: str) -> None:
    records, draws, drawn = made
    request = REQUESTS[name]
    counts = count(records, request)
    each = cells_in_draws(drawn, request, counts)
    columns = [one.column for one in request.by]
    keys = [tuple(row[column] for column in columns) for row in each.cells.to_pylist()]
    for number, labels in enumerate(draws):
        expected = count(alone(records, labels), request)
        found = {tuple(row[column] for column in columns): row["count"] for row in expected.cells.to_pylist()}
        assert each.total[0, number] == expected.total
        assert each.totals[:, number].tolist() == [n for _, n in expected.totals]
        assert each.in_cells[:, number].tolist() == [found.get(key, 0) for key in keys]
        assert {key for key, n in found.items() if n} <= set(keys)


def test_what_reporters_share_is_that_of_each_draw(made: Made) -> None:
    records, draws, drawn = made
    request = asked()
    selection = chosen(records, request, None)[0]
    known = shared(meetings(records, selection))
    ranges = shared_in_draws(drawn, request, known, len(selection.units))
    per_draw = []
    for labels in draws:
        one = alone(records, labels)
        per_draw.append(shared(meetings(one, chosen(one, request, None)[0])))
    for part, keys, column, spans in (
        ("exact", ("reporters",), "count", ranges.exact),
        ("pairs", ("reporter_a", "reporter_b"), "count", ranges.pairs),
        ("order", ("reporter",), "count", ranges.order),
        ("order", ("reporter",), "only", ranges.only),
    ):
        tables = [getattr(one, part).to_pylist() for one in per_draw]
        rows = [{tuple(row[k] for k in keys): row[column] for row in table} for table in tables]
        names = [tuple(row[k] for k in keys) for row in getattr(known, part).to_pylist()]
        counted = np.array([[one.get(name, 0) for one in rows] for name in names])
        assert spans == spans_of(counted)


def test_tables_agree_with_each_other_in_every_draw(made: Made) -> None:
    records, _, drawn = made
    by_sex = cells_in_draws(drawn, REQUESTS["item"], count(records, REQUESTS["item"]))
    by_set = cells_in_draws(drawn, REQUESTS["reporters"], count(records, REQUESTS["reporters"]))
    assert (by_sex.in_cells.sum(axis=0) == by_sex.total[0]).all()
    assert (by_set.in_cells.sum(axis=0) == by_sex.total[0]).all()
    assert (by_sex.total != count(records, REQUESTS["item"]).total).any()


def test_a_cell_that_only_draws_have_is_in_the_table() -> None:
    rows = [{"person_id": "P1", "gender": "man"}, {"person_id": "P1", "gender": "unknown"}, {"person_id": "P2"}]
    records = records_of(rows, gender=SEX)
    draws = [np.array([0, 0, 1]), np.array([0, 2, 1])] * 10
    found = in_draws(drawn_persons(records, draws), asked("gender"), count(records, asked("gender")))
    assert found.cells.to_pylist() == [
        {"gender": "man", "count": 1},
        {"gender": "unknown", "count": 0},
        {"gender": "(not given)", "count": 1},
    ]
    assert found.ranges is not None
    assert found.ranges.cells == (Span(1, 1), Span(0, 1), Span(1, 1))


def test_draws_like_the_run_leave_no_range() -> None:
    records, _ = world(4)
    drawn = drawn_persons(records, [records.persons, records.persons + 7 * (records.persons >= 0)])
    counts = count(records, REQUESTS["item"])
    ranges = in_draws(drawn, REQUESTS["item"], counts).ranges
    assert ranges is not None
    assert drawn.records.n == 0
    assert ranges.total == Span(counts.total, counts.total)
    assert [span.low for span in ranges.cells] == counts.cells["count"].to_pylist()


def test_a_person_that_half_of_the_draws_part() -> None:
    records = records_of([{"person_id": "P1", "gender": "woman"}, {"person_id": "P1", "gender": "man"}], gender=SEX)
    draws = [np.array([0, 0])] * 5 + [np.array([0, 1])] * 5
    request = asked("gender")
    counts = count(records, request)
    found = in_draws(drawn_persons(records, draws), request, counts)
    assert found.ranges is not None
    assert found.ranges.total == (1, 2)
    by_value = dict(zip(found.cells["gender"].to_pylist(), found.ranges.cells, strict=True))
    assert by_value == {"woman": (1, 1), "man": (0, 1)}


def test_ends_are_whole_and_hold_95_of_100() -> None:
    assert spans_of(np.arange(100)[None, :]) == (Span(2, 97),)
    assert spans_of(np.array([[3] * 97 + [4, 5, 9]])) == (Span(3, 4),)


@pytest.mark.parametrize(
    ("n", "span", "text"),
    [(4, None, "4"), (4, Span(4, 4), "4"), (4, Span(3, 4), "4 (3-4)"), (4, Span(2, 3), "4 (2-3)")],
)
def test_a_count_with_its_range(n: int, span: Span | None, text: str) -> None:
    assert range_text(n, span) == text


def _span(values: list[int]) -> Span:
    return spans_of(np.array([values]))[0]


@pytest.mark.parametrize("name", ["total", "all roles", "period"])
def test_who_was_first_and_how_much_later_is_counted_in_each_draw(made: Made, name: str) -> None:
    records, draws, drawn = made
    request = REQUESTS[name]
    selection, _ = chosen(records, request, request.period)
    known = shared(meetings(records, selection))
    ranges = shared_in_draws(drawn, request, known, len(selection.units))
    each = []
    for labels in draws:
        own = alone(records, labels)
        each.append(shared(meetings(own, chosen(own, request, request.period)[0])))
    pair, body = ("reporter_a", "reporter_b"), ("reporter",)
    for part, keys, found in (("pairs", pair, ranges.in_pairs), ("order", body, ranges.in_order)):
        rows = [{tuple(row[key] for key in keys): row for row in getattr(one, part).to_pylist()} for one in each]
        for column, spans in found.items():
            for row, span in zip(getattr(known, part).to_pylist(), spans, strict=True):
                values = [one.get(tuple(row[key] for key in keys), {}).get(column) for one in rows]
                # A draw without anybody in order has no median, and counts in no range of one.
                counted = [value or 0 for value in values if column != "months" or value is not None]
                assert span == (_span(counted) if counted else None)


@pytest.mark.parametrize("name", ["total", "all roles", "where"])
def test_who_came_back_is_counted_in_each_draw(made: Made, name: str) -> None:
    records, draws, drawn = made
    request = REQUESTS[name]
    each = []
    for labels in draws:
        own = alone(records, labels)
        each.append(returns(own, chosen(own, request, request.period)[0])._asdict())
    assert any(one["returned"] for one in each)
    for figure, span in returns_in_draws(drawn, request).items():
        assert span == _span([one[figure] for one in each if one[figure] is not None])


@pytest.mark.parametrize("most", [1, 3, 20_000])
def test_medians_do_not_depend_on_how_many_are_taken_at_once(
    made: Made, most: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    records, _, drawn = made
    selection, _ = chosen(records, asked(), None)
    known = shared(meetings(records, selection))
    whole = shared_in_draws(drawn, asked(), known, len(selection.units))
    monkeypatch.setattr("linkage.counting.bodies_drawn.MOST_CELLS", most)
    assert shared_in_draws(drawn, asked(), known, len(selection.units)) == whole


def test_rival_definitions_are_counted_in_the_same_draws(made: Made) -> None:
    records, draws, drawn = made
    wide = NARROW.model_copy(
        update={"name": "wide", "conditions": (Condition(item="gender", codes=("woman", "man"), unknown=True),)}
    )
    request = asked(period="2024..2025")
    rows = compare(records, request, [NARROW, wide], drawn)
    each = [compare(alone(records, labels), request, [NARROW, wide]) for labels in draws]
    for place, row in enumerate(rows):
        ranges, own = row.ranges, [one[place] for one in each]
        assert ranges is not None
        for name in ("total", "with_first", "first_only", "difference"):
            assert getattr(ranges, name) == _span([getattr(one, name) for one in own])
        for number, span in enumerate(ranges.totals):
            assert span == _span([one.totals[number][1] for one in own])
        for number, span in enumerate(ranges.without):
            assert span == _span([one.without[number][1] for one in own])
    assert rows[1].ranges is not None
    assert (rows[1].difference, rows[1].ranges.difference) == (0, (0, 0))
    assert rows[2].difference == rows[2].total - rows[1].total > 0


def test_a_joined_person_has_the_roles_of_all_its_records() -> None:
    rows = [
        {"person_id": "P1", "role": "victim", "case_id": "c"},
        {"person_id": "P2", "role": "accompanying_adult", "case_id": "c"},
        {"person_id": "P3", "role": None},
    ]
    records = records_of(rows)
    # One draw joins the first two, and one the last two.
    drawn = drawn_persons(records, [np.array([0, 0, 2]), np.array([0, 1, 1])])

    def totals(role: str) -> list[int]:
        request = asked(role=role)
        return cells_in_draws(drawn, request, count(records, request)).total[0].tolist()

    assert totals("victim") == [2, 1]
    assert totals("accompanying_adult") == [1, 1]
    assert totals("all") == [2, 2]
