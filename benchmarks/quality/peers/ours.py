"""This library's part: the registry of a data set, and the pairs that it compares."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from benchmarks.keys import fixed_key_text
from benchmarks.paths import BENCHMARKS
from benchmarks.quality.data.datasets import Dataset
from benchmarks.quality.peers.records import input_records, read_identities
from benchmarks.registry_files import attached
from linkage.keys import RegistryKey
from linkage.linkage_unit.deciphering import deciphering_engine
from linkage.linking.candidates import candidate_batches
from linkage.pipeline import Registry
from linkage.pipeline.units import Units
from pseudonym.encode import Encoder
from pseudonym.keyed import LinkageKey
from pseudonym.profile import Profile, load_profile

__all__ = ["COARSE", "Received", "candidate_pairs", "coarse", "receive"]

COARSE: Final = BENCHMARKS / "profiles" / "coarse.json"
"""The profile under which nearly all true pairs share a match key, so that peers lose no candidates."""


@dataclass(frozen=True, eq=False)
class Received:
    """A registry that has received a data set and not linked it yet.

    Attributes:
        registry: The registry.
        identities: The table from `read_identities`, one row per record.
        rid: `(n,) int64`, the number of each record in the registry, ascending.
    """

    registry: Registry
    identities: pd.DataFrame
    rid: NDArray[np.int64]

    def places(self, rid: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the index in `identities` of records by number."""
        return np.searchsorted(self.rid, rid).astype(np.int64)


def coarse() -> Profile:
    """Load the coarse profile."""
    return load_profile(COARSE)


def receive(dataset: Dataset, profile: Profile, *, seed: int, folder: Path) -> Received:
    """Encode a data set and receive it in a registry.

    Args:
        dataset: The data set.
        profile: The profile.
        seed: Selects the public linkage key, as in `benchmarks.quality.run`.
        folder: Folder for the files.
    """
    key = LinkageKey.parse(fixed_key_text(f"quality {seed}"))
    records = input_records(dataset)
    # Every record of the truth is sent, as the commands of `benchmarks.quality.run` do.
    encoders = {reporter: Encoder(key, reporter=reporter, profile=profile, keep_empty=True) for reporter in records}
    registry = Registry.create(folder / "registry", profile=profile)
    for reporter, own in records.items():
        encoders[reporter].write(folder / f"{reporter}.parquet", own, sequence=1, on_fault="ignore")
        registry.receive(folder / f"{reporter}.parquet")
    identities = read_identities(records, encoders.__getitem__)
    with attached(registry.path) as store:
        numbers = store.execute("SELECT codes_rid AS rid, reporter, record_id FROM linked ORDER BY codes_rid").df()
    identities = numbers.merge(identities, on=["reporter", "record_id"], how="left", validate="one_to_one")
    return Received(registry, identities.drop(columns="rid"), numbers["rid"].to_numpy(np.int64))


def candidate_pairs(received: Received) -> pd.DataFrame:
    """Return the pairs that the registry compares.

    Args:
        received: The registry.

    Returns:
        `a`, `b`, indices in `received.identities`.
    """
    parts = []
    encoding = received.registry.settings.profile.encoding
    key = RegistryKey.load(received.registry.registry_key)
    with Units.open(received.registry.path).linkage.session(write=False) as session:
        for batch in candidate_batches(deciphering_engine(session, key), "codes", encoding):
            ends = np.column_stack([batch.column(side).to_numpy() for side in "ab"])
            parts.append(ends[np.append(True, (ends[1:] != ends[:-1]).any(axis=1))])
    ends = np.concatenate(parts) if parts else np.zeros((0, 2), np.int64)
    return pd.DataFrame({"a": received.places(ends[:, 0]), "b": received.places(ends[:, 1])})
