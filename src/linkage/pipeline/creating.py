"""Create a registry and its keys, so that a process killed at any moment does not block the next attempt.

The files of the units are made in a hidden folder, `.NAME.xxxxxxxx.new`, then come the keys, and only then the folder
gets its name. A file in it is locked meanwhile, which tells the folder of a running process from one left behind.
"""

from __future__ import annotations

import os
import re
import secrets
import shutil
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import IO, Final

from linkage.audit_log import first_row
from linkage.errors import RegistryError, RegistryKeyError
from linkage.keys import UNIT_KEYS, UnitKey
from linkage.pipeline.settings import Settings
from linkage.pipeline.units import SCHEMAS, UnitName
from linkage.progress import now
from linkage.store import FORMAT_VERSION, Store
from pseudonym.output import FREE_SPACE, FULL, claim, is_full, private_files, remove_parts, same_file
from pseudonym.version import __version__

__all__ = ["KEY_CHECK", "make_registry"]

_OPTIONS: Final[dict[UnitName, str]] = {"linkage": "--registry-key", "statistics": "--statistics-key"}

KEY_CHECK: Final = "registry_key_check"
"""The entry of `meta` by which the file of a unit knows its key."""

_LOCK: Final = ".lock"
_FOLDER: Final = "The registry cannot be created: the folder is missing or not writable."


def make_registry(
    path: Path,
    settings: Settings,
    key_files: Mapping[UnitName, Path],
    *,
    key_id: str | None,
    existing_key: bool = False,
) -> None:
    """Create the folder of a registry, and the files of its keys unless they exist already.

    A key whose registry never got its name is used again; it is not deleted, for a key that is needed cannot be made
    again.

    Args:
        path: The folder, which does not exist.
        settings: The settings of the registry.
        key_files: For each unit that it is to have, the file of its key.
        key_id: The key id that submissions must have; None to take it from the first one.
        existing_key: Whether to use the key in the first file, and that in the other if it exists; they are only read.

    Raises:
        RegistryError: `registry.exists`, `registry.folder` or `registry.full`; nothing is left.
        RegistryKeyError: `registry_key.same`, or as for `UnitKey.save` or, with `existing_key`, `UnitKey.load`; nothing
            is left.
    """
    _check_paths(path, key_files)
    found = _existing(key_files) if existing_key else _left_behind(path, key_files)
    keys = {unit: found.get(unit) or UNIT_KEYS[unit].generate() for unit in key_files}
    with ExitStack() as undo, _new_folder(path) as part:
        _fill(part, path, settings, keys, key_id=key_id)
        for unit, file in key_files.items():
            if unit not in found:
                keys[unit].save(file)
                # A key without a registry would only block the next attempt.
                undo.callback(file.unlink, missing_ok=True)
        _remove_abandoned(path)
        with _creating(path):
            if os.path.lexists(path):
                raise FileExistsError
            part.rename(path)
        undo.pop_all()
        with suppress(OSError):
            (path / _LOCK).unlink(missing_ok=True)


def _fill(part: Path, path: Path, settings: Settings, keys: Mapping[UnitName, UnitKey], *, key_id: str | None) -> None:
    """Create the file of each unit."""
    at = now()
    try:
        for unit, key in keys.items():
            meta = settings.meta(unit, key_id=key_id, created_at=at, beside=len(keys) > 1) | {KEY_CHECK: key.check}
            schema = SCHEMAS[unit]
            first = _first_entry(settings, unit, key, key_id=key_id, at=at)
            rows = {**settings.rows(unit, created_at=at), "audit_log": [first]}
            with Store(part / schema.file, schema).creating(meta, rows):
                pass
    except RegistryError as error:
        error.path = path
        raise


def _first_entry(
    settings: Settings, unit: UnitName, key: UnitKey, *, key_id: str | None, at: str
) -> tuple[object, ...]:
    book = settings.codebook if unit == "statistics" else None
    members = {
        "profile": f"{settings.profile.name} {settings.profile.version}",
        "profile_digest": settings.profile.digest,
        "codebook": None if book is None else f"{book.name} {book.version}",
        "codebook_digest": None if book is None else book.digest,
        "key_id": key_id,
        "unguarded": settings.unguarded_reason is not None or None,
        "enrolled_only": settings.enrolled_only or None,
        "format": FORMAT_VERSION,
        "library": __version__,
    }
    return first_row("init", members, at=at, unit=unit, key=key)


