"""Recognise the errors of a full disk, and describe it in the same words everywhere."""

from __future__ import annotations

import errno
import os
from typing import Final

__all__ = ["FREE_SPACE", "FULL", "is_full"]

FULL: Final = "The disk is full, or a quota or a limit on the size of files is used up."
"""What every error about a full disk says."""

FREE_SPACE: Final = "Nothing was written. Free some space where the output goes, and run the command again."
"""What to do about it, after an output that was not written."""

_ERRNOS: Final = frozenset({errno.ENOSPC, errno.EFBIG, getattr(errno, "EDQUOT", errno.ENOSPC)})

_WINDOWS_ERRORS: Final = frozenset({39, 112})
"""`ERROR_HANDLE_DISK_FULL` and `ERROR_DISK_FULL`."""

_WORDS: Final = (
    "no space left on device",
    "file too large",
    "quota exceeded",
    "not enough space on the disk",
    "failed to offload data block",
)
"""What libraries write that pass on the words of the system and not its number; the last is DuckDB's own."""


def is_full(error: BaseException) -> bool:
    """Return whether an error says that the disk is full, a quota is used up, or a file may not grow further."""
    if isinstance(error, OSError) and (error.errno in _ERRNOS or getattr(error, "winerror", None) in _WINDOWS_ERRORS):
        return True
    text = str(error).lower()
    # The words depend on the language of the process.
    return any(words.lower() in text for words in (*_WORDS, *map(os.strerror, _ERRNOS)))
