"""`pseudonym profiles`: list the profiles that ship with the library."""

from __future__ import annotations

from typing import Final

import typer

from pseudonym import load_profile, profile_names

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
        typer.echo(f"{name} (version {profile.version}): {n_codes} codes, {n_codes * n_bytes} bytes per record")
        typer.echo(f"    {profile.purpose}")
