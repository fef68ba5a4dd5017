"""Precision claimed and true, without and with the correction by what numbers prove (`linkage.linking.proven`).

Few data sets with known truth have numbers, and these are of the population that the tables were measured on. So others
get numbers: half of their records an invented one of their person, wrong in one digit for one record in thirty. And
synthetic reporters get another population: one in which each origin has only its commonest names.
"""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, Final
from unittest.mock import patch

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from benchmarks.population import ErrorLevel
from benchmarks.quality.data.catalogue import CATALOGUE, load
from benchmarks.quality.data.datasets import REGISTER, Dataset, synthetic
from benchmarks.quality.data.registries import received
from benchmarks.quality.figures.pairs import link_figures
from linkage.linkage_unit import fitting, run
from linkage.linkage_unit.grouping import resolve
from linkage.linking.proven import precision_is_known
from linkage.pipeline import Registry

__all__ = ["HALF", "SETS", "common_names", "measure", "with_numbers"]

HALF: Final = "-half"
"""Suffix of a data set of which half of the records get a number."""

COMMON: Final = "common-"
"""Prefix of a level of error of synthetic reporters with common names alone."""

FIFTH: Final = "-fifth"
"""Suffix of a data set of which a fifth of the persons is left."""

SETS: Final = (
    *("synthetic-low", "synthetic-middle", "synthetic-high", "common-middle"),
    *("febrl1", "febrl2", "febrl3", "febrl4", "rldata500", "fake1000", "foreigners-fifth"),
    *("febrl1-half", "febrl2-half", "febrl3-half", "febrl4-half", "rldata500-half", "fake1000-half"),
    "foreigners-fifth-half",
)
"""Data sets of a whole measurement."""

NAMES_LEFT: Final = 12
"""Number of given names of each sex, and of family names, that each origin keeps among common names."""

WRONG: Final = 1 / 30
"""Share of the invented numbers with a wrong digit."""

DIGITS: Final = 9


def measure(
    names: Sequence[str], *, seed: int, persons: int, data: Path | None, say: Callable[[str], None] = lambda text: None
) -> list[dict[str, Any]]:
    """Link data sets without and with the correction.

    Args:
        names: Of `SETS`, or of the catalogue with the suffixes.
        seed: Seed of synthetic data, of the invented numbers and of the linkage key.
        persons: Number of persons that synthetic reporters meet.
        data: Folder of the files that are not part of this project.
        say: Called with a line about each data set.

    Returns:
        For each data set, `before` and `after` the correction: F1, precision, recall, claimed precision, and whether
        the registry says it.
    """
    rows = []
    for name in names:
        dataset = _load(name, seed=seed, persons=persons, data=data)
        rows.append({"dataset": name, "records": len(dataset.truth)} | _linked(dataset, seed=seed))
        say(f"{rows[-1]}")
    return rows


def with_numbers(dataset: Dataset, share: float, *, seed: int) -> Dataset:
    """Give records an invented foreign number of their person.

    Args:
        dataset: A data set without numbers.
        share: Share of the records that get one.
        seed: Equal seeds give equal numbers to equal records.
    """
    rng = np.random.default_rng(seed)
    keys = zip(dataset.truth["reporter"], dataset.truth["record_id"], strict=True)
    person = dict(zip(keys, dataset.truth["person"], strict=True))
    frames = {
        reporter: frame.assign(
            foreign_number=[
                _number(str(person[reporter, record]), rng) if rng.random() < share else ""
                for record in frame["record_id"]
            ]
        )
        for reporter, frame in dataset.reporters.items()
    }
    return replace(dataset, name=f"{dataset.name}{HALF}", reporters=frames)


def common_names(n_persons: int, *, level: ErrorLevel, seed: int) -> Dataset:
    """Make synthetic case files of people of whom each origin has only its `NAMES_LEFT` commonest names.

    Args:
        n_persons: As for `synthetic`.
        level: As for `synthetic`.
        seed: As for `synthetic`.
    """
    from benchmarks.population import people  # Imported late: both load Faker.
    from benchmarks.population.names import load_names

    names = load_names()
    pools = tuple(
        replace(
            pool,
            given_p=(_commonest(pool.given_p[0]), _commonest(pool.given_p[1])),
            family_p=_commonest(pool.family_p),
        )
        for pool in names.pools
    )
    few = replace(names, pools=pools)
    with patch.object(people, "load_names", lambda: few):
        return replace(synthetic(n_persons, level=level, seed=seed), name=f"{COMMON}{level}")


