"""Several identities, from the reporter's record to the registry's link: one of them is enough, and it counts once."""

from __future__ import annotations

import random

import pytest

from benchmarks.keys import fixed_key_text
from linkage.pipeline import Registry
from pseudonym.encode import Encoder, Record
from pseudonym.keyed import LinkageKey
from pseudonym.profile import load_profile

GIVEN = (
    "Anna",
    "Erik",
    "Fatima",
    "Omar",
    "Lena",
    "Karl",
    "Maria",
    "Ali",
    "Sara",
    "Nils",
    "Eva",
    "Hugo",
    "Amina",
    "Per",
)
FAMILY = ("Berg", "Lund", "Haddad", "Kowalski", "Nguyen", "Holm", "Dahl", "Aziz", "Nordin", "Ek", "Sandberg", "Wallin")


def person(number):
    """Invent a person."""
    rng = random.Random(number)
    return {
        "given_names": " ".join(rng.sample(GIVEN, 2)),
        "family_names": rng.choice(FAMILY),
        "birth_date": f"{rng.randint(1960, 2010)}-{rng.randint(1, 12):02d}-{rng.randint(2, 28):02d}",
    }


def renamed(number):
    """Return the names by which a reporter knows each person: a third the old one, a third a new one, a third both."""
    values = person(number)
    names = [values["family_names"], "Österfjäll", ["Österfjäll", values["family_names"]]]
    return values | {"family_names": names[number % 3]}


@pytest.mark.whole
def test_an_earlier_name_among_others_links_as_well_as_alone(tmp_path):
    profile, key = load_profile("case-registry"), LinkageKey.parse(fixed_key_text("several identities"))
    files = {
        "police": [Record(f"p{number}", **person(number)) for number in range(120)],
        "school": [Record(f"s{number}", **renamed(number)) for number in range(60, 180)],
    }
    for reporter, records in files.items():
        Encoder(key, reporter=reporter, profile=profile).write(tmp_path / f"{reporter}.parquet", records, sequence=1)
    registry = Registry.create(tmp_path / "r.duckdb", profile=profile)
    registry.receive_all([tmp_path / f"{reporter}.parquet" for reporter in files])
    registry.link()
    weights = {0: [], 1: [], 2: []}
    for row in registry.links().to_pylist():
        number = int(row["record_id_a"][1:])
        if row["record_id_b"] == f"s{number}" and row["decision"] == "link":
            weights[number % 3].append(row["match_weight"])
    mean = {name: sum(found) / len(found) for name, found in weights.items()}
    assert len(weights[0]) == len(weights[2]) == 20
    assert abs(mean[2] - mean[0]) < 2
    assert mean[1] < mean[0] - 5
