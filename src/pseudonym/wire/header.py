"""The header of a submission, which the registry reads before any row (docs/spec.md, section 8)."""

from __future__ import annotations

import hashlib
from typing import Annotated, Final, Literal

import rfc8785
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from pseudonym.canonical import length_prefixed
from pseudonym.errors import SubmissionError

__all__ = [
    "DIGEST_KEY",
    "HEADER_KEY",
    "IDENTITY_FIELDS",
    "SPEC",
    "CodebookReference",
    "Header",
    "Quality",
    "parse_header",
]

SPEC: Final = 2
HEADER_KEY: Final = b"pseudonym.submission"
DIGEST_KEY: Final = b"pseudonym.digest"

IDENTITY_FIELDS: Final = ("number", "foreign_number", "given_names", "family_names", "birth_date", "sex")
"""The fields of an identity. Their values are never sent, only figures of how complete they are."""

Hex32 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Count = Annotated[int, Field(ge=0, lt=2**53)]
Period = Annotated[str, Field(pattern=r"^[0-9]{4}(-(0[1-9]|1[0-2]))?$")]
Reporter = Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]{1,64}$")]


class _Document(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


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


class Header(_Document):
    """The header of a submission."""

    spec: Literal[2]
    profile: str
    profile_digest: Hex32
    codebook: CodebookReference | None
    key_id: Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]
    epoch: Annotated[int, Field(ge=1, le=999_999_999)]
    reporter: Reporter
    period: Period | None
    sequence: Count
    previous: Hex32 | None
    records: Count
    codes: Count
    nothing_to_report: bool
    quality: dict[str, Quality]
    content_digest: Hex32

    @field_validator("quality")
    @classmethod
    def _check_fields(cls, quality: dict[str, Quality]) -> dict[str, Quality]:
        if set(quality) != set(IDENTITY_FIELDS):
            raise ValueError("other fields")
        return quality

    def canonical(self) -> bytes:
        """Return the header as canonical JSON [RFC8785]."""
        return rfc8785.dumps(self.model_dump(mode="json"))

    @property
    def digest(self) -> str:
        """The submission digest, 64 hexadecimal digits."""
        return hashlib.sha256(length_prefixed("pseudonym/1/submission", self.canonical())).hexdigest()


def parse_header(metadata: dict[bytes, bytes]) -> Header:
    """Read and check the header in the key-value metadata of a Parquet file.

    Args:
        metadata: The metadata.

    Returns:
        The header.

    Raises:
        SubmissionError: `submission.not_one` without our metadata, `submission.spec` for another version of the
            specification, `submission.header` for a header that is malformed or not canonical, `submission.digest` for
            a wrong digest.
    """
    text, digest = metadata.get(HEADER_KEY), metadata.get(DIGEST_KEY)
    if text is None or digest is None:
        raise SubmissionError("submission.not_one", "The file is a Parquet file, but not a submission.")
    try:
        header = Header.model_validate_json(text)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        if first["loc"] == ("spec",) and first["type"] == "literal_error":
            raise SubmissionError(
                "submission.spec", "The submission follows another version of the specification."
            ) from None
        raise SubmissionError("submission.header", "The header of the submission is malformed.") from None
    if header.canonical() != text or (header.nothing_to_report and header.records):
        raise SubmissionError("submission.header", "The header of the submission is malformed.")
    if header.digest.encode() != digest:
        raise SubmissionError("submission.digest", "The submission is damaged: its header does not match its digest.")
    return header
