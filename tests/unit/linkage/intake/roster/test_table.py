"""Roster files: what is read, and which rows are refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from linkage.errors import RosterError
from linkage.intake.filled_in import MAX_BYTES
from linkage.intake.roster.table import read_table, table_of

HEAD = "reporter,kind,from,name,cases_from\n"


def write(tmp_path: Path, content: str | bytes) -> Path:
    path = tmp_path / "roster.csv"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def refused(path: Path, known: tuple[str, ...] = ()) -> RosterError:
    with pytest.raises(RosterError) as caught:
        read_table(path, known=known)
    return caught.value


def test_a_file_is_read_and_written(tmp_path: Path) -> None:
    text = HEAD + 'police,police,2026,"Polisen, Nord",\nschool.1,school,2026-03,,police ud\n'
    entries = read_table(write(tmp_path, text), known=["ud"])
    assert [(entry.reporter, entry.from_period) for entry in entries] == [
        ("police", "2026-01"),
        ("school.1", "2026-03"),
    ]
    assert (entries[0].name, entries[1].cases_from) == ("Polisen, Nord", ("police", "ud"))
    assert read_table(write(tmp_path, table_of(entries)), known=["ud"]) == entries


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_files_as_spreadsheets_write_them(tmp_path: Path, delimiter: str, end: str) -> None:
    text = f"\ufeff{HEAD}\npolice,police,2026,Åsa,\n\n".replace(",", delimiter).replace("\n", end)
    (entry,) = read_table(write(tmp_path, text), known=[])
    assert entry.name == "Åsa"


def test_every_bad_row_is_named_by_its_line(tmp_path: Path) -> None:
    rows = ["police,police,2026,,", "x y,police,2026,,", "", "a,ghost,2026,,", "police,police,2026-01,,", "b,police"]
    error = refused(write(tmp_path, HEAD + "\n".join(rows)))
    assert error.rule == "roster.rows"
    assert error.faults == ((3, "roster.reporter"), (5, "roster.kind"), (6, "roster.duplicate"), (7, "roster.cells"))
    assert error.rules["roster.cells"] == "The row has more or fewer cells than the header."
    assert error.exit_status == 5


def test_a_row_of_several_lines_is_named_by_its_first(tmp_path: Path) -> None:
    error = refused(write(tmp_path, HEAD + 'police,police,2026,"a\nb",\nschool,none,2026,,\n'))
    assert error.faults == ((2, "roster.name"), (4, "roster.kind"))


def test_cases_come_from_reporters_on_the_roster(tmp_path: Path) -> None:
    path = write(tmp_path, HEAD + "police,police,2026,,school\nschool,school,2026,,ud\n")
    assert refused(path).faults == ((3, "roster.cases_from"),)
    assert len(read_table(path, known=["ud"])) == 2


@pytest.mark.parametrize(
    ("content", "rule"),
    [
        ("", "roster.columns"),
        ("reporter,kind\n", "roster.columns"),
        ("reporter,kind,from,colour\n", "roster.columns"),
        ("reporter,kind,from,kind\n", "roster.columns"),
        ((HEAD + "police,police,2026,Åsa,\n").encode("cp1252"), "roster.encoding"),
        (HEAD + 'police,police,2026,"open,\n', "roster.rows"),
        (b"," * (MAX_BYTES + 1), "roster.unreadable"),
    ],
)
def test_files_that_are_no_roster(tmp_path: Path, content: str | bytes, rule: str) -> None:
    error = refused(write(tmp_path, content))
    assert error.rule == rule
    assert "Åsa" not in str(error) + (error.hint or "")


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    assert refused(tmp_path / "none.csv").rule == "roster.unreadable"
    assert refused(tmp_path).rule == "roster.unreadable"
