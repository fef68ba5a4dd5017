"""Check a submission against what the registry expects, before anything is stored."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from linkage.errors import RefusedError
from linkage.reading.kept import CodesOfFile
from linkage.reading.mistaken import QUESTIONED, mistaken
from linkage.reading.refusals import changed, refusing
from pseudonym.codebook import Codebook
from pseudonym.faults import Fault
from pseudonym.profile import Profile
from pseudonym.wire import (
    CasesHeader,
    CodebookReference,
    CodesHeader,
    Header,
    SealedHeader,
    Submission,
    SubmissionError,
    Totals,
    TotalsHeader,
    Withdrawal,
    WithdrawalHeader,
    case_schema,
    open_submission,
    read_any_header,
    read_header,
    read_totals,
    read_withdrawal,
    row_faults,
    submission_schema,
)

__all__ = ["Expected", "Verified", "check_header", "check_key", "check_profile", "verify", "verify_any"]


AnyHeader = Header | CodesHeader | CasesHeader | WithdrawalHeader | TotalsHeader
"""The header of any open file that a unit receives."""


@dataclass(frozen=True, slots=True)
class Expected:
    """What every submission to a registry must match.

    Attributes:
        profile: The profile.
        codebooks: Those that payload may follow; None among them if the reserved columns alone are accepted.
        key_id: The key id, or None until one is fixed.
        epoch: The linkage epoch, or None until one is fixed.
    """

    profile: Profile
    codebooks: tuple[Codebook | None, ...]
    key_id: str | None
    epoch: int | None

    def codebook_of(self, reference: CodebookReference | None) -> Codebook | None:
        """Return the codebook that a header names; None if it names none of `codebooks`."""
        digest = None if reference is None else reference.digest
        return next((book for book in self.codebooks if (book and book.digest) == digest), None)


@dataclass(frozen=True, slots=True, repr=False)
class Verified:
    """A submission that was read once and is intact.

    Codes make up nearly all of a submission, some kilobytes per record, so those of a large file do not stay in memory,
    but are read again when they are stored (`linkage.reading.kept`).

    Attributes:
        path: The file.
        expected: What it was checked against.
        codebook: The codebook that it follows, or None.
        header: Its header.
        cases: One row per record: `record`, `record_id`, the reserved columns, `payload.*`.
        record_digests: 32 bytes for each row of `cases`.
        code_digests: The same over the codes of each record alone.
        case_digests: The same over each row of `cases` alone.
        faults: The records that break a rule for single rows, by their row in `cases`.
    """

    path: Path
    expected: Expected
    codebook: Codebook | None
    header: Header
    cases: pa.Table
    record_digests: tuple[bytes, ...]
    code_digests: tuple[bytes, ...]
    case_digests: tuple[bytes, ...]
    faults: tuple[Fault, ...]
    _kept: CodesOfFile

    @property
    def handles(self) -> pa.Array:
        """The handles of the records."""
        return self.cases["record"].combine_chunks()

    def codes(self) -> Iterator[pa.Table]:
        """Return the codes as they were verified, also if they must be read again.

        Yields:
            The codes of at most 8,192 records: `record`, `kind`, `match_key`, `content`.

        Raises:
            RefusedError: `submission.changed` if they or the header have changed; the rule of `pseudonym.wire` if the
                file is now damaged.
        """
        items = () if self.codebook is None else self.codebook.item_names
        schema = submission_schema(self.expected.profile.encoding.content_bytes, items)
        return self._kept.again(schema, same_header=lambda: read_header(self.path) == self.header)


def verify(
    path: str | Path, expected: Expected, *, progress: Callable[[int, int], None] = lambda done, total: None
) -> Verified:
    """Read a submission and check that it fits the registry and matches its own digests.

    The header is checked before any row is read: codes made with another key or profile look like any others but link
    with nothing, and nobody would notice.

    Args:
        path: The file.
        expected: What the registry expects.
        progress: Called with the number of records read and their total.

    Returns:
        The verified submission, without its codes.

    Raises:
        RefusedError: `submission.profile`, `submission.codebook`, `submission.key_id` or `submission.epoch` if it was
            made for another registry; the rule of `pseudonym.wire` if the file is damaged, not a submission, or
            follows another specification.
    """
    path = Path(path)
    kept = CodesOfFile(path)
    with refusing(path):
        first = read_header(path)
        check_header(first, expected, path)
        codebook = expected.codebook_of(first.codebook)
        with _opened(path, expected.profile, codebook) as (header, parts):
            cases: list[pa.Table] = []
            digests: list[bytes] = []
            of_codes: list[bytes] = []
            of_cases: list[bytes] = []
            faults: list[Fault] = []
            kept.expect(header.codes, expected.profile.encoding.content_bytes)
            for part in parts:
                cases.append(part.cases)
                faults += row_faults(part, profile=expected.profile, codebook=codebook, first_row=len(digests))
                digests += part.record_digests
                of_codes += part.code_digests
                of_cases += part.case_digests
                assert part.index is not None  # It is a turn of the file.
                kept.add(part.index, part.codes)
                progress(len(digests), header.records)
                # Otherwise its codes would stay in memory until the next part has been read.
                del part
    items = () if codebook is None else codebook.item_names
    rows = pa.concat_tables([case_schema(items).empty_table(), *cases])
    found = tuple(digests), tuple(of_codes), tuple(of_cases)
    return Verified(path, expected, codebook, header, rows, *found, tuple(faults), kept)


def verify_any(
    path: str | Path, expected: Expected, *, progress: Callable[[int, int], None] = lambda done, total: None
) -> Verified | Withdrawal | Totals:
    """Read a submission, a withdrawal or totals and check that it fits the registry.

    Args:
        path: The file.
        expected: What the registry expects.
        progress: See `verify`.

    Returns:
        What `verify` returns, or the withdrawal, or the totals.

    Raises:
        RefusedError: As `verify`; if the file is no such file but one that is known, a rule that says which
            (`linkage.reading.mistaken`).
    """
    path = Path(path)
    try:
        header = read_any_header(path)
        if isinstance(header, Header | SealedHeader):
            # A sealed file is refused there, with what to do about it.
            return verify(path, expected, progress=progress)
        check_header(header, expected, path)
        content: Withdrawal | Totals = (
            read_withdrawal(path)
            if isinstance(header, WithdrawalHeader)
            else read_totals(path, codebook=expected.codebook_of(header.codebook))
        )
    except SubmissionError as error:
        found = mistaken(path) if error.rule in QUESTIONED else None
        raise found or RefusedError(error.rule, error.message, hint=error.hint, path=path) from None
    if content.header != header:
        raise changed(path)
    return content


def _opened(
    path: Path, profile: Profile, codebook: Codebook | None
) -> AbstractContextManager[tuple[Header, Iterator[Submission]]]:
    return open_submission(path, profile=profile, codebook=codebook)


def check_header(header: AnyHeader, expected: Expected, path: Path) -> None:
    """Refuse a file that was made for another registry.

    Args:
        header: Its header. That of a withdrawal names no profile and no codebook, that of totals no profile and no key.
            One with nothing to report may name any codebook or none, since nothing follows it.
        expected: What the registry expects.
        path: The file, for the error.

    Raises:
        RefusedError: `submission.profile`, `submission.codebook`, `submission.key_id`, `submission.epoch`.
    """
    if isinstance(header, Header | CodesHeader):
        check_profile(header.profile_digest, expected, path)
    if not isinstance(header, WithdrawalHeader | CodesHeader):
        _check_codebook(header, expected, path)
    if isinstance(header, TotalsHeader):
        return
    check_key(header.key_id, header.epoch, expected, path)


def check_key(key_id: str, epoch: int | None, expected: Expected, path: Path) -> None:
    """Refuse a file that was made with another linkage key, or for another epoch.

    Args:
        key_id: The key id in its header.
        epoch: The epoch there.
        expected: What the registry expects.
        path: The file, for the error.

    Raises:
        RefusedError: `submission.key_id` or `submission.epoch`.
    """
    if expected.key_id is not None and key_id != expected.key_id:
        raise RefusedError(
            "submission.key_id",
            "The submission was encoded with a different linkage key from the one that the registry expects.",
            hint="Ask the key authority which key is current; the reporter must encode again.",
            path=path,
        )
    if expected.epoch is not None and epoch != expected.epoch:
        raise RefusedError(
            "submission.epoch", "The submission belongs to a different linkage epoch from the registry.", path=path
        )


def check_profile(digest: str, expected: Expected, path: Path) -> None:
    """Refuse a file that follows another profile.

    Args:
        digest: The digest of the profile in its header.
        expected: What the registry expects.
        path: The file, for the error.

    Raises:
        RefusedError: `submission.profile`.
    """
    if digest != expected.profile.digest:
        raise RefusedError(
            "submission.profile",
            "The submission uses a different profile from the registry.",
            hint="Compare the profile given to pseudonym encode with the one that linkage summary shows.",
            path=path,
        )


def _check_codebook(header: Header | CasesHeader | TotalsHeader, expected: Expected, path: Path) -> None:
    if isinstance(header, Header | CasesHeader) and header.nothing_to_report:
        return
    if (header.codebook and header.codebook.digest) not in [book and book.digest for book in expected.codebooks]:
        raise RefusedError(
            "submission.codebook",
            "The submission uses a codebook that the registry does not have, or only one of the two has a codebook.",
            hint="Give pseudonym encode a codebook that linkage codebook list shows, or add it: linkage codebook add.",
            path=path,
        )
