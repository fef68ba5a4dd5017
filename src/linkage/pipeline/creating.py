"""Create a registry and its key, so that a process killed at any moment does not block the next attempt."""

from __future__ import annotations

from contextlib import ExitStack, suppress
from pathlib import Path

from linkage.errors import RegistryKeyError
from linkage.keys import RegistryKey
from linkage.pipeline.report import now
from linkage.pipeline.settings import Settings
from linkage.store import Store
from pseudonym.output import remove_parts

__all__ = ["make_registry"]


def make_registry(store: Store, settings: Settings, key_file: Path, *, key_id: str | None) -> None:
    """Create a registry file and the file of its key.

    First the registry is written under a hidden name, then the key, and only then the registry gets its name. A key
    whose registry never got its name is used again; it is not deleted, for a key that is needed cannot be made again.

    Args:
        store: The registry file, which does not exist.
        settings: Its settings.
        key_file: The file of its key.
        key_id: The key id that submissions must have; None to take it from the first one.

    Raises:
        RegistryError: As for `Store.creating`; nothing is left.
        RegistryKeyError: As for `RegistryKey.save`; nothing is left.
    """
    left = _left_behind(store, key_file)
    key = left or RegistryKey.generate()
    with ExitStack() as undo:
        at = now()
        with store.creating(settings.meta(key, key_id=key_id, created_at=at), settings.rows(created_at=at)):
            if left is None:
                key.save(key_file)
                # A key without a registry would only block the next attempt.
                undo.callback(key_file.unlink, missing_ok=True)
        undo.pop_all()


def _left_behind(store: Store, key_file: Path) -> RegistryKey | None:
    """Return the key that a killed process wrote for this registry, which then did not get its name."""
    with suppress(RegistryKeyError, OSError):
        key = RegistryKey.load(key_file)
        if key.check in store.left_behind("registry_key_check"):
            remove_parts(key_file)
            return key
    return None
