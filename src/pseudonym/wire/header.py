"""The headers of all files of a reporter, which the registry reads before any row (docs/spec.md, 8, 10 and 11)."""

from __future__ import annotations

import hashlib
from typing import Annotated, Any, ClassVar, Final, Literal, Self, TypeVar

from pydantic import BaseModel, ConfigDict, Field, PrivateAttr, ValidationError, ValidationInfo, field_validator

from pseudonym.canonical import canonical_json, length_prefixed
from pseudonym.errors import SubmissionError
from pseudonym.labels import LABELS
from pseudonym.memory import kept

__all__ = [
    "CASES_KEY",
    "CODES_KEY",
    "DIGEST_KEY",
    "HEADER_KEY",
    "IDENTITY_FIELDS",
    "MAX_CELLS",
    "QUALITY_RECORDS",
    "TOTALS_KEY",
    "WITHDRAWAL_KEY",
    "CasesMembers",
    "CodebookReference",
    "Count",
    "Document",
    "Epoch",
    "FileHeader",
    "Header",
    "Hex32",
    "KeyId",
    "Quality",
    "Reporter",
    "TotalsHeader",
    "WithdrawalHeader",
    "as_metadata",
    "malformed",
    "parse_as",
    "parse_header",
    "parse_totals_header",
    "parse_withdrawal_header",
]

HEADER_KEY: Final = b"pseudonym.submission"
WITHDRAWAL_KEY: Final = b"pseudonym.withdrawal"
TOTALS_KEY: Final = b"pseudonym.totals"
CODES_KEY: Final = b"pseudonym.codes"
CASES_KEY: Final = b"pseudonym.cases"
DIGEST_KEY: Final = b"pseudonym.digest"

IDENTITY_FIELDS: Final = ("number", "foreign_number", "given_names", "family_names", "birth_date", "sex")
"""The fields of an identity. Their values are never sent, only figures of how complete they are."""

QUALITY_RECORDS: Final = 20
"""From how many records on a submission gives figures of completeness: those of one record say what that one lacks."""

MAX_CELLS: Final = 1 << 16
"""How many cells totals may have: all municipalities by age, sex and more."""

HEADERS_KEPT: Final = 64
"""Headers that are kept with their text, so that it is parsed and compared with its digest once."""

Hex32 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Count = Annotated[int, Field(ge=0, lt=2**53)]
Period = Annotated[str, Field(pattern=r"^[0-9]{4}(-(0[1-9]|1[0-2]))?$")]
KeyId = Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]
Epoch = Annotated[int, Field(ge=1, le=999_999_999)]
Reporter = Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]{1,64}$")]


ItemName = Annotated[str, Field(pattern=r"^[a-z0-9_]{1,32}$")]


