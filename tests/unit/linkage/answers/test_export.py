"""Files of persons and links: exact ids, one order, all or nothing."""

from __future__ import annotations

import csv
import os
from pathlib import Path

import pyarrow as pa
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
    assert _read(path)[1:] == [list(row) for row in sorted(rows, key=lambda row: [x.encode() for x in row])]


@pytest.mark.parametrize("record_id", ["=1+1", "+46", "-x", "@a", 'a"b', "a,b", "å ä", "'1"])
def test_an_id_is_never_changed_for_a_spreadsheet(tmp_path: Path, record_id: str) -> None:
    write_persons(_persons([("police", record_id, "P000001")]), tmp_path / "persons.csv")
    assert _read(tmp_path / "persons.csv")[1] == ["police", record_id, "P000001"]


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
    assert str(caught.value) == (
        "The persons file cannot be written: the disk is full, or a quota or a limit on the size of files is used up."
    )
    assert (caught.value.rule, caught.value.path) == ("export.unwritable", path)
    assert path.read_text(encoding="utf-8") == OLDER
    assert [file.name for file in tmp_path.iterdir()] == ["persons.csv"]


def test_replaces_an_older_file(tmp_path: Path) -> None:
    path = tmp_path / "persons.csv"
    path.write_text(OLDER, encoding="utf-8")
    write_persons(_persons([("police", "p1", "P000001")]), path)
    assert _read(path)[1:] == [["police", "p1", "P000001"]]


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
    assert str(caught.value) == "The persons file cannot be written: the folder does not exist."


@pytest.mark.skipif(os.name == "nt", reason="Windows keeps rights in access lists, not in mode bits.")
def test_only_the_owner_may_read(tmp_path: Path) -> None:
    write_persons(_persons([("police", "p1", "P000001")]), tmp_path / "persons.csv")
    assert (tmp_path / "persons.csv").stat().st_mode & 0o077 == 0


def test_absent_weight_is_an_empty_cell(tmp_path: Path) -> None:
    table = _links([LINK]).set_column(4, "match_weight", pa.array([None], pa.float64()))
    write_links(table, tmp_path / "links.csv")
    assert _read(tmp_path / "links.csv")[1][4] == ""
