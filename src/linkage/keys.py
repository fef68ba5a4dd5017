"""The secret keys of the two units, which no reporter has and which are kept outside the registry.

They are unrelated to the linkage key, which no unit ever sees. `linkage.linkage_unit.rekey` and
`linkage.linkage_unit.pads` explain what the registry key, that of the linkage unit, protects and why.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import ClassVar, Final, Self

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.hpke import MLKEM768X25519PrivateKey

from linkage.errors import RegistryKeyError
from pseudonym.key_file import (
    SECRET_BYTES,
    KeyFile,
    KeyFileSizeError,
    KeyHandle,
    KeyLockedError,
    KeyTextError,
    draw_secret,
    format_key,
    parse_key,
    read_key_file,
    save_key,
    wrap,
)
from pseudonym.output import FREE_SPACE, FULL, is_full
from pseudonym.public_keys import HybridPrivateKey, Unit, UnitPublicKey, verify_bytes_of
from pseudonym.unreadable import why_unreadable

__all__ = ["UNIT_KEYS", "RegistryKey", "StatisticsKey", "UnitKey", "load_unit_key"]


class UnitKey(KeyHandle):
    """A handle to the secret key of a unit. Created only by `generate`, `parse` and `load` of its subclasses.

    Attributes:
        UNIT: Which unit.
        LABEL: The label of its line.
        NOUN: What messages call it.
        COMMENT: The line above it in its file.
        RULE: The beginning of the rules of its errors.
        FOUND: How to name the right file.
        LOST: What does not work without it.
        EXISTS: What to do if there is a file already.
    """

    __slots__ = ("_seal_key", "_secret")

    UNIT: ClassVar[Unit]
    LABEL: ClassVar[str]
    NOUN: ClassVar[str]
    COMMENT: ClassVar[str]
    RULE: ClassVar[str]
    FOUND: ClassVar[str]
    LOST: ClassVar[str]
    EXISTS: ClassVar[str]

    _secret: bytes
    _seal_key: bytes

    @classmethod
    def _from_secret(cls, secret: bytes) -> Self:
        key = object.__new__(cls)
        key._secret = secret
        # Derived once, since `seal` is called for every record.
        key._seal_key = key.subkey("digest")
        return key

    @classmethod
    def generate(cls) -> Self:
        """Draw a new key from the operating system's random source."""
        return cls._from_secret(draw_secret())

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read the text of an open key file.

        Args:
            text: Its content.

        Returns:
            The key.

        Raises:
            RegistryKeyError: `registry_key.form` if it is damaged or another kind of key.
        """
        try:
            _, secret = parse_key(text, cls.LABEL)
        except KeyTextError:
            raise cls._error(
                "form",
                f"The {cls.NOUN} file is damaged, or is not a {cls.NOUN}.",
                hint=f"Restore it from its backup; {cls.LOST}",
            ) from None
        return cls._from_secret(secret)

    @classmethod
    def load(cls, path: str | Path) -> Self:
        """Read a key file.

        Args:
            path: A file that `save` wrote. If it is wrapped, whoever `pseudonym.key_file.asking` names is asked for its
                pass phrase.

        Returns:
            The key.

        Raises:
            RegistryKeyError: `registry_key.unreadable` if the file cannot be read, `registry_key.too_large` if it is
                larger than any key file, `registry_key.wrapped`, `registry_key.passphrase` or
                `registry_key.wrapped_form` if it is under a pass phrase and cannot be opened, `registry_key.form` if it
                is damaged or not a key of this unit; of the statistics unit, with `statistics_key` for `registry_key`.

        Warns:
            KeyFileWarning: Other users of the computer can use the file.
        """
        path = Path(path)
        with _concerning(path):
            file = cls._read(path)
            key = cls.parse(file.text)
        file.warn_if_shared()
        return key

    @classmethod
    def _read(cls, path: Path) -> KeyFile:
        try:
            return read_key_file(path)
        except OSError as error:
            raise cls._error("unreadable", why_unreadable(path, error).message, hint=cls.FOUND) from None
        except KeyFileSizeError as error:
            raise cls._error("too_large", error.message(cls.NOUN), hint=error.hint) from None
        except KeyLockedError as error:
            raise cls._error(error.rule, error.message, hint=error.hint) from None

    def save(self, path: str | Path, *, passphrase: str | None = None) -> None:
        """Write the key to a new file that only its owner can read.

        Args:
            path: The file. It must not exist: a key is never overwritten.
            passphrase: The pass phrase under which it is wrapped; None for an open file.

        Raises:
            RegistryKeyError: `registry_key.exists` if the file exists, `registry_key.full` if the disk is full,
                `registry_key.unwritable` if it cannot be written.
        """
        path = Path(path)
        if passphrase is None:
            text = format_key(self.LABEL, self._secret, comment=self.COMMENT)
        else:
            text = wrap(self.LABEL, self._secret, passphrase)
        try:
            save_key(path, text)
        except FileExistsError:
            raise self._error(
                "exists",
                f"A file already exists at the path of the {self.NOUN}; a key is never overwritten.",
                hint=self.EXISTS,
                path=path,
            ) from None
        except OSError as error:
            if is_full(error):
                raise self._error("full", FULL, hint=FREE_SPACE, path=path) from None
            raise self._error(
                "unwritable",
                f"The {self.NOUN} file cannot be written.",
                hint="Check that the folder exists and that you may write to it.",
                path=path,
            ) from None

    @classmethod
    def _error(cls, rule: str, message: str, *, hint: str, path: Path | None = None) -> RegistryKeyError:
        return RegistryKeyError(f"{cls.RULE}.{rule}", message, hint=hint, path=path)

    def subkey(self, purpose: str) -> bytes:
        """Derive a 32-byte subkey for one purpose, by keyed BLAKE2b [RFC7693].

        Args:
            purpose: Name of the purpose; equal purposes give equal subkeys.
        """
        return hashlib.blake2b(f"linkage/1/{purpose}".encode(), key=self._secret, digest_size=SECRET_BYTES).digest()

    def seal(self, digest: bytes) -> bytes:
        """Hash a digest from a submission under this key.

        Whoever has a digest in plain form can test guesses against it: against one of codes with the linkage key,
        against one of cases with nothing at all.

        Args:
            digest: Bytes.

        Returns:
            32 bytes; equal digests give equal seals.
        """
        return hashlib.blake2b(digest, key=self._seal_key, digest_size=32).digest()

    def sealing_with(self, other: UnitKey) -> Self:
        """Return this key with seals that only the holder of both keys can make.

        A submission that is not sealed has digests over its codes and cases together. Whoever has one unit, its key and
        the linkage key knows or can compute all that such a digest covers but the other half, and can test guesses of
        that.

        Args:
            other: The key of the other unit.
        """
        key = self._from_secret(self._secret)
        key._seal_key = hashlib.blake2b(other.subkey("digest of both"), key=self._seal_key, digest_size=32).digest()
        return key

    @property
    def check(self) -> str:
        """32 hexadecimal digits that identify this key without revealing it; the registry stores them."""
        return self.subkey("check")[:16].hex()

    @property
    def hpke_key(self) -> MLKEM768X25519PrivateKey:
        """The key that opens what was encrypted to this unit."""
        return HybridPrivateKey(self.subkey("hpke")).key

    @property
    def signing_key(self) -> Ed25519PrivateKey:
        """The key with which this unit signs."""
        return Ed25519PrivateKey.from_private_bytes(self.subkey("sign"))

    @property
    def public(self) -> UnitPublicKey:
        """The public form, for invites."""
        hpke_bytes = HybridPrivateKey(self.subkey("hpke")).public_bytes
        return UnitPublicKey(verify_bytes_of(self.signing_key), self.UNIT, hpke_bytes)

    def sign(self, message: bytes) -> bytes:
        """Sign a message with Ed25519 [RFC8032].

        Args:
            message: What is signed; it begins with a label that says what it is.

        Returns:
            64 bytes; equal messages have equal signatures.
        """
        return self.signing_key.sign(message)


class RegistryKey(UnitKey):
    """A handle to the key of the linkage unit, which is the registry's own key."""

    __slots__ = ()

    UNIT = "linkage"
    LABEL = "LINKAGE-SECRET-REGISTRY-KEY-1"
    NOUN = "registry key"
    COMMENT = "# The key of one linkage registry. Keep it apart from the registry file, and keep a backup.\n"
    RULE = "registry_key"
    FOUND = (
        "This should be the registry's own key, by default REGISTRY.key beside the registry; use --registry-key for "
        "another path."
    )
    LOST = "without it, nothing can be received or linked."
    EXISTS = "Choose another path with --registry-key. If this is the key to use, add --existing-key."


