"""Make sealed files (docs/spec.md, section 14): right ones, and ones that are wrong in one way each.

HPKE is built here from its pieces, as RFC 9180 and the draft of MLKEM768-X25519 have them. What a sender draws would be
other bytes each time; so the ciphertexts of ML-KEM were drawn once, `encapsulated.json`, and what they encapsulate is
found with the private keys, which are public here.
"""

from __future__ import annotations

import functools
import hashlib
import hmac
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from tests.vectors import parts, totals, withdrawals
from tests.vectors.enrolment import BODY_SECRETS, UNIT_SECRETS, body_key_text, line
from tests.vectors.enrolment import fingerprint as digest_of_key
from tests.vectors.reference import blake2b, canonical_json, hkdf, lp
from tests.vectors.submissions import base, valid_drafts

__all__ = ["Sealed", "encapsulated", "faulty", "keys", "valid"]

CHUNK: Final = 65536
SUITE: Final = "MLKEM768-X25519, HKDF-SHA256, AES-256-GCM"
SUITE_ID: Final = b"HPKE" + bytes.fromhex("647a00010002")
REPORTER_SECRET: Final = BODY_SECRETS["hashed"]
OTHER_SECRET: Final = BODY_SECRETS["all_zero"]

Members = dict[str, Any]
Chunks = list[tuple[bytes, int, bool]]
"""The chunks of a part: what is in each, its number, and whether it is marked as the last."""


def keys() -> dict[str, str]:
    """Return the key texts of the reporter and of both units."""
    return {
        "reporter": body_key_text(REPORTER_SECRET),
        "other_reporter": body_key_text(OTHER_SECRET),
        **{unit: line(*UNIT_SECRETS[unit]) for unit in UNIT_SECRETS},
    }


@functools.cache
def encapsulated() -> dict[str, str]:
    path = Path(__file__).resolve().parent / "encapsulated.json"
    return dict(json.loads(path.read_text(encoding="utf-8")))


# Keys.


def signing_key(secret: bytes) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(hkdf(secret, lp("pseudonym/3/body-sign")))


def signer_fingerprint(secret: bytes) -> str:
    public = line("PSEUDONYM-PUBLIC-BODY-KEY-1", signing_key(secret).public_key().public_bytes_raw())
    return digest_of_key(public).hex()


@dataclass(frozen=True)
class Unit:
    """The private key of a unit; `name` says which ciphertext of ML-KEM is for it."""

    name: str
    secret: bytes

    def halves(self) -> tuple[MLKEM768PrivateKey, X25519PrivateKey]:
        both = hashlib.shake_256(blake2b(256, self.secret, b"linkage/1/hpke")).digest(96)
        return MLKEM768PrivateKey.from_seed_bytes(both[:64]), X25519PrivateKey.from_private_bytes(both[64:])

    def fingerprint(self) -> str:
        mlkem, x25519 = (half.public_key().public_bytes_raw() for half in self.halves())
        signing = Ed25519PrivateKey.from_private_bytes(blake2b(256, self.secret, b"linkage/1/sign"))
        key = mlkem + x25519 + signing.public_key().public_bytes_raw()
        unit = "statistics" if self.name == "statistics" else "linkage"
        return digest_of_key(line("PSEUDONYM-PUBLIC-UNIT-KEY-1", key, unit)).hex()


LINKAGE: Final = Unit("linkage", UNIT_SECRETS["linkage"][1])
STATISTICS: Final = Unit("statistics", UNIT_SECRETS["statistics"][1])
OTHER: Final = Unit("other", hashlib.sha256(b"test key of another linkage unit").digest())


# HPKE.


def labeled_extract(salt: bytes, label: bytes, data: bytes) -> bytes:
    return hmac.digest(salt or bytes(32), b"HPKE-v1" + SUITE_ID + label + data, "sha256")


def labeled_expand(key: bytes, label: bytes, info: bytes, length: int) -> bytes:
    # No output here is longer than one block of SHA-256.
    assert length <= 32
    data = length.to_bytes(2, "big") + b"HPKE-v1" + SUITE_ID + label + info
    return hmac.digest(key, data + b"\1", "sha256")[:length]


