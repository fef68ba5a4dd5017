"""Output of the figures: the result file, the table of README.md, and docs/reference/quality.md with plots."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from rich.table import Table

from benchmarks import paths
from benchmarks.pages import markdown_table, write_section
from benchmarks.paths import RESULTS, ROOT
from benchmarks.quality.data.catalogue import CATALOGUE
from benchmarks.quality.pages import page
from benchmarks.quality.pages.curves import add_curves, take_curves
from benchmarks.quality.suite import Plan
from benchmarks.results import read_result, write_result

__all__ = ["BUILD", "NAME", "README", "SECTION", "beside", "figure_table", "read", "render", "write", "write_pages"]

README: Final = ROOT / "README.md"
BUILD: Final = paths.BUILD / "quality"
SECTION: Final = "quality"

NAME: Final = "quality"

NAMES: Final = ("febrl4", "febrl4-number", "essnet", "synthetic-low", "synthetic-middle", "synthetic-high")
"""Data sets in the table of README.md, in order."""

COLUMNS: Final = (
    "data", "precision", "recall", "F1", "best F1", "candidate recall", "persons found", "expected", "true"
)  # fmt: skip


def write(
    plan: Plan, sets: dict[str, Any], *, keep_peers: bool = False, keep_sets: bool = False, out: Path | None
) -> list[Path]:
    """Write the result file and, after a whole run, the pages too.

    Args:
        plan: The plan that was measured.
        sets: The figures from `measure_all`.
        keep_peers: Whether to add those that other packages have in the last whole result for the same records.
        keep_sets: Whether to add the data sets that were not measured from the last whole result.
        out: Folder to write to; None after a whole run.

    Returns:
        The files written.
    """
    only = "" if set(plan.names) == set(CATALOGUE) else "".join(f" --only {name}" for name in plan.names)
    words = f"all --data DIR --seeds {','.join(map(str, plan.seeds))} --persons {plan.persons}{only}"
    command = f"python -m benchmarks.quality {words}{'' if plan.peers else ' --no-peers'}"
    folder = out or RESULTS
    kept = None
    if keep_peers:
        command += " --keep-peers"
        last = read()
        kept = {name: last[name] for name in ("command", "commit", "date")}
        sets = {name: _with_peers(found, last["figures"]["sets"].get(name)) for name, found in sets.items()}
    others = None
    if keep_sets:
        command += " --keep-sets"
        last = read()
        others = {name: last[name] for name in ("command", "commit", "date")} | {"measured_now": list(plan.names)}
        sets = {name: sets.get(name, found) for name, found in last["figures"]["sets"].items()}
    figures = {
        "persons": plan.persons,
        **({} if others is None else {"other_sets_from": others}),
        **({} if kept is None else {"other_packages_from": kept}),
        "spread": "mean, least and greatest over the seeds",
        "sets": take_curves(sets, folder),
    }
    path = write_result(NAME, figures, command=command, seed=plan.seeds, folder=folder)
    if out is None:
        return [path, *write_pages()]
    return [path, *page.write(read(out), out / "quality.md")]


def _with_peers(found: dict[str, Any], last: dict[str, Any] | None) -> dict[str, Any]:
    """Add the methods of other packages that an earlier result has for a data set of the same size."""
    if last is None or any(found[size] != last[size] for size in ("records", "true_persons")):
        return found
    from benchmarks.quality.peers import OUTSIDE, PEERS

    ours = {name: method for name, method in found["methods"].items() if name not in PEERS}
    theirs = {name: (last if name in OUTSIDE else found)["methods"].get(name) for name in PEERS}
    failed = {name: said for name, said in last["failed"].items() if name in OUTSIDE}
    methods = ours | {name: method for name, method in theirs.items() if method is not None}
    return found | {"methods": methods, "failed": found["failed"] | failed}


def read(folder: Path = RESULTS) -> dict[str, Any]:
    """Read the result file, and the curves beside it."""
    document = read_result(NAME, folder)
    document["figures"]["sets"] = add_curves(document["figures"]["sets"], folder)
    return document


def write_pages() -> list[Path]:
    """Rewrite the table of README.md and docs/reference/quality.md from the result file."""
    return [write_section(README, SECTION, render()), *page.write(read(), page.PAGE)]


def render(folder: Path = RESULTS) -> str:
    """Render the table of README.md.

    Args:
        folder: Folder of the result file.
    """
    sets = read_result(NAME, folder)["figures"]["sets"]
    return markdown_table(COLUMNS, [_row(sets[name]) for name in NAMES if name in sets])


def _row(found: dict[str, Any]) -> list[str]:
    figures = found["methods"]["encoded"]["figures"]
    pairs = [figures["pairs"][name] for name in ("precision", "recall", "f1", "best_f1")]
    true, expected = figures["true_persons"]["mean"], figures["claimed"].get("persons")
    persons = [figures["persons"]["mean"], None if expected is None else true * (1 + expected["mean"]), true]
    return [
        found["title"],
        *(f"{figure['mean']:.3f}" for figure in [*pairs, figures["candidate_recall"]]),
        *("–" if count is None else f"{count:,.0f}" for count in persons),
    ]


def figure_table(title: str, figures: dict[str, Any]) -> Table:
    """Return the figures of one run as a table for the terminal."""
    table = Table(title=title, box=None, show_header=False, title_justify="left", title_style="bold")
    for name, value in figures.items():
        if name not in ("bins", "curve", "origin", "sex") and value not in (None, {}):
            table.add_row(name.replace("_", " "), _shown(value))
    return table


BESIDE: Final = (
    ("precision", "pairs", "precision"),
    ("recall", "pairs", "recall"),
    ("F1", "pairs", "f1"),
    ("best F1", "pairs", "best_f1"),
    ("  at the threshold", "pairs", "best_threshold"),
    ("single best links: F1", "one_to_one", "f1"),
    ("single best links: best F1", "one_to_one", "best_f1"),
    ("  at the threshold", "one_to_one", "best_threshold"),
    ("candidate recall", "candidate_recall", None),
    ("pairs compared", "compared", None),
    ("persons found", "persons", None),
    ("true persons", "true_persons", None),
    ("persons: B-cubed F1", "bcubed", "f1"),
    ("seconds", "seconds", None),
)
"""The rows of a table of several methods: a figure, or one of its parts."""


def beside(title: str, methods: dict[str, dict[str, Any]]) -> Table:
    """Return the figures of several methods on one data set as a table for the terminal, a column per method.

    Args:
        title: The title.
        methods: The figures from `measure`, by the title of the method.
    """
    table = Table(title=title, box=None, title_justify="left", title_style="bold")
    table.add_column("")
    for name in methods:
        table.add_column(name, justify="right", overflow="fold")
    for label, figure, part in BESIDE:
        found = [figures[figure] if part is None else (figures[figure] or {}).get(part) for figures in methods.values()]
        if any(value is not None for value in found):
            table.add_row(label, *("–" if value is None else _shown(value) for value in map(_rounded, found)))
    return table


def _rounded(value: float | None) -> float | None:
    """Return a large figure, such as seconds, as a whole number."""
    return round(value) if isinstance(value, float) and value >= 10 else value


def _shown(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name.replace('_', ' ')} {_shown(one)}" for name, one in value.items() if one is not None)
    if isinstance(value, tuple | list):
        return " of ".join(_shown(one) for one in value)
    return f"{value:.4f}" if isinstance(value, float) else f"{value:,}"
