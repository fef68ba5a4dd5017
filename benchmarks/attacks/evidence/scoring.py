"""Log-likelihoods of candidates, given what a record shares with the landmarks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numba
import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from benchmarks.attacks.evidence.signals import Meetings, Predicted, differing_bits, masks, meet
from benchmarks.attacks.world.view import View

__all__ = ["Landmarks", "Pairs", "content_scores", "exact_kinds", "gather", "key_features", "whole_contents"]

MOST_SHARED: Final = 7
"""Counts of shared match keys are capped at this."""

PAIRS_PER_RECORD: Final = 32
"""Landmarks whose contents are compared with those of one record, the closest first."""

FLOOR: Final = 1e-7
"""Rate at which dissimilar records share a band."""

SPREAD: Final = 0.6
"""Variance of a distance over keys as a share of its mean; measured between 0.5 and 0.8 on filters and slots."""

WORST: Final = 12.0
"""Largest penalty for one distance, in nats, since a landmark may be wrong."""

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Landmarks:
    """Pairs of a record and a candidate that the attacker believes to be the same person.

    Attributes:
        row: (k,) records.
        candidate: (k,) candidates.
    """

    row: Ints
    candidate: Ints

    def __len__(self) -> int:
        """Count the landmarks."""
        return len(self.row)


def exact_kinds(view: View) -> Ints:
    """Number the kinds of the combinations' positions, (c,), as in the profile of `exact_only`."""
    kinds = view.kind[view.exact]
    return np.unique(kinds, return_inverse=True)[1] if kinds.size else kinds


def key_features(
    view: View, predicted: Predicted, landmarks: Landmarks
) -> tuple[sparse.csr_matrix, sparse.csr_matrix, Meetings]:
    """Count the match keys that each record and each candidate shares with each landmark, by kind.

    Args:
        view: The registry.
        predicted: What the attacker computes.
        landmarks: `k` landmarks.

    Returns:
        Two sparse matrices of ones, (n, features) and (N, features), with equal columns; and the meetings of the
        registry, with positions in `view`.
    """
    positions = np.flatnonzero(view.exact)
    kinds = exact_kinds(view)
    seen = meet(view.key[:, positions], landmarks.row)
    expected = meet(predicted.exact_keys, landmarks.candidate)
    names = [_names(found, kinds, len(landmarks)) for found in (seen, expected)]
    known, column = np.unique(np.concatenate([name for _, name in names]), return_inverse=True)
    split = len(names[0][0])
    matrices = [
        sparse.csr_matrix((np.ones(len(row), np.float32), (row, columns)), (n, len(known)))
        for (row, _), columns, n in zip(
            names, (column[:split], column[split:]), (len(view), len(predicted)), strict=True
        )
    ]
    whole = Meetings(seen.row, positions[seen.position], seen.landmark, positions[seen.landmark_position])
    return matrices[0], matrices[1], whole


def _names(found: Meetings, kinds: Ints, k: int) -> tuple[Ints, Ints]:
    """Count by record, landmark and kind, and number each combination of landmark, kind and count."""
    n_kinds = int(kinds.max(initial=0)) + 1
    group = (found.row * k + found.landmark) * n_kinds + (kinds[found.position] if len(found) else 0)
    distinct, count = np.unique(group, return_counts=True)
    return distinct // (n_kinds * k), distinct % (n_kinds * k) * (MOST_SHARED + 1) + np.minimum(count, MOST_SHARED)


@dataclass(frozen=True, slots=True, eq=False)
class Pairs:
    """Mean distances between records and landmarks, in the order of records.

    Attributes:
        starts: (n + 1,) first pair of each record.
        landmark: (p,) the landmark.
        mean: (p, f) float32, differing bits by feature.
        times: (p,) float32, number of shared codes.
    """

    starts: Ints
    landmark: Ints
    mean: NDArray[np.float32]
    times: NDArray[np.float32]


def gather(view: View, landmarks: Landmarks, found: list[Meetings]) -> Pairs:
    """Average the distances of each record and landmark over all match keys that they share.

    Args:
        view: The registry.
        landmarks: The landmarks.
        found: Meetings, with positions in `view`.

    Returns:
        The pairs, at most `PAIRS_PER_RECORD` per record.
    """
    row, position, landmark, other = (
        np.concatenate([getattr(one, name) for one in found])
        for name in ("row", "position", "landmark", "landmark_position")
    )
    ours, theirs = view.words[row, position], view.words[landmarks.row[landmark], other]
    bits = differing_bits(ours, theirs, view.encoding)
    pair, of = np.unique(row * max(len(landmarks), 1) + landmark, return_inverse=True)
    times = np.bincount(of, minlength=len(pair)).astype(np.float32)
    mean = np.stack([np.bincount(of, bits[:, f], len(pair)) for f in range(bits.shape[1])], axis=1) / times[:, None]
    record = pair // max(len(landmarks), 1)
    order = np.lexsort((mean.sum(axis=1), record))
    rank = np.arange(len(order)) - np.searchsorted(record, record)[order]
    kept = order[rank < PAIRS_PER_RECORD]
    starts = np.searchsorted(record[kept], np.arange(len(view) + 1))
    return Pairs(starts, pair[kept] % max(len(landmarks), 1), mean[kept].astype(np.float32), times[kept])


