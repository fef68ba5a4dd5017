"""Public keys of reporters and units: one line of text each, and a fingerprint that two people can read to each other.

A reporter signs; its public key is one of Ed25519 [RFC8032]. A unit also receives: its public key is one of HPKE
[RFC9180] with the hybrid ML-KEM-768 and X25519 [Connolly2024], which holds as long as one of the two does, and one of
Ed25519 (docs/spec.md, section 12).
"""

from __future__ import annotations

import hashlib
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar, Final, Literal, Protocol, Self, get_args

from cryptography.exceptions import InternalError, InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey, MLKEM768PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import MLKEM768X25519PrivateKey, MLKEM768X25519PublicKey

from pseudonym.canonical import length_prefixed
from pseudonym.errors import PublicKeyError
from pseudonym.key_file import KeyTextError, format_line, parse_line
from pseudonym.labels import LABELS

__all__ = [
    "UNITS",
    "BodyPublicKey",
    "BodySigner",
    "HybridPrivateKey",
    "PublicKeyError",
    "Unit",
    "UnitPublicKey",
    "UnitSigner",
    "verify_bytes_of",
]

Unit = Literal["linkage", "statistics"]
UNITS: Final[tuple[Unit, ...]] = get_args(Unit)

VERIFY_BYTES: Final = 32
X25519_BYTES: Final = 32
MLKEM_BYTES: Final = 1184
MLKEM_SEED_BYTES: Final = 64
HPKE_BYTES: Final = MLKEM_BYTES + X25519_BYTES

_GROUPS: Final = 6
_GROUP_BYTES: Final = 5
_GROUP_DIGITS: Final = 5
"""Six groups of five digits to be read aloud, some 100 bits: nobody finds another key with the same."""


@dataclass(frozen=True, slots=True)
class _PublicKey(ABC):
    """What all public keys have.

    Attributes:
        verify_bytes: The Ed25519 public key, 32 bytes.
    """

    LABEL: ClassVar[str]

    verify_bytes: bytes

    @property
    @abstractmethod
    def text(self) -> str:
        """The key as one line of text."""

    @property
    def fingerprint(self) -> str:
        """64 hexadecimal digits that identify the key, for programs."""
        return self._digest().hex()

    @property
    def spoken(self) -> str:
        """The fingerprint as six groups of five digits, for two people who compare it by telephone."""
        digest = self._digest()
        starts = range(0, _GROUPS * _GROUP_BYTES, _GROUP_BYTES)
        numbers = (int.from_bytes(digest[start : start + _GROUP_BYTES], "big") for start in starts)
        return " ".join(f"{number % 10**_GROUP_DIGITS:0{_GROUP_DIGITS}d}" for number in numbers)

    @property
    def verify_key(self) -> Ed25519PublicKey:
        """The key that checks signatures."""
        return Ed25519PublicKey.from_public_bytes(self.verify_bytes)

    def verify(self, signature: bytes, message: bytes) -> None:
        """Check a signature.

        Args:
            signature: 64 bytes.
            message: What was signed.

        Raises:
            PublicKeyError: `public_key.signature` if it is not this key's signature of the message.
        """
        try:
            self.verify_key.verify(signature, message)
        except InvalidSignature:
            raise PublicKeyError(
                "public_key.signature",
                "The signature is not that of this key, or what was signed has been altered.",
                hint="Ask whoever signed it for the file again, and compare the fingerprint of the key by telephone.",
            ) from None

    def _digest(self) -> bytes:
        line = self.text.rpartition(".")[0]
        return hashlib.sha256(length_prefixed(LABELS["public_key"], line)).digest()


