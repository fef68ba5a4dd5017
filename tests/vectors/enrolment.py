"""Keys of reporters and units as docs/spec.md has them, sections 2, 8 and 12: both forms, handles, wrapping."""

from __future__ import annotations

import hashlib
import unicodedata
from base64 import b32encode
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from tests.vectors import cases, texts
from tests.vectors.make_codes import WARNING
from tests.vectors.reference import (
    Keys,
    blake2b,
    canonical_json,
    codes,
    hkdf,
    key_id,
    key_text,
    lp,
    profile_digest,
    with_check,
)

__all__ = ["BODY_SECRETS", "UNIT_SECRETS", "body_key_text", "enrolment", "handle", "line"]

BODY_SECRETS: Final = {
    "counting_bytes": bytes(range(32)),
    "all_zero": bytes(32),
    "hashed": hashlib.sha256(b"body test key, known to everybody").digest(),
}
UNIT_SECRETS: Final = {
    "linkage": ("LINKAGE-SECRET-REGISTRY-KEY-1", hashlib.sha256(b"registry test key, known to everybody").digest()),
    "statistics": ("LINKAGE-SECRET-STATISTICS-KEY-1", hashlib.sha256(b"statistics test key").digest()),
}
RECORD_IDS: Final = ("a-1", "2026/0042", "\u00e5rende 7")
PASSPHRASE: Final = "correct horse b\u00e4ttery"
SALT: Final = bytes(range(100, 116))
COST: Final = (3, 65536, 4)


def base32(value: bytes) -> str:
    return b32encode(value).decode().replace("=", "")


def line(label: str, value: bytes, *fields: str) -> str:
    return with_check(".".join([label, *fields, base32(value)]))


def body_key_text(secret: bytes) -> str:
    return line("PSEUDONYM-SECRET-BODY-KEY-1", secret)


def fingerprint(public: str) -> bytes:
    return hashlib.sha256(lp("pseudonym/3/public-key", public[: public.rindex(".")])).digest()


def spoken(digest: bytes) -> str:
    groups = [int.from_bytes(digest[5 * i : 5 * i + 5], "big") % 100000 for i in range(6)]
    return " ".join(f"{group:05d}" for group in groups)


def named_public(public: str) -> dict[str, str]:
    digest = fingerprint(public)
    return {"public": public, "fingerprint": digest.hex(), "spoken": spoken(digest)}


def handle(body_secret: bytes, linkage_key: tuple[str, bytes, str, int], reporter: str, record_id: str) -> bytes:
    """Return the handle of a record, section 8."""
    _, secret, project, epoch = linkage_key
    k_handle = hkdf(body_secret, lp("pseudonym/3/body-handle"))
    return blake2b(128, k_handle, lp(key_id(secret, project, epoch), str(epoch), reporter, record_id))


def body_vector(name: str, secret: bytes) -> dict[str, Any]:
    seed = hkdf(secret, lp("pseudonym/3/body-sign"))
    signing = Ed25519PrivateKey.from_private_bytes(seed)
    public = line("PSEUDONYM-PUBLIC-BODY-KEY-1", signing.public_key().public_bytes_raw())
    return {
        "name": name,
        "text": body_key_text(secret),
        "secret": secret.hex(),
        "sign_seed": seed.hex(),
        **named_public(public),
        "signature": {"message": "signed", "value": signing.sign(b"signed").hex()},
        "handles": [
            {
                "key": key_text(*key[1:]),
                "reporter": cases.REPORTER,
                "record_id": record_id,
                "handle": handle(secret, key, cases.REPORTER, record_id).hex(),
            }
            for key in (cases.KEYS[0], cases.KEYS[3])
            for record_id in RECORD_IDS
        ],
    }


