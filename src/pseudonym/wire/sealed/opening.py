"""Check and open what a reporter has sealed, at the unit that a part is for (docs/spec.md, section 14).

Nothing is decrypted before the signature of the reporter, the recipient and the digest of the part have been checked.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

from pseudonym.errors import PseudonymError, SubmissionError
from pseudonym.output import Kind, Part, writing
from pseudonym.public_keys import BodyPublicKey, PublicKeyError, Unit
from pseudonym.wire.container import open_parquet
from pseudonym.wire.header import FileHeader, parse_totals_header, parse_withdrawal_header
from pseudonym.wire.part_headers import parse_cases_header, parse_codes_header
from pseudonym.wire.sealed.stream import decrypted
from pseudonym.wire.sealed.wrapping import Opener, Place, unwrap_key
from pseudonym.wire.sealed_header import WRAPPED_KEY_BYTES, SealedFile, SealedHeader, SealedPart, open_sealed, reading

__all__ = ["OpenedPart", "open_part", "verify_sealed"]

READ_BYTES: Final = 1 << 20
"""Bytes of a part that are hashed at a time."""

_OPENED: Final = Kind("opened part", lambda file: False)

_PARSERS: Final[dict[tuple[str, str], Callable[[dict[bytes, bytes]], FileHeader]]] = {
    ("submission", "linkage"): parse_codes_header,
    ("submission", "statistics"): parse_cases_header,
    ("withdrawal", "statistics"): parse_withdrawal_header,
    ("totals", "statistics"): parse_totals_header,
}
"""What is in the part of a kind of file for a unit."""

_COMMON: Final = frozenset({"reporter", "sequence", "previous", "key_id", "epoch", "profile_digest", "spec"})
"""Members that both headers may have."""


@dataclass(frozen=True, slots=True)
class OpenedPart:
    """A part in clear.

    Attributes:
        header: The header of the sealed file, whose signature is right.
        path: The part, a Parquet file for its owner only: to be read by `open_codes`, `open_cases`, `read_withdrawal`
            or `read_totals`. Its own header agrees with that of the sealed file.
    """

    header: SealedHeader
    path: Path


def verify_sealed(path: str | Path, *, signer: BodyPublicKey) -> SealedHeader:
    """Check that a reporter has signed the header of a sealed file, and with it the digests of all parts.

    Args:
        path: The file.
        signer: The public key of the reporter that the header names.

    Returns:
        The header.

    Raises:
        SubmissionError: As `open_sealed`; `sealed.signer` if the header names another key, `sealed.signature` if the
            signature is not that of this key.
    """
    with open_sealed(path) as sealed:
        _check_signature(sealed, signer)
        return sealed.header


@contextmanager
def open_part(path: str | Path, *, signer: BodyPublicKey, opener: Opener, folder: str | Path) -> Iterator[OpenedPart]:
    """Decrypt the part of a sealed file that is for one unit, for as long as the block lasts.

    Args:
        path: The file.
        signer: The public key of the reporter that the header names.
        opener: The key of the unit.
        folder: Where the part is in clear meanwhile; what a killed process left of one is removed there.

    Yields:
        The part.

    Raises:
        SubmissionError: As `verify_sealed`; `sealed.other_unit` if it has no part for this unit, `sealed.recipient` if
            that is encrypted to another key, `sealed.digest` if a part does not match its digest, `sealed.key` and
            `sealed.content` if it cannot be decrypted, `sealed.differs` if its own header says something else;
            and as `parse_header`.
        OutputError: `output.unwritable` if the folder cannot be written to, or its disk is full.
    """
    with writing(_OPENED, folder):
        # All of a unit share a name, so whoever comes next removes what a killed process left.
        private = Part(Path(folder) / f"{opener.public.unit}-part")
    with private:
        try:
            with open_sealed(path) as sealed:
                with reading(path):
                    number, part = _part_of(sealed, signer, opener)
                    wrapped = sealed.file.read(WRAPPED_KEY_BYTES)
                place = Place(sealed.header.binding, part.unit, number)
                key = unwrap_key(wrapped, opener, place)
                chunks = _chunks(path, sealed, part.bytes - WRAPPED_KEY_BYTES, key, place.aad)
                with writing(_OPENED, folder), private.path.open("wb") as file:
                    found = _copied(wrapped, chunks, file)
                # Anyone could have encrypted another part since the digest of this one was checked.
                _check_digest(found, part)
            _check_agreement(sealed.header, part.unit, private.path)
            yield OpenedPart(sealed.header, private.path)
        except PseudonymError as error:
            if error.path == private.path:
                # Nobody knows the temporary file.
                error.path = Path(path)
            raise


def _check_signature(sealed: SealedFile, signer: BodyPublicKey) -> None:
    if sealed.header.signer != signer.fingerprint:
        raise SubmissionError(
            "sealed.signer",
            "The file is signed with another key than the one that is known of its reporter.",
            hint="If the reporter has a new key, enrol that first.",
        )
    try:
        signer.verify(sealed.signature, sealed.header.signed)
    except PublicKeyError:
        raise SubmissionError(
            "sealed.signature",
            "The signature of the sealed file is wrong: the reporter did not sign this header.",
            hint="Ask the reporter for the file again.",
        ) from None


def _part_of(sealed: SealedFile, signer: BodyPublicKey, opener: Opener) -> tuple[int, SealedPart]:
    """Return the part for a unit and its number once all but its content is checked; the file is at its first byte."""
    _check_signature(sealed, signer)
    public = opener.public
    found = [(number, part) for number, part in enumerate(sealed.header.parts) if part.unit == public.unit]
    if not found:
        raise SubmissionError(
            "sealed.other_unit",
            "The sealed file has no part for this unit.",
            hint="Withdrawals and totals are for the statistics unit alone.",
        )
    ((number, part),) = found
    if part.recipient != public.fingerprint:
        raise SubmissionError(
            "sealed.recipient",
            "The part for this unit is encrypted to another key than the unit's own.",
            hint="Send the reporter an invite with the present key, and ask for the file again.",
        )
    sealed.file.seek(sealed.starts[0])
    for each in sealed.header.parts:
        # Of the other unit's part too, so that no unit takes in what the other has to refuse.
        _check_digest(_digest(sealed.file, each.bytes), each)
    sealed.file.seek(sealed.starts[number])
    return number, part


def _digest(file: IO[bytes], n_bytes: int) -> str:
    state = hashlib.sha256()
    while n_bytes and (data := file.read(min(n_bytes, READ_BYTES))):
        state.update(data)
        n_bytes -= len(data)
    return state.hexdigest()


def _check_digest(found: str, part: SealedPart) -> None:
    if found != part.digest:
        raise SubmissionError(
            "sealed.digest",
            "A part of the sealed file does not match its digest in the header: the file is damaged.",
            hint="Fetch the file again.",
        )


def _chunks(
    path: str | Path, sealed: SealedFile, n_bytes: int, key: bytes, aad: bytes
) -> Iterator[tuple[bytes, bytes]]:
    with reading(path):
        yield from decrypted(sealed.file, n_bytes, key, aad)


def _copied(wrapped: bytes, chunks: Iterator[tuple[bytes, bytes]], file: IO[bytes]) -> str:
    """Write the chunks of a part in clear, and return the digest of the bytes that were used for it."""
    state = hashlib.sha256(wrapped)
    for chunk, plain in chunks:
        state.update(chunk)
        file.write(plain)
    return state.hexdigest()


def _check_agreement(header: SealedHeader, unit: Unit, path: Path) -> None:
    with open_parquet(path) as (file, _):
        inner = _PARSERS[header.kind, unit](file.metadata.metadata or {})
    said, found = header.members(), inner.members()
    if any(found[name] != said[name] for name in found.keys() & _COMMON):
        raise SubmissionError(
            "sealed.differs",
            "The header of the part says something else than that of the sealed file.",
            hint="Ask the reporter to seal and send it again.",
        )
