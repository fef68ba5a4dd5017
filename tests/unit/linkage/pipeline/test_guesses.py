"""What somebody with all of one unit and the linkage key can guess of what only the other may know: nothing.

A unit keeps digests of what came. One that covers codes and cases together gives away the other half to whoever can
compute it for every guess: identities by the linkage key, cases without any. In a submission of one record nothing
else is unknown, so that is what is attacked here.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from linkage.keys import UNIT_KEYS, UnitKey
from linkage.pipeline import Registry
from linkage.pipeline.units import SCHEMAS
from pseudonym.wire import read_submission
from tests.unit.linkage.helpers import PROFILE, Rec, header_digest, send, unit_store

ROLES = ("child", "suspect", "victim", "other")
PERSONS = range(20)
TRUE_PERSON, TRUE_ROLE = 13, "suspect"

GUESSES = {
    "statistics": {person: Rec("a-1", person, {"role": TRUE_ROLE, "case_id": "k-1"}) for person in PERSONS},
    "linkage": {role: Rec("a-1", TRUE_PERSON, {"role": role, "case_id": "k-1"}) for role in ROLES},
}
"""What the holder of each unit may try: it knows its own half of the record."""


def digests_of(path: Path) -> set[bytes]:
    """Return every digest of a submission that a reader computes."""
    sent = read_submission(path, profile=PROFILE, codebook=None)
    of_file = (header_digest(path), sent.content_digest)
    return {*map(bytes.fromhex, of_file), *sent.record_digests, *sent.code_digests, *sent.case_digests}


def kept_by(registry: Registry, unit: str) -> str:
    """Return all that is in the store of a unit, with bytes as hexadecimal digits."""
    with unit_store(registry, unit).session(write=False) as session:
        cells = [cell for table in SCHEMAS[unit].tables for row in session.rows(f"FROM {table}") for cell in row]
    return "\n".join(cell.hex() if isinstance(cell, bytes) else str(cell) for cell in cells)


def named(registry: Registry, unit: str, key: UnitKey, folder: Path) -> Iterator[object]:
    """Yield the guesses of which the store has a digest, plain or sealed, that no other guess has."""
    digests = {}
    for number, (guess, record) in enumerate(GUESSES[unit].items()):
        digests[guess] = digests_of(send(folder / f"guess-{number}", "a", 1, [record]))
    kept, common = kept_by(registry, unit), set.intersection(*digests.values())
    for guess, own in digests.items():
        if any(text in kept for one in own - common for text in (one.hex(), key.seal(one).hex())):
            yield guess


def attack(folder: Path, unit: str) -> list[object]:
    registry = Registry.create(folder / "r", profile=PROFILE)
    registry.receive(send(folder / "sent", "a", 1, [GUESSES["statistics"][TRUE_PERSON]]))
    key = UNIT_KEYS[unit].load({"linkage": registry.registry_key, "statistics": registry.statistics_key}[unit])
    return list(named(registry, unit, key, folder))


@pytest.mark.parametrize("unit", GUESSES)
def test_nothing_that_a_unit_keeps_tells_a_right_guess_from_a_wrong_one(tmp_path: Path, unit: str) -> None:
    assert attack(tmp_path, unit) == []


@pytest.mark.parametrize(("unit", "found"), [("statistics", TRUE_PERSON), ("linkage", TRUE_ROLE)])
def test_the_attack_finds_what_seals_of_one_key_would_give_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, unit: str, found: object
) -> None:
    monkeypatch.setattr(UnitKey, "sealing_with", lambda key, _: key)
    assert attack(tmp_path, unit) == [found]
