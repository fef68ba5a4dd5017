"""Stability: the same records under several linkage keys, each of which draws other rows of MinHash and other bits.

What changes from key to key is what depends on the luck of a draw: which records of one person share a match key, and
how far two names seem from each other.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from benchmarks.keys import fixed_key_text
from benchmarks.quality.data.datasets import Dataset
from benchmarks.quality.figures.pairs import link_figures
from benchmarks.quality.figures.persons import groups_of
from benchmarks.quality.run import met_pairs
from linkage.pipeline import Registry
from pseudonym.encode import Encoder
from pseudonym.keyed import LinkageKey

__all__ = ["joined_twins", "parts_that_meet", "spread", "under_keys"]

_REFERENCE_DATE: Final = date(2026, 12, 31)


def under_keys(
    dataset: Dataset, keys: Sequence[int], *, profile: str, say: Callable[[str], None] = lambda text: None
) -> list[dict[str, Any]]:
    """Link a data set under each key.

    Args:
        dataset: Case files and truth.
        keys: Numbers of the public linkage keys.
        profile: Name or path of a profile.
        say: Called with a line about each key.

    Returns:
        For each key the figures of the links, the pairs of records and of persons for review, and the persons found.
    """
    rows = []
    for key in keys:
        with tempfile.TemporaryDirectory() as folder:
            rows.append({"key": key} | _figures(dataset, key, profile=profile, folder=Path(folder)))
        say(f"{dataset.name}, key {key}: {rows[-1]}")
    return rows


def spread(rows: Sequence[dict[str, Any]]) -> dict[str, dict[str, float]]:
    """Return the mean of each figure over the keys and half the distance between the least and the greatest."""
    names = [name for name, value in rows[0].items() if isinstance(value, int | float) and name != "key"]
    values = {name: [float(row[name]) for row in rows] for name in names}
    return {
        name: {"mean": round(float(np.mean(found)), 4), "half_range": round((max(found) - min(found)) / 2, 4)}
        for name, found in values.items()
    }


def _figures(dataset: Dataset, key: int, *, profile: str, folder: Path) -> dict[str, Any]:
    registry = Registry.create(folder / "registry", profile=profile)
    for reporter, frame in dataset.reporters.items():
        encoder = Encoder(
            LinkageKey.parse(fixed_key_text(f"quality {key}")),
            reporter=reporter,
            profile=profile,
            reference_date=_REFERENCE_DATE,
            keep_empty=True,
        )
        encoder.write(folder / reporter, frame, sequence=1, period="2026-01", on_fault="ignore")
        registry.receive(folder / reporter)
    report = registry.link()
    links, persons = registry.links().to_pandas(), registry.persons().to_pandas()
    pairs = link_figures(links[links["decision"] == "link"], dataset.truth)
    true_pairs = met_pairs(folder / "registry", dataset.truth)
    met = float(true_pairs["met"].mean())
    groups = groups_of(persons, links, dataset.truth)
    twins, known = joined_twins(groups, dataset.truth)
    apart_joined, apart = joined_twins(groups, dataset.truth, one_each=True)
    n_persons = dataset.truth["person"].nunique()
    return {
        "f1": round(pairs.f1, 4),
        "precision": round(pairs.precision, 4),
        "recall": round(pairs.recall, 4),
        "met": round(met, 4),
        "decision_recall": round(pairs.recall / met, 4) if met else 0.0,
        "review": report.review,
        "review_persons": report.review_persons,
        "persons": round(report.persons / n_persons - 1, 4),
        "persons_if_met": round(parts_that_meet(true_pairs, dataset.truth) / n_persons - 1, 4),
        "twins_joined": twins,
        "twins": known,
        "twins_apart_joined": apart_joined,
        "twins_apart": apart,
    }


def parts_that_meet(pairs: pd.DataFrame, truth: pd.DataFrame) -> int:
    """Count the persons that would be found if every true pair that shares a match key were a link, and no other pair.

    Args:
        pairs: The true pairs, as `met_pairs` returns them.
        truth: `reporter`, `record_id`.

    Returns:
        The number of connected components.
    """
    place = pd.Series(range(len(truth)), pd.MultiIndex.from_frame(truth[["reporter", "record_id"]]))
    met = pairs[pairs["met"].to_numpy(bool)]
    ends = [
        place.reindex(pd.MultiIndex.from_frame(met[[f"reporter_{side}", f"record_id_{side}"]])).to_numpy()
        for side in "ab"
    ]
    graph = coo_array((np.ones(len(met), np.int8), ends), shape=(len(truth), len(truth)))
    return int(connected_components(graph, directed=False)[0])


def joined_twins(groups: np.ndarray, truth: pd.DataFrame, *, one_each: bool = False) -> tuple[int, int]:
    """Count the pairs of twins of whom any two records are in one group.

    Args:
        groups: (n,) the group of each row of the truth.
        truth: With `household` and `twin`; without them there are no twins.
        one_each: Whether to count those of whom no reporter knows both.

    Returns:
        The pairs joined, and all pairs of twins who are both known to every reporter that knows one of them, and to
        two at least; or of whom no reporter knows both.
    """
    if not {"household", "twin"} <= set(truth.columns):
        return 0, 0
    rows = truth.assign(group=groups)
    rows = rows[rows["twin"].to_numpy(bool)]
    joined = known = 0
    for _, household in rows.groupby("household"):
        persons = [person for _, person in household.groupby("person")]
        if len(persons) != 2:
            continue
        one, other = (set(person["reporter"]) for person in persons)
        if (one & other) if one_each else (one != other or len(one) < 2):
            continue
        known += 1
        joined += bool(set(persons[0]["group"]) & set(persons[1]["group"]))
    return joined, known
