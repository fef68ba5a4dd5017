"""Virtual environments for peers, which pin older releases of packages than we need."""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

__all__ = ["about", "environment"]

INSTALLED: Final = "installed.json"
"""Written last, so that an incomplete environment is created again."""


def environment(folder: Path, packages: Sequence[str]) -> Path | None:
    """Create a virtual environment with some packages, or reuse one with the same packages.

    Args:
        folder: Its folder; replaced if it has other packages or another Python.
        packages: Requirements for pip, with pinned versions where figures depend on them.

    Returns:
        Its interpreter, or None if the packages cannot be installed.
    """
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    wanted = {"python": platform.python_version(), "packages": list(packages)}
    if python.exists() and _made_with(folder) == wanted:
        return python
    # `-qq` keeps pip from printing the address of the package index.
    pip: list[str | Path] = [
        python,
        "-m",
        "pip",
        "--disable-pip-version-check",
        "--no-input",
        "-qq",
        "install",
        *packages,
    ]
    try:
        subprocess.run([sys.executable, "-m", "venv", "--clear", folder], check=True, capture_output=True)
        subprocess.run(pip, check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        return None
    (folder / INSTALLED).write_text(json.dumps(wanted), encoding="utf-8")
    return python


def about(python: Path, package: str) -> dict[str, Any]:
    """Return the versions of a package and of the interpreter in an environment.

    Args:
        python: The interpreter from `environment`.
        package: The name of the package.

    Returns:
        `version` and `python`.
    """
    code = "import platform, sys, importlib.metadata as m; print(m.version(sys.argv[1]), platform.python_version())"
    done = subprocess.run([python, "-I", "-c", code, package], check=True, capture_output=True, text=True)
    version, interpreter = done.stdout.split()
    return {"version": version, "python": interpreter}


def _made_with(folder: Path) -> object:
    try:
        return json.loads((folder / INSTALLED).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
