"""Open the Parquet files that submissions and withdrawals are, and recognise them."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO

import pyarrow as pa
import pyarrow.parquet as pq

from pseudonym.errors import SubmissionError, concerning
from pseudonym.output import BOOKS, TEXTS, Kind
from pseudonym.unreadable import EMPTY, why_unreadable
from pseudonym.wire.limits import check_footer, unusable
from pseudonym.wire.sealed_header import MAGIC

__all__ = ["open_parquet", "parquet_kind", "unusable"]


@contextmanager
def open_parquet(path: str | Path, texts: Sequence[str] = ()) -> Iterator[tuple[pq.ParquetFile, pa.NativeFile]]:
    """Open a Parquet file and parse its footer.

    Args:
        path: The file.
        texts: Columns to read as dictionaries, so that a text stands once in memory; ignored if one is missing.

    Yields:
        The Parquet file, and the file beneath it, for reading bytes.

    Raises:
        SubmissionError: `submission.unreadable`, `submission.sealed` for a sealed file, `submission.too_large`,
            `submission.not_parquet`.
    """
    with ExitStack() as opened:
        # Errors of the caller, inside its own block, name the file too.
        opened.enter_context(concerning(path))
        if os.path.exists(path) and not os.path.isfile(path):
            # Opening a pipe would wait for a writer, possibly for ever.
            why = why_unreadable(path)
            raise SubmissionError("submission.unreadable", why.message, hint=why.hint)
        try:
            source = opened.enter_context(pa.OSFile(os.fspath(path)))
            if not source.size():
                raise SubmissionError("submission.not_parquet", EMPTY.message, hint=EMPTY.hint)
            if source.read_at(len(MAGIC), 0) == MAGIC:
                raise SubmissionError(
                    "submission.sealed",
                    "The file is sealed: only the units of the registry can open it, each its own part.",
                    hint="Receive it where the key of the unit is, or name the file that was sealed.",
                )
            check_footer(source)
            file = opened.enter_context(_parquet(source, texts))
        except (FileNotFoundError, PermissionError, IsADirectoryError) as error:
            why = why_unreadable(path, error)
            raise SubmissionError("submission.unreadable", why.message, hint=why.hint) from None
        except (OSError, pa.ArrowException, ValueError) as error:
            raise unusable(error) from None
        yield file, source


def _parquet(source: pa.NativeFile, texts: Sequence[str]) -> pq.ParquetFile:
    try:
        return pq.ParquetFile(source, page_checksum_verification=True, read_dictionary=list(texts))
    except KeyError:
        # One of the columns is missing, which the check of the schema will find.
        return pq.ParquetFile(source, page_checksum_verification=True)


def parquet_kind(name: str, key: bytes) -> Kind:
    """Return the kind of Parquet files that have a header, whole or damaged, in their metadata.

    Args:
        name: See `Kind`.
        key: The key of the header.
    """

    def is_one(file: IO[bytes]) -> bool:
        try:
            return key in (pq.read_metadata(file).metadata or {})
        except (OSError, ValueError, pa.ArrowException):
            return False

    return Kind(name, is_one, not_as=BOOKS | TEXTS)
