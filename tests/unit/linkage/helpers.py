"""Submissions of invented records, made without identities or a linkage key.

A record is told by its *persona*: records of one persona share all match keys and have equal contents, up to flipped
bits; records of two personas share nothing. So a test says who is who, and nothing else decides.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Final, Literal

import duckdb
import numpy as np
from numpy.typing import NDArray

from linkage.keys import RegistryKey
from linkage.linkage_unit.deciphering import deciphering_engine
from linkage.linkage_unit.pairs import live_codes
from linkage.pipeline import Registry
from linkage.pipeline.units import SCHEMAS, UnitName
from linkage.store import Store
from pseudonym.codebook import Codebook
from pseudonym.profile import Profile, parse_profile
from pseudonym.wire import (
    GROUP_RECORDS,
    QUALITY_RECORDS,
    RESERVED,
    CodebookReference,
    Header,
    Quality,
    SubmissionWriter,
    WithdrawalHeader,
    write_withdrawal,
)

KEY_ID = "0123456789abcdef0123456789abcdef"
OTHER_KEY_ID = "f" * 32

KINDS = (1, 2)
"""Codes a record emits of each kind."""

IDENTITY = ("number", "foreign_number", "given_names", "family_names", "birth_date", "sex")

_LEVELS = {"u": [0.98, 0.02], "m": [0.05, 0.95]}
_DOCUMENT: dict[str, Any] = {
    "format": "pseudonym-profile/1",
    "name": "test",
    "version": 1,
    "purpose": "Two kinds of match keys, four fields: the least that has all forms of segments.",
    "encoding": {
        "spec": 3,
        "tables": "0" * 64,
        "padded": True,
        "match_keys": [
            {"kind": "number", "parts": ["number"], "codes": KINDS[0]},
            {"kind": "names", "parts": ["name_sound"], "codes": KINDS[1]},
        ],
        "segments": [
            {"field": "given_names", "form": "filter", "bits": 64, "hashes": 2},
            {"field": "family_names", "form": "filter", "bits": 64, "hashes": 2},
            {"field": "birth_month", "form": "slots", "bits": 4, "slots": 2},
            {"field": "serial", "form": "slots", "bits": 4, "slots": 4},
        ],
    },
    "linking": {
        "source": "invented",
        "fields": [
            {"field": "given_names", "edges": [8.0], **_LEVELS},
            {"field": "family_names", "edges": [8.0], **_LEVELS},
            {"field": "birth_month", "edges": [0.0], **_LEVELS},
            {"field": "serial", "edges": [0.0], "u": [0.999, 0.001], "m": [0.05, 0.95]},
        ],
        "swap_margin": 1000.0,
        "prior_strength": 20.0,
        "match_prior": 0.3,
    },
}


def make_profile(**encoding: Any) -> Profile:
    """Return the test profile, with members of its encoding replaced."""
    import json

    return parse_profile(json.dumps(_DOCUMENT | {"encoding": _DOCUMENT["encoding"] | encoding}))


PROFILE = make_profile()
OTHER_PROFILE = make_profile(tables="1" * 64)
UNGUARDED = make_profile(padded=False, match_keys=[{"kind": "all", "parts": [], "codes": 1}])


@dataclass(frozen=True)
class Rec:
    """A record to be sent: its id, who it is, and what stands beside the codes.

    `flips` names bits of the family-name filter that differ from the persona's, in every code; `values` holds reserved
    columns, `payload` codebook items. `missing` leaves out that many codes, which breaks the rule for counts. `repeats`
    makes the last code an identity of its own: under the match key of the code before, and without the flips. `own`
    gives that many of the last codes match keys that no other record has. With `joins`, every other code is copied from
    that persona; if it is `unlike` that one, every bit of every field differs in them.
    """

    record_id: str
    persona: int
    values: Mapping[str, str] = field(default_factory=dict)
    payload: Mapping[str, str] = field(default_factory=dict)
    flips: tuple[int, ...] = ()
    missing: int = 0
    repeats: bool = False
    own: int = 0
    joins: int | None = None
    unlike: bool = False


def send(
    path: Path,
    reporter: str,
    sequence: int,
    records: Sequence[Rec] = (),
    *,
    profile: Profile = PROFILE,
    codebook: Codebook | None = None,
    **header: Any,
) -> Path:
    """Write a submission file; `header` replaces members of its header."""
    items = codebook.item_names if codebook is not None else ()
    reference = None
    if codebook is not None:
        reference = CodebookReference(
            name=codebook.name, version=str(codebook.version), digest=codebook.digest
        ).model_dump()
    document: dict[str, Any] = {
        "spec": 3,
        "profile": profile.name,
        "profile_digest": profile.digest,
        "codebook": reference,
        "key_id": KEY_ID,
        "epoch": 1,
        "reporter": reporter,
        "period": "2026-03",
        "sequence": sequence,
        "previous": None,
        "records": 0,
        "codes": 0,
        "nothing_to_report": not records,
        "quality": None,
        "content_digest": "0" * 64,
    } | header
    # The number of records decides whether there are figures, and the writer sets it.
    figures = document.pop("quality") or {name: {"missing": 0, "unreadable": 0, "marked": 0} for name in IDENTITY}
    quality = {name: Quality(**figure) for name, figure in figures.items()} if len(records) >= QUALITY_RECORDS else None
    with SubmissionWriter(path, content_bytes=profile.encoding.content_bytes, items=items) as writer:
        for group in _groups(records):
            cases = [
                [record.record_id, *(record.values.get(name) for name in RESERVED), *map(record.payload.get, items)]
                for record in group
            ]
            kind, match_key, content = (
                np.stack(column) for column in zip(*(_codes(record, profile) for record in group), strict=True)
            )
            writer.add(_handles(reporter, group), cases, (kind, match_key, content))
        writer.finish(Header.model_validate(document | {"quality": None}).model_copy(update={"quality": quality}))
    return path


def header_digest(path: Path) -> str:
    """Return the submission digest of a file."""
    from pseudonym.wire import read_header

    return read_header(path).digest


def _groups(records: Sequence[Rec]) -> Iterator[list[Rec]]:
    """Divide records into groups that the writer takes: of one number of codes, and not too many."""
    for missing in sorted({record.missing for record in records}):
        alike = [record for record in records if record.missing == missing]
        for start in range(0, len(alike), GROUP_RECORDS):
            yield alike[start : start + GROUP_RECORDS]


def _handles(reporter: str, records: Iterable[Rec]) -> NDArray[np.uint8]:
    names = [f"{reporter}/{record.record_id}" for record in records]
    ids = [hashlib.sha256(name.encode()).digest()[:16] for name in names]
    return np.frombuffer(b"".join(ids), np.uint8).reshape(-1, 16)


def _codes(record: Rec, profile: Profile) -> tuple[NDArray[np.uint8], NDArray[np.uint8], NDArray[np.uint8]]:
    every_kind = np.repeat(np.arange(len(profile.encoding.codes_per_kind)), profile.encoding.codes_per_kind)
    kinds = every_kind[: len(every_kind) - record.missing].astype(np.uint8)
    rng = np.random.default_rng(record.persona)
    match_key = rng.integers(0, 256, (len(kinds), 16), np.uint8)
    if profile.unguarded:
        match_key[:] = 7
    content = rng.integers(0, 256, (len(kinds), profile.encoding.content_bytes), np.uint8)
    bits = np.unpackbits(content, axis=1, bitorder="little")
    place = profile.encoding.layout[1]
    bits[:, [place.first_bit + flip for flip in record.flips]] ^= 1
    if record.repeats:
        match_key[-1], content[-1] = match_key[-2], content[-2]
        bits[-1] = np.unpackbits(content[-2], bitorder="little")
    if record.own:
        name = int.from_bytes(hashlib.sha256(record.record_id.encode()).digest()[:8])
        match_key[-record.own :] = np.random.default_rng(name).integers(0, 256, (record.own, 16), np.uint8)
    if record.joins is not None:
        copied = _codes(Rec(record.record_id, record.joins), profile)
        match_key[1::2], bits[1::2] = copied[1][1::2], np.unpackbits(copied[2][1::2], axis=1, bitorder="little")
    if record.unlike:
        for place in profile.encoding.layout:
            bits[1::2, place.first_bit : place.first_bit + place.n_bits] ^= 1
    last = profile.encoding.layout[-1].presence_bit + 8
    bits[:, last:] = 0
    return kinds, match_key, np.packbits(bits, axis=1, bitorder="little")


def crowd(reporter: str, personas: Iterable[int]) -> list[Rec]:
    """Return a record of each persona, named by the reporter and the persona."""
    return [Rec(f"{reporter}-{persona}", persona) for persona in personas]


def partition(registry: Registry) -> set[frozenset[tuple[str, str]]]:
    """Return the persons as sets of (reporter, record id), which no numbering touches."""
    groups: dict[str, set[tuple[str, str]]] = {}
    for row in registry.persons().to_pylist():
        groups.setdefault(row["person_id"], set()).add((row["reporter"], row["record_id"]))
    return {frozenset(group) for group in groups.values()}


_looking: Final = threading.Lock()

_CODED: Final = """
CREATE TEMP VIEW coded AS SELECT record_id, reporter, s.rid, kind, key_hi, key_lo, content
FROM statistics.records AS s JOIN linkage.records AS l USING (reporter, handle)
    JOIN linkage.codes AS c ON c.rid = l.rid