def noise_vector(name: str, secret: bytes, number: int) -> dict[str, Any]:
    """Return the codes of a record of a reporter with a body key; its profile is one of codes.json."""
    key, profile = cases.KEYS[number][1:], cases.combined_profile()
    keys = Keys.derive(*key, profile).with_noise_of(secret, key, profile)
    record = next(record for _, record in cases.RECORDS if record.record_id == "r11")
    made = codes(record, profile, keys, cases.REPORTER, texts.REFERENCE_DATE)
    return {
        "name": f"{name}_{number}",
        "body_key": body_key_text(secret),
        "key": key_text(*key),
        "profile": profile_digest(profile),
        "record_id": record.record_id,
        "codes": [[code.kind, code.match_key.hex(), code.content.hex()] for code in made],
    }


def unit_public(unit: str) -> tuple[str, Ed25519PrivateKey]:
    _, secret = UNIT_SECRETS[unit]
    both = hashlib.shake_256(blake2b(256, secret, b"linkage/1/hpke")).digest(96)
    mlkem = MLKEM768PrivateKey.from_seed_bytes(both[:64]).public_key().public_bytes_raw()
    x25519 = X25519PrivateKey.from_private_bytes(both[64:]).public_key().public_bytes_raw()
    signing = Ed25519PrivateKey.from_private_bytes(blake2b(256, secret, b"linkage/1/sign"))
    return line("PSEUDONYM-PUBLIC-UNIT-KEY-1", mlkem + x25519 + signing.public_key().public_bytes_raw(), unit), signing


def unit_vector(unit: str) -> dict[str, Any]:
    label, secret = UNIT_SECRETS[unit]
    public, signing = unit_public(unit)
    return {
        "name": unit,
        "text": line(label, secret),
        **named_public(public),
        "signature": {"message": "signed", "value": signing.sign(b"signed").hex()},
    }


def wrapped(open_line: str, passphrase: str, *, cost: tuple[int, int, int] = COST, salt: bytes = SALT) -> str:
    """Return a wrapped line, section 12; the key of AES is made with the cost that the line says."""
    head_of_line, secret_text, _ = open_line.rsplit(".", 2)
    secret = bytes(int(bits, 2) for bits in _octets(secret_text))
    head = ".".join(["PSEUDONYM-SECRET-WRAPPED-KEY-1", head_of_line, *map(str, cost), base32(salt)])
    plain = unicodedata.normalize("NFC", passphrase).encode()
    iterations, memory, lanes = cost
    argon = Argon2id(salt=salt, length=32, iterations=iterations, lanes=lanes, memory_cost=memory)
    sealed = AESGCM(argon.derive(plain)).encrypt(bytes(12), secret, head.encode())
    return with_check(f"{head}.{base32(sealed)}")


def _octets(text: str) -> list[str]:
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
    bits = "".join(f"{letters.index(letter):05b}" for letter in text)
    return [bits[i : i + 8] for i in range(0, len(bits) - 7, 8)]


def wrapped_vectors() -> list[dict[str, str]]:
    keys = {
        "linkage_key": key_text(*cases.KEYS[0][1:]),
        "body_key": body_key_text(BODY_SECRETS["counting_bytes"]),
        "statistics_key": line(*UNIT_SECRETS["statistics"]),
    }
    made = [
        {"name": name, "passphrase": PASSPHRASE, "text": wrapped(text, PASSPHRASE), "open": text}
        for name, text in keys.items()
    ]
    decomposed = unicodedata.normalize("NFD", PASSPHRASE)
    return [*made, {**made[1], "name": "passphrase_decomposed", "passphrase": decomposed}]