def encapsulate(unit: Unit) -> tuple[bytes, bytes]:
    """Return the shared secret, and the 1,120 bytes that encapsulate it."""
    mlkem, x25519 = unit.halves()
    ephemeral = X25519PrivateKey.from_private_bytes(hashlib.sha256(b"ephemeral" + unit.name.encode()).digest())
    ciphertext = bytes.fromhex(encapsulated()[unit.name])
    point = ephemeral.public_key().public_bytes_raw()
    public = x25519.public_key().public_bytes_raw()
    joined = mlkem.decapsulate(ciphertext) + ephemeral.exchange(x25519.public_key()) + point + public
    return hashlib.sha3_256(joined + b"\\.//^\\").digest(), ciphertext + point


def hpke_seal(unit: Unit, info: bytes, plain: bytes) -> bytes:
    shared, out = encapsulate(unit)
    context = b"\0" + labeled_extract(b"", b"psk_id_hash", b"") + labeled_extract(b"", b"info_hash", info)
    secret = labeled_extract(shared, b"secret", b"")
    key, nonce = labeled_expand(secret, b"key", context, 32), labeled_expand(secret, b"base_nonce", context, 12)
    return out + AESGCM(key).encrypt(nonce, plain, b"")


# Files.


@dataclass
class SealedPart:
    """A part: what is in it, for which unit, and how it is encrypted."""

    plain: bytes
    unit: str
    recipient: Unit
    named: Unit | None = None
    place: tuple[str, int] | None = None
    chunk_place: tuple[str, int] | None = None
    chunks: Callable[[Chunks], Chunks] = field(default=lambda chunks: chunks)
    alter: Callable[[bytes], bytes] = field(default=lambda data: data)

    def described(self) -> Members:
        return {"unit": self.unit, "recipient": (self.named or self.recipient).fingerprint()}

    def encrypted(self, binding: bytes, number: int) -> bytes:
        key = hashlib.sha256(f"test key of part {number}".encode()).digest()
        unit, i = self.place or (self.unit, number)
        out = hpke_seal(self.recipient, lp("pseudonym/3/sealed-key", binding, unit, str(i)), key)
        pieces = [self.plain[start : start + CHUNK] for start in range(0, len(self.plain), CHUNK)]
        unit, i = self.chunk_place or (self.unit, number)
        aad = lp("pseudonym/3/sealed-chunk", binding, unit, str(i))
        for piece, j, last in self.chunks([(piece, j, j == len(pieces) - 1) for j, piece in enumerate(pieces)]):
            out += AESGCM(key).encrypt(j.to_bytes(11, "big") + bytes([last]), piece, aad)
        return self.alter(out)


@dataclass
class Sealed:
    """The pieces of a sealed file.

    `bound` replaces the members to which parts are bound; `members` those of the header, after the parts are encrypted
    and before the header is signed.
    """

    header: Members
    parts: list[SealedPart]
    bound: Members = field(default_factory=dict)
    members: Members = field(default_factory=dict)
    data: Callable[[list[bytes]], list[bytes]] = field(default=lambda data: data)
    text: Callable[[bytes], bytes] = field(default=lambda text: text)
    signer: bytes = REPORTER_SECRET
    signed: Callable[[bytes], bytes] = field(default=lambda digest: lp("pseudonym/3/sealed-signature", digest))
    alter: Callable[[bytes], bytes] = field(default=lambda data: data)

    def binding(self) -> bytes:
        members = {**self.header, "parts": [part.described() for part in self.parts], **self.bound}
        return hashlib.sha256(lp("pseudonym/3/sealed-binding", canonical_json(members))).digest()

    def encrypted(self) -> list[bytes]:
        binding = self.binding()
        return self.data([part.encrypted(binding, i) for i, part in enumerate(self.parts)])

    def header_text(self) -> bytes:
        described = [
            {**part.described(), "bytes": len(data), "digest": hashlib.sha256(data).hexdigest()}
            for part, data in zip(self.parts, self.encrypted(), strict=True)
        ]
        return self.text(canonical_json({**self.header, "parts": described, **self.members}))

    def digest(self) -> bytes:
        return hashlib.sha256(lp("pseudonym/3/sealed", self.header_text())).digest()

    def start(self) -> int:
        """Return the offset of the first part."""
        return 16 + 4 + len(self.header_text()) + 64

    def write(self) -> bytes:
        signature = signing_key(self.signer).sign(self.signed(self.digest()))
        return self.alter(b"pseudonym-sealed" + lp(self.header_text()) + signature + b"".join(self.encrypted()))


