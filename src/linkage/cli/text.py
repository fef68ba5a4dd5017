"""Results as text for people. Every figure names its unit; only characters that any console has."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

__all__ = ["coverage_text", "link_text", "privacy_text", "receipt_text", "summary_text", "table_text", "wrapped"]

_STATES: Final = {"reported": "reported", "zero": "zero", "silent": "SILENT"}

WIDTH: Final = 100
"""Columns that a terminal has at least; longer sentences go on in the next line, further in."""


def wrapped(sentence: str) -> str:
    """Break a sentence into lines that a terminal can show; what follows stands under its first word."""
    indent = " " * (len(sentence) - len(sentence.lstrip()) + 2)
    return textwrap.fill(sentence, WIDTH, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)


def table_text(header: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """Lay out rows in columns; numbers to the right, text to the left."""
    cells = [list(header), *([str(value) for value in row] for row in rows)]
    widths = [max(len(row[column]) for row in cells) for column in range(len(header))]
    right = [bool(rows) and all(isinstance(row[column], int) for row in rows) for column in range(len(header))]
    lines = [
        "  ".join(
            cell.rjust(width) if to_right else cell.ljust(width)
            for cell, width, to_right in zip(row, widths, right, strict=True)
        ).rstrip()
        for row in cells
    ]
    return "\n".join(f"  {line}" for line in lines)


def receipt_text(path: Path, receipt: Any) -> str:
    """Say what became of one submission."""
    lines = [f"{path}: {_outcome(receipt)}"]
    if receipt.fixed_key_id:
        lines.append("  The key id of this submission is now the one that every submission must carry.")
    if receipt.quarantined:
        lines.append(f"  Rows put in quarantine, by the rule they break: {receipt.n_quarantined}")
        lines += [f"    {count} x {rule}" for rule, count in receipt.quarantined.items()]
    lines += [wrapped(f"  Warning: {warning}") for warning in receipt.warnings]
    return "\n".join(lines)


def _outcome(receipt: Any) -> str:
    period = f", period {receipt.period}" if receipt.period else ""
    origin = f"{receipt.reporter}{period}, sequence {receipt.sequence}"
    if receipt.outcome == "already received":
        return f"already received; nothing changed ({origin})."
    if receipt.outcome == "unchanged":
        what = "nothing to report" if not receipt.records else f"all {receipt.records} records known and unchanged"
        return f"{what}; recorded for coverage ({origin})."
    counts = [
        f"{count} {name}"
        for count, name in (
            (receipt.new, "new"),
            (receipt.superseding, "superseding an older version"),
            (receipt.unchanged, "unchanged"),
            (receipt.late, "older than the version at hand, kept as history"),
        )
        if count
    ]
    return f"received {receipt.records} records: {', '.join(counts) or 'none stored'} ({origin})."


def link_text(report: Any) -> str:
    """Say what a run found."""
    fitted = "fitted in this run" if report.fitted else "as fitted before"
    model = "No model, as there is no pair to learn from" if report.model is None else f"Model {report.model}, {fitted}"
    lines = [
        f"Linked {report.records} records: {report.persons} unique persons.",
        f"  Pairs compared: {report.pairs}; links: {report.links}; pairs for review: {report.review}.",
        f"  {model}; run {report.run}, {report.seconds:.1f} seconds.",
    ]
    if report.expected_precision is not None:
        lines.append(f"  Expected precision of the links: {_share(report.expected_precision)}.")
        lines.append(f"  {_recall(report)}.")
    lines += [f"  {line}." for line in _persons(report)]
    changes = ", ".join(f"{count} {kind}" for kind, count in report.changes.items() if count)
    lines.append(f"  Changes of person ids: {changes or 'none'}.")
    lines += [wrapped(f"  Note: {note}") for note in report.notes]
    return "\n".join(lines)


def _share(value: float) -> str:
    """Write a share in four decimals, cut off: what is not certain is not shown as 1."""
    return f"{math.floor(value * 10_000) / 10_000:.4f}"


def _recall(found: Any) -> str:
    """Say which share of all matches was found."""
    share = _share(found.expected_recall)
    if found.recall_is_bound:
        return f"Expected recall: at most {share} (matches that share no match key could not be estimated)"
    return f"Expected recall: {share} (with an estimate of the matches that share no match key)"


def _persons(found: Any) -> Iterator[str]:
    """Say how many persons there are expected to be, where that is known."""
    if found.expected_persons is not None:
        low, high = found.persons_range
        expected = f"Expected persons: {found.expected_persons:.0f}, between {low:.0f} and {high:.0f}"
        yield f"{expected} (with an estimate of records not recognised)"


def summary_text(summary: Any, status: Any) -> str:
    """Say what the registry holds."""
    return "\n".join([*_figures(summary, status), *_tables(summary), *_setup(summary, status)])


def _figures(summary: Any, status: Any) -> Iterator[str]:
    yield f"Records: {summary.records}"
    if summary.last_run is None:
        yield "Unique persons: not known; link has not been run yet."
    else:
        yield f"Unique persons: {summary.persons}"
        yield f"Links: {summary.links}; pairs for review: {summary.review}"
        if status.expected_precision is not None:
            yield f"Expected precision of the links: {_share(status.expected_precision)}"
            yield _recall(status)
        yield from _persons(status)
        model = "none" if status.model is None else f"{status.model}, fitted {status.model_fitted_at}"
        yield f"Last run of link: {summary.last_run} (model {model})"
        if not status.linked:
            yield (
                "link has not been run since the last submission; persons and links are older than the records "
                f"({summary.unlinked} records without a person)."
            )
    yield f"Rows in quarantine: {summary.quarantined}"


def _tables(summary: Any) -> Iterator[str]:
    if summary.reporters:
        linked = summary.last_run is not None
        rows = [(row.reporter, row.records, row.persons if linked else "-") for row in summary.reporters]
        yield ""
        yield "By reporting body (persons are not additive: bodies share them):"
        yield table_text(("body", "records", "persons"), rows)
    if summary.persons_by_bodies:
        yield ""
        yield "Persons by the number of bodies that know them:"
        yield table_text(("bodies", "persons"), summary.persons_by_bodies)
    if summary.overlap:
        yield ""
        yield "Persons known to both of two bodies:"
        rows = [(o.reporter_a, o.reporter_b, o.persons) for o in summary.overlap]
        yield table_text(("body", "body", "persons"), rows)


def _setup(summary: Any, status: Any) -> Iterator[str]:
    yield ""
    yield f"Profile: {status.profile}"
    yield f"Codebook: {status.codebook or 'none'}"
    if summary.key_id is None:
        yield "Key id: not fixed; the first submission received will fix it."
    else:
        how = {"option": "given when the registry was made"}.get(
            summary.key_id_fixed_by, "fixed by the first submission"
        )
        yield f"Key id: {summary.key_id} ({how})" + (f", epoch {status.epoch}" if status.epoch else "")
    yield f"Submissions: {status.submissions}; record versions in history: {status.history}"
    if status.erase_pending:
        yield "Codes of superseded versions wait to be erased; the next receive or link does it."
    if status.unguarded_reason:
        yield "WARNING: under this profile every record is compared with every other."
        yield f"  Recorded reason: {status.unguarded_reason}"


def coverage_text(rows: Sequence[dict[str, Any]]) -> str:
    """Say who reported in which period."""
    if not rows:
        return "No submission has been received."
    cells = [
        (row["reporter"], row["period"] or "(none)", _STATES[row["state"]], row["submissions"], row["records"])
        for row in rows
    ]
    return table_text(("body", "period", "state", "submissions", "records"), cells)


def privacy_text(found: Any) -> str:
    """Return the privacy figures of a registry as text."""
    return "\n".join(_privacy_lines(found))


def _privacy_lines(found: Any) -> Iterator[str]:
    yield f"Records: {found.sharing.records}; persons: {found.sharing.persons}"
    yield f"Share rate (records that share a match key with another person): {found.sharing.share_rate:.4f}"
    if found.measured is not None:
        measured = found.measured
        yield wrapped(f"  The profile was measured for {measured.share_rate:.4f}: {measured.population}.")
    yield f"Records without a Swedish number, as the bodies counted: about {found.numberless_rate:.1%}"
    yield ""
    yield "By kind of match key:"
    rows = [(kind.kind, kind.records, kind.groups, kind.largest_group) for kind in found.sharing.kinds]
    yield table_text(("match key", "records that share it", "shared keys", "persons in the largest"), rows)
    if found.payload:
        yield ""
        yield "Payload, known about one person:"
        names = [item.items for item in found.payload]
        if len(names) > 1:
            # The last row has all items, whose names together are wider than any terminal.
            names[-1] = "all together"
        shown = [
            (name, item.unique, item.rare, f"{item.guess:.4f}") for name, item in zip(names, found.payload, strict=True)
        ]
        yield table_text(("items", "persons alone with theirs", "fewer than five have it", "chance of a guess"), shown)
    for warning in found.warnings:
        yield ""
        yield wrapped(f"WARNING: {warning}")
