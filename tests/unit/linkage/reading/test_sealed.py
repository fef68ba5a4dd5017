"""A sealed file gives what its open form gives, and nothing of one that was altered or is for others is opened."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from linkage.errors import RefusedError
from linkage.reading import Expected, opened_sealed, verify_any
from pseudonym.keyed import BodyKey
from pseudonym.wire import read_sealed_header
from tests.unit.linkage.helpers import KEY_ID, OTHER_KEY_ID, OTHER_PROFILE, PROFILE, Rec, crowd, send, take_back
from tests.unit.linkage.trust import Keys, new_keys, sealed
from tests.unit.pseudonym.totals import count

KEYS = new_keys()
KEY = BodyKey.generate()
EXPECTED = Expected(PROFILE, (None,), KEY_ID, 1)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "open"
    path.mkdir()
    return path


def rule(path: Path, folder: Path, *, signer: BodyKey = KEY, expected: Expected = EXPECTED, keys: Keys = KEYS) -> str:
    """Return the rule by which a file is refused; no part of it is left in clear."""
    with (
        pytest.raises(RefusedError) as caught,
        opened_sealed(path, expected, signer=signer.public, openers=keys, folder=folder),
    ):
        raise AssertionError
    assert caught.value.path == path
    assert list(folder.iterdir()) == []
    return caught.value.rule


def test_a_submission_is_as_if_it_had_come_open_and_its_parts_are_gone_afterwards(tmp_path, folder):
    records = [*crowd("a", range(30)), Rec("few", 40, missing=1), Rec("role", 41, values={"role": "onlooker"})]
    source = send(tmp_path / "1", "a", 7, records)
    path = sealed(source, KEY, KEYS)
    plain = verify_any(source, EXPECTED)
    with opened_sealed(path, EXPECTED, signer=KEY.public, openers=KEYS, folder=folder) as found:
        assert len(list(folder.iterdir())) == 2
        assert found.cases.equals(plain.cases)
        # Without its codes a record still has its place.
        assert [(fault.row, fault.rule) for fault in found.faults] == [(one.row, one.rule) for one in plain.faults]
        assert len({fault.rule for fault in found.faults}) == 2
        rows = [sorted(map(str, codes.to_pylist())) for one in (found, plain) for codes in one.codes()]
        assert rows[0] == rows[1]
        same = (
            "reporter",
            "sequence",
            "period",
            "records",
            "codes",
            "profile",
            "key_id",
            "epoch",
            "complete",
            "quality",
        )
        assert all(getattr(found.header, name) == getattr(plain.header, name) for name in same)
        assert found.header.digest == read_sealed_header(path).digest != plain.header.digest
    assert list(folder.iterdir()) == []


def test_withdrawals_totals_and_empty_periods_are_opened_too(tmp_path, folder):
    withdrawal = sealed(take_back(tmp_path / "w", "a", 2, records=["a-1"]), KEY, KEYS)
    totals = sealed(count(tmp_path / "t", "a", 3, {(): 9}), KEY, KEYS)
    nothing = sealed(send(tmp_path / "n", "a", 4), KEY, KEYS)
    with opened_sealed(withdrawal, EXPECTED, signer=KEY.public, openers=KEYS, folder=folder) as found:
        assert (found.records, found.header.digest) == (("a-1",), read_sealed_header(withdrawal).digest)
    with opened_sealed(totals, EXPECTED, signer=KEY.public, openers=KEYS, folder=folder) as found:
        assert found.header.digest == read_sealed_header(totals).digest
    with opened_sealed(nothing, EXPECTED, signer=KEY.public, openers=KEYS, folder=folder) as found:
        assert (found.cases.num_rows, found.header.nothing_to_report) == (0, True)


def test_what_is_for_another_registry_is_refused_before_it_is_opened(tmp_path, folder, monkeypatch):
    monkeypatch.setattr("linkage.reading.sealed.open_part", None)
    path = sealed(send(tmp_path / "1", "a", 1, crowd("a", range(3))), KEY, KEYS)
    assert rule(path, folder, signer=BodyKey.generate()) == "sealed.signer"
    assert rule(path, folder, expected=replace(EXPECTED, profile=OTHER_PROFILE)) == "submission.profile"
    assert rule(path, folder, expected=replace(EXPECTED, key_id=OTHER_KEY_ID)) == "submission.key_id"
    assert rule(path, folder, expected=replace(EXPECTED, epoch=2)) == "submission.epoch"
    linkage, statistics = KEYS
    for keys in ((new_keys()[0], statistics), (linkage, new_keys()[1])):
        assert rule(path, folder, keys=keys) == "sealed.recipient"


def test_a_codebook_that_the_registry_does_not_have_is_refused(tmp_path, folder):
    path = sealed(count(tmp_path / "t", "a", 3, {(): 9}), KEY, KEYS)
    assert rule(path, folder, expected=replace(EXPECTED, codebooks=())) == "submission.codebook"


@pytest.mark.whole
def test_no_flipped_bit_of_header_and_signature_goes_unnoticed(tmp_path, folder):
    path = sealed(send(tmp_path / "1", "a", 1, crowd("a", range(3))), KEY, KEYS)
    whole = path.read_bytes()
    end = whole.index(b"}", whole.index(b'"suite"')) + 1 + 64
    for place in range(0, end, 7):
        data = bytearray(whole)
        data[place] ^= 1 << place % 8
        path.write_bytes(data)
        assert rule(path, folder).startswith(("sealed.", "submission."))


def test_parts_of_two_submissions_are_not_put_together(tmp_path, folder, monkeypatch):
    one, two = (send(tmp_path / name, "a", 1, crowd(name, range(3))) for name in ("x", "y"))
    from pseudonym.wire.sealed import sealing

    write_parts = sealing.write_parts

    def mixed(source, codes, cases, **options):
        with (tmp_path / "spare").open("w+b") as spare:
            write_parts(two, spare, cases, **options)
            write_parts(source, codes, spare, **options)

    monkeypatch.setattr(sealing, "write_parts", mixed)
    assert rule(sealed(one, KEY, KEYS), folder) == "sealed.parts_differ"
