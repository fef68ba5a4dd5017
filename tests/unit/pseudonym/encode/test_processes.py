"""Several processes give the bytes, faults and counts of one, and an end that is said."""

from __future__ import annotations

import multiprocessing
import os
import signal
import struct
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from functools import partial
from itertools import count
from multiprocessing.connection import Connection
from multiprocessing.reduction import ForkingPickler
from pathlib import Path
from typing import Any, NoReturn
from unittest import mock

import pytest

from pseudonym import load_codebook
from pseudonym.encode import Encoder, Record, Report, batches, processes
from pseudonym.encode.parts import PartMaker
from pseudonym.errors import InputError, OutputError
from pseudonym.identity.reader import InputFile, TableRecord
from pseudonym.keyed import LinkageKey

DAY = date(2026, 3, 31)
pytestmark = pytest.mark.whole


def _records() -> list[Record]:
    """Return records of which some have the id of another, no identity, or values that cannot be read."""
    found = [
        Record(
            f"r-{index}",
            given_names=f"Rut {chr(97 + index % 26)}a",
            family_names=["Lindqvist", "Ek"] if index % 5 == 0 else f"Berg{chr(97 + index % 7)}",
            birth_date=f"{1990 + index % 20}-02-{1 + index % 28:02d}",
            sex="kvinna" if index % 3 else "x",
            event_date="2026-03-02",
            payload={"state": "taken" if index % 4 else "nowhere"},
        )
        for index in range(60)
    ]
    # The id of a record without identity is free for a later one; all others are not.
    found[12] = Record("late")
    found[40] = replace(found[40], record_id="late")
    found[41] = replace(found[41], record_id="late")
    found[50] = replace(found[50], record_id="r-3")
    found[17] = replace(found[17], record_id="r-16")
    found[20] = replace(found[20], record_id="19920221-1234")
    return found


def _write(key: LinkageKey, path: Path, jobs: int) -> Report:
    encoder = Encoder(key, reporter="police", codebook=load_codebook("case-registry"), reference_date=DAY, jobs=jobs)
    return encoder.write(path, _records(), sequence=1, period="2026-03", on_fault="ignore")


@pytest.fixture(scope="module")
def key() -> LinkageKey:
    return LinkageKey.generate(project="test", epoch=1)


