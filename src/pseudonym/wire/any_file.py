"""Read the header of a file whatever its kind: a submission, a withdrawal or totals, open or sealed."""

from __future__ import annotations

import os
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
from pseudonym.wire.sealed_header import SealedHeader, is_sealed, read_sealed_header

__all__ = ["read_any_header"]


def read_any_header(path: str | Path) -> Header | WithdrawalHeader | TotalsHeader | SealedHeader:
    """Read the header of a submission, a withdrawal or totals, or that of the sealed file of one.

    Args:
        path: The file.

    Returns:
        The header, checked against its digest; of a sealed file nobody has checked the signature.

    Raises:
        SubmissionError: As `read_header`, and `read_sealed_header` for a file that begins as a sealed one.
    """
    if _begins_sealed(path):
        return read_sealed_header(path)
    with open_parquet(path) as (file, _):
        metadata = file.metadata.metadata or {}
        if WITHDRAWAL_KEY in metadata:
            return parse_withdrawal_header(metadata)
        return parse_totals_header(metadata) if TOTALS_KEY in metadata else parse_header(metadata)


def _begins_sealed(path: str | Path) -> bool:
    try:
        # Opening a pipe would wait for a writer, possibly for ever.
        if not os.path.isfile(path):
            return False
        with open(path, "rb") as file:
            return is_sealed(file)
    except (OSError, ValueError):
        # Whoever reads it as an open file says why it cannot be read.
        return False
