"""Privacy figures: sharing is counted by persons, not by records, and each warning has its limit."""

from __future__ import annotations

import json

import numpy as np
import pytest

from linkage.answers import judge_privacy
from linkage.pipeline import Registry
from pseudonym.codebook import load_codebook
from pseudonym.privacy import MatchKeyPrivacy, Sharing, count_payload
from pseudonym.profile import Privacy, parse_profile
from pseudonym.wire import IDENTITY_FIELDS
from tests.unit.linkage.helpers import PROFILE, Rec, crowd, registry_bytes, send

MEASURED = Privacy(source="invented", population="ten persons", share_rate=0.2)


def two_roles(persona: int) -> list[Rec]:
    """Return two records that share every match key but are two persons, as they have two roles in one case."""
    return [
        Rec(f"child-{persona}", persona, values={"case_id": f"c{persona}", "role": "victim"}),
        Rec(f"adult-{persona}", persona, values={"case_id": f"c{persona}", "role": "accompanying_adult"}),
    ]


@pytest.fixture
def registry(tmp_path) -> Registry:
    return Registry.create(tmp_path / "r.duckdb", profile=PROFILE)


@pytest.mark.whole
def test_records_of_one_person_share_nothing_with_another(registry, tmp_path):
    registry.receive(send(tmp_path / "a.parquet", "a", 1, crowd("a", range(8))))
    registry.receive(send(tmp_path / "b.parquet", "b", 1, crowd("b", range(8))))
    before = registry.privacy()
    assert (before.linked, before.sharing.share_rate, before.sharing.persons) == (False, 1.0, 16)
    assert any("not been linked" in warning for warning in before.warnings)
    registry.link()
    after = registry.privacy()
    assert (after.linked, after.sharing.share_rate, after.sharing.persons) == (True, 0.0, 8)
    assert [kind.largest_group for kind in after.sharing.kinds] == [1, 1]


@pytest.mark.whole
def test_persons_who_share_a_match_key_are_counted_by_kind(registry, tmp_path):
    records = [*crowd("a", range(6)), *two_roles(20)]
    registry.receive(send(tmp_path / "a.parquet", "a", 1, records))
    registry.link()
    found = registry.privacy()
    assert found.sharing == Sharing(
        records=8,
        persons=8,
        sharing=2,
        kinds=(
            MatchKeyPrivacy(kind="number", records=2, groups=1, largest_group=2),
            MatchKeyPrivacy(kind="names", records=2, groups=2, largest_group=2),
        ),
    )
    assert json.loads(json.dumps(found.to_dict()))["share_rate"] == 0.25


def test_reading_privacy_figures_changes_nothing(registry, tmp_path):
    registry.receive(send(tmp_path / "a.parquet", "a", 1, two_roles(1)))
    before = registry_bytes(registry)
    registry.privacy()
    assert registry_bytes(registry) == before


def test_an_empty_registry_reveals_nothing(registry):
    found = registry.privacy()
    assert (found.sharing.records, found.sharing.share_rate, found.payload) == (0, 0.0, ())


@pytest.mark.whole
def test_payload_is_counted_by_persons(tmp_path):
    registry = Registry.create(tmp_path / "r.duckdb", profile=PROFILE, codebook="case-registry")
    book = load_codebook("case-registry")
    item = book.items[0]
    first, second = (code.code for code in item.codes[:2])
    codes = [first] * 6 + [second]
    records = [Rec(f"r{n}", n, payload={item.name: code}) for n, code in enumerate(codes)]
    again = [Rec("again", 0, payload={item.name: first})]
    registry.receive(send(tmp_path / "a.parquet", "a", 1, records, codebook=book))
    registry.receive(send(tmp_path / "b.parquet", "b", 1, again, codebook=book))
    registry.link()
    found = {one.items: one for one in registry.privacy().payload}[item.name]
    assert (found.unique, found.rare) == (1, 1)
    assert found.guess == pytest.approx(2 / 7)


