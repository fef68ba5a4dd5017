"""The settings of a registry: profile, codebooks, key id; written when it is created, and read when it opens."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from linkage.errors import SettingsError
from linkage.intake import Expected
from linkage.keys import RegistryKey
from linkage.pipeline.stored_codebooks import codebook_row, read_book, read_codebooks
from linkage.store import Session
from pseudonym.codebook import Codebook, CodebookError, load_codebook
from pseudonym.profile import Profile, ProfileError, load_profile, parse_profile

__all__ = ["KEY_VARIABLE", "Settings", "key_path", "prepare"]

KEY_VARIABLE: Final = "LINKAGE_REGISTRY_KEY"
"""Environment variable for the path of the registry key. It never contains the key itself."""

_KEY_ID = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of one registry.

    Attributes:
        profile: How records are encoded, and the tables used to link them.
        codebook: The newest codebook when the registry was opened, or None.
        unguarded_reason: Why a profile with an empty match key was allowed, or None.
    """

    profile: Profile
    codebook: Codebook | None
    unguarded_reason: str | None

    @classmethod
    def read(cls, session: Session) -> Settings:
        """Read the settings from an open registry."""
        return cls(
            profile=parse_profile(session.get("profile")),
            codebook=read_book(session),
            unguarded_reason=session.get("unguarded_reason") or None,
        )

    def expected(self, session: Session) -> Expected:
        """Return what the next submission must match."""
        epoch = session.get("epoch")
        return Expected(
            profile=self.profile,
            codebooks=tuple(read_book(session, one.number) for one in read_codebooks(session)),
            key_id=session.get("key_id") or None,
            epoch=int(epoch) if epoch else None,
        )

    def meta(self, key: RegistryKey, *, key_id: str | None, created_at: str) -> dict[str, str]:
        """Return the initial entries of the table `meta` of a new registry."""
        return {
            "created_at": created_at,
            "profile": self.profile.to_json(),
            "key_id": key_id or "",
            "key_id_fixed_by": "option" if key_id else "",
            "epoch": "",
            "unguarded_reason": self.unguarded_reason or "",
            "registry_key_check": key.check,
            "next_rid": "1",
            "next_person": "1",
        }

    def rows(self, *, created_at: str) -> dict[str, list[tuple[object, ...]]]:
        """Return the initial rows of the other tables of a new registry."""
        return {"codebooks": [codebook_row(1, self.codebook, added_at=created_at)]}


def prepare(
    profile: str | Path | Profile,
    codebook: str | Path | Codebook | None,
    *,
    key_id: str | None,
    allow_unguarded: str | None,
) -> Settings:
    """Load and check the settings of a new registry.

    Args:
        profile: A profile, its name, or its file.
        codebook: A codebook, its name, or its file; None to accept only the reserved columns as payload.
        key_id: The key id that submissions must have; None to take it from the first one.
        allow_unguarded: The reason for using a profile with an empty match key; it is recorded in the registry.

    Returns:
        The settings.

    Raises:
        SettingsError: The profile or codebook cannot be loaded; `profile.linking` if the profile has no tables;
            `registry.key_id` if the key id is malformed; `registry.unguarded` if the profile has an empty match key
            and no reason is given; `registry.guarded` if a reason is given without need.
    """
    try:
        loaded = profile if isinstance(profile, Profile) else load_profile(profile)
        book = codebook if codebook is None or isinstance(codebook, Codebook) else load_codebook(codebook)
    except (ProfileError, CodebookError) as error:
        raise SettingsError(error.rule, error.message, hint=error.hint, field=error.field) from None
    if loaded.linking is None:
        raise SettingsError(
            "profile.linking",
            "The profile has no tables for linking.",
            hint="Add the member `linking`; it is not part of the digest, so codes stay comparable.",
        )
    if key_id is not None and not _KEY_ID.fullmatch(key_id):
        raise SettingsError(
            "registry.key_id",
            "A key id consists of 32 characters 0-9 and a-f.",
            hint="pseudonym keygen shows it, and every submission contains it.",
        )
    reason = (allow_unguarded or "").strip() or None
    if loaded.unguarded and reason is None:
        raise SettingsError(
            "registry.unguarded",
            "Under this profile every record is compared with every other, which exposes the similarities of all "
            "records; known attacks identify persons from them.",
            hint="Choose another profile, or record why with --allow-unguarded REASON.",
        )
    if reason is not None and not loaded.unguarded:
        raise SettingsError(
            "registry.guarded", "This profile does not need --allow-unguarded.", hint="Leave out the option."
        )
    return Settings(loaded, book, reason)


def key_path(registry: Path, given: str | Path | None) -> Path:
    """Return the path of the registry key: the given one, or the environment's, or the one beside the registry."""
    if given is not None:
        return Path(given)
    named = os.environ.get(KEY_VARIABLE)
    return Path(named) if named else registry.with_name(f"{registry.name}.key")
