"""Errors as an HTML page and a CSV table."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from pathlib import Path
from typing import Any, Final

import pandas as pd

from benchmarks.quality.studies.errors import KINDS, SHOWN, Errors

__all__ = ["write_errors"]

STYLE: Final = """
body { font: 14px/1.4 sans-serif; margin: 2em auto; max-width: 75em; color: black; }
table { border-collapse: collapse; margin: .4em 0 1.2em; width: 100%; }
td, th { border-bottom: 1px solid lightgray; padding: .15em .5em; text-align: left; vertical-align: top; }
tr.first td { border-top: 2px solid gray; }
td.differs { background: #fbe6d4; }
td.weights { color: dimgray; font-size: 12px; }
h3 { margin-bottom: 0; } summary { cursor: pointer; }
.against { color: #b02020; } .for { color: #208040; }
"""


def write_errors(errors: Errors, folder: Path, *, limit: int) -> list[Path]:
    """Write `errors.html` and `errors.csv`.

    Args:
        errors: The errors from `find_errors`.
        folder: Folder to write to.
        limit: Pairs per reason on the page; the table has all.

    Returns:
        The files.
    """
    page, table = folder / "errors.html", folder / "errors.csv"
    errors.pairs.to_csv(table, index=False)
    page.write_text("\n".join(_page(errors, limit)), encoding="utf-8")
    return [page, table]


def _page(errors: Errors, limit: int) -> Iterator[str]:
    title = escape(errors.title)
    yield f"<!doctype html><html lang='en'><meta charset='utf-8'><title>Errors: {title}</title>"
    yield f"<style>{STYLE}</style><body><h1>Errors: {title}</h1>"
    yield f"<p>{errors.met:,} of {errors.true_pairs:,} true pairs were compared. Public or fictional data only.</p>"
    counts = errors.counts()
    for kind in KINDS:
        of_kind = counts[counts["kind"] == kind]
        total, joined = of_kind["pairs"].sum(), of_kind["joined"].sum()
        also = f", of which {joined:,} are of one person found, through other records" if kind != KINDS[2] else ""
        yield f"<h2>{kind.capitalize()}: {total:,}{also}</h2>"
        for reason, number in zip(of_kind["reason"], of_kind["pairs"], strict=True):
            pairs = errors.pairs[(errors.pairs["kind"] == kind) & (errors.pairs["reason"] == reason)]
            yield f"<details><summary><b>{number:,}</b> {escape(reason)}</summary>"
            yield from _table(errors, pairs.head(limit))
            yield "</details>"


def _table(errors: Errors, pairs: pd.DataFrame) -> Iterator[str]:
    shown = [field for field in SHOWN if f"{field}_a" in pairs]
    yield "<table><tr><th>record</th>" + "".join(f"<th>{field.replace('_', ' ')}</th>" for field in shown) + "</tr>"
    for row in pairs.to_dict("records"):
        for side in "ab":
            cells = "".join(_cell(row, field, side) for field in shown)
            name = escape(f"{row[f'reporter_{side}']} {row[f'record_id_{side}']}")
            yield f"<tr class='{'first' if side == 'a' else ''}'><td>{name}</td>{cells}</tr>"
        yield f"<tr><td class='weights' colspan='{len(shown) + 1}'>{_evidence(errors, row)}</td></tr>"
    yield "</table>"


def _cell(row: dict[str, Any], field: str, side: str) -> str:
    differs = row[f"{field}_a"] != row[f"{field}_b"]
    return f"<td class='{'differs' if differs else ''}'>{escape(row[f'{field}_{side}'])}</td>"


def _evidence(errors: Errors, row: dict[str, Any]) -> str:
    """Return a cell with weight, probability, the levels with their weights, and details."""
    known = "not compared" if row["kind"] == KINDS[0] else "below .01"
    probability = known if pd.isna(row["probability"]) else f"{row['probability']:.4f}"
    parts = [f"weight {row['match_weight']:.1f}, probability {probability}"]
    for field in errors.fields:
        weight, level = row[f"weight {field}"], row[f"level {field}"]
        name = field.replace("_", " ")
        colour = "against" if weight < 0 else "for"
        told = f"<span class='{colour}'>{weight:+.1f}</span> (level {level})"
        parts.append(f"{name} absent" if level < 0 else f"{name} {told}")
    return " · ".join(parts) + f"<br>{escape(str(row['detail']))}"
