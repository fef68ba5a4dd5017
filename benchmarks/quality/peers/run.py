"""Run the peers on a data set."""

from __future__ import annotations

import multiprocessing
import tempfile
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pandas as pd

from benchmarks.quality.data.datasets import Dataset
from benchmarks.quality.figures.pairs import true_pairs, with_truth
from benchmarks.quality.found import HOW, LINK_COLUMNS, Found
from benchmarks.quality.peers.ceiling import link_plaintext
from benchmarks.quality.peers.ours import candidate_pairs, coarse, receive
from benchmarks.quality.peers.outside import KEPT, Output, request_of, run_worker
from benchmarks.quality.peers.records import normalised_records, plain_records

__all__ = ["OUTSIDE", "PEERS", "peers_of", "run_peer"]

_SPLINK: Final = (
    "names by NameComparison with term frequencies, birth date by DateOfBirthComparison, numbers by "
    "DamerauLevenshteinAtThresholds [1, 2], sex by ExactMatch; u from 2 million random pairs; m by EM, blocked once on "
    "both names and once on the date; prior from deterministic rules with a recall of .8"
)
_OWN: Final = "lower-case text; pairs by 10 blocking rules and the numbers; within reporters too"
_OURS: Final = "this library's normalisation and the candidates of the coarse profile; within reporters too"
_PAIRS: Final = ("pairs",)
_ONE_TO_ONE: Final = ("one-to-one",)
_SINGLE: Final = "its single best links, every reporter declared free of duplicates"


@dataclass(frozen=True)
class _Way:
    """How a peer is run.

    Attributes:
        title: Title for readers.
        kinds: See `Found`.
        settings: The settings in words.
        source: Function that returns the output for a data set and a seed.
        answer: Name of the worker's answer.
        probabilities: Whether its `probability` is one.
        reporters: Number of reporters that it needs.
    """

    title: str
    kinds: tuple[str, ...]
    settings: str
    source: str
    answer: str = "links-pairs"
    probabilities: bool = True
    reporters: int = 1


_WAYS: Final[dict[str, _Way]] = {
    "splink": _Way("Splink, as its tutorial advises", _PAIRS, f"{_SPLINK}; {_OWN}", "splink"),
    "splink-single-best": _Way(
        "Splink, single best links", _ONE_TO_ONE, f"{_SPLINK}; {_OWN}; {_SINGLE}", "splink", "links-single-best",
        reporters=2,
    ),
    "splink-ours": _Way(
        "Splink, our normalisation and candidates", _PAIRS, f"{_SPLINK}; {_OURS}", "splink-ours"
    ),
    "splink-ours-single-best": _Way(
        "Splink, our normalisation and candidates, single best links", _ONE_TO_ONE, f"{_SPLINK}; {_OURS}; {_SINGLE}",
        "splink-ours", "links-single-best", reporters=2,
    ),
    "recordlinkage": _Way(
        "recordlinkage, ECM", _PAIRS,
        "names and numbers alike by Jaro-Winkler from .85, year, month, day and sex by equality, missing is different; "
        "pairs that agree in the date, both names, a name and the year, or a number; within reporters too",
        "recordlinkage",
    ),
    "anonlink": _Way(
        "clkhash and anonlink, greedy", _ONE_TO_ONE,
        "filters of 1,024 bits, 200 bits a field and 50 for sex, bigrams of names, digits by place; Dice from .6, the "
        "5 best of a record at each other reporter; decision from .8; nothing within a reporter; its probability is "
        "that coefficient",
        "anonlink", probabilities=False, reporters=2,
    ),
    "plaintext": _Way(
        "This library's decide on plaintext", (*_PAIRS, *_ONE_TO_ONE),
        "candidates of the coarse profile; distances of token sets instead of contents; fit, competition and clusters "
        "as ever", "plaintext",
    ),
}  # fmt: skip

PEERS: Final = tuple(_WAYS)
"""Names of the peers, in display order."""

OUTSIDE: Final = tuple(name for name, way in _WAYS.items() if way.source != "plaintext")
"""Peers that are other packages, whose answers `run_worker` caches."""


@dataclass(frozen=True, eq=False)
class _Outcome:
    """The output of a source, by record."""

    links: dict[str, pd.DataFrame]
    candidate_recall: float | None
    report: dict[str, Any]


