"""A submission appears under its name when it is whole, or not at all."""

from __future__ import annotations

import numpy as np
import pyarrow.parquet as pq
import pytest

from pseudonym.errors import OutputError
from pseudonym.wire import SubmissionWriter

ONE = (
    np.zeros((1, 16), np.uint8),
    [("r-1", None, None, None, None, None, None)],
    (np.zeros((1, 1), np.uint8), np.zeros((1, 1, 16), np.uint8), np.zeros((1, 1, 8), np.uint8)),
)


def test_a_writer_that_is_left_early_leaves_nothing(tmp_path):
    with SubmissionWriter(tmp_path / "out", content_bytes=8, items=()) as writer:
        writer.add(*ONE)
    assert list(tmp_path.iterdir()) == []


def test_an_error_on_the_way_leaves_an_older_file_as_it_was(tmp_path):
    (tmp_path / "out").write_text("older")
    with pytest.raises(TypeError), SubmissionWriter(tmp_path / "out", content_bytes=8, items=()) as writer:
        writer.add(*ONE[:2], None)
    assert [path.name for path in tmp_path.iterdir()] == ["out"]
    assert (tmp_path / "out").read_text() == "older"


def test_a_full_disk_is_told_and_leaves_nothing(tmp_path, monkeypatch):
    def full(*_args, **_options):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(pq.ParquetWriter, "write_table", full)
    with pytest.raises(OutputError) as caught, SubmissionWriter(tmp_path / "o", content_bytes=8, items=()) as writer:
        writer.add(*ONE)
    assert caught.value.rule == "output.unwritable"
    assert list(tmp_path.iterdir()) == []


def test_a_missing_folder_is_told(tmp_path):
    with pytest.raises(OutputError):
        SubmissionWriter(tmp_path / "missing" / "out", content_bytes=8, items=())
