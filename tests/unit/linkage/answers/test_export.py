"""Files of persons and links: exact ids, one order, one form for each suffix, all or nothing."""

from __future__ import annotations

import csv
import os
import re
from pathlib import Path

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from linkage.answers import export, orient_links, write_links, write_persons
from linkage.errors import ExportError

IDS = st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=8)
Row = tuple[str, str, str, str, float, float, str, str]
OLDER = "reporter,record_id,person_id\npolice,p0,P000007\n"
LINK = ("police", "p1", "school", "s1", 12.5, 0.75, "link", "")


def _persons(rows: list[tuple[str, str, str]]) -> pa.Table:
    return pa.table({name: [row[i] for row in rows] for i, name in enumerate(export.PERSON_COLUMNS)})


def _links(rows: list[Row]) -> pa.Table:
    return pa.table({name: [row[i] for row in rows] for i, name in enumerate(export.LINK_COLUMNS)})


def _turned(row: Row) -> Row:
    return (*row[2:4], *row[0:2], *row[4:])


def _read(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


def test_persons_file_is_byte_for_byte_this(tmp_path: Path) -> None:
    rows = [("school", "s2", "P000001"), ("police", "p2", "P000001"), ("police", "p10", "P000002")]
    write_persons(_persons(rows), tmp_path / "persons.csv")
    expected = "reporter,record_id,person_id\npolice,p10,P000002\npolice,p2,P000001\nschool,s2,P000001\n"
    assert (tmp_path / "persons.csv").read_bytes() == expected.encode()


def test_links_file_is_byte_for_byte_this(tmp_path: Path) -> None:
    rows = [_turned(LINK), ("police", "p2", "police", "p1", -3.123456, 0.1234567891234, "review", "uncertain")]
    write_links(_links(rows), tmp_path / "links.csv")
    expected = (
        "reporter_a,record_id_a,reporter_b,record_id_b,match_weight,probability,decision,reason\n"
        "police,p1,police,p2,-3.1235,0.123456789,review,uncertain\n"
        "police,p1,school,s1,12.5,0.75,link,\n"
    )
    assert (tmp_path / "links.csv").read_bytes() == expected.encode()


def test_empty_tables_give_the_header(tmp_path: Path) -> None:
    empty = _links([LINK]).slice(0, 0)
    write_links(empty, tmp_path / "links.csv")
    assert _read(tmp_path / "links.csv") == [list(export.LINK_COLUMNS)]


@pytest.mark.whole
@given(st.lists(st.tuples(IDS, IDS, IDS), max_size=20, unique_by=lambda row: row[:2]), st.randoms())
def test_ids_come_back_exactly_and_in_one_order(tmp_path_factory, rows, random) -> None:
    path = tmp_path_factory.mktemp("export") / "persons.csv"
    random.shuffle(rows)
    write_persons(_persons(rows).cast(pa.schema([(n, pa.string()) for n in export.PERSON_COLUMNS])), path)
    assert [list(map(_plain, row)) for row in _read(path)[1:]] == [
        list(row) for row in sorted(rows, key=lambda row: [x.encode() for x in row])
    ]


def _plain(text: str) -> str:
    """Take away the apostrophe of a text that a spreadsheet could run, as docs/how-to/export.md says."""
    return re.sub("^'(?='*[-=+@\t\r\uff0b\uff0d\uff1d\uff20])", "", text)


@pytest.mark.parametrize("record_id", ['a"b', "a,b", "å ä", "'1", "pol-17", "2026/1", "a=1", "1-2", " =1"])
def test_an_id_that_is_no_formula_is_never_changed(tmp_path: Path, record_id: str) -> None:
    write_persons(_persons([("police", record_id, "P000001")]), tmp_path / "persons.csv")
    assert _read(tmp_path / "persons.csv")[1] == ["police", record_id, "P000001"]


FORMULAS = ["=1+1", "+46", "-x", "@SUM(1)", "\t=1", "'=1+1", "\uff1d1"]


@pytest.mark.parametrize("record_id", FORMULAS)
@pytest.mark.parametrize("locale", ["en", "sv"])
def test_in_csv_no_id_can_be_run_as_a_formula(tmp_path: Path, record_id: str, locale: str) -> None:
    path = tmp_path / "persons.csv"
    write_persons(_persons([("police", record_id, "P000001")]), path, locale=locale)
    with path.open(encoding="utf-8-sig", newline="") as file:
        (_, found, _) = list(csv.reader(file, delimiter=";" if locale == "sv" else ","))[1]
    assert found == f"'{record_id}"
    assert _plain(found) == record_id


@pytest.mark.parametrize("record_id", [one for one in FORMULAS if one[0] >= " "])
def test_workbooks_and_parquet_have_ids_as_they_are(tmp_path: Path, record_id: str) -> None:
    for suffix in ("xlsx", "parquet"):
        write_persons(_persons([("police", record_id, "P000001")]), tmp_path / f"persons.{suffix}")
    cell = openpyxl.load_workbook(tmp_path / "persons.xlsx").active["B2"]
    assert (cell.value, cell.data_type, cell.number_format) == (record_id, "s", "@")
    assert pq.read_table(tmp_path / "persons.parquet")["record_id"].to_pylist() == [record_id]


def test_a_swedish_spreadsheet_opens_the_links(tmp_path: Path) -> None:
    weak = ("police", "p2", "school", "s2", -3.25, 1e-07, "no link", "")
    write_links(_links([LINK, weak]), tmp_path / "links.csv", locale="sv")
    head = ";".join(export.LINK_COLUMNS)
    expected = f"\ufeff{head}\npolice;p1;school;s1;12,5;0,75;link;\npolice;p2;school;s2;-3,25;1e-07;no link;\n"
    assert (tmp_path / "links.csv").read_text(encoding="utf-8") == expected


def test_parquet_and_workbooks_have_numbers_and_absent_ones(tmp_path: Path) -> None:
    table = _links([LINK, _turned(LINK)]).set_column(4, "match_weight", pa.array([12.5, None], pa.float64()))
    table = table.set_column(1, "record_id_a", pa.array(["p1", "s9"]))
    for suffix in ("parquet", "xlsx"):
        write_links(table, tmp_path / f"links.{suffix}")
    read = pq.read_table(tmp_path / "links.parquet")
    assert read.column_names == list(export.LINK_COLUMNS)
    assert read["match_weight"].to_pylist() == [12.5, None]
    sheet = openpyxl.load_workbook(tmp_path / "links.xlsx").active
    assert [[cell.value for cell in row] for row in sheet.iter_rows()] == [
        list(export.LINK_COLUMNS),
        ["police", "p1", "school", "s1", 12.5, 0.75, "link", ""],
        ["police", "p1", "school", "s9", None, 0.75, "link", ""],
    ]


@pytest.mark.parametrize("suffix", ["csv", "parquet", "xlsx", "XLSX"])
def test_equal_tables_give_equal_bytes(tmp_path: Path, suffix: str) -> None:
    table = _persons([("police", "p1", "P000001"), ("police", "p2", "P000001")])
    for name in ("a", "b"):
        write_persons(table if name == "a" else table.take([1, 0]), tmp_path / f"{name}.{suffix}")
    assert (tmp_path / f"a.{suffix}").read_bytes() == (tmp_path / f"b.{suffix}").read_bytes()


@pytest.mark.parametrize("name", ["persons", "persons.txt", "persons.csv.gz", "persons.xls", "persons.tsv", ".csv"])
def test_another_suffix_is_refused_and_never_written_in_another_form(tmp_path: Path, name: str) -> None:
    with pytest.raises(ExportError) as caught:
        write_persons(_persons([("police", "p1", "P000001")]), tmp_path / name)
    assert caught.value.rule == "export.suffix"
    assert ".csv, .parquet, .xlsx" in caught.value.message
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("name", "locale"), [("p.xlsx", "sv"), ("p.parquet", "sv"), ("p.csv", "de")])
def test_a_locale_that_a_form_does_not_have_is_refused(tmp_path: Path, name: str, locale: str) -> None:
    with pytest.raises(ExportError) as caught:
        write_persons(_persons([("police", "p1", "P000001")]), tmp_path / name, locale=locale)
    assert caught.value.rule == "export.locale"


