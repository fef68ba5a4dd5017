"""What the file of a unit is called, which format it has, and how its tables are made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

__all__ = ["FORMAT_VERSION", "UNITED", "Schema"]

FORMAT_VERSION: Final = 12
"""Increases whenever a table of either unit changes; a file of another version is refused."""

UNITED: Final = "linkage-registry/"
"""The format of registries until version 5, which had both units in one file."""


@dataclass(frozen=True, slots=True)
class Schema:
    """The tables of one unit.

    Attributes:
        unit: `linkage` or `statistics`.
        tables: For each table its columns.
        largest: The table that has most of the bytes in short rows, if any: it is copied with little memory, which is
            too little for the long values of others.
    """

    unit: str
    tables: Mapping[str, str]
    largest: str | None = None

    @property
    def name(self) -> str:
        """The format of its file, without the version."""
        return f"{self.unit}-unit/"

    @property
    def file(self) -> str:
        """The name of its file in the folder of a registry."""
        return f"{self.unit}.duckdb"

    def statements(self) -> list[str]:
        """Return the SQL statements that create the tables, one per table."""
        return [f"CREATE TABLE {name} ({columns})" for name, columns in self.tables.items()]