@pytest.fixture(autouse=True)
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make batches so small that there are several, most of which are encoded elsewhere."""
    monkeypatch.setattr(batches, "BATCH_RECORDS", 8)


def test_the_bytes_are_those_of_one_process(key: LinkageKey, tmp_path: Path) -> None:
    one, two = (_write(key, tmp_path / f"{jobs}.parquet", jobs) for jobs in (1, 2))
    assert (tmp_path / "1.parquet").read_bytes() == (tmp_path / "2.parquet").read_bytes()
    assert one == two
    assert one.header.records == 55
    assert one.derived["age_at_event"] == 55
    rejected = [(fault.row, fault.rule) for fault in one.faults if fault.effect == "rejected"]
    assert rejected == [
        (13, "identity.none"),
        (18, "record_id.duplicate"),
        (21, "record_id.number_like"),
        (42, "record_id.duplicate"),
        (51, "record_id.duplicate"),
    ]


FILE = """record_id;number;given_names;family_names;birth_date;sex;event_date;purpose
1;5002030;Eva;Ek;3/4/1950;kvinna;2026-03-02;honour
2;195002032231;=?UTF-8?Q?=C3=85sa?=;Berg;14/4/1950;x;2026-03-02;nothing
3;;Rut
4;0002032231;Rut;Ek;15/4/1950;man;2026-03-04;honour
--------
5;;;;;;;
Summa;;;5;;;;
6;;Anna;Lind;1/13/1950;man;2026-03;honour
7;1,95E+11;"Bo";Ek;16/4/1950;man;;;;
8;;Bo;"Ek;16/4/1950;man;2026-03-04;honour
9;;Siv;Ek;17/4/1950;kvinna;2026-03-04;
record_id;number;given_names;family_names;birth_date;sex;event_date;purpose
4;;Ulla;Ek;18/4/1950;kvinna;2026-03-04;honour
5;;Ulla;Ek;18/4/1950;kvinna;2026-03-04;honour
10;;Ida;Ek;18/4/1950;kvinna;2026-03-04;honour
"""
"""Rows that are mended, rejected, no record, or like an earlier one; how dates are read depends on all of them."""


@pytest.mark.parametrize("rows_per_part", [1, 3, 8])
def test_rows_of_a_file_are_read_elsewhere_as_here(
    key: LinkageKey, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rows_per_part: int
) -> None:
    monkeypatch.setattr(batches, "BATCH_RECORDS", rows_per_part)
    (tmp_path / "cases.csv").write_text(FILE, encoding="utf-8")
    reports, lists = [], ([], [])
    for jobs, faults in zip((1, 2), lists, strict=True):
        reports.append(_write_file(key, tmp_path, jobs, faults=faults))
    assert (tmp_path / "1.parquet").read_bytes() == (tmp_path / "2.parquet").read_bytes()
    assert reports[0] == reports[1]
    assert lists[0] == lists[1]
    assert reports[0].header.records == 8
    rules = {fault.rule for fault in reports[0].faults}
    assert rules >= {"damage.exponent", "identity.none", "record_id.duplicate", "row.columns", "row.footer", "row.rule"}
    assert rules >= {"row.header_again", "row.spare_cells", "row.unterminated", "sex.unknown"}


def _write_file(key: LinkageKey, folder: Path, jobs: int, **options: Any) -> Report:
    encoder = Encoder(key, reporter="police", codebook=load_codebook("case-registry"), reference_date=DAY, jobs=jobs)
    options = {"sequence": 1, "period": "2026-04", "on_fault": "ignore"} | options
    return encoder.write(folder / f"{jobs}.parquet", folder / "cases.csv", **options)


@pytest.mark.parametrize("jobs", [1, 2])
@pytest.mark.parametrize("n_before", [0, 20])
def test_a_second_header_with_other_columns_is_refused_at_its_row(
    key: LinkageKey, tmp_path: Path, jobs: int, n_before: int
) -> None:
    rows = [f"{index};;Rut;Ek;195{index % 10}-02-03;;;" for index in range(n_before)]
    other = "record_id;number;birth_date;given_names;family_names;sex;event_date;purpose"
    (tmp_path / "cases.csv").write_text("\n".join([FILE.partition("\n")[0], *rows, other, *rows]), encoding="utf-8")
    with pytest.raises(InputError) as caught:
        _write_file(key, tmp_path, jobs)
    assert (caught.value.rule, caught.value.row) == ("input.second_header", n_before + 2)
    assert caught.value.path == tmp_path / "cases.csv"
    assert [path.name for path in tmp_path.iterdir()] == ["cases.csv"]
    assert multiprocessing.active_children() == []


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_loss_is_raised_before_an_error_of_later_rows(
    key: LinkageKey, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, jobs: int
) -> None:
    (tmp_path / "cases.csv").write_text(FILE, encoding="utf-8")
    monkeypatch.setattr(InputFile, "records", _cut_short)
    with pytest.raises(InputError) as caught:
        _write_file(key, tmp_path, jobs, on_fault="raise")
    assert (caught.value.rule, caught.value.row) == ("date.order", 2)
    with pytest.raises(InputError) as caught:
        _write_file(key, tmp_path, jobs)
    assert caught.value.rule == "input.changed"


def _cut_short(file: InputFile, progress: object = None) -> Iterator[TableRecord]:
    """Yield rows until one that is lost, and as many as make a part; then the file has changed."""
    records = file.source.records(file.columns.n_columns, lambda n_bytes: None)
    next(records)
    rows = [row for row in records if row.line in {2, 10}]
    yield from (rows * 8)[:16]
    raise InputError("input.changed", "The file has changed.")


@pytest.mark.parametrize("chunks", [1, 2, 4], ids="killed after {} chunks".format)
def test_a_process_that_is_killed_leaves_no_file(
    key: LinkageKey, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, chunks: int
) -> None:
    submit = processes._Worker.submit
    sent = count(1)

    def submit_and_kill(worker, task, rows):
        future = submit(worker, task, rows)
        if next(sent) >= chunks:
            worker._process.kill()
        return future

    monkeypatch.setattr(processes._Worker, "submit", submit_and_kill)
    _assert_ended(key, tmp_path)


def _assert_ended(key: LinkageKey, folder: Path) -> None:
    with pytest.raises(OutputError) as caught:
        _write(key, folder / "s.parquet", 2)
    assert caught.value.rule == "output.process"
    assert list(folder.iterdir()) == []
    assert multiprocessing.active_children() == []


@pytest.mark.parametrize("most", [0, 1, 100, 70_000], ids="killed after {} bytes of a result".format)
def test_a_process_that_is_killed_while_it_sends_a_result_leaves_no_file(
    key: LinkageKey, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    """A reader that holds both ends of a pipe would wait for the rest for ever."""
    monkeypatch.setattr(processes, "_serve", partial(_cut, most))
    _assert_ended(key, tmp_path)


def _cut(most: int, pipe: Connection) -> None:
    """Take what is sent, and end in the middle of a long answer."""
    for _ in ("settings", "task", "rows"):
        pipe.recv()
    os.write(pipe.fileno(), struct.pack("!i", 100_000) + bytes(most))
    os._exit(9)


def test_a_process_that_cannot_be_started_leaves_no_file(
    key: LinkageKey, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(self) -> None:
        raise BlockingIOError

    monkeypatch.setattr("multiprocessing.context.SpawnProcess.start", refuse)
    _assert_ended(key, tmp_path)


def test_processes_that_are_ready_end_with_the_block(key: LinkageKey, tmp_path: Path) -> None:
    # This process is the third.
    encoder = Encoder(key, reporter="police", reference_date=DAY, jobs=3)
    with pytest.raises(InputError) as caught:
        encoder.write(tmp_path / "s.parquet", tmp_path / "missing.csv", sequence=1)
    assert caught.value.rule == "input.unreadable"
    with encoder.ready():
        running = multiprocessing.active_children()
        assert len(running) == 2
        with encoder.ready():
            assert multiprocessing.active_children() == running
        # The first input is encoded by those that run, the second by others.
        for name in ("a.parquet", "b.parquet"):
            encoder.write(tmp_path / name, _records(), sequence=1, on_fault="ignore")
            assert multiprocessing.active_children() == []
    assert (tmp_path / "a.parquet").read_bytes() == (tmp_path / "b.parquet").read_bytes()


class _Untransferable(Exception):
    """An error of a package that can be packed, but not unpacked, and holds what it was about."""

    def __init__(self, value: str, *, row: int) -> None:
        super().__init__(f"cannot read {value}, {row}")


ERRORS = [_Untransferable("Rut Aa", row=1), ValueError("Rut Aa"), MemoryError("Rut Aa"), InputError("x.y", "Rut Aa")]


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
def test_what_fails_in_another_process_is_done_here(
    key: LinkageKey,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    error: Exception,
) -> None:
    _write(key, tmp_path / "1.parquet", 1)
    monkeypatch.setattr(
        processes, "_serve", partial(_serve_failing, None if isinstance(error, _Untransferable) else error)
    )
    _write(key, tmp_path / "2.parquet", 2)
    assert (tmp_path / "1.parquet").read_bytes() == (tmp_path / "2.parquet").read_bytes()
    assert capfd.readouterr() == ("", "")


def _serve_failing(error: Exception | None, pipe: Connection) -> None:
    """Serve in a process in which nothing can be encoded; `_Untransferable` cannot even be told to it."""

    def fail(self: PartMaker, rows: object) -> NoReturn:
        raise ERRORS[0] if error is None else error

    with mock.patch.object(PartMaker, "part_alone", fail):
        processes._serve(pipe)


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
def test_nothing_of_an_error_is_sent(error: Exception) -> None:
    class Failing:
        def part_alone(self, rows: object) -> NoReturn:
            raise error

    here, there = multiprocessing.Pipe()
    with here, there:
        processes._answer(there, Failing(), [(1, ["17", "Rut Aa"])])
        assert here.recv_bytes() == ForkingPickler.dumps(None)
        assert not here.poll()


def test_what_cannot_be_sent_is_encoded_here(key: LinkageKey, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _write(key, tmp_path / "1.parquet", 1)

    def refuse(row: TableRecord) -> object:
        return lambda: row

    monkeypatch.setattr(processes, "_packed", refuse)
    _write(key, tmp_path / "2.parquet", 2)
    assert (tmp_path / "1.parquet").read_bytes() == (tmp_path / "2.parquet").read_bytes()


@pytest.mark.parametrize("jobs", [1, 2])
def test_an_error_of_rows_is_raised_here(
    key: LinkageKey, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], jobs: int
) -> None:
    def fail(*arguments: object) -> NoReturn:
        raise ERRORS[0]

    monkeypatch.setattr(processes, "_serve", partial(_serve_failing, None))
    monkeypatch.setattr(PartMaker, "part", fail)
    monkeypatch.setattr(PartMaker, "part_alone", fail)
    with pytest.raises(_Untransferable):
        _write(key, tmp_path / "s.parquet", jobs)
    assert list(tmp_path.iterdir()) == []
    assert multiprocessing.active_children() == []
    assert capfd.readouterr() == ("", "")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no signals that can be blocked")
def test_ctrl_c_reaches_this_process_alone(key: LinkageKey, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told = tmp_path / "blocked"
    monkeypatch.setattr(processes, "_serve", partial(_tell_blocked, told))
    before = signal.pthread_sigmask(signal.SIG_BLOCK, [])
    with pytest.raises(OutputError):
        _write(key, tmp_path / "s.parquet", 2)
    assert told.read_text() == "SIGINT"
    assert signal.pthread_sigmask(signal.SIG_BLOCK, []) == before


def _tell_blocked(told: Path, pipe: Connection) -> None:
    told.write_text(" ".join(one.name for one in signal.pthread_sigmask(signal.SIG_BLOCK, [])))
