"""Whatever a cell holds, it becomes a value or is missing, and every change has a rule."""

from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st

from pseudonym.faults import RULES
from pseudonym.identity.reader.cleaning import Cleaner, tidy
from pseudonym.identity.reader.damage import EFFECTS
from pseudonym.identity.reader.fields import DATE_FIELDS

FIELDS = ("record_id", "case_id", "number", "foreign_number", "given_names", "birth_date", "event_date", "sex", "role")
UNMARKED = DATE_FIELDS | {"number", "foreign_number", "sex"}
"""Fields that are brought to one form without a mark."""

PIECES = ("&#", "&ouml;", ";", "%C3", "%B6", "=C3=B6", "\\u", "d83d", "00f6", "_x00F6_", "=?utf-8?B?", "?=", "<br>")
PIECES += ("2011-07-12", "T22:00:00", "Z", "+02:00", "39512", ".9166", "9999-12-31", "1.0", "000", "03-dec", "NULL")
PIECES += (
    "\u200b",
    "\uff11",
    "\u0661",
    "\u00a0",
    "\ufffd",
    "\ud83d",
    "\u221a",
    "\u00c3",
    "\u00f6",
    "Anna",
    "e+11",
    "1",
)

texts = st.lists(st.sampled_from((*PIECES, *"()?-.")), max_size=6).map("".join) | st.text(max_size=20)
rows_of_texts = st.lists(st.lists(texts, min_size=len(FIELDS), max_size=len(FIELDS)), min_size=1, max_size=4)


@given(rows=rows_of_texts, typed=st.sampled_from([frozenset(), frozenset(range(len(FIELDS)))]))
@example(rows=[["2958465.9166666667"] * len(FIELDS)] * 3, typed=frozenset())
@example(rows=[["9" * 400 + ".00000000001"] * len(FIELDS)], typed=frozenset({0}))
def test_any_cell_is_read(rows, typed):
    cleaner = Cleaner({name: place for place, name in enumerate(FIELDS)}, epoch_1904=False)
    for cells in rows:
        cleaner.look(cells)
    for cells in rows:
        values, faults = cleaner.clean(cells, 7, typed)
        assert {fault.rule for fault in faults} <= EFFECTS.keys() & RULES.keys()
        lost = {fault.field for fault in faults if fault.effect != "marked"}
        assert lost.isdisjoint(values)
        unchanged = set(FIELDS) - UNMARKED - {fault.field for fault in faults}
        assert all(values.get(name, "") == tidy(cells[FIELDS.index(name)]) for name in unchanged)
        # What was read once is kept, and is read in the same way.
        assert cleaner.clean(cells, 7, typed) == (values, faults)


COLUMNS = ("record_id", "case_id", "number", "number_2", "number_type", "foreign_number", "given_names")
COLUMNS += ("given_names_2", "birth_date", "event_date", "sex", "role")
USUAL = (
    "",
    " ",
    "pol-0000001",
    "jan-12",
    "a.123",
    "19811218-9876",
    "8112189876",
    "198112189876",
    "12345678",
    "123456789",
)
USUAL += (
    "2008-03-05",
    "05.03.2008",
    "25.03.2008",
    "2008",
    "2008-03-05 22:00:00",
    "NULL",
    "9999-12-31",
    "Anna",
    "a|b",
    "'01",
)
usual_rows = st.lists(
    st.lists(st.sampled_from(USUAL) | texts, min_size=len(COLUMNS), max_size=len(COLUMNS)), min_size=1, max_size=6
)


@given(
    rows=usual_rows, typed=st.sets(st.integers(0, len(COLUMNS) - 1), max_size=2), separator=st.sampled_from([None, "|"])
)
def test_usual_cells_are_read_and_counted_as_all_others(rows, typed, separator):
    places = {name: place for place, name in enumerate(COLUMNS)}
    fast, slow = (Cleaner(places, separator=separator) for _ in range(2))
    slow._looked_at = [(base, name, place, lambda cell: False) for base, name, place, _ in slow._looked_at]
    slow._first = [first._replace(read=lambda cell: None) for first in slow._first]
    for cells in rows:
        fast.look(cells)
        slow.look(cells)
    assert fast.evidence == slow.evidence
    for cells in rows:
        assert fast.clean(cells, 7, typed) == slow.clean(cells, 7, typed)


def test_what_is_kept_is_forgotten_with_new_evidence():
    cleaner = Cleaner({"record_id": 0, "event_date": 1})
    cleaner.look(["1", "05.03.2008"])
    assert "event_date" not in cleaner.clean(["1", "05.03.2008"], 2)[0]
    for day in ("25", "26", "27"):
        cleaner.look(["1", f"{day}.03.2008"])
    assert cleaner.clean(["1", "05.03.2008"], 2)[0]["event_date"] == "2008-03-05"
