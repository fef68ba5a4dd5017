"""The library against the vectors of single steps, from rules to minima, and of the profiles that ship."""

from __future__ import annotations

import csv
import gzip
import hashlib
import io
import json
import re
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pseudonym import encode
from pseudonym.canonical import length_prefixed
from pseudonym.encode.quality import QualityCounter
from pseudonym.encode.values import Values
from pseudonym.identity import names
from pseudonym.identity.identities import Identity, read_identities
from pseudonym.identity.telling_ids import is_identity
from pseudonym.identity.tokens import CombinationCodes, Combinations, content_classes, minhash_sources, rich_enough
from pseudonym.keyed.keys import LinkageKey
from pseudonym.keyed.minhash import MinHasher
from pseudonym.profile import Combination, Profile, load_profile, parse_profile
from pseudonym.wire import IDENTITY_FIELDS
from tests.paths import ROOT

FOLDER = Path(__file__).parent


def load(name: str) -> Any:
    return json.loads((FOLDER / name).read_text(encoding="utf-8"))


NORMALISE, STEPS, SHIPPED, CODES, DIGEST = (
    load(f"{name}.json") for name in ("normalise", "steps", "shipped", "codes", "digest_10000")
)
REFERENCE_DATE = date.fromisoformat(STEPS["reference_date"])
REPORTER = STEPS["reporter"]
PROFILES = {each["profile"]["name"]: each["profile"] for each in CODES["profiles"]}
PROFILE = parse_profile(json.dumps(PROFILES[STEPS["profile"]]))


def read(record: dict[str, Any]) -> tuple[tuple[Identity, ...], Any]:
    return read_identities(encode.Record(**record), row=2, reference_date=REFERENCE_DATE, reporter=REPORTER)


def named(vectors: list[dict[str, Any]], name: str = "name") -> list[Any]:
    return [pytest.param(vector, id=vector[name]) for vector in vectors]


def test_rules() -> None:
    found = [[names.words(vector["word"]), names.sound(vector["folded"])] for vector in NORMALISE["rules"]]
    assert found == [[(vector["folded"],), vector["sound"]] for vector in NORMALISE["rules"]]


@pytest.mark.parametrize("vector", named(NORMALISE["ids"]))
def test_ids(vector: dict[str, Any]) -> None:
    identities, _ = read(vector["record"])
    assert is_identity(vector["text"], identities) == vector["tells"]


@pytest.mark.parametrize("vector", named(NORMALISE["marks"]))
def test_marks(vector: dict[str, Any]) -> None:
    _, faults = read(vector["record"])
    counter = QualityCounter()
    counter.add(encode.Record(**vector["record"]), faults)
    for figure in ("missing", "unreadable", "marked"):
        assert [field for field in IDENTITY_FIELDS if counter._counts[field, figure]] == vector[figure]


@pytest.mark.parametrize("vector", named(STEPS["records"]))
def test_identities(vector: dict[str, Any]) -> None:
    identities, _ = read(vector["record"])
    assert [shown(identity) for identity in identities] == vector["identities"]


def shown(identity: Identity) -> dict[str, Any]:
    number, birth = identity.number, identity.birth
    return {
        "number": number and [number.type, number.valid, number.compact, number.certainty, number.level],
        "reporter": identity.scope,
        "foreign_number": identity.foreign_number,
        "given_names": list(identity.given.words),
        "family_names": list(identity.family.words),
        "birth_date": {
            "year": None if birth.year is None else f"{birth.year:04d}",
            "month": None if birth.month is None else f"{birth.month:02d}",
            "day": None if birth.day is None else f"{birth.day:02d}",
            "margin": birth.margin,
        },
        "sex": identity.sex,
        "unknown": identity.is_unknown,
    }


@pytest.mark.parametrize("vector", named(STEPS["records"]))
def test_combinations(vector: dict[str, Any]) -> None:
    identities, _ = read(vector["record"])
    keys = [key for key in PROFILE.encoding.match_keys if isinstance(key, Combination)]
    found = CombinationCodes()
    classes = content_classes(identities, PROFILE.encoding.segments)
    Combinations(keys).add_several(identities, classes, found)
    expected = [
        (place, length_prefixed(kind["kind"], *items))
        for kind in vector["kinds"]
        for place, *items in kind.get("combinations", ())
    ]
    assert list(zip(found.identity, found.messages, strict=True)) == expected
    assert found.counts == [len(kind["combinations"]) for kind in vector["kinds"] if "combinations" in kind]


