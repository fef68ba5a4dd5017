"""The errors of `linkage`, as a tree.

```
LinkageError
├── MissingExtraError       a package of an extra is not installed
├── ClusterError            the cluster that was to link does not answer, or has failed
├── RegistryError           the registry file cannot be opened, read or written
│   ├── NotARegistryError   the file is not a registry, or was made by another version
│   ├── RegistryBusy        another process is using the registry
│   ├── UnitError           the registry has the other unit only
│   ├── NotErasedError      what was to be erased is still in the registry file
│   ├── AuditError          the audit log is not as it was written
│   ├── NotLinkedError      `link` must be run first
│   └── TooLargeError       this machine has not the memory for `link` or `purge` (`linkage.machine`)
├── RegistryKeyError        the registry key is missing, damaged or belongs to another registry
├── SettingsError           the profile, codebook, key id or an option cannot be used
│   ├── RosterError         an entry of the roster, or a file of entries, cannot be used
│   ├── SampleError         a sample cannot be drawn, or a file of answers cannot be used
│   └── TrustError          an enrolment cannot be made or changed
├── RecordError             a requested record or receipt does not exist, or the record has changed since the last run
├── RefusedError            a submission does not fit the registry; nothing of it was stored
│   ├── HeldBackError       it waits for a decision of the registry's staff, for instance on its reporter
│   │   └── ReplacementError  it would change the codes of most records of its reporter
│   ├── NearReporterError   its reporter is new, and nearly one that is known
│   └── WithdrawalError     a complete delivery would withdraw more than was accepted
├── MessageError            what the other unit has sent cannot be used; nothing was changed
│   ├── NoticeError         the notice of the statistics unit
│   └── HandOverError       the hand-over of the linkage unit
└── ExportError             a result cannot be written
```

Messages are constants; the broken rule and the path are attributes, and `str()` says all in one sentence. An error
never contains a key, a code or payload. Each class has the exit status that the command line returns for it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ClassVar, Final

from pseudonym.extras import how_to_install

__all__ = [
    "AuditError",
    "ClusterError",
    "ExportError",
    "HandOverError",
    "HeldBackError",
    "LinkageError",
    "MessageError",
    "MissingExtraError",
    "NearReporterError",
    "NotARegistryError",
    "NotErasedError",
    "NotLinkedError",
    "NoticeError",
    "RecordError",
    "RefusedError",
    "RegistryBusy",
    "RegistryError",
    "RegistryKeyError",
    "ReplacementError",
    "RosterError",
    "SampleError",
    "SettingsError",
    "TrustError",
    "UnitError",
    "WithdrawalError",
    "needing_extra",
]

EXTRA_PACKAGES: Final = frozenset({"duckdb", "matplotlib", "numba", "scipy"})
"""Packages that the extra `registry` installs."""


class LinkageError(Exception):
    """Base of all errors: a constant sentence about what happened, and one about what to do.

    Attributes:
        rule: A dotted lower-case constant, for programs.
        message: What happened, for people.
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

    def __str__(self) -> str:
        """Return where, what and why, and what to do about it."""
        where = ", ".join(str(place) for place in (self.path, getattr(self, "field", None)) if place is not None)
        said = f"{self.message.removesuffix('.')} ({self.rule})."
        parts = (f"{where}:" if where else None, said, self.hint)
        return " ".join(part for part in parts if part is not None)

    def __repr__(self) -> str:
        """Return the class and the rule, nothing else."""
        return f"{type(self).__name__}(rule={self.rule!r})"


class MissingExtraError(LinkageError):
    """A package of an extra is not installed."""

    exit_status = 6


class ClusterError(LinkageError):
    """The cluster that was to link does not answer or has failed; nothing was stored."""

    exit_status = 6


class RegistryError(LinkageError):
    """The registry file cannot be opened, read or written."""

    exit_status = 6


class NotARegistryError(RegistryError):
    """The file is not a registry, or was made by another version of the library."""


class RegistryBusy(RegistryError):
    """Another process is using the registry."""


class UnitError(RegistryError):
    """The registry has one unit only, and the other one has the answer, or it takes both."""

    exit_status = 2

    def __init__(self, unit: str, *, path: Path | None = None) -> None:
        """Name the unit that has the answer.

        Args:
            unit: `linkage`, `statistics` or `both`.
            path: The registry.
        """
        if unit == "both":
            message = "This registry has one unit only, and the answer takes both."
            hint = "No unit on its own can give it: only a registry with both units in one folder."
        elif unit == "linkage":
            message = "This registry has the statistics unit only; the linkage unit has the answer."
            hint = "Run the command at the linkage unit, or take its hand-over: linkage hand-over take"
        else:
            message = "This registry has the linkage unit only; the statistics unit has the answer."
            hint = "Run the command at the statistics unit, which knows records, cases and periods."
        super().__init__("registry.unit", message, hint=hint, path=path)


