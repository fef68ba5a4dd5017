"""Encode identities as keyed codes that can be linked without being read.

This package is used at a reporter (a reporting body). Importing `pseudonym` loads no code that handles a key, so it is
safe at the registry too. The linkage key is in `pseudonym.keyed.keys`, and only `pseudonym.encode` combines a key with
an identity.
"""

from __future__ import annotations

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
