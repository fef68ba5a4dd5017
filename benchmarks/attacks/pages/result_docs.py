"""The sections of docs/threat-model.md about attacks that have commands of their own, made from their result files."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from benchmarks.pages import markdown_table
from benchmarks.results import read_result

__all__ = [
    "PROFILES",
    "body_keys",
    "clusters",
    "draws",
    "forging",
    "gate_sentences",
    "households",
    "percent",
    "probing",
    "settled",
    "split",
    "stolen",
]

PROFILES: Final = ("case-registry", "population")
"""The profiles that registries use, each with gates of its own."""


def percent(share: float, n_decimals: int = 2) -> str:
    """Return a share as a percentage."""
    return f"{100 * share:.{n_decimals}f} %"


def stolen(folder: Path) -> str:
    """Return what a stolen registry file and a leaked linkage key reveal.

    Args:
        folder: Folder of the result files.
    """
    document = read_result("attacks-stolen", folder)
    figures = document["figures"]
    rows = [
        [row["title"], f"{row['records']:,}", *(percent(row[name]) for name in ("re_identified", "upper_limit")),
         percent(row["chance"], 3)]
        for row in figures["rows"]
    ]  # fmt: skip
    return "\n\n".join(
        [
            f"`{document['command']}`; result file `benchmarks/results/attacks-stolen.json`.",
            markdown_table(["what is read", "persons", "re-identified", "upper limit", "chance"], rows),
            gate_sentences(figures["verdicts"]),
        ]
    )


def settled(folder: Path) -> str:
    """Return what the linkage unit shows to whoever has its key, before and after a purge.

    Args:
        folder: Folder of the result files.
    """
    parts = []
    for profile in PROFILES:
        document = read_result(f"attacks-settled-{profile}", folder)
        figures = document["figures"]
        rows = [
            [row["title"], *(percent(row[name]) for name in ("re_identified", "upper_limit")),
             percent(row["chance"], 3), percent(row["share_rate"])]
            for row in figures["rows"]
        ]  # fmt: skip
        parts += [
            f"`{document['command']}`; result file `benchmarks/results/attacks-settled-{profile}.json`. "
            f"Codes replaced: {percent(figures['purged_codes'])}.",
            markdown_table(["attack", "re-identified", "upper limit", "chance", "share rate"], rows),
            gate_sentences(figures["verdicts"]),
        ]
    return "\n\n".join(parts)


def split(folder: Path) -> str:
    """Return what each reader would see if the linkage unit were split, profile by profile.

    Args:
        folder: Folder of the result files.
    """
    found = {name: read_result(f"attacks-split-{name}", folder) for name in PROFILES}

    def named(row: dict[str, Any]) -> str:
        return f"{percent(row['re_identified'], 1)} ({percent(row['upper_limit'], 1)})"

    each = zip(*(document["figures"]["rows"] for document in found.values()), strict=True)
    rows = [[readers[0]["title"], *map(named, readers)] for readers in each]
    commands = "; ".join(f"`{document['command']}`" for document in found.values())
    files = ", ".join(f"`benchmarks/results/attacks-split-{name}.json`" for name in found)
    return (
        f"{commands}; result files {files}. Re-identified of 5,000 children with nobody known, and the upper limit.\n\n"
        + markdown_table(["reader", *(f"`{name}`" for name in found)], rows)
    )


def gate_sentences(verdicts: list[dict[str, Any]]) -> str:
    """Return a sentence about each gate."""
    return " ".join(
        f"The gate *{one['gate'].replace('%', ' %')}* is {one['state']}: {percent(one['figure'])}." for one in verdicts
    )


def households(folder: Path) -> str:
    """Return what payload and cases name with a register of households, by how coarse they are.

    Args:
        folder: Folder of the result files.
    """
    document = read_result("attacks-households", folder)
    figures = document["figures"]
    rows = [_shares(row) for row in figures["rows"]]
    return _section(
        document, "households", ["what is known", "persons as linked", "re-identified", "upper limit", "chance"], rows
    )


def draws(folder: Path) -> str:
    """Return what the draws add that the statistics unit keeps after a purge.

    Args:
        folder: Folder of the result files.
    """
    document = read_result("attacks-draws", folder)
    rows = [
        [row["title"], f"{row['records']:,}", *(percent(row[name]) for name in ("re_identified", "upper_limit")),
         percent(row["groups"]["in draws"]["re_identified"], 1), percent(row["chance"], 3)]
        for row in document["figures"]["rows"]
    ]  # fmt: skip
    header = ["what is known", "persons as linked", "re-identified", "upper limit", "of those in draws", "chance"]
    return _section(document, "draws", header, rows)


def body_keys(folder: Path) -> str:
    """Return what a leaked linkage key tells of noise, by the key from which noise comes.

    Args:
        folder: Folder of the result files.
    """
    document = read_result("attacks-body-keys", folder)
    found: dict[str, list[str]] = {}
    for row in document["figures"]["rows"]:
        share, limit = row["re_identified"], row["upper_limit"]
        told = f"{share:.3f} ({limit:.3f})" if "present" in row else f"{percent(share)} ({percent(limit)})"
        found.setdefault(row["attack"], []).append(told)
    header = ["what is told", "noise from the linkage key", "noise from a body key"]
    return _section(document, "body-keys", header, [[attack, *told] for attack, told in found.items()])


def clusters(folder: Path) -> str:
    """Return what the linkage unit names if it compares persons as it has linked them.

    Args:
        folder: Folder of the result files.
    """
    document = read_result("attacks-clusters", folder)
    rows = [
        [row["title"], f"{row['records']:,}",
         *(percent(row[name]) for name in ("re_identified", "upper_limit")),
         percent(row["groups"]["sharing"]["re_identified"], 1), percent(row["chance"], 3), percent(row["share_rate"])]
        for row in document["figures"]["rows"]
    ]  # fmt: skip
    header = ["nodes", "persons", "re-identified", "upper limit", "of those who share", "chance", "share rate"]
    return _section(document, "clusters", header, rows)


def probing(folder: Path) -> str:
    """Return what a reporter learns that sends records to see what comes back.

    Args:
        folder: Folder of the result files.
    """
    document = read_result("attacks-probing", folder)
    rows = [
        [row["title"], f"{row['said_present']} of {row['present']}", f"{row['said_absent']} of {row['absent']}",
         f"{row['advantage']:.3f}", f"{row['advantage_upper_limit']:.3f}"]
        for row in document["figures"]["rows"]
    ]  # fmt: skip
    header = ["what comes back", "said to be known, of known", "of unknown", "advantage", "upper limit"]
    return _section(document, "probing", header, rows)


def forging(folder: Path) -> str:
    """Return how many forged and replayed files were taken.

    Args:
        folder: Folder of the result files.
    """
    document = read_result("attacks-forging", folder)
    rows = [
        [row["title"] + (", where nobody is enrolled" if row["attack"] == "nobody enrolled" else ""),
         f"{row['records']:,}", str(row["taken"]), percent(row["upper_limit"], 1)]
        for row in document["figures"]["rows"]
    ]  # fmt: skip
    return _section(document, "forging", ["file", "tries", "taken", "upper limit"], rows)


def _shares(row: dict[str, Any]) -> list[str]:
    figures = (percent(row[name]) for name in ("re_identified", "upper_limit"))
    return [row["title"], f"{row['records']:,}", *figures, percent(row["chance"], 3)]


def _section(document: dict[str, Any], name: str, header: Sequence[str], rows: list[list[str]]) -> str:
    """Return the command, the table, and what gates and controls say."""
    figures = document["figures"]
    works = all(figures["works"].values())
    said = "All controls show that the attack works." if works else "A control shows that the attack is BROKEN."
    return "\n\n".join(
        [
            f"`{document['command']}`; result file `benchmarks/results/attacks-{name}.json`.",
            markdown_table(list(header), rows),
            f"{gate_sentences(figures['verdicts'])} {said}".lstrip(),
        ]
    )