class StatisticsKey(UnitKey):
    """A handle to the key of the statistics unit, which the linkage unit never has."""

    __slots__ = ()

    UNIT = "statistics"
    LABEL = "LINKAGE-SECRET-STATISTICS-KEY-1"
    NOUN = "statistics key"
    COMMENT = "# The key of one statistics unit. Keep it apart from its files, and keep a backup.\n"
    RULE = "statistics_key"
    FOUND = (
        "This should be the key of the statistics unit, by default REGISTRY.statistics.key beside the registry; use "
        "--statistics-key for another path."
    )
    LOST = "without it, nothing that was encrypted to the statistics unit can be read."
    EXISTS = "Choose another path with --statistics-key. If this is the key to use, add --existing-key."


UNIT_KEYS: Final[dict[Unit, type[UnitKey]]] = {"linkage": RegistryKey, "statistics": StatisticsKey}
"""The kind of key of each unit."""


def load_unit_key(path: str | Path, *, unit: Unit | None = None) -> tuple[UnitKey, bool]:
    """Read the key file of a unit without knowing which one.

    Args:
        path: The file.
        unit: The unit that it must be of; None for either.

    Returns:
        The key, and whether its file is wrapped.

    Raises:
        RegistryKeyError: As for `UnitKey.load`, of the unit that is wanted or whose label the file has.

    Warns:
        KeyFileWarning: Other users of the computer can use the file.
    """
    path = Path(path)
    with _concerning(path):
        file = (RegistryKey if unit is None else UNIT_KEYS[unit])._read(path)
        found = next((one for one in UNIT_KEYS.values() if f"{one.LABEL}." in file.text), RegistryKey)
        key = (found if unit is None else UNIT_KEYS[unit]).parse(file.text)
    file.warn_if_shared()
    return key, file.wrapped


@contextmanager
def _concerning(path: Path) -> Iterator[None]:
    try:
        yield
    except RegistryKeyError as error:
        error.path = path
        raise
