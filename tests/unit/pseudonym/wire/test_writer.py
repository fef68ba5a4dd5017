"""A submission appears under its name when it is whole, or not at all."""

from __future__ import annotations

import io
import os
import stat
import tempfile
import threading

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pseudonym.errors import OutputError
from pseudonym.wire import IDENTITY_FIELDS, SPEC, Header, Quality, SubmissionWriter, make_group

ONE = (
    np.zeros((1, 16), np.uint8),
    [("r-1", *[None] * 9)],
    (np.zeros((1, 1), np.uint8), np.zeros((1, 1, 16), np.uint8), np.zeros((1, 1, 8), np.uint8)),
)


def _finish(writer):
    writer.add(*ONE)
    writer.finish(None)


def test_a_writer_that_is_left_early_leaves_nothing(tmp_path):
    with SubmissionWriter(tmp_path / "out", content_bytes=8, items=()) as writer:
        writer.add(*ONE)
    assert list(tmp_path.iterdir()) == []


def test_the_handle_of_a_code_takes_a_byte_or_two_and_match_keys_have_no_dictionary(tmp_path):
    n, c = 19, 500
    draw = np.random.default_rng(1)
    ids, match_key, content = (
        draw.integers(0, 256, shape, dtype=np.uint8) for shape in ((n, 16), (n, c, 16), (n, c, 8))
    )
    cases = [(f"r-{place}", *[None] * 9) for place in range(n)]
    with SubmissionWriter(tmp_path / "out", content_bytes=8, items=()) as writer:
        writer.add(ids, cases, (np.zeros((n, c), np.uint8), match_key, content))
        writer.finish(HEADER)
    codes = pq.read_metadata(tmp_path / "out").row_group(1)
    columns = {codes.column(place).path_in_schema: codes.column(place) for place in range(5)}
    assert columns["record"].total_compressed_size < 2 * n * c
    assert all("RLE_DICTIONARY" not in columns[name].encodings for name in ("match_key", "content"))


def test_an_error_on_the_way_leaves_an_older_file_as_it_was(tmp_path):
    with SubmissionWriter(tmp_path / "out", content_bytes=8, items=()) as writer:
        writer.finish(HEADER)
    older = (tmp_path / "out").read_bytes()
    with pytest.raises(TypeError), SubmissionWriter(tmp_path / "out", content_bytes=8, items=()) as writer:
        writer.finish(None)
    assert [path.name for path in tmp_path.iterdir()] == ["out"]
    assert (tmp_path / "out").read_bytes() == older


def test_a_full_disk_is_named_and_leaves_nothing(tmp_path, monkeypatch):
    def full(*_args, **_options):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(pq.ParquetWriter, "write_table", full)
    with pytest.raises(OutputError) as caught, SubmissionWriter(tmp_path / "o", content_bytes=8, items=()) as writer:
        _finish(writer)
    assert caught.value.rule == "output.unwritable"
    assert list(tmp_path.iterdir()) == []


def test_a_missing_folder_is_named(tmp_path):
    with pytest.raises(OutputError):
        SubmissionWriter(tmp_path / "missing" / "out", content_bytes=8, items=())


HEADER = Header(
    spec=SPEC,
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
    quality=None,
    content_digest="0" * 64,
)


FULL_HEADER = HEADER.model_copy(
    update={"quality": {name: Quality(missing=0, unreadable=0, marked=0) for name in IDENTITY_FIELDS}}
)


def _fill(writer, *, n_groups, n_records=300, n_codes=3):
    """Add groups of records that come in the order of their names, with ids in no order."""
    rng = np.random.default_rng(1)
    for number in range(n_groups):
        shapes = ((n_records, n_codes), (n_records, n_codes, 16), (n_records, n_codes, 8))
        kind, match_key, content = (rng.integers(0, 256, shape, np.uint8) for shape in shapes)
        cases = [(f"{number}-{place}", None, "case", *[None] * 7) for place in range(n_records)]
        writer.add(rng.integers(0, 256, (n_records, 16), np.uint8), cases, (kind, match_key, content))


def test_records_are_sorted_over_the_whole_file(tmp_path):
    # Groups come in the reporter's order; in the file nothing is left of it.
    seen = []
    with SubmissionWriter(tmp_path / "out", content_bytes=8, items=()) as writer:
        _fill(writer, n_groups=2)
        assert writer.finish(FULL_HEADER, progress=seen.append).records == 600
    rows = pq.read_table(tmp_path / "out").to_pylist()
    found = [row["record"] for row in rows if row["table"] == 0]
    assert found == sorted(found)
    assert len(found) == 600
    assert seen == [600]


