"""What a sweep has measured already: one line of JSON a figure, so that more profiles cost only their own time.

A figure is found again by everything that it depends on, a commit not among it: the digest of the profile, the
population and its seeds, and the text of the modules that measure. `--fresh` measures everything anew.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, Final

__all__ = ["Cache", "sources"]

ROOT: Final = Path(__file__).parents[2]


class Cache:
    """Figures by what they depend on."""

    def __init__(self, path: Path | None) -> None:
        """Read what is there; without a path nothing is kept."""
        self.path = path
        self.held: dict[str, Any] = {}
        if path is not None and path.exists():
            for line in path.read_text(encoding="utf-8").splitlines():
                self._take(line)

    def _take(self, line: str) -> None:
        """Keep one line; a line that an interrupted run has left unfinished is measured again."""
        try:
            entry = json.loads(line)
            self.held[entry["key"]] = entry["figures"]
        except (ValueError, KeyError, TypeError):
            return

    def get(self, inputs: dict[str, Any], compute: Callable[[], Any]) -> Any:
        """Return figures, measured now or earlier.

        Args:
            inputs: Everything that they depend on, of JSON types.
            compute: Measures them; what it gives is of JSON types.
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
    """Return the digest of the Python files below some folders, or of some files, of this repository.

    Args:
        *folders: Paths from the root of the repository.
    """
    state = hashlib.sha256()
    for folder in folders:
        place = ROOT / folder
        for path in sorted(place.rglob("*.py")) if place.is_dir() else [place]:
            state.update(path.relative_to(ROOT).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return state.hexdigest()
