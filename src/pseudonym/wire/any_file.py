"""Read the header of a file whatever its kind: a submission, a withdrawal or totals."""

from __future__ import annotations

from pathlib import Path

from pseudonym.wire.container import open_parquet
from pseudonym.wire.header import (
    TOTALS_KEY,
    WITHDRAWAL_KEY,
    Header,
    TotalsHeader,
    WithdrawalHeader,
    parse_header,
    parse_totals_header,
    parse_withdrawal_header,
)

__all__ = ["read_any_header"]


def read_any_header(path: str | Path) -> Header | WithdrawalHeader | TotalsHeader:
    """Read the header of a submission, a withdrawal or totals.

    Args:
        path: The file.

    Returns:
        The header, checked against its digest.

    Raises:
        SubmissionError: As `read_header`.
    """
    with open_parquet(path) as (file, _):
        metadata = file.metadata.metadata or {}
        if WITHDRAWAL_KEY in metadata:
            return parse_withdrawal_header(metadata)
        return parse_totals_header(metadata) if TOTALS_KEY in metadata else parse_header(metadata)
