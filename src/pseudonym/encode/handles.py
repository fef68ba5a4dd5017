"""The handles of a reporter's records: what the `record` column of its submissions holds (docs/spec.md, section 8)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Self

import numpy as np
from numpy.typing import NDArray

from pseudonym.encode.codes import keyed_digests
from pseudonym.keyed import BodyKey, LinkageKey
from pseudonym.keyed.keys import Secret, Subkeys
from pseudonym.keyed.prf import KeyedHash
from pseudonym.wire import RECORD_BYTES

__all__ = ["Handles"]


class Handles:
    """Derive handles: 16 bytes for each record, the same in all submissions of the reporter in an epoch.

    With a body key nobody else can compute them, and they are others in each epoch. Without one they come from the
    linkage key, so every reporter could compute those of a record id that it guesses.
    """

    def __init__(self, secret: Secret, context: tuple[str, ...]) -> None:
        """Take the subkey, and what enters each handle beside the record id.

        Sees: key
        """
        self._secret = secret
        self._hash = KeyedHash(secret, digest_bytes=RECORD_BYTES)
        self._context = context

    @classmethod
    def of(cls, key: LinkageKey, subkeys: Subkeys, body_key: BodyKey | None, *, reporter: str) -> Self:
        """Prepare for a reporter.

        Args:
            key: The linkage key.
            subkeys: Its subkeys for the profile.
            body_key: The reporter's own key, or None.
            reporter: The code of the reporter.

        Sees: key
        """
        if body_key is None:
            return cls(subkeys.order, (reporter,))
        return cls(body_key.handle, (key.key_id, str(key.epoch), reporter))

    def reveal(self) -> tuple[bytes, tuple[str, ...]]:
        """Return the subkey and the context, to be sent to a process of this program through a pipe, and not kept.

        Sees: key
        """
        return self._secret.reveal(), self._context

    def __call__(self, record_ids: Iterable[str]) -> NDArray[np.uint8]:
        """Return the handles of records.

        Args:
            record_ids: The ids.

        Returns:
            `(n, 16) uint8`.

        Sees: key
        """
        return keyed_digests(self._hash, ((*self._context, record_id) for record_id in record_ids))