def bad_wrapped() -> list[dict[str, str]]:
    good = wrapped(body_key_text(BODY_SECRETS["counting_bytes"]), PASSPHRASE)
    parts = good.split(".")[:-1]

    def with_part(index: int, text: str) -> str:
        changed = [*parts]
        changed[index] = text
        return with_check(".".join(changed))

    texts = {
        "check_wrong": good[:-1] + ("0" if good[-1] != "0" else "1"),
        "label_of_another_kind": with_part(1, "PSEUDONYM-SECRET-LINKAGE-KEY-1"),
        "iterations_too_many": with_part(2, "9"),
        "iterations_too_few": with_part(2, "2"),
        "iterations_leading_zero": with_part(2, "03"),
        "memory_too_much": with_part(3, "262145"),
        "memory_of_terabytes": with_part(3, "4294967295"),
        "memory_too_little": with_part(3, "65535"),
        "lanes_too_many": with_part(4, "9"),
        "lanes_none": with_part(4, "0"),
        "iterations_altered": with_part(2, "4"),
        "salt_altered": with_part(5, base32(SALT[::-1])),
        "salt_of_15_bytes": with_part(5, base32(SALT[:15])),
        "sealed_altered": with_part(6, parts[6][1:] + parts[6][0]),
        "sealed_of_47_bytes": with_part(6, parts[6][:-2]),
        "part_missing": with_check(".".join(parts[:-1])),
        "field_added": with_check(".".join([*parts[:2], "x", *parts[2:]])),
    }
    return [{"fault": fault, "passphrase": PASSPHRASE, "text": text} for fault, text in texts.items()] + [
        {"fault": "passphrase_wrong", "passphrase": PASSPHRASE + "x", "text": good}
    ]


def bad_public() -> list[dict[str, str]]:
    body = body_vector("hashed", BODY_SECRETS["hashed"])["public"]
    unit, _ = unit_public("linkage")
    label, name, text, _ = unit.split(".")
    verify = Ed25519PrivateKey.from_private_bytes(bytes(32)).public_key().public_bytes_raw()
    texts = {
        "body_check_wrong": body[:-1] + ("0" if body[-1] != "0" else "1"),
        "body_of_31_bytes": line("PSEUDONYM-PUBLIC-BODY-KEY-1", verify[:31]),
        "body_lower_case": body.lower(),
        "body_secret": body_key_text(BODY_SECRETS["hashed"]),
        "unit_unknown": with_check(f"{label}.registry.{text}"),
        "unit_missing": with_check(f"{label}.{text}"),
        "unit_of_1247_bytes": line(label, bytes(1247), name),
        # Coefficients of an encapsulation key are below 3329.
        "unit_not_of_mlkem": line(label, b"\xff" * 1184 + bytes(64), name),
    }
    return [{"fault": fault, "text": text} for fault, text in texts.items()]


def _canonical(document: dict[str, Any]) -> str:
    return canonical_json(document).decode()


def _message(label: str, document: dict[str, Any], apart: str) -> bytes:
    return lp(label, canonical_json({name: value for name, value in document.items() if name != apart}))


def _unsigned_invite(*, bare: bool = False) -> dict[str, Any]:
    publics = {unit: unit_public(unit)[0] for unit in UNIT_SECRETS}
    entry = {
        "reporter": cases.REPORTER,
        "name": "\u00c5s kommun",
        "kind": "school",
        "county": "01",
        "reports": ["records", "totals"],
        "every": "month",
        "from": "2026-01",
        "until": None,
        "due_days": 30,
        "cases_from": ["body-2"],
    }
    _, secret, project, epoch = cases.KEYS[0]
    return {
        "format": "pseudonym-invite/1",
        "spec": 3,
        "reporter": cases.REPORTER,
        "units": {
            unit: {"public_key": public, "fingerprint": spoken(fingerprint(public))} for unit, public in publics.items()
        },
        "profile": {"name": "test", "version": "1", "digest": "0f" * 32},
        "codebook": None if bare else {"name": "cases", "version": "2026.1", "digest": "f0" * 32},
        "roster": None if bare else entry,
        "period": None if bare else "2026-03",
        "key_id": None if bare else key_id(secret, project, epoch),
        "epoch": None if bare else epoch,
        "salt": SALT.hex(),
    }


def signed_invite(unsigned: dict[str, Any], units: tuple[str, ...] = ("linkage", "statistics")) -> dict[str, Any]:
    message = _message("pseudonym/3/invite", unsigned, "signatures")
    made = {unit: unit_public(unit)[1].sign(message).hex() if unit in units else None for unit in UNIT_SECRETS}
    return {**unsigned, "signatures": made}