@pytest.mark.whole
@pytest.mark.parametrize("beside", [False, True])
def test_a_file_that_was_spooled_to_disk_has_the_same_bytes(tmp_path, beside):
    for name, run_bytes in (("held", 1 << 30), ("spooled", 200_000)):
        seen = []
        options = {"run_bytes": run_bytes, "beside": beside and name == "spooled"}
        with SubmissionWriter(tmp_path / name, content_bytes=8, items=(), **options) as writer:
            # More runs than those that have large bins.
            _fill(writer, n_groups=30, n_codes=24)
            writer.finish(FULL_HEADER, progress=seen.append)
        assert seen == [8192, 9000]
        assert writer.largest_part < (1 << 30 if name == "held" else 200_000)
    assert (tmp_path / "held").read_bytes() == (tmp_path / "spooled").read_bytes()


def test_what_a_killed_run_left_of_the_same_name_is_removed(tmp_path):
    (tmp_path / ".out.0123abcd.part").touch()
    others = [".out.0123abcd.part.txt", ".other.0123abcd.part", ".out.x.part", "out.0123abcd.part", "outX0123abcd.part"]
    for name in others:
        (tmp_path / name).touch()
    with SubmissionWriter(tmp_path / "out", content_bytes=8, items=()) as writer:
        writer.add(*ONE)
        writer.finish(HEADER)
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(["out", *others])


def test_two_runs_for_one_output_do_not_disturb_each_other(tmp_path):
    with SubmissionWriter(tmp_path / "out", content_bytes=8, items=()) as first:
        first.add(*ONE)
        with SubmissionWriter(tmp_path / "out", content_bytes=8, items=()) as second:
            second.add(*ONE)
            second.finish(HEADER)
        first.finish(HEADER)
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


@pytest.mark.skipif(os.name == "nt", reason="Windows keeps the name of a temporary file until it is closed.")
def test_a_spool_has_no_name_and_is_its_owners(tmp_path):
    with SubmissionWriter(tmp_path / "out", content_bytes=8, items=(), run_bytes=1) as writer:
        writer.add(*ONE)
        file = writer._records._file
        assert stat.S_IMODE(os.fstat(file.fileno()).st_mode) == 0o600
        assert os.fstat(file.fileno()).st_nlink == 0
        assert len(list(tmp_path.iterdir())) == 1
    assert file.closed


def test_a_disk_that_is_full_while_spooling_is_told_and_leaves_nothing(tmp_path, monkeypatch):
    class Full(io.BytesIO):
        def write(self, _data):
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(tempfile, "TemporaryFile", lambda **_options: Full())
    writer = SubmissionWriter(tmp_path / "out", content_bytes=8, items=(), run_bytes=1)
    with pytest.raises(OutputError) as caught, writer:
        writer.add(*ONE)
    assert caught.value.rule == "output.unwritable"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("beside", [False, True])
def test_a_disk_that_is_full_while_groups_are_written_is_told_and_leaves_nothing(tmp_path, monkeypatch, beside):
    n_before = threading.active_count()
    writer = SubmissionWriter(tmp_path / "out", content_bytes=8, items=(), beside=beside)

    def full(*_arguments, **_options):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(writer._parquet, "write_table", full)
    writer.add(*ONE)
    with pytest.raises(OutputError) as caught, writer:
        writer.finish(HEADER)
    assert caught.value.rule == "output.unwritable"
    assert list(tmp_path.iterdir()) == []
    assert threading.active_count() == n_before


def test_nothing_of_a_group_from_another_process_is_kept_once_it_is_on_disk(tmp_path):
    n_bytes, n_before = 100_000, pa.total_allocated_bytes()
    with SubmissionWriter(tmp_path / "out", content_bytes=8, items=(), run_bytes=n_bytes // 2) as writer:
        for number in range(20):
            codes = (np.zeros((10, n), np.uint8) for n in (400, 6400, 3200))
            kind, match_key, content = (one.reshape(10, 400, -1) for one in codes)
            cases = [(f"{number}-{place}", *[None] * 9) for place in range(10)]
            ids = np.random.default_rng(number).integers(0, 256, (10, 16), np.uint8)
            group = make_group(ids, cases, (kind[:, :, 0], match_key, content), ())
            # As one piece of memory, which is how it is received.
            writer.add_group(pa.ipc.read_record_batch(group.serialize(), group.schema))
            del group
        assert pa.total_allocated_bytes() - n_before < 5 * n_bytes
