"""Wrap the key of a part so that only its unit can unwrap it: HPKE [RFC9180], one hybrid suite."""

from __future__ import annotations

from typing import Final, Protocol

from cryptography.exceptions import InternalError, InvalidTag, UnsupportedAlgorithm
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, MLKEM768X25519PrivateKey, Suite

from pseudonym.canonical import length_prefixed
from pseudonym.errors import SubmissionError
from pseudonym.labels import LABELS
from pseudonym.public_keys import UnitPublicKey

__all__ = ["Opener", "Place", "unwrap_key", "wrap_key"]

_SUITE: Final = Suite(KEM.MLKEM768_X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)


class Opener(Protocol):
    """The key of a unit, `linkage.keys.UnitKey`."""

    @property
    def public(self) -> UnitPublicKey:
        """Its public form."""

    @property
    def hpke_key(self) -> MLKEM768X25519PrivateKey:
        """The key that opens what was encrypted to the unit."""


class Place:
    """The place of a part in a sealed file, to which its key and every chunk of it are bound."""

    def __init__(self, binding: bytes, unit: str, number: int) -> None:
        """Describe a part.

        Args:
            binding: That of the header.
            unit: Its unit.
            number: Which part it is, counted from 0.
        """
        self._items = (binding, unit, str(number))

    @property
    def info(self) -> bytes:
        """What the wrapped key is bound to."""
        return length_prefixed(LABELS["sealed_key"], *self._items)

    @property
    def aad(self) -> bytes:
        """What every chunk is bound to."""
        return length_prefixed(LABELS["sealed_chunk"], *self._items)


def wrap_key(key: bytes, recipient: UnitPublicKey, place: Place) -> bytes:
    """Encrypt the key of a part.

    Args:
        key: 32 bytes.
        recipient: The public key of the unit.
        place: The place of the part.

    Returns:
        1,168 bytes, different each time.

    Raises:
        SubmissionError: `sealed.unsupported` if this installation of `cryptography` lacks the suite.
    """
    try:
        return _SUITE.encrypt(key, recipient.hpke_key, info=place.info)
    except UnsupportedAlgorithm:
        raise _unsupported() from None


def unwrap_key(wrapped: bytes, opener: Opener, place: Place) -> bytes:
    """Decrypt the key of a part.

    Args:
        wrapped: What `wrap_key` returned.
        opener: The key of the unit.
        place: The place of the part.

    Returns:
        32 bytes.

    Raises:
        SubmissionError: `sealed.key` if it was not wrapped for this key and place; `sealed.unsupported` as for
            `wrap_key`.
    """
    try:
        return _SUITE.decrypt(wrapped, opener.hpke_key, info=place.info)
    except (InvalidTag, InternalError, ValueError):
        raise SubmissionError(
            "sealed.key",
            "The key of the part for this unit cannot be unwrapped: it was made for another key or another header.",
            hint="Ask the reporter to seal and send the file again.",
        ) from None
    except UnsupportedAlgorithm:
        raise _unsupported() from None


def _unsupported() -> SubmissionError:
    return SubmissionError(
        "sealed.unsupported",
        "This installation of the package cryptography has no ML-KEM, so nothing can be sealed or opened.",
        hint="Install the wheel of cryptography that the lock file names.",
    )
