"""How a file is refused that cannot be read as what it says it is, or that does not stay the same while it is read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pyarrow as pa

from linkage.errors import RefusedError
from pseudonym.wire import CodeGroup, SubmissionError, codes_again

__all__ = ["changed", "refusing", "same_codes"]


@contextmanager
def refusing(path: Path) -> Iterator[None]:
    """Raise what is wrong with the format of a file as its refusal.

    Args:
        path: The file, for the error.

    Raises:
        RefusedError: With the rule of the `SubmissionError`.
    """
    try:
        yield
    except SubmissionError as error:
        raise RefusedError(error.rule, error.message, hint=error.hint, path=path) from None


def same_codes(path: Path, schema: pa.Schema, groups: Sequence[CodeGroup]) -> Iterator[pa.Table]:
    """Read the codes of a file again.

    Args:
        path: The file, which was verified before.
        schema: Its columns.
        groups: Its row groups with codes.

    Yields:
        The codes of each group.

    Raises:
        RefusedError: `submission.changed` if they have changed; the rule of `pseudonym.wire` if the file is damaged.
    """
    with refusing(path), codes_again(path, schema, groups) as parts:
        for codes in parts:
            if codes is None:
                raise changed(path)
            yield codes


def changed(path: Path) -> RefusedError:
    """Return the error for a file that was written to while it was being received.

    Args:
        path: The file.
    """
    return RefusedError(
        "submission.changed",
        "The file changed while it was being received; nothing was stored.",
        hint="Receive it again when it is no longer being written.",
        path=path,
    )
