"""Digests of what a run of linking was computed from and of what came out, for the audit log.

They are equal for equal records, codes, links and persons, whatever the order of arrival, the numbers of records, the
ids of persons and the nonces of codes are. A record is named by a hash of its reporter, its handle and the sealed
digest of its codes. Nobody can compute that without the registry key or the record itself, so a digest that stays in
the log after the record was erased cannot be tested against guesses.
"""

from __future__ import annotations

import hashlib
import platform
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from importlib.metadata import version
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from linkage.keys import RegistryKey
from linkage.linkage_unit.deciphering import deciphering_engine
from linkage.linking.model import Model
from linkage.store import Session
from pseudonym.profile import Profile
from pseudonym.version import __version__

__all__ = [
    "SUMS",
    "describe_run",
    "input_digests",
    "libraries",
    "result_digests",
    "sums_of_keys",
    "sums_of_records",
    "text_digest",
]

_LIBRARIES: Final = ("duckdb", "numba", "numpy", "pyarrow", "scipy")
"""The packages that a result may depend on."""

SUMS: Final = ("codes", "kinds", "key_hi", "key_lo")
"""The columns of `sums_of_keys`."""

_NAMES: Final = """
CREATE OR REPLACE TEMP TABLE digest_names AS
SELECT rid, sha256(strlen(reporter) || ':' || reporter || hex(handle) || hex(digest)) AS name
FROM records WHERE live
"""

# Match keys are pseudorandom, so their sums tell apart records with different keys. Contents are left out: the sealed
# digest in the name is of them too.
_RECORDS: Final = """
SELECT concat_ws('/', name, codes, kinds, key_hi, key_lo) AS line
FROM digest_names LEFT JOIN sums_of_keys USING (rid) ORDER BY line
"""

_SETTLED: Final = """
SELECT concat_ws('/', least(a.name, b.name), greatest(a.name, b.name), hex(levels), captures, sound_alike) AS line
FROM kept_pairs JOIN digest_names AS a ON a.rid = rid_a JOIN digest_names AS b ON b.rid = rid_b ORDER BY line
"""

_CASES: Final = """
SELECT concat_ws('/', least(a.name, b.name), greatest(a.name, b.name)) AS line
FROM apart JOIN digest_names AS a ON a.rid = rid_a JOIN digest_names AS b ON b.rid = rid_b ORDER BY line
"""

# Six decimals, as an export has them.
_LINKS: Final = """
SELECT concat_ws('/', least(a.name, b.name), greatest(a.name, b.name), decision, reason, printf('%.6f', probability))
    AS line
FROM {links} JOIN digest_names AS a ON a.rid = rid_a JOIN digest_names AS b ON b.rid = rid_b ORDER BY line
"""

_PERSONS: Final = """
SELECT name || '/' || min(name) OVER (PARTITION BY person_id) AS line
FROM {persons} JOIN digest_names USING (rid) ORDER BY line
"""


def input_digests(session: Session, key: RegistryKey) -> dict[str, str]:
    """Return the digests of the live records with their codes, and of the pairs that are different persons in one case.

    Args:
        session: The open registry, which is not changed.
        key: Its key.

    Returns:
        `records` and `cases`, 64 hexadecimal digits each.
    """
    with _named(session):
        return _input_digests(session, sums_of_keys(session, key))


def _input_digests(session: Session, sums: pa.Table) -> dict[str, str]:
    with session.registered(sums_of_keys=sums):
        return {"records": _digest(session, _RECORDS, _SETTLED), "cases": _digest(session, _CASES)}


