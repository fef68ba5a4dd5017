"""What a program gives an encoder: any input is read as its file would be, and nothing is lost silently."""

from __future__ import annotations

import json
import pickle
import time
import warnings
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest

from pseudonym import load_codebook, load_profile
from pseudonym.encode import Encoded, Encoder, FaultWarning, Record, Report, report_totals, withdraw
from pseudonym.errors import (
    CodebookError,
    InputError,
    KeyFileError,
    OutputError,
    ProfileError,
    PseudonymError,
    SubmissionError,
)
from pseudonym.keyed import LinkageKey
from pseudonym.profile import parse_profile
from pseudonym.wire import read_header
from tests.paths import ROOT

ANNA = {"record_id": "a-1", "number": "20110713-9980", "given_names": "Åsa Maria", "family_names": "Lindqvist"}
BO = {"record_id": "b-1", "given_names": "Bo", "family_names": "Ek", "birth_date": "1981-12-18"}
LOST = {**BO, "record_id": "c-1", "birth_date": "1981-02-30", "sex": "x"}
HEADER = ",".join(BO) + "\n"


@pytest.fixture(scope="module")
def key() -> LinkageKey:
    """Return a key of no secrecy, the same in every run."""
    return LinkageKey._from_secret(bytes(range(32)), project="test", epoch=1)


@pytest.fixture(scope="module")
def encoder(key: LinkageKey) -> Encoder:
    return Encoder(key, reporter="police", codebook="case-registry")


def same(one: Encoded, other: Encoded) -> bool:
    return bool(one.table.equals(other.table))


# One meaning, whatever the form.


def test_the_frame_of_a_workbook_is_encoded_as_the_workbook(encoder: Encoder, tmp_path: Path) -> None:
    frame = pd.DataFrame(
        {
            "record_id": [17, 18, 19],
            "Personnummer": [201107139980.0, None, None],
            "Förnamn": ["Åsa", "Bo", None],
            "Födelsedatum": pd.to_datetime(["2011-07-13", "1981-12-18", "1990-02-28"]),
            "municipality": [180, 1480, None],
        }
    )
    frame.to_excel(tmp_path / "cases.xlsx", index=False)
    as_text = pd.read_excel(tmp_path / "cases.xlsx", dtype=str)
    assert as_text["Födelsedatum"][0] == "2011-07-13 00:00:00"
    of_file = encoder.encode(tmp_path / "cases.xlsx")
    for other in (frame, as_text, pd.read_excel(tmp_path / "cases.xlsx"), frame.to_dict("records"), pa.table(frame)):
        assert same(encoder.encode(other), of_file)
    reports = [
        encoder.write(tmp_path / "out", data, sequence=7, period="2026-03")
        for data in (tmp_path / "cases.xlsx", str(tmp_path / "cases.xlsx"), frame, as_text)
    ]
    assert len({report.header.digest for report in reports}) == 1
    assert all(report.faults[0].rule == "damage.zero_restored" for report in reports)


@pytest.mark.parametrize("born", ["13.07.2011", "2011-07-13 00:00:00", "13 juli 2011", 20110713, date(2011, 7, 13)])
def test_a_record_says_its_birth_date_in_any_way(encoder: Encoder, born: Any) -> None:
    plain = Record("1", given_names="Åsa", birth_date="2011-07-13")
    result = encoder.encode([Record("1", given_names="Åsa", birth_date=born)])
    assert same(result, encoder.encode(plain))
    assert result.faults == ()


@pytest.mark.parametrize("born", ["03/04/2011", "11-07-13", "40737", "2011-13-01", 11.5])
def test_a_birth_date_that_cannot_be_read_is_a_fault(encoder: Encoder, born: Any) -> None:
    with pytest.warns(FaultWarning):
        result = encoder.encode(Record("1", given_names="Åsa", birth_date=born))
    assert [(fault.row, fault.field, fault.effect) for fault in result.faults] == [(1, "birth_date", "left out")]


@pytest.mark.whole
def test_cleaning_changes_no_value_of_the_vectors(key: LinkageKey) -> None:
    vectors = json.loads((ROOT / "tests/vectors/codes.json").read_text(encoding="utf-8"))
    profile = parse_profile(json.dumps(vectors["profiles"][0]["profile"]))
    # Section 4 takes dates to come as they stand.
    days = {"reference_date": date(2026, 1, 1), "today": date(2100, 12, 31)}
    made = Encoder(key, reporter="police", profile=profile, keep_empty=True, **days)
    for vector in vectors["records"]:
        record = Record(**vector["record"])
        if record.report_date == "9999-12-31":
            # A date that programs enter when they have none, which section 4 takes as it stands.
            continue
        (batch,) = made.batches([record])
        cleaned = made.encode([record], on_fault="ignore").table
        assert cleaned["content"].to_pylist() == [
            row.tobytes() for row in batch.codes.content.reshape(cleaned.num_rows, -1)
        ]