def _header(kind: str, inside: Members) -> Members:
    return {
        "spec": 3,
        "suite": SUITE,
        "kind": kind,
        "signer": signer_fingerprint(REPORTER_SECRET),
        "profile_digest": inside.get("profile_digest"),
        **{name: inside.get(name) for name in ("reporter", "key_id", "epoch", "sequence", "previous")},
    }


@functools.cache
def _plain(name: str) -> tuple[bytes, bytes, str]:
    draft = valid_drafts()[name]
    return parts.codes_of(draft).write(), parts.cases_of(draft).write(), json.dumps(draft.header)


def submission(name: str = "valid") -> Sealed:
    """Return a sealed submission of two parts."""
    codes, cases, header = _plain(name)
    made = [SealedPart(codes, "linkage", LINKAGE), SealedPart(cases, "statistics", STATISTICS)]
    return Sealed(_header("submission", json.loads(header)), made)


def withdrawal(n_bytes: int | None = None) -> Sealed:
    """Return a sealed withdrawal, its part filled up to a length."""
    inside = withdrawals.valid()["valid"]
    plain = inside.write()
    if n_bytes is not None:
        # Ignored metadata; the lengths of their name and text take a few bytes, which the second step makes up for.
        filled = replace(inside, metadata={"made by": "x" * (n_bytes - len(plain))})
        too_many = len(filled.write()) - n_bytes
        plain = replace(inside, metadata={"made by": "x" * (n_bytes - len(plain) - too_many)}).write()
        assert len(plain) == n_bytes
    return Sealed(_header("withdrawal", json.loads(inside.header())), [SealedPart(plain, "statistics", STATISTICS)])


def counted() -> Sealed:
    """Return sealed totals."""
    inside = totals.valid()["valid"]
    plain = [SealedPart(inside.write(), "statistics", STATISTICS)]
    return Sealed(_header("totals", json.loads(inside.header())), plain)


def valid() -> dict[str, Sealed]:
    """Return the sealed files that have to be opened, by file name."""
    return {
        "valid": submission(),
        "valid-complete": submission("valid-complete"),
        "valid-nothing-to-report": submission("valid-nothing-to-report"),
        "valid-previous": submission("valid-without-codebook"),
        "valid-withdrawal": withdrawal(),
        "valid-totals": counted(),
        "valid-one-full-chunk": withdrawal(CHUNK),
        "valid-two-chunks": withdrawal(CHUNK + 1),
    }


Fault = tuple[str, str, str, str, Sealed]
"""Name, fault, the unit that opens it, the error, and the file."""


def faulty() -> Iterator[Fault]:
    """Yield every file that has to be refused."""
    yield from _file_faults()
    yield from _header_faults()
    yield from _signature_faults()
    yield from _part_faults()
    yield from _key_faults()
    yield from _chunk_faults()
    yield from _inner_faults()


def _with(**pieces: Any) -> Sealed:
    return replace(submission(), **pieces)


