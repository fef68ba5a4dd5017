"""Make small files that would unpack to gigabytes, and receive them in a process that says what it took."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from linkage.errors import RefusedError
from linkage.reading import Expected, verify_any
from pseudonym.codebook import load_codebook
from pseudonym.errors import SubmissionError
from pseudonym.wire import Header, TotalsHeader, read_any_header, read_header
from tests.unit.linkage.helpers import KEY_ID, PROFILE, crowd, send
from tests.unit.pseudonym.totals import totals_of
from tests.unit.pseudonym.withdrawals import withdrawal_of

__all__ = ["FILES", "MEGABYTE", "peak_megabytes", "write_submission"]

MEGABYTE = 1 << 20
N_RECORDS = 2000
BOOK = load_codebook("case-registry")
Change = Callable[[pa.Table], pa.Table]


def peak_megabytes() -> int:
    """Return the most memory that this process has had, in MiB."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("VmHWM")).split()[1]) >> 10


def write_submission(
    path: Path,
    *,
    cases: Change = lambda table: table,
    codes: Change = lambda table: table,
    metadata: dict[str, str] | None = None,
    n_records: int = N_RECORDS,
    group_rows: int | None = None,
    **options: Any,
) -> Path:
    """Write a submission whose rows are changed, with a header that agrees with their numbers."""
    right = send(path.with_suffix(".right"), "police", 1, crowd("police", range(n_records)), profile=PROFILE)
    source = pq.ParquetFile(right)
    case, code = cases(source.read_row_group(0)), codes(source.read_row_group(1))
    whole = read_header(right).model_copy(update={"records": case.num_rows, "codes": code.num_rows})
    # Else the writer would give up a dictionary of long texts and write each of them out.
    options = {"compression": "zstd", "store_schema": False, "dictionary_pagesize_limit": 1 << 30, **options}
    with pq.ParquetWriter(path, case.schema, **options) as writer:
        for table in (case, code):
            writer.write_table(table, row_group_size=group_rows or table.num_rows)
        writer.add_key_value_metadata(_metadata(whole) | (metadata or {}))
    right.unlink()
    return path


def _metadata(header: Header) -> dict[str, str]:
    return {"pseudonym.submission": header.canonical().decode(), "pseudonym.digest": header.digest}


def with_text(column: str, n_characters: int) -> Change:
    """Return a change that gives every row one long text in a column."""

    def change(table: pa.Table) -> pa.Table:
        long = pa.array(["x" * n_characters]).dictionary_encode()
        texts = pa.DictionaryArray.from_arrays(pa.array(np.zeros(table.num_rows, np.int32)), long.dictionary)
        place = table.schema.get_field_index(column)
        return table.set_column(place, pa.field(column, texts.type), texts)

    return change


def as_dictionary(column: str) -> Change:
    """Return a change that only gives a column the type that `with_text` gives it."""

    def change(table: pa.Table) -> pa.Table:
        place = table.schema.get_field_index(column)
        return table.set_column(place, column, table[column].combine_chunks().dictionary_encode())

    return change


def many_rows(n_rows: int) -> Change:
    """Return a change that repeats the first row."""
    return lambda table: table.take(pa.array(np.zeros(n_rows, np.int64)))


def long_text_in_dictionary(path: Path) -> Path:
    """One text of 500,000 characters in a dictionary, 2,000 times: 1 GB."""
    return write_submission(path, cases=with_text("case_id", 500_000), codes=as_dictionary("case_id"))


def longer_text_in_dictionary(path: Path) -> Path:
    """One text of four million characters in a dictionary, 2,000 times: 8 GB."""
    return write_submission(path, cases=with_text("case_id", 4_000_000), codes=as_dictionary("case_id"))


def text_in_prefixes(path: Path) -> Path:
    """A text of 100,000 characters as the prefix of each of 2,000 values: 200 MB."""

    def change(table: pa.Table) -> pa.Table:
        place = table.schema.get_field_index("case_id")
        return table.set_column(place, "case_id", pa.array(["x" * 100_000] * table.num_rows, pa.string()))

    encoding = {"case_id": "DELTA_BYTE_ARRAY"}
    return write_submission(path, cases=change, use_dictionary=False, column_encoding=encoding)


def text_among_codes(path: Path) -> Path:
    """A text in every code row, where none belongs."""
    return write_submission(path, cases=as_dictionary("status"), codes=with_text("status", 1_000_000))


def code_rows(path: Path) -> Path:
    """Five million code rows for one record."""
    return write_submission(path, codes=many_rows(5_000_000), n_records=1)


