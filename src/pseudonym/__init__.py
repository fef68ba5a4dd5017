"""Encode identities as keyed codes that can be linked without being read.

This package is used at a reporter (a reporting body). Importing `pseudonym` loads no code that handles a key, so it is
safe at the registry too. The linkage key is in `pseudonym.keyed.keys`, and only `pseudonym.encode` combines a key with
an identity.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pseudonym.codebook import Codebook, load_codebook
    from pseudonym.errors import PseudonymError
    from pseudonym.profile import Profile, load_profile, profile_names
    from pseudonym.version import __version__

__all__ = [
    "Codebook",
    "Profile",
    "PseudonymError",
    "__version__",
    "load_codebook",
    "load_profile",
    "profile_names",
]

_OF_CODEBOOK = frozenset({"Codebook", "load_codebook"})
_OF_PROFILE = frozenset({"Profile", "load_profile", "profile_names"})


def __getattr__(name: str) -> object:
    """Import a name on first use, so that a command can be interrupted while it loads."""
    if name in _OF_CODEBOOK:
        from pseudonym import codebook

        return getattr(codebook, name)
    if name in _OF_PROFILE:
        from pseudonym import profile

        return getattr(profile, name)
    if name == "PseudonymError":
        from pseudonym.errors import PseudonymError

        return PseudonymError
    if name == "__version__":
        from pseudonym.version import __version__

        return __version__
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    """List the offered names, whether or not they have been imported yet."""
    return __all__
