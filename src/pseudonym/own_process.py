"""Settings of a process that is one command, or works for one: what a program that uses the library decides itself."""

from __future__ import annotations

import gc
import sys
from collections.abc import Sequence
from types import ModuleType
from typing import Final

__all__ = ["need_pandas", "prepare_process"]

COLLECT_AFTER: Final = 100_000
"""Number of new objects after which the garbage collector looks for cycles, of which commands make hardly any. At
Python's own 700 that takes a twentieth of the time of encoding."""


class _WithoutPandas:
    """A finder of modules that says that pandas is not installed, until somebody needs it."""

    hides = True

    def find_spec(self, name: str, path: Sequence[str] | None, target: ModuleType | None = None, /) -> None:
        if name == "pandas" and self.hides:
            raise ModuleNotFoundError(name=name)


def prepare_process() -> None:
    """Let this process start sooner and work faster.

    `import pandas` fails from now on, unless it is loaded already: pyarrow tries it when it makes its first array,
    whether or not anything is a pandas object, and loading it takes longer than encoding a small file (`need_pandas`
    takes that back). And the garbage collector looks for cycles less often.
    """
    _WithoutPandas.hides = True
    sys.meta_path.insert(0, _WithoutPandas())
    gc.set_threshold(COLLECT_AFTER)


def need_pandas() -> None:
    """Let pandas be imported again, for a package that does not work without it."""
    _WithoutPandas.hides = False
