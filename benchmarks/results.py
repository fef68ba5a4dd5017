"""Result files: every figure in the documents comes from one, and each says how it was measured."""

from __future__ import annotations

import json
import platform
import subprocess
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

from benchmarks.paths import RESULTS, ROOT

__all__ = ["provenance", "read_result", "to_text", "write_result"]

WIDTH: Final = 400
"""Characters of a line of a result file: the figures of one row usually fit."""

PACKAGES: Final = ("numpy", "cryptography", "pyarrow", "duckdb", "numba", "scipy")


def write_result(
    name: str, figures: object, *, command: str, seed: int | Sequence[int] | None, folder: Path = RESULTS
) -> Path:
    """Write figures to `folder/name.json` with command, commit, seed, machine and versions.

    Args:
        name: Name of the file, without ending.
        figures: What was measured, of JSON types.
        command: The command that measures it again.
        seed: The seed, several if it was measured several times, or None if nothing was random.
        folder: Folder to write to.

    Returns:
        Path of the file.
    """
    document: dict[str, Any] = {
        "command": command,
        "commit": _commit(),
        "date": datetime.now(UTC).date().isoformat(),
        "seed": list(seed) if isinstance(seed, Sequence) else seed,
        "machine": {
            "processor": platform.machine(),
            "model": _model(),
            "system": platform.system(),
            "python": platform.python_version(),
        },
        "versions": {package: version(package) for package in PACKAGES},
        "figures": figures,
    }
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.json"
    path.write_text(to_text(document) + "\n", encoding="utf-8", newline="\n")
    return path


def read_result(name: str, folder: Path = RESULTS) -> dict[str, Any]:
    """Read a result file.

    Args:
        name: Name of the file, without ending.
        folder: Folder of the file.

    Returns:
        The document that `write_result` wrote; its `figures` are what was measured.
    """
    document: dict[str, Any] = json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))
    return document


def provenance(document: Mapping[str, Any]) -> str:
    """Return one line of Markdown that says how a result was measured.

    Args:
        document: A result file.
    """
    seed = document["seed"]
    seeds = f"seeds {', '.join(map(str, seed))}" if isinstance(seed, list) else f"seed {seed}"
    return f"`{document['command']}`; {seeds}; commit {document['commit'][:12]}, {document['date']}."


def to_text(value: object, width: int = WIDTH) -> str:
    """Return JSON without indentation, in lines that make differences easy to read.

    An object or array takes one line where it fits, otherwise one line for each of its members.

    Args:
        value: What to write, of JSON types.
        width: Characters of a line; a longer string or number is not broken.
    """
    line = json.dumps(value, ensure_ascii=False)
    if len(line) <= width or not value or not isinstance(value, dict | list | tuple):
        return line
    if isinstance(value, dict):
        # A key that is no string is written as one by `json.dumps`.
        members = [f"{json.dumps(str(name), ensure_ascii=False)}: {to_text(one, width)}" for name, one in value.items()]
        return "{\n" + ",\n".join(members) + "\n}"
    return "[\n" + ",\n".join(to_text(one, width) for one in value) + "\n]"


def _model() -> str:
    """Return the model of the processor, never the name of the machine."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "unknown")


def _commit() -> str:
    """Return the commit that was measured, marked if the sources differ from it."""

    def git(*words: str) -> str:
        return subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True, check=True).stdout.strip()

    try:
        changed = git("status", "--porcelain", "--", "src", "benchmarks/*.py", "benchmarks/*/*.py")
        return git("rev-parse", "HEAD") + ("+changes" if changed else "")
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
