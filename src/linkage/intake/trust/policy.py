"""What a registry accepts from whom: whether files must be signed, and under which key id and epoch they are."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass
from typing import Any, Final

from linkage.errors import SettingsError
from linkage.intake.database import Database

__all__ = ["ENROLLED_ONLY", "Policy", "check_key_id", "enrolled_only", "read_policy", "set_policy"]

ENROLLED_ONLY: Final = "enrolled_only"
"""The entry of `meta` that says that every file must be signed by an enrolled reporter."""

_KEY_ID: Final = re.compile(r"[0-9a-f]{32}")

_MAX_EPOCH: Final = 999_999_999


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """What a registry accepts.

    Attributes:
        enrolled_only: Whether every file must be signed by an enrolled reporter.
        key_id: The key id that submissions must have, or None until one is fixed.
        key_id_fixed_by: `option`, `first submission`, or None.
        epoch: The linkage epoch that they must have, or None until one is fixed.
    """

    enrolled_only: bool
    key_id: str | None
    key_id_fixed_by: str | None
    epoch: int | None

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, as `linkage policy --json` prints them."""
        return asdict(self)


def check_key_id(key_id: str | None) -> None:
    """Check the form of a key id, if there is one.

    Raises:
        SettingsError: `registry.key_id`.
    """
    if key_id is not None and not _KEY_ID.fullmatch(key_id):
        raise SettingsError(
            "registry.key_id",
            "A key id consists of 32 characters 0-9 and a-f.",
            hint="pseudonym keygen shows it, and every submission contains it.",
        )


def enrolled_only(database: Database) -> bool:
    """Return whether every file must be signed by an enrolled reporter."""
    return bool(database.get(ENROLLED_ONLY))


def read_policy(database: Database) -> Policy:
    """Read what a registry accepts."""
    return Policy(
        enrolled_only=enrolled_only(database),
        key_id=database.get("key_id") or None,
        key_id_fixed_by=database.get("key_id_fixed_by") or None,
        epoch=int(database.get("epoch")) if database.get("epoch") else None,
    )


def set_policy(
    database: Database, *, signed: bool | None = None, key_id: str | None = None, epoch: int | None = None, at: str
) -> Policy:
    """Change what a registry accepts; what is None stays as it is.

    Args:
        database: The registry, open for writing, in a transaction.
        signed: Whether every file must be signed by an enrolled reporter.
        key_id: The key id that submissions must have.
        epoch: The linkage epoch that they must have.
        at: The current time.

    Returns:
        What it accepts now.

    Raises:
        SettingsError: `registry.key_id` or `registry.epoch` if one is malformed; `registry.fixed` if key id or epoch
            would change while there are records: they could be linked with none that come.
    """
    before = read_policy(database)
    check_key_id(key_id)
    if epoch is not None and not 1 <= epoch <= _MAX_EPOCH:
        raise SettingsError("registry.epoch", "An epoch is a number from 1 to 999,999,999.")
    changes = (key_id not in {None, before.key_id} and before.key_id is not None) or (
        epoch not in {None, before.epoch} and before.epoch is not None
    )
    if changes and database.rows("SELECT 1 FROM records LIMIT 1"):
        raise SettingsError(
            "registry.fixed",
            "The registry holds records under another key id or epoch, and they would link with nothing that comes.",
            hint="Create a new registry for another key or epoch: linkage init --key-id ID",
        )
    if signed is not None:
        database.set(ENROLLED_ONLY, "1" if signed else "")
    if key_id not in {None, before.key_id}:
        database.set("key_id", str(key_id))
        database.set("key_id_fixed_by", "option")
    if epoch is not None:
        database.set("epoch", str(epoch))
    found = read_policy(database)
    database.log("policy", at=at, enrolled_only=found.enrolled_only, key_id=found.key_id, epoch=found.epoch)
    return found
