"""What a row group may hold is bounded by what its page headers say, whatever its metadata say."""

from __future__ import annotations

import errno
import sys
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pytest

from pseudonym.errors import SubmissionError
from pseudonym.wire.limits import MAX_TEXT_BYTES, check_pages, check_texts
from tests.vectors.plain_parquet import Struct

N_ROWS = 100
SCHEMA = pa.schema([("case_id", pa.string())])


@dataclass
class Column:
    """The metadata of a column chunk that fills a file."""

    total_compressed_size: int
    num_values: int = N_ROWS
    data_page_offset: int = 0
    dictionary_page_offset: int | None = None


@dataclass
class Group:
    """The metadata of a row group with one column."""

    only: Column
    num_rows: int = N_ROWS

    def column(self, index: int) -> Column:
        """Return its column."""
        return self.only


def data_page(n_bytes: int, n_values: int = N_ROWS, encoding: int = 0) -> bytes:
    own = Struct().integer(1, n_values).integer(2, encoding).integer(3, 3).integer(4, 3)
    return Struct().integer(1, 0).integer(2, n_bytes).integer(3, 0).struct(5, own).done()


def dictionary_page(n_bytes: int, n_values: int) -> bytes:
    own = Struct().integer(1, n_values).integer(2, 0)
    return Struct().integer(1, 2).integer(2, n_bytes).integer(3, 0).struct(7, own).done()


def check(path: Path, data: bytes, names: tuple[str, ...] = ("case_id",)) -> None:
    (path / "chunk").write_bytes(data)
    with pa.OSFile(str(path / "chunk")) as source:
        check_pages(source, Group(Column(len(data))), SCHEMA, names)


LIMIT = N_ROWS * (4 + 256 + 5) + 65_536


def test_a_column_may_have_the_longest_texts_and_no_more(tmp_path):
    check(tmp_path, data_page(LIMIT))
    with pytest.raises(SubmissionError, match="a column is too large") as caught:
        check(tmp_path, data_page(LIMIT + 1))
    assert caught.value.rule == "submission.too_large"
    assert caught.value.hint is not None
    assert "ask the reporter to write it again" in caught.value.hint


def test_pages_count_together(tmp_path):
    with pytest.raises(SubmissionError, match="a column is too large"):
        check(tmp_path, data_page(LIMIT // 2 + 1, 50) * 2)


def test_a_column_of_nulls_may_not_have_room_for_texts(tmp_path):
    check(tmp_path, data_page(65_536), names=())
    with pytest.raises(SubmissionError, match="a column is too large"):
        check(tmp_path, data_page(LIMIT), names=())


def test_a_dictionary_may_not_have_more_values_than_there_are_rows(tmp_path):
    check(tmp_path, dictionary_page(500, N_ROWS) + data_page(200, encoding=8))
    with pytest.raises(SubmissionError, match="a column is too large"):
        check(tmp_path, dictionary_page(500, 2**31 - 1) + data_page(200, encoding=8))


def test_pages_without_end_are_refused(tmp_path):
    with pytest.raises(SubmissionError, match="a column is too large"):
        check(tmp_path, data_page(4, 0) * 18 + data_page(4))


@pytest.mark.parametrize("n_values", [N_ROWS - 1, 0])
def test_pages_that_hold_too_few_values_are_damage(tmp_path, n_values):
    with pytest.raises(SubmissionError) as caught:
        check(tmp_path, data_page(200, n_values))
    assert caught.value.rule == "submission.not_parquet"


def test_an_encoding_that_shares_prefixes_is_refused(tmp_path):
    with pytest.raises(SubmissionError, match="unknown encoding") as caught:
        check(tmp_path, data_page(200, encoding=7))
    assert caught.value.rule == "submission.encoding"


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has a file that fails to be read as a bad disk does")
def test_a_disk_that_fails_is_not_called_a_damaged_file(tmp_path):
    # Nothing is at the lowest addresses of a process.
    with pa.OSFile("/proc/self/mem") as memory:
        with pytest.raises(OSError, match="Input/output error") as caught:
            memory.read_at(8, 0)
        assert caught.value.errno == errno.EIO
        with pytest.raises(SubmissionError) as refused:
            check_pages(Failing(memory), Group(Column(500)), SCHEMA, ("case_id",))
    assert refused.value.rule == "submission.unreadable"
    assert "the disk is failing" in refused.value.message


@dataclass
class Failing:
    """A file whose bytes cannot be read though its length is known."""

    memory: pa.NativeFile

    def size(self) -> int:
        """Return a length."""
        return 1000

    def read_at(self, n_bytes: int, offset: int) -> bytes:
        """Fail as a disk does."""
        return self.memory.read_at(n_bytes, offset)


def texts(*values: str | None) -> list[pa.ChunkedArray]:
    """Return one column of dictionaries, in two chunks of which the first is blank."""
    return [pa.chunked_array([pa.array(chunk, pa.string()).dictionary_encode() for chunk in ([None], [*values])])]


@pytest.mark.parametrize("sign", ["x", "å", "字"])
def test_a_text_has_as_many_bytes_as_it_may_and_no_more(sign):
    n_bytes = len(sign.encode())
    longest = sign * (MAX_TEXT_BYTES // n_bytes) + "x" * (MAX_TEXT_BYTES % n_bytes)
    assert len(longest.encode()) == 256
    check_texts(texts("a", None, longest))
    with pytest.raises(SubmissionError, match="a text is too long") as caught:
        check_texts(texts("a", None, longest + "x"))
    assert caught.value.rule == "submission.too_large"