@pytest.mark.whole
def test_records_without_a_number_are_estimated_from_the_headers(registry, tmp_path):
    def quality(missing):
        none = {"missing": 0, "unreadable": 0, "marked": 0}
        return {name: none | ({"missing": missing} if name == "number" else {}) for name in IDENTITY_FIELDS}

    registry.receive(send(tmp_path / "a.parquet", "a", 1, crowd("a", range(60)), quality=quality(30)))
    registry.receive(send(tmp_path / "b.parquet", "b", 1, crowd("b", range(100, 140)), quality=quality(40)))
    # Twenty records are superseded: they count with the share of their latest submission.
    newer = [Rec(f"a-{n}", 50) for n in range(20)]
    registry.receive(send(tmp_path / "c.parquet", "a", 2, newer, quality=quality(20)))
    # A submission of few records has no figures.
    registry.receive(send(tmp_path / "d.parquet", "c", 1, crowd("c", range(200, 219))))
    found = registry.privacy()
    assert found.numberless == {"a": pytest.approx(40 * 30 / 60 + 20), "b": 40}
    assert found.numberless_rate == pytest.approx(80 / 119)
    warning = next(one for one in found.warnings if "no Swedish number" in one)
    assert warning.startswith("About 67% of the records")
    assert "Most come from: a, b." in warning


def test_more_than_two_in_five_records_without_a_number_cause_a_warning():
    assert _judge(0, MEASURED, numberless={"a": 50.0}).warnings
    assert _judge(0, MEASURED, numberless={"a": 40.0}).warnings == ()


def test_what_no_submission_counts_is_not_known():
    unknown, none = (_judge(0, MEASURED, numberless=numberless) for numberless in ({}, {"a": 0.0}))
    assert (unknown.numberless_rate, unknown.to_dict()["numberless_rate"], unknown.warnings) == (None, None, ())
    assert none.numberless_rate == 0


def test_a_match_key_of_more_than_twenty_persons_causes_a_warning():
    assert _judge(0, MEASURED, largest=20).warnings == ()
    (warning,) = _judge(0, MEASURED, largest=21).warnings
    assert "the kind number is shared by 21 persons" in warning


@pytest.mark.whole
def test_the_item_that_makes_most_persons_unique_is_named(tmp_path):
    book = load_codebook("case-registry")
    kinds, places = (
        [code.code for code in next(item for item in book.items if item.name == name).codes]
        for name in ("state", "municipality")
    )
    registry = Registry.create(tmp_path / "r.duckdb", profile=PROFILE, codebook="case-registry")
    records = [Rec(f"r{n}", n, payload={"state": kinds[n % 2], "municipality": places[n]}) for n in range(6)]
    registry.receive(send(tmp_path / "a.parquet", "a", 1, records, codebook=book))
    registry.link()
    assert any(
        "6 of 6 persons" in one and "Without municipality it would be 0." in one for one in registry.privacy().warnings
    )


def _judge(
    n_sharing: int, measured: Privacy | None, sizes: tuple[int, ...] = (50, 50), *, largest: int = 2, numberless=None
):
    kind = MatchKeyPrivacy(kind="number", records=n_sharing, groups=1, largest_group=largest)
    return judge_privacy(
        Sharing(records=100, persons=100, sharing=n_sharing, kinds=(kind,)),
        (count_payload(["a"], np.array(sizes)),),
        settled=0,
        linked=True,
        measured=measured,
        numberless=numberless or {},
        unique_without={},
        strangers=None,
        coarse=(),
    )


def test_a_share_rate_above_the_measured_one_causes_a_warning_with_a_remedy():
    assert _judge(25, MEASURED).warnings == ()
    (warning,) = _judge(26, MEASURED).warnings
    assert "The share rate is 0.260. The profile was measured for 0.200" in warning
    for remedy in ("one registry per year", "the profile population"):
        assert remedy in warning


def test_a_profile_without_a_measurement_causes_a_warning():
    assert ["no measured share rate" in warning for warning in _judge(0, None).warnings] == [True]


def test_persons_with_a_unique_payload_cause_a_warning():
    (warning,) = _judge(0, MEASURED, (1,) * 10 + (90,)).warnings
    assert warning.startswith("10 of 100 persons")


def test_the_measurement_does_not_enter_the_profile_digest():
    document = json.loads(PROFILE.to_json()) | {"privacy": MEASURED.model_dump()}
    assert parse_profile(json.dumps(document)).digest == PROFILE.digest
