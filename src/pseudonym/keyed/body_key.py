"""The body key: a secret of one reporter alone, from which its handles, its noise and its signatures come.

Everybody with the linkage key can compute what is derived from that. What is derived from the body key only this
reporter can: which handle a record has, which bits and codes of it are noise, and that a file is from it.
"""

from __future__ import annotations

from typing import Final, Self

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from pseudonym.key_file import draw_secret
from pseudonym.keyed.keys import LinkageKey, Secret, derive
from pseudonym.keyed.stored import StoredKey
from pseudonym.labels import BODY_SUBKEYS
from pseudonym.public_keys import BodyPublicKey, verify_bytes_of

__all__ = ["BodyKey"]

_WARNING: Final = (
    "# SECRET. The key of one reporter: its handles and signatures come from it.\n"
    "# No other reporter and no registry may have it. Keep a backup: without it the reporter must be enrolled anew.\n"
)


_NOISE: Final = ("noise_block", "noise_seed", "unfilled")


class BodyKey(StoredKey):
    """A handle to the secret of one reporter. Created only by `generate`, `parse` and `load`.

    It belongs to no epoch: handles and noise depend on that of the linkage key, and signatures on none.

    Attributes:
        public: The public form, for an answer.
        signing_key: The Ed25519 key with which the reporter signs.
    """

    __slots__ = ("_secret", "public", "signing_key")

    LABEL = "PSEUDONYM-SECRET-BODY-KEY-1"
    NOUN = "body key"
    COMMENT = _WARNING
    REMEDY = "Name the reporter's own key. Without one yet, make it with: pseudonym key new --for body"

    _secret: Secret
    public: BodyPublicKey
    signing_key: Ed25519PrivateKey

    @classmethod
    def _from_secret(cls, secret: bytes) -> Self:
        key = object.__new__(cls)
        key._secret = Secret(secret)
        seed = derive(key._secret, BODY_SUBKEYS["sign"])
        key.signing_key = Ed25519PrivateKey.from_private_bytes(seed)
        key.public = BodyPublicKey(verify_bytes_of(key.signing_key))
        return key

    @classmethod
    def generate(cls) -> Self:
        """Draw a new key from the operating system's random source."""
        return cls._from_secret(draw_secret())

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read the text form of a key.

        Args:
            text: The content of an open key file.

        Returns:
            The key.

        Raises:
            KeyFileError: As for `StoredKey.parse`.
        """
        return cls._from_secret(cls._parsed(text)[1])

    @property
    def handle(self) -> Secret:
        """The subkey from which handles come."""
        return Secret(derive(self._secret, BODY_SUBKEYS["handle"]))

    def noise(self, key: LinkageKey, profile_digest: str) -> dict[str, Secret]:
        """Derive the subkeys for what stands where a record has no value; see docs/spec.md, section 7.

        Args:
            key: The linkage key, of which only the key id and the epoch enter, so that two epochs have no noise in
                common.
            profile_digest: The digest of the profile, 64 hexadecimal digits.

        Returns:
            The subkeys that take the place of those of the linkage key, by name.
        """
        context = (key.key_id, str(key.epoch), bytes.fromhex(profile_digest))
        return {name: Secret(derive(self._secret, BODY_SUBKEYS[name], *context)) for name in _NOISE}

    def sign(self, message: bytes) -> bytes:
        """Sign a message with Ed25519 [RFC8032].

        Args:
            message: What is signed; it begins with a label that says what it is.

        Returns:
            64 bytes; equal messages have equal signatures.
        """
        return self.signing_key.sign(message)

    def _reveal(self) -> bytes:
        return self._secret.reveal()
