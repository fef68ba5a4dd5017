"""The audit log of a registry as programs use it."""

from __future__ import annotations

from pathlib import Path

from linkage.audit_log import Entry, Verification, head, read_entries, verify
from linkage.keys import UNIT_KEYS
from linkage.linkage_unit.repetition import Repetition
from linkage.pipeline.creating import KEY_CHECK
from linkage.pipeline.key_files import KeyFiles, check_key
from linkage.pipeline.units import UnitName, Units
from linkage.progress import Progress, quiet
from linkage.store import Store
from pseudonym.profile import Profile

__all__ = ["Audit"]


class Audit:
    """The audit log of a unit. Reading it changes nothing, and neither does repeating a run."""

    def __init__(self, units: Units, unit: UnitName, profile: Profile, key_files: KeyFiles) -> None:
        """Use `Registry.audit` or `Registry.audit_of` instead."""
        self._units = units
        self._unit = unit
        self._profile = profile
        self._key_files = key_files

    @property
    def _store(self) -> Store:
        return self._units.linkage if self._unit == "linkage" else self._units.statistics

    def entries(self, *, since: str = "", act: str | None = None) -> list[Entry]:
        """Return the entries in their order.

        Args:
            since: Only those at this time or later, in UTC; it may be the beginning of a time, such as `2026-03-31`.
            act: Only those of this act.

        Raises:
            AuditError: `audit.content` if the text of an entry cannot be read.
        """
        with self._store.session(write=False) as session:
            return list(read_entries(session, since=since, act=act))

    def head(self) -> tuple[int, str]:
        """Return the number and the digest of the last entry, to be kept elsewhere."""
        with self._store.session(write=False) as session:
            return head(session)

    def verify(self, *, head: str | None = None, key_file: str | Path | None = None) -> Verification:
        """Walk along the chain, and check the seals if the key of the unit is at hand.

        Args:
            head: Digest of an entry that was the last one when it was kept elsewhere, 64 hexadecimal digits.
            key_file: The file of the key of the unit, which must then be usable; None to look where it is expected.

        Returns:
            What was found.

        Raises:
            RegistryKeyError: The file cannot be used, or `registry_key.other` if it belongs to another registry.
        """
        at_hand = self._store.key_at_hand
        given = None if key_file is None else UNIT_KEYS[self._unit].load(key_file)
        with self._store.session(write=False) as session:
            if given is not None and key_file is not None:
                check_key(session, given, Path(key_file))
            key = given if given is not None or at_hand is None else at_hand()
            own = key is not None and key.check == session.get(KEY_CHECK)
            return verify(session, key=key if own else None, head=head)

    def repeat(self, *, progress: Progress | None = None) -> Repetition:
        """Compute the latest run again, and compare it with what the log of the linkage unit says of it.

        Args:
            progress: See `Progress`.

        Returns:
            Whether the same came out; if what the run was computed from has changed since, nothing is computed.

        Raises:
            RegistryKeyError: As for `Registry.link`.
            NotLinkedError: `link` has never been run.
            AuditError: As for `entries`.
        """
        # Imported here because loading the compiled code takes a second, which other calls should not wait for.
        from linkage.linkage_unit.repeat import repeat

        key = self._key_files.registry_key(self._units)
        with self._units.linkage.session(write=False) as session:
            return repeat(session, self._profile, key=key, progress=progress or quiet)
