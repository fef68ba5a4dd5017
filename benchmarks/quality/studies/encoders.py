"""Somebody's encoding, measured by the similarity of its filters.

An encoder is a function of a module that can be imported:

    def encode(records: list[Record], secret: bytes) -> Sequence[bitarray] | NDArray: ...

It is called once per reporter, as each reporter encodes by itself, with the same secret. It returns one filter per
record, in order: bitarrays of one length, or an array `(n, m)` of zeros and ones. `pseudonym.classic:encode_records` is
one.
"""

from __future__ import annotations

import hashlib
import importlib
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from benchmarks.quality.data.datasets import Dataset
from benchmarks.quality.figures.pairs import true_pairs, with_truth
from benchmarks.quality.found import HOW, Found
from benchmarks.quality.peers.ours import candidate_pairs, coarse, receive
from benchmarks.quality.peers.records import input_records
from linkage.linking.compiled.tiles import similar_pairs, tiled
from pseudonym.classic import ClassicError, bit_matrix
from pseudonym.errors import InputError
from pseudonym.identity.record import Record

__all__ = ["THRESHOLD", "Encode", "Pairs", "link_encoded", "load_encoder", "most_similar"]

Encode = Callable[[list[Record], bytes], Any]
Pairs = Literal["all", "keys"]

THRESHOLD: Final = 0.8
"""The Dice coefficient from which pairs are linked, as in the tutorial of clkhash and anonlink."""

LEAST: Final = 0.1
"""Pairs that are less similar are not kept: no threshold so low is of use."""

STEP: Final = 0.05

MOST: Final = 20
"""Pairs kept per record, or per true pair if there are more: a threshold that links more has an F1 below .1."""

SPAN: Final = 1024
SCALE: Final = 10_000
CHUNK: Final = 200_000

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Words = NDArray[np.uint64]

_MESSAGES: Final = {
    "encoder.name": "An encoder is named MODULE:FUNCTION.",
    "encoder.module": "The module of the encoder cannot be imported.",
    "encoder.function": "The module of the encoder has no such function.",
    "encoder.number": "The encoder did not return one filter per record.",
    "encoder.filters": "The encoder did not return bitarrays of one length, or an array (n, m) of zeros and ones.",
    "encoder.lengths": "The filters of two reporters do not have the same length.",
}

_HINTS: Final = {
    "encoder.name": "For example: --encoder pseudonym.classic:encode_records.",
    "encoder.module": "Run the command in the folder of the module, or add that folder to PYTHONPATH.",
    "encoder.filters": "benchmarks/README.md has the interface of an encoder.",
}


@dataclass(frozen=True, eq=False)
class _Encoded:
    """The filters of all records.

    Attributes:
        records: `reporter`, `record_id`, one row per record.
        words: `(n, w) uint64`, their bits.
        ones: `(n,) int64`, the number of bits set in each.
        n_bits: The length of a filter.
    """

    records: pd.DataFrame
    words: Words
    ones: Ints
    n_bits: int


def load_encoder(name: str) -> Encode:
    """Import an encoder.

    Args:
        name: `module:function`.

    Raises:
        InputError: `encoder.name`, `encoder.module` or `encoder.function`. What the module itself raises is not caught.
    """
    module, _, function = name.partition(":")
    if not module or not function:
        raise _error("encoder.name")
    try:
        encode: Encode | None = getattr(importlib.import_module(module), function, None)
    except ModuleNotFoundError as error:
        # A package that the module itself lacks is a fault of its own, and the traceback says which.
        if error.name is None or not f"{module}.".startswith(f"{error.name}."):
            raise
        raise _error("encoder.module") from None
    if not callable(encode):
        raise _error("encoder.function")
    return encode


def link_encoded(
    dataset: Dataset, encode: Encode, *, name: str, seed: int, threshold: float = THRESHOLD, pairs: Pairs = "all"
) -> Found:
    """Link a data set by the similarity of somebody's filters.

    Args:
        dataset: The data set.
        encode: The encoder.
        name: Its name.
        seed: Selects the secret.
        threshold: The Dice coefficient from which pairs are linked; the best threshold is found with the truth.
        pairs: `all` pairs of records, or those that share a match key of the coarse profile (`keys`).

    Returns:
        The answer. Its `probability` is the Dice coefficient; its persons are the records that links join.

    Raises:
        InputError: `encoder.number`, `encoder.filters` or `encoder.lengths`.
    """
    began = time.perf_counter()
    encoded = _encoded(dataset, encode, hashlib.sha256(f"quality {seed}".encode()).digest())
    encoding_seconds = time.perf_counter() - began
    began = time.perf_counter()
    n_true = true_pairs(dataset.truth)
    compared = None if pairs == "all" else _key_pairs(dataset, encoded.records, seed=seed)
    if compared is None:
        ends, similarity = most_similar(encoded.words, encoded.ones, most=MOST * max(len(encoded.ones), n_true))
    else:
        ends, similarity = compared, _dice(encoded.words, encoded.ones, compared)
    n = len(encoded.ones)
    links = _named(ends, encoded.records).assign(
        probability=similarity, decision=np.where(similarity >= threshold, "link", "no link")
    )
    how = f"filters of {encoded.n_bits:,} bits; links from a Dice coefficient of {threshold:g}; links join persons"
    return Found(
        method=f"encoder:{name}",
        title=name,
        kinds=("pairs", "one-to-one"),
        links=links,
        probabilities=False,
        compared=n * (n - 1) // 2 if compared is None else len(compared),
        candidate_recall=_recall(compared, encoded.records, dataset) if n_true else None,
        seconds={"encode": round(encoding_seconds, 2), "link": round(time.perf_counter() - began, 2)},
        settings={HOW: f"{how}; {'all pairs' if compared is None else 'pairs that share a match key'}"},
    )