def test_an_opened_input_is_encoded_as_often_as_wanted(encoder: Encoder, tmp_path: Path) -> None:
    (tmp_path / "cases.csv").write_text("id;Namn;Personnummer;note\n1;Åsa;;x\n", encoding="utf-8")
    rows = encoder.read(tmp_path / "cases.csv", columns={"record_id": "id", "given_names": "Namn"}, delimiter=";")
    assert (rows.fields, rows.unused_columns) == (("record_id", "given_names", "number"), ("note",))
    first = encoder.encode(rows)
    assert same(first, encoder.encode(rows))
    assert first.notices == ("Columns not read: note.",)
    assert encoder.write(tmp_path / "out", rows).notices == first.notices
    with pytest.raises(InputError) as caught:
        encoder.encode(rows, columns={"given_names": "Namn"})
    assert caught.value.rule == "input.opened"


def test_columns_may_have_other_names(encoder: Encoder) -> None:
    table = pa.table({"nr": ["a-1"], "Namn": ["Åsa"]})
    result = encoder.encode(table, columns={"record_id": "nr", "given_names": "Namn"})
    assert same(result, encoder.encode(Record("a-1", given_names="Åsa")))


@pytest.mark.parametrize("option", [{"sheet": "x"}, {"header_row": 1}, {"encoding": "utf-8"}, {"delimiter": ";"}])
def test_what_only_a_file_has_is_refused_for_a_table(encoder: Encoder, option: dict[str, Any]) -> None:
    with pytest.raises(InputError) as caught:
        encoder.read([ANNA], **option)
    assert caught.value.rule == "input.file_option"


def test_items_of_the_codebook_are_columns(encoder: Encoder, tmp_path: Path) -> None:
    batch = next(encoder.batches([Record("a-1", given_names="Åsa", payload={"municipality": "0180"})]))
    place = encoder.items.index("municipality")
    for data in ({"record_id": "a-1", "given_names": "Åsa", "municipality": 180},):
        report = encoder.write(tmp_path / "out", data)
        assert report.header.records == 1
    assert batch.cases[0][-len(encoder.items) + place] == "0180"


# What comes out.


def test_the_result_is_a_table_for_whoever_reads_arrow(encoder: Encoder) -> None:
    result = encoder.encode([ANNA])
    assert result.table.column_names == ["record_id", "kind", "match_key", "content"]
    assert pa.table(result).equals(result.table)
    assert result.table.to_pandas()["record_id"].unique().tolist() == ["a-1"]
    assert repr(result) == f"<Encoded {result.table.num_rows} codes, 0 faults>"


def test_the_result_lists_every_fault_in_order(encoder: Encoder) -> None:
    with pytest.warns(FaultWarning) as caught:
        result = encoder.encode([{**BO, "record_id": ""}, LOST, BO, {**BO}])
    assert [(fault.row, fault.field, fault.rule) for fault in result.faults] == [
        (1, "record_id", "record_id.missing"),
        (2, "birth_date", "birth_date.form"),
        (2, "sex", "sex.unknown"),
        (4, "record_id", "record_id.duplicate"),
    ]
    assert (result.count("rejected"), result.count("left out"), result.count("marked")) == (2, 2, 0)
    assert set(result.table["record_id"].to_pylist()) == {"c-1", "b-1"}
    (warning,) = caught
    told = warning.message
    assert isinstance(told, FaultWarning)
    assert (told.rejected, told.left_out) == (2, 2)
    assert warning.filename == __file__
    assert str(pickle.loads(pickle.dumps(told))) == str(told)


def test_a_warning_about_a_submission_points_to_the_caller(encoder: Encoder, tmp_path: Path) -> None:
    with pytest.warns(FaultWarning, match="values left out: 2") as caught:
        report = encoder.write(tmp_path / "out", [LOST])
    assert caught[0].filename == __file__
    assert (report.count("left out"), report.header.records) == (2, 1)


def test_marks_are_no_loss(encoder: Encoder) -> None:
    result = encoder.encode([{**BO, "number": "107139980"}])
    assert [fault.effect for fault in result.faults] == ["marked", "marked"]


