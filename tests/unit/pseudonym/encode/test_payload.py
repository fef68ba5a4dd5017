"""Words for nothing in the payload: missing and marked, unless the codebook has them as an answer."""

from __future__ import annotations

from datetime import date

import pytest

from pseudonym.codebook import load_codebook
from pseudonym.encode.cases import CaseReader
from pseudonym.identity.identities import read_identities
from pseudonym.identity.record import Record

BOOK = load_codebook("case-registry")
PLACES = {name: place for place, name in enumerate(BOOK.item_names)}


def read(item: str, value: object, **fields: str) -> tuple[str | None, list[tuple[str | None, str, str]]]:
    """Return an item of a record, and its faults."""
    record = Record("a-1", payload={item: value}, **fields)
    identities, _ = read_identities(record, row=1, reference_date=date(2026, 1, 1), reporter="police")
    row, faults = CaseReader(BOOK)(record, identities, 1)
    return row[-len(PLACES) :][PLACES[item]], [(fault.field, fault.rule, fault.effect) for fault in faults]


@pytest.mark.parametrize("text", ["NULL", "N/A", "(null)", "NaT", "-", "--", "?", ".", "NaN", "saknas", " null "])
@pytest.mark.parametrize("item", ["municipality", "purpose"])
def test_a_word_for_nothing_is_no_answer(item, text):
    assert read(item, text) == (None, [(item, "value.placeholder", "marked")])


@pytest.mark.parametrize(("item", "text", "code"), [("state", "unknown", "unknown"), ("citizenship", "NA", "NA")])
def test_a_code_is_an_answer(item, text, code):
    assert read(item, text) == (code, [])


@pytest.mark.parametrize("value", ["x", "ingen alls", ["NULL", "nothing"]])
def test_other_texts_are_unknown_codes(value):
    answer, faults = read("municipality", value)
    assert answer is None
    assert {rule for _, rule, _ in faults} == {"codebook.unknown_code"}


def test_an_item_without_an_answer_is_filled_from_the_identity():
    given = read("age_at_event", "NULL", birth_date="2011-07-13", event_date="2026-03-02")
    assert given == ("13-15", [("age_at_event", "value.placeholder", "marked")])
