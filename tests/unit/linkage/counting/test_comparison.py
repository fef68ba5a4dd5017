"""Rival definitions side by side."""

from __future__ import annotations

from dataclasses import replace

from linkage.counting import EVERYBODY, Condition, Definition, Request, compare, count, default_rules, parse_period
from tests.unit.linkage.counting.worlds import records_of

ROWS = [
    {"person_id": "P1", "event_date": "2024-01", "status": "confirmed", "role": "victim"},
    {"person_id": "P1", "event_date": "2025-01", "status": "suspected", "role": "victim"},
    {"person_id": "P2", "event_date": "2025-02", "status": "suspected", "role": "victim", "case_state": "open"},
    {"person_id": "P3", "event_date": "2025-03", "role": "victim", "case_state": "closed"},
    {"person_id": "P4", "event_date": "2025-03", "status": "confirmed", "role": "accompanying_adult"},
]
REQUEST = Request(unit="person", role="victim", period=parse_period("2024..2025"), by=(), rules=default_rules())


def definition(name: str, *conditions: Condition) -> Definition:
    title = {"sv": "Text", "en": "Text"}
    form = "linkage-definition/1"
    return Definition(format=form, name=name, version="1", title=title, judged_by="record", conditions=conditions)


CONFIRMED = Condition(item="status", codes=("confirmed",), unknown=False)
SUSPECTED = Condition(item="status", codes=("confirmed", "suspected"), unknown=True)
OPEN = Condition(item="case_state", codes=("open",), unknown=True)
NARROW, WIDE = definition("narrow", CONFIRMED), definition("wide", SUSPECTED, OPEN)


def test_each_definition_is_set_beside_the_first():
    everybody, narrow, wide = compare(records_of(ROWS), REQUEST, [NARROW, WIDE])
    assert (everybody.definition, everybody.total, everybody.totals) == (EVERYBODY, 3, (("2024", 1), ("2025", 3)))
    assert (narrow.total, narrow.totals) == (1, (("2024", 1), ("2025", 0)))
    assert (narrow.with_first, narrow.first_only, narrow.without) == (1, 0, (("status: confirmed", 3),))
    assert (wide.total, wide.totals, wide.with_first, wide.first_only) == (2, (("2024", 1), ("2025", 2)), 1, 0)
    assert wide.without == (("status: confirmed or suspected, or unknown", 2), ("case_state: open, or unknown", 3))


def test_it_is_what_a_table_of_each_gives():
    records = records_of(ROWS)
    for one, row in zip((None, NARROW, WIDE), compare(records, REQUEST, [NARROW, WIDE]), strict=True):
        asked = replace(REQUEST, definition=one)
        assert count(records, asked).total == row.total
        for year, n in row.totals:
            assert count(records, replace(asked, period=parse_period(year))).total == n


def test_who_only_the_first_one_counts():
    rows = compare(records_of(ROWS), REQUEST, [WIDE, NARROW])
    assert [(row.total, row.with_first, row.first_only) for row in rows] == [(3, 2, 0), (2, 2, 0), (1, 1, 1)]
