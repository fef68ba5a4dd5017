"""Find pairs of similar filters with a peer; run by the interpreter of an environment that has it, never imported.

Arguments: a folder, a peer (`anonlink`, `faiss knn`, `faiss range`), the least Dice coefficient. `left.npy` and
`right.npy` in the folder are the packed filters. Each line of the standard input requests one run, which is answered
by a line of JSON and, the first time, by the pairs in `NAME.npy`.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

NEIGHBOURS = 10
"""Neighbours requested from a peer that takes a number instead of a threshold: the cheapest way to compare all."""


def with_anonlink(left: Any, right: Any, least: float) -> Callable[[], Any]:
    """Compute Dice coefficients in C++ in one process, as the entity service of the same project does."""
    from anonlink.candidate_generation import find_candidate_pairs
    from anonlink.similarities import dice_coefficient_accelerated
    from bitarray import bitarray

    sides = [[_bits(bitarray, row) for row in side] for side in (left, right)]

    def run() -> Any:
        _, _, (a, b) = find_candidate_pairs(sides, dice_coefficient_accelerated, least)
        return np.column_stack([np.asarray(a, np.int64), np.asarray(b, np.int64)])

    return run


def _bits(bitarray: Any, row: Any) -> Any:
    bits = bitarray(endian="little")
    bits.frombytes(row.tobytes())
    return bits


def with_faiss_knn(left: Any, right: Any, least: float) -> Callable[[], Any]:
    """Find the nearest neighbours by Hamming distance over all pairs."""
    index = _index(right)

    def run() -> Any:
        index.search(left, NEIGHBOURS)

    return run


def with_faiss_range(left: Any, right: Any, least: float) -> Callable[[], Any]:
    """Find all pairs up to the Hamming distance allowed for the fullest filters, and keep the similar ones."""
    index = _index(right)
    ones = [np.unpackbits(side, axis=1).sum(axis=1, dtype=np.int64) for side in (left, right)]
    # For filters with a and b ones, a Dice coefficient of t means a distance of (a + b) (1 - t). FAISS returns smaller.
    radius = int((ones[0].max() + ones[1].max()) * (1 - least) + 1e-9) + 1

    def run() -> Any:
        limits, distance, found = index.range_search(left, radius)
        a = np.repeat(np.arange(len(left)), np.diff(limits.astype(np.int64)))
        total = ones[0][a] + ones[1][found]
        similar = (total - distance.astype(np.int64)) >= least * total
        return np.column_stack([a[similar], found[similar]])

    return run


def _index(right: Any) -> Any:
    import faiss

    faiss.omp_set_num_threads(1)
    index = faiss.IndexBinaryFlat(8 * right.shape[1])
    index.add(right)
    return index


PEERS = {"anonlink": with_anonlink, "faiss knn": with_faiss_knn, "faiss range": with_faiss_range}


def main(folder: str, peer: str, least: str) -> None:
    """Read the filters, then do one run per request."""
    left, right = (np.load(Path(folder) / f"{side}.npy") for side in ("left", "right"))
    run = PEERS[peer](left, right, float(least))
    out = Path(folder) / f"{peer}.npy"
    for _ in sys.stdin:
        wall, cpu = time.perf_counter(), time.process_time()
        found = run()
        cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
        if found is not None and not out.exists():
            np.save(out, found)
        print(json.dumps({"cpu": cpu, "wall": wall}), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
