"""A small withdrawal that would unpack to much more is refused before it is unpacked."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest

from pseudonym.errors import SubmissionError
from pseudonym.wire import read_withdrawal
from tests.unit.pseudonym.withdrawals import GROUP_ROWS, withdrawal_of


@pytest.mark.parametrize(("n_ids", "length", "use_dictionary"), [(64, 1 << 18, True), (GROUP_ROWS, 1 << 10, False)])
def test_long_ids_are_refused_before_they_are_unpacked(
    tmp_path: Path, n_ids: int, length: int, use_dictionary: bool
) -> None:
    path = withdrawal_of(tmp_path / "w", pa.array(["a" * length] * n_ids), use_dictionary=use_dictionary)
    assert path.stat().st_size < 100_000
    with pytest.raises(SubmissionError) as caught:
        read_withdrawal(path)
    assert caught.value.rule == "submission.too_large"


def test_as_many_rows_as_the_header_says(tmp_path: Path) -> None:
    ids = pa.array([f"{number:05d}" for number in range(2 * GROUP_ROWS)])
    with pytest.raises(SubmissionError) as caught:
        read_withdrawal(withdrawal_of(tmp_path / "w", ids))
    # Everything but the digest of the ids is right.
    assert caught.value.rule == "submission.content"
