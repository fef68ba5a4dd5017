"""The records from which a run estimates: of the copies that one reporter sent, one (`linkage.linking.copies`)."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from linkage.linkage_unit.pairs import Pairs, RecordIndex
from linkage.linking.accuracy import ExpectedAccuracy, expected_accuracy, group_evidence
from linkage.linking.copies import first_of_each, representatives
from linkage.linking.never_met import Candidates, never_met
from linkage.linking.strata import Strata
from pseudonym.profile import Encoding, FieldTable

__all__ = ["estimate", "estimate_never_met", "sample_for_fit", "without_copies"]


def without_copies(records: RecordIndex, pairs: Pairs, tables: tuple[FieldTable, ...]) -> NDArray[np.int64]:
    """Return the representative of each record, see `linkage.linking.copies.representatives`."""
    return representatives(pairs.ends, pairs.levels, tables, reporter=records.reporter, rank=records.rank)


def sample_for_fit(records: RecordIndex, pairs: Pairs, representative: NDArray[np.int64]) -> tuple[RecordIndex, Pairs]:
    """Select the records and pairs to which a model is fitted.

    That a reporter has copies at all says something: how often it sends a person twice. So one copy of each
    representative is kept, but only its pair with the representative.

    Args:
        records: The records.
        pairs: Their candidate pairs.
        representative: `(n,) int64`, see `without_copies`.

    Returns:
        Both, with strata in which each representative counts once; `records` and `pairs` themselves without copies.
    """
    itself = np.arange(len(representative))
    first = representative == itself
    if first.all():
        return records, pairs
    copies = itself[~first]
    of_each = np.unique(representative[copies], return_inverse=True)[1]
    second = first.copy()
    second[copies[first_of_each(of_each, records.rank[copies])]] = True
    ends = pairs.ends
    own = representative[ends[:, 0]] == representative[ends[:, 1]]
    counted = np.where(own, first[ends].any(axis=1) & second[ends].all(axis=1), first[ends].all(axis=1))
    counts = np.bincount(records.reporter[first], minlength=len(records.strata.reporters))
    strata = Strata(records.strata.reporters, tuple(counts.tolist()))
    return (
        RecordIndex(records.rid[second], records.reporter[second], records.ties[second], strata),
        _among(pairs, counted, np.cumsum(second) - 1),
    )


def estimate(
    records: RecordIndex,
    pairs: Pairs,
    probability: NDArray[np.float64],
    log_odds: NDArray[np.float64],
    *,
    labels: NDArray[np.int64],
    meeting: NDArray[np.float64],
    representative: NDArray[np.int64],
    encoding: Encoding,
) -> ExpectedAccuracy:
    """Estimate the accuracy of the links, from one copy of each record in each group.

    Args:
        records: The records.
        pairs: Their candidate pairs.
        probability: `(p,) float64`, of a match.
        log_odds: `(p,) float64`.
        labels: `(n,) int64`, the person of each record.
        meeting: `(n,) float64`, the meeting strength of each record.
        representative: `(n,) int64`, see `without_copies`.
        encoding: The profile's encoding.

    Returns:
        See `expected_accuracy`.
    """
    counted = _counted(records, labels, representative)
    ends = pairs.ends
    kept = counted[ends].all(axis=1)
    ends = (np.cumsum(counted) - 1)[ends[kept]]
    probability, captures, group = probability[kept], pairs.captures[kept], labels[counted]
    links = group[ends[:, 0]] == group[ends[:, 1]]
    evidence = group_evidence(
        ends[links], log_odds[kept][links], group=group, rank=records.rank[counted], meeting=meeting[counted]
    )
    return expected_accuracy(probability, links, evidence=evidence, captures=captures, encoding=encoding)


def estimate_never_met(
    records: RecordIndex,
    pairs: Pairs,
    probability: NDArray[np.float64],
    *,
    labels: NDArray[np.int64],
    representative: NDArray[np.int64],
    tables: tuple[FieldTable, ...],
    encoding: Encoding,
) -> pa.Table:
    """Estimate the missing joins of records that never met, from one copy of each record in each group.

    Args:
        records: The records.
        pairs: Their candidate pairs.
        probability: `(p,) float64`, of a match.
        labels: `(n,) int64`, the person of each record.
        representative: `(n,) int64`, see `without_copies`.
        tables: The tables of the model.
        encoding: The profile's encoding.

    Returns:
        See `linkage.linking.never_met.never_met`.
    """
    counted = _counted(records, labels, representative)
    kept = counted[pairs.ends].all(axis=1)
    ends = (np.cumsum(counted) - 1)[pairs.ends[kept]]
    return never_met(
        Candidates(ends, pairs.levels[kept], pairs.captures[kept], probability[kept]),
        group=labels[counted],
        reporter=records.reporter[counted],
        reporters=records.strata.reporters,
        tables=tables,
        encoding=encoding,
    )


def _counted(records: RecordIndex, labels: NDArray[np.int64], representative: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Return the records that count: one copy of each record in each group."""
    copies = np.unique(labels * len(labels) + representative, return_inverse=True)[1]
    counted: NDArray[np.bool_] = first_of_each(copies, records.rank) == np.arange(len(labels))
    return counted


def _among(pairs: Pairs, kept: NDArray[np.bool_], place: NDArray[np.int64]) -> Pairs:
    """Return some pairs; `place` is the new index of each record."""
    chosen = pairs.of(kept)
    return replace(chosen, ends=place[chosen.ends])