def test_a_loss_is_raised_where_that_is_wanted(encoder: Encoder, tmp_path: Path) -> None:
    (tmp_path / "cases.csv").write_text(HEADER + "b-1,Bo,Ek,1981-12-18\nc-1,Bo,Ek,81-12-18\n,Bo,,\n", encoding="utf-8")
    for use in (encoder.encode, lambda data, **options: encoder.write(tmp_path / "out", data, **options)):
        with pytest.raises(InputError) as caught:
            use(tmp_path / "cases.csv", on_fault="raise")
        error = caught.value
        assert (error.rule, error.row, error.field) == ("date.two_digit_year", 3, "birth_date")
        assert error.path == tmp_path / "cases.csv"
        assert error.hint is not None
        assert str(error).startswith(f"{tmp_path / 'cases.csv'}, row 3, birth_date: The year has two digits")
    assert not (tmp_path / "out").exists()


@pytest.mark.whole
def test_the_first_loss_is_raised_wherever_it_is(encoder: Encoder) -> None:
    many = [{**BO, "record_id": f"r-{n}"} for n in range(1030)]
    for row, bad in ((1029, {"record_id": None}), (1025, {"sex": "x"}), (1, {"record_id": "a" * 65})):
        many[row - 1] |= bad
        with pytest.raises(InputError) as caught:
            encoder.encode(many, on_fault="raise")
        assert (caught.value.row, caught.value.path) == (row, None)


def test_a_list_of_bad_records_alone_raises(encoder: Encoder) -> None:
    with pytest.raises(InputError) as caught:
        encoder.encode([{**BO, "record_id": ""}], on_fault="raise")
    assert caught.value.rule == "record_id.missing"


def test_faults_are_ignored_where_that_is_wanted(encoder: Encoder) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert len(encoder.encode([LOST], on_fault="ignore").faults) == 2
    with pytest.raises(ValueError, match="on_fault is 'warn', 'raise' or 'ignore'"):
        encoder.encode([LOST], on_fault="strict")


def test_an_input_without_any_identity_is_refused(encoder: Encoder, tmp_path: Path) -> None:
    for data in ([{"record_id": "1", "case_id": "x"}], pd.DataFrame({"record_id": ["1"]})):
        with pytest.raises(InputError) as caught:
            encoder.encode(data)
        assert caught.value.rule == "input.no_identity"
    (tmp_path / "cases.csv").write_text(HEADER, encoding="utf-8")
    with pytest.raises(InputError) as caught:
        encoder.write(tmp_path / "out", tmp_path / "cases.csv")
    assert (caught.value.rule, caught.value.path) == ("input.header_only", tmp_path / "cases.csv")
    assert encoder.encode(pd.DataFrame({"record_id": []})).table.num_rows == 0


# The encoder and its settings.


def test_key_profile_and_codebook_are_given_by_path_or_name(key: LinkageKey, tmp_path: Path) -> None:
    key.save(tmp_path / "linkage.key")
    for name in ("profile", "codebook"):
        shipped = ROOT / "src/pseudonym" / f"{name}s" / "case-registry.json"
        (tmp_path / f"{name}.json").write_bytes(shipped.read_bytes())
    made = [
        Encoder(key, reporter="police", profile=load_profile("case-registry"), codebook=load_codebook("case-registry")),
        Encoder(str(tmp_path / "linkage.key"), reporter="police", codebook="case-registry"),
        Encoder(
            tmp_path / "linkage.key",
            reporter="police",
            profile=tmp_path / "profile.json",
            codebook=tmp_path / "codebook.json",
        ),
    ]
    first, *others = [one.write(tmp_path / "out", [ANNA], sequence=1).header for one in made]
    assert [one.digest for one in others] == [first.digest] * 2


@pytest.mark.parametrize(
    ("settings", "error", "rule"),
    [
        ({"key": "none.key"}, KeyFileError, "key.unreadable"),
        ({"key": "PSEUDONYM-SECRET-LINKAGE-KEY-1.test.1.x.y"}, KeyFileError, "key.text"),
        ({"profile": "case-registery"}, ProfileError, "profile.unknown"),
        ({"codebook": "case-registery"}, CodebookError, "codebook.unknown"),
        ({"reporter": "police stockholm"}, InputError, "input.header"),
        ({"reporter": ""}, InputError, "input.header"),
        ({"reporter": None}, InputError, "input.header"),
    ],
)
def test_a_wrong_setting_is_refused_at_once(
    key: LinkageKey, settings: dict[str, Any], error: type[PseudonymError], rule: str
) -> None:
    given = {"key": key, "reporter": "police", **settings}
    with pytest.raises(error) as caught:
        Encoder(given.pop("key"), **given)
    assert caught.value.rule == rule


