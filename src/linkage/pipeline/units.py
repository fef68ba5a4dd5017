"""The two units of a registry as one folder holds them: a file each, or that of one unit alone."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from linkage.errors import NotARegistryError, RegistryError, UnitError
from linkage.linkage_unit.status import is_outdated, unpurged_records
from linkage.linkage_unit.tables import LINKAGE_UNIT
from linkage.statistics_unit.tables import STATISTICS_UNIT
from linkage.store import WAIT_SECONDS, Schema, Session, Store

__all__ = ["BESIDE", "SCHEMAS", "UnitName", "Units"]

UnitName = Literal["linkage", "statistics"]

SCHEMAS: Final[dict[UnitName, Schema]] = {"linkage": LINKAGE_UNIT, "statistics": STATISTICS_UNIT}
"""The tables of each unit, in the order in which their files are opened: whoever opens both keeps to it."""

BESIDE: Final = "beside"
"""The entry of `meta` that says that the other unit is in the same folder."""


@dataclass(frozen=True, slots=True)
class Units:
    """The files of a registry.

    Attributes:
        path: Its folder.
        stores: The file of each unit that it has.
    """

    path: Path
    stores: Mapping[UnitName, Store]

    @classmethod
    def open(cls, path: str | Path, *, threads: int | None = None, wait: float = WAIT_SECONDS) -> Units:
        """Find the files of the units; none is opened yet, unless something is wrong with the path.

        Args:
            path: The folder.
            threads: See `Store`.
            wait: See `Store`.

        Returns:
            The units that are there.

        Raises:
            NotARegistryError: `registry.not_one`, or `registry.older` for the single file of an older version.
            RegistryError: `registry.missing`, or as for `Store.session`.
            SettingsError: As for `Store`.
        """
        folder = Path(path)
        if not folder.is_dir():
            raise _not_a_folder(folder, threads=threads, wait=wait)
        folder = folder.resolve()
        if not os.access(folder, os.R_OK | os.X_OK):
            raise RegistryError("registry.forbidden", "The registry cannot be opened: permission denied.", path=folder)
        found: dict[UnitName, Store] = {
            unit: Store(folder / schema.file, schema, threads=threads, wait=wait)
            for unit, schema in SCHEMAS.items()
            if (folder / schema.file).exists()
        }
        if not found:
            raise NotARegistryError(
                "registry.not_one",
                "The path is a folder, not a linkage registry.",
                hint="It has the file of neither unit. Check the path, or create a registry with: linkage init; "
                "if this was one, restore its backup.",
                path=folder,
            )
        return cls(folder, found)

    @property
    def linkage(self) -> Store:
        """The file of the linkage unit.

        Raises:
            UnitError: `registry.unit` if it is elsewhere.
        """
        return self._store("linkage")

    @property
    def statistics(self) -> Store:
        """The file of the statistics unit.

        Raises:
            UnitError: `registry.unit` if it is elsewhere.
        """
        return self._store("statistics")

    @property
    def alone(self) -> UnitName | None:
        """The unit that this registry has, if it has only one."""
        return next(iter(self.stores)) if len(self.stores) == 1 else None

    def _store(self, unit: UnitName) -> Store:
        if unit in self.stores:
            return self.stores[unit]
        raise UnitError(unit, path=self.path)

    @contextmanager
    def sessions(self, *, write: bool) -> Iterator[tuple[Session, Session]]:
        """Open the files of both units: the linkage unit's first, so that two processes never wait for each other.

        Args:
            write: Whether the sessions may change anything.

        Yields:
            The sessions of the linkage unit and of the statistics unit.

        Raises:
            RegistryError: As for `Store.session`.
            UnitError: `registry.unit` if a unit is elsewhere.
        """
        self.check_both()
        with self.linkage.session(write=write) as codes, self.statistics.session(write=write) as cases:
            yield codes, cases

    def check_both(self) -> None:
        """Check that both units are here.

        Raises:
            UnitError: `registry.unit`.
        """
        if self.alone is not None:
            raise UnitError("both", path=self.path)

    def linkage_waiting(self) -> tuple[bool, bool, int | None]:
        """Return what the linkage unit waits for, if it is here.

        Returns:
            Whether its file still contains deleted rows, whether its last run is out of date, and the number of linked
            records whose codes no purge has seen; False, False and None if the unit is elsewhere.
        """
        store = self.stores.get("linkage")
        if store is None:
            return False, False, None
        with store.session(write=False) as session:
            return session.has_deleted, is_outdated(session), unpurged_records(session)

    def check_whole(self, session: Session) -> None:
        """Check that no unit is missing that was created in this folder.

        Args:
            session: The session of a unit that is there.

        Raises:
            RegistryError: `registry.missing`.
        """
        if self.alone is None or not session.get(BESIDE):
            return
        missing = next(schema.file for unit, schema in SCHEMAS.items() if unit not in self.stores)
        raise RegistryError(
            "registry.missing",
            "The file of one unit is missing in the folder of the registry.",
            hint="Restore it from its backup.",
            path=self.path / missing,
        )


def _not_a_folder(path: Path, *, threads: int | None, wait: float) -> RegistryError:
    """Return the error for a path that is no folder; what is there is looked at first."""
    try:
        with Store(path, LINKAGE_UNIT, threads=threads, wait=wait).session(write=False):
            pass
    except RegistryError as error:
        if error.rule != "registry.other_unit":
            return error
    return NotARegistryError(
        "registry.unit_file",
        "This is the file of one unit of a registry, and not the registry.",
        hint="Name the folder in which it is.",
        path=path,
    )
