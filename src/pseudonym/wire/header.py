"""The headers of submissions and withdrawals, which the registry reads before any row (docs/spec.md, 8 and 10)."""

from __future__ import annotations

import hashlib
from typing import Annotated, Any, ClassVar, Final, Literal, TypeVar

import rfc8785
from pydantic import BaseModel, ConfigDict, Field, ValidationError, ValidationInfo, field_validator

from pseudonym.canonical import length_prefixed
from pseudonym.errors import SubmissionError
from pseudonym.labels import LABELS

__all__ = [
    "DIGEST_KEY",
    "HEADER_KEY",
    "IDENTITY_FIELDS",
    "QUALITY_RECORDS",
    "WITHDRAWAL_KEY",
    "CodebookReference",
    "Header",
    "Quality",
    "WithdrawalHeader",
    "parse_header",
    "parse_withdrawal_header",
]

HEADER_KEY: Final = b"pseudonym.submission"
WITHDRAWAL_KEY: Final = b"pseudonym.withdrawal"
DIGEST_KEY: Final = b"pseudonym.digest"

IDENTITY_FIELDS: Final = ("number", "foreign_number", "given_names", "family_names", "birth_date", "sex")
"""The fields of an identity. Their values are never sent, only figures of how complete they are."""

QUALITY_RECORDS: Final = 20
"""From how many records on a submission gives figures of completeness: those of one record say what that one lacks."""

Hex32 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Count = Annotated[int, Field(ge=0, lt=2**53)]
Period = Annotated[str, Field(pattern=r"^[0-9]{4}(-(0[1-9]|1[0-2]))?$")]
KeyId = Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]
Epoch = Annotated[int, Field(ge=1, le=999_999_999)]
Reporter = Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]{1,64}$")]


class _Document(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class _FileHeader(_Document):
    """What the headers of all kinds of files have in common."""

    DIGEST_LABEL: ClassVar[str]

    def members(self) -> dict[str, Any]:
        """Return the header as plain values."""
        return self.model_dump(mode="json")

    def canonical(self) -> bytes:
        """Return the header as canonical JSON [RFC8785]."""
        return rfc8785.dumps(self.members())

    @property
    def digest(self) -> str:
        """The digest of the file, 64 hexadecimal digits."""
        return hashlib.sha256(length_prefixed(self.DIGEST_LABEL, self.canonical())).hexdigest()


_Form = TypeVar("_Form", bound=_FileHeader)


class CodebookReference(_Document):
    """The codebook that the payload of a submission follows."""

    name: str
    version: str
    digest: Hex32


class Quality(_Document):
    """How complete one identity field is: numbers of records where it is missing, unreadable, or kept with a mark."""

    missing: Count
    unreadable: Count
    marked: Count


class Header(_FileHeader):
    """The header of a submission."""

    DIGEST_LABEL = LABELS["submission"]

    spec: Literal[3]
    profile: str
    profile_digest: Hex32
    codebook: CodebookReference | None
    key_id: KeyId
    epoch: Epoch
    reporter: Reporter
    period: Period | None
    sequence: Count
    previous: Hex32 | None
    records: Count
    codes: Count
    nothing_to_report: bool
    quality: dict[str, Quality] | None
    content_digest: Hex32
    complete: bool = False

    @field_validator("quality")
    @classmethod
    def _check_quality(cls, quality: dict[str, Quality] | None, info: ValidationInfo) -> dict[str, Quality] | None:
        if (quality is None) != (info.data.get("records", 0) < QUALITY_RECORDS):
            raise ValueError("figures of few records, or none of many")
        if quality is not None and set(quality) != set(IDENTITY_FIELDS):
            raise ValueError("other fields")
        return quality

    @field_validator("complete")
    @classmethod
    def _check_complete(cls, complete: bool, info: ValidationInfo) -> bool:
        if complete and info.data.get("period") is None:
            raise ValueError("complete without a period")
        return complete

    def members(self) -> dict[str, Any]:
        """Return the header as plain values; `complete` is a member only if it is true."""
        return self.model_dump(mode="json", exclude=None if self.complete else {"complete"})


class WithdrawalHeader(_FileHeader):
    """The header of a withdrawal."""

    DIGEST_LABEL = LABELS["withdrawal"]

    spec: Literal[3]
    key_id: KeyId
    epoch: Epoch
    reporter: Reporter
    period: Period | None
    sequence: Count
    previous: Hex32 | None
    records: Count
    cases: Count
    everything: bool
    salt: Hex32
    content_digest: Hex32

    @field_validator("everything")
    @classmethod
    def _check_everything(cls, everything: bool, info: ValidationInfo) -> bool:
        ids = info.data.get("records", 0) + info.data.get("cases", 0)
        if everything == (ids > 0) or not (everything or info.data.get("period") is None):
            raise ValueError("either ids, or everything, perhaps of a period")
        return everything


def parse_header(metadata: dict[bytes, bytes]) -> Header:
    """Read and check the header in the key-value metadata of a Parquet file.

    Args:
        metadata: The metadata.

    Returns:
        The header.

    Raises:
        SubmissionError: `submission.not_one` without our metadata, `submission.withdrawal` for a withdrawal,
            `submission.spec` for another version of the specification, `submission.header` for a header that is
            malformed or not canonical, `submission.digest` for a wrong digest.
    """
    if WITHDRAWAL_KEY in metadata:
        raise SubmissionError("submission.withdrawal", "The file is a withdrawal: it has no records or codes.")
    header = _parse(Header, metadata, HEADER_KEY)
    if header.nothing_to_report and header.records:
        raise _malformed()
    return header


def parse_withdrawal_header(metadata: dict[bytes, bytes]) -> WithdrawalHeader:
    """Read and check the header of a withdrawal in the key-value metadata of a Parquet file.

    Args:
        metadata: The metadata.

    Returns:
        The header.

    Raises:
        SubmissionError: As `parse_header`, except `submission.withdrawal`.
    """
    if HEADER_KEY in metadata:
        raise _malformed()
    return _parse(WithdrawalHeader, metadata, WITHDRAWAL_KEY)


def _parse(form: type[_Form], metadata: dict[bytes, bytes], key: bytes) -> _Form:
    text, digest = metadata.get(key), metadata.get(DIGEST_KEY)
    if text is None or digest is None:
        raise SubmissionError("submission.not_one", "The file is a Parquet file, but not a submission.")
    try:
        header = form.model_validate_json(text)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        if first["loc"] == ("spec",) and first["type"] == "literal_error":
            raise SubmissionError(
                "submission.spec",
                "The file follows another version of the specification.",
                hint="Make the file again with the version of pseudonym that the registry uses.",
            ) from None
        raise _malformed() from None
    if header.canonical() != text:
        raise _malformed()
    if header.digest.encode() != digest:
        raise SubmissionError("submission.digest", "The file is damaged: its header does not match its digest.")
    return header


def _malformed() -> SubmissionError:
    return SubmissionError("submission.header", "The header of the file is malformed.")
