"""The headers of the two parts of a submission, one for each unit (docs/spec.md, section 13)."""

from __future__ import annotations

import hashlib
from typing import Any, Final, Literal, TypeVar

from pydantic import ValidationInfo, field_validator

from pseudonym.canonical import length_prefixed
from pseudonym.errors import SubmissionError
from pseudonym.labels import LABELS
from pseudonym.wire.header import (
    CASES_KEY,
    CODES_KEY,
    HEADER_KEY,
    TOTALS_KEY,
    WITHDRAWAL_KEY,
    CasesMembers,
    Count,
    Epoch,
    FileHeader,
    Header,
    Hex32,
    KeyId,
    Reporter,
    parse_as,
)

__all__ = [
    "CasesHeader",
    "CodesHeader",
    "header_of_cases",
    "header_of_codes",
    "header_of_parts",
    "parse_cases_header",
    "parse_codes_header",
]

_KEYS: Final = frozenset({HEADER_KEY, WITHDRAWAL_KEY, TOTALS_KEY, CODES_KEY, CASES_KEY})
"""Under one of these keys a file that a reporter sends has its header."""


class CodesHeader(FileHeader):
    """The header of the part for the linkage unit: nothing of cases, periods or codebooks."""

    DIGEST_LABEL = LABELS["codes"]

    spec: Literal[3]
    profile: str
    profile_digest: Hex32
    key_id: KeyId
    epoch: Epoch
    reporter: Reporter
    sequence: Count
    previous: Hex32 | None
    nothing_to_report: bool
    records: Count
    codes: Count
    content_digest: Hex32

    @field_validator("records")
    @classmethod
    def _check_records(cls, records: int, info: ValidationInfo) -> int:
        if records and info.data.get("nothing_to_report"):
            raise ValueError("records, yet nothing to report")
        return records


class CasesHeader(CasesMembers):
    """The header of the part for the statistics unit: nothing of codes and profiles.

    Key id and epoch are there, because they say which handles its rows have.
    """

    DIGEST_LABEL = LABELS["cases"]

    @field_validator("nothing_to_report")
    @classmethod
    def _check_nothing(cls, nothing: bool, info: ValidationInfo) -> bool:
        if nothing and info.data.get("records"):
            raise ValueError("records, yet nothing to report")
        return nothing


def parse_codes_header(metadata: dict[bytes, bytes]) -> CodesHeader:
    """Read and check the header of a part with codes in the key-value metadata of a Parquet file.

    Args:
        metadata: The metadata.

    Returns:
        The header.

    Raises:
        SubmissionError: `submission.part` for any other file of a reporter; else as `parse_header`.
    """
    return _parse(CodesHeader, metadata, CODES_KEY)


def parse_cases_header(metadata: dict[bytes, bytes]) -> CasesHeader:
    """Read and check the header of a part with cases in the key-value metadata of a Parquet file.

    Args:
        metadata: The metadata.

    Returns:
        The header.

    Raises:
        SubmissionError: As `parse_codes_header`.
    """
    return _parse(CasesHeader, metadata, CASES_KEY)


_Form = TypeVar("_Form", CodesHeader, CasesHeader)


def _parse(form: type[_Form], metadata: dict[bytes, bytes], key: bytes) -> _Form:
    if not metadata.keys().isdisjoint(_KEYS - {key}):
        raise SubmissionError(
            "submission.part",
            "The file is not this part of a submission.",
            hint="A linkage unit reads the part with codes, a statistics unit the part with cases.",
        )
    return parse_as(form, metadata, key)


def header_of_codes(header: Header, **figures: Any) -> CodesHeader:
    """Return the header of the part with codes.

    Args:
        header: The header of the submission.
        **figures: Its own `records`, `codes` and `content_digest`.
    """
    return _taken(CodesHeader, header, figures)


def header_of_cases(header: Header, **figures: Any) -> CasesHeader:
    """Return the header of the part with cases.

    Args:
        header: The header of the submission.
        **figures: Its own `content_digest`.
    """
    return _taken(CasesHeader, header, figures)


def header_of_parts(codes: CodesHeader, cases: CasesHeader) -> Header:
    """Return the header of a submission from those of its parts; what identifies its content is that of both.

    Args:
        codes: The header of the part with codes.
        cases: The header of the part with cases.
    """
    both = (bytes.fromhex(part.content_digest) for part in (codes, cases))
    content = hashlib.sha256(length_prefixed(LABELS["sealed_content"], *both)).hexdigest()
    members = dict(cases) | {name: getattr(codes, name) for name in ("profile", "profile_digest", "codes")}
    return Header.model_validate(members | {"content_digest": content})


def _taken(form: type[_Form], header: Header, figures: dict[str, Any]) -> _Form:
    members = {name: value for name, value in dict(header).items() if name in form.model_fields}
    return form.model_validate({**members, **figures})
