"""The cryptographic long-term key (CLK): all fields of a record in one Bloom filter [Schnell2011]."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import TYPE_CHECKING, Final, Literal

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from pseudonym.classic.bits import filter_with, fold_xor
from pseudonym.classic.hashing import Hashing, Keys, check_hashing, positions
from pseudonym.classic.rules import classic_error
from pseudonym.classic.tokens import qgrams
from pseudonym.key_file import KeyHandle

if TYPE_CHECKING:
    from bitarray import bitarray

__all__ = ["ClkEncoder", "Feature", "balance", "clk"]

KEY_BYTES: Final = 64
"""As in clkhash: the block of SHA-1 and MD5, and the longest key of BLAKE2b."""

MAX_FEATURES: Final = 63
"""HKDF-SHA256 gives at most 255 blocks of 32 bytes, and a feature takes four [RFC5869]."""

LENGTHS: Final = range(8, (1 << 20) + 1)
HASHES: Final = range(1, 1001)
BITS: Final = range(1, 100_001)
Q: Final = range(1, 17)
FOLDS: Final = range(17)

KNOWN_BITS: Final = 1 << 28
"""How many bits of filters of single tokens are kept: 32 MiB, 262,144 tokens of 1,024 bits."""

PERMUTATION: Final = b"classic balance"


@dataclass(frozen=True, slots=True)
class Feature:
    """How one field of a record enters a filter.

    Attributes:
        name: The field.
        q: The length of its q-grams.
        padding: The character before and after the value; empty for none (see `qgrams`).
        positional: Whether its q-grams have positions.
        whole: Whether the value is one token, so that only equal values are similar.
        hashes: The number of hashes of a token; None for that of the encoder. More hashes give a field more weight.
        bits: The number of hashes of a value, spread over its tokens, so that a long value weighs as much as a short
            one; None for a number per token. A token that stands twice spends its hashes twice on the same bits.
    """

    name: str
    q: int = 2
    padding: str = " "
    positional: bool = False
    whole: bool = False
    hashes: int | None = None
    bits: int | None = None

    def __post_init__(self) -> None:
        """Check the settings."""
        right = {
            "name": _is_text(self.name) and bool(self.name),
            "q": _is_in(self.q, Q),
            "padding": _is_text(self.padding) and len(self.padding) <= 1,
            "hashes": self.hashes is None or _is_in(self.hashes, HASHES),
            "bits": self.bits is None or (_is_in(self.bits, BITS) and self.hashes is None),
        }
        for setting, is_right in right.items():
            if not is_right:
                raise classic_error("classic.feature", field=setting)

    def tokens(self, value: str) -> list[str]:
        """Return the tokens of a value."""
        if self.whole:
            return [value] if value else []
        return qgrams(value, self.q, padding=self.padding, positional=self.positional)

    def hashes_of(self, n_tokens: int, default: int) -> list[int]:
        """Return the number of hashes of each of the tokens of a value; the first ones take what is left over.

        Args:
            n_tokens: The number of tokens, at least 1.
            default: The number of hashes of the encoder.

        Sees: neither
        """
        if self.bits is None:
            return [self.hashes or default] * n_tokens
        each, rest = divmod(self.bits, n_tokens)
        return [each + 1] * rest + [each] * (n_tokens - rest)


class ClkEncoder(KeyHandle):
    """Makes filters of records; it holds the secret, and cannot be printed, pickled or copied.

    Keys are derived from the secret by HKDF-SHA256 [RFC5869] as in clkhash, two of 64 bytes per feature. With the
    hashings `double`, `double-nonsingular` and `blake` the filters are those of clkhash, bit by bit, for comparisons
    of the types `ngram` and `exact`, an HKDF with SHA-256, and an empty text for a missing value. Two encoders are
    comparable only if they have the same settings and features in the same order.

    Such filters are for research: all records can be compared with each other, and the graph of their similarities
    identifies persons however the bits are hardened [Vidanage2020].

    Attributes:
        features: The features, in order.
        length: The length of a filter in bits.
        hashes: The number of hashes of a token.
        hashing: How positions are derived: `double`, `double-nonsingular`, `blake` or `random`.
        folds: How many times a filter is folded; it is made `2 ** folds` times as long.
    """

    __slots__ = ("_keys", "_known", "features", "folds", "hashes", "hashing", "length")

    def __init__(
        self,
        features: Iterable[Feature | str],
        secret: str | bytes,
        *,
        length: int = 1024,
        hashes: int = 30,
        hashing: Hashing = "double",
        folds: int = 0,
        salt: bytes = b"",
        info: bytes = b"",
        keys: Literal["place", "name"] = "place",
    ) -> None:
        """Derive the keys.

        Args:
            features: The features; a name alone stands for bigrams of that field.
            secret: The secret; text is taken in UTF-8.
            length: See the attributes.
            hashes: See the attributes.
            hashing: See the attributes.
            folds: See the attributes.
            salt: The salt of the HKDF.
            info: The context of the HKDF.
            keys: Whether the keys of a feature depend on its place, as in clkhash, or on its name.

        Raises:
            ClassicError: `classic.features`, `classic.secret`, `classic.length`, `classic.hashes`, `classic.folds`,
                `classic.hashing` or `classic.power_of_two`; of a feature that is only named, `classic.feature`.

        Sees: key
        """
        self.features = tuple(Feature(one) if isinstance(one, str) else one for one in features)
        names = [feature.name for feature in self.features]
        if not 0 < len(names) <= MAX_FEATURES or len(set(names)) < len(names):
            raise classic_error("classic.features", field="features")
        if not _is_in(folds, FOLDS):
            raise classic_error("classic.folds", field="folds")
        if not _is_in(length, LENGTHS) or length << folds not in LENGTHS:
            raise classic_error("classic.length", field="length")
        if not _is_in(hashes, HASHES):
            raise classic_error("classic.hashes", field="hashes")
        check_hashing(hashing, length << folds)
        self.length, self.hashes, self.hashing, self.folds = length, hashes, hashing, folds
        derive = _keys_by_name if keys == "name" else _keys_by_place
        self._keys = derive(_secret_bytes(secret), names, salt, info)
        self._known: dict[tuple[int, str, int], bitarray] = {}

    def encode(self, values: Mapping[str, str | None]) -> bitarray:
        """Return the filter of a record.

        Args:
            values: The text of each field, by the name of its feature. A field that is missing, None or empty sets no
                bit.

        Returns:
            A big-endian bitarray of `length` bits.

        Raises:
            ClassicError: `classic.field` for a field that no feature reads, `classic.value` for a value that is no
                text, `classic.extra` if the package bitarray is not installed.

        Sees: plaintext and key
        """
        if not values.keys() <= {feature.name for feature in self.features}:
            raise classic_error("classic.field")
        bits = filter_with((), self.length << self.folds)
        for place, feature in enumerate(self.features):
            value = values.get(feature.name)
            if value is None:
                continue
            if not isinstance(value, str):
                raise classic_error("classic.value", field=feature.name)
            tokens = feature.tokens(value)
            for token, n_hashes in zip(tokens, feature.hashes_of(len(tokens) or 1, self.hashes), strict=False):
                bits |= self._bits_of(place, token, n_hashes)
        return fold_xor(bits, self.folds)

    def encode_all(self, records: Iterable[Mapping[str, str | None]]) -> list[bitarray]:
        """Return the filters of records, in order.

        Args:
            records: See `encode`.

        Sees: plaintext and key
        """
        return [self.encode(values) for values in records]

    def _bits_of(self, place: int, token: str, n_hashes: int) -> bitarray:
        """Return the bits of a token, which most records share with another."""
        known = self._known.get((place, token, n_hashes))
        if known is not None:
            return known
        n_bits = self.length << self.folds
        data = token.encode("utf-8", "surrogatepass")
        found = positions(data, self._keys[place], hashing=self.hashing, n_hashes=n_hashes, n_bits=n_bits)
        if (len(self._known) + 1) * n_bits > KNOWN_BITS:
            self._known.clear()
        bits = self._known[place, token, n_hashes] = filter_with(found, n_bits)
        return bits


def clk(
    fields: Mapping[str, str | None],
    secret: str | bytes,
    *,
    length: int = 1024,
    hashes: int = 30,
    q: int = 2,
    hashing: Hashing = "double",
) -> bitarray:
    """Return the filter of one record whose fields are all encoded alike.

    The keys of a field depend on its name, so neither the order of the fields nor an absent one matters.

    Args:
        fields: The text of each field; None or an empty text sets no bit.
        secret: See `ClkEncoder`, as for the rest.
        length: The length of the filter in bits.
        hashes: The number of hashes of a token.
        q: The length of the q-grams.
        hashing: How positions are derived.

    Returns:
        A big-endian bitarray of `length` bits.

    Raises:
        ClassicError: As for `ClkEncoder` and its `encode`.

    Sees: plaintext and key
    """
    features = [Feature(name, q=q) for name in fields]
    encoder = ClkEncoder(features, secret, length=length, hashes=hashes, hashing=hashing, keys="name")
    return encoder.encode(fields)


def balance(filters: Sequence[bitarray], secret: str | bytes) -> list[bitarray]:
    """Append to each filter its negation, and permute the bits: then half of all bits are set in every filter.

    A hardening [Schnell2016a]: the number of bits tells no more how much a record has. The similarity of two empty
    filters becomes 1.

    Args:
        filters: Filters of equal length.
        secret: The secret of the permutation.

    Returns:
        Filters of twice the length; equal secrets give equal permutations.

    Raises:
        ClassicError: `classic.lengths`, `classic.secret` or `classic.extra`.

    Sees: key
    """
    lengths = {len(one) for one in filters}
    if len(lengths) > 1:
        raise classic_error("classic.lengths")
    key = _derived(_secret_bytes(secret), b"", PERMUTATION, 1)[0][0]
    order = _permutation(key, 2 * max(lengths, default=0))
    return [_permuted(one + ~one, order) for one in filters]


def _is_in(value: object, allowed: range) -> bool:
    return type(value) is int and value in allowed


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _permutation(key: bytes, n_bits: int) -> list[int]:
    """Sort positions by a keyed hash, which is the same under every version of any package."""
    return sorted(range(n_bits), key=lambda place: blake2b(place.to_bytes(8, "little"), key=key).digest())


def _permuted(bits: bitarray, order: Sequence[int]) -> bitarray:
    return filter_with((place for place, source in enumerate(order) if bits[source]), len(order))


def _secret_bytes(secret: object) -> bytes:
    if isinstance(secret, str):
        secret = secret.encode("utf-8", "surrogatepass")
    if not isinstance(secret, bytes) or not secret:
        raise classic_error("classic.secret", field="secret")
    return secret


def _keys_by_place(secret: bytes, names: Sequence[str], salt: bytes, info: bytes) -> tuple[Keys, ...]:
    return _derived(secret, salt, info, len(names))


def _keys_by_name(secret: bytes, names: Sequence[str], salt: bytes, info: bytes) -> tuple[Keys, ...]:
    return tuple(_derived(secret, salt, info + b"\0" + name.encode(), 1)[0] for name in names)


def _derived(secret: bytes, salt: bytes, info: bytes, n_features: int) -> tuple[Keys, ...]:
    """Derive two keys per feature, one feature after the other."""
    hkdf = HKDF(algorithm=SHA256(), length=2 * KEY_BYTES * n_features, salt=salt or None, info=info)
    data = hkdf.derive(secret)
    keys = [data[place : place + KEY_BYTES] for place in range(0, len(data), KEY_BYTES)]
    return tuple(zip(keys[::2], keys[1::2], strict=True))
