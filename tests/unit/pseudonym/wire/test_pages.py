"""Page headers are read as Parquet defines them, and whatever another reader might read differently is refused."""

from __future__ import annotations

import io

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pseudonym.wire.pages import Page, PageError, read_pages
from tests.vectors.plain_parquet import Struct


def header(n_bytes: int = 20, n_packed: int = 20, n_values: int = 3, encoding: int = 0) -> bytes:
    """Return the header of a data page."""
    data = Struct().integer(1, n_values).integer(2, encoding).integer(3, 3).integer(4, 3)
    return Struct().integer(1, 0).integer(2, n_bytes).integer(3, n_packed).struct(5, data).done()


def pages(data: bytes) -> list[Page]:
    """Read a whole text as a column chunk."""
    return list(read_pages(lambda n_bytes, at: data[at : at + n_bytes], 0, len(data)))


def test_a_page_is_what_its_header_says():
    assert pages(header(70_000, 20, 8192, 8) + bytes(20)) == [Page(0, 70_000, 8192, 8)]


def test_a_size_of_two_gigabytes_is_read_as_such():
    assert pages(header(2**31 - 1, 4) + bytes(4))[0].n_bytes == 2**31 - 1


def test_a_header_with_long_statistics_is_read_to_its_end():
    data = Struct().integer(1, 3).integer(2, 0).integer(3, 3).integer(4, 3)
    data.struct(5, Struct().text(1, "x" * 3000).text(2, "y" * 3000))
    long = Struct().integer(1, 0).integer(2, 20).integer(3, 20).struct(5, data).done()
    assert pages((long + bytes(20)) * 2) == [Page(0, 20, 3, 0)] * 2


def test_pages_with_the_same_header_and_with_others_are_told_apart():
    same, other, longer = header(), header(n_values=4), header(n_bytes=2**20, n_values=2**20)
    data = b"".join(one + bytes(20) for one in (same, same, other, same, longer, longer, same))
    values = [3, 3, 4, 3, 2**20, 2**20, 3]
    assert [page.n_values for page in pages(data)] == values
    # The end of a chunk is that of its last page, whatever stands before it.
    for cut in (1, 20, 21, len(same) + 19):
        with pytest.raises(PageError):
            pages(data[:-cut])


@pytest.mark.parametrize("version", ["1.0", "2.0"])
@pytest.mark.parametrize("dictionary", [False, True])
def test_the_pages_that_arrow_writes_are_all_found(version: str, dictionary: bool):
    file = io.BytesIO()
    table = pa.table({"x": [str(number % 100) if number % 3 else None for number in range(10_000)]})
    options = {"data_page_version": version, "use_dictionary": dictionary, "data_page_size": 1000}
    pq.write_table(table, file, write_batch_size=100, compression="zstd", **options)
    column = pq.ParquetFile(file).metadata.row_group(0).column(0)
    start = column.dictionary_page_offset if dictionary else column.data_page_offset
    data = file.getvalue()
    found = list(read_pages(lambda n_bytes, at: data[at : at + n_bytes], start, column.total_compressed_size))
    assert sum(page.n_values for page in found if page.type != 2) == 10_000
    assert [page.n_values for page in found if page.type == 2] == ([100] if dictionary else [])
    assert len(found) > 3


RIGHT = header() + bytes(20)
FAULTY = {
    "cut in the header": RIGHT[:5],
    "cut in the page": RIGHT[:-1],
    "with bytes after it": RIGHT + b"\x15",
    "a field twice": Struct().integer(1, 0).done()[:-1] + b"\x05\x02" + RIGHT[2:],
    "a negative size": header(n_packed=-1) + bytes(20),
    "a negative number of values": header(n_values=-1) + bytes(20),
    "an unknown type of page": b"\x15\x0e" + RIGHT[2:],
    "no number of values": Struct().integer(1, 0).integer(2, 0).integer(3, 0).struct(5, Struct()).done(),
    "structs without end": b"\x1c" * 1000,
    "an integer without end": b"\x15" + b"\xff" * 1000,
    "a list": b"\x19\x0c" + RIGHT,
}


@pytest.mark.parametrize("name", FAULTY)
def test_what_is_no_page_header_is_refused(name: str):
    assert pages(RIGHT) == [Page(0, 20, 3, 0)]
    with pytest.raises(PageError):
        pages(FAULTY[name])
