"""Folders that appear complete or not at all, so that leftovers of a killed run are never read."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

__all__ = ["whole"]


@contextmanager
def whole(folder: Path) -> Iterator[Path]:
    """Provide an empty folder to write to, which is renamed when everything is written.

    Args:
        folder: Final path; replaced if it exists. Parents are created.

    Yields:
        A temporary folder beside it; removed if writing fails.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    temporary = Path(tempfile.mkdtemp(dir=folder.parent))
    try:
        yield temporary
        shutil.rmtree(folder, ignore_errors=True)
        temporary.rename(folder)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
