"""Result files: every figure in the documents comes from one, and each says how it was made."""

from __future__ import annotations

import json
import platform
import subprocess
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

__all__ = ["RESULTS", "filled", "write_result"]

RESULTS: Final = Path(__file__).parent / "results"

PACKAGES: Final = ("numpy", "cryptography", "pyarrow", "duckdb", "numba", "scipy")


def write_result(
    name: str, figures: object, *, command: str, seed: int | Sequence[int] | None, folder: Path = RESULTS
) -> Path:
    """Write figures to `folder/name.json` with commit, seed, machine and versions.

    Args:
        name: The name of the file, without ending.
        figures: What was measured, of JSON types.
        command: The command that anybody can run to measure it again.
        seed: The seed of what was random, several where it was done several times, or None where nothing was.
        folder: Where to write.

    Returns:
        The path of the file.
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
    path.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")
    return path


def filled(text: str, begin: str, end: str, part: str) -> str:
    """Put a part that is made from figures between its two marks in a document.

    Args:
        text: The document.
        begin: The mark before the part.
        end: The mark after it.
        part: What stands between them from now on, on lines of its own.

    Returns:
        The document with the part.

    Raises:
        ValueError: A mark is missing or stands there twice.
    """
    head, rest = text.split(begin)
    _, tail = rest.split(end)
    return f"{head}{begin}\n{part}\n{end}{tail}"


def _model() -> str:
    """Name the model of the processor, never the machine."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "unknown")


def _commit() -> str:
    """Name the commit that was measured, with a mark where the sources differ from it."""
    root = Path(__file__).parent.parent

    def git(*words: str) -> str:
        return subprocess.run(["git", *words], cwd=root, capture_output=True, text=True, check=True).stdout.strip()

    try:
        changed = git("status", "--porcelain", "--", "src", "benchmarks/*.py", "benchmarks/*/*.py")
        return git("rev-parse", "HEAD") + ("+changes" if changed else "")
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