@contextmanager
def _new_folder(path: Path) -> Iterator[Path]:
    """Create the hidden folder, for its owner only, and lock it; unless it gets its name nothing is left of it."""
    with _creating(path):
        part, lock = _locked_folder(path)
    try:
        yield part
    finally:
        lock.close()
        shutil.rmtree(part, ignore_errors=True)


def _locked_folder(path: Path) -> tuple[Path, IO[bytes]]:
    while True:
        part = path.with_name(f".{path.name}.{secrets.token_hex(4)}.new")
        with private_files():
            part.mkdir(mode=0o700)
            try:
                (part / _LOCK).touch(mode=0o600)
                return part, claim(part / _LOCK, wait=True)
            except FileNotFoundError:
                # Another process took it for one that was left behind.
                continue


@contextmanager
def _creating(path: Path) -> Iterator[None]:
    """Explain why the folder of a registry cannot be made."""
    try:
        yield
    except FileExistsError:
        raise _exists(path) from None
    except OSError as error:
        if is_full(error):
            raise RegistryError("registry.full", FULL, hint=FREE_SPACE, path=path) from None
        raise RegistryError("registry.folder", _FOLDER, path=path) from None


def _exists(path: Path) -> RegistryError:
    return RegistryError("registry.exists", "A file already exists at this path; nothing is overwritten.", path=path)


def _check_paths(path: Path, key_files: Mapping[UnitName, Path]) -> None:
    if os.path.lexists(path):
        raise _exists(path)
    if not path.parent.is_dir():
        raise RegistryError("registry.folder", "The registry cannot be created: the folder does not exist.", path=path)
    folder = path.parent.resolve() / path.name
    for unit, file in key_files.items():
        if same_file(file, path) or folder in file.absolute().parents:
            raise RegistryKeyError(
                "registry_key.same",
                "The registry and its key cannot be one file.",
                hint=f"Choose another path with {_OPTIONS[unit]}, away from the registry.",
                path=file,
            )
    if len(key_files) > 1 and same_file(*key_files.values()):
        raise RegistryKeyError(
            "registry_key.same",
            "The keys of the two units cannot be one file.",
            hint="Choose another path with --statistics-key.",
            path=key_files["statistics"],
        )


def _existing(key_files: Mapping[UnitName, Path]) -> dict[UnitName, UnitKey]:
    """Read the keys that exist; the first one must."""
    first = next(iter(key_files))
    return {unit: UNIT_KEYS[unit].load(file) for unit, file in key_files.items() if unit == first or file.exists()}


def _left_behind(path: Path, key_files: Mapping[UnitName, Path]) -> dict[UnitName, UnitKey]:
    """Return the keys that a killed process wrote for this registry, which then did not get its name."""
    found: dict[UnitName, UnitKey] = {}
    for unit, file in key_files.items():
        with suppress(RegistryKeyError, OSError):
            key = UNIT_KEYS[unit].load(file)
            if key.check in _checks(path, unit):
                remove_parts(file)
                found[unit] = key
    return found


def _checks(path: Path, unit: UnitName) -> set[str]:
    """Read what the unnamed files of a unit know of their keys."""
    checks = set()
    for part in _abandoned(path):
        file = part / SCHEMAS[unit].file
        with suppress(RegistryError), Store(file, SCHEMAS[unit], wait=0).session(write=False) as session:
            checks.add(session.get(KEY_CHECK))
    return checks


def _abandoned(path: Path) -> Iterator[Path]:
    """Yield the hidden folders that no process is at work on, locked."""
    form = re.compile(rf"\.{re.escape(path.name)}\.[0-9a-f]{{8}}\.new")
    with suppress(OSError):
        for part in list(path.parent.iterdir()):
            if not form.fullmatch(part.name) or not part.is_dir():
                continue
            with suppress(OSError), claim(part / _LOCK):
                yield part


def _remove_abandoned(path: Path) -> None:
    for part in _abandoned(path):
        shutil.rmtree(part, ignore_errors=True)
