"""Registries that are linked by several engines, and what must be equal of them."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any, Final

from linkage.pipeline import Registry
from tests.unit.linkage.helpers import PROFILE, Rec, dump, send

__all__ = ["answer", "several_reporters", "twin"]

TABLES: Final = {
    "links": "SELECT * FROM links",
    "persons": "SELECT * FROM linkage.persons",
    "models": "SELECT model, parameters FROM models",
    "runs": "SELECT * EXCLUDE (started_at, finished_at) FROM linkage.runs",
    "person_events": "SELECT * EXCLUDE (occurred_at) FROM linkage.person_events",
}


def answer(registry: Registry) -> dict[str, list[tuple[Any, ...]]]:
    """Return all that runs have stored: links with their log odds, persons with their ids, models, runs, events."""
    return {name: sorted(dump(registry, query), key=repr) for name, query in TABLES.items()}


def twin(registry: Registry, name: str = "twin") -> Registry:
    """Copy a registry with its keys."""
    copy = registry.path.with_name(name)
    shutil.copytree(registry.path, copy)
    for ending in ("key", "statistics.key"):
        shutil.copy(f"{registry.path}.{ending}", f"{copy}.{ending}")
    return Registry.open(copy)


def several_reporters(folder: Path) -> Registry:
    """Make a registry of persons whom two reporters know, some with other names, and copies."""
    made = Registry.create(folder / "registry", profile=PROFILE)
    known = [Rec(f"a-{n}", n, flips=tuple(range(n % 5))) for n in range(40)]
    copies = [Rec(f"copy-{n}", 7) for n in range(3)]
    several = [Rec(f"several-{n}", n, repeats=True, flips=(1, 2)) for n in range(10, 16)]
    other = [Rec(f"b-{n}", n, flips=tuple(range(n % 3))) for n in range(20, 60)]
    for name, records in (("a", known + copies), ("b", other), ("c", several)):
        made.receive(send(folder / f"{name}.parquet", name, 1, records))
    return made
