"""Link with the recordlinkage package as in its guides; runs in its own environment.

From the guides: blocking, names compared by Jaro-Winkler with threshold .85, separate comparison of year, month and
day, missing values as disagreement, and the ECM classifier, which needs no labels.
"""

from __future__ import annotations

import pandas as pd
import pyarrow as pa
import recordlinkage
from common import NUMBERS, Job

ALIKE = 0.85
"""Lowest Jaro-Winkler similarity of two spellings of one name, as in the guide for FEBRL 4."""

LEAST = 1e-6
"""Lowest probability of a pair in the output."""

GIVEN, FAMILY, DATE = "given_names", "family_names", "birth_date"
PARTS = {"year": slice(0, 4), "month": slice(5, 7), "day": slice(8, 10)}


def candidates(records: pd.DataFrame) -> pd.MultiIndex:
    """Return the pairs that agree in two fields or in a number."""
    index = recordlinkage.Index()
    for columns in ([DATE], [GIVEN, FAMILY], [GIVEN, "year"], [FAMILY, "year"]):
        index.block(columns)
    for name in NUMBERS:
        if name in records:
            index.block(name)
    return index.index(records)


def compare(pairs: pd.MultiIndex, records: pd.DataFrame) -> pd.DataFrame:
    """Compare pairs field by field: 1 for agreement, 0 for disagreement or a missing value."""
    comparison = recordlinkage.Compare()
    for name in (GIVEN, FAMILY, *NUMBERS):
        if name in records:
            comparison.string(name, name, method="jarowinkler", threshold=ALIKE, label=name)
    for name in (*PARTS, "sex"):
        if name in records:
            comparison.exact(name, name, label=name)
    return comparison.compute(pairs, records)


def link(job: Job) -> None:
    """Block, compare and classify all records as one file, so that duplicates within a reporter are found too."""
    records = job.records.to_pandas().set_index("row")
    for name, place in PARTS.items():
        records[name] = records[DATE].str[place]
    with job.working():
        pairs = candidates(records)
        features = compare(pairs, records)
        # A field in which all pairs agree carries no information, and the classifier rejects it.
        classifier = recordlinkage.ECMClassifier()
        linked = classifier.fit_predict(features)
        probability = classifier.prob(features)
    found = pd.DataFrame({"probability": probability, "linked": features.index.isin(linked)}, index=features.index)
    first, second = (pd.Series(pairs.get_level_values(side), dtype="int64") for side in (0, 1))
    found["a"], found["b"] = (
        first.where(first < second, second).to_numpy(),
        first.where(first > second, second).to_numpy(),
    )
    job.candidates(pa.Table.from_pandas(found[["a", "b"]], preserve_index=False))
    likely = found[found["linked"] | (found["probability"] >= LEAST)]
    job.answer("pairs", pa.Table.from_pandas(likely[["a", "b", "probability", "linked"]], preserve_index=False))
    job.report(("recordlinkage", "pandas", "scikit-learn"))
