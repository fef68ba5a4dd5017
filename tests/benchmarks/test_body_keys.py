"""Noise from the linkage key is told from real codes by whoever has that key, and noise from a body key is not."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from benchmarks.attacks.on_registries import body_keys
from benchmarks.attacks.on_registries.body_keys import (
    DISTANCES,
    NOISES,
    PRESENT,
    SENT,
    UNIT,
    Guesser,
    figures,
    subkeys_of,
    tell,
)
from benchmarks.paths import DOCS
from benchmarks.results import read_result
from pseudonym.encode.codes import CodeMaker, Codes
from pseudonym.identity.identities import read_identities
from pseudonym.identity.record import Record
from pseudonym.profile import load_profile

PROFILE = load_profile("case-registry")
RECORD = Record(record_id="r-1", given_names="Ida", family_names="Holm", birth_date="2014-05-06", sex="woman")


def _codes(record: Record, *, body: bool) -> Codes:
    identities = read_identities(record, row=0, reference_date=body_keys.REFERENCE_DATE, reporter="police")[0]
    maker = CodeMaker(PROFILE.encoding, subkeys_of(PROFILE, "police", body=body), reporter="police")
    return maker([identities], [record.record_id])


def _guesser() -> Guesser:
    return Guesser(PROFILE, subkeys_of(PROFILE, "police", body=False))


@pytest.mark.parametrize(
    ("more", "filled"),
    [({}, []), ({"foreign_number": "AB123456"}, [2]), ({"foreign_number": ("AB123456", "CD999")}, [2, 3])],
)
def test_the_filled_codes_are_found(more: dict[str, object], filled: list[int]) -> None:
    codes = _codes(replace(RECORD, **more), body=False)
    order = np.random.default_rng(1).permutation(codes.kind.shape[1])
    found = _guesser().filled("r-1", codes.kind[0][order], codes.match_key[0][order], codes.content[0][order])
    assert found is not None
    of_slot = np.empty(len(order), bool)
    of_slot[order] = found
    assert [slot for slot in range(4) if of_slot[slot]] == filled
    assert of_slot[7:].all()


@pytest.mark.parametrize(("body", "record_id"), [(True, "r-1"), (False, "r-2")])
def test_without_the_key_or_the_record_id_no_guess_fits(body: bool, record_id: str) -> None:
    codes = _codes(RECORD, body=body)
    assert _guesser().filled(record_id, codes.kind[0], codes.match_key[0], codes.content[0]) is None
    # A code that nobody else has is then said to be missing.
    assert tell(codes, [record_id], _guesser(), np.array([0])).tolist() == [False]


def test_the_control_works_on_few_persons() -> None:
    found = figures(PROFILE, persons=40, seeds=(1,))
    share = {(row["attack"], row["noise"]): row["re_identified"] for row in found["rows"]}
    key, body = NOISES.values()
    assert share[SENT, key] == share[PRESENT, key] == share[PRESENT, body] == 1
    assert max(share[SENT, body], share[UNIT, key], share[UNIT, body]) < 0.3
    assert share[DISTANCES, key] > 0.5 > 0.2 > share[DISTANCES, body]


def test_an_attack_that_tells_nothing_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Guesser, "filled", lambda *_: None)
    assert not figures(PROFILE, persons=10, seeds=(1,))["works"]["noise from the linkage key is told"]


def test_the_controls_of_the_committed_result_work() -> None:
    found = read_result("attacks-body-keys")["figures"]
    assert found["works"]
    assert not found["failed"]


def test_the_page_says_what_a_body_key_hides() -> None:
    found = read_result("attacks-body-keys")["figures"]
    row = {(one["attack"], one["noise"]): one for one in found["rows"]}
    key, body = NOISES.values()
    page = " ".join((DOCS / "threat-model.md").read_text(encoding="utf-8").split())
    sent = row[SENT, key]
    assert sent["re_identified"] == row[PRESENT, key]["re_identified"] == row[PRESENT, body]["re_identified"] == 1
    assert row[SENT, body]["re_identified"] < 0.01
    assert f"Of {sent['present'] + sent['absent']:,} codes as they were sent" in page
    named, hidden = (row[DISTANCES, noise]["re_identified"] for noise in (key, body))
    assert (
        f"noises would name {100 * named:.0f} % of the children; with body keys {100 * hidden:.1f}".replace("0.", ".")
        in page
    )