def signed_answer(invite: dict[str, Any], **changed: Any) -> dict[str, Any]:
    vector = body_vector("hashed", BODY_SECRETS["hashed"])
    unsigned = {
        "format": "pseudonym-answer/1",
        "spec": 3,
        "reporter": cases.REPORTER,
        "invite": hashlib.sha256(_message("pseudonym/3/invite", invite, "signatures")).hexdigest(),
        "public_key": vector["public"],
        "fingerprint": vector["spoken"],
        **changed,
    }
    signing = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(vector["sign_seed"]))
    return {**unsigned, "signature": signing.sign(_message("pseudonym/3/answer", unsigned, "signature")).hex()}


def documents() -> list[dict[str, str]]:
    invite = signed_invite(_unsigned_invite())
    bare = signed_invite(_unsigned_invite(bare=True))
    return [
        {"name": name, "invite": _canonical(document), "answer": _canonical(signed_answer(document))}
        for name, document in (("whole", invite), ("bare", bare))
    ]


def bad_documents() -> list[dict[str, str]]:
    unsigned = _unsigned_invite()
    invite = signed_invite(unsigned)
    answer = signed_answer(invite)
    one, other = (unsigned["units"][unit] for unit in ("linkage", "statistics"))
    wrong = signed_invite(unsigned)["signatures"]["statistics"]
    invites = {
        "signature_none": _canonical(signed_invite(unsigned, ())),
        "signature_of_the_other_unit": _canonical({**invite, "signatures": {"linkage": wrong, "statistics": wrong}}),
        "altered": _canonical({**invite, "epoch": 2}),
        "units_swapped": _canonical(signed_invite({**unsigned, "units": {"linkage": other, "statistics": one}})),
        "fingerprint_of_the_other": _canonical(
            signed_invite(
                {**unsigned, "units": {"linkage": {**one, "fingerprint": other["fingerprint"]}, "statistics": other}}
            )
        ),
        "member_unknown": _canonical(signed_invite({**unsigned, "contact": "x"})),
        "member_missing": _canonical(signed_invite({name: unsigned[name] for name in unsigned if name != "salt"})),
        "spec_2": _canonical(signed_invite({**unsigned, "spec": 2})),
        "format_2": _canonical(signed_invite({**unsigned, "format": "pseudonym-invite/2"})),
        "reporter_malformed": _canonical(signed_invite({**unsigned, "reporter": "a b"})),
        "period_malformed": _canonical(signed_invite({**unsigned, "period": "2026-13"})),
        "spaces": _canonical(invite).replace('":', '": ', 1),
        "member_twice": _canonical(invite).replace('{"', '{"spec":3,"', 1),
        "not_json": _canonical(invite)[:-1],
        "empty": "",
    }
    answers = {
        "signature_wrong": _canonical({**answer, "signature": "00" * 64}),
        "altered": _canonical({**answer, "reporter": "body-2"}),
        "fingerprint_wrong": _canonical(signed_answer(invite, fingerprint="00000 00000 00000 00000 00000 00000")),
        "key_of_a_unit": _canonical(signed_answer(invite, public_key=one["public_key"])),
        "member_unknown": _canonical(signed_answer(invite, comment="x")),
        "spec_2": _canonical(signed_answer(invite, spec=2)),
        "spaces": _canonical(answer).replace('":', '": ', 1),
        "invite_in_its_place": _canonical(invite),
    }
    found = (("invite", invites), ("answer", answers))
    return [
        {"fault": f"{kind}_{fault}", "kind": kind, "text": text}
        for kind, texts in found
        for fault, text in texts.items()
    ]


def enrolment() -> dict[str, Any]:
    return {
        "warning": WARNING,
        "body_keys": [body_vector(name, secret) for name, secret in BODY_SECRETS.items()],
        "noise": [
            noise_vector(name, BODY_SECRETS[name], number)
            for name, number in (("counting_bytes", 0), ("hashed", 0), ("hashed", 3))
        ],
        "unit_keys": [unit_vector(unit) for unit in UNIT_SECRETS],
        "bad_public_keys": bad_public(),
        "wrapped": wrapped_vectors(),
        "bad_wrapped": bad_wrapped(),
        "documents": documents(),
        "bad_documents": bad_documents(),
    }
