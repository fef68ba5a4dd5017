"""The profile and the codebook of a file that was encoded: those that are given, else those that its header names."""

from __future__ import annotations

from pseudonym import load_codebook, load_profile
from pseudonym.codebook import Codebook, codebook_names
from pseudonym.errors import CodebookError, ProfileError
from pseudonym.profile import Profile, profile_names
from pseudonym.wire import CodebookReference

__all__ = ["codebook_of", "profile_of"]


def codebook_of(named: CodebookReference | None, given: str | None) -> Codebook | None:
    """Return the codebook to check a file against.

    Args:
        named: What the header of the file says, which is no path.
        given: The option: the name of a codebook that ships, or a file.

    Raises:
        CodebookError: `codebook.not_shipped` if none is given and the one of the header does not ship, and whatever
            `load_codebook` raises.

    Sees: neither
    """
    if given is None and named is not None and named.name not in codebook_names():
        raise CodebookError(
            "codebook.not_shipped",
            "The file follows a codebook that does not ship with the library.",
            hint="`pseudonym show FILE` says which it is; name its file with --codebook.",
        )
    name = given or (None if named is None else named.name)
    return None if name is None else load_codebook(name)


def profile_of(named: str, given: str | None) -> Profile:
    """Return the profile to check a file against.

    Args:
        named: What the header of the file says, which is no path.
        given: The option: the name of a profile that ships, or a file.

    Raises:
        ProfileError: `profile.not_shipped` if none is given and the one of the header does not ship, and whatever
            `load_profile` raises.

    Sees: neither
    """
    if given is None and named not in profile_names():
        raise ProfileError(
            "profile.not_shipped",
            "The file follows a profile that does not ship with the library.",
            hint="`pseudonym show FILE` says which it is; name its file with --profile.",
        )
    return load_profile(given or named)
