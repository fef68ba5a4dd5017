"""Usual records, which are read by looking up their values, have the identities that all others are read to have."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pseudonym.errors import InputError
from pseudonym.identity import identities
from pseudonym.identity.identities import read_identities
from pseudonym.identity.record import Record
from pseudonym.identity.usual import read_usual

DAY = date(2026, 3, 31)
NO_TEXTS = ("", "  ", "\u200b", None, float("nan"), 5, date(2011, 7, 13), ["x", "y"], ("",), Decimal(1))


def values(*texts: str) -> st.SearchStrategy[object]:
    """Draw a text twice as often as something that is none."""
    return st.sampled_from([*texts, *texts, *NO_TEXTS])


NUMBERS = values(
    "19811218-9876", "811218-9876", "811218+9876", "198112189877", "19811278-9873", "19900505-T857", "LMA-4711", "0000",
    "111111111111", "1111111111", "19811218-0009", "personnummer|198112189876", " 198112189876", "20990101-0006",
    "\u0661\u0669811218-9876", "198102309878",
)  # fmt: skip
NAMES = values("Anna Maria", "\u00c5sa", "Ok\u00e4nd", "Null", "NULL", "X", "Barn", "Berg", "AnnaÂ", "?", "-", "x" * 70)
DATES = values("1981-12-18", "1981-12-19", "1981", "1982~", "1981-12", "9999-12-31", "18 dec 1981", "okant", "19811218")
RECORDS = st.builds(
    Record,
    st.just("r-1"),
    number=NUMBERS,
    foreign_number=values("P 77-1", "1212", "1111", "x"),
    given_names=NAMES,
    family_names=NAMES,
    birth_date=DATES,
    sex=values("k", "Man", "unknown", "neither"),
    number_type=st.sampled_from([None, None, None, "", "lma"]),
    number_level=st.sampled_from([None, None, None, "osaker"]),
    name_of_address=st.sampled_from([None, None, None, "", "Maria"]),
    report_date=values("2025-04", "1999", "2025-02-30", " 2025-01-01"),
    event_date=values("1981-12-18", "2024"),
)


def outcome(record: Record) -> object:
    try:
        found, faults = read_identities(record, row=3, reference_date=DAY, reporter="police")
    except InputError as error:
        return error.rule, error.field
    return [tuple(one) for one in found], faults


@given(record=RECORDS)
def test_usual_records_are_read_as_all_others(record: Record) -> None:
    fast = outcome(record)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(identities, "read_usual", lambda record, **others: None)
        assert fast == outcome(record)


@pytest.mark.parametrize(
    ("fields", "usual"),
    [
        ({"number": "19811218-9876"}, True),
        ({"number": "19811218-9876", "birth_date": "1981"}, True),
        ({"number": "811218-9876", "report_date": "2025-04"}, True),
        ({"number": "19811218-9877"}, False),
        ({"number": "19811218-9876", "birth_date": "1981-12-19"}, False),
        ({"given_names": ("Anna", "Maria")}, False),
        ({"given_names": ["Anna"]}, False),
        ({"given_names": "Null", "family_names": "Berg"}, False),
        ({"sex": "k"}, True),
        ({"sex": "unknown"}, False),
        ({}, False),
        ({"number": "19811218-9876", "number_type": "personnummer"}, False),
    ],
)
def test_only_records_without_anything_to_note_are_usual(fields: dict[str, object], usual: bool) -> None:
    assert (read_usual(Record("r-1", **fields), reference_date=DAY, reporter="police") is not None) == usual