def test_a_sheet_has_no_more_rows_than_spreadsheets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = _persons([("police", f"p{n}", "P000001") for n in range(3)])
    monkeypatch.setattr("pseudonym.output.tables.MAX_ROWS", 4)
    write_persons(rows, tmp_path / "persons.xlsx")
    monkeypatch.setattr("pseudonym.output.tables.MAX_ROWS", 3)
    with pytest.raises(ExportError) as caught:
        write_persons(rows, tmp_path / "persons.xlsx")
    assert caught.value.rule == "export.rows"


@pytest.mark.parametrize("record_id", ["a\uffffb", "a_x0041_b"])
def test_an_id_that_a_workbook_would_change_is_refused(tmp_path: Path, record_id: str) -> None:
    with pytest.raises(ExportError) as caught:
        write_persons(_persons([("police", record_id, "P000001")]), tmp_path / "persons.xlsx")
    assert caught.value.rule == "export.characters"
    assert list(tmp_path.iterdir()) == []


def test_an_open_file_gets_csv(tmp_path: Path) -> None:
    with (tmp_path / "out").open("wb") as file:
        write_persons(_persons([("police", "p1", "P000001")]), file)
        file.write(b"open")
    assert (tmp_path / "out").read_bytes() == b"reporter,record_id,person_id\npolice,p1,P000001\nopen"


