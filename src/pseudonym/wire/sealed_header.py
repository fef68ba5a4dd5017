"""The part of a sealed submission that is in clear: who sent what to which unit (docs/spec.md, section 14).

No key is needed to read it, and nothing of cryptography is loaded. Whether it is true only its signature says.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Annotated, Any, Final, Literal

from pydantic import Field, ValidationError, ValidationInfo, field_validator

from pseudonym.canonical import canonical_json, length_prefixed
from pseudonym.errors import SubmissionError, concerning
from pseudonym.labels import LABELS
from pseudonym.output import Kind
from pseudonym.unreadable import EMPTY, why_unreadable
from pseudonym.wire.header import Count, Document, Epoch, FileHeader, Hex32, KeyId, Reporter

__all__ = [
    "CHUNK_BYTES",
    "LEAST_BYTES",
    "MAGIC",
    "MAX_HEADER_BYTES",
    "SEALED",
    "SIGNATURE_BYTES",
    "SUITE",
    "TAG_BYTES",
    "UNITS_OF",
    "WRAPPED_KEY_BYTES",
    "SealedFile",
    "SealedHeader",
    "SealedPart",
    "is_sealed",
    "open_sealed",
    "preamble",
    "read_sealed_header",
    "reading",
]

MAGIC: Final = b"pseudonym-sealed"
"""The first bytes of every sealed file."""

LENGTH_BYTES: Final = 4
SIGNATURE_BYTES: Final = 64
"""Length of an Ed25519 signature."""

MAX_HEADER_BYTES: Final = 4096
"""No header is longer; one of two parts has about a thousand bytes."""

SUITE: Final = "MLKEM768-X25519, HKDF-SHA256, AES-256-GCM"
"""The one suite of this specification: HPKE with these for the key of a part, and AES-256-GCM for its chunks too."""

CHUNK_BYTES: Final = 1 << 16
"""Bytes of a part that are encrypted at a time, so that its length does not matter to memory."""

TAG_BYTES: Final = 16
WRAPPED_KEY_BYTES: Final = 1088 + 32 + 32 + TAG_BYTES
"""A key of 32 bytes in HPKE: the encapsulated keys of ML-KEM-768 and X25519, then the encrypted key."""

LEAST_BYTES: Final = WRAPPED_KEY_BYTES + 1 + TAG_BYTES
"""Length of a part of one byte, once encrypted."""

Unit = Literal["linkage", "statistics"]

UNITS_OF: Final[dict[str, list[Unit]]] = {
    "submission": ["linkage", "statistics"],
    "withdrawal": ["statistics"],
    "totals": ["statistics"],
}
"""For each kind of file the units to which it has parts, in their order."""


class SealedPart(Document):
    """One encrypted part.

    Attributes:
        unit: The unit to which it is encrypted.
        recipient: The fingerprint of that unit's public key.
        bytes: Its length in the file.
        digest: SHA-256 of these bytes.
    """

    unit: Unit
    recipient: Hex32
    bytes: Annotated[int, Field(ge=LEAST_BYTES, lt=2**53)]
    digest: Hex32

    @field_validator("bytes")
    @classmethod
    def _check_bytes(cls, n_bytes: int) -> int:
        if 0 < (n_bytes - WRAPPED_KEY_BYTES) % (CHUNK_BYTES + TAG_BYTES) <= TAG_BYTES:
            raise ValueError("a last chunk with nothing in it")
        return n_bytes


class SealedHeader(FileHeader):
    """The header of a sealed file. Period, codebook and figures of quality are in its parts alone."""

    DIGEST_LABEL = LABELS["sealed"]

    spec: Literal[3]
    suite: Literal["MLKEM768-X25519, HKDF-SHA256, AES-256-GCM"]
    kind: Literal["submission", "withdrawal", "totals"]
    reporter: Reporter
    signer: Hex32
    key_id: KeyId | None
    epoch: Epoch | None
    profile_digest: Hex32 | None
    sequence: Count
    previous: Hex32 | None
    parts: tuple[SealedPart, ...]

    @field_validator("key_id", "epoch")
    @classmethod
    def _check_key(cls, value: str | int | None, info: ValidationInfo) -> str | int | None:
        if (value is None) != (info.data.get("kind") == "totals"):
            raise ValueError("a key of totals, or none of what has one")
        return value

    @field_validator("profile_digest")
    @classmethod
    def _check_profile(cls, digest: str | None, info: ValidationInfo) -> str | None:
        if (digest is None) != (info.data.get("kind") != "submission"):
            raise ValueError("a profile of what has no codes, or none of a submission")
        return digest

    @field_validator("parts")
    @classmethod
    def _check_parts(cls, parts: tuple[SealedPart, ...], info: ValidationInfo) -> tuple[SealedPart, ...]:
        if [part.unit for part in parts] != UNITS_OF.get(info.data.get("kind", "")):
            raise ValueError("parts of other units")
        return parts

    @property
    def binding(self) -> bytes:
        """What ties every part to this header: a digest of all that is known before a part is encrypted."""
        members = self.members()
        members["parts"] = [{name: part[name] for name in ("unit", "recipient")} for part in members["parts"]]
        return hashlib.sha256(length_prefixed(LABELS["sealed_binding"], canonical_json(members))).digest()

    @property
    def signed(self) -> bytes:
        """What the reporter signs."""
        return length_prefixed(LABELS["sealed_signature"], bytes.fromhex(self.digest))


@dataclass(frozen=True, slots=True, repr=False)
class SealedFile:
    """An open sealed file.

    Attributes:
        file: The file.
        header: Its header, well formed; nobody has checked the signature.
        signature: 64 bytes.
        starts: For each part the offset of its first byte.
    """

    file: IO[bytes]
    header: SealedHeader
    signature: bytes
    starts: tuple[int, ...]


def preamble(header: SealedHeader, signature: bytes) -> bytes:
    """Return what comes before the parts of a sealed file.

    Args:
        header: Its header.
        signature: 64 bytes.
    """
    return MAGIC + length_prefixed(header.canonical()) + signature


def is_sealed(file: IO[bytes]) -> bool:
    """Return whether an open file begins as a sealed file does."""
    file.seek(0)
    return file.read(len(MAGIC)) == MAGIC


SEALED: Final = Kind("sealed file", is_sealed)
"""What begins as a sealed file does, whole or damaged."""


def read_sealed_header(path: str | Path) -> SealedHeader:
    """Read the header of a sealed file; whether its signature is right remains to be seen.

    Args:
        path: The file.

    Returns:
        The header.

    Raises:
        SubmissionError: As `open_sealed`.
    """
    with open_sealed(path) as sealed:
        return sealed.header


@contextmanager
def open_sealed(path: str | Path) -> Iterator[SealedFile]:
    """Open a sealed file and check all that needs no key: its header, and that it has the length that this says.

    Args:
        path: The file.

    Yields:
        The file.

    Raises:
        SubmissionError: `submission.unreadable` if it cannot be opened, `sealed.not_one` if it begins in another way,
            `sealed.header` for a header that is too long, malformed or not canonical, `sealed.spec` and `sealed.suite`
            for another version of the specification or another suite, `sealed.length` if the file is cut off or has
            bytes more.
    """
    with concerning(path):
        if os.path.exists(path) and not os.path.isfile(path):
            # Opening a pipe would wait for a writer, possibly for ever.
            raise _unreadable(path, None)
        with ExitStack() as opened:
            try:
                file = opened.enter_context(open(path, "rb"))
            except OSError as error:
                raise _unreadable(path, error) from None
            with reading(path):
                sealed = _sealed_file(file)
            yield sealed


@contextmanager
def reading(path: str | Path) -> Iterator[None]:
    """Turn failures of the disk or the network into the error for a sealed file that cannot be read.

    Args:
        path: The file.

    Raises:
        SubmissionError: `submission.unreadable`.
    """
    try:
        yield
    except OSError as error:
        raise _unreadable(path, error) from None


def _sealed_file(file: IO[bytes]) -> SealedFile:
    size = os.fstat(file.fileno()).st_size
    if not size:
        raise SubmissionError("sealed.not_one", EMPTY.message, hint=EMPTY.hint)
    if not is_sealed(file):
        raise SubmissionError("sealed.not_one", "The file is not sealed.")
    length = int.from_bytes(file.read(LENGTH_BYTES), "little")
    at = len(MAGIC) + LENGTH_BYTES + length + SIGNATURE_BYTES
    if size < at:
        raise _wrong_length()
    if length > MAX_HEADER_BYTES:
        raise _malformed()
    header = _parse(file.read(length))
    signature = file.read(SIGNATURE_BYTES)
    starts = []
    for part in header.parts:
        starts.append(at)
        at += part.bytes
    if at != size:
        raise _wrong_length()
    return SealedFile(file, header, signature, tuple(starts))


def _parse(text: bytes) -> SealedHeader:
    try:
        header = SealedHeader.model_validate_json(text)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        raise _refused(first) from None
    if header.canonical() != text:
        raise _malformed()
    return header


def _refused(first: Any) -> SubmissionError:
    """Return the error for the first fault that was found in a header."""
    if first["type"] == "literal_error" and first["loc"] == ("spec",):
        return SubmissionError(
            "sealed.spec",
            "The file follows another version of the specification.",
            hint="Make the file again with the version of pseudonym that the registry uses.",
        )
    if first["type"] == "literal_error" and first["loc"] == ("suite",):
        return SubmissionError(
            "sealed.suite",
            "The file is sealed with a suite of ciphers that is not known here.",
            hint="Make the file again with the version of pseudonym that the registry uses.",
        )
    return _malformed()


def _malformed() -> SubmissionError:
    return SubmissionError("sealed.header", "The header of the sealed file is malformed.")


def _wrong_length() -> SubmissionError:
    return SubmissionError(
        "sealed.length",
        "The sealed file is cut off, or has more bytes than its header says.",
        hint="It may not have been copied to its end: fetch it again.",
    )


def _unreadable(path: str | Path, error: OSError | None) -> SubmissionError:
    why = why_unreadable(path, error)
    return SubmissionError("submission.unreadable", why.message, hint=why.hint)
