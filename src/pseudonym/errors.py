"""The errors of `pseudonym`, drawn as a tree.

```
PseudonymError
├── InputError          a whole input file cannot be used
├── FieldError          one field of one record cannot be read
├── KeyFileError        a linkage key cannot be read, written or used
├── ProfileError        a profile document is not valid
├── CodebookError       a codebook document is not valid, or a code is not in it
├── SubmissionError     a submission file does not follow the specification
└── OutputError         a result cannot be written
```

Messages are constants. Attributes carry the context: the broken rule, the field, the row. An error never contains a
person's data, a key or a bit string.
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
        message: What happened, in a constant sentence, as `str()` returns it.
        hint: What to do about it, in a constant sentence, or None.
        field: The name of the field, or None.
        row: The line of the input at which the row begins (the header is line 1), or None.
        exit_status: The exit status of the command line.
    """

    exit_status: ClassVar[int] = 70

    def __init__(
        self, rule: str, message: str, *, hint: str | None = None, field: str | None = None, row: int | None = None
    ) -> None:
        """Store the rule and its context; `message` and `hint` must be constants of the calling module."""
        super().__init__(message)
        self.rule = rule
        self.message = message
        self.hint = hint
        self.field = field
        self.row = row

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
    """A linkage key cannot be read, written or used."""

    exit_status = 5


class ProfileError(PseudonymError):
    """A profile document is not valid, or no profile has that name."""

    exit_status = 5


class CodebookError(PseudonymError):
    """A codebook document is not valid, or a code is not in it."""

    exit_status = 5


class SubmissionError(PseudonymError):
    """A submission file does not follow the specification."""

    exit_status = 4


class OutputError(PseudonymError):
    """A result cannot be written."""

    exit_status = 6
