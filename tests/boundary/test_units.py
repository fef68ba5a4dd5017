"""Neither unit imports the other: not its tables, not its key, not what it does with them.

Proved by the sources, in which an import is planted that must be found, and by what a fresh interpreter loads.
"""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Final

import pytest

from tests.boundary.colours import PLACES, STAGES, UNIT_PARTS, within
from tests.boundary.runtime import loaded_by
from tests.boundary.sources import modules_below, uses
from tests.paths import ROOT

SRC: Final = ROOT / "src"

UNITS: Final = {
    "linkage": ("linkage.linkage_unit", "linkage.engines", "linkage.linking", "linkage.persons"),
    "statistics": ("linkage.statistics_unit", "linkage.intake", "linkage.counting", "linkage.answers"),
}
"""What belongs to each unit. The facade alone, `linkage.pipeline`, sees both."""

OTHER: Final = {"linkage": "statistics", "statistics": "linkage"}
KEYS: Final = {"linkage": "RegistryKey", "statistics": "StatisticsKey"}


def crossings(src: Path, unit: str) -> list[str]:
    """List the imports of a unit that lead to the other one."""
    known = modules_below(src)
    names = frozenset(known)
    return [
        f"{name}:{use.line}: imports {use.target}"
        for name, module in known.items()
        if within(name, UNITS[unit])
        for use in uses(module, names)
        if use.target is not None and within(use.target, UNITS[OTHER[unit]])
    ]


def names_in(path: Path) -> set[str]:
    """Return every name that a module reads or imports."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    read = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    attributes = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    return (
        read
        | attributes
        | {alias.name for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) for alias in node.names}
    )


def modules_of(unit: str) -> list[str]:
    return sorted(name for name in modules_below(SRC) if within(name, UNITS[unit]))


def test_every_stage_belongs_to_one_unit() -> None:
    assert sorted(STAGES) == sorted(stage for parts in UNITS.values() for stage in parts if not stage.endswith("_unit"))
    for unit, parts in UNITS.items():
        assert set(PLACES[f"linkage.{unit}_unit"]) <= {*UNIT_PARTS, *parts}


@pytest.mark.parametrize("unit", UNITS)
def test_the_sources_of_a_unit_import_nothing_of_the_other(unit: str) -> None:
    assert modules_of(unit)
    assert crossings(SRC, unit) == []


@pytest.mark.parametrize("unit", UNITS)
def test_a_planted_import_of_the_other_unit_is_found(tmp_path: Path, unit: str) -> None:
    for name, other in ((unit, f"from linkage.{OTHER[unit]}_unit import tables\n"), (OTHER[unit], "")):
        folder = tmp_path / "linkage" / f"{name}_unit"
        folder.mkdir(parents=True)
        (folder / "__init__.py").write_text("", encoding="utf-8")
        (folder / "tables.py").write_text(other, encoding="utf-8")
    (tmp_path / "linkage" / "__init__.py").write_text("", encoding="utf-8")
    assert f"linkage.{unit}_unit.tables:1: imports linkage.{OTHER[unit]}_unit.tables" in crossings(tmp_path, unit)


@pytest.mark.parametrize("unit", UNITS)
def test_no_module_of_a_unit_names_the_key_of_the_other(unit: str) -> None:
    known = modules_below(SRC)
    assert [name for name in modules_of(unit) if KEYS[OTHER[unit]] in names_in(known[name].path)] == []


@pytest.mark.whole
@pytest.mark.parametrize("unit", UNITS)
def test_a_fresh_interpreter_loads_nothing_of_the_other_unit(unit: str) -> None:
    loaded = loaded_by(SRC, modules_of(unit))
    assert set(modules_of(unit)) <= loaded
    assert [name for name in loaded if within(name, (*UNITS[OTHER[unit]], "linkage.pipeline"))] == []
