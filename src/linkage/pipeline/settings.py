"""The settings of a registry: profile, codebooks, key id; written when it is created, and read when it opens."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from linkage.errors import SettingsError
from linkage.intake.trust import ENROLLED_ONLY, check_key_id
from linkage.pipeline.units import BESIDE, UnitName
from linkage.reading import Expected
from linkage.statistics_unit.stored_codebooks import codebook_row, read_book, read_books
from linkage.store import Session
from pseudonym.codebook import Codebook, CodebookError, load_codebook
from pseudonym.profile import Profile, ProfileError, load_profile, parse_profile

__all__ = ["KEY_VARIABLES", "Settings", "key_path", "prepare"]

KEY_VARIABLES: Final[dict[UnitName, str]] = {
    "linkage": "LINKAGE_REGISTRY_KEY",
    "statistics": "LINKAGE_STATISTICS_KEY",
}
"""Environment variables for the paths of the keys. They never contain a key itself."""

_ENDINGS: Final[dict[UnitName, str]] = {"linkage": "key", "statistics": "statistics.key"}


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of one registry.

    Attributes:
        profile: How records are encoded, and the tables used to link them.
        codebook: The newest codebook when the registry was opened, or None.
        unguarded_reason: Why a profile with an empty match key was allowed, or None.
        enrolled_only: Whether every file had to be signed by an enrolled reporter when it was opened.
    """

    profile: Profile
    codebook: Codebook | None
    unguarded_reason: str | None
    enrolled_only: bool = False

    @classmethod
    def read(cls, session: Session) -> Settings:
        """Read the settings from the file of a unit; the linkage unit has no codebooks."""
        return cls(
            profile=parse_profile(session.get("profile")),
            codebook=None if session.get("unit") == "linkage" else read_book(session),
            unguarded_reason=session.get("unguarded_reason") or None,
            enrolled_only=bool(session.get(ENROLLED_ONLY)),
        )

    def expected(self, session: Session, *, since: Expected | None = None) -> Expected:
        """Return what the next submission, or the part of one for this unit, must match.

        Args:
            session: The open file of the unit.
            since: What this returned before in the same session, in which no codebook was added.
        """
        epoch = session.get("epoch")
        books = () if session.get("unit") == "linkage" else read_books(session) if since is None else since.codebooks
        return Expected(
            profile=self.profile,
            codebooks=books,
            key_id=session.get("key_id") or None,
            epoch=int(epoch) if epoch else None,
        )

    def meta(self, unit: UnitName, *, key_id: str | None, created_at: str, beside: bool) -> dict[str, str]:
        """Return the initial entries of the table `meta` of a new file of a unit."""
        counters = {"next_rid": "1"} | ({"next_person": "1"} if unit == "linkage" else {})
        return counters | {
            "unit": unit,
            BESIDE: "1" if beside else "",
            "created_at": created_at,
            "profile": self.profile.to_json(),
            "key_id": key_id or "",
            "key_id_fixed_by": "option" if key_id else "",
            "epoch": "",
            "unguarded_reason": self.unguarded_reason or "",
            ENROLLED_ONLY: "1" if self.enrolled_only else "",
        }

    def rows(self, unit: UnitName, *, created_at: str) -> dict[str, list[tuple[object, ...]]]:
        """Return the initial rows of the other tables of a new file of a unit."""
        if unit == "linkage":
            return {}
        return {"codebooks": [codebook_row(1, self.codebook, added_at=created_at)]}


def prepare(
    profile: str | Path | Profile,
    codebook: str | Path | Codebook | None,
    *,
    key_id: str | None,
    allow_unguarded: str | None,
    enrolled_only: bool = False,
) -> Settings:
    """Load and check the settings of a new registry.

    Args:
        profile: A profile, its name, or its file.
        codebook: A codebook, its name, or its file; None to accept only the reserved columns as payload.
        key_id: The key id that submissions must have; None to take it from the first one.
        allow_unguarded: The reason for using a profile with an empty match key; it is recorded in the registry.
        enrolled_only: Whether every file must be signed by an enrolled reporter.

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
        raise SettingsError(
            error.rule, error.message, hint=error.hint, field=error.field, allowed=error.allowed, path=error.path
        ) from None
    if loaded.linking is None:
        raise SettingsError(
            "profile.linking",
            "The profile has no tables for linking.",
            hint="Add the member `linking`; it is not part of the digest, so codes stay comparable.",
        )
    check_key_id(key_id)
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
    return Settings(loaded, book, reason, enrolled_only)


def key_path(registry: Path, unit: UnitName, given: str | Path | None) -> Path:
    """Return the path of the key of a unit: the given one, or the environment's, or the one beside the registry."""
    if given is not None:
        return Path(given)
    named = os.environ.get(KEY_VARIABLES[unit])
    return Path(named) if named else registry.with_name(f"{registry.name}.{_ENDINGS[unit]}")
