"""Folders of the repository that the benchmarks read and write."""

from __future__ import annotations

from pathlib import Path
from typing import Final

__all__ = ["BENCHMARKS", "BUILD", "DOCS", "RESULTS", "ROOT"]

ROOT: Final = Path(__file__).resolve().parents[1]

BENCHMARKS: Final = ROOT / "benchmarks"
RESULTS: Final = BENCHMARKS / "results"
DOCS: Final = ROOT / "docs"

BUILD: Final = ROOT / "build"
"""Caches, environments of other packages and partial results; never committed."""
