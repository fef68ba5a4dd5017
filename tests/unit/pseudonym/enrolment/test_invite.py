"""An invite names one key for each unit, and stands only with the signatures of both."""

from __future__ import annotations

from typing import Any

import pytest

from linkage.keys import RegistryKey, StatisticsKey
from pseudonym.enrolment import DocumentReference, countersign, make_answer, make_invite, parse_invite
from pseudonym.errors import EnrolmentError
from pseudonym.keyed import BodyKey

LINKAGE, STATISTICS = UNIT_KEYS = (RegistryKey.generate(), StatisticsKey.generate())
OTHER = RegistryKey.generate()
PROFILE = DocumentReference(name="case-registry", version="2", digest="ab" * 32)


@pytest.mark.parametrize(
    "keys",
    [
        {"keys": (LINKAGE,)},
        {"keys": (), "public_keys": (STATISTICS.public,)},
        # Whichever of two keys of one unit were taken, the other might be the one that was meant.
        {"keys": UNIT_KEYS, "public_keys": (OTHER.public,)},
        {"keys": UNIT_KEYS, "public_keys": (LINKAGE.public,)},
        {"keys": (LINKAGE, OTHER), "public_keys": (STATISTICS.public,)},
    ],
    ids=["one", "other", "another of a unit", "the same twice", "two that sign"],
)
def test_an_invite_has_exactly_one_key_for_each_unit(keys: dict[str, Any]) -> None:
    with pytest.raises(EnrolmentError) as caught:
        make_invite("police", profile=PROFILE, **keys)
    assert caught.value.rule == "invite.units"


def test_a_half_signed_invite_is_read_and_countersigned_but_not_answered() -> None:
    half = make_invite("police", keys=(LINKAGE,), public_keys=(STATISTICS.public,), profile=PROFILE)
    assert parse_invite(half.canonical()) == half
    with pytest.raises(EnrolmentError) as caught:
        make_answer(half, BodyKey.generate())
    assert caught.value.rule == "invite.incomplete"
    whole = countersign(half, STATISTICS)
    assert (whole.is_complete, whole.digest, whole.public_keys) == (
        True,
        half.digest,
        (LINKAGE.public, STATISTICS.public),
    )
    assert parse_invite(whole.canonical()) == whole
    with pytest.raises(EnrolmentError) as caught:
        countersign(half, StatisticsKey.generate())
    assert caught.value.rule == "invite.other_key"


@pytest.mark.parametrize("change", [{"reporter": "school"}, {"period": "2026-04"}, {"epoch": 2}, {"salt": "0" * 32}])
def test_whatever_was_altered_after_the_signatures_is_refused(change: dict[str, Any]) -> None:
    invite = make_invite("police", keys=UNIT_KEYS, profile=PROFILE, period="2026-03", key_id="0" * 32, epoch=1)
    with pytest.raises(EnrolmentError) as caught:
        parse_invite(invite.model_copy(update=change).canonical())
    assert caught.value.rule == "invite.signature"
