"""Totals: what was written is read, and what is cut, altered or far too large is refused."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest

from pseudonym.codebook import load_codebook
from pseudonym.errors import SubmissionError
from pseudonym.wire import Cell, read_totals
from tests.unit.pseudonym.totals import GROUP_ROWS, count, totals_of

BOOK = load_codebook("case-registry")


def refusal(path: Path) -> str:
    with pytest.raises(SubmissionError) as caught:
        read_totals(path, codebook=BOOK)
    return caught.value.rule


def test_cells_come_back_in_order(tmp_path: Path) -> None:
    numbers = {("0180",): 3, (None,): 12, ("0114",): 0}
    found = read_totals(count(tmp_path / "t", "a", 1, numbers, items=["municipality"], codebook=BOOK), codebook=BOOK)
    assert found.cells == (Cell((None,), 12), Cell(("0114",), 0), Cell(("0180",), 3))
    assert found.n_few == 1


def test_another_codebook_is_refused(tmp_path: Path) -> None:
    assert refusal(count(tmp_path / "t", "a", 1, {(): 3})) == "submission.codebook"


@pytest.mark.parametrize(("n_codes", "length", "use_dictionary"), [(64, 1 << 18, True), (GROUP_ROWS, 1 << 10, False)])
def test_long_codes_are_refused_before_they_are_unpacked(
    tmp_path: Path, n_codes: int, length: int, use_dictionary: bool
) -> None:
    codes = pa.array(["a" * length] * n_codes)
    path = totals_of(tmp_path / "t", codes, BOOK, item="municipality", use_dictionary=use_dictionary)
    assert path.stat().st_size < 100_000
    assert refusal(path) == "submission.too_large"


def test_one_cell_many_times_is_refused_at_the_second(tmp_path: Path) -> None:
    path = totals_of(tmp_path / "t", pa.array(["0180"] * 65_536), BOOK, item="municipality")
    assert refusal(path) == "submission.order"


def test_a_file_that_is_cut_or_altered_is_refused(tmp_path: Path) -> None:
    path = count(tmp_path / "t", "a", 1, {("0180",): 3, (None,): 12}, items=["municipality"], codebook=BOOK)
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    assert refusal(path) == "submission.not_parquet"
    assert whole.count(b"0180") == 1
    path.write_bytes(whole.replace(b"0180", b"0181"))
    # The checksum of the page is the first that sees it.
    assert refusal(path) == "submission.not_parquet"
    path.write_bytes(whole.replace(b'"sequence":1', b'"sequence":2'))
    assert refusal(path) == "submission.digest"
