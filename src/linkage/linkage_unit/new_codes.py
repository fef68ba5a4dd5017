"""Encipher the codes of records anew, with random bytes in place of those that a purge takes."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from linkage.engines.code_reader import CodeReader
from linkage.engines.contents import stored_contents
from linkage.keys import RegistryKey
from linkage.linkage_unit.at_rest import CodeStore
from linkage.linkage_unit.deciphering import StoredCodes
from linkage.linkage_unit.rekey import Rekeyed
from linkage.linkage_unit.run_digests import SUMS
from linkage.linkage_unit.shared_keys import AGAIN, GOES
from linkage.store import Session

__all__ = ["NewCodes"]

_CODES_AT_ONCE: Final = 400_000
"""About how many codes are enciphered anew at a time: some 150 MB."""


@dataclass(slots=True, eq=False)
class NewCodes:
    """Stores the codes of records again.

    Attributes:
        rid: (n,) int64, the records, ascending.
        sums: (n, 4) uint64, the columns `linkage.linkage_unit.run_digests.SUMS` of each, once all are stored.
        again: The codes that are to be compared again, as they were stored before.
    """

    rid: NDArray[np.int64]
    sums: NDArray[np.uint64] = field(init=False)
    again: list[pa.Table] = field(init=False, default_factory=list)

    def __post_init__(self) -> None:
        """Make room for the sums."""
        self.sums = np.zeros((len(self.rid), len(SUMS)), np.uint64)

    def store(
        self, session: Session, key: RegistryKey, codes: str, reader: CodeReader, fate: NDArray[np.uint8]
    ) -> Iterator[int]:
        """Store all codes under new nonces, and delete them as they were.

        Args:
            session: The store of the linkage unit, in a transaction.
            key: Its key.
            codes: The name of the table of the codes of these records.
            reader: One that knows the places of the codes.
            fate: What becomes of the code of each place, see `linkage.linkage_unit.shared_keys`.

        Yields:
            The number of records done.
        """
        cipher, store = StoredCodes(session, key), CodeStore(session, key)
        last = session.rows("SELECT coalesce(max(batch), 0) FROM nonces")[0][0]
        n_codes = max(sum(reader.sizes.values()), 1)
        at_once = max(len(self.rid) * _CODES_AT_ONCE // n_codes, 1)
        with session.reading_once():
            for start in range(0, len(self.rid), at_once):
                some = self.rid[start : start + at_once]
                found = session.table(
                    f"SELECT rid, kind, key_hi, key_lo, content, batch, number FROM {codes} "
                    f"WHERE batch <= {last} AND rid BETWEEN {some[0]} AND {some[-1]}"
                )
                if found.num_rows:
                    fates = fate[reader.places(found["batch"].to_numpy(), found["number"].to_numpy())]
                    self.again.append(found.filter(pa.array(fates == AGAIN)))
                    self._store(store, cipher, found, fates == GOES)
                yield start + len(some)
        session.run("DELETE FROM codes WHERE batch <= $last AND rid IN (SELECT rid FROM records WHERE live)", last=last)
        session.run("DELETE FROM nonces WHERE batch NOT IN (SELECT DISTINCT batch FROM codes)")

    def _store(self, store: CodeStore, cipher: StoredCodes, codes: pa.Table, goes: NDArray[np.bool_]) -> None:
        """Decipher codes, put random bytes in place of those that are to go, and store them as a batch."""
        high, low, batch, number = (codes[name].to_numpy() for name in ("key_hi", "key_lo", "batch", "number"))
        high, low = (half.copy() for half in cipher.match_keys(high, low, batch, number))
        content = cipher.contents(stored_contents(codes["content"]), batch, number)
        rows = np.flatnonzero(goes)
        high[rows], low[rows] = _random(len(rows), 16).view(np.uint64).T
        content[rows] = _random(len(rows), content.shape[1])
        rid, kind = codes["rid"].to_numpy(), codes["kind"].to_numpy().astype(np.uint8)
        place = np.searchsorted(self.rid, rid)
        terms: tuple[int | NDArray[np.uint64], ...] = (1, kind.astype(np.uint64), high, low)
        for column, term in enumerate(terms):
            np.add.at(self.sums[:, column], place, term)
        store.add_rekeyed(rid, kind, Rekeyed(high, low), content)


def _random(n: int, width: int) -> NDArray[np.uint8]:
    return np.frombuffer(secrets.token_bytes(n * width), np.uint8).reshape(n, width)
