"""The error budget: steps that add up, each from the cause that it names."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from linkage.counting import (
    Condition,
    Definition,
    Disagreeing,
    Request,
    Silence,
    budget_of,
    count,
    default_rules,
    drawn_persons,
    find_dimension,
    in_draws,
)
from linkage.counting.budget import CONFLICTS, NEVER_MET, SILENT, UNDECIDED, WRONG_LINKS, disagreeing
from tests.unit.codebooks import book_of
from tests.unit.linkage.counting.worlds import records_of

SEX = "woman man unknown"
BOOK = book_of("1", {"gender": (False, SEX)})

ROWS = [
    {"person_id": "P1", "gender": "woman"},
    {"person_id": "P1", "gender": "woman"},
    {"person_id": "P2", "gender": "man"},
    {"person_id": "P3", "gender": "woman"},
    {"person_id": None, "gender": "woman"},
]


def asked(**where: str) -> Request:
    return Request(
        unit="person",
        role="victim",
        period=None,
        by=(),
        where=tuple((find_dimension(name, BOOK), frozenset(codes.split())) for name, codes in where.items()),
        rules=default_rules(),
        items=BOOK.by_name,
    )


def steps(pairs: list[list[int]], joined: list[list[int]], **where: str) -> Any:
    records = records_of(ROWS, gender=SEX)
    return budget_of(
        records,
        asked(**where),
        pairs=lambda: map(np.array, pairs),
        joined=lambda: map(np.array, joined),
        silences=(Silence("school", ("silent",), 2, 1, ("2026-01",)),),
    )


def test_each_step_is_the_work_of_its_cause() -> None:
    # One of two draws parts the first person; both join the second and the third; one joins all by a missing join.
    pairs = [[0, 9, 2, 2, -1], [0, 0, 2, 2, -1]]
    found = steps(pairs, [pairs[0], [0, 0, 0, 0, -1]])
    assert found.found == 3
    assert [(one.cause, one.mean) for one in found.steps] == [(WRONG_LINKS, 0.5), (UNDECIDED, -1.0), (NEVER_MET, -0.5)]
    assert found.expected == found.found + sum(one.mean for one in found.steps)
    assert found.span == (1, 3)
    assert found.disagreeing is None


def test_it_ends_with_the_range_of_the_table() -> None:
    rng = np.random.default_rng(1)
    draws = [np.append(rng.integers(0, 4, 4), -1) for _ in range(50)]
    records = records_of(ROWS, gender=SEX)
    found = budget_of(records, asked(), pairs=lambda: draws, joined=lambda: draws)
    counts = in_draws(drawn_persons(records, draws), asked(), count(records, asked()))
    assert counts.ranges is not None
    assert found.span == counts.ranges.total


def test_filters_make_it_the_budget_of_a_cell() -> None:
    found = steps([[0, 0, 2, 0, -1]] * 2, [[0, 0, 2, 0, -1]] * 2, gender="woman")
    assert (found.found, found.expected) == (2, 1.0)
    assert found.disagreeing == Disagreeing(0, 0)


def test_disagreeing_records_could_move_persons_either_way() -> None:
    rows = [
        *({"person_id": "P1", "gender": one, "role": "victim"} for one in ("woman", "woman", "man")),
        *({"person_id": "P2", "gender": one, "role": "victim"} for one in ("man", "man", "woman")),
        *({"person_id": "P3", "gender": one} for one in ("woman", "unknown")),
    ]
    assert disagreeing(records_of(rows, gender=SEX), asked(gender="woman")) == Disagreeing(out=1, into=1)


def test_without_draws_that_differ_nothing_changes() -> None:
    same = [[0, 0, 2, 3, -1]] * 4
    found = steps(same, same)
    assert [one.mean for one in found.steps] == [0.0, 0.0, 0.0]
    assert found.span == (3, 3)
    assert found.to_dict()["silent"] == {"silent": ["school"]}


@pytest.mark.parametrize("form", ["steps", "span", "silent"])
def test_it_is_plain_in_json(form: str) -> None:
    import json

    same = [[0, 0, 2, 3, -1]]
    assert form in json.loads(json.dumps(steps(same, same).to_dict()))


def test_conflicts_and_silence_are_rows_that_no_range_covers() -> None:
    same = [[0, 0, 2, 3, -1]]
    conflicts, silent = steps(same, same).beyond
    assert conflicts[:4] == (CONFLICTS, 0.0, 0.0, 0.0)
    assert silent[:4] == (SILENT, None, None, None)
    assert silent.why == "no figure for school, which reported less than 3 months of the period"
    conflicts, _ = steps(same, same, gender="woman").beyond
    assert conflicts[:4] == (CONFLICTS, None, 0.0, 0.0)


@pytest.mark.parametrize(("judged_by", "expected"), [("record", (1, 1)), ("person", (2, 0))])
def test_records_that_disagree_about_a_definition_are_conflicts_too(judged_by: Any, expected: Any) -> None:
    rows = [
        *({"person_id": "P1", "gender": "woman", "status": one} for one in ("confirmed", "suspected")),
        *({"person_id": "P2", "gender": one[0], "status": one[1]} for one in (("man", "confirmed"), ("woman", None))),
        {"person_id": "P3", "gender": "woman", "status": "suspected"},
    ]
    narrow = Definition(
        format="linkage-definition/1",
        name="narrow",
        version="1",
        title={"sv": "Text", "en": "Text"},
        judged_by=judged_by,
        conditions=(
            Condition(item="gender", codes=("woman",), unknown=False),
            Condition(item="status", codes=("confirmed",), unknown=False),
        ),
    )
    found = disagreeing(records_of(rows, gender=SEX), replace(asked(), definition=narrow))
    # Of the second person one record has the sex, and another the status; the rules choose both.
    assert found == Disagreeing(*expected)


@pytest.mark.parametrize(("has_roster", "mean"), [(True, 0.0), (False, None)])
def test_only_a_roster_knows_that_nobody_is_silent(has_roster: bool, mean: float | None) -> None:
    same = [np.array([0, 0, 2, 3, -1])]
    found = budget_of(
        records_of(ROWS, gender=SEX), asked(), pairs=lambda: same, joined=lambda: same, has_roster=has_roster
    )
    assert found.beyond[1].mean == mean