def _file_faults() -> Iterator[Fault]:
    right = submission()
    whole, start, first = right.write(), right.start(), len(right.encrypted()[0])
    yield (
        "magic",
        "the last letter of the first sixteen bytes is another",
        "linkage",
        "not_one",
        _with(alter=lambda data: data[:15] + b"D" + data[16:]),
    )
    yield "empty", "the file is empty", "linkage", "not_one", _with(alter=lambda data: b"")
    cuts = {
        "in-magic": (15, "not_one"),
        "after-magic": (16, "length"),
        "in-header-length": (18, "length"),
        "after-header-length": (20, "length"),
        "in-header": (start - 65, "length"),
        "after-header": (start - 64, "length"),
        "in-signature": (start - 1, "length"),
        "after-signature": (start, "length"),
        "in-key": (start + 1167, "length"),
        "after-key": (start + 1168, "length"),
        "after-first-part": (start + first, "length"),
        "in-second-part": (start + first + 1200, "length"),
        "last-byte": (len(whole) - 1, "length"),
    }
    for name, (end, error) in cuts.items():
        yield (
            f"cut-{name}",
            f"the file ends after {end} bytes",
            "linkage",
            error,
            _with(alter=lambda data, end=end: data[:end]),
        )
    yield "byte-more", "a byte 0 follows the last part", "linkage", "length", _with(alter=lambda data: data + b"\0")
    yield "twice", "the file is there twice", "linkage", "length", _with(alter=lambda data: data * 2)


def _header_faults() -> Iterator[Fault]:
    def refused(name: str, fault: str, file: Sealed, error: str = "header") -> Fault:
        return f"header-{name}", fault, "linkage", error, file

    def member(name: str, fault: str, error: str = "header", **members: Any) -> Fault:
        # Parts are bound to the wrong member too, so nothing else is wrong.
        return refused(name, fault, replace(submission(), members=members, bound=members), error)

    yield member("spec-2", "`spec` is 2", "spec", spec=2)
    yield member("suite", "`suite` is without ML-KEM", "suite", suite="X25519, HKDF-SHA256, AES-256-GCM")
    yield member("suite-null", "`suite` is null", "suite", suite=None)
    yield member("unknown-member", "there is a member `note`", note="")
    yield member("period", "there is a member `period`", period="2026-03")
    yield member("kind", "`kind` is `receipt`", kind="receipt")
    yield member("reporter", "`reporter` has a space", reporter="body 1")
    yield member("signer", "`signer` is in upper case", signer=signer_fingerprint(REPORTER_SECRET).upper())
    yield member("key-id-null", "`key_id` of a submission is null", key_id=None)
    yield member("epoch-null", "`epoch` of a submission is null", epoch=None)
    yield member("profile-null", "`profile_digest` of a submission is null", profile_digest=None)
    yield member("sequence", "`sequence` is -1", sequence=-1)
    yield member("previous", "`previous` is no digest", previous="first")
    right = submission()
    missing = {name: value for name, value in right.header.items() if name != "previous"}
    yield refused("missing-member", "there is no member `previous`", replace(right, header=missing))
    spaces = replace(right, text=lambda text: text.replace(b":", b": ", 1))
    yield refused("spaces", "a space follows a colon", spaces)
    escaped = replace(right, text=lambda text: text.replace(b"body-1", rb"\u0062ody-1"))
    yield refused("escape", "a letter is written as an escape", escaped)
    number = replace(right, text=lambda text: text.replace(b'"sequence":7', b'"sequence":7.0'))
    yield refused("number-form", "`sequence` is written as 7.0", number)
    twice = replace(right, text=lambda text: text.replace(b'"spec":3', b'"spec":3,"spec":3'))
    yield refused("member-twice", "`spec` is there twice", twice)
    nothing = replace(right, text=lambda text: b"")
    yield refused("empty", "the header is empty", nothing)
    long = replace(right, text=lambda text: text + b" " * (4097 - len(text)))
    yield refused("too-long", "the header has 4,097 bytes", long)
    reversed_parts = replace(right, parts=right.parts[::-1])
    yield refused("parts-order", "the part for the statistics unit comes first", reversed_parts)
    yield refused("parts-one", "a submission has one part", replace(right, parts=right.parts[:1]))
    yield refused("parts-three", "a submission has three parts", replace(right, parts=[*right.parts, right.parts[1]]))
    twice_linkage = [right.parts[0], replace(right.parts[1], unit="linkage", recipient=LINKAGE)]
    yield refused("parts-one-unit", "both parts are for the linkage unit", replace(right, parts=twice_linkage))
    of_totals = replace(counted(), members={"epoch": 1}, bound={"epoch": 1})
    yield "header-totals-with-epoch", "totals have an epoch", "statistics", "header", of_totals
    own = replace(withdrawal(), members={"profile_digest": "0f" * 32}, bound={"profile_digest": "0f" * 32})
    yield "header-withdrawal-with-profile", "a withdrawal has a profile", "statistics", "header", own
    no_chunk = withdrawal()
    no_chunk.parts[0].chunks = lambda chunks: []
    yield "header-no-chunk", "a part has no chunk", "statistics", "header", no_chunk
    hollow = withdrawal(CHUNK)
    hollow.parts[0].chunks = lambda chunks: [(chunks[0][0], 0, False), (b"", 1, True)]
    yield "header-empty-chunk", "the last chunk of a part is empty", "statistics", "header", hollow


