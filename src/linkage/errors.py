"""The errors of `linkage`, drawn as a tree.

```
LinkageError
├── MissingExtraError       a package of the extra `registry` is not installed
├── RegistryError           the registry file cannot be opened or written
│   ├── NotARegistryError   the file is something else, or of another version
│   ├── RegistryBusy        another process is using the registry
│   └── NotLinkedError      the answer needs a run of `link` first
├── RegistryKeyError        the registry key is missing, damaged or of another registry
├── SettingsError           a registry with this profile, codebook, key id or option is not made or opened
├── RecordError             a record that is asked for is not there, or not as the last run saw it
├── RefusedError            a submission does not fit the registry, and nothing of it was stored
└── ExportError             a result cannot be written
```

Messages are constants. What varies rides as attributes: the rule that was broken and the path. No key, no code and no
payload is ever put into an error. Each class carries the exit status that the command line gives for it.
"""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar, Final

__all__ = [
    "ExportError",
    "LinkageError",
    "MissingExtraError",
    "NotARegistryError",
    "NotLinkedError",
    "RecordError",
    "RefusedError",
    "RegistryBusy",
    "RegistryError",
    "RegistryKeyError",
    "SettingsError",
    "missing_extra",
]

EXTRA_PACKAGES: Final = frozenset({"duckdb", "matplotlib", "numba", "scipy"})
"""What the extra `registry` brings."""


class LinkageError(Exception):
    """Say what cannot be done, in a constant sentence, and what to do about it in another.

    Attributes:
        rule: A dotted lower-case constant, for programs.
        message: The constant sentence that `str()` gives, for people.
        hint: A constant sentence that says what helps, or None.
        path: The file concerned, or None.
        exit_status: What the command line exits with.
    """

    exit_status: ClassVar[int] = 70

    def __init__(self, rule: str, message: str, *, hint: str | None = None, path: Path | None = None) -> None:
        """Keep the rule and the place; `message` and `hint` must be constants of the calling module."""
        super().__init__(message)
        self.rule = rule
        self.message = message
        self.hint = hint
        self.path = path

    def __repr__(self) -> str:
        """Name the class and the rule, nothing else."""
        return f"{type(self).__name__}(rule={self.rule!r})"


class MissingExtraError(LinkageError):
    """A package of the extra `registry` is not installed."""

    exit_status = 6


class RegistryError(LinkageError):
    """The registry file cannot be opened, read or written."""

    exit_status = 6


class NotARegistryError(RegistryError):
    """The file is not a registry, or one that another version of the library made."""


class RegistryBusy(RegistryError):
    """Another process is using the registry."""


class NotLinkedError(RegistryError):
    """The answer needs a run of `link` first."""


class RegistryKeyError(LinkageError):
    """The registry key is missing, damaged, or belongs to another registry."""

    exit_status = 5


class SettingsError(LinkageError):
    """A registry with this profile, codebook, key id or option is not made or opened."""

    exit_status = 5


class RecordError(LinkageError):
    """A record that is asked for is not there, or not as the last run saw it."""

    exit_status = 2


class RefusedError(LinkageError):
    """A submission does not fit the registry; nothing of it was stored."""

    exit_status = 4


class ExportError(LinkageError):
    """A result cannot be written; what stood there before is unchanged."""

    exit_status = 6


def missing_extra(error: ModuleNotFoundError) -> LinkageError | None:
    """Explain an import that failed, if a package of the extra `registry` is what is missing; else None."""
    if (error.name or "").split(".")[0] not in EXTRA_PACKAGES:
        return None
    return MissingExtraError(
        "extra.registry",
        "The registry needs packages that are not installed.",
        hint='Install them with: pip install "pseudonym-linkage[registry]"',
    )
