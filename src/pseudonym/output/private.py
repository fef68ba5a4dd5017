"""A umask under which whatever is created is for its owner only."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

__all__ = ["private_files"]

_OTHERS: Final = 0o077
"""The umask under which nobody but the owner may do anything."""


@contextmanager
def private_files() -> Iterator[None]:
    """Let only their owner use the files and folders created meanwhile, also those that other libraries create.

    The umask belongs to the whole process, so this holds for all its threads. Blocks may overlap in time: the first to
    begin sets the umask and the last to end restores it.
    """
    with _Umask.lock:
        if not _Umask.n_blocks:
            _Umask.before = os.umask(_OTHERS)
        _Umask.n_blocks += 1
    try:
        yield
    finally:
        with _Umask.lock:
            _Umask.n_blocks -= 1
            if not _Umask.n_blocks:
                os.umask(_Umask.before)


class _Umask:
    """How many blocks of `private_files` are open, and the umask from before the first of them."""

    lock: Final = threading.Lock()
    n_blocks = 0
    before = 0
