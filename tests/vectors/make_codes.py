"""Make codes.json, steps.json and shipped.json: records, their codes, and what comes between."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from tests.vectors import cases, edges, reading, reference, texts
from tests.vectors.make_normalise import given, persons

__all__ = ["WARNING", "code_vectors", "codes", "shipped", "sorted_codes", "step_vectors", "steps"]

WARNING: Final = (
    "TEST KEYS, PRINTED FOR EVERYBODY. Whatever is encoded under them is as good as in clear. Never use them."
)
PROFILES: Final = Path(__file__).resolve().parents[2] / "src" / "pseudonym" / "profiles"
RECORDS: Final = (*cases.RECORDS, *edges.RECORDS)


def sorted_codes(record: reading.Record, profile: dict[str, Any], keys: reference.Keys) -> list[bytes]:
    """Return kind, match key and content of each code as one byte string, sorted as for the record digest."""
    made = reference.codes(record, profile, keys, cases.REPORTER, texts.REFERENCE_DATE)
    return sorted(bytes([code.kind]) + code.match_key + code.content for code in made)


def _hex_codes(record: reading.Record, profile: dict[str, Any]) -> list[list[Any]]:
    """Return kind, match key and content of each code, in the order of the code slots."""
    derived = reference.Keys.derive(*cases.KEYS[0][1:], profile)
    made = reference.codes(record, profile, derived, cases.REPORTER, texts.REFERENCE_DATE)
    return [[code.kind, code.match_key.hex(), code.content.hex()] for code in made]


def _worked_example() -> dict[str, Any]:
    """Return every step to the code of kind `date` of the first record, for who has to find where bytes part."""
    profile = cases.combined_profile()
    derived = reference.Keys.derive(*cases.KEYS[0][1:], profile)
    _, record = cases.RECORDS[0]
    own = persons(record)
    match_key = profile["encoding"]["match_keys"][1]
    segments = profile["encoding"]["segments"]
    _, items = reference.combinations(match_key, own, segments)[0]
    _, digest = reference.digests_of_kind(match_key, own, derived, segments)[0] or (0, b"")
    draw = reference.Drawing(derived, digest[16:])
    blocks = [("name", "_a", 0), ("serial", "0:9", 0), ("presence", "serial:personnummer", 0), ("pad", "2", 0)]
    steps = []
    for tag, token, block in blocks:
        h = reference.token_hash(derived.tokens, tag, token, block)
        drawn = draw.block(tag, token, block)
        numbers = draw.numbers(tag, token, block)
        steps.append({"tag": tag, "token": token, "block": block, "h": h.hex(), "E": drawn.hex(), "numbers": numbers})
    n_seed = reference.blake2b(128, derived.noise_seeds, reference.lp(cases.REPORTER, record.record_id))
    noise = reference.noise_bytes(derived, reference.xor(n_seed, digest[16:]), 0, 56)
    encoding = profile["encoding"]
    n_bytes = reference.content_bytes(encoding)
    plain = reference.content({**encoding, "padded": False}, own[0], draw, noise)
    places = zip(segments, reference.layout(encoding), strict=True)
    return {
        "layout": [
            {
                "field": segment["field"],
                "first_bit": first,
                "n_bits": reference.n_bits(segment),
                "presence_bit": presence,
            }
            for segment, (first, presence) in places
        ],
        "content_bytes": n_bytes,
        "bits before the pad": plain.hex(),
        "pad": reference.pad(draw, n_bytes).hex(),
        "content": reference.content(encoding, own[0], draw, noise).hex(),
        "seed": digest[16:].hex(),
        "match key": digest[:16].hex(),
        "items": list(items),
        "lp(kind, items)": reference.lp(match_key["kind"], *items).hex(),
        "D": digest.hex(),
        "steps": steps,
        "N": n_seed.hex(),
        "first block of the noise": reference.noise_bytes(derived, reference.xor(n_seed, digest[16:]), 0, 16).hex(),
    }


def _profiles() -> tuple[dict[str, Any], ...]:
    return cases.combined_profile(), cases.record_profile(), cases.wide_profile()


def _code_vector(name: str, record: reading.Record) -> dict[str, Any]:
    made = {profile["name"]: _hex_codes(record, profile) for profile in _profiles()}
    return {"name": name, "record": given(record), "codes": made}


def codes() -> dict[str, Any]:
    return {
        "warning": WARNING,
        "key": reference.key_text(*cases.KEYS[0][1:]),
        "reporter": cases.REPORTER,
        "reference_date": texts.REFERENCE_DATE.isoformat(),
        "profiles": [
            {
                "digest": reference.profile_digest(profile),
                "content_bytes": reference.content_bytes(profile["encoding"]),
                "profile": profile,
            }
            for profile in _profiles()
        ],
        "worked_example": _worked_example(),
        "records": [_code_vector(*each) for each in RECORDS],
    }


def _part(match_key: dict[str, Any], record: reading.Record, profile: dict[str, Any]) -> dict[str, Any]:
    """Return the combinations, or the minima, that the codes of one kind are made from."""
    own = persons(record)
    derived = reference.Keys.derive(*cases.KEYS[0][1:], profile)
    if "parts" in match_key:
        found = reference.combinations(match_key, own, profile["encoding"]["segments"])
        return {"kind": match_key["kind"], "combinations": [[place, *items] for place, items in found]}
    minima = [reference.minima(match_key, person, derived) for person in own]
    return {"kind": match_key["kind"], "minima": [[f"{row:016x}" for row in rows] for rows in minima]}


def _identity(person: reading.Identity) -> dict[str, Any]:
    number = person.number
    return {
        "number": None
        if number is None
        else [number.type, number.valid, number.compact, number.certainty, number.level],
        "reporter": person.reporter,
        "foreign_number": person.foreign_number,
        "given_names": list(person.given.words),
        "family_names": list(person.family.words),
        "birth_date": person.birth._asdict(),
        "sex": person.sex,
        "unknown": person.is_unknown,
    }


def _step(name: str, record: reading.Record) -> dict[str, Any]:
    profile = cases.combined_profile()
    return {
        "name": name,
        "record": given(record),
        "identities": [_identity(person) for person in persons(record)],
        "kinds": [_part(match_key, record, profile) for match_key in profile["encoding"]["match_keys"]],
    }


def steps() -> dict[str, Any]:
    """Return what comes between a record and its codes under the first profile of codes.json."""
    profile = cases.combined_profile()
    return {
        "key": reference.key_text(*cases.KEYS[0][1:]),
        "reporter": cases.REPORTER,
        "reference_date": texts.REFERENCE_DATE.isoformat(),
        "profile": profile["name"],
        "records": [_step(*each) for each in RECORDS],
    }


SHIPPED: Final = ("case-registry", "clk", "population")


def shipped() -> dict[str, Any]:
    """Return the digests of the profiles that ship, all codes of one record, and SHA-256 over those of several."""
    out = []
    for name in SHIPPED:
        profile = json.loads((PROFILES / f"{name}.json").read_text("utf-8"))
        derived = reference.Keys.derive(*cases.KEYS[0][1:], profile)
        records = [*cases.RECORDS[:8], *(one for one in cases.RECORDS if one[1].record_id in {"s2", "s10", "n4"})]
        digests = {
            record.record_id: hashlib.sha256(b"".join(sorted_codes(record, profile, derived))).hexdigest()
            for _, record in records
        }
        out.append(
            {
                "profile": name,
                "digest": reference.profile_digest(profile),
                "content_bytes": reference.content_bytes(profile["encoding"]),
                "codes": _hex_codes(cases.RECORDS[0][1], profile),
                "digests": digests,
            }
        )
    return {
        "warning": WARNING,
        "key": reference.key_text(*cases.KEYS[0][1:]),
        "reporter": cases.REPORTER,
        "reference_date": texts.REFERENCE_DATE.isoformat(),
        "records": "those of codes.json with these ids; `codes` are those of the first",
        "profiles": out,
    }


def code_vectors() -> Iterator[tuple[str, Any]]:
    """Yield the records of codes.json one by one, each with its name."""
    return ((name, _code_vector(name, record)) for name, record in RECORDS)


def step_vectors() -> Iterator[tuple[str, Any]]:
    """Yield the records of steps.json one by one, each with its name."""
    return ((name, _step(name, record)) for name, record in RECORDS)