@dataclass(frozen=True, slots=True)
class BodyPublicKey(_PublicKey):
    """The public key of a reporter."""

    LABEL = "PSEUDONYM-PUBLIC-BODY-KEY-1"

    @property
    def text(self) -> str:
        """The key as one line of text."""
        return format_line(self.LABEL, self.verify_bytes)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read the text form.

        Args:
            text: One line.

        Raises:
            PublicKeyError: `public_key.form` if it is no public key of a reporter, `public_key.check` if its check
                digits are wrong.
        """
        _, key = _parsed(text, cls.LABEL, n_bytes=VERIFY_BYTES, n_fields=0)
        return cls(key)


@dataclass(frozen=True, slots=True)
class UnitPublicKey(_PublicKey):
    """The public key of a unit of the registry.

    Attributes:
        unit: Which unit.
        hpke_bytes: The HPKE public key: that of ML-KEM-768, 1184 bytes, and that of X25519, 32 bytes.
    """

    LABEL = "PSEUDONYM-PUBLIC-UNIT-KEY-1"

    unit: Unit
    hpke_bytes: bytes

    @property
    def text(self) -> str:
        """The key as one line of text."""
        return format_line(self.LABEL, self.hpke_bytes + self.verify_bytes, fields=(self.unit,))

    @property
    def hpke_key(self) -> MLKEM768X25519PublicKey:
        """The key to which parts for this unit are encrypted."""
        return _hpke_key(self.hpke_bytes)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read the text form.

        Args:
            text: One line.

        Raises:
            PublicKeyError: `public_key.form` if it is no public key of a unit, `public_key.check` if its check digits
                are wrong.
        """
        fields, key = _parsed(text, cls.LABEL, n_bytes=HPKE_BYTES + VERIFY_BYTES, n_fields=1)
        unit = next((unit for unit in UNITS if fields == [unit]), None)
        if unit is None:
            raise _not_a_key()
        found = cls(key[HPKE_BYTES:], unit, key[:HPKE_BYTES])
        try:
            # Not every text of this length is a key of ML-KEM [FIPS203].
            _hpke_key(found.hpke_bytes)
        except (ValueError, InternalError):
            raise _not_a_key() from None
        return found


class BodySigner(Protocol):
    """The key of a reporter, `pseudonym.keyed.BodyKey`."""

    @property
    def public(self) -> BodyPublicKey:
        """Its public form."""

    def sign(self, message: bytes) -> bytes:
        """Return the signature of a message, 64 bytes."""


class UnitSigner(Protocol):
    """The key of a unit, `linkage.keys.UnitKey`."""

    @property
    def public(self) -> UnitPublicKey:
        """Its public form."""

    def sign(self, message: bytes) -> bytes:
        """Return the signature of a message, 64 bytes."""


class HybridPrivateKey:
    """The private key of HPKE, made from a seed as in [Connolly2024]: SHAKE256 gives both halves.

    Attributes:
        key: The key, for `cryptography`.
        public_bytes: Its public form, 1216 bytes.
    """

    __slots__ = ("key", "public_bytes")

    def __init__(self, seed: bytes) -> None:
        """Take 32 secret bytes."""
        both = hashlib.shake_256(seed).digest(MLKEM_SEED_BYTES + X25519_BYTES)
        mlkem = MLKEM768PrivateKey.from_seed_bytes(both[:MLKEM_SEED_BYTES])
        x25519 = X25519PrivateKey.from_private_bytes(both[MLKEM_SEED_BYTES:])
        self.key = MLKEM768X25519PrivateKey(mlkem, x25519)
        self.public_bytes = mlkem.public_key().public_bytes_raw() + x25519.public_key().public_bytes_raw()

    def __repr__(self) -> str:
        """Show the class only."""
        return "<HybridPrivateKey>"


def _hpke_key(public_bytes: bytes) -> MLKEM768X25519PublicKey:
    return MLKEM768X25519PublicKey(
        MLKEM768PublicKey.from_public_bytes(public_bytes[:MLKEM_BYTES]),
        X25519PublicKey.from_public_bytes(public_bytes[MLKEM_BYTES:]),
    )


def verify_bytes_of(key: Ed25519PrivateKey) -> bytes:
    """Return the public half of a signing key, 32 bytes."""
    return key.public_key().public_bytes_raw()


def _parsed(text: str, label: str, *, n_bytes: int, n_fields: int) -> tuple[list[str], bytes]:
    try:
        return parse_line(text, label, n_bytes=n_bytes, n_fields=n_fields)
    except KeyTextError as error:
        mistyped = error.mistyped
    if mistyped:
        raise PublicKeyError(
            "public_key.check",
            "The check digits of the public key are wrong: it was not copied correctly.",
            hint="Copy it again.",
        )
    raise _not_a_key()


def _not_a_key() -> PublicKeyError:
    return PublicKeyError(
        "public_key.form",
        "This is not a public key of the kind that is needed.",
        hint="'pseudonym key inspect' and 'linkage key inspect' print the public key of a secret one.",
    )
