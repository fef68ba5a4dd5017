"""The errors of `pseudonym`, drawn as a tree.

```
PseudonymError
├── InputError          a whole input file cannot be used
├── FieldError          one field of one record cannot be read
├── KeyFileError        a linkage key cannot be read, written or used
├── ProfileError        a profile document is not valid
├── CodebookError       a codebook document is not valid, or a code is not in it
├── SubmissionError     a submission file is not what the specification says
└── OutputError         a result cannot be written
```

Messages are constants. What varies rides as attributes: the rule that was broken, the field, the row. No value of a
person, no key and no bit string is ever put into an error.
"""

from __future__ import annotations

from typing import ClassVar

__all__ = [
    "CodebookError",
    "FieldError",
    "InputError",
    "KeyFileError",
    "OutputError",
    "ProfileError",
    "PseudonymError",
    "SubmissionError",
]


class PseudonymError(Exception):
    """Base of all errors of this package: a broken rule, a constant message, and a hint on what to do.

    Attributes:
        rule: A dotted lower-case constant, for programs.
        message: The constant sentence that `str()` gives, for people.
        hint: A constant sentence that says what helps, or None.
        field: The name of the field concerned, or None.
        row: The line of the input at which the row begins (the header is line 1), or None.
        exit_status: The exit status of the command line.
    """

    exit_status: ClassVar[int] = 70

    def __init__(
        self, rule: str, message: str, *, hint: str | None = None, field: str | None = None, row: int | None = None
    ) -> None:
        """Keep the rule and the place; `message` and `hint` must be constants of the calling module."""
        super().__init__(message)
        self.rule = rule
        self.message = message
        self.hint = hint
        self.field = field
        self.row = row

    def __repr__(self) -> str:
        """Name the class and the rule, nothing else."""
        return f"{type(self).__name__}(rule={self.rule!r})"


class InputError(PseudonymError):
    """A whole input file cannot be used."""

    exit_status = 4


class FieldError(PseudonymError):
    """One field of one record cannot be read; the record itself goes on without it."""

    exit_status = 4


class KeyFileError(PseudonymError):
    """A linkage key cannot be read, written or used."""

    exit_status = 5


class ProfileError(PseudonymError):
    """A profile document is not valid, or no profile has that name."""

    exit_status = 5


class CodebookError(PseudonymError):
    """A codebook document is not valid, or a code is not in it."""

    exit_status = 5


class SubmissionError(PseudonymError):
    """A submission file is not what the specification says."""

    exit_status = 4


class OutputError(PseudonymError):
    """A result cannot be written."""

    exit_status = 6
