"""Open a sealed file at the units that a registry has, and verify its parts as strictly as open files.

While a file is being received its parts are in clear, each in a file of its own that only the owner may read.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import pyarrow as pa

from linkage.errors import RefusedError, RegistryError
from linkage.reading.parts import VerifiedCases, VerifiedCodes, verify_cases, verify_codes
from linkage.reading.refusals import changed
from linkage.reading.verify import Expected, check_key, check_profile, verify_any
from pseudonym.faults import Fault
from pseudonym.output import OutputError
from pseudonym.public_keys import BodyPublicKey, Unit
from pseudonym.wire import Header, SealedHeader, SubmissionError, Totals, Withdrawal, header_of_parts
from pseudonym.wire.sealed import OpenedPart, Opener, open_part, verify_sealed

__all__ = ["Opened", "VerifiedParts", "opened_sealed"]

_NO_CODES: Final = bytes(32)
"""Stands for the digest of the codes of a record that has none, and so breaks a rule."""


@dataclass(frozen=True, slots=True, repr=False)
class VerifiedParts:
    """Both parts of a sealed submission; its codes are read again when they are stored.

    Attributes:
        header: What the headers of both parts say, with the digest of the sealed file.
        cases: One row per record: `record`, `record_id`, the reserved columns, `payload.*`.
        case_digests: 32 bytes for each row of `cases`.
        code_digests: The same of its codes.
        faults: The records that break a rule for single rows, by their row in `cases`.
    """

    header: Header
    cases: pa.Table
    case_digests: tuple[bytes, ...]
    code_digests: tuple[bytes, ...]
    faults: tuple[Fault, ...]
    _codes: VerifiedCodes

    @property
    def handles(self) -> pa.Array:
        """The handles of the records."""
        return self.cases["record"].combine_chunks()

    def codes(self) -> Iterator[pa.Table]:
        """Return the codes in parts, as they were verified.

        Raises:
            RefusedError: As for `VerifiedCodes.codes`.
        """
        return self._codes.codes()


Opened = VerifiedParts | VerifiedCases | VerifiedCodes | Withdrawal | Totals
"""What comes of a sealed file: both parts of a submission or one of them, or what has one part only."""


@contextmanager
def opened_sealed(
    path: Path,
    expected: Expected,
    *,
    signer: BodyPublicKey,
    openers: Iterable[Opener],
    folder: Path,
    seen: SealedHeader | None = None,
) -> Iterator[Opened]:
    """Open and verify a sealed file; what comes of it can be used for as long as the block lasts.

    Args:
        path: The file.
        expected: What the registry expects.
        signer: The key with which it must be signed.
        openers: The keys of the units that the registry has, that of the linkage unit first.
        folder: Where the parts are in clear meanwhile.
        seen: Its header as it was read before, by which the signer was chosen.

    Yields:
        What was verified. Its header has the digest of the sealed file, unless only the part with codes was opened.

    Raises:
        RefusedError: `submission.profile`, `submission.key_id`, `submission.epoch` or `sealed.recipient` if the file
            was made for another registry; the rule of `pseudonym.wire.sealed` if its signature is wrong or a part
            cannot be opened; `sealed.parts_differ` if the parts are not of one submission; else as for an open file.
        RegistryError: The parts cannot be written to the folder.
    """
    keys = tuple(openers)
    with ExitStack() as stack:
        with _refusing(path):
            header = verify_sealed(path, signer=signer)
            if header != (seen or header):
                raise changed(path)
            _check_header(header, expected, keys, path)
            chosen = [key for key in keys if any(part.unit == key.public.unit for part in header.parts)]
            parts = {
                key.public.unit: stack.enter_context(open_part(path, signer=signer, opener=key, folder=folder))
                for key in chosen or keys
            }
            content = _verified(header, parts, expected, path)
        yield content


def _check_header(header: SealedHeader, expected: Expected, keys: Iterable[Opener], path: Path) -> None:
    """Refuse a file that was made for another registry, before anything of it is decrypted."""
    if header.profile_digest is not None:
        check_profile(header.profile_digest, expected, path)
    if header.key_id is not None:
        check_key(header.key_id, header.epoch, expected, path)
    own = {key.public.unit: key.public.fingerprint for key in keys}
    if any(part.recipient != own.get(part.unit, part.recipient) for part in header.parts):
        raise RefusedError(
            "sealed.recipient",
            "The file is sealed for another registry: a part is encrypted to another key than that of its unit.",
            hint="Send the reporter an invite with the present keys, and ask for the file again.",
            path=path,
        )


def _verified(header: SealedHeader, parts: Mapping[Unit, OpenedPart], expected: Expected, path: Path) -> Opened:
    if any(part.header != header for part in parts.values()):
        raise changed(path)
    if header.kind != "submission":
        content = verify_any(parts["statistics"].path, expected)
        if isinstance(content, Withdrawal):
            return replace(content, header=content.header.sealed_as(header.digest))
        # The header of the part agrees with that of the file, whose kind says what it is.
        assert isinstance(content, Totals)
        return replace(content, header=content.header.sealed_as(header.digest))
    codes = verify_codes(parts["linkage"].path, expected) if "linkage" in parts else None
    if "statistics" not in parts:
        assert codes is not None  # A submission has two parts, and one of them was opened.
        return codes
    cases = verify_cases(parts["statistics"].path, expected)
    if codes is None:
        return replace(cases, header=cases.header.sealed_as(header.digest))
    return _joined(header, cases, codes, path)


def _joined(sealed: SealedHeader, cases: VerifiedCases, codes: VerifiedCodes, path: Path) -> VerifiedParts:
    """Put both parts of a submission side by side."""
    place = {handle: index for index, handle in enumerate(codes.handles.to_pylist())}
    own = [place.pop(handle, None) for handle in cases.cases["record"].to_pylist()]
    if place:
        raise RefusedError(
            "sealed.parts_differ",
            "The parts of the sealed file are not of one submission; nothing was stored.",
            hint="Ask the reporter to seal and send it again.",
            path=path,
        )
    broken = {fault.row for fault in codes.faults}
    faults = {fault.row: fault for fault in cases.faults}
    for row, index in enumerate(own):
        if index is None or index in broken:
            faults[row] = Fault(row, None, "codes.counts", "rejected")
    return VerifiedParts(
        header=header_of_parts(codes.header, cases.header).sealed_as(sealed.digest),
        cases=cases.cases,
        case_digests=cases.case_digests,
        code_digests=tuple(_NO_CODES if index is None else codes.code_digests[index] for index in own),
        faults=tuple(faults[row] for row in sorted(faults)),
        _codes=codes,
    )


@contextmanager
def _refusing(path: Path) -> Iterator[None]:
    """Raise what is wrong with a part as an error about the file that was sent, not about its temporary copy."""
    try:
        yield
    except OutputError as error:
        raise RegistryError(error.rule, error.message, hint=error.hint, path=error.path) from None
    except (SubmissionError, RefusedError) as error:
        raise RefusedError(error.rule, error.message, hint=error.hint, path=path) from None
