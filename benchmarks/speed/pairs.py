"""All pairs of classic filters: pairs per second on one core, beside anonlink and FAISS on the same filters."""

from __future__ import annotations

import gc
import statistics
import tempfile
import time
from contextlib import ExitStack
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from benchmarks.environment import about, environment
from benchmarks.keys import fixed_key_text
from benchmarks.speed.peer import Peer
from benchmarks.speed.run import REFERENCE_DATE, make_records, make_rows
from linkage.linking.compiled.tiles import similar_pairs, tiled
from pseudonym import load_profile
from pseudonym.encode import Encoder
from pseudonym.keyed import LinkageKey

__all__ = ["OURS", "PEERS", "make_filters", "measure", "our_pairs"]

OURS: Final = "this library"
PEERS: Final = {"anonlink": "anonlink", "faiss knn": "faiss-cpu", "faiss range": "faiss-cpu"}
"""The package of each peer; FAISS is run both ways, since it is not known in advance which is faster."""

PROFILE: Final = "clk"
WORKER: Final = Path(__file__).with_name("pairs_worker.py")
SPAN: Final = 256
CAPACITY: Final = 1 << 20

Words = NDArray[np.uint64]


def make_filters(n: int, *, seed: int) -> Words:
    """Return the filters of synthetic records, `(n, 16) uint64`.

    Args:
        n: Number of records.
        seed: Seed of the population.
    """
    records = make_records(make_rows(n, seed=seed))
    key = LinkageKey.parse(fixed_key_text("speed"))
    encoder = Encoder(key, reporter="speed", profile=PROFILE, reference_date=REFERENCE_DATE, keep_empty=True)
    table = encoder.encode(records, on_fault="ignore").table
    place = next(place for place in load_profile(PROFILE).encoding.layout if place.form == "filter")
    contents = np.frombuffer(b"".join(table["content"].to_pylist()), np.uint8).reshape(n, -1)
    bits = np.unpackbits(contents, axis=1, bitorder="little")[:, place.first_bit : place.first_bit + place.n_bits]
    return np.packbits(bits, axis=1, bitorder="little").view("<u8").astype(np.uint64)


def our_pairs(filters: Words, least: float) -> NDArray[np.int64]:
    """Find all pairs of filters with at least a given Dice coefficient, `(p, 2)`."""
    ones = np.bitwise_count(filters).sum(axis=1, dtype=np.int64)
    ratio = Fraction(least).limit_denominator(1_000).as_integer_ratio()
    tiles, found = tiled(filters), np.empty((CAPACITY, 2), np.int64)
    parts = []
    for begin in range(0, len(filters), SPAN):
        total = similar_pairs(tiles, ones, (begin, min(begin + SPAN, len(filters))), ratio, found)
        if total > CAPACITY:
            raise RuntimeError("Too many pairs are similar; use fewer records or a higher coefficient.")
        parts.append(found[:total].copy())
    return np.concatenate([np.zeros((0, 2), np.int64), *parts])


def measure(filters: Words, least: float, *, rounds: int, cache: Path | None) -> dict[str, Any]:
    """Measure in rounds: each method once per round, in alternating order.

    The peers compare the first half of the records with the second half, as they are designed to; this library compares
    all with all. Each is measured by the pairs that it compares.

    Args:
        filters: The filters, an even number.
        least: Least Dice coefficient.
        rounds: Runs of each method.
        cache: Folder of the peers' environment; None to leave them out.

    Returns:
        Pairs per second and seconds of each method, versions, and whether all find the same pairs.
    """
    half = len(filters) // 2
    compared = {OURS: len(filters) * (len(filters) - 1) // 2}
    runs: dict[str, list[dict[str, float]]] = {OURS: []}
    python = environment(cache, sorted(set(PEERS.values()))) if cache is not None else None
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        for side, rows in (("left", filters[:half]), ("right", filters[half:])):
            np.save(folder / f"{side}.npy", rows.astype("<u8").view(np.uint8))
        peers: dict[str, Peer] = {}
        if python is not None:
            peers = {name: stack.enter_context(Peer(python, WORKER, [folder, name, str(least)])) for name in PEERS}
        compared |= dict.fromkeys(peers, half * half)
        runs |= {name: [] for name in peers}
        found = our_pairs(filters, least)
        order = list(runs)
        for _ in range(rounds):
            for name in order:
                runs[name].append(peers[name].run() if name in peers else _run(filters, least))
            order.reverse()
        across = found[(found[:, 0] < half) & (found[:, 1] >= half)] - [0, half]
        same = {name: _equal(across, folder / f"{name}.npy") for name in peers if name != "faiss knn"}
    return {
        "alike": len(found),
        "alike_across": len(across),
        "same_pairs": same,
        "methods": {name: _figures(runs[name], compared[name], runs[OURS], compared[OURS]) for name in runs},
        "versions": {} if python is None else {package: about(python, package) for package in set(PEERS.values())},
    }


def _run(filters: Words, least: float) -> dict[str, float]:
    gc.collect()
    wall, cpu = time.perf_counter(), time.process_time()
    our_pairs(filters, least)
    return {"cpu": time.process_time() - cpu, "wall": time.perf_counter() - wall}


def _equal(pairs: NDArray[Any], path: Path) -> bool:
    other = np.load(path)
    return sorted(map(tuple, pairs.tolist())) == sorted(map(tuple, other.tolist()))


def _figures(
    runs: list[dict[str, float]], compared: int, ours: list[dict[str, float]], we_compared: int
) -> dict[str, Any]:
    rate = compared / statistics.median(run["cpu"] for run in runs)
    our_rate = we_compared / statistics.median(run["cpu"] for run in ours)
    return {
        "pairs_compared": compared,
        "pairs_per_second": round(rate),
        "ours_times": round(our_rate / rate, 2),
        "cpu_seconds": [round(run["cpu"], 4) for run in runs],
        "wall_seconds": [round(run["wall"], 4) for run in runs],
    }
