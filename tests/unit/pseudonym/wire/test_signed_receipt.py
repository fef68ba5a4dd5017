"""A receipt is believed only if the registry in the invite has signed all of it, for this reporter."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from linkage.keys import RegistryKey, StatisticsKey
from pseudonym.errors import ReceiptError
from pseudonym.wire.signed_receipt import RECEIPT, check_receipt, read_receipt, sign_receipt

KEY = StatisticsKey.generate()
RECEIVED = {"format": RECEIPT, "reporter": "police", "sequence": (1 << 53) - 1, "refused": [{"rule": "å", "rows": 2}]}


def broken(receipt: dict[str, Any], *, reporter: str = "police", key=KEY) -> str:
    with pytest.raises(ReceiptError) as caught:
        check_receipt(receipt, key.public, reporter=reporter)
    return caught.value.rule


def written(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def test_what_the_registry_signed_is_believed_however_it_is_laid_out(tmp_path):
    signed = sign_receipt(RECEIVED, KEY)
    assert {name: value for name, value in signed.items() if name != "signature"} == RECEIVED
    turned = json.dumps(dict(reversed(signed.items())), indent=7)
    check_receipt(read_receipt(written(tmp_path / "r.json", turned)), KEY.public, reporter="police")


@pytest.mark.parametrize(
    "change",
    [
        {"sequence": 7},
        {"reporter": "school"},
        {"refused": []},
        {"refusal": None},
        {"sequence": 1.5},
        {"sequence": 1 << 60},
        {"reporter": "\ud800"},
    ],
)
def test_whatever_was_altered_is_not_believed(change):
    assert (
        broken(sign_receipt(RECEIVED, KEY) | change, reporter=change.get("reporter", "police")) == "receipt.signature"
    )


def test_a_receipt_for_another_reporter_or_of_another_registry_is_not_believed():
    signed = sign_receipt(RECEIVED, KEY)
    assert broken(signed, reporter="school") == "receipt.reporter"
    assert broken(signed, key=StatisticsKey.generate()) == "receipt.signer"
    assert broken(sign_receipt(RECEIVED, RegistryKey.generate())) == "receipt.signer"
    assert broken(RECEIVED) == "receipt.unsigned"


@pytest.mark.parametrize("value", ["", "00" * 64, "zz" * 64, "AB" * 64, 7, None])
def test_a_signature_of_another_form_is_wrong(value):
    signed = sign_receipt(RECEIVED, KEY)
    assert broken(signed | {"signature": signed["signature"] | {"value": value}}) == "receipt.signature"


@pytest.mark.parametrize("signature", [7, [], {}, {"unit": "statistics"}])
def test_a_signature_without_its_members_is_wrong(signature):
    assert broken(RECEIVED | {"signature": signature}) == "receipt.signature"


def test_upper_case_digits_are_not_the_canonical_form():
    signed = sign_receipt(RECEIVED, KEY)
    upper = signed["signature"] | {"value": signed["signature"]["value"].upper()}
    assert broken(signed | {"signature": upper}) == "receipt.signature"


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"format": "linkage-receipt/0"}', '{"format": 1', '{"format": "a", "format": "b"}', "NaN"]
)
def test_another_file_is_no_receipt(tmp_path, text):
    with pytest.raises(ReceiptError) as caught:
        read_receipt(written(tmp_path / "r.json", text))
    assert (caught.value.rule, caught.value.path) == ("receipt.form", tmp_path / "r.json")


def test_a_file_that_is_not_there_is_said(tmp_path):
    with pytest.raises(ReceiptError) as caught:
        read_receipt(tmp_path / "missing.json")
    assert caught.value.rule == "receipt.unreadable"
