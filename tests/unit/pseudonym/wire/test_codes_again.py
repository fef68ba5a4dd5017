"""Codes are read a second time as they were, or not at all."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pseudonym.errors import SubmissionError
from pseudonym.wire import codes_again, open_codes, open_submission, split_submission
from pseudonym.wire.codes_again import code_group
from pseudonym.wire.schema import code_schema, submission_schema
from tests.unit.linkage.helpers import PROFILE, crowd, send

WIDTH = PROFILE.encoding.content_bytes


@pytest.fixture
def path(tmp_path, monkeypatch) -> Path:
    monkeypatch.setattr("pseudonym.wire.writer.GROUP_RECORDS", 3)
    return send(tmp_path / "s", "a", 1, crowd("a", range(8)))


def groups_of(path: Path):
    with open_submission(path, profile=PROFILE, codebook=None) as (_, turns):
        return tuple((code_group(turn.index, turn.codes), turn.codes) for turn in turns)


def again(path: Path, known) -> list[pa.Table | None]:
    with codes_again(path, submission_schema(WIDTH, ()), known) as parts:
        return list(parts)


def test_the_same_codes_are_read_again(path):
    known, tables = zip(*groups_of(path), strict=True)
    assert [group.index for group in known] == [1, 3, 5]
    assert again(path, known) == list(tables)


def test_those_of_a_part_too(tmp_path, path):
    split_submission(path, codes=tmp_path / "c", cases=tmp_path / "d", profile=PROFILE, codebook=None)
    with open_codes(tmp_path / "c", profile=PROFILE) as (_, turns):
        known = [(code_group(turn.index, turn.codes), turn.codes) for turn in turns]
    with codes_again(tmp_path / "c", code_schema(WIDTH), [group for group, _ in known]) as parts:
        assert list(parts) == [codes for _, codes in known]


@pytest.mark.parametrize("column", ["record", "kind", "match_key", "content"])
def test_one_other_value_is_another_group(path, column):
    (group, codes), *_ = groups_of(path)
    place = codes.column_names.index(column)
    values = codes[column].to_pylist()
    other = (values[0] ^ 1) if column == "kind" else bytes([values[0][0] ^ 1]) + values[0][1:]
    changed = codes.set_column(place, codes.field(column), [pa.array([other, *values[1:]], codes.field(column).type)])
    assert code_group(group.index, changed).digest != group.digest
    assert code_group(group.index, codes) == group
    order = pa.array(np.arange(len(codes))[::-1])
    assert code_group(group.index, codes.take(order)).digest != group.digest


def test_what_has_changed_is_none(tmp_path, path):
    known = [group for group, _ in groups_of(path)]
    fewer = send(tmp_path / "fewer", "a", 1, crowd("a", range(4)))
    assert again(fewer, known) == [None] * 3
    other = send(tmp_path / "other", "a", 1, crowd("a", range(20, 28)))
    assert again(other, known) == [None] * 3
    empty = send(tmp_path / "empty", "a", 1)
    assert again(empty, known) == [None] * 3
    pq.write_table(pa.table({"n": [1]}), tmp_path / "table")
    assert again(tmp_path / "table", known) == [None] * 3


@pytest.mark.parametrize("damage", ["gone", "cut"])
def test_a_file_that_is_none_any_more_is_an_error(path, damage):
    known = [group for group, _ in groups_of(path)]
    if damage == "gone":
        path.unlink()
    else:
        path.write_bytes(path.read_bytes()[:200])
    with pytest.raises(SubmissionError) as caught:
        again(path, known)
    assert caught.value.rule in ("submission.unreadable", "submission.not_parquet")


def test_no_altered_byte_goes_unnoticed(path):
    known, tables = zip(*groups_of(path), strict=True)
    data = path.read_bytes()
    noticed = 0
    for place in range(4, len(data), 211):
        altered = bytearray(data)
        altered[place] ^= 16
        path.write_bytes(altered)
        try:
            parts = again(path, known)
        except SubmissionError:
            noticed += 1
            continue
        # What is read at all is what was read before.
        assert all(part is None or part == table for part, table in zip(parts, tables, strict=True))
        noticed += None in parts
    assert noticed > 10
