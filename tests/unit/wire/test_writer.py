"""A submission appears under its name when it is whole, or not at all."""

from __future__ import annotations

import numpy as np
import pyarrow.parquet as pq
import pytest

from pseudonym.errors import OutputError
from pseudonym.wire import IDENTITY_FIELDS, Header, Quality, SubmissionWriter

ONE = (
    np.zeros((1, 16), np.uint8),
    [("r-1", None, None, None, None, None, None)],
    (np.zeros((1, 1), np.uint8), np.zeros((1, 1, 16), np.uint8), np.zeros((1, 1, 8), np.uint8)),
)


def _finish(writer):
    writer.add(*ONE)
    writer.finish(None)


def test_a_writer_that_is_left_early_leaves_nothing(tmp_path):
    with SubmissionWriter(tmp_path / "out", content_bytes=8, items=()) as writer:
        writer.add(*ONE)
    assert list(tmp_path.iterdir()) == []


def test_an_error_on_the_way_leaves_an_older_file_as_it_was(tmp_path):
    (tmp_path / "out").write_text("older")
    with pytest.raises(TypeError), SubmissionWriter(tmp_path / "out", content_bytes=8, items=()) as writer:
        writer.finish(None)
    assert [path.name for path in tmp_path.iterdir()] == ["out"]
    assert (tmp_path / "out").read_text() == "older"


def test_a_full_disk_is_told_and_leaves_nothing(tmp_path, monkeypatch):
    def full(*_args, **_options):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(pq.ParquetWriter, "write_table", full)
    with pytest.raises(OutputError) as caught, SubmissionWriter(tmp_path / "o", content_bytes=8, items=()) as writer:
        _finish(writer)
    assert caught.value.rule == "output.unwritable"
    assert list(tmp_path.iterdir()) == []


def test_a_missing_folder_is_told(tmp_path):
    with pytest.raises(OutputError):
        SubmissionWriter(tmp_path / "missing" / "out", content_bytes=8, items=())


def test_records_are_sorted_over_the_whole_file(tmp_path):
    # Two groups come in the body's order; in the file nothing is left of it.
    rng = np.random.default_rng(1)
    ids = [rng.integers(0, 256, (300, 16), np.uint8) for _ in range(2)]
    codes = tuple(np.zeros(shape, np.uint8) for shape in ((300, 1), (300, 1, 16), (300, 1, 8)))
    zeros = {"missing": 0, "unreadable": 0, "marked": 0}
    header = Header(
        spec=2,
        profile="test",
        profile_digest="0" * 64,
        codebook=None,
        key_id="0" * 32,
        epoch=1,
        reporter="police",
        period=None,
        sequence=1,
        previous=None,
        records=0,
        codes=0,
        nothing_to_report=False,
        quality={name: Quality(**zeros) for name in IDENTITY_FIELDS},
        content_digest="0" * 64,
    )
    with SubmissionWriter(tmp_path / "out", content_bytes=8, items=()) as writer:
        for number, group in enumerate(ids):
            writer.add(group, [(f"{number}-{place}", *[None] * 6) for place in range(300)], codes)
        assert writer.finish(header).records == 600
    rows = pq.read_table(tmp_path / "out").to_pylist()
    found = [row["record"] for row in rows if row["table"] == 0]
    assert found == sorted(found)
    assert len(found) == 600
