"""Receipts that a unit of the registry signs, so that a reporter can tell them from what anybody could have written.

A receipt is a JSON document. Its member `signature` says which key signed the rest, in canonical form [RFC8785].
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import rfc8785

from pseudonym.canonical import length_prefixed
from pseudonym.errors import ReceiptError
from pseudonym.json_text import reencode
from pseudonym.labels import LABELS
from pseudonym.public_keys import PublicKeyError, UnitPublicKey, UnitSigner
from pseudonym.unreadable import why_unreadable

__all__ = ["RECEIPT", "check_receipt", "read_receipt", "sign_receipt"]

RECEIPT: Final = "linkage-receipt/1"
"""The format of a receipt."""

MAX_BYTES: Final = 1 << 26
"""Room for the ids of a million refused rows."""

_SIGNATURE_DIGITS: Final = 128


def sign_receipt(receipt: Mapping[str, Any], signer: UnitSigner) -> dict[str, Any]:
    """Sign a receipt.

    Args:
        receipt: Plain values, as `ReporterReceipt.to_dict` gives them.
        signer: The key of the unit.

    Returns:
        The receipt with its signature.
    """
    public = signer.public
    signature = {"unit": public.unit, "signer": public.fingerprint, "value": signer.sign(_message(receipt)).hex()}
    return {**receipt, "signature": signature}


def _message(receipt: Mapping[str, Any]) -> bytes:
    unsigned = {name: value for name, value in receipt.items() if name != "signature"}
    return length_prefixed(LABELS["receipt"], rfc8785.dumps(unsigned))


def read_receipt(path: str | Path) -> dict[str, Any]:
    """Read the file of a receipt; whether it is true remains to be seen.

    Args:
        path: The JSON file that the registry sent.

    Returns:
        Its members.

    Raises:
        ReceiptError: `receipt.unreadable` if it cannot be read, `receipt.form` if it is no receipt of this format.
    """
    try:
        with open(path, "rb") as file:
            data = file.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        why = why_unreadable(Path(path), error)
        raise ReceiptError("receipt.unreadable", why.message, hint=why.hint, path=Path(path)) from None
    text = reencode(data) if len(data) <= MAX_BYTES else None
    document = None if text is None else json.loads(text)
    if not isinstance(document, dict) or document.get("format") != RECEIPT:
        raise ReceiptError(
            "receipt.form",
            "The file is not a receipt in JSON of this version.",
            hint="The registry writes it as receipt-REPORTER-SEQUENCE.json; the text beside it has no signature.",
            path=Path(path),
        )
    return document


def check_receipt(receipt: Mapping[str, Any], public: UnitPublicKey, *, reporter: str) -> None:
    """Check that a unit has signed a receipt, and that it is for a reporter.

    Args:
        receipt: What `read_receipt` gave.
        public: The public key of the statistics unit, as the invite has it.
        reporter: Code of the reporter, as the invite has it.

    Raises:
        ReceiptError: `receipt.unsigned` if it has no signature, `receipt.signer` if another key signed it,
            `receipt.signature` if the signature is wrong, `receipt.reporter` if it is for another reporter.
    """
    signature = receipt.get("signature")
    if signature is None:
        raise _broken("receipt.unsigned")
    if not isinstance(signature, dict) or set(signature) != {"unit", "signer", "value"}:
        raise _broken("receipt.signature")
    if (signature["unit"], signature["signer"]) != (public.unit, public.fingerprint):
        raise _broken("receipt.signer")
    value = signature["value"]
    try:
        if not isinstance(value, str) or len(value) != _SIGNATURE_DIGITS or value != bytes.fromhex(value).hex():
            raise _broken("receipt.signature")
        public.verify(bytes.fromhex(value), _message(receipt))
    except (ValueError, PublicKeyError, rfc8785.CanonicalizationError):
        raise _broken("receipt.signature") from None
    if receipt.get("reporter") != reporter:
        raise _broken("receipt.reporter")


_BROKEN: Final = {
    "receipt.unsigned": (
        "The receipt is not signed, so anybody could have written it.",
        "Do not believe it yet. Ask the registry for a signed one, which it makes with: linkage receipt REGISTRY "
        "REPORTER --json --statistics-key FILE",
    ),
    "receipt.signer": (
        "The receipt is signed with another key than that of the registry in the invite.",
        "If the registry has a new key, ask it for a new invite and compare the fingerprint by telephone.",
    ),
    "receipt.signature": (
        "The signature of the receipt is wrong: it was altered, or the registry did not write it.",
        "Do not believe it. Ask the registry for the receipt again.",
    ),
    "receipt.reporter": (
        "The receipt is for another reporter than the invite.",
        "Tell the registry, and delete it: it is not yours.",
    ),
}


def _broken(rule: str) -> ReceiptError:
    message, hint = _BROKEN[rule]
    return ReceiptError(rule, message, hint=hint)
