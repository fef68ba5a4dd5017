"""Encode identities as keyed codes that can be linked without being read.

This package is used at a reporting body. What stands here touches no key: importing `pseudonym` is safe at the
registry too. The linkage key lives in `pseudonym.keyed.keys`, and only `pseudonym.encode` brings a key and an identity
together.
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
