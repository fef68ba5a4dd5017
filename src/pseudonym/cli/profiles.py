"""`pseudonym profiles`: list the profiles that ship with the library."""

from __future__ import annotations

from typing import Final

from pseudonym import load_profile, profile_names
from pseudonym.console import say

__all__ = ["EXAMPLE", "profiles"]

CODE_HEAD_BYTES: Final = 1 + 16
"""Length of the kind and the match key, which precede the content of a code."""

EXAMPLE: Final = """\b
Example: pseudonym profiles
  case-registry (version ...
      Thousands of cases a year from many reporters, sparse in the population: the default. ...
  ..."""


def profiles() -> None:
    """List the profiles that ship with the library."""
    for name in profile_names():
        profile = load_profile(name)
        n_codes, n_bytes = profile.encoding.codes_per_record, CODE_HEAD_BYTES + profile.encoding.content_bytes
        say(f"{name} (version {profile.version}): {n_codes} codes, {n_codes * n_bytes} bytes per record")
        say(f"    {profile.purpose}")
