"""The key of a unit as its audit log and its receipts need it: read if it can be, and not missed otherwise."""

from __future__ import annotations

import os
import warnings
from contextlib import suppress
from pathlib import Path

from linkage.errors import RegistryKeyError
from linkage.keys import StatisticsKey, UnitKey
from linkage.pipeline.key_files import check_key
from linkage.store import Session
from pseudonym.key_file import KeyFileWarning, asking_nobody

__all__ = ["key_at_hand", "key_to_sign"]


def key_at_hand(path: Path, kind: type[UnitKey]) -> UnitKey | None:
    """Read the key of a unit to seal an entry, or return None if it is not there.

    Whoever exports or links may be kept from the key; the entry is then not sealed, which `linkage audit verify` says.

    Args:
        path: The key file.
        kind: The kind of key.
    """
    with suppress(RegistryKeyError):
        return _read(path, kind)
    return None


def key_to_sign(session: Session, path: Path, *, wanted: bool) -> UnitKey:
    """Read the key of the statistics unit to sign receipts, and check that it is the right one.

    Args:
        session: The store of that unit.
        path: The key file.
        wanted: Whether somebody has named the file, so that a pass phrase may be asked for.

    Raises:
        RegistryKeyError: As for `UnitKey.load`; `statistics_key.wrapped` if the file is under a pass phrase and nobody
            was asked for it; `statistics_key.other` if the key belongs to another registry.
    """
    key = StatisticsKey.load(path) if wanted else _read(path, StatisticsKey)
    check_key(session, key, path)
    return key


def _read(path: Path, kind: type[UnitKey]) -> UnitKey:
    """Read a key without asking anybody, and without emptying a pipe: that is for the command that needs the key."""
    if os.path.exists(path) and not os.path.isfile(path):
        raise RegistryKeyError(
            f"{kind.RULE}.unreadable",
            f"The {kind.NOUN} is not in a file that can be read again.",
            hint=kind.FOUND,
            path=path,
        )
    with asking_nobody(), warnings.catch_warnings():
        # Commands that need the key warn about its rights.
        warnings.simplefilter("ignore", KeyFileWarning)
        return kind.load(path)
