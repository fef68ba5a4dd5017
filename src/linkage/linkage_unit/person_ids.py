"""Person ids: 128 bits that tell nothing to anybody without the registry key, and other ones for each recipient.

An id in sequence would tell when a person was first known: a reporter that got an old number for a new record would
learn that others know the person. So an id is a keyed hash, under a subkey of the registry key, of

- a number that only increases, so that no two persons of a registry have one id, and
- the handle of the record that founded the person, so that a registry that was restored from a backup, and
  counts on from an old number, does not give to a person the id that another one had.

What is handed on carries other ids: those of two recipients cannot be joined by anybody but the registry.
"""

from __future__ import annotations

import base64
import hashlib
import re
import struct
from collections.abc import Callable
from functools import partial
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from linkage.errors import SettingsError
from linkage.keys import RegistryKey, UnitKey

__all__ = ["check_recipient", "ids_for", "new_person_id"]

ID_BYTES: Final = 16

_RECIPIENT: Final = re.compile(r"[A-Za-z0-9._-]{1,64}")


def new_person_id(key: RegistryKey, number: int, handle: bytes) -> str:
    """Return the id of a new person.

    Args:
        key: The registry key.
        number: A number that no other person of the registry has or had.
        handle: That of the record that founds the person.

    Returns:
        The letter P and 26 characters `a`-`z` and `2`-`7`.
    """
    return _text(struct.pack(">Q", number) + handle, key.subkey("person-id"))


def ids_for(key: UnitKey, recipient: str) -> Callable[[pa.ChunkedArray], pa.Array]:
    """Return what takes the person ids of a registry to those that one recipient gets.

    Only the holder of the key can tell which ids of two recipients are of one person.

    Args:
        key: The key under which they are: the registry key, or that of a statistics unit on its own.
        recipient: The name of the recipient; equal names give equal ids.

    Raises:
        SettingsError: `export.recipient` if the name is malformed.
    """
    check_recipient(recipient)
    return partial(_given, key.subkey(f"person-id for {recipient}"))


def check_recipient(name: str) -> None:
    """Check the name of a recipient.

    Raises:
        SettingsError: `export.recipient` if it is malformed.
    """
    if not _RECIPIENT.fullmatch(name):
        raise SettingsError(
            "export.recipient",
            "The name of a recipient has up to 64 characters: A-Z, a-z, 0-9, dots, hyphens and underscores.",
            hint="Keep to the name that a recipient once had: another one gives other ids. A reporter has its code.",
        )


def _given(subkey: bytes, person_ids: pa.ChunkedArray) -> pa.Array:
    encoded = pc.dictionary_encode(person_ids.combine_chunks())
    given = [_text(person.encode(), subkey) for person in encoded.dictionary.to_pylist()]
    return pa.array(given, pa.string()).take(encoded.indices)


def _text(message: bytes, subkey: bytes) -> str:
    """Return a keyed hash as an id, which begins with a letter so that no spreadsheet takes it for a number."""
    digest = hashlib.blake2b(message, key=subkey, digest_size=ID_BYTES).digest()
    return "P" + base64.b32encode(digest).decode().rstrip("=").lower()
