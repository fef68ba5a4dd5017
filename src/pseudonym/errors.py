"""The errors of `pseudonym`, drawn as a tree.

```
PseudonymError
├── InputError          a whole input file cannot be used
├── FieldError          one field of one record cannot be read
├── KeyFileError        a key of a reporter cannot be read, written or used
├── PublicKeyError      a public key cannot be read, or a signature is not its own
├── DocumentError       a document that both sides agree on is not valid
│   ├── ProfileError    a profile
│   ├── CodebookError   a codebook or a map of codebooks; or a code is not in it
│   └── EnrolmentError  an invite or an answer
├── ConfigError         a configuration file is not valid
├── ClassicError        an encoding for comparisons (`pseudonym.classic`) cannot be made, read or written
├── SubmissionError     a submission file does not follow the specification
├── ReceiptError        a receipt cannot be read, or the registry did not sign it
└── OutputError         a result cannot be written
```

Messages are constants. Attributes carry the context: the broken rule, the file, the row, the field. An error never
contains a person's data, a key or a bit string.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from typing import Any, ClassVar, Concatenate, ParamSpec, TypeVar

__all__ = [
    "ClassicError",
    "CodebookError",
    "ConfigError",
    "DocumentError",
    "EnrolmentError",
    "FieldError",
    "InputError",
    "KeyFileError",
    "OutputError",
    "ProfileError",
    "PseudonymError",
    "PublicKeyError",
    "ReceiptError",
    "SubmissionError",
    "concerning",
    "names_its_file",
]

Options = ParamSpec("Options")
Result = TypeVar("Result")


class PseudonymError(Exception):
    """Base of all errors of this package: a broken rule, a constant message, and a hint on what to do.

    `str()` says all of it in one sentence: `cases.csv, row 17, birth_date: ... (birth_date.form). ...`

    Attributes:
        rule: A dotted lower-case constant, for programs.
        message: What happened, in a constant sentence.
        hint: What to do about it, in a constant sentence, or None.
        field: The name of the field, or None.
        row: The line of the input at which the row begins (the header is line 1), or the position of the record counted
            from 1 where there is no file, or None.
        path: The file concerned as the caller named it, or None.
        exit_status: The exit status of the command line.
    """

    exit_status: ClassVar[int] = 70

    def __init__(
        self,
        rule: str,
        message: str,
        *,
        hint: str | None = None,
        field: str | None = None,
        row: int | None = None,
        path: Path | None = None,
    ) -> None:
        """Store the rule and its context; `message` and `hint` must be constants of the calling module."""
        # Both arguments, so that an error can be pickled and reach another process.
        super().__init__(rule, message)
        self.rule = rule
        self.message = message
        self.hint = hint
        self.field = field
        self.row = row
        self.path = path

    def __str__(self) -> str:
        """Return where, what and why, and what to do about it."""
        places = (self.path, None if self.row is None else f"row {self.row}", self.field)
        where = ", ".join(str(place) for place in places if place is not None)
        said = f"{self.message.removesuffix('.')} ({self.rule})."
        parts = (f"{where}:" if where else None, said, self.hint)
        return " ".join(part for part in parts if part is not None)

    def __repr__(self) -> str:
        """Show only the class and the rule."""
        return f"{type(self).__name__}(rule={self.rule!r})"


class InputError(PseudonymError):
    """A whole input file cannot be used."""

    exit_status = 4


class FieldError(PseudonymError):
    """One field of one record cannot be read; the record is used without it."""

    exit_status = 4


class KeyFileError(PseudonymError):
    """A key of a reporter cannot be read, written or used."""

    exit_status = 5


class PublicKeyError(PseudonymError):
    """A public key cannot be read, or a signature is not its own."""

    exit_status = 5


class DocumentError(PseudonymError):
    """A document that both sides agree on is not valid.

    Attributes:
        field: The path of the first member that is missing, unknown or out of range, such as `items[0].codes`; or the
            item of a codebook; or None.
        allowed: What that member may hold, in constant words, or None.
    """

    exit_status = 5

    def __init__(self, rule: str, message: str, *, allowed: str | None = None, **context: Any) -> None:
        """Store the rule and its context, as `PseudonymError` does; `allowed` must be made of constants."""
        super().__init__(rule, message, **context)
        self.allowed = allowed

    def __str__(self) -> str:
        """Return also what is allowed."""
        said = super().__str__()
        return said if self.allowed is None else f"{said} Allowed: {self.allowed}."


class ProfileError(DocumentError):
    """A profile document is not valid, or no profile has that name."""


class CodebookError(DocumentError):
    """A codebook document is not valid, or a code is not in it."""


class EnrolmentError(DocumentError):
    """An invite or an answer is not valid, or does not fit."""


class ClassicError(PseudonymError):
    """An encoding for comparisons cannot be made, read or written."""

    exit_status = 4


class ConfigError(PseudonymError):
    """A configuration file is not valid."""

    exit_status = 5


class SubmissionError(PseudonymError):
    """A submission file does not follow the specification."""

    exit_status = 4


class ReceiptError(PseudonymError):
    """A receipt cannot be read, or the registry did not sign it for this reporter."""

    exit_status = 4


class OutputError(PseudonymError):
    """A result cannot be written."""

    exit_status = 6


@contextmanager
def concerning(path: str | Path | None) -> Iterator[None]:
    """Name the file in every error that is raised in the block and does not name one yet.

    Args:
        path: The file; None if there is none.

    Raises:
        PseudonymError: What the block raises, with `path` set.
    """
    try:
        yield
    except PseudonymError as error:
        if error.path is None and path is not None:
            error.path = Path(path)
        raise


def names_its_file(
    read: Callable[Concatenate[str | Path, Options], Result],
) -> Callable[Concatenate[str | Path, Options], Result]:
    """Let the errors of a function name the file that is its first argument; for use as a decorator."""

    @wraps(read)
    def named(path: str | Path, /, *args: Options.args, **options: Options.kwargs) -> Result:
        with concerning(path):
            return read(path, *args, **options)

    return named
