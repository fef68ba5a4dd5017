"""This library's `score` on plaintext comparisons, which shows the loss that is due to encoding.

A registry with the coarse profile, whose candidates are nearly complete, is linked as usual. Only the comparison of
contents is replaced by one of the plaintext behind them, with tables of u and m made for it from the same synthetic
population as those of a profile.
"""

from __future__ import annotations

import tempfile
import time
from functools import lru_cache
from itertools import combinations
from pathlib import Path
from typing import Any, Final
from unittest import mock

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from benchmarks.keys import fixed_key_text
from benchmarks.memory import peak_bytes
from benchmarks.quality.data.datasets import Dataset, synthetic
from benchmarks.quality.peers.ours import Received, coarse, receive
from benchmarks.quality.peers.plaintext import FIELDS, Plaintext
from benchmarks.quality.peers.records import input_records, read_identities
from benchmarks.quality.studies.field_tables import ERROR_LEVEL, MATCH_PRIOR, PRIOR_STRENGTH, SMOOTHING, even_tables
from linkage.linking import compared as stage
from linkage.linking.compare import Comparison, levels
from pseudonym.encode import Encoder
from pseudonym.keyed import LinkageKey
from pseudonym.profile import FieldTable, Linking

__all__ = ["link_plaintext", "plaintext_linking"]

NAMES: Final = (0.95, 0.8, 0.65, 0.5, 0.35, 0.2, 0.0)

EDGES: Final[dict[str, tuple[float, ...]]] = {
    "given_names": NAMES,
    "family_names": NAMES,
    "foreign_number": NAMES,
    "birth_year": (12.0, 6.0, 4.0, 2.0, 0.0),
    "birth_month": (1.0, 0.0),
    "birth_day": (1.0, 0.0),
    "serial": (2.0, 1.0, 0.0),
    "sex": (0.0,),
    "swapped": (),
}
"""As many levels as in a profile. The neighbouring years of a birth year are compared as a set, which differs by two
members for each year between two births."""

PERSONS: Final = 2000
PAIRS: Final = 1_000_000
SEED: Final = 1
"""As for the tables of the coarse profile."""


@lru_cache(maxsize=1)
def plaintext_linking() -> Linking:
    """Make the tables for plaintext comparisons, as `tools.make_profile_tables` makes those for contents."""
    dataset = synthetic(PERSONS, level=ERROR_LEVEL, seed=SEED)
    key = LinkageKey.parse(fixed_key_text("tables"))
    known = read_identities(input_records(dataset), lambda reporter: Encoder(key, reporter=reporter))
    person = dataset.truth.set_index(["reporter", "record_id"])["person"]
    persons = person.loc[list(zip(known["reporter"], known["record_id"], strict=True))].to_numpy()
    # A table describes how two identities differ; of records with several, the first is compared.
    plaintext = Plaintext([several[:1] for several in known["identities"]])
    groups = pd.Series(persons).groupby(persons).indices.values()
    matches = np.array([pair for rows in groups for pair in combinations(rows, 2)], np.int64)
    random = np.random.default_rng(SEED).integers(0, len(persons), (PAIRS, 2))
    different = random[persons[random[:, 0]] != persons[random[:, 1]]]
    tables = even_tables(EDGES.items())
    m, u = (_counts(plaintext, pairs, tables) for pairs in (matches, different))
    u[FIELDS.index("serial")] = _serial_counts()
    fields = tuple(
        table.model_copy(update={"m": _shares(one), "u": _shares(other)})
        for table, one, other in zip(tables, m, u, strict=True)
    )
    source = "benchmarks.quality.peers.ceiling"
    return Linking(
        source=source, fields=fields, swap_margin=0.0, prior_strength=PRIOR_STRENGTH, match_prior=MATCH_PRIOR
    )


def _counts(
    plaintext: Plaintext, pairs: NDArray[np.int64], tables: tuple[FieldTable, ...]
) -> list[NDArray[np.float64]]:
    comparison = plaintext.compare(pairs[:, 0], pairs[:, 1], n_keys=np.ones(len(pairs), np.int32))
    found = levels(comparison, tables)
    return [
        np.bincount(column[column >= 0], minlength=len(table.u)).astype(float)
        for column, table in zip(found.T, tables, strict=True)
    ]


def _serial_counts() -> NDArray[np.float64]:
    """Return u of the serial from uniform digits: the population has only serials reserved for tests."""
    shares = np.random.default_rng(SEED).binomial(4, 0.9, PAIRS)
    return np.array([(shares > 2).sum(), *((shares == edge).sum() for edge in EDGES["serial"])], float)


def _shares(counts: NDArray[np.float64]) -> tuple[float, ...]:
    smoothed = counts + SMOOTHING
    return tuple(float(share) for share in smoothed / smoothed.sum())


def link_plaintext(dataset: Dataset, *, seed: int) -> dict[str, Any]:
    """Link a data set by plaintext comparisons.

    Args:
        dataset: The data set.
        seed: Seed of the linkage key, which determines the MinHash candidates.

    Returns:
        `links` as a registry exports them, `candidates` (indices in `records`), `records` (`reporter`, `record_id`),
        `seconds`, `peak_memory_mb`.
    """
    linking = plaintext_linking()
    profile = coarse().model_copy(update={"linking": linking})
    with tempfile.TemporaryDirectory() as folder:
        received = receive(dataset, profile, seed=seed, folder=Path(folder))
        several = [one if isinstance(one, tuple) else () for one in received.identities["identities"]]
        compared = _Compared(received, Plaintext(several))
        wall, cpu = time.perf_counter(), time.process_time()
        with mock.patch.object(stage, "compare", compared):
            received.registry.link()
        seconds = {"wall": time.perf_counter() - wall, "cpu": time.process_time() - cpu}
        return {
            "links": received.registry.links().to_pandas(),
            "candidates": compared.pairs(),
            "records": received.identities[["reporter", "record_id"]],
            "seconds": {name: round(one, 3) for name, one in seconds.items()},
            "peak_memory_mb": round((peak_bytes() or 0) / 1e6, 1),
        }


class _Compared:
    """Replaces `linkage.linking.compare.compare`, and records which pairs were compared."""

    def __init__(self, received: Received, plaintext: Plaintext) -> None:
        self._received = received
        self._plaintext = plaintext
        self._pairs: list[NDArray[np.int64]] = []

    def __call__(self, batch: pa.RecordBatch, *_: Any, **__: Any) -> Comparison:
        a, b, kind, key = (batch.column(name).to_numpy() for name in ("a", "b", "kind", "key"))
        new_pair = np.append(True, (a[1:] != a[:-1]) | (b[1:] != b[:-1]))
        new_key = new_pair | np.append(True, (kind[1:] != kind[:-1]) | (key[1:] != key[:-1]))
        n_keys = np.add.reduceat(new_key.astype(np.int32), np.flatnonzero(new_pair))
        ends = np.column_stack([a, b])[new_pair].astype(np.int64)
        places = self._received.places(ends)
        self._pairs.append(places)
        compared = self._plaintext.compare(places[:, 0], places[:, 1], n_keys=n_keys.astype(np.int32))
        return Comparison(compared.fields, ends[:, 0], ends[:, 1], compared.distances, compared.n_keys)

    def pairs(self) -> pd.DataFrame:
        """Return the pairs that were compared."""
        return pd.DataFrame(np.concatenate(self._pairs or [np.zeros((0, 2), np.int64)]), columns=["a", "b"])