def _signature_faults() -> Iterator[Fault]:
    other = signer_fingerprint(OTHER_SECRET)
    yield (
        "signer-other",
        "another reporter's key has signed, and `signer` says so",
        "linkage",
        "signer",
        _with(signer=OTHER_SECRET, members={"signer": other}, bound={"signer": other}),
    )
    yield "signature-other-key", "another reporter's key has signed", "linkage", "signature", _with(signer=OTHER_SECRET)
    yield (
        "signature-of-other-header",
        "the signature is of another header",
        "linkage",
        "signature",
        _with(signed=lambda digest: lp("pseudonym/3/sealed-signature", digest[::-1])),
    )
    yield (
        "signature-without-label",
        "the digest alone is signed",
        "linkage",
        "signature",
        _with(signed=lambda digest: digest),
    )
    yield (
        "signature-of-hexadecimal",
        "the digest is signed as hexadecimal digits",
        "linkage",
        "signature",
        _with(signed=lambda digest: lp("pseudonym/3/sealed-signature", digest.hex())),
    )
    start = submission().start()
    yield (
        "signature-zero",
        "the signature is 64 bytes 0",
        "linkage",
        "signature",
        _with(alter=lambda data: data[: start - 64] + bytes(64) + data[start:]),
    )
    yield (
        "header-altered",
        "`sequence` is altered after the header was signed",
        "linkage",
        "signature",
        _with(alter=lambda data: data.replace(b'"sequence":7', b'"sequence":8', 1)),
    )
    yield (
        "header-digest-altered",
        "the digest of a part is altered after that",
        "linkage",
        "signature",
        _with(
            alter=lambda data: _altered(
                data, at := data.index(b'"digest":"') + 10, b"0" if data[at] == ord("1") else b"1"
            )
        ),
    )


def _altered(data: bytes, at: int, byte: bytes) -> bytes:
    return data[:at] + byte + data[at + 1 :]


def _flipped(data: bytes, at: int) -> bytes:
    return _altered(data, at, bytes([data[at] ^ 1]))


def _part_faults() -> Iterator[Fault]:
    start = submission().start()
    yield "other-unit", "a withdrawal has no part for the linkage unit", "linkage", "other_unit", withdrawal()
    to_other = submission()
    to_other.parts[0].recipient = OTHER
    yield "recipient-other", "the part is encrypted to another linkage unit", "linkage", "recipient", to_other
    places = {"encapsulated secret": 0, "wrapped key": 1130, "first chunk": 1168}
    for name, at in places.items():
        yield (
            f"part-{name.replace(' ', '-')}-altered",
            f"a bit of the {name} is flipped",
            "linkage",
            "digest",
            _with(alter=lambda data, at=at: _flipped(data, start + at)),
        )
    first = len(submission().encrypted()[0])
    yield (
        "part-tag-altered",
        "a bit of the last tag is flipped",
        "linkage",
        "digest",
        _with(alter=lambda data: _flipped(data, start + first - 1)),
    )
    yield (
        "parts-exchanged",
        "the parts have changed places",
        "linkage",
        "digest",
        _with(alter=lambda data: data[:start] + data[start + first :] + data[start : start + first]),
    )
    yield (
        "second-part-altered",
        "a bit of the part for the other unit is flipped",
        "linkage",
        "digest",
        _with(alter=lambda data: _flipped(data, len(data) - 1)),
    )


