"""The handles of a reporter's records: what the `record` column of its submissions holds (docs/spec.md, section 8)."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from pseudonym.encode.codes import keyed_digests
from pseudonym.keyed import BodyKey, LinkageKey
from pseudonym.keyed.keys import Subkeys
from pseudonym.keyed.prf import KeyedHash
from pseudonym.wire import RECORD_BYTES

__all__ = ["Handles"]


class Handles:
    """Derive handles: 16 bytes for each record, the same in all submissions of the reporter in an epoch.

    With a body key nobody else can compute them, and they are others in each epoch. Without one they come from the
    linkage key, so every reporter could compute those of a record id that it guesses.
    """

    def __init__(self, key: LinkageKey, subkeys: Subkeys, body_key: BodyKey | None, *, reporter: str) -> None:
        """Prepare.

        Args:
            key: The linkage key.
            subkeys: Its subkeys for the profile.
            body_key: The reporter's own key, or None.
            reporter: The code of the reporter.

        Sees: key
        """
        if body_key is None:
            self._hash = KeyedHash(subkeys.order, digest_bytes=RECORD_BYTES)
            self._context: tuple[str, ...] = (reporter,)
        else:
            self._hash = KeyedHash(body_key.handle, digest_bytes=RECORD_BYTES)
            self._context = (key.key_id, str(key.epoch), reporter)

    def __call__(self, record_ids: Iterable[str]) -> NDArray[np.uint8]:
        """Return the handles of records.

        Args:
            record_ids: The ids.

        Returns:
            `(n, 16) uint8`.

        Sees: key
        """
        return keyed_digests(self._hash, ((*self._context, record_id) for record_id in record_ids))