def test_a_sequence_number_is_the_time_unless_given(encoder: Encoder, tmp_path: Path) -> None:
    before = time.time_ns() // 1_000_000
    headers = [
        encoder.write(tmp_path / "1", [ANNA]).header,
        encoder.write_nothing(tmp_path / "2", period="2026-03").header,
        withdraw(tmp_path / "3", encoder.key, reporter="police", records=["a-1"]),
        report_totals(tmp_path / "4", {(): 3}, reporter="police", period="2026-03", unit="person"),
    ]
    assert all(before <= header.sequence <= time.time_ns() // 1_000_000 for header in headers)
    assert encoder.write(tmp_path / "1", [ANNA], sequence=0).header.sequence == 0


def test_the_file_sent_last_is_given_by_path_or_digest(encoder: Encoder, key: LinkageKey, tmp_path: Path) -> None:
    key.save(tmp_path / "linkage.key")
    sent = encoder.write(tmp_path / "sent", [ANNA], sequence=5).header
    for previous in (tmp_path / "sent", str(tmp_path / "sent"), sent.digest):
        headers = [
            encoder.write(tmp_path / "1", [ANNA], previous=previous).header,
            encoder.write_nothing(tmp_path / "2", previous=previous).header,
            withdraw(tmp_path / "3", tmp_path / "linkage.key", reporter="police", records=["a"], previous=previous),
            report_totals(
                tmp_path / "4",
                {(None,): 3},
                reporter="police",
                period="2026-03",
                unit="person",
                items=["state"],
                codebook="case-registry",
                previous=previous,
            ),
        ]
        assert {header.previous for header in headers} == {sent.digest}
    with pytest.raises(InputError) as caught:
        encoder.write(tmp_path / "1", [ANNA], sequence=5, previous=tmp_path / "sent")
    assert (caught.value.rule, caught.value.field) == ("input.sequence", "sequence")
    with pytest.raises(SubmissionError) as unread:
        encoder.write(tmp_path / "1", [ANNA], previous=tmp_path / "linkage.key")
    assert unread.value.path == tmp_path / "linkage.key"


@pytest.mark.parametrize("period", ["2026-13", "March", "2026-3", 2026])
def test_a_malformed_period_is_refused_before_the_input_is_read(encoder: Encoder, tmp_path: Path, period: Any) -> None:
    with pytest.raises(InputError) as caught:
        encoder.write(tmp_path / "out", tmp_path / "none.csv", period=period)
    assert (caught.value.rule, caught.value.field) == ("input.header", "period")


def test_the_century_follows_the_end_of_the_period(key: LinkageKey, tmp_path: Path) -> None:
    # Born in 1925 or in 2025: by the end of 2024 only the former can be reported.
    record = Record("1", number="251218-9878")
    by_period = Encoder(key, reporter="police").write(tmp_path / "1", record, sequence=1, period="2024")
    day = Encoder(key, reporter="police", reference_date=date(2024, 12, 31))
    later = Encoder(key, reporter="police", reference_date=date(2026, 6, 1))
    assert by_period.header.content_digest == day.write(tmp_path / "2", record, sequence=1).header.content_digest
    assert by_period.header.content_digest != later.write(tmp_path / "3", record, sequence=1).header.content_digest


def test_what_is_at_the_path_is_checked_before_the_input_is_read(encoder: Encoder, tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(OutputError) as caught:
        encoder.write(tmp_path / "mine.txt", tmp_path / "none.csv")
    assert caught.value.rule == "output.exists"


def test_an_error_in_the_input_leaves_no_file(encoder: Encoder, tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        encoder.write(tmp_path / "out", [{**BO, "birth_date": b"1981"}])
    assert (caught.value.rule, caught.value.row, caught.value.field) == ("input.type", 1, "birth_date")
    assert list(tmp_path.iterdir()) == []


def test_a_submission_says_what_was_written(encoder: Encoder, tmp_path: Path) -> None:
    report = encoder.write(tmp_path / "out", pd.DataFrame([ANNA, BO]), period="2026-03")
    assert isinstance(report, Report)
    assert report.header == read_header(tmp_path / "out")
    assert (report.header.records, report.faults) == (2, ())