class Document(BaseModel):
    """What is immutable and has no member beyond those that it declares."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class FileHeader(Document):
    """What the headers of all kinds of files have in common."""

    DIGEST_LABEL: ClassVar[str]

    _sealed_as: str | None = PrivateAttr(default=None)

    def members(self) -> dict[str, Any]:
        """Return the header as plain values."""
        return self.model_dump(mode="json")

    def canonical(self) -> bytes:
        """Return the header as canonical JSON [RFC8785]."""
        return canonical_json(self.members())

    def sealed_as(self, digest: str) -> Self:
        """Return the same header with the digest of the sealed file that it comes from, by which that file is known."""
        copy = self.model_copy()
        copy._sealed_as = digest
        return copy

    @property
    def digest(self) -> str:
        """The digest of the file, 64 hexadecimal digits."""
        if self._sealed_as is not None:
            return self._sealed_as
        return hashlib.sha256(length_prefixed(self.DIGEST_LABEL, self.canonical())).hexdigest()


_Form = TypeVar("_Form", bound=FileHeader)


class CodebookReference(Document):
    """The codebook that the payload of a submission follows."""

    name: str
    version: str
    digest: Hex32


class Quality(Document):
    """How complete one identity field is: numbers of records where it is missing, unreadable, or kept with a mark."""

    missing: Count
    unreadable: Count
    marked: Count


class CasesMembers(FileHeader):
    """What the header of a submission says about its cases, and that of its part with the cases too."""

    spec: Literal[3]
    codebook: CodebookReference | None
    key_id: KeyId
    epoch: Epoch
    reporter: Reporter
    period: Period | None
    sequence: Count
    previous: Hex32 | None
    records: Count
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


class Header(CasesMembers):
    """The header of a submission."""

    DIGEST_LABEL = LABELS["submission"]

    profile: str
    profile_digest: Hex32
    codes: Count


class WithdrawalHeader(FileHeader):
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


class TotalsHeader(FileHeader):
    """The header of totals. It names no key, because counting needs none."""

    DIGEST_LABEL = LABELS["totals"]

    spec: Literal[3]
    codebook: CodebookReference | None
    reporter: Reporter
    period: Period
    sequence: Count
    previous: Hex32 | None
    unit: Literal["person", "case", "report"]
    role: Literal["victim", "all"]
    items: tuple[ItemName, ...]
    cells: Annotated[int, Field(ge=1, le=MAX_CELLS)]
    salt: Hex32
    content_digest: Hex32

    @field_validator("items")
    @classmethod
    def _check_items(cls, items: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        if list(items) != sorted(set(items)) or (items and info.data.get("codebook") is None):
            raise ValueError("items in another order, twice, or of no codebook")
        return items


def parse_header(metadata: dict[bytes, bytes]) -> Header:
    """Read and check the header in the key-value metadata of a Parquet file.

    Args:
        metadata: The metadata.

    Returns:
        The header.

    Raises:
        SubmissionError: `submission.not_one` without our metadata, `submission.withdrawal` for a withdrawal,
            `submission.totals` for totals, `submission.part` for one part of a submission, `submission.spec` for
            another version of the specification, `submission.header` for a header that is malformed or not canonical,
            `submission.digest` for a wrong digest.
    """
    if WITHDRAWAL_KEY in metadata:
        raise SubmissionError("submission.withdrawal", "The file is a withdrawal: it has no records or codes.")
    if TOTALS_KEY in metadata:
        raise SubmissionError("submission.totals", "The file has totals: it has no records or codes.")
    if CODES_KEY in metadata or CASES_KEY in metadata:
        raise SubmissionError(
            "submission.part",
            "The file is one part of a submission, made for one unit.",
            hint="Receive the submission, or the sealed file that holds both parts.",
        )
    header = parse_as(Header, metadata, HEADER_KEY)
    if header.nothing_to_report and header.records:
        raise malformed()
    return header


def parse_withdrawal_header(metadata: dict[bytes, bytes]) -> WithdrawalHeader:
    """Read and check the header of a withdrawal in the key-value metadata of a Parquet file.

    Args:
        metadata: The metadata.

    Returns:
        The header.

    Raises:
        SubmissionError: As `parse_header`, except `submission.withdrawal` and `submission.totals`.
    """
    if HEADER_KEY in metadata or TOTALS_KEY in metadata:
        raise malformed()
    return parse_as(WithdrawalHeader, metadata, WITHDRAWAL_KEY)


def parse_totals_header(metadata: dict[bytes, bytes]) -> TotalsHeader:
    """Read and check the header of totals in the key-value metadata of a Parquet file.

    Args:
        metadata: The metadata.

    Returns:
        The header.

    Raises:
        SubmissionError: As for `parse_withdrawal_header`.
    """
    if HEADER_KEY in metadata or WITHDRAWAL_KEY in metadata:
        raise malformed()
    return parse_as(TotalsHeader, metadata, TOTALS_KEY)


def parse_as(form: type[_Form], metadata: dict[bytes, bytes], key: bytes) -> _Form:
    """Read and check the header that the metadata of a Parquet file have under a key.

    Args:
        form: The class of the header.
        metadata: The metadata.
        key: The key.

    Returns:
        The header.

    Raises:
        SubmissionError: As `parse_header`, except where the file is of another kind.
    """
    text, digest = metadata.get(key), metadata.get(DIGEST_KEY)
    if text is None or digest is None:
        raise SubmissionError("submission.not_one", "The file is a Parquet file, but not a submission.")
    header: _Form = _parsed(form, text, digest)
    return header


@kept(HEADERS_KEPT)
def _parsed(form: type[_Form], text: bytes, digest: bytes) -> _Form:
    """Read and check a header once: a file is opened several times while it is received."""
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
        raise malformed() from None
    if header.canonical() != text:
        raise malformed()
    if header.digest.encode() != digest:
        raise SubmissionError("submission.digest", "The file is damaged: its header does not match its digest.")
    return header


def as_metadata(header: FileHeader, key: bytes) -> dict[str, str]:
    """Return the metadata of a Parquet file from which `parse_as` reads a header.

    Args:
        header: The header.
        key: The key under which the file has it.
    """
    return {key.decode(): header.canonical().decode(), DIGEST_KEY.decode(): header.digest}


def malformed() -> SubmissionError:
    """Return the error for a header that is malformed."""
    return SubmissionError("submission.header", "The header of the file is malformed.")
