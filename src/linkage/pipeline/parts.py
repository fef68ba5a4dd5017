"""What a registry has beside records and persons, each an object of its own: audit log, codebooks, roster ..."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from linkage.keys import UNIT_KEYS
from linkage.pipeline.audit import Audit
from linkage.pipeline.exports import Exports
from linkage.pipeline.inviting import Invites
from linkage.pipeline.key_files import KeyFiles
from linkage.pipeline.messages import Messages
from linkage.pipeline.sealing import key_at_hand
from linkage.pipeline.settings import Settings
from linkage.pipeline.units import UnitName, Units
from linkage.statistics_unit.codebooks import Codebooks
from linkage.statistics_unit.enrolments import Enrolments
from linkage.statistics_unit.held import Held
from linkage.statistics_unit.roster import Roster
from linkage.statistics_unit.samples import Samples
from linkage.store import Store

__all__ = ["Parts"]


class Parts:
    """The parts of a registry.

    Attributes:
        settings: Profile, and the newest codebook when it was opened.
        registry_key: The file of the registry's own key, that of the linkage unit.
        statistics_key: The file of the key of the statistics unit.
    """

    def __init__(self, units: Units, settings: Settings, key_files: KeyFiles) -> None:
        """Use `Registry.create` or `Registry.open` instead."""
        self.settings = settings
        self._units = units
        self._key_files = key_files
        self.registry_key = key_files.linkage
        self.statistics_key = key_files.statistics
        for unit, store in units.stores.items():
            store.key_at_hand = partial(key_at_hand, key_files.of_units(None)[unit], UNIT_KEYS[unit])

    @property
    def unit(self) -> UnitName | None:
        """The unit that this registry has, if it has only one."""
        return self._units.alone

    @property
    def _store(self) -> Store:
        """The file of the statistics unit, which has nearly all answers."""
        return self._units.statistics

    def key_files(self, unit: UnitName | None = None) -> dict[UnitName, Path]:
        """Return the files of its keys, by unit; of one unit if it is given."""
        return self._key_files.of_units(unit)

    @property
    def audit(self) -> Audit:
        """The audit log: read it, verify it, and take its head to keep it elsewhere."""
        return self.audit_of(self._units.alone or "statistics")

    def audit_of(self, unit: UnitName) -> Audit:
        """Return the audit log of one unit; `audit` is that of the statistics unit, or of the only one."""
        return Audit(self._units, unit, self.settings.profile, self._key_files)

    @property
    def codebooks(self) -> Codebooks:
        """The codebooks of the registry: list them, add one, end an older one, see which series break."""
        return Codebooks(self._store)

    @property
    def enrolments(self) -> Enrolments:
        """The reporters that may send signed files, with their keys, and what is accepted from others."""
        return Enrolments(*self._units.stores.values())

    @property
    def exports(self) -> Exports:
        """Persons and links for somebody outside, each with its entry in the audit log."""
        return Exports(self._units, self._key_files)

    @property
    def held(self) -> Held:
        """The files that wait for a decision: list or dismiss them."""
        return Held(self._store)

    @property
    def invites(self) -> Invites:
        """Invites for reporters, signed by the units that are here."""
        return Invites(self._units, self._key_files, self.settings)

    @property
    def messages(self) -> Messages:
        """The messages between units that are apart: notices to the linkage unit, hand-overs from it."""
        return Messages(self._units, self.settings)

    @property
    def samples(self) -> Samples:
        """Samples of records about which reporters are asked: draw one, write its questions, take its answers."""
        return Samples(self._store)

    @property
    def roster(self) -> Roster:
        """The roster of reporters: who is to report, from when on and how often."""
        return Roster(self._store)