def sums_of_keys(session: Session, key: RegistryKey, codes: pa.Table | str = "codes") -> pa.Table:
    """Count the codes of each record and add up their kinds and, modulo 2^64, the halves of their match keys.

    Args:
        session: The open registry.
        key: Its key.
        codes: The codes, as they are stored, or the name of their table.

    Returns:
        `rid`, ascending, and `SUMS`, uint64 each; a row for each record that has codes.
    """
    with session.registered(**({} if isinstance(codes, str) else {"summed_codes": codes})):
        name = codes if isinstance(codes, str) else "summed_codes"
        rid = np.array(session.rows(f"SELECT DISTINCT rid FROM {name} ORDER BY rid"), np.int64).reshape(-1)
    sums = {name: np.zeros(len(rid), np.uint64) for name in SUMS}
    for part in deciphering_engine(session, key).match_keys(codes):
        place = np.searchsorted(rid, part["rid"].to_numpy())
        terms = (1, part["kind"].to_numpy().astype(np.uint64), part["key_hi"].to_numpy(), part["key_lo"].to_numpy())
        for total, term in zip(sums.values(), terms, strict=True):
            np.add.at(total, place, term)
    return pa.table({"rid": rid, **sums})


def sums_of_records(sums: pa.Table, rid: NDArray[np.int64]) -> NDArray[np.uint64]:
    """Return the sums of some records.

    Args:
        sums: From `sums_of_keys`.
        rid: (n,) int64, ascending.

    Returns:
        (n, 4) uint64, the columns `SUMS`; 0 for a record without codes.
    """
    found = np.zeros((len(rid), len(SUMS)), np.uint64)
    summed = sums["rid"].to_numpy()
    wanted = np.isin(summed, rid)
    found[np.searchsorted(rid, summed[wanted])] = np.column_stack([sums[name].to_numpy()[wanted] for name in SUMS])
    return found


def result_digests(session: Session, *, links: str = "links", persons: str = "persons") -> dict[str, str]:
    """Return the digests of pairs with their decisions, and of which records are one person.

    Args:
        session: The open registry, which is not changed.
        links: The table of pairs.
        persons: The table of persons.

    Returns:
        `links` and `persons`, 64 hexadecimal digits each.
    """
    with _named(session):
        return _result_digests(session, links=links, persons=persons)


def _result_digests(session: Session, *, links: str = "links", persons: str = "persons") -> dict[str, str]:
    return {
        "links": _digest(session, _LINKS.format(links=links)),
        "persons": _digest(session, _PERSONS.format(persons=persons)),
    }


@cache
def libraries() -> dict[str, str]:
    """Return the versions on which a result may depend."""
    return {"linkage": __version__, "python": platform.python_version()} | {name: version(name) for name in _LIBRARIES}


def text_digest(text: str) -> str:
    """Return the SHA-256 of a document, 64 hexadecimal digits."""
    return hashlib.sha256(text.encode()).hexdigest()


def describe_run(session: Session, profile: Profile, model: Model | None, *, sums: pa.Table) -> dict[str, Any]:
    """Return what the audit log has of the run that was just stored, within the same transaction.

    Args:
        session: The registry.
        profile: Its profile, with the tables for linking.
        model: The model of the run; None if there were no pairs to learn from.
        sums: From `sums_of_keys`, of all live records.

    Returns:
        Members of the entry.
    """
    with _named(session):
        inputs, results = _input_digests(session, sums), _result_digests(session)
    return {
        "model_digest": None if model is None else text_digest(model.to_json()),
        "last_submission": session.rows("SELECT coalesce(max(submission), 0) FROM submissions")[0][0],
        "inputs": inputs | {"profile": text_digest(profile.to_json())},
        "results": results,
        "libraries": libraries(),
    }


@contextmanager
def _named(session: Session) -> Iterator[None]:
    """Name every record in a temporary table, which is not in the registry file."""
    session.run(_NAMES)
    try:
        yield
    finally:
        session.run("DROP TABLE digest_names")


def _digest(session: Session, *queries: str) -> str:
    """Hash the lines of queries, a part at a time."""
    found = hashlib.sha256()
    for query in queries:
        for batch in pa.RecordBatchReader.from_stream(session.connection.sql(query)):
            found.update(_bytes_of(pc.binary_join_element_wise(batch["line"], "", "\n")))
    return found.hexdigest()


def _bytes_of(texts: pa.StringArray) -> memoryview:
    """Return the bytes of all texts, one after another, without copying them."""
    offsets = np.frombuffer(texts.buffers()[1], np.int32)[texts.offset :]
    return memoryview(texts.buffers()[2] or b"")[offsets[0] : offsets[len(texts)]]