"""


def dump(registry: Registry, query: str) -> list[tuple[Any, ...]]:
    """Run a query on the files of both units, attached as `statistics` and `linkage`; names mean the former first.

    `coded` has the codes of each record with its `record_id`.
    """
    with _looking, _instance().cursor() as connection:
        for unit, store in registry._units.stores.items():
            connection.execute(f"ATTACH '{store.path}' AS {unit} (READ_ONLY)")
        try:
            connection.execute("SET search_path = 'statistics,linkage'")
            if "coded" in query:
                connection.execute(_CODED)
            return connection.execute(query).fetchall()
        finally:
            connection.execute("USE memory")
            for unit in registry._units.stores:
                connection.execute(f"DETACH {unit}")


@cache
def _instance() -> duckdb.DuckDBPyConnection:
    """Start DuckDB once for all files that tests look into, since that takes longer than to look."""
    return duckdb.connect()


def unit_file(registry: Path | Registry, unit: str = "statistics") -> Path:
    """Return the file of a unit of a registry."""
    return (registry if isinstance(registry, Path) else registry.path) / f"{unit}.duckdb"


def unit_store(registry: Path | str | Registry, unit: UnitName = "statistics") -> Store:
    """Return the store of a unit of a registry."""
    return Store(unit_file(Path(registry) if isinstance(registry, str) else registry, unit), SCHEMAS[unit])


def stored_codes(registry: Registry, which: Literal["all", "live"] = "all") -> list[tuple[int, int, int, int, bytes]]:
    """Return kind, halves of the match key, rid at the linkage unit and plain content of codes."""
    rows = []
    with registry._units.linkage.session(write=False) as session:
        engine = deciphering_engine(session, RegistryKey.load(registry.registry_key))
        table = live_codes(session) if which == "live" else "codes"
        for kind in range(len(registry.settings.profile.encoding.match_keys)):
            codes = engine.codes_of_kind(table, kind)
            columns = (codes[name].to_pylist() for name in ("key_hi", "key_lo", "rid", "content"))
            rows += [(kind, *row) for row in zip(*columns, strict=True)]
    return rows


def plain_codes(registry: Registry) -> list[tuple[int, int, int, int, bytes]]:
    """Return all codes as `stored_codes` does, with the rid at the statistics unit, sorted."""
    joined = "SELECT l.rid, s.rid FROM linkage.records AS l JOIN records AS s USING (reporter, handle)"
    rids = dict(dump(registry, joined))
    return sorted((*key, rids[rid], content) for *key, rid, content in stored_codes(registry))


def take_back(
    path: Path,
    reporter: str,
    sequence: int,
    *,
    records: Sequence[str] = (),
    cases: Sequence[str] = (),
    **header: Any,
) -> Path:
    """Write a withdrawal of records and cases, or of everything; `header` replaces members of its header."""
    document = {
        "spec": 3,
        "key_id": KEY_ID,
        "epoch": 1,
        "reporter": reporter,
        "period": None,
        "sequence": sequence,
        "previous": None,
        "records": len(records),
        "cases": len(cases),
        "everything": not (records or cases),
        "salt": hashlib.sha256(f"{reporter}/{sequence}".encode()).hexdigest(),
        "content_digest": "0" * 64,
    } | header
    write_withdrawal(path, WithdrawalHeader.model_validate(document), records=records, cases=cases)
    return path


def registry_bytes(registry: Registry | Path | str) -> bytes:
    """Return the bytes of all files in the folder of a registry, in the order of their names."""
    folder = registry.path if isinstance(registry, Registry) else Path(registry)
    return b"".join(path.read_bytes() for path in sorted(folder.iterdir()))
