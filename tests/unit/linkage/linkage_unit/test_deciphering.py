"""Stored codes: deciphered in runs as they come, or one by one where they are scattered, to the same values."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from linkage.counter_mode import CounterMode
from linkage.keys import RegistryKey
from linkage.linkage_unit.deciphering import LEAST_OF_RUN, StoredCodes
from linkage.linkage_unit.pads import NONCE_BYTES, CodeCipher

KEY = RegistryKey._from_secret(bytes(range(32)))
NONCES = np.random.default_rng(1).integers(0, 256, (3, NONCE_BYTES), np.uint8)
BATCHES = np.array([2, 5, 9], np.int32)


class Nonces:
    """A store that has nonces and nothing else."""

    def table(self, query: str) -> pa.Table:
        return pa.table({"batch": BATCHES, "nonce": [nonce.tobytes() for nonce in NONCES]})


def stored(order: np.ndarray):
    """Return plain match keys and contents with the places where they are stored, in some order."""
    n = len(order)
    rng = np.random.default_rng(2)
    high, low = rng.integers(0, 2**64, (2, n), np.uint64)
    content = rng.integers(0, 256, (n, 48), np.uint8)
    of, number = np.divmod(order, max(n // 3 + 1, 1))
    cipher, nonces = CodeCipher(KEY), NONCES[of]
    where = BATCHES[of], number.astype(np.int32)
    return (
        (high, low, content),
        cipher.match_keys(high, low, nonces, number),
        cipher.contents(content, nonces, number),
        where,
    )


@pytest.mark.parametrize("scattered", [False, True])
@pytest.mark.parametrize("n", [0, 1, 2, 4 * LEAST_OF_RUN, 20 * LEAST_OF_RUN])
def test_codes_are_deciphered_in_runs_and_one_by_one(monkeypatch, n, scattered):
    order = np.random.default_rng(3).permutation(n) if scattered else np.arange(n)
    (high, low, content), keys, enciphered, where = stored(order)
    in_turn = []
    slow = CounterMode.apply_in_turn
    monkeypatch.setattr(CounterMode, "apply_in_turn", lambda *given: in_turn.append(1) or slow(*given))
    codes = StoredCodes(Nonces(), KEY)
    found = codes.match_keys(*keys, *where)
    assert (found[0] == high).all()
    assert (found[1] == low).all()
    assert (codes.contents(enciphered, *where) == content).all()
    assert bool(in_turn) == (n >= 4 * LEAST_OF_RUN and not scattered)
