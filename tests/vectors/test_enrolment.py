"""The library against the vectors of keys of reporters and units, enrolment.json."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any, Final

import pytest

from linkage.keys import UNIT_KEYS
from pseudonym.encode import Encoder, Record
from pseudonym.encode.handles import Handles
from pseudonym.enrolment import EnrolmentError, make_answer, parse_answer, parse_invite
from pseudonym.errors import PublicKeyError
from pseudonym.key_file import KeyLockedError, asking, read_key_file
from pseudonym.keyed import BodyKey, LinkageKey
from pseudonym.profile import parse_profile
from pseudonym.public_keys import BodyPublicKey, UnitPublicKey

FOLDER: Final = Path(__file__).resolve().parent
VECTORS: Final = json.loads((FOLDER / "enrolment.json").read_text(encoding="utf-8"))
CODES: Final = json.loads((FOLDER / "codes.json").read_text(encoding="utf-8"))


def named(vectors: Sequence[dict[str, Any]], name: str = "name") -> list[Any]:
    return [pytest.param(vector, id=vector[name]) for vector in vectors]


@pytest.mark.parametrize("vector", named(VECTORS["body_keys"]))
def test_body_keys(vector: dict[str, Any], tmp_path: Path) -> None:
    key = BodyKey.parse(vector["text"])
    assert (key.public.text, key.public.fingerprint, key.public.spoken) == (
        vector["public"],
        vector["fingerprint"],
        vector["spoken"],
    )
    assert key.sign(vector["signature"]["message"].encode()).hex() == vector["signature"]["value"]
    key.save(tmp_path / "body.key")
    assert vector["text"] in (tmp_path / "body.key").read_text().splitlines()


@pytest.mark.parametrize("vector", named(VECTORS["body_keys"]))
def test_handles_of_a_body_key(vector: dict[str, Any]) -> None:
    for one in vector["handles"]:
        linkage_key = LinkageKey.parse(one["key"])
        # The subkeys of a profile do not enter.
        for digest in ("00" * 32, "ff" * 32):
            subkeys = linkage_key.subkeys(digest)
            make = Handles.of(linkage_key, subkeys, BodyKey.parse(vector["text"]), reporter=one["reporter"])
            assert make([one["record_id"]]).tobytes().hex() == one["handle"]


@pytest.mark.parametrize("vector", named(VECTORS["noise"]))
def test_noise_under_a_body_key(vector: dict[str, Any]) -> None:
    document = next(one["profile"] for one in CODES["profiles"] if one["digest"] == vector["profile"])
    record = next(one["record"] for one in CODES["records"] if one["record"]["record_id"] == vector["record_id"])
    made = Encoder(
        LinkageKey.parse(vector["key"]),
        reporter=CODES["reporter"],
        profile=parse_profile(json.dumps(document)),
        reference_date=date.fromisoformat(CODES["reference_date"]),
        body_key=BodyKey.parse(vector["body_key"]),
    )
    (batch,) = made.batches([Record(**record)])
    codes = zip(batch.codes.kind[0], batch.codes.match_key[0], batch.codes.content[0], strict=True)
    found = [[int(kind), key.tobytes().hex(), content.tobytes().hex()] for kind, key, content in codes]
    assert sorted(found) == sorted(vector["codes"])


@pytest.mark.parametrize("vector", named(VECTORS["unit_keys"]))
def test_unit_keys(vector: dict[str, Any]) -> None:
    key = UNIT_KEYS[vector["name"]].parse(vector["text"])
    assert (key.public.text, key.public.fingerprint, key.public.spoken) == (
        vector["public"],
        vector["fingerprint"],
        vector["spoken"],
    )
    assert key.sign(vector["signature"]["message"].encode()).hex() == vector["signature"]["value"]
    assert UnitPublicKey.parse(vector["public"]) == key.public


@pytest.mark.parametrize("vector", named(VECTORS["bad_public_keys"], "fault"))
def test_bad_public_keys_are_refused(vector: dict[str, Any]) -> None:
    kind = BodyPublicKey if vector["fault"].startswith("body") else UnitPublicKey
    with pytest.raises(PublicKeyError):
        kind.parse(vector["text"])


@pytest.mark.parametrize("vector", named(VECTORS["wrapped"]))
def test_wrapped_keys_are_opened(vector: dict[str, Any], tmp_path: Path) -> None:
    (tmp_path / "key").write_text(vector["text"])
    with asking(lambda path: vector["passphrase"]):
        assert read_key_file(tmp_path / "key").text == vector["open"]


@pytest.mark.parametrize("vector", named(VECTORS["bad_wrapped"], "fault"))
def test_bad_wrapped_keys_are_refused(vector: dict[str, Any], tmp_path: Path) -> None:
    (tmp_path / "key").write_text(vector["text"])
    with asking(lambda path: vector["passphrase"]), pytest.raises(KeyLockedError):
        read_key_file(tmp_path / "key")


@pytest.mark.parametrize("vector", named(VECTORS["documents"]))
def test_invites_and_answers_are_read(vector: dict[str, Any]) -> None:
    invite, answer = parse_invite(vector["invite"].encode()), parse_answer(vector["answer"].encode())
    assert (invite.canonical().decode(), answer.canonical().decode()) == (vector["invite"], vector["answer"])
    assert invite.is_complete
    answer.check_invite(invite)
    body_key = next(BodyKey.parse(one["text"]) for one in VECTORS["body_keys"] if one["public"] == answer.public_key)
    assert make_answer(invite, body_key) == answer


@pytest.mark.parametrize("vector", named(VECTORS["bad_documents"], "fault"))
def test_bad_invites_and_answers_are_refused(vector: dict[str, Any]) -> None:
    parse = parse_invite if vector["kind"] == "invite" else parse_answer
    with pytest.raises(EnrolmentError) as caught:
        parse(vector["text"].encode())
    assert caught.value.rule.startswith(f"{vector['kind']}.")
