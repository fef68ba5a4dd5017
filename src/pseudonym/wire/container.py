"""Open the Parquet file that a submission is, and tell damage from a machine that is short of something."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.parquet as pq

from pseudonym.errors import SubmissionError
from pseudonym.wire.limits import check_footer

__all__ = ["open_parquet", "unusable"]

SHORTAGES: Final = frozenset({errno.EMFILE, errno.ENFILE, errno.EAGAIN, errno.ENOMEM, errno.EIO})
"""Error numbers that mean that the system is at fault, not the file."""


@contextmanager
def open_parquet(path: str | Path, texts: Sequence[str] = ()) -> Iterator[tuple[pq.ParquetFile, pa.NativeFile]]:
    """Open a Parquet file and parse its footer.

    Args:
        path: The file.
        texts: Columns to read as dictionaries, so that a text stands once in memory; ignored if one is missing.

    Yields:
        The Parquet file, and the file beneath it, for reading bytes.

    Raises:
        SubmissionError: `submission.unreadable`, `submission.too_large`, `submission.not_parquet`.
    """
    if os.path.exists(path) and not (os.path.isfile(path) or os.path.isdir(path)):
        # Opening a pipe would wait for a writer, possibly for ever.
        raise SubmissionError("submission.unreadable", "It is a pipe or a device: save the submission to a file first.")
    with ExitStack() as opened:
        try:
            source = opened.enter_context(pa.OSFile(os.fspath(path)))
            check_footer(source)
            file = opened.enter_context(_parquet(source, texts))
        except (FileNotFoundError, PermissionError, IsADirectoryError):
            raise SubmissionError("submission.unreadable", "There is no such file, or you may not read it.") from None
        except (OSError, pa.ArrowException, ValueError) as error:
            raise unusable(error) from None
        yield file, source


def _parquet(source: pa.NativeFile, texts: Sequence[str]) -> pq.ParquetFile:
    try:
        return pq.ParquetFile(source, page_checksum_verification=True, read_dictionary=list(texts))
    except KeyError:
        # One of the columns is missing, which the check of the schema will find.
        return pq.ParquetFile(source, page_checksum_verification=True)


def unusable(error: Exception) -> SubmissionError:
    """Return the error for a damaged file, or for a machine short of memory or files, where the file may be fine."""
    if isinstance(error, MemoryError) or getattr(error, "errno", None) in SHORTAGES:
        return SubmissionError(
            "submission.unreadable", "The file cannot be read now: the system is out of memory or file handles."
        )
    return SubmissionError("submission.not_parquet", "The file is cut off, damaged, or not a Parquet file.")
