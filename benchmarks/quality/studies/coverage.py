"""Whether ranges hold the truth: synthetic registries, of each of which every record's person is known.

What is true of a cell is what the same attribute rules count if records are grouped by the persons that they are about.
So a range answers for links, and not for what reporters write down.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Collection, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from benchmarks.cache import Cache, sources
from benchmarks.population import CODEBOOK, ErrorLevel
from benchmarks.quality.data.datasets import Dataset, synthetic
from benchmarks.quality.data.registries import received
from benchmarks.quality.studies.missed import ANSWERS, answered
from linkage.counting import Drawn, Records, Request, chosen, count, in_draws, meetings, shared, shared_in_draws
from linkage.pipeline import Registry
from linkage.statistics_unit.counting import Asked, open_request
from linkage.statistics_unit.drawn import attributes_of, read_drawn
from linkage.statistics_unit.stored_codebooks import read_book
from linkage.store import Session

__all__ = ["FIRST_SEED", "ROWS", "Cell", "Found", "Row", "cells_of", "measure", "summary"]

ROWS: Final[tuple[tuple[int, ErrorLevel], ...]] = tuple(
    (persons, level) for persons in (1000, 300) for level in ("low", "middle", "high")
)
"""Persons of the population, and the level of error."""

FIRST_SEED: Final = 50_001
"""Nothing was tuned on synthetic files of this seed or a later one."""

LEAST_CELL: Final = 5
"""Cells are judged from this number of true persons up."""

SOURCES: Final = (
    "src",
    "benchmarks/population",
    "benchmarks/quality/studies/coverage.py",
    "benchmarks/quality/studies/missed.py",
    "benchmarks/quality/data/registries.py",
)
"""What figures that are kept depend on, beside the row and the seed."""

_CELLS: Final = {"age x sex": ("age_at_event", "sex_reported"), "reporter": ("reporter",)}
_TOTAL: Final = "total"
_PAIRS: Final = "pair of reporters"
_ONLY: Final = "one reporter only"


class Cell(NamedTuple):
    """One figure of one registry."""

    kind: str
    name: str
    true: int
    found: int
    low: int
    high: int


class Found(NamedTuple):
    """The figures of one registry: the total first, all empty if there are no ranges.

    Attributes:
        cells: Without answers.
        answered: The total, after a sample of records was asked about and all answers are right.
    """

    cells: tuple[Cell, ...]
    answered: tuple[Cell, ...] = ()


class Row(NamedTuple):
    """A row of the table: registries of one size and level of error."""

    persons: int
    level: ErrorLevel
    seeds: tuple[int, ...]
    found: tuple[Found, ...]


def measure(
    rows: Sequence[tuple[int, ErrorLevel]],
    *,
    draws: int,
    only: Collection[str] | None = None,
    kept: Path | None = None,
    say: Callable[[str], None] = lambda text: None,
) -> Iterator[Row]:
    """Measure each row in turn.

    Args:
        rows: Some of `ROWS`.
        only: Names of the rows to measure, such as `1000-middle`; None for all.
        draws: Registries a row; each has a seed of its own, for its persons and for its linkage key.
        kept: A file of registries that were measured by these sources before, to which new ones are added.
        say: Called with a line about each registry.
    """
    cache, tree = Cache(kept), sources(*SOURCES)
    for place, (persons, level) in enumerate(rows):
        if only is not None and f"{persons}-{level}" not in only:
            continue
        seeds = tuple(FIRST_SEED + 1000 * place + number for number in range(draws))
        found = []
        for seed in seeds:
            inputs = {"persons": persons, "level": level, "seed": seed, "sources": tree}
            held = cache.get(inputs, partial(_measured, persons, level, seed))
            found.append(Found(*(tuple(Cell(*cell) for cell in cells) for cells in held)))
            say(f"{persons} {level} {seed}: {found[-1].cells[0] if found[-1].cells else 'no range'}")
        yield Row(persons, level, seeds, tuple(found))


def _measured(persons: int, level: ErrorLevel, seed: int) -> list[list[list[Any]]]:
    """Measure a synthetic registry, and return the fields of `Found` as JSON types."""
    found = cells_of(synthetic(persons, level=level, seed=seed), seed=seed)
    return [[list(cell) for cell in cells] for cells in found]


def cells_of(dataset: Dataset, *, seed: int, codebook: str | None = CODEBOOK) -> Found:
    """Link a data set, and return its figures with what is true; none if there are no ranges.

    Args:
        dataset: Case files and truth.
        seed: Selects the public linkage key.
        codebook: Name of the codebook of the case files; None if they have no payload, and only the total is returned.
    """
    with tempfile.TemporaryDirectory() as folder:
        registry = _linked(dataset, Path(folder), seed=seed, codebook=codebook)
        with registry._store.session(write=False) as session:
            cells = _cells(session, dataset.truth, tuple(_CELLS.values()) if codebook else ())
        if not cells:
            return Found(())
        registry.samples.draw(min(ANSWERS, len(dataset.truth)), seed=seed)
        path = Path(folder) / "answers.csv"
        path.write_text(answered(registry.samples.questions(), dataset.truth), encoding="utf-8")
        registry.samples.take(path)
        with registry._store.session(write=False) as session:
            return Found(tuple(cells), tuple(_cells(session, dataset.truth, ())))


def _linked(dataset: Dataset, folder: Path, *, seed: int, codebook: str | None) -> Registry:
    registry = received(dataset, folder, seed=seed, codebook=codebook)
    registry.link()
    return registry


def _cells(session: Session, truth: pd.DataFrame, tables: Sequence[tuple[str, ...]]) -> list[Cell]:
    by = tuple(dict.fromkeys(name for one in tables for name in one))
    opened = open_request(session, Asked(by=by, role="all"))
    drawn, _ = read_drawn(session, opened.records, attributes_of(read_book(session)))
    if drawn is None:
        return []
    persons = _persons(session, opened.records, truth)
    true = opened.records.taken(np.arange(opened.records.n), persons)
    dimensions = {one.name: one for one in opened.request.by}
    found: list[Cell] = []
    for kind, names in {_TOTAL: (), **dict(zip(_CELLS, tables, strict=False))}.items():
        request = _asked(opened.request, [dimensions[name] for name in names])
        found += _table(kind, opened.records, true, drawn, request)
    if tables:
        found += _overlap(opened.records, true, drawn, _asked(opened.request, []))
    return found


def _asked(request: Request, by: Sequence[Any]) -> Request:
    return Request(
        unit=request.unit, role=request.role, period=None, by=tuple(by), rules=request.rules, items=request.items
    )


def _persons(session: Session, records: Records, truth: pd.DataFrame) -> NDArray[np.int64]:
    """Return the true person of each record."""
    known = session.table("SELECT rid, reporter, record_id FROM records").to_pandas()
    known = known.merge(truth[["reporter", "record_id", "person"]], on=["reporter", "record_id"], how="left")
    person = known.set_index("rid")["person"].reindex(records.rid)
    return np.asarray(pd.factorize(person)[0], np.int64)


def _table(kind: str, records: Records, true: Records, drawn: Drawn, request: Request) -> Iterator[Cell]:
    counts, right = in_draws(drawn, request, count(records, request)), count(true, request)
    ranges = counts.ranges
    assert ranges is not None  # `in_draws` has just found them.
    if not request.by:
        yield Cell(kind, "", right.total, counts.total, *ranges.total)
        return
    names = [one.column for one in request.by]
    found = {tuple(row[name] for name in names): row["count"] for row in counts.cells.to_pylist()}
    spans = dict(zip(found, ranges.cells, strict=True))
    for row in right.cells.to_pylist():
        key = tuple(row[name] for name in names)
        n = found.get(key, 0)
        yield Cell(kind, " / ".join(key), row["count"], n, *spans.get(key, (n, n)))


def _overlap(records: Records, true: Records, drawn: Drawn, request: Request) -> Iterator[Cell]:
    own, right = (shared(meetings(one, chosen(one, request, None)[0])) for one in (records, true))
    total = len(chosen(records, request, None)[0].units)
    ranges = shared_in_draws(drawn, request, own, total)
    for kind, part, column, keys, spans in (
        (_PAIRS, "pairs", "count", ("reporter_a", "reporter_b"), ranges.pairs),
        (_ONLY, "order", "only", ("reporter",), ranges.only),
    ):
        rows = getattr(own, part).to_pylist()
        found = {tuple(row[name] for name in keys): (row[column], *span) for row, span in zip(rows, spans, strict=True)}
        for row in getattr(right, part).to_pylist():
            key = tuple(row[name] for name in keys)
            yield Cell(kind, " + ".join(key), row[column], *found.get(key, (0, 0, 0)))


def summary(row: Row) -> dict[str, Any]:
    """Return the figures of a row.

    Args:
        row: The row.
    """
    kinds = (*_CELLS, _PAIRS, _ONLY)
    cells = {kind: [one for own in row.found for one in own.cells if one.kind == kind] for kind in kinds}
    return {
        "persons": row.persons,
        "level": row.level,
        "registries": len(row.seeds),
        "first_seed": row.seeds[0],
        **_totals([own.cells[0] for own in row.found if own.cells]),
        "answered": _totals([own.answered[0] for own in row.found if own.answered]),
        "cells": {kind: _pooled(own) for kind, own in cells.items()},
    }


def _totals(totals: Sequence[Cell]) -> dict[str, Any]:
    errors = [_middle(one) / one.true - 1 for one in totals]
    return {
        "with_range": len(totals),
        "truth_inside": sum(_inside(one) for one in totals),
        "too_low": sum(one.high < one.true for one in totals),
        "too_high": sum(one.low > one.true for one in totals),
        "median_error": _rounded(np.median(np.abs(errors))) if totals else None,
        "mean_error": _rounded(np.mean(errors)) if totals else None,
        "found_error": _rounded(np.mean([one.found / one.true - 1 for one in totals])) if totals else None,
        "mean_width": _rounded(np.mean([(one.high - one.low) / one.true for one in totals])) if totals else None,
        "totals": [list(one[2:]) for one in totals],
    }


def _pooled(cells: Sequence[Cell]) -> dict[str, Any]:
    large = [one for one in cells if one.true >= LEAST_CELL]
    if not large:
        return {"cells": 0}
    return {
        "cells": len(large),
        "inside": _rounded(np.mean([_inside(one) for one in large])),
        "found_right": _rounded(np.mean([one.found == one.true for one in large])),
        "mean_width": round(float(np.mean([one.high - one.low for one in large])), 2),
        "mean_error": round(float(np.mean([_middle(one) - one.true for one in large])), 2),
    }


def _middle(cell: Cell) -> float:
    return (cell.low + cell.high) / 2


def _inside(cell: Cell) -> bool:
    return cell.low <= cell.true <= cell.high


def _rounded(value: Any) -> float:
    return round(float(value), 4)