@pytest.mark.parametrize("vector", named(STEPS["records"]))
def test_minima(vector: dict[str, Any]) -> None:
    identities, _ = read(vector["record"])
    subkeys = LinkageKey.parse(STEPS["key"]).subkeys(PROFILE.digest)
    values = Values(PROFILE.encoding, subkeys)
    lists = values(identities)
    (key,) = (key for key in PROFILE.encoding.match_keys if not isinstance(key, Combination))
    sources = minhash_sources(key.weights)
    copies = [weight for _, weight in sources]
    hasher = MinHasher(subkeys.minhash_rows, values.lists, n_rows=key.bands * key.rows, copies=copies)
    ids = [lists[source] for source, _ in sources]
    rows = hasher.minima(np.stack(ids, axis=1)).tolist()
    found = [
        [f"{row:016x}" for row in own] if rich_enough(identity, sources) else []
        for identity, own in zip(identities, rows, strict=True)
    ]
    assert found == next(kind["minima"] for kind in vector["kinds"] if "minima" in kind)


def sorted_codes(profile: Profile, records: list[encode.Record]) -> dict[str, bytes]:
    """Return for each record its codes, sorted as for its record digest."""
    key = LinkageKey.parse(SHIPPED["key"])
    made = encode.Encoder(key, reporter=REPORTER, profile=profile, reference_date=REFERENCE_DATE, keep_empty=True)
    found: dict[str, bytes] = {}
    for batch in made.batches(records):
        for record_id, *codes in zip(
            batch.record_ids, batch.codes.kind, batch.codes.match_key, batch.codes.content, strict=True
        ):
            rows = (
                bytes([kind]) + one.tobytes() + content.tobytes() for kind, one, content in zip(*codes, strict=True)
            )
            found[record_id] = b"".join(sorted(rows))
    return found


RECORDS = {vector["record"]["record_id"]: vector["record"] for vector in CODES["records"]}


@pytest.mark.parametrize("vector", named(SHIPPED["profiles"], "profile"))
def test_shipped_profiles(vector: dict[str, Any]) -> None:
    profile = load_profile(vector["profile"])
    assert (profile.digest, profile.encoding.content_bytes) == (vector["digest"], vector["content_bytes"])
    found = sorted_codes(profile, [encode.Record(**RECORDS[record_id]) for record_id in vector["digests"]])
    assert {record_id: hashlib.sha256(codes).hexdigest() for record_id, codes in found.items()} == vector["digests"]
    first = [bytes([kind]) + bytes.fromhex(key) + bytes.fromhex(content) for kind, key, content in vector["codes"]]
    assert b"".join(sorted(first)) == next(iter(found.values()))


def test_the_example_of_the_specification_is_the_vector() -> None:
    text = (ROOT / "docs" / "spec.md").read_text(encoding="utf-8").split("**An example.**")[1].split("\n## ")[0]
    example = CODES["worked_example"]
    rows = re.findall(r"^\| `([a-z_]+)` \|[^|]*\| (\d+)–(\d+) \| (\d+)–(\d+) \|$", text, re.MULTILINE)
    assert [(field, *map(int, bits)) for field, *bits in rows] == [
        (
            one["field"],
            one["first_bit"],
            one["first_bit"] + one["n_bits"] - 1,
            one["presence_bit"],
            one["presence_bit"] + 7,
        )
        for one in example["layout"]
    ]
    name, serial, presence, _ = example["steps"]
    wanted = [example["match key"], example["seed"], name["h"], name["E"], example["bits before the pad"]]
    wanted += [example["pad"], example["content"], *map(str, name["numbers"][:2])]
    wanted += [str(serial["numbers"][0]), str(presence["numbers"][0]), f"`content_bytes` is {example['content_bytes']}"]
    assert [one for one in wanted if one not in text] == []
    bits = int.from_bytes(bytes.fromhex(example["bits before the pad"]), "little")
    said = {(int(a), int(m)): int(bit) for a, m, bit in re.findall(r"(\d+) mod (\d+) = (\d+)", text)}
    one, two = (3 + number % 64 for number in name["numbers"][:2])
    assert bits >> one & bits >> two & 1
    assert (said[name["numbers"][0], 64], said[name["numbers"][1], 64]) == (one, two)
    assert bits >> 211 & 31 == serial["numbers"][0] % 32 == said[serial["numbers"][0], 32]
    assert bits >> 287 & 255 == presence["numbers"][0] % 256 == said[presence["numbers"][0], 256]
    assert bits >> 295 == 0


@pytest.mark.whole
def test_synthetic_records_of_the_file() -> None:
    text = gzip.decompress((FOLDER / "records_10000.csv.gz").read_bytes()).decode()
    rows = list(csv.DictReader(io.StringIO(text), delimiter=";"))
    expected = {row["record_id"]: row.pop("codes") for row in rows}
    records = [encode.Record(**{name: value or None for name, value in row.items()}) for row in rows]
    found = sorted_codes(parse_profile(json.dumps(DIGEST["profile"])), records)
    assert {record_id: hashlib.sha256(codes).hexdigest()[:8] for record_id, codes in found.items()} == expected
