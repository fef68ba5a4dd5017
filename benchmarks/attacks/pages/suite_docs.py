"""The sections about the suite, which attacks each profile by codes and payload: trials, gates and controls."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from benchmarks.attacks.pages.result_docs import PROFILES, percent
from benchmarks.attacks.trials import SUITES
from benchmarks.pages import markdown_table
from benchmarks.results import read_result

__all__ = ["attacks", "edges", "gates", "trials"]

Row = Mapping[str, Any]


def attacks(folder: Path) -> str:
    """Return the results of the trials of the quick suite on each profile, with controls and facts.

    Args:
        folder: Folder of the result files.
    """
    quick = {trial.name() for trial in SUITES["quick"] if trial.attack != "edges"}
    parts = []
    for name in PROFILES:
        document = read_result(f"attacks-{name}", folder)
        figures = document["figures"]
        rows = [row for row in figures["rows"] if row["title"] in quick]
        parts += [
            f"### {name}\n\n`{document['command']}`; result file `benchmarks/results/attacks-{name}.json`.",
            markdown_table(
                ["attack", "re-identified", "upper limit", "of those who share", "siblings", "twins", "1 January",
                 "precision of top 50", "chance", "share rate"],
                [_attack_row(row) for row in rows],
            ),
            _controls(figures["controls"]),
        ]  # fmt: skip
    return "\n\n".join([*parts, _keyholder(folder)])


def edges(folder: Path) -> str:
    """Return what the edge fingerprint names under each profile, beside `known`.

    Args:
        folder: Folder of the result files.
    """
    names = [trial.name() for trial in SUITES["edges"]]
    parts = []
    for profile in PROFILES:
        found = {row["title"]: row for row in read_result(f"attacks-{profile}", folder)["figures"]["rows"]}
        rows = [
            [name.replace("%", " %"), percent(row["re_identified"], 1), percent(row["upper_limit"], 1),
             percent(row["groups"]["sharing"]["re_identified"], 1), percent(row["top_precision"], 0),
             percent(row["chance"], 3), percent(row["share_rate"], 0)]
            for name, row in ((name, found[name]) for name in names)
        ]  # fmt: skip
        parts += [
            f"`{profile}`, from `benchmarks/results/attacks-{profile}.json`:",
            markdown_table(
                ["attack", "re-identified", "upper limit", "of those who share", "precision of top 50", "chance",
                 "share rate"],
                rows,
            ),
        ]  # fmt: skip
    return "\n\n".join(parts)


def trials(folder: Path) -> str:
    """Return every trial on each profile.

    Args:
        folder: Folder of the result files.
    """
    parts = []
    for name in PROFILES:
        document = read_result(f"attacks-{name}", folder)
        rows = [
            [row["title"].replace("%", " %"), str(row["seeds"]), f"{row['records']:,}", percent(row["re_identified"]),
             percent(row["upper_limit"]), percent(row["top_precision"], 0), percent(row["chance"], 3),
             percent(row["share_rate"], 0)]
            for row in document["figures"]["rows"] if row["attack"] != "quality"
        ]  # fmt: skip
        parts += [
            f"### {name}\n\n`{document['command']}`; commit {document['commit'][:12]}, "
            f"{document['figures']['cpu_seconds']:,.0f} processor seconds.",
            markdown_table(
                ["trial", "seeds", "records", "re-identified", "upper limit", "precision of top 50", "chance",
                 "share rate"],
                rows,
            ),
        ]  # fmt: skip
    return "\n\n".join(parts)


def gates(folder: Path) -> str:
    """Return the verdicts of each profile with gates.

    Args:
        folder: Folder of the result files.
    """
    parts = []
    for name in PROFILES:
        figures = read_result(f"attacks-{name}", folder)["figures"]
        verdicts = figures["verdicts"]
        rows = [
            [one["gate"].replace("%", " %"), "" if one["figure"] is None else percent(one["figure"]), one["state"]]
            for one in verdicts
        ]
        missed = sum(one["state"] == "missed" for one in verdicts)
        parts += [
            f"`{name}`, from `benchmarks/results/attacks-{name}.json`: "
            + (f"{missed} of {len(verdicts)} gates are missed." if missed else "no gate is missed."),
            markdown_table(["gate", "figure", "verdict"], rows),
            _quality(figures["rows"]),
        ]
    return "\n\n".join(parts)


def _quality(rows: list[dict[str, Any]]) -> str:
    found = [row for row in rows if row["attack"] == "quality"]
    return markdown_table(
        ["data", "candidate recall", "F1"],
        [[row["title"], f"{row['candidate_recall']:.3f}", f"{row['f1']:.3f}"] for row in found],
    )


def _attack_row(row: Row) -> list[str]:
    def of(group: str) -> str:
        return percent(row["groups"][group]["re_identified"]) if group in row["groups"] else "–"

    return [
        row["title"].replace("%", " %"), percent(row["re_identified"]), percent(row["upper_limit"]),
        *(of(group) for group in ("sharing", "siblings", "twins", "1 January")),
        percent(row["top_precision"], 0), percent(row["chance"], 3), percent(row["share_rate"], 0),
    ]  # fmt: skip


def _controls(controls: list[dict[str, Any]]) -> str:
    found = [
        f"{one['name']} {percent(one['weak'], 1)}"
        + ("" if one["strong"] is None else f" ({one.get('beside', 'sound encoding')}: {percent(one['strong'], 1)})")
        for one in controls
    ]
    works = all(one["works"] for one in controls)
    verdict = "All attacks work." if works else "An attack is BROKEN."
    return f"Re-identified by the positive controls of the same run: {'; '.join(found)}. {verdict}"


def _keyholder(folder: Path) -> str:
    fact = read_result(f"attacks-{PROFILES[0]}", folder)["figures"]["facts"]["keyholder"]
    return (
        f"Anyone who holds the linkage key and the codes can try all {fact['numbers_in_question']:,} numbers in "
        f"{fact['seconds_for_all'] / 60:.0f} minutes on one core, and finds {fact['found']}."
    )
