"""Invite a reporter: write down what it must know of this registry, signed by its units."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from linkage.errors import ExportError, SettingsError
from linkage.keys import UNIT_KEYS
from linkage.pipeline.key_files import KeyFiles
from linkage.pipeline.settings import Settings
from linkage.pipeline.units import UnitName, Units
from linkage.progress import now
from linkage.statistics_unit.roster import Roster
from linkage.store import Session
from pseudonym.codebook import Codebook
from pseudonym.enrolment import INVITE, DocumentReference, EnrolmentError, Invite, countersign, make_invite, read_invite
from pseudonym.output import OutputError, Outputs
from pseudonym.profile import Profile
from pseudonym.public_keys import UNITS, PublicKeyError, UnitPublicKey

__all__ = ["Invites", "read_public_key", "write_invite"]

MAX_KEY_BYTES: Final = 1 << 14
"""A file with a public key is a line of some 2,000 characters."""


class Invites:
    """Invites of a registry, made and signed by the units that are here; each has its entry in the audit log."""

    def __init__(self, units: Units, key_files: KeyFiles, settings: Settings) -> None:
        """Use `Registry.invites` instead."""
        self._units = units
        self._key_files = key_files
        self._settings = settings

    def make(
        self,
        reporter: str,
        *,
        unit: UnitName | None = None,
        public_key: UnitPublicKey | None = None,
        period: str | None = None,
    ) -> Invite:
        """Make an invite for a reporter.

        Args:
            reporter: Code of the reporter.
            unit: The only unit that signs here; by default both do.
            public_key: The public key of the unit that signs elsewhere; None if both sign here.
            period: The first period that is to be reported; by default that of the reporter's entry of the roster.

        Returns:
            The invite, with profile, codebook, key id, epoch and the entry of the roster as this registry has them.

        Raises:
            RegistryKeyError: As for `UnitKey.load`; `registry_key.other` or `statistics_key.other` if a key belongs to
                another registry.
            SettingsError: `invite.form` if the code or the period is malformed, `invite.units` if a unit has no key or
                two.
            UnitError: A unit that is to sign is elsewhere.
            RegistryError: The registry cannot be read or written.
        """
        keys = [self._key_files.key_of(self._units, UNIT_KEYS[one]) for one in (UNITS if unit is None else (unit,))]
        # The linkage unit on its own has no roster.
        known = [] if self._units.alone == "linkage" else Roster(self._units.statistics).entries()
        entry = next((one for one in reversed(known) if one.reporter == reporter), None)
        with self._writing() as session:
            epoch = session.get("epoch")
            with _as_settings():
                made = make_invite(
                    reporter,
                    keys=keys,
                    public_keys=() if public_key is None else (public_key,),
                    profile=_reference(self._settings.profile),
                    codebook=None if self._settings.codebook is None else _reference(self._settings.codebook),
                    roster=None if entry is None else entry.to_dict(),
                    period=period or (None if entry is None else entry.from_period),
                    key_id=session.get("key_id") or None,
                    epoch=int(epoch) if epoch else None,
                )
            session.log("invite", at=now(), reporter=reporter, digest=made.digest)
        return made

    def countersign(self, path: Path, reporter: str, *, unit: UnitName) -> Invite:
        """Sign an invite that the other unit has made.

        Args:
            path: Its file.
            reporter: Code of the reporter that it must be for.
            unit: The unit that signs here.

        Returns:
            The invite with both signatures.

        Raises:
            RegistryKeyError: As for `make`.
            SettingsError: As for `pseudonym.enrolment.read_invite` and `countersign`; `invite.other_reporter`.
            UnitError: The unit is elsewhere.
            RegistryError: The registry cannot be read or written.
        """
        key = self._key_files.key_of(self._units, UNIT_KEYS[unit])
        with _as_settings(path):
            made = countersign(read_invite(path), key)
        if made.reporter != reporter:
            raise SettingsError("invite.other_reporter", "The invite is for another reporter.", path=path)
        with self._writing() as session:
            session.log("invite", at=now(), reporter=made.reporter, digest=made.digest)
        return made

    @contextmanager
    def _writing(self) -> Iterator[Session]:
        store = self._units.stores[self._units.alone or "statistics"]
        with store.session(write=True) as session, session.transaction():
            yield session


def write_invite(invite: Invite, out: Path) -> None:
    """Write an invite to a file, whole or not at all; an older invite is replaced.

    Args:
        invite: The invite.
        out: The file.

    Raises:
        ExportError: It cannot be written, or another kind of file has its name.
    """
    try:
        with Outputs() as outputs:
            outputs.add(out, INVITE).write_bytes(invite.canonical() + b"\n")
            outputs.commit()
    except OutputError as error:
        rule = error.rule.replace("output.", "export.", 1)
        raise ExportError(rule, error.message, hint=error.hint, path=error.path) from None


def read_public_key(path: Path) -> UnitPublicKey:
    """Read the public key of a unit from a file with its line.

    Args:
        path: The file.

    Returns:
        The key.

    Raises:
        SettingsError: `public_key.unreadable`, `public_key.form` or `public_key.check`.
    """
    try:
        with path.open("rb") as file:
            text = file.read(MAX_KEY_BYTES).decode("ascii", errors="replace")
    except OSError:
        raise SettingsError(
            "public_key.unreadable",
            "The file of the public key cannot be read.",
            hint="The other unit prints its public key with: linkage key inspect FILE --public",
            path=path,
        ) from None
    with _as_settings(path):
        return UnitPublicKey.parse(text)


def _reference(document: Profile | Codebook) -> DocumentReference:
    return DocumentReference(name=document.name, version=str(document.version), digest=document.digest)


@contextmanager
def _as_settings(path: Path | None = None) -> Iterator[None]:
    try:
        yield
    except EnrolmentError as error:
        raise SettingsError(
            error.rule, error.message, hint=error.hint, field=error.field, allowed=error.allowed, path=path
        ) from None
    except PublicKeyError as error:
        raise SettingsError(error.rule, error.message, hint=error.hint, path=path) from None