def peers_of(dataset: Dataset) -> tuple[str, ...]:
    """Return the peers that can link a data set: some link across reporters only."""
    return tuple(name for name, way in _WAYS.items() if len(dataset.reporters) >= way.reporters)


def run_peer(name: str, dataset: Dataset, *, seed: int) -> Found:
    """Link a data set with a peer.

    Args:
        name: A name of `PEERS`.
        dataset: The data set.
        seed: Seed of the peer's random choices, and of keys.

    Raises:
        ValueError: The peer links across reporters only, and there is a single one.
        PeerMissing: Its packages cannot be installed here.
    """
    way = _WAYS[name]
    if name not in peers_of(dataset):
        raise ValueError("this peer links across reporters, and there is only one")
    outcome = _outcome(way.source, dataset, seed)
    report = outcome.report
    return Found(
        method=name,
        title=way.title,
        kinds=way.kinds,
        links=outcome.links[way.answer],
        probabilities=way.probabilities,
        candidate_recall=outcome.candidate_recall,
        seconds={"link": report["seconds"]["wall"]},
        processor_seconds=report["seconds"].get("cpu"),
        peak_memory_mb=report["peak_memory_mb"],
        versions=dict(report["versions"]),
        settings={HOW: way.settings},
    )


_latest: dict[str, tuple[Dataset, int, _Outcome]] = {}
"""By source: one run of Splink gives two answers, which are read one after the other."""


def _outcome(source: str, dataset: Dataset, seed: int) -> _Outcome:
    known = _latest.get(source)
    if known is None or known[0] is not dataset or known[1] != seed:
        known = _latest[source] = dataset, seed, _SOURCES[source](dataset, seed)
    return known[2]


def _outside(worker: str) -> Callable[[Dataset, int], _Outcome]:
    def ask(dataset: Dataset, seed: int) -> _Outcome:
        records = plain_records(dataset)
        found = run_worker(worker, records, request=request_of(worker, seed=seed), keep=KEPT)
        return _of_worker(found, records, dataset)

    return ask


def _splink_ours(dataset: Dataset, seed: int) -> _Outcome:
    with tempfile.TemporaryDirectory() as folder:
        received = receive(dataset, coarse(), seed=seed, folder=Path(folder))
        pairs = candidate_pairs(received)
    records = normalised_records(received.identities)
    found = run_worker("splink", records, request=request_of("splink", seed=seed), pairs=pairs, keep=KEPT)
    return _of_worker(found, records, dataset)


def _plaintext(dataset: Dataset, seed: int) -> _Outcome:
    # In a separate process, so that its memory is not that of the benchmark.
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        found = pool.submit(link_plaintext, dataset, seed=seed).result()
    links = found["links"]
    decision = links["decision"].where(links["decision"] == "link", "no link")
    return _Outcome(
        links={"links-pairs": links.assign(decision=decision)[list(LINK_COLUMNS)]},
        candidate_recall=_candidate_recall(found["candidates"], found["records"], dataset),
        report={**found, "versions": {}},
    )


_SOURCES: Final[dict[str, Callable[[Dataset, int], _Outcome]]] = {
    "splink": _outside("splink"),
    "splink-ours": _splink_ours,
    "recordlinkage": _outside("recordlinkage"),
    "anonlink": _outside("anonlink"),
    "plaintext": _plaintext,
}


def _of_worker(found: Output, records: pd.DataFrame, dataset: Dataset) -> _Outcome:
    links = {}
    for answer, rows in found.links.items():
        decision = rows["linked"].map({True: "link", False: "no link"})
        links[answer] = _named(rows, records).assign(probability=rows["probability"], decision=decision)
    return _Outcome(links, _candidate_recall(found.candidates, records, dataset), found.report)


def _named(rows: pd.DataFrame, records: pd.DataFrame) -> pd.DataFrame:
    """Return pairs of indices with their reporters and record ids."""
    return pd.DataFrame(
        {
            f"{column}_{side}": records[column].to_numpy()[rows[side].to_numpy()]
            for side in "ab"
            for column in ("reporter", "record_id")
        }
    )


def _candidate_recall(candidates: pd.DataFrame | None, records: pd.DataFrame, dataset: Dataset) -> float | None:
    total = true_pairs(dataset.truth)
    if candidates is None or not total:
        return None
    return int(with_truth(_named(candidates, records), dataset.truth)["correct"].sum()) / total
