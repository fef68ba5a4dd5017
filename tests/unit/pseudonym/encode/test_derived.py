"""Ages and sexes that are filled in from the identity where the codebook declares it, and ages that contradict it."""

import json
from datetime import date

import pytest

from pseudonym.codebook import load_codebook, parse_codebook, select_items
from pseudonym.encode.cases import CaseReader
from pseudonym.encode.derived import ages_at, derived_notices, is_before_birth
from pseudonym.encode.encoder import Encoder
from pseudonym.identity.dates import read_birth_date
from pseudonym.identity.identities import Identity, read_identities
from pseudonym.identity.record import Record
from pseudonym.keyed import LinkageKey
from pseudonym.wire import RESERVED

BANDS = select_items(load_codebook("case-registry"), ["age_at_event", "sex_reported", "state"], name="own", version="1")


def with_single_years():
    """Return the same codebook with a code for each year of childhood, and the reason for that."""
    document = json.loads(BANDS.to_json()) | {"groupings": []}
    (age,) = (item for item in document["items"] if item["name"] == "age_at_event")
    (child,) = (code for code in age["codes"] if code["code"] == "13-15")
    years = [child | {"code": str(n), "label": {"sv": str(n), "en": str(n)}} for n in range(18)]
    years = [code | {"years": {"first": n, "last": n}} for n, code in enumerate(years)]
    age["codes"] = years + [code for code in age["codes"] if code.get("years", {}).get("last") not in {6, 12, 15}]
    age["codes"] = [code for code in age["codes"] if code["code"] != "16-17"]
    document["finer"] = [{"name": "age_at_event", "reason": {"sv": "Räknas per år.", "en": "Counted by year."}}]
    return parse_codebook(json.dumps(document))


BOOK = with_single_years()
PLACES = {name: place for place, name in enumerate(BOOK.item_names)}


def identities(**fields):
    found, _ = read_identities(Record("a-1", **fields), row=1, reference_date=date(2026, 1, 1), reporter="police")
    return found


def read(*, derive=True, **fields):
    """Return age and sex of a record, the rules of its faults, and how often each item was filled in."""
    reader = CaseReader(BOOK, derive=derive)
    record = Record("a-1", **fields)
    row, faults = reader(record, identities(**{name: fields.get(name) for name in ("number", "birth_date", "sex")}), 1)
    payload = row[-len(PLACES) :]
    age, sex = payload[PLACES["age_at_event"]], payload[PLACES["sex_reported"]]
    return age, sex, [(fault.field, fault.rule, fault.effect) for fault in faults], dict(reader.derived)


@pytest.mark.parametrize(
    ("born", "day", "ages"),
    [
        ("2010-05-17", "2026-05-16", (15, 16)),
        ("2010-05-17", "2026-05-17", (16, 17)),
        ("2010-05-17", "2026-05-18", (16, 17)),
        ("2010-05-17", "2026-06", (16, 17)),
        ("2010-05-17", "2026-05", (15, 17)),
        ("2010-05-17", "2026", (15, 17)),
        ("2010-05", "2026-04-30", (15, 16)),
        ("2010-05", "2026-05-10", (15, 17)),
        ("2010", "2026-12-31", (16, 17)),
        ("2010", "2026-12-30", (15, 17)),
        ("2010", "2026", (15, 17)),
        ("2012-02-29", "2026-02-28", (13, 14)),
        ("2012-02-29", "2026-03-01", (14, 15)),
        ("2026-03-01", "2026-03-01", (0, 1)),
        ("2026", "2026-03-01", (0, 1)),
        ("2026-03-02", "2026-03-01", None),
        ("1890-03-02", "2026-03-01", None),
        ("2010~", "2026-03-01", None),
        ("2010-05-17", "", None),
        (None, "2026-03-01", None),
        # The two days that stand for unknown ones.
        ("2010-01-01", "2026-03-01", (15, 17)),
        ("2010-07-01", "2026-03-01", (15, 17)),
    ],
)
def test_ages_that_a_person_can_have(born, day, ages):
    assert ages_at(identities(birth_date=born), day) == ages


