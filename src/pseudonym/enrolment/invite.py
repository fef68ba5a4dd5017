"""The invite: what a reporter must know of a registry before it can send to it."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, Any, ClassVar, Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from pseudonym.enrolment.document import (
    SIGNATURE,
    SPOKEN,
    SignedDocument,
    enrolment_error,
    parse_document,
    read_document,
)
from pseudonym.json_text import first_flaw
from pseudonym.labels import SPEC
from pseudonym.output import Kind
from pseudonym.public_keys import UNITS, Unit, UnitPublicKey, UnitSigner

__all__ = [
    "INVITE",
    "DocumentReference",
    "Invite",
    "RosterEntry",
    "countersign",
    "make_invite",
    "parse_invite",
    "read_invite",
]

FORMAT: Final = "pseudonym-invite/1"

INVITE: Final = Kind("invite", lambda file: f'"{FORMAT}"'.encode() in file.read(1 << 15))
"""A document that says that it is one."""

SALT_BYTES: Final = 16

Text = Annotated[str, Field(min_length=1, max_length=200)]
Name = Annotated[str, Field(pattern=r"^[a-z0-9_-]{1,32}$")]
Code = Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]{1,64}$")]
Period = Annotated[str, Field(pattern=r"^[0-9]{4}(-(0[1-9]|1[0-2]))?$")]
PublicKeyText = Annotated[str, Field(min_length=1, max_length=2500, pattern=r"^[A-Za-z0-9.-]+$")]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, populate_by_name=True)


class DocumentReference(_Part):
    """A profile or a codebook, by its digest."""

    name: Name
    version: str = Field(pattern=r"^[A-Za-z0-9_.-]{1,32}$")
    digest: str = Field(pattern=r"^[0-9a-f]{64}$")


class RosterEntry(_Part):
    """What the reporter is to report, as its entry of the roster says it."""

    reporter: Code
    name: Text | None
    kind: str = Field(pattern=r"^[a-z_]{1,32}$")
    county: Annotated[str, Field(pattern=r"^[0-9]{2}$")] | None
    reports: list[Literal["records", "totals"]] = Field(min_length=1, max_length=2)
    every: Literal["month", "year"]
    from_period: Period = Field(alias="from")
    until_period: Period | None = Field(alias="until")
    due_days: int = Field(ge=0, le=366)
    cases_from: list[Code] = Field(max_length=1000)


class _UnitPart(_Part):
    """The public key of a unit, and its fingerprint in groups of digits."""

    public_key: PublicKeyText
    fingerprint: str = Field(pattern=SPOKEN)


class _Units(_Part):
    """Both units."""

    linkage: _UnitPart
    statistics: _UnitPart


class _Signatures(_Part):
    """The signatures of both units, in hexadecimal digits; null where one is still missing."""

    linkage: Annotated[str, Field(pattern=SIGNATURE)] | None
    statistics: Annotated[str, Field(pattern=SIGNATURE)] | None


class Invite(SignedDocument):
    """An invite.

    Attributes:
        reporter: Code of the reporter that is invited.
        units: The public keys of both units.
        profile: The profile that submissions follow.
        codebook: The codebook of their payload, or None.
        roster: The reporter's entry of the roster, or None.
        period: The first period that is to be reported, or None.
        key_id: Key id of the linkage key in use, or None if the registry does not know it yet.
        epoch: Its epoch, or None.
        salt: 16 random bytes, so that no two invites are the same.
        signatures: Those of both units over everything else.
    """

    KIND: ClassVar[str] = "invite"
    SIGNED_APART: ClassVar[str] = "signatures"

    format: Literal["pseudonym-invite/1"]
    spec: Literal[3]
    reporter: Code
    units: _Units
    profile: DocumentReference
    codebook: DocumentReference | None
    roster: RosterEntry | None
    period: Period | None
    key_id: Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")] | None
    epoch: Annotated[int, Field(ge=1, le=999_999_999)] | None
    salt: str = Field(pattern=r"^[0-9a-f]{32}$")
    signatures: _Signatures

    def public_key(self, unit: Unit) -> UnitPublicKey:
        """Return the public key of a unit."""
        part: _UnitPart = getattr(self.units, unit)
        return UnitPublicKey.parse(part.public_key)

    @property
    def public_keys(self) -> tuple[UnitPublicKey, UnitPublicKey]:
        """The public keys of the linkage unit and the statistics unit."""
        return self.public_key("linkage"), self.public_key("statistics")

    @property
    def is_complete(self) -> bool:
        """Whether both units have signed."""
        return all(getattr(self.signatures, unit) is not None for unit in UNITS)

    def check(self) -> None:
        """Check keys, fingerprints and the signatures that are there, of which there is at least one.

        Raises:
            EnrolmentError: `invite.fingerprint` or `invite.signature`.
            PublicKeyError: A public key is damaged or a signature is wrong.
        """
        if not any(getattr(self.signatures, unit) for unit in UNITS):
            raise enrolment_error(Invite, "signature", field="signatures")
        for unit in UNITS:
            key = self.public_key(unit)
            if key.unit != unit or key.spoken != getattr(self.units, unit).fingerprint:
                raise enrolment_error(Invite, "fingerprint", field=f"units.{unit}")
            signature = getattr(self.signatures, unit)
            if signature is not None:
                key.verify(bytes.fromhex(signature), self.message)

    def signed_by(self, keys: Iterable[UnitSigner]) -> Self:
        """Return the invite with the signatures of more units.

        Args:
            keys: Their keys, whose public forms are in the invite.
        """
        made: dict[str, str] = {key.public.unit: key.sign(self.message).hex() for key in keys}
        return self.model_copy(update={"signatures": self.signatures.model_copy(update=made)})


def make_invite(
    reporter: str,
    *,
    keys: Iterable[UnitSigner],
    public_keys: Iterable[UnitPublicKey] = (),
    profile: DocumentReference,
    codebook: DocumentReference | None = None,
    roster: Mapping[str, Any] | None = None,
    period: str | None = None,
    key_id: str | None = None,
    epoch: int | None = None,
) -> Invite:
    """Make an invite and sign it.

    Args:
        reporter: Code of the reporter.
        keys: The keys of the units that sign it.
        public_keys: The public keys of units that do not.
        profile: See `Invite`.
        codebook: See `Invite`.
        roster: Likewise, with the members of `RosterEntry`.
        period: Likewise.
        key_id: Likewise.
        epoch: Likewise.

    Returns:
        The invite.

    Raises:
        EnrolmentError: `invite.form` if the reporter, the period or the entry is malformed, `invite.units` if there is
            not exactly one key for each unit.
    """
    signers = tuple(keys)
    named = [*(signer.public for signer in signers), *public_keys]
    publics = {key.unit: key for key in named}
    if len(named) != len(UNITS) or set(publics) != set(UNITS):
        raise enrolment_error(Invite, "units")
    values = {
        "format": FORMAT,
        "spec": SPEC,
        "reporter": reporter,
        "units": {unit: {"public_key": key.text, "fingerprint": key.spoken} for unit, key in publics.items()},
        "profile": profile,
        "codebook": codebook,
        "roster": None if roster is None else dict(roster),
        "period": period,
        "key_id": key_id,
        "epoch": epoch,
        "salt": secrets.token_hex(SALT_BYTES),
        "signatures": dict.fromkeys(UNITS),
    }
    try:
        unsigned = Invite.model_validate(values)
    except ValidationError as error:
        flaw = first_flaw(error, Invite)
    else:
        return unsigned.signed_by(signers)
    raise enrolment_error(Invite, "form", field=flaw.member, allowed=flaw.allowed)


def countersign(invite: Invite, key: UnitSigner) -> Invite:
    """Sign an invite that the other unit has made.

    Args:
        invite: The invite.
        key: The key of this unit.

    Returns:
        The invite with both signatures.

    Raises:
        EnrolmentError: `invite.other_key` if the invite names another public key for this unit.
    """
    if invite.public_key(key.public.unit) != key.public:
        raise enrolment_error(Invite, "other_key", field=f"units.{key.public.unit}")
    return invite.signed_by([key])


def parse_invite(data: bytes) -> Invite:
    """Read an invite.

    Args:
        data: The content of its file.

    Raises:
        EnrolmentError: As for `pseudonym.enrolment.document.parse_document`.
    """
    return parse_document(data, Invite)


def read_invite(path: str | Path) -> Invite:
    """Read an invite from its file.

    Args:
        path: The file.

    Raises:
        EnrolmentError: As for `parse_invite`; `invite.unreadable`.
    """
    return read_document(path, Invite)
