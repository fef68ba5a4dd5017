"""Encode with clkhash and link with anonlink as in their tutorials; runs in their own environment.

From the tutorials: filters of 1,024 bits, bigrams of names, positional digits of dates and numbers, 200 bits per field
whatever the length of its value, and the greedy solver, which gives a record at most one partner in each other file.
Duplicates within a file are not searched.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import anonlink
import pyarrow as pa
import pyarrow.compute as pc
from bitarray import bitarray
from clkhash.clk import generate_clks
from clkhash.schema import from_json_dict
from common import Job, within

BITS = 1024
LEAST = 0.6
"""Lowest Dice coefficient of a pair in the output; the best thresholds are higher."""

MOST = 5
"""Number of most similar candidates per record and other file: all above a low threshold do not fit in memory."""

LINK_FROM = 0.8
"""The threshold chosen in the tutorial."""

STEP = 0.01
"""Step between the thresholds that are tried if there are more than two files."""

Comparisons = dict[str, tuple[dict[str, Any], int]]
"""For each field its tokenisation and the number of bits it sets."""

NAMES = ({"type": "ngram", "n": 2}, 200)
CODES = ({"type": "ngram", "n": 1, "positional": True}, 200)
SEX = ({"type": "exact"}, 50)
COMPARISONS: Comparisons = {
    "given_names": NAMES,
    "family_names": NAMES,
    "birth_date": CODES,
    "number": CODES,
    "foreign_number": CODES,
    "sex": SEX,
}


def schema(comparisons: Comparisons) -> Any:
    """Return the linkage schema of fields; an empty text sets no bit."""
    features = [
        {
            "identifier": name,
            "format": {"type": "string", "encoding": "utf-8", "minLength": 0},
            "hashing": {
                "comparison": comparison,
                "strategy": {"bitsPerFeature": n_bits},
                "hash": {"type": "blakeHash"},
                "missingValue": {"sentinel": ""},
            },
        }
        for name, (comparison, n_bits) in comparisons.items()
    ]
    kdf = {"type": "HKDF", "hash": "SHA256", "salt": "c2FsdA==", "info": "", "keySize": 64}
    return from_json_dict({"version": 3, "clkConfig": {"l": BITS, "kdf": kdf}, "features": features})


def encode(records: pa.Table, comparisons: Comparisons, *, seed: int) -> list[bitarray]:
    """Encode the records of one reporter."""
    columns = [[value or "" for value in records[name].to_pylist()] for name in comparisons]
    rows = [tuple(row) for row in zip(*columns, strict=True)]
    return list(generate_clks(rows, schema(comparisons), f"secret {seed}", validate=False, max_workers=1))


def solve(candidates: Any, *, least: float) -> list[list[tuple[int, int]]]:
    """Return the groups of records, as file and index, solved from the candidates above a threshold."""
    sims, files, places = candidates
    # Candidates are in descending order.
    end = sum(1 for sim in sims if sim >= least)
    part = sims[:end], tuple(column[:end] for column in files), tuple(column[:end] for column in places)
    return [list(group) for group in anonlink.solving.greedy_solve(part)]


def links(candidates: Any, first_row: list[int], thresholds: Iterable[float]) -> dict[tuple[int, int], float]:
    """Return the linked pairs of rows, each with the greatest threshold at which it is linked.

    The solver takes candidates in the order of their similarity, so a link is never undone.
    """
    found: dict[tuple[int, int], float] = {}
    for threshold in sorted(thresholds, reverse=True):
        groups = solve(candidates, least=threshold)
        for pair in within([[first_row[file] + place for file, place in group] for group in groups]):
            found.setdefault(pair, threshold)
    return found


def link(job: Job) -> None:
    """Encode the file of each reporter, find similar pairs between every two files, and solve."""
    reporters = job.reporters
    comparisons = {name: COMPARISONS[name] for name in job.fields}
    files = [job.records.filter(pc.equal(job.records["reporter"], reporter)) for reporter in reporters]
    with job.working():
        encoded = [encode(one, comparisons, seed=job.request["seed"]) for one in files]
        candidates = anonlink.candidate_generation.find_candidate_pairs(
            encoded, anonlink.similarities.dice_coefficient, LEAST, k=MOST
        )
        solve(candidates, least=LEAST)
    first_row = [one["row"][0].as_py() for one in files]
    if len(reporters) == 2:
        # Between two files each link is a candidate, made at its own similarity.
        own = {
            (first_row[0] + a, first_row[1] + b): sim for sim, a, b in zip(candidates[0], *candidates[2], strict=True)
        }
        found = {pair: own[pair] for pair in links(candidates, first_row, [LEAST])}
    else:
        found = links(
            candidates, first_row, [round(LEAST + STEP * step, 2) for step in range(round((1 - LEAST) / STEP))]
        )
    rows = sorted(found)
    job.answer(
        "pairs",
        pa.table(
            {
                "a": pa.array([a for a, _ in rows], pa.int64()),
                "b": pa.array([b for _, b in rows], pa.int64()),
                "probability": pa.array([found[pair] for pair in rows], pa.float64()),
                "linked": pa.array([found[pair] >= LINK_FROM for pair in rows], pa.bool_()),
            }
        ),
    )
    job.report(("anonlink", "clkhash"))
