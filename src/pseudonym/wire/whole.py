"""What only a whole submission, or a whole part of one, shows: repeated records, counts and the content digest."""

from __future__ import annotations

import hashlib
from typing import Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from pseudonym.errors import SubmissionError
from pseudonym.labels import LABELS
from pseudonym.wire.digests import DIGEST_BYTES, content_digest
from pseudonym.wire.schema import RECORD_BYTES

__all__ = ["Whole"]

ID_DIGEST_BYTES: Final = 16
"""Length of the digest kept of each record id, to find repeated ids in files of any size."""


class Whole:
    """Gather groups of records, in 64 bytes per record, and check what only all of them show."""

    def __init__(self, damaged: str, *, label: str = LABELS["content"]) -> None:
        """Begin with no record.

        Args:
            damaged: The beginning of the messages.
            label: That of the content digest.
        """
        self._damaged = damaged
        self._label = label
        self._n_codes = 0
        self._ids: list[NDArray[np.uint8]] = []
        self._record_ids: list[bytes] = []
        self._digests: list[bytes] = []

    def add(
        self, ids: NDArray[np.uint8], digests: list[bytes], *, n_codes: int = 0, cases: pa.Table | None = None
    ) -> None:
        """Add a group.

        Args:
            ids: `(n, 16) uint8`, the handles of its records.
            digests: The digests of its records.
            n_codes: The number of its codes.
            cases: Its case rows; None if there are none.
        """
        self._n_codes += n_codes
        # A copy, because a view would keep the whole group in memory.
        self._ids.append(ids.copy())
        self._digests += digests
        if cases is not None:
            self._record_ids += [
                hashlib.blake2b(one.encode(), digest_size=ID_DIGEST_BYTES).digest()
                for one in cases["record_id"].to_pylist()
            ]

    @property
    def n_records(self) -> int:
        """Number of records so far."""
        return len(self._digests)

    @property
    def n_codes(self) -> int:
        """Number of codes so far."""
        return self._n_codes

    @property
    def content_digest(self) -> str:
        """The content digest of the records so far."""
        rows = np.frombuffer(b"".join(sorted(self._digests)), np.uint8).reshape(-1, DIGEST_BYTES)
        return content_digest([rows], n_records=self.n_records, label=self._label)

    def check(self, n_records: int, n_codes: int, digest: str) -> None:
        """Compare the records with what a header says of them.

        Args:
            n_records: Their number.
            n_codes: The number of their codes.
            digest: Their content digest.

        Raises:
            SubmissionError: `submission.values` if a record is there twice, `submission.counts`, `submission.content`.
        """
        ids = np.concatenate([np.zeros((0, RECORD_BYTES), np.uint8), *self._ids])
        if len(np.unique(ids, axis=0)) != self.n_records or len(set(self._record_ids)) != len(self._record_ids):
            raise SubmissionError("submission.values", self._damaged + "a record id is used twice.")
        if (n_records, n_codes) != (self.n_records, self._n_codes):
            raise SubmissionError("submission.counts", self._damaged + "its numbers of rows differ from its header.")
        if digest != self.content_digest:
            raise SubmissionError(
                "submission.content", self._damaged + "its rows do not match the digest in its header."
            )