def _encoded(dataset: Dataset, encode: Encode, secret: bytes) -> _Encoded:
    ids, parts = [], []
    for reporter, records in input_records(dataset).items():
        # A copy: what an encoder does to its list must not change what it is measured against.
        filters = encode(list(records), secret)
        if not hasattr(filters, "__len__"):
            raise _error("encoder.filters")
        if len(filters) != len(records):
            raise _error("encoder.number")
        if len(records):
            parts.append(_checked(filters))
            ids += [(reporter, record.record_id) for record in records]
    if len({part.shape[1] for part in parts}) > 1:
        raise _error("encoder.lengths")
    bits = np.concatenate(parts) if parts else np.zeros((0, 0), np.uint8)
    records = pd.DataFrame(ids, columns=["reporter", "record_id"])
    return _Encoded(records, _words(bits), bits.sum(axis=1, dtype=np.int64), bits.shape[1])


def _checked(filters: Any) -> NDArray[np.uint8]:
    try:
        return bit_matrix(filters)
    except (ClassicError, TypeError):
        raise _error("encoder.filters") from None


def _words(bits: NDArray[np.uint8]) -> Words:
    """Return bits as words of 64, filled up with zeros."""
    n_words = max(1, -(-bits.shape[1] // 64))
    packed = np.zeros((len(bits), n_words * 8), np.uint8)
    packed[:, : -(-bits.shape[1] // 8)] = np.packbits(bits, axis=1)
    return packed.view(np.uint64)


def most_similar(words: Words, ones: Ints, *, most: int) -> tuple[Ints, Floats]:
    """Compare all records with each other, and keep the most similar pairs.

    Args:
        words: `(n, w) uint64`, the filters.
        ones: `(n,) int64`, the number of bits set in each.
        most: Number of pairs to keep, at least 1; of pairs that are alike in similarity all or none.

    Returns:
        `(p, 2) int64`, the smaller index first, and `(p,)` their Dice coefficients, from `LEAST`.
    """
    tiles, least, cut = tiled(words), LEAST, 0.0
    ends, similarity = np.zeros((0, 2), np.int64), np.zeros(0)
    for start in range(0, len(ones), SPAN):
        span = start, min(start + SPAN, len(ones))
        new, least = _similar(tiles, ones, span, least, room=most)
        ends, similarity = np.concatenate([ends, new]), np.concatenate([similarity, _dice(words, ones, new)])
        if len(ends) > most:
            place = len(similarity) - most - 1
            cut = float(np.partition(similarity, place)[place])
            ends, similarity, least = ends[similarity > cut], similarity[similarity > cut], max(least, cut)
    # What was dropped among the last records is dropped among the first.
    kept = (similarity > cut) & (similarity >= least)
    return ends[kept], similarity[kept]


def _similar(tiles: Words, ones: Ints, span: tuple[int, int], least: float, *, room: int) -> tuple[Ints, float]:
    """Return the pairs of some records from a similarity, which is raised until they fit."""
    found = np.zeros((room, 2), np.int64)
    while True:
        n_found = similar_pairs(tiles, ones, span, (int(least * SCALE), SCALE), found)
        if n_found <= room or least >= 1:
            return found[: min(n_found, room)].copy(), least
        least = min(1.0, least + STEP)


def _dice(words: Words, ones: Ints, ends: Ints) -> Floats:
    parts = [np.zeros(0)]
    for start in range(0, len(ends), CHUNK):
        a, b = ends[start : start + CHUNK].T
        shared = np.bitwise_count(words[a] & words[b]).sum(axis=1, dtype=np.int64)
        parts.append(2 * shared / np.maximum(ones[a] + ones[b], 1))
    return np.concatenate(parts)


def _key_pairs(dataset: Dataset, records: pd.DataFrame, *, seed: int) -> Ints:
    """Return the pairs that share a match key of the coarse profile, as indices of the encoded records."""
    with tempfile.TemporaryDirectory() as folder:
        received = receive(dataset, coarse(), seed=seed, folder=Path(folder))
        pairs = candidate_pairs(received)
    place = pd.MultiIndex.from_frame(records)
    own = place.get_indexer(pd.MultiIndex.from_frame(received.identities[["reporter", "record_id"]]))
    ends: Ints = np.sort(own[pairs[["a", "b"]].to_numpy(np.int64)], axis=1)
    return ends[(ends >= 0).all(axis=1)]


def _named(ends: Ints, records: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(
        {
            f"{column}_{side}": records[column].to_numpy()[ends[:, place]]
            for place, side in enumerate("ab")
            for column in ("reporter", "record_id")
        }
    )


def _recall(compared: Ints | None, records: pd.DataFrame, dataset: Dataset) -> float:
    """Return the share of the true pairs that were compared; a record that was not read is in none."""
    if compared is None:
        read = dataset.truth.merge(records, on=["reporter", "record_id"])
        return true_pairs(read) / true_pairs(dataset.truth)
    return int(with_truth(_named(compared, records), dataset.truth)["correct"].sum()) / true_pairs(dataset.truth)


def _error(rule: str) -> InputError:
    return InputError(rule, _MESSAGES[rule], hint=_HINTS.get(rule))