def test_every_birth_date_of_a_record_counts():
    assert ages_at(identities(birth_date=["2010-05-17", "2012-05-17"]), "2026-06-01") == (14, 17)
    assert ages_at(identities(birth_date=["2010-05-17", None], given_names=["Ida", "Eda"]), "2026-06-01") == (16, 17)
    # A number of 2011 beside another date.
    assert ages_at(identities(number="20110713-9980", birth_date="2008-03-05"), "2026-08-01") == (15, 19)


@pytest.mark.parametrize(
    ("fields", "age"),
    [
        ({"birth_date": "2010-05-17", "event_date": "2026-05-17"}, "16"),
        ({"number": "20110713-9980", "event_date": "2026-07-12"}, "14"),
        ({"number": "20110713-9980", "event_date": "2026-07-13"}, "15"),
        ({"birth_date": "2007-01-15", "event_date": "2026-03-01"}, "18-20"),
        ({"birth_date": "1940-01-15", "event_date": "2026-03-01"}, "65-"),
        # Both ages are in one band, or are those of children or adults alike.
        ({"birth_date": "1980", "event_date": "2026-03-01"}, "40-49"),
        ({"birth_date": "2010", "event_date": "2026-03-01"}, "child"),
        ({"birth_date": "2006", "event_date": "2026-03-01"}, "18-20"),
        ({"birth_date": "2001", "event_date": "2026-03-01"}, "adult"),
        ({"birth_date": "2008", "event_date": "2026-03-01"}, None),
        ({"birth_date": "2010-05-17", "report_date": "2026-05-17"}, None),
        ({"birth_date": "2010~", "event_date": "2026-05-17"}, None),
        ({"event_date": "2026-05-17"}, None),
    ],
)
def test_an_age_is_filled_in_where_it_is_certain(fields, age):
    assert read(**fields) == (age, None, [], {"age_at_event": 1} if age else {})
    assert read(derive=False, **fields)[::3] == (None, {})


def test_an_event_before_the_birth_is_marked_and_has_no_age():
    marked = [("event_date", "event_date.before_birth", "marked")]
    assert read(birth_date="2027-05-17", event_date="2026-05-17") == (None, None, marked, {})


@pytest.mark.parametrize(
    ("event", "age"), [("2026-05-16", "7-12"), ("2026-05-17", "13-15"), ("2026-05", None), ("2026-06", "13-15")]
)
def test_a_birthday_within_the_month_decides_although_the_month_is_sent(event, age):
    row, faults = CaseReader(BANDS)(Record("a-1", event_date=event), identities(birth_date="2013-05-17"), 1)
    # Where only the month is known, both bands are possible, and the person is a child.
    assert row[-len(PLACES) :][PLACES["age_at_event"]] == (age or "child")
    assert (row[1 + RESERVED.index("event_date")], faults) == (event[:7], [])


@pytest.mark.parametrize(
    ("sex", "code"), [("kvinna", "woman"), ("Man", "man"), ("annat", "other"), ("okänt", None), (None, None)]
)
def test_the_sex_as_reported_is_the_field_and_never_the_digit_of_the_number(sex, code):
    marked = [("number", "number.contradicts_sex", "marked")] if code == "man" else []
    assert read(number="20110713-9980", sex=sex) == (None, code, marked, {"sex_reported": 1} if code else {})


def test_what_a_record_has_is_not_filled_in():
    known = {"birth_date": "2010-05-17", "event_date": "2026-05-17", "sex": "kvinna"}
    assert read(**known, payload={"age_at_event": "16", "sex_reported": "man"}) == ("16", "man", [], {})
    # A blank is an answer: the reporter was asked and has none.
    assert read(**known, payload={"age_at_event": "", "sex_reported": None}) == (None, None, [], {})
    wrong = ("age_at_event", "codebook.unknown_code", "left out")
    assert read(**known, payload={"age_at_event": "ca 16", "sex_reported": "x"})[:2] == (None, None)
    assert wrong in read(**known, payload={"age_at_event": "ca 16"})[2]


