"""What a registry is made with and keeps: profile, codebook, key id. Written once, read back at every opening."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from linkage.errors import SettingsError
from linkage.intake import Expected
from linkage.keys import RegistryKey
from linkage.store import Session
from pseudonym.codebook import Codebook, CodebookError, load_codebook, parse_codebook
from pseudonym.profile import Profile, ProfileError, load_profile, parse_profile

__all__ = ["KEY_VARIABLE", "Settings", "key_path", "prepare"]

KEY_VARIABLE: Final = "LINKAGE_REGISTRY_KEY"
"""Environment variable with the path of the registry key; a path is no secret, the key itself never stands there."""

_KEY_ID = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of one registry.

    Attributes:
        profile: How records were encoded, and the tables by which they are linked.
        codebook: The code lists of the payload, or None.
        unguarded_reason: Why a profile with an empty match key was allowed, or None.
    """

    profile: Profile
    codebook: Codebook | None
    unguarded_reason: str | None

    @classmethod
    def read(cls, session: Session) -> Settings:
        """Read the settings back from an open registry."""
        codebook = session.get("codebook")
        return cls(
            profile=parse_profile(session.get("profile")),
            codebook=parse_codebook(codebook) if codebook else None,
            unguarded_reason=session.get("unguarded_reason") or None,
        )

    def expected(self, session: Session) -> Expected:
        """Say what the next submission has to carry."""
        epoch = session.get("epoch")
        return Expected(
            profile=self.profile,
            codebook=self.codebook,
            key_id=session.get("key_id") or None,
            epoch=int(epoch) if epoch else None,
        )

    def meta(self, key: RegistryKey, *, key_id: str | None, created_at: str) -> dict[str, str]:
        """Return the first entries of a new registry."""
        return {
            "created_at": created_at,
            "profile": self.profile.to_json(),
            "codebook": self.codebook.to_json() if self.codebook is not None else "",
            "key_id": key_id or "",
            "key_id_fixed_by": "option" if key_id else "",
            "epoch": "",
            "unguarded_reason": self.unguarded_reason or "",
            "registry_key_check": key.check,
            "next_rid": "1",
            "next_person": "1",
        }


def prepare(
    profile: str | Path | Profile,
    codebook: str | Path | Codebook | None,
    *,
    key_id: str | None,
    allow_unguarded: str | None,
) -> Settings:
    """Load and judge the settings of a new registry.

    Args:
        profile: A profile, its name, or its file.
        codebook: A codebook, its name, or its file; None to take no payload beyond the reserved columns.
        key_id: The key id that submissions must carry; None to take it from the first one.
        allow_unguarded: Why a profile with an empty match key is used all the same; it is kept in the registry.

    Returns:
        The settings.

    Raises:
        SettingsError: The profile or codebook cannot be loaded, `profile.linking` when it has no
            tables, `registry.key_id` when the key id has another form,
            `registry.unguarded` when the profile has an empty match key and no reason is given, `registry.guarded`
            when a reason is given and there is nothing to allow.
    """
    try:
        loaded = profile if isinstance(profile, Profile) else load_profile(profile)
        book = codebook if codebook is None or isinstance(codebook, Codebook) else load_codebook(codebook)
    except (ProfileError, CodebookError) as error:
        raise SettingsError(error.rule, error.message) from None
    if loaded.linking is None:
        raise SettingsError(
            "profile.linking",
            "The profile has no tables for linking.",
            hint="Add the member `linking`; it does not enter the digest, so codes stay comparable.",
        )
    if key_id is not None and not _KEY_ID.fullmatch(key_id):
        raise SettingsError(
            "registry.key_id",
            "A key id has 32 digits 0-9 and a-f.",
            hint="pseudonym keygen shows it, and so does every submission.",
        )
    reason = (allow_unguarded or "").strip() or None
    if loaded.unguarded and reason is None:
        raise SettingsError(
            "registry.unguarded",
            "Under this profile every record is compared with every other, so that the similarity of all records lies "
            "open; known attacks read identities from it.",
            hint="Choose another profile, or record why with --allow-unguarded REASON.",
        )
    if reason is not None and not loaded.unguarded:
        raise SettingsError(
            "registry.guarded", "This profile needs no such allowance.", hint="Leave out --allow-unguarded."
        )
    return Settings(loaded, book, reason)


def key_path(registry: Path, given: str | Path | None) -> Path:
    """Say where the registry key stands: as given, or as the environment says, or beside the registry."""
    if given is not None:
        return Path(given)
    named = os.environ.get(KEY_VARIABLE)
    return Path(named) if named else registry.with_name(f"{registry.name}.key")
