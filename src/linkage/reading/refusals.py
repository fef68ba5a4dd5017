"""How a file is refused that cannot be read as what it says it is, or that does not stay the same while it is read."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from linkage.errors import RefusedError
from pseudonym.wire import SubmissionError

__all__ = ["changed", "refusing"]


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