def _key_faults() -> Iterator[Fault]:
    def linkage(name: str, fault: str, **pieces: Any) -> Fault:
        file = submission()
        file.parts[0] = replace(file.parts[0], **pieces)
        return f"key-{name}", fault, "linkage", "key", file

    yield linkage("for-other-unit", "the key is encrypted to the statistics unit", recipient=STATISTICS, named=LINKAGE)
    yield linkage("of-part-1", "the key is bound to part 1", place=("linkage", 1))
    yield linkage("of-statistics", "the key is bound to the part of the statistics unit", place=("statistics", 0))
    for name, value in {"sequence": 8, "reporter": "body-2", "signer": signer_fingerprint(OTHER_SECRET)}.items():
        bound = _with(bound={name: value})
        yield f"key-of-other-{name}", f"the key is bound to another `{name}`", "linkage", "key", bound
    swapped = _with(data=lambda data: data[::-1])
    yield "key-of-exchanged-parts", "the parts changed places before the header was made", "linkage", "key", swapped
    altered = submission()
    altered.parts[0].alter = lambda data: _flipped(data, 40)
    yield (
        "key-encapsulated-altered",
        "a bit of the encapsulated secret is flipped, and signed",
        "linkage",
        "key",
        altered,
    )


def _chunk_faults() -> Iterator[Fault]:
    def made(name: str, fault: str, chunks: Callable[[Chunks], Chunks]) -> Fault:
        file = withdrawal(CHUNK + 1)
        file.parts[0].chunks = chunks
        return f"chunk-{name}", fault, "statistics", "content", file

    def whole(name: str, fault: str, alter: Callable[[bytes], bytes]) -> Fault:
        file = withdrawal(CHUNK + 1)
        file.parts[0].alter = alter
        return f"chunk-{name}", fault, "statistics", "content", file

    first, last = 1168, 1168 + CHUNK + 16
    yield whole("first-dropped", "the first of two chunks is missing", lambda data: data[:first] + data[last:])
    yield whole("last-dropped", "the last of two chunks is missing", lambda data: data[:last])
    yield made(
        "exchanged",
        "two full chunks have changed places",
        lambda chunks: [(chunks[0][0], 1, False), (chunks[0][0][::-1], 0, False), (b"x", 2, True)],
    )
    yield made("flag-missing", "the last chunk is not marked", lambda chunks: [chunks[0], (chunks[1][0], 1, False)])
    yield made("flag-early", "both chunks are marked as the last", lambda chunks: [(chunks[0][0], 0, True), chunks[1]])
    yield made(
        "counted-from-1", "chunks are counted from 1", lambda chunks: [(one, j + 1, end) for one, j, end in chunks]
    )
    yield whole("altered", "a bit of the first chunk is flipped, and signed", lambda data: _flipped(data, first))
    yield whole(
        "tag-altered", "a bit of the last tag is flipped, and signed", lambda data: _flipped(data, len(data) - 1)
    )
    of_other = submission()
    of_other.parts[0].chunk_place = ("statistics", 1)
    yield "chunk-of-other-part", "chunks are bound to the other part", "linkage", "content", of_other


def _inner_faults() -> Iterator[Fault]:
    for name, value in {
        "sequence": 8,
        "reporter": "body-2",
        "previous": "0f" * 32,
        "key_id": "0f" * 16,
        "epoch": 2,
        "profile_digest": "0f" * 32,
    }.items():
        file = submission()
        file.header = {**file.header, name: value}
        fault = f"the header of the part has another `{name}`"
        yield f"inside-other-{name.replace('_', '-')}", fault, "linkage", "differs", file
    later = withdrawal()
    later.header = {**later.header, "sequence": 9}
    yield "inside-withdrawal-sequence", "the withdrawal has another `sequence`", "statistics", "differs", later
    codes, cases, _ = _plain("valid")
    for name, plain, unit in (("cases", cases, "linkage"), ("submission", base().write(), "linkage")):
        file = submission()
        file.parts[0] = replace(file.parts[0], plain=plain)
        yield f"inside-{name}", f"in the part for the {unit} unit is a file of {name}", unit, "part", file
    file = submission()
    file.parts[1] = replace(file.parts[1], plain=codes)
    yield "inside-codes", "in the part for the statistics unit are the codes", "statistics", "part", file
