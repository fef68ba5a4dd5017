"""What a record sends in clear: words become codes, whatever language and spelling a system has."""

import json

import pytest

from pseudonym.codebook import parse_codebook
from pseudonym.encode.cases import CaseReader
from pseudonym.encode.precision import SentDates
from pseudonym.identity.record import Record
from pseudonym.wire import DATES, RESERVED
from tests.unit.codebooks import book_of


def read(**fields):
    """Return the reserved columns that have a value, and the rules of the faults."""
    values, faults = CaseReader(None)(Record("r-1", **fields), (), 2)
    found = dict(zip(RESERVED, values[1:], strict=True))
    return {name: value for name, value in found.items() if value}, [fault.rule for fault in faults]


@pytest.mark.parametrize(
    ("role", "code"),
    [
        ("brottsoffer", "victim"),
        ("Offer", "victim"),
        ("MÅLSÄGANDE", "victim"),
        ("ma\u030alsa\u0308gande", "victim"),
        ("Medföljande vuxen", "accompanying_adult"),
        ("medföljande-vuxen", "accompanying_adult"),
        ("Accompanying  adult", "accompanying_adult"),
        ("medföljande barn", "accompanying_child"),
        ("Barn, medföljande", "accompanying_child"),
        ("accompanying_child", "accompanying_child"),
    ],
)
def test_words_for_roles(role, code):
    assert read(role=role) == ({"role": code}, [])


@pytest.mark.parametrize(
    ("status", "found"),
    [
        ("misstänkt", {"status": "suspected"}),
        ("Bekräftad", {"status": "confirmed"}),
        ("bekräftat", {"status": "confirmed"}),
        ("KONSTATERAD", {"status": "confirmed"}),
        ("avslutad", {"case_state": "closed"}),
        ("Öppen", {"case_state": "open"}),
    ],
)
def test_words_for_a_status_that_may_be_of_the_case(status, found):
    assert read(status=status) == (found, [])


@pytest.mark.parametrize(
    ("state", "code"),
    [("öppet", "open"), ("Pågående", "open"), ("avslutat", "closed"), ("Stängd", "closed"), ("nedlagd", "closed")],
)
def test_words_for_the_state_of_a_case(state, code):
    assert read(case_state=state) == ({"case_state": code}, [])


def test_a_state_of_its_own_goes_before_that_of_the_status():
    assert read(status="avslutad", case_state="öppen") == ({"case_state": "open"}, [])


@pytest.mark.parametrize(
    ("column", "text"),
    [("role", "medföljande"), ("role", "suspect"), ("status", "brottsoffer"), ("case_state", "misstänkt")],
)
def test_other_words_are_left_out(column, text):
    assert read(**{column: text}) == ({}, [f"{column}.unknown"])


DAYS = {"event_date": "2026-03-17", "report_date": "2026-04-02", "discovered_on": "2026-03", "outcome_date": "2025"}
ITEMS = {"kind": (False, "A")}


@pytest.mark.parametrize("codebook", [None, book_of("1", ITEMS)])
def test_dates_are_sent_to_the_month(codebook):
    values, faults = CaseReader(codebook)(Record("r-1", **DAYS), (), 2)
    sent = dict(zip(RESERVED, values[1:], strict=False))
    assert [sent[column] for column in DATES] == ["2026-03", "2026-04", "2026-03", "2025"]
    assert faults == []


def test_a_reason_in_the_codebook_lets_one_date_keep_its_day():
    book = book_of("1", ITEMS, days=["report_date", "outcome_date"])
    values, faults = CaseReader(book)(Record("r-1", **DAYS), (), 2)
    sent = dict(zip(RESERVED, values[1:], strict=False))
    assert [sent[column] for column in DATES] == ["2026-03", "2026-04-02", "2026-03", "2025"]
    assert faults == []


def test_whether_a_code_is_valid_is_judged_by_the_day_that_is_not_sent():
    document = json.loads(book_of("1", ITEMS).to_json())
    document["items"][0]["codes"][0]["valid_to"] = "2026-03-16"
    read_case = CaseReader(parse_codebook(json.dumps(document)))
    place = 1 + RESERVED.index("event_date")
    for day, code, rules in (("2026-03-16", "A", []), ("2026-03-17", None, ["codebook.expired_code"])):
        values, faults = read_case(Record("r", event_date=day, payload={"kind": "A"}), (), 2)
        assert (values[place], values[-1], [fault.rule for fault in faults]) == ("2026-03", code, rules)


def test_one_sentence_says_how_dates_are_sent():
    def notices(*records, days=()):
        book = book_of("1", ITEMS, days=days) if days else None
        read_case, dates = CaseReader(book), SentDates(book)
        for record in records:
            dates.add([read_case(record, (), 2)[0]])
        return list(dates.notices())

    report, event = Record("1", report_date="2026-04-02"), Record("2", event_date="2026")
    assert notices(Record("1")) == []
    assert notices(report, report) == ["Dates are sent to the month: report_date."]
    assert notices(report, event) == ["Dates are sent to the month: event_date, report_date."]
    assert notices(report, days=["report_date"]) == ["Dates are sent to the day, as the codebook allows: report_date."]
    assert notices(report, event, days=["report_date"]) == [
        "Dates are sent to the month: event_date; to the day, as the codebook allows: report_date."
    ]
