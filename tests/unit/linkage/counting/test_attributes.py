"""Which value of an item a person has when records disagree."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from math import inf

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from linkage.counting import AttributeRule, Facts, answers_of, default_rules, resolve
from linkage.counting.periods import NO_DAY

ORDER = ("taken", "kept", "other", "unknown")
WIDTHS = {"taken": 3.0, "kept": 1.0, "other": inf}
CRITERIA = ("known", "victim", "earliest", "latest", "narrowest", "most")

Row = tuple[int, str | None, bool, int | None, int]
"""Unit, codes, whether as a victim, day, reporter."""


def run(rows: Sequence[Row], *prefer: str, values: str = "one", **lists: tuple[str, ...]):
    days = np.array([NO_DAY if row[3] is None else row[3] for row in rows], np.int64)
    facts = Facts(
        victim=np.array([row[2] for row in rows], np.bool_),
        first=days,
        last=days,
        reporter=np.array([row[4] for row in rows], np.int64),
        reporters=("police", "school"),
    )
    answers = answers_of(pa.chunked_array([pa.array([row[1] for row in rows], pa.string())]), ORDER, widths=WIDTHS)
    rule = AttributeRule(prefer=prefer, values=values, **lists)
    unit = np.array([row[0] for row in rows], np.int64)
    return resolve(unit, answers, rule, facts, unknown=("unknown",), item="state")


def values(*arguments, **options) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    for row in run(*arguments, **options).values.to_pylist():
        found.setdefault(row["unit"], []).append(row["value"])
    return found


@pytest.mark.parametrize(
    ("prefer", "chosen"),
    [
        (("known",), "taken"),
        (("known", "victim"), "kept"),
        (("known", "earliest"), "other"),
        (("known", "latest"), "taken"),
        (("known", "narrowest"), "kept"),
        (("known", "most"), "other"),
        (("victim",), "kept"),
        (("latest",), "unknown"),
    ],
)
def test_each_criterion_chooses_another_record(prefer, chosen):
    rows = [
        (0, "other", False, 1, 0),
        (0, "other", False, 5, 0),
        (0, "kept", True, 6, 0),
        (0, "unknown", True, 9, 1),
        (0, "taken", False, 8, 1),
    ]
    # By "victim" alone, a known and an unknown answer are left, and the order of the codebook decides.
    assert values(rows, *prefer) == {0: [chosen]}


def test_lists_of_reporters_and_codes_decide():
    rows = [(0, "taken", True, 1, 0), (0, "kept", True, 1, 1)]
    assert values(rows, "reporter", reporters=("school", "police")) == {0: ["kept"]}
    assert values(rows, "reporter", reporters=("police",)) == {0: ["taken"]}
    assert values(rows, "code", codes=("kept",)) == {0: ["kept"]}


def test_unknown_gives_way_to_known_and_stays_where_nothing_is_known():
    rows = [(0, "unknown", True, 1, 0), (0, "kept", False, 9, 0), (1, "unknown", True, 1, 0), (2, None, True, 1, 0)]
    found = run(rows, "known", "victim", "earliest")
    assert found.values.to_pylist() == [{"unit": 0, "value": "kept"}, {"unit": 1, "value": "unknown"}]
    assert (found.conflicts.units, found.conflicts.known, found.conflicts.repeated) == (3, 1, 0)


def test_a_record_without_a_date_is_neither_early_nor_late():
    rows = [(0, "taken", True, None, 0), (0, "kept", True, 4, 0)]
    assert values(rows, "earliest") == values(rows, "latest") == {0: ["kept"]}


def test_several_codes_of_one_record():
    rows = [(0, "kept taken", True, 1, 0), (0, "other unknown", True, 2, 0), (1, "unknown", True, 1, 0)]
    assert values(rows, "known", "earliest") == {0: ["several"], 1: ["unknown"]}
    assert values(rows, "known", "latest") == {0: ["other"], 1: ["unknown"]}
    assert values(rows, "known", "earliest", values="record") == {0: ["kept", "taken"], 1: ["unknown"]}
    assert values(rows, "known", "earliest", values="all") == {0: ["kept", "other", "taken"], 1: ["unknown"]}


def test_conflicts_are_counted_with_what_decided_them():
    rows = [
        *((0, "taken", True, 1, 0), (0, "kept", False, 1, 0)),
        *((1, "taken", True, 1, 0), (1, "kept", True, 2, 0)),
        *((2, "taken", True, 1, 0), (2, "kept", True, 1, 0)),
        *((3, "taken", True, 1, 0), (3, "taken", False, 2, 0), (3, "unknown", True, 2, 0)),
        (4, "taken", True, 1, 0),
    ]
    found = run(rows, "known", "victim", "earliest").conflicts
    assert found.to_dict() == {
        "item": "state",
        "units": 5,
        "known": 5,
        "repeated": 4,
        "differing": 3,
        "decided": {"victim": 1, "earliest": 1, "order": 1},
    }


def test_no_records_have_no_values():
    found = run([], *CRITERIA)
    assert found.values.num_rows == 0
    assert (found.conflicts.units, found.conflicts.differing) == (0, 0)


def test_rows_of_no_unit_say_nothing():
    assert values([(-1, "taken", True, 1, 0), (0, "kept", True, 2, 0)], "earliest") == {0: ["kept"]}


def slowly(rows: Sequence[Row], prefer: Sequence[str]) -> dict[int, str]:
    """The slow twin, one person at a time."""
    found = {}
    for unit in {row[0] for row in rows}:
        left = [row for row in rows if row[0] == unit and row[1] is not None]
        for criterion in prefer:
            counts = Counter(row[1] for row in left)
            key = {
                "known": lambda row: row[1] == "unknown",
                "victim": lambda row: not row[2],
                "earliest": lambda row: (row[3] is None, row[3]),
                "latest": lambda row: (row[3] is None, -(row[3] or 0)),
                "narrowest": lambda row: WIDTHS.get(row[1], inf),
                "most": lambda row, counts=counts: -counts[row[1]],
            }[criterion]
            best = min(map(key, left), default=None)
            left = [row for row in left if key(row) == best]
        if left:
            found[unit] = min((row[1] for row in left), key=ORDER.index)
    return found


@given(
    st.lists(
        st.tuples(
            st.integers(0, 4),
            st.sampled_from([*ORDER, None]),
            st.booleans(),
            st.none() | st.integers(1, 3),
            st.integers(0, 1),
        ),
        max_size=20,
    ),
    st.permutations(CRITERIA),
)
def test_it_is_what_the_slow_twin_finds(rows, prefer):
    assert {unit: found[0] for unit, found in values(rows, *prefer).items()} == slowly(rows, prefer)
    assert values(rows[::-1], *prefer) == values(rows, *prefer)


def test_the_rules_that_ship_say_what_they_do():
    rules = default_rules()
    said = rules.rule_of("age_at_event", many=False).said()
    assert said == (
        "one value; records of the period; known before unknown, records as a victim first, earliest event, narrowest "
        "span of ages, what most records say"
    )
    assert (
        rules.rule_of("purpose", many=True).said()
        == "every code that a record gives; records of the period; known before unknown"
    )
    assert rules.rule_of("country", many=False) == rules.items_of_one_code
