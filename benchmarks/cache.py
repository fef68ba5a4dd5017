"""Figures measured by earlier runs, one line of JSON each, so that a run measures only what is new.

A figure is looked up by everything it depends on: the digest of the profile, the population and its seeds, and the
sources of the measuring modules, but not the commit.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from benchmarks.paths import ROOT

__all__ = ["Cache", "sources"]


class Cache:
    """Figures by their inputs."""

    def __init__(self, path: Path | None) -> None:
        """Read the file if it exists; without a path nothing is kept."""
        self.path = path
        self.held: dict[str, Any] = {}
        if path is not None and path.exists():
            for line in path.read_text(encoding="utf-8").splitlines():
                self._take(line)

    def _take(self, line: str) -> None:
        """Read one line; a line that an interrupted run left unfinished is ignored."""
        try:
            entry = json.loads(line)
            self.held[entry["key"]] = entry["figures"]
        except (ValueError, KeyError, TypeError):
            return

    def get(self, inputs: dict[str, Any], compute: Callable[[], Any]) -> Any:
        """Return figures, measured now or earlier.

        Args:
            inputs: Everything that the figures depend on, of JSON types.
            compute: Measures the figures and returns them as JSON types.
        """
        key = hashlib.sha256(json.dumps(inputs, sort_keys=True).encode()).hexdigest()
        if key not in self.held:
            self.held[key] = compute()
            if self.path is not None:
                self.path.parent.mkdir(parents=True, exist_ok=True)
                with self.path.open("a", encoding="utf-8") as file:
                    file.write(json.dumps({"key": key, "inputs": inputs, "figures": self.held[key]}) + "\n")
        return self.held[key]


@cache
def sources(*folders: str) -> str:
    """Return the digest of Python files of this repository.

    Args:
        *folders: Folders or files, as paths from the root of the repository.
    """
    state = hashlib.sha256()
    for folder in folders:
        place = ROOT / folder
        for path in sorted(place.rglob("*.py")) if place.is_dir() else [place]:
            state.update(path.relative_to(ROOT).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return state.hexdigest()
