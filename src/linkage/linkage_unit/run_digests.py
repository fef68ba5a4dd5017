"""Digests of what a run of linking was computed from and of what came out, for the audit log.

They are equal for equal records, codes, links and persons, whatever the order of arrival, the numbers of records, the
ids of persons and the nonces of codes are. A record is named by a hash of its reporter, its handle and the sealed
digest of its codes. Nobody can compute that without the registry key or the record itself, so a digest that stays in
the log after the record was erased cannot be tested against guesses.
"""

from __future__ import annotations

import hashlib
import platform
from functools import cache
from importlib.metadata import version
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from linkage.keys import RegistryKey
from linkage.linkage_unit.deciphering import deciphered_keys
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
SELECT rid, sha256(strlen(reporter) || ':' || reporter || hex(handle) || hex(digest)) AS name
FROM records WHERE live ORDER BY name
"""

_SETTLED: Final = """
SELECT rid_a, rid_b, hex(levels) AS levels, captures::VARCHAR AS captures, sound_alike::VARCHAR AS sound_alike
FROM kept_pairs
"""

_CASES: Final = "SELECT rid_a, rid_b FROM apart"

# Six decimals, as an export has them.
_LINKS: Final = "SELECT rid_a, rid_b, decision, reason, printf('%.6f', probability) AS probability FROM {links}"

_PERSONS: Final = "SELECT rid, person_id FROM {persons}"

_LINES: Final = 1 << 20
"""Lines that are in memory at a time."""


def input_digests(session: Session, key: RegistryKey) -> dict[str, str]:
    """Return the digests of the live records with their codes, and of the pairs that are different persons in one case.

    Args:
        session: The open registry, which is not changed.
        key: Its key.

    Returns:
        `records` and `cases`, 64 hexadecimal digits each.
    """
    return _input_digests(session, _Names(session), sums_of_keys(session, key))


def _input_digests(session: Session, names: _Names, sums: pa.Table) -> dict[str, str]:
    records, kept = hashlib.sha256(), session.table(_SETTLED)
    # Match keys are pseudorandom, so their sums tell apart records with different keys. Contents are left out: the
    # sealed digest in the name is of them too.
    names.add_records(records, sums)
    names.add_pairs(records, kept)
    cases = hashlib.sha256()
    names.add_pairs(cases, session.table(_CASES))
    return {"records": records.hexdigest(), "cases": cases.hexdigest()}


def sums_of_keys(session: Session, key: RegistryKey, codes: pa.Table | str = "codes") -> pa.Table:
    """Count the codes of each record and add up their kinds and, modulo 2^64, the halves of their match keys.

    Args:
        session: The open registry.
        key: Its key.
        codes: The codes, as they are stored, or the name of their table.

    Returns:
        `rid`, ascending, and `SUMS`, uint64 each; a row for each record that has codes.
    """
    name = codes if isinstance(codes, str) else "summed_codes"
    with session.registered(**({} if isinstance(codes, str) else {name: codes})), session.reading_once():
        rid = np.array(session.rows(f"SELECT DISTINCT rid FROM {name} ORDER BY rid"), np.int64).reshape(-1)
        sums = {column: np.zeros(len(rid), np.uint64) for column in SUMS}
        for own, kind, high, low in deciphered_keys(session, key, name):
            place = np.searchsorted(rid, own)
            terms: tuple[int | NDArray[np.uint64], ...] = (1, kind.astype(np.uint64), high, low)
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
    return _result_digests(session, _Names(session), links=links, persons=persons)


def _result_digests(
    session: Session, names: _Names, *, links: str = "links", persons: str = "persons"
) -> dict[str, str]:
    of_links, of_persons = hashlib.sha256(), hashlib.sha256()
    names.add_pairs(of_links, session.table(_LINKS.format(links=links)))
    names.add_persons(of_persons, session.table(_PERSONS.format(persons=persons)))
    return {"links": of_links.hexdigest(), "persons": of_persons.hexdigest()}


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
    names = _Names(session)
    inputs, results = _input_digests(session, names, sums), _result_digests(session, names)
    return {
        "model_digest": None if model is None else text_digest(model.to_json()),
        "last_submission": session.rows("SELECT coalesce(max(submission), 0) FROM submissions")[0][0],
        "inputs": inputs | {"profile": text_digest(profile.to_json())},
        "results": results,
        "libraries": libraries(),
    }


class _Names:
    """The names of the live records, by which lines are written and sorted.

    A digest is of lines in ascending order. All names are equally long, so lines that begin with them are sorted as
    numbers.
    """

    def __init__(self, session: Session) -> None:
        table = session.table(_NAMES)
        self._name = table["name"].combine_chunks()
        rid = table["rid"].to_numpy()
        self._rank = np.argsort(rid)
        self._rid = rid[self._rank]

    def add_records(self, digest: hashlib._Hash, sums: pa.Table) -> None:
        """Add a line for each record, with its sums if it has codes.

        Args:
            digest: Hashes the lines.
            sums: From `sums_of_keys`.
        """
        rank, known = self._ranks(sums["rid"].to_numpy())
        row = np.full(len(self._rid), -1)
        row[rank] = np.flatnonzero(known)
        texts = (sums[name].combine_chunks().cast(pa.string()) for name in SUMS)
        columns = [text.take(pa.array(row, mask=row < 0)) for text in texts]
        self._add(digest, np.arange(len(self._rid)), columns)

    def add_pairs(self, digest: hashlib._Hash, pairs: pa.Table) -> None:
        """Add a line for each pair of live records: both names, and all columns after `rid_a` and `rid_b`."""
        (one, known), (other, also) = (self._ranks(pairs[name].to_numpy(), strict=False) for name in ("rid_a", "rid_b"))
        chosen = np.flatnonzero(known & also)
        first, second = np.minimum(one, other)[chosen], np.maximum(one, other)[chosen]
        order = np.lexsort((second, first))
        columns = [pairs[name].combine_chunks().take(pa.array(chosen[order])) for name in pairs.column_names[2:]]
        self._add(digest, first[order], [self._name.take(pa.array(second[order])), *columns])

    def add_persons(self, digest: hashlib._Hash, persons: pa.Table) -> None:
        """Add a line for each live record: its name, and the first name of its person."""
        rank, known = self._ranks(persons["rid"].to_numpy())
        person = pc.dictionary_encode(persons["person_id"].combine_chunks()).indices.to_numpy()[known]
        order = np.argsort(rank)
        rank, person = rank[order], person[order]
        of_each, first = np.unique(person, return_index=True)
        first_rank = np.zeros(int(of_each.max(initial=-1)) + 1, np.int64)
        first_rank[of_each] = rank[first]
        self._add(digest, rank, [self._name.take(pa.array(first_rank[person]))])

    def _ranks(self, rid: NDArray[np.int64], *, strict: bool = True) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
        """Return the ranks of records by name, and which of them are live; strictly, the ranks of those alone."""
        place = np.minimum(np.searchsorted(self._rid, rid), max(len(self._rid) - 1, 0))
        known = self._rid[place] == rid if len(self._rid) else np.zeros(len(rid), np.bool_)
        rank = self._rank[place] if len(self._rid) else np.zeros(len(rid), np.int64)
        return (rank[known] if strict else rank), known

    def _add(self, digest: hashlib._Hash, rank: NDArray[np.int64], columns: list[pa.StringArray]) -> None:
        """Add lines that begin with the names of some ranks, and go on with columns, without those that are null."""
        for start in range(0, len(rank), _LINES):
            names = self._name.take(pa.array(rank[start : start + _LINES]))
            parts = (names, *(column.slice(start, _LINES) for column in columns))
            lines = pc.binary_join_element_wise(*parts, "/", null_handling="skip")
            digest.update(_bytes_of(pc.binary_join_element_wise(lines, "", "\n")))


def _bytes_of(texts: pa.StringArray) -> memoryview:
    """Return the bytes of all texts, one after another, without copying them."""
    offsets = np.frombuffer(texts.buffers()[1], np.int32)[texts.offset :]
    return memoryview(texts.buffers()[2] or b"")[offsets[0] : offsets[len(texts)]]
