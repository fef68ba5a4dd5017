"""The key files of a registry, and the keys in them once they are known to be the right ones."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import pyarrow as pa

from linkage.errors import RegistryKeyError
from linkage.keys import RegistryKey, StatisticsKey, UnitKey
from linkage.linkage_unit.person_ids import check_recipient, ids_for
from linkage.pipeline.creating import KEY_CHECK
from linkage.pipeline.settings import key_path
from linkage.pipeline.units import UnitName, Units
from linkage.store import Session

__all__ = ["KeyFiles", "Keys", "check_key"]


_Key = TypeVar("_Key", bound=UnitKey)


@dataclass(frozen=True, slots=True, repr=False)
class Keys:
    """The keys of both units.

    Attributes:
        linkage: That of the linkage unit, the registry key.
        statistics: That of the statistics unit.
    """

    linkage: RegistryKey
    statistics: StatisticsKey


@dataclass(frozen=True, slots=True)
class KeyFiles:
    """Where the keys of a registry are.

    Attributes:
        linkage: The file of the registry key, which is that of the linkage unit.
        statistics: The file of the key of the statistics unit.
    """

    linkage: Path
    statistics: Path

    @classmethod
    def of(cls, path: Path, registry_key: str | Path | None, statistics_key: str | Path | None) -> KeyFiles:
        """Return the files that are given, or those that belong to a registry by default; see `key_path`.

        Args:
            path: The registry.
            registry_key: The given file of the registry key, or None.
            statistics_key: The given file of the key of the statistics unit, or None.
        """
        return cls(key_path(path, "linkage", registry_key), key_path(path, "statistics", statistics_key))

    def of_units(self, unit: UnitName | None) -> dict[UnitName, Path]:
        """Return the files by unit: of both, or of one alone."""
        files: dict[UnitName, Path] = {"linkage": self.linkage, "statistics": self.statistics}
        return files if unit is None else {unit: files[unit]}

    def registry_key(self, units: Units) -> RegistryKey:
        """Read the registry key and check that it belongs to the registry.

        Args:
            units: The registry.

        Raises:
            RegistryKeyError: As for `UnitKey.load` and `check_key`.
            UnitError: The linkage unit is elsewhere.
        """
        return self.key_of(units, RegistryKey)

    def key_of(self, units: Units, kind: type[_Key]) -> _Key:
        """Read the key of a unit and check that it belongs to the registry.

        Args:
            units: The registry.
            kind: The kind of key.

        Raises:
            RegistryKeyError: As for `UnitKey.load` and `check_key`.
            UnitError: The unit is elsewhere.
        """
        store = units.linkage if kind.UNIT == "linkage" else units.statistics
        path = self.of_units(None)[kind.UNIT]
        key = kind.load(path)
        with store.session(write=False) as session:
            check_key(session, key, path)
        return key

    def ids_for(self, units: Units, recipient: str) -> Callable[[pa.ChunkedArray], pa.Array]:
        """Return what takes the person ids of a registry to those that one recipient gets.

        They are under the registry key; at a statistics unit on its own, which has no other, under its own key.

        Args:
            units: The registry.
            recipient: The name of the recipient.

        Raises:
            SettingsError: `export.recipient` if the name is malformed.
            RegistryKeyError: As for `registry_key`.
        """
        check_recipient(recipient)
        if units.alone != "statistics":
            return ids_for(self.registry_key(units), recipient)
        return ids_for(self.key_of(units, StatisticsKey), recipient)

    def read(self) -> Keys:
        """Read both keys, for a process that receives at both units. Each seals with the other.

        Raises:
            RegistryKeyError: As for `UnitKey.load`.
        """
        linkage, statistics = RegistryKey.load(self.linkage), StatisticsKey.load(self.statistics)
        return Keys(linkage.sealing_with(statistics), statistics.sealing_with(linkage))

    def check(self, keys: Keys, codes: Session, cases: Session) -> None:
        """Check that the keys are those of a registry.

        Args:
            keys: What `read` has returned.
            codes: The store of the linkage unit.
            cases: The store of the statistics unit.

        Raises:
            RegistryKeyError: `registry_key.other` or `statistics_key.other` if one belongs to another registry.
        """
        check_key(codes, keys.linkage, self.linkage)
        check_key(cases, keys.statistics, self.statistics)


def check_key(session: Session, key: UnitKey, path: Path) -> None:
    """Check that a key is that of a unit.

    Args:
        session: The store of the unit.
        key: The key.
        path: Its file, for the error.

    Raises:
        RegistryKeyError: `registry_key.other` or `statistics_key.other`.
    """
    if session.get(KEY_CHECK) != key.check:
        raise RegistryKeyError(
            f"{key.RULE}.other",
            f"The {key.NOUN} belongs to another registry.",
            hint="Use the key with which this registry was created.",
            path=path,
        )