def _commonest(p: NDArray[np.float64]) -> NDArray[np.float64]:
    if len(p) <= NAMES_LEFT:
        return p
    kept = np.zeros(len(p))
    chosen = np.argsort(-p, kind="stable")[:NAMES_LEFT]
    kept[chosen] = p[chosen]
    return np.asarray(kept / kept.sum())


def _number(person: str, rng: np.random.Generator) -> str:
    digits = [int(byte) % 10 for byte in hashlib.sha256(person.encode()).digest()[:DIGITS]]
    if rng.random() < WRONG:
        place = int(rng.integers(DIGITS))
        digits[place] = (digits[place] + 1 + int(rng.integers(9))) % 10
    return "".join(map(str, digits))


def _load(name: str, *, seed: int, persons: int, data: Path | None) -> Dataset:
    if name.endswith(HALF):
        return with_numbers(_load(name.removesuffix(HALF), seed=seed, persons=persons, data=data), 0.5, seed=seed)
    if name.endswith(FIFTH):
        return _fifth(load(name.removesuffix(FIFTH), seed=seed, persons=persons, data=data), seed=seed)
    if name.startswith(COMMON):
        level: Any = name.removeprefix(COMMON)
        return common_names(persons, level=level, seed=seed)
    assert name in CATALOGUE
    return load(name, seed=seed, persons=persons, data=data)


def _fifth(dataset: Dataset, *, seed: int) -> Dataset:
    persons = pd.unique(dataset.truth["person"])
    chosen = np.random.default_rng(seed).choice(persons, len(persons) // 5, replace=False)
    truth = dataset.truth[dataset.truth["person"].isin(chosen)].reset_index(drop=True)
    frame = dataset.reporters[REGISTER]
    frame = frame[frame["record_id"].isin(truth["record_id"])].reset_index(drop=True)
    return replace(dataset, reporters={REGISTER: frame}, truth=truth)


def _linked(dataset: Dataset, *, seed: int) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        registry = received(dataset, folder, seed=seed)
        with patch.object(fitting, "chance_agreement", _uncorrected):
            before = _figures(registry, dataset)
        return {"before": before, "after": _figures(registry, dataset)}


def _uncorrected(*_: Any, model: Any, **__: Any) -> Any:
    return model


def _figures(registry: Registry, dataset: Dataset) -> dict[str, Any]:
    with _seen() as seen:
        report = registry.link(refit=True)
    links = registry.links().to_pandas()
    found = link_figures(links[links["decision"] == "link"], dataset.truth)
    model = seen["model"]
    return {
        "f1": round(found.f1, 4),
        "precision": round(found.precision, 4),
        "recall": round(found.recall, 4),
        "claimed": None if seen["precision"] is None else round(seen["precision"], 4),
        "is_known": report.expected_precision is not None,
        "review_persons": report.review_persons,
        "ratio_between": round(model.chance_between.ratio, 3),
        "proven_between": round(model.chance_between.proven, 1),
        "ratio_within": round(model.chance_within.ratio, 3),
        "proven_within": round(model.chance_within.proven, 1),
    }


@contextmanager
def _seen() -> Iterator[dict[str, Any]]:
    """Keep what a run expects of its precision, whether it says it or not, and its model."""
    seen: dict[str, Any] = {}

    def keep(model: Any, **n_links: int) -> bool:
        seen["model"] = model
        return precision_is_known(model, **n_links)

    def estimate(*arguments: Any, **named: Any) -> Any:
        resolution = resolve(*arguments, **named)
        seen["precision"] = resolution.expected.precision
        return resolution

    with patch.object(run, "precision_is_known", keep), patch.object(run, "resolve", estimate):
        yield seen
