"""Candidate pairs of a data set as the last run of a registry weighed them, with the truth."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from benchmarks.quality.data.datasets import Dataset
from benchmarks.quality.run import REGISTRY, run
from benchmarks.registry_files import attached
from linkage.keys import RegistryKey
from linkage.linkage_unit.deciphering import deciphering_engine
from linkage.linkage_unit.fitting import PairScorer
from linkage.linkage_unit.pairs import compare_pairs, read_records
from linkage.linkage_unit.stored_model import read_model
from linkage.pipeline import Registry
from linkage.pipeline.units import Units
from linkage.statistics_unit.constraints import cannot_links

__all__ = ["Floats", "Ints", "Links", "links_of"]

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Links:
    """The candidate pairs of one data set, by record index, and the truth.

    Attributes:
        a: `(p,) int64`.
        b: `(p,) int64`.
        log_odds: `(p,) float64`, natural log odds of a match.
        levels: `(p, f) int8`, -1 where a field is absent.
        digests: `(n, 32) uint8`.
        cannot_link: `(m, 2) int64`.
        person: `(n,) int64`, the truth.
    """

    a: Ints
    b: Ints
    log_odds: Floats
    levels: NDArray[np.int8]
    digests: NDArray[np.uint8]
    cannot_link: Ints
    person: Ints


def links_of(dataset: Dataset, *, profile: str, seed: int, keep: Path | None = None) -> Links:
    """Encode, receive and link a data set, and return its candidate pairs.

    Args:
        dataset: The data set.
        profile: Name or path of a profile.
        seed: Selects the linkage key.
        keep: File that caches the pairs; read if it exists.
    """
    if keep is not None and keep.exists():
        with np.load(keep) as stored:
            return Links(**{field.name: stored[field.name] for field in fields(Links)})
    with TemporaryDirectory() as folder:
        run(dataset, profile=profile, seed=seed, keep=Path(folder))
        links = _read(Registry.open(Path(folder) / REGISTRY), dataset.truth)
    if keep is not None:
        keep.parent.mkdir(parents=True, exist_ok=True)
        np.savez_compressed(keep, **asdict(links))
    return links


def _read(registry: Registry, truth: pd.DataFrame) -> Links:
    """Weigh the pairs of a registry again, as its last run did."""
    with Units.open(registry.path).linkage.session(write=True) as session:
        records = read_records(session)
        stored = read_model(session)
        if stored is None:
            raise ValueError("the data set has no pairs")
        tables = stored.model.fields
        engine = deciphering_engine(session, RegistryKey.load(registry.registry_key))
        pairs, _ = compare_pairs(engine, records, registry.settings.profile, tables=tables, progress=lambda *_: None)
        scores, _ = PairScorer(records, pairs, tables, weights=stored.model.other_words).score(stored.model)
    with attached(registry.path) as store:
        cases = store.sql(
            "SELECT codes_rid AS rid, reporter, record_id, case_id, role FROM linked ORDER BY codes_rid"
        ).to_arrow_table()
    known = truth.set_index(["reporter", "record_id"])["person"]
    names = [cases[name].to_numpy() for name in ("reporter", "record_id")]
    person = pd.factorize(known.reindex(pd.MultiIndex.from_arrays(names)))[0]
    return Links(
        records.index(pairs.a),
        records.index(pairs.b),
        scores.log_odds,
        pairs.levels,
        records.ties,
        records.index(cannot_links(cases).ravel()).reshape(-1, 2),
        person.astype(np.int64),
    )
