"""Candidate recall of a profile, without a registry: the share of true pairs that have a match key in common.

`benchmarks.quality` counts the same in the registry's store; a sweep over many profiles needs a faster way.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from benchmarks.attacks.world.variants import keys_only
from benchmarks.attacks.world.view import key_prints
from benchmarks.quality.data.datasets import Dataset
from pseudonym.identity.record import IDENTITY_FIELDS, Record
from pseudonym.profile import Profile

__all__ = ["candidate_recall", "records_of_frame"]

VALUES: Final = range(1, 9)
"""Values that a field may have: the first in the column of its name, the others in numbered columns."""

PARALLEL: Final = (*IDENTITY_FIELDS, "number_type", "number_level")


def records_of_frame(frame: pd.DataFrame) -> list[Record]:
    """Make records from the identity columns of a case file; other columns are ignored.

    Args:
        frame: Columns as in an input of `pseudonym encode`.
    """
    known = Record.__dataclass_fields__
    columns: dict[str, list[str]] = {}
    for field in (*PARALLEL, "name_of_address"):
        names = [field if number == 1 else f"{field}_{number}" for number in VALUES]
        if field in known and (held := [name for name in names if name in frame]):
            columns[field] = held
    texts = frame.fillna("").astype(str)
    values = {field: list(zip(*(texts[name] for name in held), strict=True)) for field, held in columns.items()}
    return [
        Record(record_id=f"record-{row:07d}", **{field: _one(value[row]) for field, value in values.items()})
        for row in range(len(frame))
    ]


def _one(values: tuple[str, ...]) -> Any:
    """Return a single value as text, several as a tuple with the blanks between them."""
    return values[0] or None if not any(values[1:]) else values


def candidate_recall(dataset: Dataset, profile: Profile, *, n_keys: int = 1) -> float:
    """Measure the share of true pairs, between and within reporters, that share a match key.

    Args:
        dataset: Case files and truth.
        profile: The profile; with an empty match key the share is 1.
        n_keys: Linkage keys over which the share is averaged; it varies by some thousandths between them.

    Returns:
        The share; 1 without true pairs.
    """
    labels = ("recall", *(f"recall {number}" for number in range(2, n_keys + 1)))
    return sum(_recall(dataset, keys_only(profile), label) for label in labels) / n_keys


def _recall(dataset: Dataset, reduced: Profile, label: str) -> float:
    """Measure it under one linkage key."""
    truth = dataset.truth.set_index(["reporter", "record_id"])["person"]
    prints, persons = [], []
    for reporter, frame in dataset.reporters.items():
        prints.append(key_prints(records_of_frame(frame), reduced, label))
        persons.append(truth.loc[[(reporter, record) for record in frame["record_id"]]].to_numpy())
    return _met(np.concatenate(prints), pd.factorize(np.concatenate(persons))[0])


def _met(prints: NDArray[np.uint64], person: NDArray[np.int64]) -> float:
    """Count the pairs of records of one person, and those of them that share a match key."""
    order = np.argsort(person, kind="stable")
    starts = np.flatnonzero(np.r_[True, np.diff(person[order]) != 0, True])
    total = met = 0
    for begin, end in zip(starts[:-1].tolist(), starts[1:].tolist(), strict=True):
        rows = order[begin:end]
        for index, row in enumerate(rows[:-1]):
            others = rows[index + 1 :]
            total += len(others)
            met += int(np.isin(prints[others], prints[row]).any(axis=1).sum())
    return met / total if total else 1.0
