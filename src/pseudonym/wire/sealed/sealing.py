"""Seal a file: a part for each unit, encrypted to it, under one header that the reporter signs.

The parts are encrypted while they are written, so nothing reaches the disk in clear that was not there before.
"""

from __future__ import annotations

import secrets
import shutil
import tempfile
from collections.abc import Iterable
from contextlib import ExitStack
from pathlib import Path
from typing import IO, Final

from pseudonym.codebook import Codebook
from pseudonym.errors import SubmissionError, concerning
from pseudonym.labels import SPEC
from pseudonym.output import Outputs, writing
from pseudonym.profile import Profile
from pseudonym.public_keys import BodySigner, UnitPublicKey
from pseudonym.wire.any_file import read_any_header
from pseudonym.wire.header import Header, TotalsHeader, WithdrawalHeader
from pseudonym.wire.part_writer import write_parts
from pseudonym.wire.sealed.stream import EncryptingFile
from pseudonym.wire.sealed.wrapping import Place, wrap_key
from pseudonym.wire.sealed_header import LEAST_BYTES, SEALED, SUITE, UNITS_OF, SealedHeader, SealedPart, preamble
from pseudonym.wire.totals import read_totals
from pseudonym.wire.withdrawal import read_withdrawal

__all__ = ["seal"]

KEY_BYTES: Final = 32

COPY_BYTES: Final = 1 << 20
"""Bytes copied at a time."""

_LATER: Final = "0" * 64
"""Stands for the digest of a part until it has been encrypted."""


def seal(
    source: str | Path,
    path: str | Path,
    *,
    signer: BodySigner,
    recipients: Iterable[UnitPublicKey],
    profile: Profile | None = None,
    codebook: Codebook | None = None,
    outputs: Outputs | None = None,
) -> SealedHeader:
    """Seal a submission, a withdrawal or totals in a new file, for its owner only.

    Args:
        source: The open file; it is read and checked as a registry does.
        path: The sealed file; only an older one is replaced.
        signer: The key of the reporter.
        recipients: The public keys of the units; what is for one unit alone needs that of the other not.
        profile: The profile that a submission follows.
        codebook: The codebook that a submission or totals follow, or None.
        outputs: A group of outputs to which the file belongs; it then appears when the group is committed.

    Returns:
        The header of the sealed file.

    Raises:
        SubmissionError: As for `open_submission`, `read_withdrawal` or `read_totals`; `sealed.recipients` if a unit
            that gets a part has no key, or several; `sealed.already` if the file is sealed; `sealed.unsupported` if
            this installation of `cryptography` lacks the suite.
        OutputError: As for `pseudonym.output.Outputs.add` and `Outputs.commit`.
    """
    with ExitStack() as stack:
        group = stack.enter_context(Outputs()) if outputs is None else outputs
        with concerning(source):
            opened = read_any_header(source)
            if isinstance(opened, SealedHeader):
                raise SubmissionError("sealed.already", "The file is sealed already.", hint="Send it as it is.")
            kind = _kind(opened)
            keys = _chosen(kind, tuple(recipients))
        draft = _draft(opened, kind, signer, keys)
        target = group.add(path, SEALED)
        with writing(SEALED, path), ExitStack() as files:
            parts = []
            for number, key in enumerate(keys):
                beneath = files.enter_context(tempfile.TemporaryFile(dir=target.parent))
                parts.append(_Sealing(beneath, key, Place(draft.binding, key.unit, number)))
            _fill(source, kind, parts, profile=profile, codebook=codebook)
            header = draft.model_copy(update={"parts": tuple(map(_described, parts, keys))})
            with target.open("wb") as file:
                file.write(preamble(header, signer.sign(header.signed)))
                for part in parts:
                    part.copy_to(file)
        if outputs is None:
            group.commit()
    return header


def _kind(header: Header | WithdrawalHeader | TotalsHeader) -> str:
    if isinstance(header, Header):
        return "submission"
    return "withdrawal" if isinstance(header, WithdrawalHeader) else "totals"


def _chosen(kind: str, recipients: tuple[UnitPublicKey, ...]) -> list[UnitPublicKey]:
    """Return the key of each unit that gets a part, in the order of the parts."""
    found = [[key for key in recipients if key.unit == unit] for unit in UNITS_OF[kind]]
    if any(len(keys) != 1 for keys in found):
        raise SubmissionError(
            "sealed.recipients",
            "A unit that gets a part has no public key here, or several.",
            hint="Take the keys from the invite of the registry: one of the linkage unit, one of the statistics unit.",
        )
    return [keys[0] for keys in found]


def _draft(
    opened: Header | WithdrawalHeader | TotalsHeader, kind: str, signer: BodySigner, keys: list[UnitPublicKey]
) -> SealedHeader:
    """Return the header as far as it is known before anything is encrypted."""
    members = opened.members()
    return SealedHeader.model_validate(
        {
            "spec": SPEC,
            "suite": SUITE,
            "kind": kind,
            "signer": signer.public.fingerprint,
            **{name: members.get(name) for name in ("key_id", "epoch", "profile_digest")},
            **{name: members[name] for name in ("reporter", "sequence", "previous")},
            "parts": tuple(
                {"unit": key.unit, "recipient": key.fingerprint, "bytes": LEAST_BYTES, "digest": _LATER} for key in keys
            ),
        }
    )


class _Sealing:
    """A part that is being encrypted, in a temporary file beside the output."""

    def __init__(self, beneath: IO[bytes], recipient: UnitPublicKey, place: Place) -> None:
        self._beneath = beneath
        key = secrets.token_bytes(KEY_BYTES)
        self.file = EncryptingFile(beneath, key, wrap_key(key, recipient, place), place.aad)

    def copy_to(self, file: IO[bytes]) -> None:
        """Append what was encrypted to a file."""
        self._beneath.seek(0)
        shutil.copyfileobj(self._beneath, file, COPY_BYTES)


def _described(part: _Sealing, recipient: UnitPublicKey) -> SealedPart:
    digest = part.file.finish()
    return SealedPart(unit=recipient.unit, recipient=recipient.fingerprint, bytes=part.file.n_bytes, digest=digest)


def _fill(
    source: str | Path, kind: str, parts: list[_Sealing], *, profile: Profile | None, codebook: Codebook | None
) -> None:
    """Check the open file and write it into its parts."""
    if kind == "submission":
        if profile is None:
            raise SubmissionError("submission.profile", "The submission follows another profile.")
        codes, cases = parts
        write_parts(source, codes.file, cases.file, profile=profile, codebook=codebook)
        return
    if kind == "withdrawal":
        read_withdrawal(source)
    else:
        read_totals(source, codebook=codebook)
    with open(source, "rb") as file:
        shutil.copyfileobj(file, parts[0].file, COPY_BYTES)