def turns_of_zeros(path: Path) -> Path:
    """As many codes as the records may have, all alike: two million in some kilobytes."""
    n_codes = sum(PROFILE.encoding.codes_per_kind)
    path = write_submission(path, cases=many_rows(8192), codes=many_rows(8192 * n_codes))
    source = pq.ParquetFile(path)
    turns = -(-(80 << 20) // (8192 * n_codes * (33 + PROFILE.encoding.content_bytes)))
    header = read_header(path).model_copy(update={"records": turns * 8192, "codes": turns * 8192 * n_codes})
    out = path.with_suffix(".turns")
    with pq.ParquetWriter(out, source.schema_arrow, compression="zstd", store_schema=False) as writer:
        for _ in range(turns):
            writer.write_table(source.read_row_group(0), row_group_size=8192)
            writer.write_table(source.read_row_group(1), row_group_size=8192 * n_codes)
        writer.add_key_value_metadata(_metadata(header))
    return out.replace(path)


def row_groups(path: Path) -> Path:
    """A row group for each row."""
    return write_submission(path, group_rows=1, n_records=200)


def long_metadata(path: Path) -> Path:
    """Metadata of a megabyte beside the header."""
    return write_submission(path, metadata={"note": "x" * MEGABYTE}, n_records=1)


def nested_header(path: Path) -> Path:
    """A header of 100,000 lists in each other."""
    return write_submission(path, metadata={"pseudonym.submission": "[" * 100_000}, n_records=1)


def columns(path: Path) -> Path:
    """Four thousand columns too many."""

    def change(table: pa.Table) -> pa.Table:
        names = [f"c{number}" for number in range(4000)]
        more = [pa.nulls(table.num_rows, pa.string())] * len(names)
        return pa.table([*table.columns, *more], names=[*table.column_names, *names])

    return write_submission(path, cases=change, codes=change, n_records=1)


def one_id_in_every_row(path: Path) -> Path:
    """One id a quarter of a million times, as often as any file may have ids."""
    return withdrawal_of(path, pa.array(["a" * 64] * MOST_IDS), key_id=KEY_ID)


def one_id_in_too_many_rows(path: Path) -> Path:
    """One id ten million times."""
    return withdrawal_of(path, pa.array(["a"]).take(pa.array(np.zeros(10_000_000, np.int8))), key_id=KEY_ID)


def as_many_ids_as_may_be(path: Path) -> Path:
    """A quarter of a million distinct ids, of which all but the digest is right."""
    ids = pa.array([f"{'a' * 58}{number:06d}" for number in range(MOST_IDS)])
    return withdrawal_of(path, ids, key_id=KEY_ID, use_dictionary=False)


def many_distinct_ids(path: Path) -> Path:
    """Half a million distinct ids, in less than a hundredth of their length."""
    ids = pa.array([f"{'a' * 58}{number:06d}" for number in range(2 * MOST_IDS)])
    return withdrawal_of(path, ids, key_id=KEY_ID, use_dictionary=False)


def one_cell_in_every_row(path: Path) -> Path:
    """One cell of totals as often as they may have cells."""
    return totals_of(path, pa.array(["0180"] * 65_536), BOOK, item="municipality")


def long_code_in_every_cell(path: Path) -> Path:
    """A code of a megabyte in 65,536 cells: 64 GB."""
    codes = pa.array(["x" * MEGABYTE]).dictionary_encode()
    places = pa.array(np.zeros(65_536, np.int32))
    table = pa.DictionaryArray.from_arrays(places, codes.dictionary)
    return totals_of(path, table, BOOK, item="municipality", dictionary_pagesize_limit=1 << 30)


MOST_IDS = (64 << 20) // 256
"""As many ids as a file of any length may have."""

FILES: dict[str, tuple[Callable[[Path], Path], str, str]] = {
    "long text in a dictionary": (long_text_in_dictionary, "submission.too_large", "a text is too long"),
    "longer text in a dictionary": (longer_text_in_dictionary, "submission.too_large", "a column is too large"),
    "text in prefixes": (text_in_prefixes, "submission.encoding", "unknown encoding"),
    "text among codes": (text_among_codes, "submission.too_large", "a column is too large"),
    "code rows": (code_rows, "submission.groups", "empty or too large"),
    "turns of zeros": (turns_of_zeros, "submission.too_large", "too short for its number of codes"),
    "row groups": (row_groups, "submission.too_large", "footer is too long"),
    "long metadata": (long_metadata, "submission.too_large", "footer is too long"),
    "nested header": (nested_header, "submission.header", "malformed"),
    "columns": (columns, "submission.too_large", "footer is too long"),
    "one id in every row": (one_id_in_every_row, "submission.order", "an id is there twice"),
    "one id in too many rows": (one_id_in_too_many_rows, "submission.too_large", "too short for its number of ids"),
    "as many ids as may be": (as_many_ids_as_may_be, "submission.content", "do not match the digest"),
    "one cell in every row": (one_cell_in_every_row, "submission.order", "a cell is there twice"),
    "long code in every cell": (long_code_in_every_cell, "submission.too_large", "a text is too long"),
    "many distinct ids": (many_distinct_ids, "submission.too_large", "too short for its number of ids"),
}
"""For each file: what writes it, the rule by which it is refused, and words of the message."""


def _header(path: str) -> object:
    """Return the header of a file, or None if it is not read at all."""
    try:
        return read_any_header(path)
    except SubmissionError:
        return None


def receive(paths: list[str]) -> Iterator[tuple[str, str, float, int]]:
    """Verify files as the registry does; yield the rule, message, seconds and peak memory of each."""
    for path in paths:
        began = time.perf_counter()
        try:
            book = BOOK if isinstance(_header(path), TotalsHeader) else None
            verify_any(path, Expected(PROFILE, (book,), KEY_ID, 1))
            rule, message = "", ""
        except RefusedError as error:
            rule, message = error.rule, error.message
        yield rule, message, time.perf_counter() - began, peak_megabytes()


if __name__ == "__main__":
    print(json.dumps(list(receive(sys.argv[1:]))))
