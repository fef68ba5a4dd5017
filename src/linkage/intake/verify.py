"""Open a submission and check it against what the registry expects, before anything is stored."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from linkage.errors import RefusedError
from pseudonym.codebook import Codebook
from pseudonym.profile import Profile
from pseudonym.wire import Header, Submission, SubmissionError, read_header, read_submission

__all__ = ["Expected", "check_header", "verify"]


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


def verify(path: str | Path, expected: Expected) -> Submission:
    """Read a submission that fits the registry and agrees with its own digests.

    The header is judged before a row is read: codes under another key or profile would look like any others and link
    with nothing, which nobody would notice.

    Args:
        path: The file.
        expected: What the registry expects.

    Returns:
        The submission.

    Raises:
        RefusedError: `submission.profile`, `submission.codebook`, `submission.key_id`, `submission.epoch` when it was
            made for another registry; the rule of `pseudonym.wire` when the file is damaged, not a submission, or of
            another specification.

    Sees: neither
    """
    path = Path(path)
    try:
        check_header(read_header(path), expected, path)
        return read_submission(path, profile=expected.profile, codebook=expected.codebook)
    except SubmissionError as error:
        raise RefusedError(error.rule, error.message, path=path) from None


def check_header(header: Header, expected: Expected, path: Path) -> None:
    """Refuse a submission that was made for another registry.

    Args:
        header: Its header.
        expected: What the registry expects.
        path: The file, for the error.

    Raises:
        RefusedError: `submission.profile`, `submission.codebook`, `submission.key_id`, `submission.epoch`.

    Sees: neither
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
