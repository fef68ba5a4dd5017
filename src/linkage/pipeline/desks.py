"""Where files are received: at both units at once, or at one that is on its own and sees its own part only."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Protocol

from linkage.errors import RefusedError
from linkage.intake import Accepted, Receipt, admit, admit_totals, withdraw
from linkage.intake.ledger import received_before
from linkage.intake.numbering import check_sequence
from linkage.intake.receipt import ALREADY_RECEIVED, STORED, UNCHANGED
from linkage.intake.trust import check_replacements, check_unsigned, hold_back, read_enrolments
from linkage.keys import RegistryKey, StatisticsKey, UnitKey
from linkage.linkage_unit.admit import CodesIntake
from linkage.pipeline.exchange import is_due
from linkage.pipeline.key_files import KeyFiles, check_key
from linkage.pipeline.opening import SealedFiles
from linkage.pipeline.settings import Settings
from linkage.pipeline.units import Units
from linkage.progress import Progress, now
from linkage.reading import (
    Expected,
    Verified,
    VerifiedCases,
    VerifiedCodes,
    VerifiedParts,
    check_header,
    verify_any,
    verify_cases,
    verify_codes,
)
from linkage.store import Session, Store
from pseudonym.wire import (
    CasesHeader,
    CodesHeader,
    Header,
    SealedHeader,
    SubmissionError,
    Totals,
    Withdrawal,
    read_any_header,
)
from pseudonym.wire import read_part_header as read_part

__all__ = ["Content", "Desk", "Wishes", "desk_of", "read_unit_header"]

Content = Verified | VerifiedParts | VerifiedCases | VerifiedCodes | Withdrawal | Totals
"""What was verified of a file."""

_Counted = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Wishes:
    """How the files of one call are taken in.

    Attributes:
        progress: See `Progress`.
        accepted: What the staff has accepted.
        dry_run: Whether to write nothing.
    """

    progress: Progress
    accepted: Accepted
    dry_run: bool


class Desk(Protocol):
    """Receives files at the units that a registry has."""

    def expected(self) -> Expected:
        """Read the keys, check that they are the right ones, and return what every file must match."""
        ...

    def verify(self, path: Path, expected: Expected, *, progress: _Counted) -> Content:
        """Read a file and check that it fits the registry, and that this desk may see it."""
        ...

    def open(self) -> Any:
        """Open what files are stored in, for one batch."""
        ...

    def take(self, sessions: Any, content: Any, path: Path, *, place: str) -> Receipt:
        """Store or carry out one file in transactions of its own; `place` says which one it is, for progress."""
        ...

    def hold_back(self, sessions: Any, content: Any, *, rule: str) -> None:
        """Keep that a file was held back, and by which rule."""
        ...

    def is_due(self, sessions: Any) -> bool:
        """Return whether anything is to be erased for good, or to be told to the other unit."""
        ...

    def close(self) -> None:
        """Remove the parts of sealed files that are in clear, once a batch is stored."""
        ...


def desk_of(units: Units, settings: Settings, key_files: KeyFiles, wishes: Wishes) -> Desk:
    """Return the desk of a registry.

    Args:
        units: The units that it has.
        settings: Its settings.
        key_files: The files of their keys.
        wishes: How files are taken in.
    """
    if units.alone == "linkage":
        return _CodesDesk(units, settings, key_files, wishes)
    if units.alone == "statistics":
        return _CasesDesk(units, settings, key_files, wishes)
    return _Desk(units, settings, key_files, wishes)


class _Base:
    """What all desks do alike."""

    def __init__(self, units: Units, settings: Settings, key_files: KeyFiles, wishes: Wishes) -> None:
        self._units = units
        self._settings = settings
        self._key_files = key_files
        self._wishes = wishes
        self._registry_key: RegistryKey | None = None
        self._statistics_key: StatisticsKey | None = None
        self._sealed = SealedFiles(units.path, (), ())
        self._expected: Expected | None = None

    def close(self) -> None:
        self._sealed.close()

    def verify(self, path: Path, expected: Expected, *, progress: _Counted) -> Content:
        header = _header(path)
        if isinstance(header, SealedHeader):
            return self._sealed.open(path, header, expected)
        return self._verify_open(path, header, expected, progress)

    def _verify_open(self, path: Path, header: Any, expected: Expected, progress: _Counted) -> Content:
        """Read a file that is not sealed; its header is None if it cannot be read."""
        return verify_any(path, expected, progress=progress)

    def _know(self, session: Session) -> None:
        """Take the keys that `expected` has read, and the enrolments, for sealed files."""
        keys = [key for key in (self._registry_key, self._statistics_key) if key is not None]
        self._sealed = SealedFiles(self._units.path, keys, read_enrolments(session))

    def _sender(self, session: Session, header: Any, path: Path, was_received: Callable[[], bool]) -> str | None:
        """Return the fingerprint of the key that signed a sealed file, once it is certain that it may have.

        An open file in the name of a reporter that signs its files is refused, unless it was received before.
        """
        signed_with = self._sealed.signed_with(path, partial(read_enrolments, session, header.reporter))
        if signed_with is None and not was_received():
            check_unsigned(session, header)
        return signed_with

    def _take_cases(self, cases: Session, content: Any, path: Path, **more: Any) -> Receipt:
        """Store or carry out one file at the statistics unit."""
        key, header = self._statistics_key, content.header
        assert key is not None  # `expected` has read it.
        # The first submission, which another process may have received meanwhile, fixes key id and epoch.
        self._expected = self._settings.expected(cases, since=self._expected)
        check_header(header, self._expected, path)
        common: dict[str, Any] = {
            "key": key,
            "at": now(),
            "accepted": self._wishes.accepted,
            "signed_with": self._sender(cases, header, path, lambda: received_before(cases, header, key)),
            "dry_run": self._wishes.dry_run,
        }
        if isinstance(content, Withdrawal):
            return withdraw(cases, content, **common)
        if isinstance(content, Totals):
            return admit_totals(cases, content, **common)
        return admit(cases, content, **more, **common)

    def _codes_intake(
        self, codes: Session, content: Verified | VerifiedParts | VerifiedCodes, *, place: str
    ) -> CodesIntake:
        assert self._registry_key is not None  # `expected` has read it.
        return CodesIntake(
            codes,
            content,
            key=self._registry_key,
            at=now(),
            progress=partial(self._wishes.progress, f"store{place}"),
        )

    def _hold(self, cases: Session, content: Any, rule: str) -> None:
        assert self._statistics_key is not None  # `expected` has read it.
        hold_back(cases, content.header, rule=rule, key=self._statistics_key, at=now())


class _Desk(_Base):
    """Receives whole submissions, withdrawals and totals at both units."""

    def expected(self) -> Expected:
        keys = self._key_files.read()
        self._registry_key, self._statistics_key = keys.linkage, keys.statistics
        with self._units.sessions(write=False) as (codes, cases):
            self._key_files.check(keys, codes, cases)
            self._know(cases)
            return self._settings.expected(cases)

    @contextmanager
    def open(self) -> Iterator[tuple[Session, Session]]:
        with self._units.sessions(write=not self._wishes.dry_run) as sessions:
            self._expected = None
            yield sessions

    def take(self, sessions: tuple[Session, Session], content: Any, path: Path, *, place: str) -> Receipt:
        codes, cases = sessions
        beside = isinstance(content, Verified | VerifiedParts)
        more = {"codes": self._codes_intake(codes, content, place=place)} if beside else {}
        return self._take_cases(cases, content, path, **more)

    def hold_back(self, sessions: tuple[Session, Session], content: Any, *, rule: str) -> None:
        self._hold(sessions[1], content, rule)

    def is_due(self, sessions: tuple[Session, Session]) -> bool:
        return is_due({"linkage": sessions[0], "statistics": sessions[1]})


class _Lone(_Base, ABC):
    """What the desk of a unit does that is on its own, whichever it is."""

    @property
    def _store(self) -> Store:
        return next(iter(self._units.stores.values()))

    @abstractmethod
    def _load(self) -> tuple[UnitKey, Path]:
        """Read the key of the unit and keep it; return it with its file."""

    def expected(self) -> Expected:
        key, file = self._load()
        with self._store.session(write=False) as session:
            check_key(session, key, file)
            self._know(session)
            return self._settings.expected(session)

    def _verify_open(self, path: Path, header: Any, expected: Expected, progress: _Counted) -> Content:
        if isinstance(header, Header):
            raise RefusedError(
                "submission.whole",
                "The file is a whole submission, and a unit on its own must not see more than its part.",
                hint="Delete it here, and ask the reporter for the parts, each for its unit.",
                path=path,
            )
        return self._verify_part(path, header, expected, progress)

    @abstractmethod
    def _verify_part(self, path: Path, header: Any, expected: Expected, progress: _Counted) -> Content:
        """Read a file that is neither sealed nor a whole submission."""

    @contextmanager
    def open(self) -> Iterator[Session]:
        with self._store.session(write=not self._wishes.dry_run) as session:
            self._expected = None
            yield session

    def is_due(self, sessions: Session) -> bool:
        return is_due({unit: sessions for unit in self._units.stores})


class _CasesDesk(_Lone):
    """Receives parts with cases, withdrawals and totals at a statistics unit that is on its own."""

    def _load(self) -> tuple[UnitKey, Path]:
        self._statistics_key = StatisticsKey.load(self._key_files.statistics)
        return self._statistics_key, self._key_files.statistics

    def _verify_part(self, path: Path, header: Any, expected: Expected, progress: _Counted) -> Content:
        if isinstance(header, CasesHeader | CodesHeader):
            return verify_cases(path, expected, progress=progress)
        return verify_any(path, expected, progress=progress)

    def take(self, sessions: Session, content: Any, path: Path, *, place: str) -> Receipt:
        return self._take_cases(sessions, content, path)

    def hold_back(self, sessions: Session, content: Any, *, rule: str) -> None:
        self._hold(sessions, content, rule)


class _CodesDesk(_Lone):
    """Receives parts with codes at a linkage unit that is on its own."""

    def _load(self) -> tuple[UnitKey, Path]:
        self._registry_key = RegistryKey.load(self._key_files.linkage)
        return self._registry_key, self._key_files.linkage

    def _verify_part(self, path: Path, header: Any, expected: Expected, progress: _Counted) -> Content:
        if isinstance(header, CodesHeader):
            return verify_codes(path, expected, progress=progress)
        if header is None:
            # Nothing of it is known, and this says why.
            return verify_any(path, expected, progress=progress)
        raise RefusedError(
            "submission.unit",
            "The file is for the statistics unit, and this unit must not see it.",
            hint="Receive it at the statistics unit, and here the part with codes.",
            path=path,
        )

    def take(self, sessions: Session, content: VerifiedCodes, path: Path, *, place: str) -> Receipt:
        header, wishes = content.header, self._wishes
        check_header(header, self._settings.expected(sessions), path)
        intake = self._codes_intake(sessions, content, place=place)
        fixes = not sessions.get("key_id")
        intake.judge(content.good)
        signed_with = self._sender(sessions, header, path, lambda: intake.known)
        counts: dict[str, Any] = {}
        if not intake.known:
            check_sequence(sessions, header, at=now(), accepted=wishes.accepted.accept_sequence)
            counts = intake.counts
            replaced, accepted = counts["superseding"], wishes.accepted.accept_replacements
            check_replacements(sessions, header, replaced=replaced, accepted=accepted)
        warnings = () if wishes.dry_run else intake.store()
        changed = sum(counts.get(effect, 0) for effect in ("new", "superseding", "late")) + len(content.faults)
        return Receipt(
            outcome=ALREADY_RECEIVED if intake.known else STORED if changed else UNCHANGED,
            reporter=header.reporter,
            period=None,
            sequence=header.sequence,
            records=header.records,
            quarantined=dict(Counter(fault.rule for fault in content.faults)),
            fixed_key_id=fixes and not intake.known,
            signed_with=signed_with,
            dry_run=wishes.dry_run,
            warnings=warnings,
            **counts,
        )

    def hold_back(self, sessions: Session, content: Any, *, rule: str) -> None:
        """Do nothing: the list of files that wait is at the statistics unit."""


def read_unit_header(path: Path) -> Any:
    """Read the header of a file of any kind, whole or a part.

    Args:
        path: The file.

    Returns:
        Its header.

    Raises:
        SubmissionError: As for `read_any_header`.
    """
    try:
        return read_any_header(path)
    except SubmissionError as error:
        if error.rule != "submission.part":
            raise
        return read_part(path)


def _header(path: Path) -> Any:
    """Return the header of a file; None if it cannot be read, which `verify_any` explains."""
    try:
        return read_unit_header(path)
    except SubmissionError:
        return None
