"""Read codes that lie enciphered in the registry file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from typing import Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from linkage.counter_mode import CounterMode
from linkage.engines.base import Engine
from linkage.engines.duckdb import DuckDBEngine
from linkage.engines.spark.session import Cluster
from linkage.errors import SettingsError
from linkage.integers import distinct
from linkage.keys import RegistryKey
from linkage.linkage_unit.pads import NONCE_BYTES, PadCipher
from linkage.linking.candidates import has_empty_key
from linkage.store import Session
from pseudonym.profile import Encoding

__all__ = ["StoredCodes", "codes_sharing_keys", "deciphered_keys", "deciphering_engine", "linking_engine"]

EMPTY_KEY: Final = (
    "The profile of this registry has an empty match key, which all records share: its pairs are found in one process, "
    "not on a cluster."
)

_OWN: Final = "SELECT key_hi, key_lo, batch, number FROM codes SEMI JOIN wanted_records USING (rid)"

_KEYS: Final = "SELECT key_hi, key_lo, batch, number FROM {codes}"

_KEYS_OF_RECORDS: Final = "SELECT rid, kind, key_hi, key_lo, batch, number FROM {codes}"

_CHOSEN: Final = """
SELECT rid, kind, key_hi, key_lo, content, batch, number FROM {codes} SEMI JOIN chosen_codes USING (batch, number)
"""

BLOCK_BYTES: Final = 16
"""Codes whose bytes are whole blocks can be deciphered in runs."""

LEAST_OF_RUN: Final = 64
"""Least mean length of runs: to begin one takes as long as to decipher so many codes one by one."""

_FIRST_BITS: Final = 20
_REST_BITS: Final = np.uint64(64 - _FIRST_BITS)
"""Bits of a match key by which it is looked up in a table of a megabyte, and the others."""


class StoredCodes:
    """Take stored codes to plain ones; see `linkage.engines.base.Cipher`."""

    def __init__(self, session: Session, key: RegistryKey) -> None:
        """Read the nonces of the batches."""
        table = session.table("SELECT batch, nonce FROM nonces ORDER BY batch")
        self._match_keys, self._contents = PadCipher(key, "match keys"), PadCipher(key, "contents")
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
        halves = np.column_stack([high, low]).astype("<u8", copy=False).view(np.uint8)
        found = self._apply(self._match_keys, halves, batch, number).view("<u8")
        return found[:, 0], found[:, 1]

    def contents(
        self, contents: NDArray[np.uint8], batch: NDArray[np.integer], number: NDArray[np.integer]
    ) -> NDArray[np.uint8]:
        """Decipher contents."""
        return self._apply(self._contents, contents, batch, number)

    def _apply(
        self, cipher: CounterMode, values: NDArray[np.uint8], batch: NDArray[np.integer], number: NDArray[np.integer]
    ) -> NDArray[np.uint8]:
        """Take off the pads; codes that are read as they were stored follow one another in runs."""
        starts = np.flatnonzero(np.append(True, (batch[1:] != batch[:-1]) | (number[1:] - number[:-1] != 1)))
        if not len(values) or values.shape[1] % BLOCK_BYTES or len(starts) * LEAST_OF_RUN > len(values):
            return cipher.apply(values, self._nonces_of(batch), number)
        return cipher.apply_in_turn(values, self._nonces_of(batch[starts]), number[starts], starts)

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


def codes_sharing_keys(session: Session, key: RegistryKey, rids: Iterable[int], *, codes: str) -> pa.Table:
    """Return the codes that share a match key with a code of some records.

    Args:
        session: The open registry.
        key: Its key.
        rids: The records.
        codes: The name of the table, or view, of the codes to choose from.

    Returns:
        The columns `rid`, `kind`, `key_hi`, `key_lo`, `content`, `batch` and `number`, as they are stored.
    """
    cipher = StoredCodes(session, key)
    with session.registered(wanted_records=pa.table({"rid": pa.array(rids, pa.int64())})):
        own = session.table(_OWN)
    # The kind is part of what was hashed, so half of a key is enough to tell keys apart.
    wanted = _KeySet(cipher.match_keys(*_places(own))[0])
    reader = pa.RecordBatchReader.from_stream(session.connection.sql(_KEYS.format(codes=codes)))
    # Contents are most of the bytes, and are read of the chosen codes alone.
    chosen = [
        batch.select(["batch", "number"]).filter(pa.array(wanted.has(cipher.match_keys(*_places(batch))[0])))
        for batch in reader
    ]
    places = pa.Table.from_batches(chosen, pa.schema([reader.schema.field("batch"), reader.schema.field("number")]))
    with session.registered(chosen_codes=places):
        return session.table(_CHOSEN.format(codes=codes))


def deciphered_keys(
    session: Session, key: RegistryKey, codes: str
) -> Iterator[tuple[NDArray[np.int64], NDArray[np.uint8], NDArray[np.uint64], NDArray[np.uint64]]]:
    """Yield the record, the kind and both halves of the match key of each code, some at a time, in no particular order.

    Args:
        session: The open registry.
        key: Its key.
        codes: The name of the table of the codes.
    """
    cipher = StoredCodes(session, key)
    with pa.RecordBatchReader.from_stream(session.connection.sql(_KEYS_OF_RECORDS.format(codes=codes))) as reader:
        for batch in reader:
            rid, kind = (batch[name].to_numpy() for name in ("rid", "kind"))
            yield rid, kind, *cipher.match_keys(*_places(batch))


class _KeySet:
    """First halves of match keys, to be looked for among many."""

    def __init__(self, high: NDArray[np.uint64]) -> None:
        self._sorted = distinct(high)
        # Keys are pseudorandom, so nearly all others already differ from each of these in their first bits.
        self._first = np.zeros(1 << _FIRST_BITS, np.bool_)
        self._first[self._sorted >> _REST_BITS] = True

    def has(self, high: NDArray[np.uint64]) -> NDArray[np.bool_]:
        """Return which keys are among these, (n,) bool."""
        found: NDArray[np.bool_] = self._first[high >> _REST_BITS]
        rows = np.flatnonzero(found)
        wanted = high[rows]
        place = np.minimum(np.searchsorted(self._sorted, wanted), max(len(self._sorted) - 1, 0))
        found[rows] = self._sorted[place] == wanted
        return found


def _places(codes: pa.Table | pa.RecordBatch) -> list[NDArray[np.uint64]]:
    return [codes[name].to_numpy() for name in ("key_hi", "key_lo", "batch", "number")]
