"""Curves of the result file, kept as tables beside it: they are long, and only the plots read them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import pandas as pd

from benchmarks.paths import RESULTS

__all__ = ["add_curves", "take_curves"]

CURVES: Final = {
    "curve": ("quality-precision-recall", ("recall", "precision")),
    "reliability": ("quality-reliability", ("pairs", "claimed", "true")),
}
"""For each figure of `figures.gather` that is a curve, the name of its table and the columns of a point."""

_KEYS: Final = ("data", "method")


def take_curves(sets: dict[str, Any], folder: Path = RESULTS) -> dict[str, Any]:
    """Write the curves of all data sets to tables.

    Args:
        sets: Figures by data set, with curves.
        folder: Folder of the result file; the tables go to `curves/` in it.

    Returns:
        The figures without curves.
    """
    (folder / "curves").mkdir(parents=True, exist_ok=True)
    for figure, (name, columns) in CURVES.items():
        rows = [
            (data, method, *point)
            for data, found in sets.items()
            for method, one in found["methods"].items()
            for point in one["figures"][figure]
        ]
        table = pd.DataFrame(rows, columns=[*_KEYS, *columns])
        table.to_parquet(_path(folder, name), index=False, compression="zstd")
    return _changed(sets, lambda _, figures: {key: value for key, value in figures.items() if key not in CURVES})


def add_curves(sets: dict[str, Any], folder: Path = RESULTS) -> dict[str, Any]:
    """Read the curves that `take_curves` wrote.

    Args:
        sets: Figures by data set, without curves.
        folder: Folder of the result file.

    Returns:
        The figures with curves; a method that has none has an empty list.
    """
    points: dict[str, dict[Any, list[list[float]]]] = {}
    for figure, (name, columns) in CURVES.items():
        table = pd.read_parquet(_path(folder, name))
        groups = table.groupby(list(_KEYS), sort=False)[list(columns)]
        points[figure] = {key: list(map(list, rows.itertuples(index=False))) for key, rows in groups}
    return _changed(sets, lambda key, figures: {**figures, **{name: points[name].get(key, []) for name in CURVES}})


def _path(folder: Path, name: str) -> Path:
    return folder / "curves" / f"{name}.parquet"


def _changed(
    sets: dict[str, Any], change: Callable[[tuple[str, str], dict[str, Any]], dict[str, Any]]
) -> dict[str, Any]:
    """Return the data sets with the figures of each method changed."""
    return {
        data: {
            **found,
            "methods": {
                name: {**method, "figures": change((data, name), method["figures"])}
                for name, method in found["methods"].items()
            },
        }
        for data, found in sets.items()
    }
