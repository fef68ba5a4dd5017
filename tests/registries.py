"""New registries for tests, copied from some that were created earlier in the run, and DuckDB that runs already.

Creating a registry starts DuckDB twice and takes a quarter of a second, and a thousand tests begin with one. So the
first test that needs a registry of some settings creates it as users do, and later ones get a copy of its files. Two
registries of one test are copies of two, so they have different keys.

A registry that many tests begin with, with submissions and a run, is made once too, and each test gets a copy of its
folder (`copy_of`).

Opening the files of a new registry starts DuckDB twice again, because an instance can reach one file only. For tests
that are not about that, an instance can reach what all tests write, and serves one file after the other. It has one
thread unless a test asks for another number: so few records occupy no second one, which only waits for work.
"""

from __future__ import annotations

import shutil
import tempfile
import threading
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

import duckdb
import pytest

from linkage.keys import UNIT_KEYS
from linkage.pipeline import Registry, creating, registry
from linkage.pipeline.settings import Settings
from linkage.pipeline.units import UnitName
from linkage.store import instances

__all__ = ["CopyOf", "copied", "copy_of", "copy_registries", "registries", "share_instances"]

CREATING: Final = {
    *("test_creating", "test_facade", "test_init"),
    *("test_kills", "test_private_files", "test_registry_kill", "test_small_disk"),
}
"""Modules of tests whose registries are created as users create them."""

Make = Callable[[Path], Registry]
"""Makes a registry, with the files that it receives, in an empty folder."""

CopyOf = Callable[[Make], Registry]

_Wanted = tuple[Any, ...]

_made: Final[dict[_Wanted, Path]] = {}
"""The folder of every registry that there is to copy, with the files of its keys beside it."""

_kept: Final[dict[Make, tuple[Path, Path]]] = {}
"""The folder in which each function of a module of tests has made a registry, and the place of the registry in it."""

_idle: Final[dict[str, list[duckdb.DuckDBPyConnection]]] = defaultdict(list)
"""The instances that run and have nothing attached, by their settings."""

_lock: Final = threading.Lock()

_make: Final = creating.make_registry
_now: Final = vars(creating)["now"]
_draw: Final = {kind: vars(kind).get("generate") for kind in UNIT_KEYS.values()}


@pytest.fixture(scope="session")
def registries(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the registries that are copied."""
    return tmp_path_factory.mktemp("registries")


@pytest.fixture(autouse=True)
def copied(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, registries: Path) -> None:
    """Let the tests of a folder copy registries, if its `conftest.py` imports this and `registries`."""
    if request.path.stem not in CREATING:
        copy_registries(monkeypatch, registries)


@pytest.fixture
def copy_of(tmp_path: Path, registries: Path) -> CopyOf:
    """Give a test a copy of the registry that a function makes, and of all that it leaves beside it.

    The function is called once in a run, with a folder. It must be one of the module, not of a test, and make the same
    registry for each test that asks for it. Copies have one key, which no other registry has.
    """

    def copy(make: Make) -> Registry:
        if make not in _kept:
            folder = Path(tempfile.mkdtemp(dir=registries))
            with pytest.MonkeyPatch.context() as patch:
                # A test that creates another registry gets a copy of one, and its key must be another.
                patch.setattr(registry, "make_registry", _make)
                _kept[make] = folder, make(folder).path.relative_to(folder)
        folder, place = _kept[make]
        shutil.copytree(folder, tmp_path, dirs_exist_ok=True)
        return Registry.open(tmp_path / place)

    return copy


def copy_registries(patch: pytest.MonkeyPatch, folder: Path) -> None:
    """Let `Registry.create` copy a registry of the same settings where there is one; until the end of a test.

    Args:
        patch: What undoes it.
        folder: Where the registries are that are copied; it exists until the end of the run.
    """
    n_made: Counter[_Wanted] = Counter()

    def make(
        path: Path,
        settings: Settings,
        key_files: Mapping[UnitName, Path],
        *,
        key_id: str | None,
        existing_key: bool = False,
    ) -> None:
        if existing_key or not _is_plain(path, key_files):
            _make(path, settings, key_files, key_id=key_id, existing_key=existing_key)
            return
        book = settings.codebook
        wanted: _Wanted = (
            settings.profile.to_json(),
            book and book.digest,
            settings.unguarded_reason,
            settings.enrolled_only,
            key_id,
            *key_files,
        )
        n_made[wanted] += 1
        wanted = (*wanted, n_made[wanted])
        if wanted not in _made:
            template = Path(tempfile.mkdtemp(dir=folder))
            _make(template / "registry", settings, {unit: template / unit for unit in key_files}, key_id=key_id)
            _made[wanted] = template
        _copy(_made[wanted], path, key_files)

    patch.setattr(registry, "make_registry", make)


def share_instances(patch: pytest.MonkeyPatch, folder: Path) -> None:
    """Let an instance of DuckDB serve any file of the tests, with the same settings; until the end of a test.

    Args:
        patch: What undoes it.
        folder: What an instance can reach: the folder in which all tests have theirs.
    """

    def start(_path: Path, config: instances.Config) -> duckdb.DuckDBPyConnection:
        spilled = tempfile.mkdtemp(dir=folder)
        instance = duckdb.connect(":memory:", config={"threads": 1, **config, "temp_directory": spilled})
        instance.execute(f"SET allowed_directories = ['{folder}']")
        instance.execute("SET enable_external_access = false")
        return instance

    def take(key: tuple[str, str]) -> duckdb.DuckDBPyConnection | None:
        with _lock:
            instance = _idle[key[1]].pop() if _idle[key[1]] else None
        if instance is not None:
            instance.execute("SET GLOBAL checkpoint_on_detach = 'DEFAULT'")
        return instance

    def keep(key: tuple[str, str], instance: duckdb.DuckDBPyConnection) -> None:
        with _lock:
            _idle[key[1]].append(instance)

    patch.setattr(instances, "_started", start)
    patch.setattr(instances, "_taken", take)
    patch.setattr(instances, "_keep", keep)


def _is_plain(path: Path, key_files: Mapping[UnitName, Path]) -> bool:
    """Return whether nothing is in the way and nothing of the creating is patched."""
    drawn = {kind: vars(kind).get("generate") for kind in UNIT_KEYS.values()}
    places = (path, *key_files.values())
    apart = len({str(place).lower() for place in places}) == len(places)
    free = apart and path.parent.is_dir() and not any(p.parent != path.parent or p.exists() for p in places)
    # A registry that a killed process left beside it has a key that is to be used again.
    return free and not [*path.parent.glob(f".{path.name}.*")] and vars(creating)["now"] is _now and drawn == _draw


def _copy(template: Path, path: Path, key_files: Mapping[UnitName, Path]) -> None:
    shutil.copytree(template / "registry", path)
    for unit, file in key_files.items():
        shutil.copy(template / unit, file)
