"""Codes are stored by kind and record, enciphered, and nothing tries to compress them."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from linkage.keys import RegistryKey
from linkage.linkage_unit.at_rest import CodeStore, _order
from linkage.linkage_unit.pads import CodeCipher
from linkage.linkage_unit.rekey import rekey
from linkage.linkage_unit.tables import LINKAGE_UNIT
from linkage.store import Store
from pseudonym.wire import fixed_bytes, fixed_column


@pytest.mark.parametrize("first", [0, 1, 2**40])
@pytest.mark.parametrize("spread", [1, 2, 5000, 2**24])
def test_codes_are_sorted_by_kind_record_and_match_key(first: int, spread: int) -> None:
    draw = np.random.default_rng(spread)
    rid, kind = draw.integers(first, first + spread, 2000), draw.integers(0, 256, 2000).astype(np.uint8)
    key_hi = draw.integers(0, 2**64, 2000, dtype=np.uint64)
    assert _order(rid, kind, key_hi).tolist() == np.lexsort((key_hi, rid, kind)).tolist()


def test_stored_codes_are_those_that_came(tmp_path) -> None:
    draw, key, n = np.random.default_rng(1), RegistryKey.generate(), 500
    rid = draw.integers(1, 9, n)
    kind = draw.integers(0, 3, n).astype(np.uint8)
    match_key, content = (draw.integers(0, 256, (n, width), dtype=np.uint8) for width in (16, 7))
    came = {"kind": kind, "match_key": fixed_column(match_key), "content": fixed_column(content), "rid": rid}
    store = Store(tmp_path / "store", LINKAGE_UNIT)
    with store.creating({}):
        pass
    with store.session(write=True) as session:
        with session.transaction():
            CodeStore(session, key).add(pa.table(came))
        rows = session.table("SELECT * FROM codes ORDER BY rowid")
        nonce = np.frombuffer(session.rows("SELECT nonce FROM nonces")[0][0], np.uint8)
    cipher, number = CodeCipher(key), rows["number"].to_numpy()
    nonces = np.tile(nonce, (n, 1))
    high, low = cipher.match_keys(rows["key_hi"].to_numpy(), rows["key_lo"].to_numpy(), nonces, number)
    plain = cipher.contents(fixed_bytes(rows["content"].cast(pa.binary(7))), nonces, number)
    keys = rekey(key, kind, match_key)
    order = np.lexsort((keys.key_hi, rid, kind))
    assert rows["rid"].to_pylist() == rid[order].tolist()
    assert rows["kind"].to_pylist() == kind[order].tolist()
    assert (high.tolist(), low.tolist()) == (keys.key_hi[order].tolist(), keys.key_lo[order].tolist())
    assert np.array_equal(plain, content[order])
    assert number.tolist() == list(range(n))


def test_what_is_enciphered_is_stored_as_it_is(tmp_path) -> None:
    draw, n = np.random.default_rng(1), 5000
    # Contents that would be compressed if they were not enciphered.
    columns = [pa.array(np.zeros(n, np.uint8)), *(fixed_column(np.zeros((n, width), np.uint8)) for width in (16, 32))]
    names = ["kind", "match_key", "content", "rid"]
    store = Store(tmp_path / "store", LINKAGE_UNIT)
    with store.creating({}):
        pass
    with store.session(write=True) as session, session.transaction():
        codes = pa.table([*columns, pa.array(draw.integers(0, 100, n))], names=names)
        CodeStore(session, RegistryKey.generate()).add(codes)
    with store.session(write=False) as session:
        query = "SELECT column_name, compression FROM pragma_storage_info('codes') WHERE segment_type <> 'VALIDITY'"
        found = dict(session.rows(query))
    assert {found[column] for column in ("content", "key_hi", "key_lo")} == {"Uncompressed"}
    assert "Uncompressed" not in (found["rid"], found["number"])