@given(st.lists(st.tuples(IDS, IDS, IDS, IDS, st.just(1.0), st.just(0.5), st.just("link"), st.just("")), max_size=10))
def test_the_orientation_of_a_pair_does_not_depend_on_arrival(rows) -> None:
    schema = _links([LINK]).schema
    turned = [_turned(row) for row in rows]
    one = orient_links(_links(rows).cast(schema))
    assert one.equals(orient_links(_links(turned[::-1]).cast(schema)))
    for row in one.to_pylist():
        a = (row["reporter_a"].encode(), row["record_id_a"].encode())
        assert a <= (row["reporter_b"].encode(), row["record_id_b"].encode())


def test_a_failure_leaves_the_old_file_and_no_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "persons.csv"
    path.write_text(OLDER, encoding="utf-8")

    def fail(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(ExportError) as caught:
        write_persons(_persons([("police", "p1", "P000001")]), path)
    assert caught.value.message == (
        "The persons file cannot be written: the disk is full, or a quota or a limit on the size of files is used up."
    )
    assert (caught.value.rule, caught.value.path) == ("export.unwritable", path)
    assert path.read_text(encoding="utf-8") == OLDER
    assert [file.name for file in tmp_path.iterdir()] == ["persons.csv"]


@pytest.mark.parametrize("suffix", ["csv", "parquet", "xlsx"])
@pytest.mark.parametrize("before", ["csv", "sv", "parquet", "xlsx"])
def test_replaces_an_older_file_of_any_form(tmp_path: Path, suffix: str, before: str) -> None:
    path, older = tmp_path / f"persons.{suffix}", tmp_path / f"older.{'csv' if before == 'sv' else before}"
    write_persons(_persons([("police", "p0", "P000007")]), older, locale="sv" if before == "sv" else "en")
    older.rename(path)
    write_persons(_persons([("police", "p1", "P000001")]), path)
    assert path.read_bytes()[:4] == {"csv": b"repo", "parquet": b"PAR1", "xlsx": b"PK\x03\x04"}[suffix]


@pytest.mark.parametrize("suffix", ["csv", "parquet", "xlsx"])
def test_a_file_of_links_is_no_file_of_persons(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"out.{suffix}"
    write_links(_links([LINK]), path)
    before = path.read_bytes()
    with pytest.raises(ExportError) as caught:
        write_persons(_persons([("police", "p1", "P000001")]), path)
    assert caught.value.rule == "export.exists"
    assert path.read_bytes() == before


def test_a_table_of_somebody_else_is_not_replaced(tmp_path: Path) -> None:
    rows = _persons([("police", "p1", "P000001")])
    pq.write_table(rows, tmp_path / "persons.parquet")
    book = openpyxl.Workbook()
    book.active.append(export.PERSON_COLUMNS)
    book.save(tmp_path / "persons.xlsx")
    for name in ("persons.parquet", "persons.xlsx"):
        with pytest.raises(ExportError) as caught:
            write_persons(rows, tmp_path / name)
        assert caught.value.rule == "export.exists"


@pytest.mark.parametrize("content", ["", "reporter,record_id\n", OLDER.replace("person_id", "person_id,note"), "old"])
def test_replaces_nothing_else(tmp_path: Path, content: str) -> None:
    path = tmp_path / "persons.csv"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(ExportError) as caught:
        write_persons(_persons([("police", "p1", "P000001")]), path)
    assert caught.value.rule == "export.exists"
    assert caught.value.hint == "Choose another path, or move that file away first."
    assert path.read_text(encoding="utf-8") == content


def test_a_folder_that_does_not_exist_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ExportError) as caught:
        write_persons(_persons([("police", "p1", "P000001")]), tmp_path / "nowhere" / "persons.csv")
    assert caught.value.message == "The persons file cannot be written: the folder does not exist."


@pytest.mark.skipif(os.name == "nt", reason="Windows keeps rights in access lists, not in mode bits.")
def test_only_the_owner_may_read(tmp_path: Path) -> None:
    write_persons(_persons([("police", "p1", "P000001")]), tmp_path / "persons.csv")
    assert (tmp_path / "persons.csv").stat().st_mode & 0o077 == 0


def test_absent_weight_is_an_empty_cell(tmp_path: Path) -> None:
    table = _links([LINK]).set_column(4, "match_weight", pa.array([None], pa.float64()))
    write_links(table, tmp_path / "links.csv")
    assert _read(tmp_path / "links.csv")[1][4] == ""