def content_scores(
    pairs: Pairs, rows: Ints, choices: Ints, *, landmarks: Landmarks, predicted: Predicted
) -> NDArray[np.float32]:
    """Score chosen candidates by their expected distances to the landmarks.

    Args:
        pairs: The distances seen.
        rows: (r,) records.
        choices: (r, t) candidates for each.
        landmarks: The landmarks.
        predicted: What the attacker computes.

    Returns:
        (r, t) float32, log-likelihoods; 0 if a record shares nothing with a landmark.
    """
    met = pairs.starts[rows + 1] > pairs.starts[rows]
    scores = np.zeros(choices.shape, np.float32)
    if not met.any():
        return scores
    wanted, chosen = np.unique(choices[met], return_inverse=True)
    contents = predicted.contents(wanted)
    theirs = predicted.contents(landmarks.candidate)
    entries = np.array([(feature, word) for feature, word, _ in masks(predicted.profile.encoding)])
    bits = np.array([mask for _, _, mask in masks(predicted.profile.encoding)], np.uint64)
    scores[met] = _likelihoods(
        pairs.starts, pairs.landmark, pairs.mean, pairs.times, rows[met], chosen.reshape(choices[met].shape),
        contents, theirs, entries, bits,
    )  # fmt: skip
    return scores


@numba.njit(cache=True, nogil=True, fastmath=True)
def _likelihoods(
    starts: Any,
    landmark: Any,
    mean: Any,
    times: Any,
    rows: Any,
    chosen: Any,
    ours: Any,
    theirs: Any,
    entries: Any,
    bits: Any,
) -> Any:
    """Sum Gaussian log-likelihoods; the variance grows with the mean, and with fewer codes and keys."""
    n_keys = ours.shape[1]
    n_features = mean.shape[1]
    scores = np.zeros(chosen.shape, np.float32)
    expected = np.zeros(n_features, np.float32)
    for i in range(len(rows)):
        for t in range(chosen.shape[1]):
            total = 0.0
            for p in range(starts[rows[i]], starts[rows[i] + 1]):
                expected[:] = 0
                for entry in range(len(bits)):
                    for key in range(n_keys):
                        value = ours[chosen[i, t], key, entries[entry, 1]] ^ theirs[landmark[p], key, entries[entry, 1]]
                        value &= bits[entry]
                        value = value - ((value >> np.uint64(1)) & np.uint64(0x5555555555555555))
                        value = (value & np.uint64(0x3333333333333333)) + (
                            (value >> np.uint64(2)) & np.uint64(0x3333333333333333)
                        )
                        value = (value + (value >> np.uint64(4))) & np.uint64(0x0F0F0F0F0F0F0F0F)
                        expected[entries[entry, 0]] += (value * np.uint64(0x0101010101010101)) >> np.uint64(56)
                for f in range(n_features):
                    predicted = expected[f] / n_keys
                    variance = (SPREAD * predicted + 0.05) * (1 / times[p] + 1 / n_keys)
                    gap = mean[p, f] - predicted
                    total -= min(gap * gap / (2 * variance), WORST) + 0.5 * np.log(variance)
            scores[i, t] = total
    return scores


def whole_contents(view: View, landmarks: Landmarks, predicted: Predicted) -> NDArray[np.float32]:
    """Score every candidate for every record by distances to all landmarks, if all records are in one group.

    Args:
        view: A registry whose first code is the same match key for all.
        landmarks: The landmarks.
        predicted: What the attacker computes.

    Returns:
        (n, N) float32, log-likelihoods up to a constant for each record.
    """
    seen = np.bitwise_count(view.words[:, None, 0] ^ view.words[None, landmarks.row, 0]).sum(axis=-1, dtype=np.float32)
    ours = predicted.contents(np.arange(len(predicted)))
    theirs = ours[landmarks.candidate]
    expected = sum(
        np.bitwise_count(ours[:, None, key] ^ theirs[None, :, key]).sum(axis=-1, dtype=np.float32)
        for key in range(ours.shape[1])
    )
    expected = np.asarray(expected) / ours.shape[1]
    off = ~np.eye(len(landmarks), dtype=bool)
    residual = (seen[landmarks.row] - expected[landmarks.candidate])[off]
    variance = float(np.mean(residual**2)) if residual.size else 1.0
    scores = (seen @ expected.T - 0.5 * (expected**2).sum(axis=1)[None]) / max(variance, 1e-3)
    return np.asarray(scores, np.float32)
