"""The tables of docs/reference/quality.md, made from the result file alone."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from benchmarks.pages import markdown_table, replace_section
from benchmarks.paths import DOCS
from benchmarks.quality.found import HOW
from benchmarks.quality.pages import charts
from benchmarks.results import provenance

__all__ = ["PAGE", "SECTION", "digest", "origin", "render", "write"]

PAGE: Final = DOCS / "reference" / "quality.md"
SECTION: Final = "figures"

KINDS: Final = {"pairs": "Pairs", "one_to_one": "Single best links"}
TRUE_PAIRS: Final = 50
"""Groups with fewer true pairs over all seeds are merged into one row."""

RECALL_GAP: Final = "claimed − true recall"

Figures = dict[str, Any]


def write(document: dict[str, Any], path: Path) -> list[Path]:
    """Write the tables into the page, and draw the plots beside it.

    Args:
        document: The result file.
        path: The page; if it does not exist, the committed page is copied.

    Returns:
        The files written.
    """
    text = (path if path.exists() else PAGE).read_text(encoding="utf-8")
    path.write_text(replace_section(text, SECTION, render(document)), encoding="utf-8", newline="\n")
    return [path, *charts.draw(document["figures"]["sets"], path.parent, digest=digest(document))]


def digest(document: dict[str, Any]) -> str:
    """Return a digest of the figures, which the plots carry to show their origin."""
    return sha256(json.dumps(document["figures"], sort_keys=True).encode()).hexdigest()


def origin(document: dict[str, Any]) -> str:
    """Return one line that says how a result was measured, and what of it an earlier one has measured.

    Args:
        document: The result file.
    """
    line, others = provenance(document), document["figures"].get("other_sets_from")
    if others is None:
        return line
    titles = [document["figures"]["sets"][name]["title"] for name in others["measured_now"]]
    return f"{line} Measured then: {'; '.join(titles)}. All other data sets: commit {others['commit'][:12]}."


def render(document: dict[str, Any]) -> str:
    """Render all tables as Markdown.

    Args:
        document: The result file.
    """
    sets = document["figures"]["sets"]
    parts = [
        origin(document),
        *_overviews(sets),
        *_relatives(sets),
        *_groups(sets),
        *_details(sets),
        *_settings(sets),
    ]
    return "\n\n".join(parts)


def _overviews(sets: Figures) -> Iterator[str]:
    for kind, title in KINDS.items():
        methods = _methods(sets, kind)
        rows = []
        for found in sets.values():
            cells = [_f1(found["methods"].get(method, {}).get("figures", {}).get(kind)) for method in methods]
            if any(cell != "–" for cell in cells):
                rows.append([found["title"], *cells])
        if rows:
            yield f"### {title}: F1"
            yield markdown_table(["data", *methods.values()], rows)


def _methods(sets: Figures, kind: str) -> dict[str, str]:
    """Return the titles of the methods with figures of a kind, in order of appearance."""
    return {
        name: method["title"]
        for found in sets.values()
        for name, method in found["methods"].items()
        if method["figures"].get(kind)
    }


def _f1(figures: Figures | None) -> str:
    """Format F1 at the default decision and, in brackets, at the best threshold."""
    if not figures or not figures["true_pairs"]["mean"]:
        return "–"
    return f"{_share(figures['f1'])} ({figures['best_f1']['mean']:.3f})"


def _share(value: Figures | None) -> str:
    """Format a mean, and the range if it is visible."""
    if value is None:
        return "–"
    low, high = f"{value['low']:.3f}", f"{value['high']:.3f}"
    return f"{value['mean']:.3f}" if low == high else f"{value['mean']:.3f} [{low}, {high}]"


def _relatives(sets: Figures) -> Iterator[str]:
    rows = []
    for found in sets.values():
        for method in found["methods"].values():
            counts = method["figures"]["relations"]
            if counts:
                cells = [f"{false:,} of {pairs:,}" for false, pairs in counts.values()]
                rows.append([found["title"], method["title"], *cells])
                header = ["data", "method", *counts]
    if rows:
        yield "### False links between relatives"
        yield "False links of all pairs of records of two such persons, all seeds together."
        yield markdown_table(header, rows)


def _groups(sets: Figures) -> Iterator[str]:
    for column, title in (("origin", "Errors by origin of name"), ("sex", "Errors by sex")):
        tables = [table for found in sets.values() for table in _group_table(found, column)]
        if tables:
            yield f"### {title}"
            yield "Recall / precision of the links that a record of the group is in, all seeds together."
            yield from tables


def _group_table(found: Figures, column: str) -> Iterator[str]:
    """Return a table of the methods side by side, for the groups of a data set."""
    methods = {one["title"]: _pooled(one["figures"][column]) for one in found["methods"].values()}
    groups = dict.fromkeys(group for counts in methods.values() for group in counts)
    if not groups:
        return
    rows = []
    for group in groups:
        counts = [one.get(group, [0, 0, 0, 0]) for one in methods.values()]
        cells = [f"{_ratio(hit, total)} / {_ratio(correct, links)}" for total, hit, links, correct in counts]
        rows.append([group, f"{counts[0][0]:,}", *cells])
    yield f"**{found['title']}**"
    yield markdown_table([column, "true pairs", *methods], rows)


def _pooled(groups: dict[str, list[int]]) -> dict[str, list[int]]:
    """Merge small groups, and leave out groups without true pairs."""
    large = {value: counts for value, counts in groups.items() if counts[0] >= TRUE_PAIRS}
    small = [counts for counts in groups.values() if counts[0] < TRUE_PAIRS]
    rest = [sum(column) for column in zip(*small, strict=True)]
    return {**large, **({"others": rest} if rest and large and rest[0] else {})}


def _ratio(part: int, whole: int) -> str:
    return f"{part / whole:.3f}" if whole else "–"


Column = Callable[[Figures], str]


def _of(*path: str, form: str = ".3f", scale: float = 1.0) -> Column:
    """Return a function that formats the mean of the figure at a path."""

    def text(figures: Figures) -> str:
        value: Any = figures
        for name in path:
            value = value.get(name) if value else None
        return "–" if value is None else f"{value['mean'] * scale:{form}}"

    return text


COLUMNS: Final[dict[str, Column]] = {
    "candidate recall": _of("candidate_recall"),
    "decision recall": _of("decision_recall"),
    "B³ precision": _of("bcubed", "precision"),
    "B³ recall": _of("bcubed", "recall"),
    "B³ F1": _of("bcubed", "f1"),
    "persons, % off": _of("persons_error", form="+.1f", scale=100),
    "persons expected, % off": _of("claimed", "persons", form="+.1f", scale=100),
    "log-loss": _of("log_loss"),
    "claimed − true precision": _of("claimed", "precision_gap", form="+.3f"),
    RECALL_GAP: _of("claimed", "recall_gap", form="+.3f"),
    "s": _of("seconds", form=".1f"),
    "processor s": _of("processor_seconds", form=".1f"),
    "MB": _of("peak_memory_mb", form=",.0f"),
}


def _details(sets: Figures) -> Iterator[str]:
    yield "### All figures"
    for found in sets.values():
        sizes = f"{_span(found['records'])} records of {_span(found['true_persons'])} persons in {found['reporters']}"
        yield f"**{found['title']}**: {sizes} {'reporter' if found['reporters'] == 1 else 'reporters'}."
        yield markdown_table(["method", "precision", "recall", *COLUMNS], _detail_rows(found))
        if found["failed"]:
            yield "No answer: " + ", ".join(f"{name} ({why})" for name, why in found["failed"].items()) + "."


def _detail_rows(found: Figures) -> Iterator[list[str]]:
    for method in found["methods"].values():
        figures = method["figures"]
        for kind, name in KINDS.items():
            if figures.get(kind):
                title = method["title"] if len(method["kinds"]) == 1 else f"{method['title']}: {name.lower()}"
                shares = [_share(figures[kind][share]) for share in ("precision", "recall")]
                # Figures of persons and probabilities are shown once per method.
                first = kind == "pairs" or not figures.get("pairs")
                cells = {name: column(figures) if first else "" for name, column in COLUMNS.items()}
                if method["recall_is_bound"] and cells[RECALL_GAP] not in ("", "–"):
                    cells[RECALL_GAP] = f"≤ {cells[RECALL_GAP]}"
                yield [title, *shares, *cells.values()]


def _span(sizes: Sequence[int]) -> str:
    low, high = f"{min(sizes):,}", f"{max(sizes):,}"
    return low if low == high else f"{low} to {high}"


def _settings(sets: Figures) -> Iterator[str]:
    methods = {name: method for found in sets.values() for name, method in found["methods"].items()}
    rows = [
        [method["title"], _pairs_of(method["settings"]), _pairs_of(method["versions"])] for method in methods.values()
    ]
    yield "### Methods"
    yield markdown_table(["method", "settings", "versions"], rows)


def _pairs_of(values: dict[str, Any]) -> str:
    told = [f"{'' if name == HOW else f'{name} '}{value}" for name, value in values.items()]
    return ", ".join(told).replace("|", "/") or "–"
