"""Encode as docs/spec.md says, sections 1 to 3 and 5 to 7: slowly, plainly, and from that page alone.

This is the second implementation that the test vectors come from. It imports nothing of the library, so that an error
has to be made twice, by two readers of one page, before a vector agrees with it. Besides the standard library it
uses HKDF and AES of the `cryptography` package. The one file it shares with the library is the file of frozen tables.
"""

from __future__ import annotations

import base64
import functools
import hashlib
import json
from dataclasses import dataclass, replace
from datetime import date
from itertools import product
from typing import Any, Final, NamedTuple

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import ECB
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from tests.vectors.read_names import sound
from tests.vectors.reading import Identity, Record, distinct, identities
from tests.vectors.tables import tables

__all__ = [
    "Code",
    "Keys",
    "canonical_json",
    "codes",
    "content_bytes",
    "key_id",
    "key_text",
    "layout",
    "lp",
    "n_bits",
    "pad",
    "profile_digest",
    "subkey",
]

SUBKEYS: Final = {
    "match_keys": "pseudonym/3/match-key",
    "bands": "pseudonym/3/band",
    "tokens": "pseudonym/3/token",
    "minhash_tokens": "pseudonym/3/minhash-token",
    "filters": "pseudonym/3/filter",
    "minhash_rows": "pseudonym/3/minhash-rows",
    "noise_seeds": "pseudonym/3/noise-seed",
    "unfilled": "pseudonym/3/unfilled",
    "noise_blocks": "pseudonym/3/noise-block",
    "handles": "pseudonym/3/order",
}
BODY_NOISE: Final = {
    "noise_seeds": "pseudonym/3/body-noise-seed",
    "unfilled": "pseudonym/3/body-unfilled",
    "noise_blocks": "pseudonym/3/body-noise-block",
}

# Section 1: conventions.


def lp(*items: str | bytes | None) -> bytes:
    """Return the items, each after its length; an absent item is four bytes FF."""
    out = b""
    for item in items:
        data = item.encode() if isinstance(item, str) else item
        out += b"\xff\xff\xff\xff" if data is None else len(data).to_bytes(4, "little") + data
    return out


