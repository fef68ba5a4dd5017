"""The registry's own key, which no reporter has and which is kept outside the registry file.

It is unrelated to the linkage key, which the registry never sees. `linkage.intake.rekey` explains what it protects and
why.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Final

from linkage.errors import RegistryKeyError
from pseudonym.key_file import (
    SECRET_BYTES,
    KeyFileSizeError,
    KeyHandle,
    KeyTextError,
    draw_secret,
    format_key,
    parse_key,
    read_key_file,
    save_key,
)
from pseudonym.output import FREE_SPACE, FULL, is_full

__all__ = ["RegistryKey"]

LABEL: Final = "LINKAGE-SECRET-REGISTRY-KEY-1"

_COMMENT: Final = "# The key of one linkage registry. Keep it apart from the registry file, and keep a backup.\n"


class RegistryKey(KeyHandle):
    """A handle to the registry's own key. Created only by `generate` and `load`."""

    __slots__ = ("_seal_key", "_secret")

    _secret: bytes
    _seal_key: bytes

    @classmethod
    def _from_secret(cls, secret: bytes) -> RegistryKey:
        key = object.__new__(cls)
        key._secret = secret
        # Derived once, since `seal` is called for every record.
        key._seal_key = key.subkey("digest")
        return key

    @classmethod
    def generate(cls) -> RegistryKey:
        """Draw a new key from the operating system's random source."""
        return cls._from_secret(draw_secret())

    @classmethod
    def load(cls, path: str | Path) -> RegistryKey:
        """Read a key file.

        Args:
            path: A file that `save` wrote.

        Returns:
            The key.

        Raises:
            RegistryKeyError: `registry_key.unreadable` if the file cannot be read, `registry_key.too_large` if it is
                larger than any key file, `registry_key.form` if it is damaged or not a registry key.

        Warns:
            KeyFileWarning: Other users of the computer can use the file.
        """
        path = Path(path)
        try:
            file = read_key_file(path)
        except OSError:
            raise RegistryKeyError(
                "registry_key.unreadable",
                "The registry key file cannot be read.",
                hint="By default it is REGISTRY.key beside the registry; use --registry-key for another path.",
                path=path,
            ) from None
        except KeyFileSizeError:
            raise RegistryKeyError(
                "registry_key.too_large",
                "The file is too large to be that of a registry key, which has at most 64 KiB.",
                hint="Check the path. If it is a key file, remove comments from it.",
                path=path,
            ) from None
        try:
            _, secret = parse_key(file.text, LABEL)
        except KeyTextError:
            raise RegistryKeyError(
                "registry_key.form",
                "The registry key file is damaged, or is not a registry key.",
                hint="Restore it from its backup; without it, no submission can be received.",
                path=path,
            ) from None
        file.warn_if_shared()
        return cls._from_secret(secret)

    def save(self, path: str | Path) -> None:
        """Write the key to a new file that only its owner can read.

        Args:
            path: The file. It must not exist: a key is never overwritten.

        Raises:
            RegistryKeyError: `registry_key.exists` if the file exists, `registry_key.full` if the disk is full,
                `registry_key.unwritable` if it cannot be written.
        """
        path = Path(path)
        try:
            save_key(path, format_key(LABEL, self._secret, comment=_COMMENT))
        except FileExistsError:
            raise RegistryKeyError(
                "registry_key.exists",
                "A file already exists at the path of the registry key; a key is never overwritten.",
                hint="Choose another path with --registry-key.",
                path=path,
            ) from None
        except OSError as error:
            if is_full(error):
                raise RegistryKeyError("registry_key.full", FULL, hint=FREE_SPACE, path=path) from None
            raise RegistryKeyError(
                "registry_key.unwritable",
                "The registry key file cannot be written.",
                hint="Check that the folder exists and that you may write to it.",
                path=path,
            ) from None

    def subkey(self, purpose: str) -> bytes:
        """Derive a 32-byte subkey for one purpose, by keyed BLAKE2b [RFC7693].

        Args:
            purpose: Name of the purpose; equal purposes give equal subkeys.
        """
        return hashlib.blake2b(f"linkage/1/{purpose}".encode(), key=self._secret, digest_size=SECRET_BYTES).digest()

    def seal(self, digest: bytes) -> bytes:
        """Hash a digest from a submission under this key.

        The digest covers the codes of the submission, so anyone who has it in plain form and the linkage key could test
        identities against it.

        Args:
            digest: Bytes.

        Returns:
            32 bytes; equal digests give equal seals.
        """
        return hashlib.blake2b(digest, key=self._seal_key, digest_size=32).digest()

    @property
    def check(self) -> str:
        """32 hexadecimal digits that identify this key without revealing it; the registry stores them."""
        return self.subkey("check")[:16].hex()