CONTRADICTS = ("age_at_event", "codebook.age_contradicts", "marked")


@pytest.mark.parametrize(
    ("given", "born", "found"),
    [
        ("16", "2010-05-17", []),
        ("15", "2010-05-17", [CONTRADICTS]),
        ("17", "2010-05-17", [CONTRADICTS]),
        ("child", "2010-05-17", []),
        ("adult", "2010-05-17", [CONTRADICTS]),
        ("unknown", "2010-05-17", []),
        ("15", "2010", []),
        ("16", "2010", []),
        ("14", "2010", [CONTRADICTS]),
        ("16", "2010~", []),
        ("40", "1980-01-15", [("age_at_event", "codebook.age_band", "marked")]),
        ("50", "1980-01-15", [("age_at_event", "codebook.age_band", "marked"), CONTRADICTS]),
    ],
)
@pytest.mark.parametrize("derive", [True, False])
def test_an_age_that_contradicts_the_birth_date_is_marked_and_kept(given, born, found, derive):
    fields = {"birth_date": born, "event_date": "2026-05-18", "payload": {"age_at_event": given}}
    age, _, faults, filled = read(derive=derive, **fields)
    assert (faults, filled) == (found, {})
    assert age is not None


def test_nothing_is_filled_in_that_the_codebook_does_not_declare():
    document = json.loads(BOOK.to_json())
    for item in document["items"]:
        item.pop("derive", None)
    reader = CaseReader(parse_codebook(json.dumps(document)))
    fields = {"birth_date": "2010-05-17", "event_date": "2026-05-17", "sex": "man"}
    row, _ = reader(Record("a-1", **fields), identities(birth_date="2010-05-17", sex="man"), 1)
    assert row[-len(PLACES) :] == (None, None, None)


def test_an_encoder_counts_what_it_fills_in():
    key = LinkageKey._from_secret(bytes(range(32)), project="test", epoch=1)
    records = [
        Record(f"a-{n}", given_names="Ida", birth_date="2010-05-17", event_date="2026-05-17", sex=sex)
        for n, sex in enumerate(["kvinna", None, "man"])
    ]
    (batch,) = Encoder(key, reporter="police", codebook=BOOK).batches(records)
    assert batch.derived == {"age_at_event": 3, "sex_reported": 2}
    (batch,) = Encoder(key, reporter="police", codebook=BOOK, derive=False).batches(records)
    assert (batch.derived, {case[-3:] for case in batch.cases}) == ({}, {(None, None, None)})


def test_notices_say_from_what_and_how_many():
    first, second = derived_notices(BOOK, {"sex_reported": 1, "age_at_event": 1200, "state": 0})
    assert first == (
        "The input has no column age_at_event: filled in from the birth date and the event date in 1,200 records, "
        "as the codebook declares; --no-derived or derive=False leaves it empty."
    )
    assert "sex_reported: filled in from the field sex in 1 record," in second
    assert derived_notices(None, {}) == ()


@pytest.mark.parametrize(
    ("births", "day", "before"),
    [
        (["2011-07-13"], "2011-07-12", True),
        (["2011-07-13"], "2011-07-13", False),
        (["2011-07-13"], "2011-06", True),
        (["2011-07-13"], "2011-07", False),
        (["2011-07-13"], "2010", True),
        (["2011"], "2010-12-31", True),
        (["2011"], "2011-01-01", False),
        (["2011-07-01"], "2011-02-01", False),  # 1 July is a date for an unknown one.
        (["2011~"], "2008-01-01", False),
        (["2011-07-13", "1999-01-01"], "2005-01-01", False),
        ([], "2005-01-01", False),
        (["2011-07-13"], "", False),
    ],
)
def test_a_day_before_every_birth_date_is_before_the_birth(births: list[str], day: str, before: bool) -> None:
    identities = [Identity(birth=read_birth_date(text)) for text in births]
    assert is_before_birth(identities, day) is before