class NotErasedError(RegistryError):
    """What was to be erased is still in the registry file, which could not be rewritten without it.

    Its rule is `registry.not_erased`; or `registry.damaged`, since nothing in a damaged file is certain.

    Attributes:
        cause: The error that kept it from being rewritten.
        results: What `receive_all` or `erase_before` would have returned, or a list of the report of `purge`. Empty if
            `link` raised this.
    """

    def __init__(self, cause: RegistryError) -> None:
        """Take path and reason from the error that kept the file from being rewritten."""
        damaged = cause.rule == "registry.damaged"
        # Of a file that cannot be read, or not to its end, nobody knows what it still holds.
        uncertain = damaged or cause.rule == "registry.io"
        super().__init__(
            cause.rule if damaged else "registry.not_erased",
            f"What was to be erased is still in the registry file. {cause.message}",
            hint=cause.hint
            if uncertain
            else "Whatever was stored remains stored. The next receive, link or erase tries again; "
            "it needs as much free space as the registry file takes.",
            path=cause.path,
        )
        self.cause = cause
        self.results: list[Any] = []


class AuditError(RegistryError):
    """The audit log is not as it was written: somebody has changed the file outside this library."""


class NotLinkedError(RegistryError):
    """`link` must be run first."""


class RegistryKeyError(LinkageError):
    """The registry key is missing, damaged, or belongs to another registry."""

    exit_status = 5


class SettingsError(LinkageError):
    """The profile, codebook, key id or an option cannot be used.

    Attributes:
        field: The member of the document or the item that is wrong, or None.
        allowed: What that member may hold, or None.
    """

    exit_status = 5

    def __init__(
        self,
        rule: str,
        message: str,
        *,
        hint: str | None = None,
        path: Path | None = None,
        field: str | None = None,
        allowed: str | None = None,
    ) -> None:
        """Store the details; `message` and `hint` must be constants of the calling module."""
        super().__init__(rule, message, hint=hint, path=path)
        self.field = field
        self.allowed = allowed


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


class SampleError(RosterError):
    """A sample cannot be drawn, or a file of answers cannot be used; the answers are as they were."""


class TrustError(SettingsError):
    """An enrolment cannot be made or changed; who is enrolled is as it was."""


class RecordError(LinkageError):
    """A requested record or receipt does not exist, or the record has changed since the last run."""

    exit_status = 2


class RefusedError(LinkageError):
    """A submission does not fit the registry; nothing of it was stored."""

    exit_status = 4


class HeldBackError(RefusedError):
    """A file waits for a decision of the registry's staff; only that it came is kept.

    Its rule is `submission.reporter` if its reporter is not on the roster, or no longer.

    Attributes:
        reporter: The reporter that the file names.
        period: Its period, or None.
        sequence: Its sequence number.
    """

    def __init__(
        self,
        message: str,
        *,
        rule: str = "submission.reporter",
        hint: str,
        reporter: str,
        period: str | None,
        sequence: int,
        path: Path | None = None,
    ) -> None:
        """Store the details; `rule`, `message` and `hint` must be constants of the calling module."""
        super().__init__(rule, message, hint=hint, path=path)
        self.reporter = reporter
        self.period = period
        self.sequence = sequence


class ReplacementError(HeldBackError):
    """A delivery would change the codes of most records of its reporter.

    Attributes:
        replaced: Number of records whose codes it would change.
        of: Number of current records of the reporter.
    """

    def __init__(self, reporter: str, period: str | None, sequence: int, *, replaced: int, of: int) -> None:
        """Store whose delivery it is, and the numbers."""
        super().__init__(
            "The delivery would change the identities in more than half of all records of its reporter, so it is held "
            "back; nothing was stored.",
            rule="submission.replaces_most",
            hint="Ask the reporter: record ids that mean other persons now look like this. If it is right, receive it "
            "again with --accept-replacements.",
            reporter=reporter,
            period=period,
            sequence=sequence,
        )
        self.replaced = replaced
        self.of = of


class NearReporterError(RefusedError):
    """The code of a new reporter differs from a known one only in capitals, signs or leading zeros.

    Attributes:
        reporter: The reporter that the file names.
        known: The reporter that the registry knows.
    """

    def __init__(self, *, reporter: str, known: str) -> None:
        """Store both codes."""
        super().__init__(
            "submission.reporter_near",
            "The reporter is new, and its code differs from a known one only in capitals, signs or leading zeros; "
            "nothing was stored.",
            hint="If they are one, it must encode again under the known code. If not: --accept-reporter CODE.",
        )
        self.reporter = reporter
        self.known = known


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


class MessageError(LinkageError):
    """What the other unit has sent cannot be used; nothing was changed."""

    exit_status = 4


class NoticeError(MessageError):
    """A notice of the statistics unit cannot be used."""


class HandOverError(MessageError):
    """A hand-over of the linkage unit cannot be used."""


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
            hint=how_to_install("registry"),
        ) from None
