"""The sealed files of one call of `receive`: who signed each, and its parts, open until the file is stored."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import ExitStack
from pathlib import Path

from linkage.intake.trust import Enrolment, find_signer
from linkage.progress import now
from linkage.reading import Expected, Opened, opened_sealed
from pseudonym.wire import SealedHeader
from pseudonym.wire.sealed import Opener

__all__ = ["SealedFiles"]


class SealedFiles:
    """Opens sealed files with the keys of the units, after the enrolments have said who may have signed them."""

    def __init__(self, folder: Path, openers: Iterable[Opener], enrolments: Iterable[Enrolment]) -> None:
        """Keep what is needed; nothing is opened yet.

        Args:
            folder: Where parts are in clear until `close`.
            openers: The keys of the units that the registry has, that of the linkage unit first.
            enrolments: Every key that was ever enrolled.
        """
        self._folder = folder
        self._openers = tuple(openers)
        self._enrolments = tuple(enrolments)
        self._stack = ExitStack()
        self._headers: dict[Path, SealedHeader] = {}

    def open(self, path: Path, header: SealedHeader, expected: Expected) -> Opened:
        """Check who signed a file, and open and verify it.

        Args:
            path: The file.
            header: Its header, as far as anybody can read it.
            expected: What the registry expects.

        Returns:
            What was verified; its parts stay open until `close`.

        Raises:
            RefusedError: As for `find_signer` and `opened_sealed`.
            RegistryError: As for `opened_sealed`.
        """
        signer = find_signer(self._enrolments, header, at=now())
        opened = opened_sealed(
            path, expected, signer=signer.key, openers=self._openers, folder=self._folder, seen=header
        )
        content = self._stack.enter_context(opened)
        self._headers[path] = header
        return content

    def signed_with(self, path: Path, enrolments: Callable[[], Iterable[Enrolment]]) -> str | None:
        """Return the fingerprint of the key with which a file is signed, or None for an open file.

        Args:
            path: The file.
            enrolments: Reads every key of its reporter again: one may have been revoked meanwhile.

        Raises:
            RefusedError: As for `find_signer`.
        """
        header = self._headers.get(path)
        return None if header is None else find_signer(enrolments(), header, at=now()).key.fingerprint

    def close(self) -> None:
        """Remove the open parts of all files."""
        self._stack.close()
