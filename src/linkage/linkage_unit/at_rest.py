"""Store codes as they may lie at rest: match keys hashed, and then all enciphered, with the registry key."""

from __future__ import annotations

import secrets
from typing import Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from linkage.keys import RegistryKey
from linkage.linkage_unit.pads import NONCE_BYTES, CodeCipher
from linkage.linkage_unit.rekey import Rekeyed, rekey
from linkage.store import Session
from pseudonym.wire import fixed_bytes, fixed_column

__all__ = ["CodeStore"]

_KIND_BITS: Final = 8
_WORD_BITS: Final = 64


class CodeStore:
    """Stores codes under the registry key, one batch at a time.

    DuckDB is handed enciphered codes only, so its log and its temporary files hold no others either.
    """

    def __init__(self, database: Session, key: RegistryKey) -> None:
        """Take the open registry and its key."""
        self._database = database
        self._key = key
        self._cipher = CodeCipher(key)
        self._keys: list[NDArray[np.uint64]] = []

    @property
    def groups(self) -> NDArray[np.int64]:
        """The number of codes that have each match key, among those that were stored."""
        return np.unique(np.concatenate([np.zeros(0, np.uint64), *self._keys]), return_counts=True)[1]

    def add(self, codes: pa.Table) -> None:
        """Store codes as a batch with a nonce of its own.

        Args:
            codes: As reporters send them: `kind`, `match_key`, `content`, and the `rid` of the record of each.
        """
        if not codes.num_rows:
            return
        kind = codes["kind"].to_numpy().astype(np.uint8)
        keys = rekey(self._key, kind, fixed_bytes(codes["match_key"]))
        # The kind is part of what was hashed, so half of a key is enough to tell keys apart.
        self._keys.append(keys.key_hi)
        self.add_rekeyed(codes["rid"].to_numpy(), kind, keys, fixed_bytes(codes["content"]))

    def add_rekeyed(
        self, rid: NDArray[np.int64], kind: NDArray[np.uint8], keys: Rekeyed, content: NDArray[np.uint8]
    ) -> None:
        """Store codes whose match keys are hashed, as a batch with a nonce of its own.

        Args:
            rid: (n,), the record of each code, at least one.
            kind: (n,), their kinds.
            keys: Their match keys.
            content: (n, content_bytes), their contents.
        """
        # Sorted by kind and record, which compresses well; among the codes of a record, keys say nothing of the order
        # in which it had them.
        order = _order(rid, kind, keys.key_hi)
        nonce = secrets.token_bytes(NONCE_BYTES)
        number = np.arange(len(order), dtype=np.int32)
        high, low, enciphered = self._cipher.batch(keys.key_hi, keys.key_lo, content, nonce, order)
        batch = self._database.rows("SELECT coalesce(max(batch), 0) + 1 FROM nonces")[0][0]
        self._database.rows("INSERT INTO nonces VALUES (?, ?)", batch, nonce)
        columns = {
            "rid": rid[order],
            "kind": kind[order],
            "key_hi": high,
            "key_lo": low,
            "content": fixed_column(enciphered),
            "batch": np.full(len(order), batch, np.int32),
            "number": number,
        }
        self._database.append("codes", pa.table(columns))


def _order(rid: NDArray[np.int64], kind: NDArray[np.uint8], key_hi: NDArray[np.uint64]) -> NDArray[np.intp]:
    """Sort codes by kind, record and match key.

    All are one number, which numpy sorts several times faster than three columns: the match key has the bits that are
    left, 32 if a registry has 16 million records, which decide between the codes of one record.
    """
    place = (rid - rid.min()).astype(np.uint64)
    n_bits = _KIND_BITS + int(place.max()).bit_length()
    number = kind.astype(np.uint64) << np.uint64(_WORD_BITS - _KIND_BITS) | place << np.uint64(_WORD_BITS - n_bits)
    return np.argsort(number | key_hi >> np.uint64(n_bits))
