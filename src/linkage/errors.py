"""The errors of `linkage`, as a tree.

```
LinkageError
├── MissingExtraError       a package of the extra `registry` is not installed
├── RegistryError           the registry file cannot be opened, read or written
│   ├── NotARegistryError   the file is not a registry, or was made by another version
│   ├── RegistryBusy        another process is using the registry
│   ├── NotErasedError      what was to be erased is still in the registry file
│   └── NotLinkedError      `link` must be run first
├── RegistryKeyError        the registry key is missing, damaged or belongs to another registry
├── SettingsError           the profile, codebook, key id or an option cannot be used
│   └── RosterError         an entry of the roster, or a file of entries, cannot be used
├── RecordError             a requested record or receipt does not exist, or the record has changed since the last run
├── RefusedError            a submission does not fit the registry; nothing of it was stored
│   ├── HeldBackError       its reporter is not on the roster, or no longer
│   └── WithdrawalError     a complete delivery would withdraw more than was accepted
└── ExportError             a result cannot be written
```

Messages are constants; the broken rule and the path are attributes. An error never contains a key, a code or payload.
Each class has the exit status that the command line returns for it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ClassVar, Final

__all__ = [
    "ExportError",
    "HeldBackError",
    "LinkageError",
    "MissingExtraError",
    "NotARegistryError",
    "NotErasedError",
    "NotLinkedError",
    "RecordError",
    "RefusedError",
    "RegistryBusy",
    "RegistryError",
    "RegistryKeyError",
    "RosterError",
    "SettingsError",
    "WithdrawalError",
    "needing_extra",
]

EXTRA_PACKAGES: Final = frozenset({"duckdb", "matplotlib", "numba", "scipy"})
"""Packages that the extra `registry` installs."""


class LinkageError(Exception):
    """Base of all errors: a constant sentence about what happened, and one about what to do.

    Attributes:
        rule: A dotted lower-case constant, for programs.
        message: What happened, for people; also the `str()` of the error.
        hint: What to do about it, or None.
        path: The file concerned, or None.
        exit_status: The exit status of the command line.
    """

    exit_status: ClassVar[int] = 70

    def __init__(self, rule: str, message: str, *, hint: str | None = None, path: Path | None = None) -> None:
        """Store the details; `message` and `hint` must be constants of the calling module."""
        super().__init__(message)
        self.rule = rule
        self.message = message
        self.hint = hint
        self.path = path

    def __repr__(self) -> str:
        """Return the class and the rule, nothing else."""
        return f"{type(self).__name__}(rule={self.rule!r})"


class MissingExtraError(LinkageError):
    """A package of the extra `registry` is not installed."""

    exit_status = 6


class RegistryError(LinkageError):
    """The registry file cannot be opened, read or written."""

    exit_status = 6


class NotARegistryError(RegistryError):
    """The file is not a registry, or was made by another version of the library."""


class RegistryBusy(RegistryError):
    """Another process is using the registry."""


class NotErasedError(RegistryError):
    """What was to be erased is still in the registry file, which could not be rewritten without it.

    Attributes:
        cause: The error that kept it from being rewritten.
        results: What `receive_all` or `erase_before` would have returned. Empty if `link` raised this.
    """

    def __init__(self, cause: RegistryError) -> None:
        """Take path and reason from the error that kept the file from being rewritten."""
        super().__init__(
            "registry.not_erased",
            f"What was to be erased is still in the registry file. {cause.message}",
            hint="Whatever was stored remains stored. The next receive, link or erase tries again; "
            "it needs as much free space as the registry file takes.",
            path=cause.path,
        )
        self.cause = cause
        self.results: list[Any] = []


class NotLinkedError(RegistryError):
    """`link` must be run first."""


class RegistryKeyError(LinkageError):
    """The registry key is missing, damaged, or belongs to another registry."""

    exit_status = 5


class SettingsError(LinkageError):
    """The profile, codebook, key id or an option cannot be used.

    Attributes:
        field: The member of the document or the item that is wrong, or None.
    """

    exit_status = 5

    def __init__(
        self, rule: str, message: str, *, hint: str | None = None, path: Path | None = None, field: str | None = None
    ) -> None:
        """Store the details; `message` and `hint` must be constants of the calling module."""
        super().__init__(rule, message, hint=hint, path=path)
        self.field = field


class RosterError(SettingsError):
    """An entry of the roster, or a file of entries, cannot be used; the roster is unchanged.

    Attributes:
        faults: For each row that breaks a rule, its line in the file and the rule.
        rules: The sentence of each of these rules.
    """

    def __init__(
        self,
        rule: str,
        message: str,
        *,
        hint: str | None = None,
        path: Path | None = None,
        faults: tuple[tuple[int, str], ...] = (),
        rules: Mapping[str, str] | None = None,
    ) -> None:
        """Store the details; `message` and `hint` must be constants of the calling module."""
        super().__init__(rule, message, hint=hint, path=path)
        self.faults = faults
        self.rules = {broken: (rules or {})[broken] for _, broken in faults}


class RecordError(LinkageError):
    """A requested record or receipt does not exist, or the record has changed since the last run."""

    exit_status = 2


class RefusedError(LinkageError):
    """A submission does not fit the registry; nothing of it was stored."""

    exit_status = 4


class HeldBackError(RefusedError):
    """A reporter that is not on the roster, or no longer, has sent something; only the fact is kept.

    Attributes:
        reporter: The reporter that the file names.
        period: Its period, or None.
        sequence: Its sequence number.
    """

    def __init__(
        self, message: str, *, hint: str, reporter: str, period: str | None, sequence: int, path: Path | None = None
    ) -> None:
        """Store the details; `message` and `hint` must be constants of the calling module."""
        super().__init__("submission.reporter", message, hint=hint, path=path)
        self.reporter = reporter
        self.period = period
        self.sequence = sequence


class WithdrawalError(RefusedError):
    """A complete delivery would withdraw more records than was accepted.

    Attributes:
        withdrawn: Number of records that it would withdraw.
        of: Number of records of its period.
    """

    def __init__(self, rule: str, message: str, *, hint: str, withdrawn: int, of: int) -> None:
        """Store the details; `message` and `hint` must be constants of the calling module."""
        super().__init__(rule, message, hint=hint)
        self.withdrawn = withdrawn
        self.of = of


class ExportError(LinkageError):
    """A result cannot be written; an existing file is unchanged."""

    exit_status = 6


@contextmanager
def needing_extra() -> Iterator[None]:
    """Import what needs the extra `registry` inside this block.

    Raises:
        MissingExtraError: A package of the extra is not installed.
    """
    try:
        yield
    except ModuleNotFoundError as error:
        if (error.name or "").split(".")[0] not in EXTRA_PACKAGES:
            raise
        raise MissingExtraError(
            "extra.registry",
            "The registry needs packages that are not installed.",
            hint='Install them with: pip install "pseudonym-linkage[registry]"',
        ) from None
