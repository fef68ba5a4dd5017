"""Read codes that lie enciphered in the registry file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from typing import Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from linkage.engines.base import Engine
from linkage.engines.duckdb import DuckDBEngine
from linkage.engines.spark.session import Cluster
from linkage.errors import SettingsError
from linkage.keys import RegistryKey
from linkage.linkage_unit.pads import NONCE_BYTES, CodeCipher
from linkage.linking.candidates import has_empty_key
from linkage.store import Session
from pseudonym.profile import Encoding

__all__ = ["StoredCodes", "codes_sharing_keys", "deciphering_engine", "linking_engine"]

EMPTY_KEY: Final = (
    "The profile of this registry has an empty match key, which all records share: its pairs are found in one process, "
    "not on a cluster."
)

_OWN: Final = "SELECT kind, key_hi, key_lo, batch, number FROM codes WHERE rid IN ({rids})"


class StoredCodes:
    """Take stored codes to plain ones; see `linkage.engines.base.Cipher`."""

    def __init__(self, session: Session, key: RegistryKey) -> None:
        """Read the nonces of the batches."""
        table = session.table("SELECT batch, nonce FROM nonces ORDER BY batch")
        self._cipher = CodeCipher(key)
        self._batches = table["batch"].to_numpy()
        self._nonces = np.frombuffer(b"".join(table["nonce"].to_pylist()), np.uint8).reshape(-1, NONCE_BYTES)

    def match_keys(
        self,
        high: NDArray[np.uint64],
        low: NDArray[np.uint64],
        batch: NDArray[np.integer],
        number: NDArray[np.integer],
    ) -> tuple[NDArray[np.uint64], NDArray[np.uint64]]:
        """Decipher match keys."""
        return self._cipher.match_keys(high, low, self._nonces_of(batch), number)

    def contents(
        self, contents: NDArray[np.uint8], batch: NDArray[np.integer], number: NDArray[np.integer]
    ) -> NDArray[np.uint8]:
        """Decipher contents."""
        return self._cipher.contents(contents, self._nonces_of(batch), number)

    def _nonces_of(self, batch: NDArray[np.integer]) -> NDArray[np.uint8]:
        return self._nonces[np.searchsorted(self._batches, batch)]


def deciphering_engine(session: Session, key: RegistryKey) -> DuckDBEngine:
    """Return an engine that joins the codes of a registry.

    Args:
        session: The open registry.
        key: Its key.
    """
    return DuckDBEngine(session.connection, cipher=StoredCodes(session, key))


@contextmanager
def linking_engine(
    session: Session, key: RegistryKey, cluster: Cluster | None, *, encoding: Encoding
) -> Iterator[Engine]:
    """Yield the engine of a run.

    Args:
        session: The open registry.
        key: Its key, which stays in this process.
        cluster: The cluster to link on; None for the embedded engine.
        encoding: The encoding of its profile.

    Yields:
        The engine.

    Raises:
        SettingsError: `cluster.profile` if a cluster is given and the profile has an empty match key.
        MissingExtraError: As for `linkage.engines.spark.session.connect`.
        ClusterError: As for `linkage.engines.spark.session.connect`.
    """
    if cluster is None:
        yield deciphering_engine(session, key)
        return
    if has_empty_key(encoding):
        raise SettingsError("cluster.profile", EMPTY_KEY, hint="Do it without --engine spark.")
    # Imported here, since most runs need no cluster.
    from linkage.engines.spark.engine import SparkEngine

    with closing(SparkEngine(cluster, session.connection, cipher=StoredCodes(session, key))) as engine:
        yield engine


def codes_sharing_keys(session: Session, key: RegistryKey, rids: Iterable[int], *, among: str) -> pa.Table:
    """Return the codes that share a match key with a code of some records.

    Args:
        session: The open registry.
        key: Its key.
        rids: The records.
        among: A query for the codes to choose from: `rid`, `kind`, `key_hi`, `key_lo`, `content`, `batch`, `number`.

    Returns:
        The same columns, as they are stored.
    """
    cipher = StoredCodes(session, key)
    own = session.table(_OWN.format(rids=", ".join(str(int(rid)) for rid in rids)))
    # The kind is part of what was hashed, so half of a key is enough to tell keys apart.
    wanted = np.unique(cipher.match_keys(*_places(own))[0])
    reader = pa.RecordBatchReader.from_stream(session.connection.sql(among))
    found = [
        batch.filter(pa.array(np.isin(cipher.match_keys(*_places(batch))[0], wanted)))
        for batch in reader
        if len(wanted)
    ]
    return pa.Table.from_batches(found, reader.schema)


def _places(codes: pa.Table | pa.RecordBatch) -> list[NDArray[np.uint64]]:
    return [codes[name].to_numpy() for name in ("key_hi", "key_lo", "batch", "number")]
