"""Folders that appear whole or not at all, so that what a killed run left behind is never taken for an answer."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

__all__ = ["whole"]


@contextmanager
def whole(folder: Path) -> Iterator[Path]:
    """Return an empty folder to write to, which takes its name when all is written.

    Args:
        folder: What it is to be called; replaced where it is there already. Its parents are made.

    Yields:
        The folder under a name of its own beside it; removed where writing fails.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    temporary = Path(tempfile.mkdtemp(dir=folder.parent))
    try:
        yield temporary
        shutil.rmtree(folder, ignore_errors=True)
        temporary.rename(folder)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
