"""The linkage key: a handle that cannot be printed, compared by value or pickled.

Anyone who has this key and encoded records can test every possible personnummer in minutes. The key belongs to the
reporters and the key authority, never to the registry.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final, Self

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from pseudonym.canonical import length_prefixed
from pseudonym.errors import KeyFileError
from pseudonym.key_file import SECRET_BYTES, KeyHandle, draw_secret
from pseudonym.keyed.stored import StoredKey
from pseudonym.labels import LABELS, SUBKEYS

__all__ = ["KeyFileError", "LinkageKey", "Secret", "Subkeys", "derive"]

PREFIX: Final = "PSEUDONYM-SECRET-LINKAGE-KEY-1"
KEY_ID_BYTES: Final = 16

_PROJECT = re.compile(r"[a-z0-9-]{1,32}")
_EPOCH = re.compile(r"[1-9][0-9]{0,8}")

_WARNING: Final = (
    "# SECRET. Anyone who has this key and encoded records can find out whose records they are.\n"
    "# It belongs to the reporters. Never give it to the registry, e-mail it or put it under version control.\n"
)


class Secret(KeyHandle):
    """32 secret bytes that appear in no representation of the object."""

    __slots__ = ("_value",)

    def __init__(self, value: bytes) -> None:
        """Hold `value`."""
        self._value = value

    def reveal(self) -> bytes:
        """Return the bytes. Call it only where they are used, and do not keep the result."""
        return self._value


class Subkeys(KeyHandle):
    """The subkeys of one linkage key for one profile, each a `Secret` of 32 bytes."""

    __slots__ = tuple(SUBKEYS)

    band: Secret
    filter: Secret
    match_key: Secret
    minhash_rows: Secret
    minhash_token: Secret
    noise_block: Secret
    noise_seed: Secret
    order: Secret
    token: Secret
    unfilled: Secret

    def __init__(self, secret: Secret, context: tuple[str, str], profile_digest: bytes) -> None:
        """Derive all subkeys by HKDF-SHA256 [RFC5869] with the labels in `SUBKEYS`."""
        for name in self.__slots__:
            setattr(self, name, Secret(derive(secret, SUBKEYS[name], *context, profile_digest)))

    @classmethod
    def of(cls, secrets: Mapping[str, bytes]) -> Subkeys:
        """Return the subkeys that another process has revealed.

        Args:
            secrets: What `reveal` returned there.
        """
        subkeys = object.__new__(cls)
        for name in cls.__slots__:
            setattr(subkeys, name, Secret(secrets[name]))
        return subkeys

    def replaced(self, others: Mapping[str, Secret]) -> Subkeys:
        """Return the same subkeys, but for some that come from another secret.

        Args:
            others: Those, by name.
        """
        subkeys = object.__new__(Subkeys)
        for name in self.__slots__:
            setattr(subkeys, name, others.get(name) or getattr(self, name))
        return subkeys

    def reveal(self) -> dict[str, bytes]:
        """Return the bytes of each subkey, to be sent to a process of this program through a pipe, and not kept."""
        return {name: getattr(self, name).reveal() for name in self.__slots__}


class LinkageKey(StoredKey):
    """A handle to the secret that all reporters of a project share for one epoch.

    Created only by `generate`, `parse` and `load`. Shows its project, epoch and key id, and nothing of its secret.

    Attributes:
        project: The project that the key belongs to.
        epoch: The linkage epoch, a positive integer. Codes from different epochs cannot be compared.
        key_id: 32 hexadecimal digits that identify the key. Not secret: they do not help to find the key.
    """

    __slots__ = ("_secret", "epoch", "key_id", "project")

    LABEL = PREFIX
    NOUN = "linkage key"
    COMMENT = _WARNING
    REMEDY = "Ask the keeper of the project's key for a copy. A new project makes its key with: pseudonym keygen."

    _secret: Secret
    epoch: int
    key_id: str
    project: str

    @classmethod
    def _from_secret(cls, secret: bytes, *, project: str, epoch: int) -> Self:
        if not _PROJECT.fullmatch(project):
            raise KeyFileError("key.project", "A project name has 1 to 32 characters from a-z, 0-9 and -.")
        if not _EPOCH.fullmatch(str(epoch)):
            raise KeyFileError("key.epoch", "An epoch is a number from 1 to 999999999.")
        key = object.__new__(cls)
        key._secret = Secret(secret)
        key.project = project
        key.epoch = epoch
        key.key_id = derive(key._secret, LABELS["key_id"], project, str(epoch))[:KEY_ID_BYTES].hex()
        return key

    @classmethod
    def generate(cls, *, project: str = "default", epoch: int = 1) -> Self:
        """Draw a new key from the operating system's random source.

        Args:
            project: The project that the key belongs to.
            epoch: The linkage epoch.

        Returns:
            A new key, independent of all others.

        Raises:
            KeyFileError: `key.project` or `key.epoch` if the argument is out of range.
        """
        return cls._from_secret(draw_secret(), project=project, epoch=epoch)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read the text form of a key.

        Args:
            text: The content of a key file.

        Returns:
            The key.

        Raises:
            KeyFileError: `key.form` if there is not exactly one well-formed key line, `key.check` if its check digits
                are wrong, as after a typing error.
        """
        (project, epoch), secret = cls._parsed(text, n_fields=2)
        if not _PROJECT.fullmatch(project) or not _EPOCH.fullmatch(epoch):
            raise cls._not_a_key()
        return cls._from_secret(secret, project=project, epoch=int(epoch))

    def _fields(self) -> tuple[str, ...]:
        return self.project, str(self.epoch)

    def _reveal(self) -> bytes:
        return self._secret.reveal()

    def subkeys(self, profile_digest: str) -> Subkeys:
        """Derive the subkeys for one profile.

        Args:
            profile_digest: The digest of the profile, 64 hexadecimal digits.

        Returns:
            The subkeys; equal input gives equal subkeys.
        """
        return Subkeys(self._secret, (self.project, str(self.epoch)), bytes.fromhex(profile_digest))

    def __repr__(self) -> str:
        """Show the project and the epoch, never the secret."""
        return f"<LinkageKey {self.project} epoch {self.epoch}>"


def derive(secret: Secret, label: str, *context: str | bytes) -> bytes:
    """Derive a subkey by HKDF-SHA256 [RFC5869].

    Args:
        secret: The secret of a key.
        label: What the subkey is for.
        context: What else it depends on.

    Returns:
        32 bytes.
    """
    hkdf = HKDF(algorithm=SHA256(), length=SECRET_BYTES, salt=None, info=length_prefixed(label, *context))
    return hkdf.derive(secret.reveal())