def blake2b(n_bits: int, key: bytes, data: bytes) -> bytes:
    return hashlib.blake2b(data, key=key, digest_size=n_bits // 8).digest()


@functools.cache
def _block_function(key: bytes) -> Any:
    # One block at a time through the "mode" without chaining is the bare block function that the page asks for.
    return Cipher(AES(key), ECB()).encryptor().update


def aes(key: bytes, block: bytes) -> bytes:
    assert len(key) == 32
    assert len(block) == 16
    return bytes(_block_function(key)(block))


def xor(a: bytes, b: bytes) -> bytes:
    return bytes(x ^ y for x, y in zip(a, b, strict=True))


def le128(n: int) -> bytes:
    return n.to_bytes(16, "little")


def hkdf(secret: bytes, info: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=info).derive(secret)


def canonical_json(value: Any) -> bytes:
    """Return RFC 8785 for what these documents hold: text, integers, booleans, null, lists and objects."""
    if isinstance(value, dict):
        # RFC 8785 sorts member names by their UTF-16 code units, not by code points.
        members = sorted(value.items(), key=lambda member: member[0].encode("utf-16-be"))
        return b"{" + b",".join(canonical_json(k) + b":" + canonical_json(v) for k, v in members) + b"}"
    if isinstance(value, list):
        return b"[" + b",".join(canonical_json(item) for item in value) + b"]"
    if isinstance(value, float):
        raise TypeError("no fractions in these documents")
    return json.dumps(value, ensure_ascii=False).encode()


# Section 2: keys.


def key_text(secret: bytes, project: str, epoch: int | str) -> str:
    """Return the text form of a key; the epoch may be any text, so that bad keys can be made with a right check."""
    return with_check(f"PSEUDONYM-SECRET-LINKAGE-KEY-1.{project}.{epoch}.{base32(secret)}")


def base32(secret: bytes) -> str:
    return base64.b32encode(secret).decode().rstrip("=")


def with_check(text: str) -> str:
    return f"{text}.{hashlib.sha256(text.encode()).hexdigest()[:8]}"


def key_id(secret: bytes, project: str, epoch: int) -> str:
    return hkdf(secret, lp("pseudonym/3/key-id", project, str(epoch)))[:16].hex()


def subkey(secret: bytes, project: str, epoch: int, label: str, digest: bytes) -> bytes:
    assert len(digest) == 32
    return hkdf(secret, lp(label, project, str(epoch), digest))


@dataclass(frozen=True)
class Keys:
    """The subkeys of one test key for one profile. Nothing here is secret: test keys are printed in keys.json."""

    match_keys: bytes
    bands: bytes
    tokens: bytes
    minhash_tokens: bytes
    filters: bytes
    minhash_rows: bytes
    noise_seeds: bytes
    unfilled: bytes
    noise_blocks: bytes
    handles: bytes

    @classmethod
    def derive(cls, secret: bytes, project: str, epoch: int, profile: dict[str, Any]) -> Keys:
        digest = bytes.fromhex(profile_digest(profile))
        return cls(**{name: subkey(secret, project, epoch, label, digest) for name, label in SUBKEYS.items()})

    def with_noise_of(self, body_secret: bytes, key: tuple[bytes, str, int], profile: dict[str, Any]) -> Keys:
        """Return the subkeys of a reporter with a body key."""
        context = key_id(*key), str(key[2]), bytes.fromhex(profile_digest(profile))
        return replace(self, **{name: hkdf(body_secret, lp(label, *context)) for name, label in BODY_NOISE.items()})


# Section 3: profile.


def profile_digest(profile: dict[str, Any]) -> str:
    counted = {member: profile[member] for member in ("format", "name", "version", "encoding")}
    return hashlib.sha256(lp("pseudonym/3/profile", canonical_json(counted))).hexdigest()


def n_bits(segment: dict[str, Any]) -> int:
    return int(segment["bits"]) * (int(segment["slots"]) if segment["form"] == "slots" else 1)


def content_bytes(encoding: dict[str, Any]) -> int:
    total = sum(n_bits(segment) + 8 for segment in encoding["segments"])
    return (total + 63) // 64 * 8


def layout(encoding: dict[str, Any]) -> list[tuple[int, int]]:
    """Return for each segment its first bit and the first bit of its presence slot."""
    first = []
    at = 0
    for segment in encoding["segments"]:
        first.append(at)
        at += n_bits(segment)
    return [(bit, at + 8 * i) for i, bit in enumerate(first)]


# Section 5: match keys.

Items = tuple[str, ...]


def part_values(part: str, person: Identity) -> list[Items]:
    """Return the values of one part, each a tuple of items; none where the identity lacks it."""
    sounds = distinct([*person.given.sounds, *person.family.sounds])
    if part == "number":
        number = person.number
        if number is None:
            return []
        reporter = () if person.reporter is None else (person.reporter,)
        return [(number.type, "valid" if number.valid else "text", number.compact, *reporter)]
    if part == "sound_pair":
        four = sounds[:4]
        pairs = [(four[i], four[j]) for i in range(len(four)) for j in range(i + 1, len(four))]
        return [tuple(sorted(pair, key=str.encode)) for pair in pairs]
    single: dict[str, list[str | None]] = {
        "foreign_number": [person.foreign_number],
        "year": [None if person.birth.margin else person.birth.year],
        "month": [person.birth.month],
        "day": [person.birth.day],
        "sex": [person.sex],
        "name_sound": [*sounds],
        "name_sound_2": distinct([one[:2] for one in sounds]),
        "given_sound": [*person.given.sounds],
        "family_sound": [*person.family.sounds],
    }
    return [(value,) for value in single[part] if value is not None]


def items_of(match_key: dict[str, Any], person: Identity) -> list[Items]:
    """Return the distinct combinations of one identity."""
    if person.is_unknown:
        return []
    choices = product(*(part_values(part, person) for part in match_key["parts"]))
    return distinct([tuple(item for value in choice for item in value) for choice in choices])


def combinations(
    match_key: dict[str, Any], persons: list[Identity], segments: list[dict[str, Any]]
) -> list[tuple[int, Items]]:
    """Return the place of an identity and the items of each code."""
    of_each = [items_of(match_key, person) for person in persons]
    shown = [[shown_tokens(segment["field"], person) for segment in segments] for person in persons]
    out: list[tuple[int, Items]] = []
    for turn in range(max(len(own) for own in of_each)):
        for i, own in enumerate(of_each):
            if turn < len(own) and own[turn] not in [items for _, items in out]:
                out.append((i, own[turn]))
    for i, items in list(out):
        carried = [shown[i]]
        for j, own in enumerate(of_each):
            if items in own and shown[j] not in carried:
                carried.append(shown[j])
                out.append((j, items))
    return out[: match_key["codes"]]


def minhash_tokens(weights: dict[str, int], person: Identity) -> list[tuple[str, str, int]]:
    """Return the tokens of an identity as tag, token and copy; none where fewer than eight differ."""
    by_weight = {
        "name_bigram": [("name", token) for token in distinct([*person.given.grams, *person.family.grams])],
        "birth_date": date_tokens(person),
        "serial": [("serial", token) for token in serial_tokens(person)],
        "foreign_bigram": [("foreign_number", token) for token in foreign_tokens(person)],
    }
    if sum(len(by_weight[w]) for w in weights) < 8:
        return []
    return [(tag, token, c) for w, n in weights.items() for tag, token in by_weight[w] for c in range(n)]


def minima(match_key: dict[str, Any], person: Identity, keys: Keys) -> list[int]:
    """Return the minimum of each row over the tokens of one identity; none where it has fewer than eight."""
    hashes = [
        blake2b(128, keys.minhash_tokens, lp(tag, token, str(copy)))
        for tag, token, copy in minhash_tokens(match_key["weights"], person)
    ]
    if not hashes:
        return []
    found = []
    for r in range(match_key["bands"] * match_key["rows"]):
        at = 8 * (r % 2)
        blocks = [aes(keys.minhash_rows, xor(h, le128(r // 2))) for h in hashes]
        found.append(min(int.from_bytes(block[at : at + 8], "little") for block in blocks))
    return found


def minhash_digests(match_key: dict[str, Any], person: Identity, keys: Keys) -> list[bytes]:
    """Return D of each band of one identity; none where it has no tokens."""
    found = minima(match_key, person, keys)
    if not found:
        return []
    digests = []
    for b in range(match_key["bands"]):
        rows = found[b * match_key["rows"] : (b + 1) * match_key["rows"]]
        data = lp(match_key["kind"], str(b), b"".join(row.to_bytes(8, "little") for row in rows))
        digests.append(blake2b(256, keys.bands, data))
    return digests


def digests_of_kind(
    match_key: dict[str, Any], persons: list[Identity], keys: Keys, segments: list[dict[str, Any]]
) -> list[tuple[int, bytes] | None]:
    """Return for each code of one kind the place of its identity and D, or None for a code that is missing."""
    if "parts" not in match_key:
        bands = [minhash_digests(match_key, person, keys) for person in persons]
        turns = [(b % len(persons), b) for b in range(match_key["bands"])]
        return [(i, bands[i][b]) if bands[i] else None for i, b in turns]
    made: list[tuple[int, bytes] | None] = [
        (i, blake2b(256, keys.match_keys, lp(match_key["kind"], *items)))
        for i, items in combinations(match_key, persons, segments)
    ]
    return made + [None] * (match_key["codes"] - len(made))


# Section 6: fields and tokens of a content.


def bigrams(text: str) -> list[str]:
    framed = "_" + text + "_"
    return [framed[i : i + 2] for i in range(len(framed) - 1)]


def foreign_tokens(person: Identity) -> list[str]:
    return distinct(bigrams(person.foreign_number)) if person.foreign_number else []


def evident(person: Identity) -> tuple[str | None, str | None]:
    """Return month and day, neither where they are those of a date that is registered for want of another."""
    month, day = person.birth.month, person.birth.day
    return (None, None) if f"{month}-{day}" in tables()["dates"]["defaults"] else (month, day)


def date_tokens(person: Identity) -> list[tuple[str, str]]:
    month, day = evident(person)
    year = None if person.birth.margin else person.birth.year
    parts = {"birth_year": year, "birth_month": month, "birth_day": day}
    return [(tag, digits) for tag, digits in parts.items() if digits is not None]


def serial_tokens(person: Identity) -> list[str]:
    if person.number is None or person.number.type == "other" or person.number.level == "osaker":
        return []
    return [f"{i}:{character}" for i, character in enumerate(person.number.compact[-4:])]


def year_tokens(person: Identity) -> list[str]:
    if person.birth.year is None:
        return []
    year, around = int(person.birth.year), 3 + person.birth.margin
    return [str(near) for near in range(year - around, year + around + 1)]


def name_pair(person: Identity) -> list[str]:
    """Return the leading words of both names in their order; none where one sounds as the other begins."""
    leads = [person.given.lead, person.family.lead]
    pair = sorted(leads, key=str.encode) if all(leads) else []
    if pair and any(sound(a).startswith(sound(b)) for a, b in (leads, leads[::-1])):
        return []
    return pair


def field_tokens(field: str, person: Identity) -> list[tuple[str, str]]:
    """Return tag and token of each token of a field, for a slots field in slot order; none where it is absent."""
    if field == "name_pair":
        return [("name_pair", f"{i}:{lead}") for i, lead in enumerate(name_pair(person))]
    if field == "record":
        names_and_numbers = ("given_names", "family_names", "foreign_number")
        tokens = [token for one in names_and_numbers for token in field_tokens(one, person)]
        return distinct(tokens + date_tokens(person) + field_tokens("serial", person))
    month, day = evident(person)
    tag, tokens_of_field = {
        "given_names": ("name", [*person.given.grams]),
        "family_names": ("name", [*person.family.grams]),
        "foreign_number": ("foreign_number", foreign_tokens(person)),
        "birth_year": ("year", year_tokens(person)),
        "birth_month": ("month_or_day", [f"0:{month[0]}", f"1:{month[1]}"] if month else []),
        "birth_day": ("month_or_day", [f"0:{day[0]}", f"1:{day[1]}"] if day else []),
        "serial": ("serial", serial_tokens(person)),
        "sex": ("sex", [f"0:{person.sex}"] if person.sex else []),
    }[field]
    return [(tag, token) for token in tokens_of_field]


# Section 7: content.


class Code(NamedTuple):
    """One code of a record. `seed` never leaves a reporter; it is None for a missing code."""

    kind: int
    match_key: bytes
    content: bytes
    seed: bytes | None


@dataclass(frozen=True)
class Drawing:
    """What the bits of one code are drawn with."""

    keys: Keys
    seed: bytes

    def numbers(self, tag: str, token: str, block: int) -> list[int]:
        """Return the eight numbers of E(tag, token, block)."""
        drawn = self.block(tag, token, block)
        return [int.from_bytes(drawn[2 * i : 2 * i + 2], "little") for i in range(8)]

    def block(self, tag: str, token: str, block: int) -> bytes:
        return aes(self.keys.filters, xor(self.seed, token_hash(self.keys.tokens, tag, token, block)))


@functools.lru_cache(maxsize=100_000)
def token_hash(key: bytes, tag: str, token: str, block: int) -> bytes:
    return blake2b(128, key, lp(tag, token, str(block)))


def set_bits(bits: list[int], first: int, value: int, width: int) -> None:
    """Put the bits of a number at a place, least significant first."""
    for i in range(width):
        bits[first + i] = value >> i & 1


def to_bits(data: bytes) -> list[int]:
    return [data[i // 8] >> (i % 8) & 1 for i in range(8 * len(data))]


def to_bytes(bits: list[int]) -> bytes:
    return bytes(sum(bits[8 * i + j] << j for j in range(8)) for i in range(len(bits) // 8))


def lay_out(segment: dict[str, Any], first: int, tokens: list[tuple[str, str]], bits: list[int], draw: Drawing) -> None:
    """Put one segment of a present field into the bits."""
    if segment["form"] == "filter":
        for tag, token in tokens:
            for j in range(segment["hashes"]):
                bits[first + draw.numbers(tag, token, j // 8)[j % 8] % segment["bits"]] = 1
        return
    assert len(tokens) == segment["slots"]
    for i, (tag, token) in enumerate(tokens):
        value = draw.numbers(tag, token, 0)[0] % 2 ** segment["bits"]
        set_bits(bits, first + i * segment["bits"], value, segment["bits"])


def presence_token(field: str, person: Identity) -> str:
    if field != "serial" or person.number is None:
        return field
    return f"serial:{person.number.type}" + ("" if person.reporter is None else f":{person.reporter}")


def shown_tokens(field: str, person: Identity) -> tuple[str, set[tuple[str, str]]] | None:
    """Return what a segment and its presence slot are made from, in no order; None where the field is absent."""
    tokens = field_tokens(field, person)
    return (presence_token(field, person), set(tokens)) if tokens else None


def pad(draw: Drawing, n_bytes: int) -> bytes:
    return b"".join(draw.block("pad", str(i), 0) for i in range((n_bytes + 15) // 16))[:n_bytes]


def content(encoding: dict[str, Any], person: Identity, draw: Drawing, noise: bytes) -> bytes:
    """Return the content of a filled code."""
    n_bytes = content_bytes(encoding)
    bits = [0] * (8 * n_bytes)
    from_noise: list[int] = []
    for segment, (first, presence) in zip(encoding["segments"], layout(encoding), strict=True):
        field = segment["field"]
        tokens = field_tokens(field, person)
        if tokens:
            lay_out(segment, first, tokens, bits, draw)
            set_bits(bits, presence, draw.numbers("presence", presence_token(field, person), 0)[0] % 256, 8)
            continue
        from_noise += range(presence, presence + 8)
        if encoding["padded"]:
            from_noise += range(first, first + n_bits(segment))
    if encoding["padded"]:
        bits = [a ^ b for a, b in zip(bits, to_bits(pad(draw, n_bytes)), strict=True)]
    noise_bits = to_bits(noise)
    for bit in from_noise:
        bits[bit] = noise_bits[bit]
    return to_bytes(bits)


def codes(record: Record, profile: dict[str, Any], keys: Keys, reporter: str, reference: date) -> list[Code]:
    """Return all codes of a record in the order of their code slots `g`."""
    encoding = profile["encoding"]
    persons = identities(record, reference, reporter)
    n_bytes = content_bytes(encoding)
    n_seed = blake2b(128, keys.noise_seeds, lp(reporter, record.record_id))
    filled: dict[int, Code] = {}
    kinds: list[int] = []
    for kind, match_key in enumerate(encoding["match_keys"]):
        for found in digests_of_kind(match_key, persons, keys, encoding["segments"]):
            if found:
                place, digest = found
                noise = noise_bytes(keys, xor(n_seed, digest[16:]), 0, n_bytes)
                made = content(encoding, persons[place], Drawing(keys, digest[16:]), noise)
                filled[len(kinds)] = Code(kind, digest[:16], made, digest[16:])
            kinds.append(kind)
    u_seed = unfilled_seed(keys, reporter, record.record_id, list(filled.values()))
    return [filled[g] if g in filled else unfilled(keys, kind, u_seed, g, n_bytes) for g, kind in enumerate(kinds)]


def noise_bytes(keys: Keys, seed: bytes, first: int, n_bytes: int) -> bytes:
    blocks = (aes(keys.noise_blocks, xor(seed, le128(first + i))) for i in range((n_bytes + 15) // 16))
    return b"".join(blocks)[:n_bytes]


def unfilled_seed(keys: Keys, reporter: str, record_id: str, filled: list[Code]) -> bytes:
    """Return U: it changes whenever a filled code of the record does."""
    joined = b"".join(sorted(bytes([code.kind]) + code.match_key + code.content for code in filled))
    return blake2b(128, keys.unfilled, lp(reporter, record_id, joined))


def unfilled(keys: Keys, kind: int, u_seed: bytes, g: int, n_bytes: int) -> Code:
    """Return the code of a slot that is not filled."""
    match_key = aes(keys.noise_blocks, xor(u_seed, le128(g * 65536 + 65535)))
    return Code(kind, match_key, noise_bytes(keys, u_seed, g * 65536, n_bytes), None)
