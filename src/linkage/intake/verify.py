"""Open a submission and check it against what the registry expects, before anything is stored."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from linkage.errors import RefusedError
from pseudonym.codebook import Codebook
from pseudonym.faults import Fault
from pseudonym.profile import Profile
from pseudonym.wire import (
    Header,
    Submission,
    SubmissionError,
    case_schema,
    open_submission,
    read_header,
    row_faults,
)

__all__ = ["Expected", "Verified", "check_header", "verify"]


@dataclass(frozen=True, slots=True)
class Expected:
    """What every submission to a registry has to carry.

    Attributes:
        profile: The profile.
        codebook: The codebook, or None when no payload beyond the reserved columns is taken.
        key_id: The key id, or None as long as none is fixed.
        epoch: The linkage epoch, or None as long as none is fixed.
    """

    profile: Profile
    codebook: Codebook | None
    key_id: str | None
    epoch: int | None


@dataclass(frozen=True, slots=True, repr=False)
class Verified:
    """A submission that was read once and found in order; its codes are read again when they are stored.

    Codes are nearly all of a submission, some kilobytes a record, so they are never held but for one turn of the file.

    Attributes:
        path: The file.
        expected: What it was judged by.
        header: Its header.
        cases: One row a record: `record`, `record_id`, the reserved columns, `payload.*`.
        record_digests: For each row of `cases`, 32 bytes.
        faults: The records that break a rule for single rows, by their rows in `cases`.
    """

    path: Path
    expected: Expected
    header: Header
    cases: pa.Table
    record_digests: tuple[bytes, ...]
    faults: tuple[Fault, ...]

    def turns(self) -> Iterator[Submission]:
        """Read the file once more, turn by turn, and make sure that it is the same.

        Yields:
            The turns: at most 8,192 records and their codes. What was made of them holds only after the last one.

        Raises:
            RefusedError: `submission.changed` when header, records or codes are others than before; the rule of
                `pseudonym.wire` when the file is now damaged.
        """
        n_seen = 0
        try:
            with _opened(self.path, self.expected) as (header, turns):
                if header != self.header:
                    raise _changed(self.path)
                for turn in turns:
                    end = n_seen + turn.cases.num_rows
                    same = turn.cases["record"].equals(self.cases["record"].slice(n_seen, end - n_seen))
                    if not same or turn.record_digests != self.record_digests[n_seen:end]:
                        raise _changed(self.path)
                    yield turn
                    n_seen = end
        except SubmissionError as error:
            raise RefusedError(error.rule, error.message, path=self.path) from None


def verify(
    path: str | Path, expected: Expected, *, progress: Callable[[int, int], None] = lambda done, total: None
) -> Verified:
    """Read a submission that fits the registry and agrees with its own digests.

    The header is judged before a row is read: codes under another key or profile would look like any others and link
    with nothing, which nobody would notice.

    Args:
        path: The file.
        expected: What the registry expects.
        progress: Called with the number of records read and their total.

    Returns:
        What was found, without the codes.

    Raises:
        RefusedError: `submission.profile`, `submission.codebook`, `submission.key_id`, `submission.epoch` when it was
            made for another registry; the rule of `pseudonym.wire` when the file is damaged, not a submission, or of
            another specification.
    """
    path = Path(path)
    try:
        check_header(read_header(path), expected, path)
        with _opened(path, expected) as (header, turns):
            cases: list[pa.Table] = []
            digests: list[bytes] = []
            faults: list[Fault] = []
            for turn in turns:
                cases.append(turn.cases)
                faults += row_faults(turn, profile=expected.profile, codebook=expected.codebook, first_row=len(digests))
                digests += turn.record_digests
                progress(len(digests), header.records)
    except SubmissionError as error:
        raise RefusedError(error.rule, error.message, path=path) from None
    items = () if expected.codebook is None else expected.codebook.item_names
    rows = pa.concat_tables([case_schema(items).empty_table(), *cases])
    return Verified(path, expected, header, rows, tuple(digests), tuple(faults))


def _opened(path: Path, expected: Expected) -> AbstractContextManager[tuple[Header, Iterator[Submission]]]:
    return open_submission(path, profile=expected.profile, codebook=expected.codebook)


def _changed(path: Path) -> RefusedError:
    return RefusedError(
        "submission.changed",
        "The file was changed while it was received; nothing of it was stored.",
        hint="Receive it again once whoever writes to it is done.",
        path=path,
    )


def check_header(header: Header, expected: Expected, path: Path) -> None:
    """Refuse a submission that was made for another registry.

    Args:
        header: Its header.
        expected: What the registry expects.
        path: The file, for the error.

    Raises:
        RefusedError: `submission.profile`, `submission.codebook`, `submission.key_id`, `submission.epoch`.
    """
    if header.profile_digest != expected.profile.digest:
        raise RefusedError(
            "submission.profile",
            "The submission follows another profile than the registry.",
            hint="Compare the profile given to pseudonym encode with the one shown by linkage summary.",
            path=path,
        )
    if (header.codebook and header.codebook.digest) != (expected.codebook and expected.codebook.digest):
        raise RefusedError(
            "submission.codebook",
            "The submission follows another codebook than the registry, or only one of the two has a codebook.",
            hint="Give pseudonym encode and linkage init the same codebook file.",
            path=path,
        )
    if expected.key_id is not None and header.key_id != expected.key_id:
        raise RefusedError(
            "submission.key_id",
            "The submission was encoded with another linkage key than the registry expects.",
            hint="Ask the key authority which key is in force; the body has to encode again.",
            path=path,
        )
    if expected.epoch is not None and header.epoch != expected.epoch:
        raise RefusedError(
            "submission.epoch", "The submission belongs to another linkage epoch than the registry.", path=path
        )
