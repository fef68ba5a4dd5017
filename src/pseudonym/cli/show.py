"""`pseudonym show`, `codebook` and `profiles`: print a submission's header, codebooks and profiles."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final

import typer

from pseudonym import load_codebook, load_profile, profile_names
from pseudonym.cli.app import app
from pseudonym.console import print_json
from pseudonym.wire import read_any_header

__all__ = ["profiles", "show", "show_codebook"]


CODE_HEAD_BYTES: Final = 1 + 16
"""Length of the kind and the match key, which precede the content of a code."""

_SHOW: Final = """\b
Example: pseudonym show police-2026-03.parquet
  {
    "spec": 2,
    "profile": "case-registry",
    ...
    "reporter": "police",
    "period": "2026-03",
    ...
    "records": 2,
    ..."""

_CODEBOOK: Final = """\b
Example: pseudonym codebook case-registry kind_of_case
  taken_abroad: Taken abroad / ...
  kept_abroad: Kept abroad / ...
  ..."""

_PROFILES: Final = """\b
Example: pseudonym profiles
  case-registry (version ...
      Thousands of cases a year from many reporters, sparse in the population: the default. ...
  ..."""


@app.command(epilog=_SHOW)
def show(
    file: Annotated[Path, typer.Argument(help="A submission or a withdrawal.")],
) -> None:
    """Show the header of a submission or a withdrawal as JSON.

    The header is everything in a submission but its codes and rows, and everything in a withdrawal but its ids.
    """
    header = read_any_header(file)
    print_json({**header.members(), "digest": header.digest})


@app.command(name="codebook", epilog=_CODEBOOK)
def show_codebook(
    name: Annotated[str, typer.Argument(help="A codebook file, or the name of a shipped one.")] = "case-registry",
    item: Annotated[str | None, typer.Argument(help="An item. Default: list all items.")] = None,
) -> None:
    """List the items of a codebook, or the codes of one item with their labels."""
    book = load_codebook(name)
    if item is None:
        for one in book.items:
            typer.echo(f"{one.name}: {one.label.en} / {one.label.sv} ({len(one.codes)} codes)")
        return
    found = [one for one in book.items if one.name == item]
    if not found:
        raise typer.BadParameter(f"The codebook has no such item; its items are {', '.join(book.item_names)}.")
    for code in found[0].codes:
        typer.echo(f"{code.code}: {code.label.en} / {code.label.sv}")


@app.command(epilog=_PROFILES)
def profiles() -> None:
    """List the profiles that ship with the library."""
    for name in profile_names():
        profile = load_profile(name)
        n_codes, n_bytes = profile.encoding.codes_per_record, CODE_HEAD_BYTES + profile.encoding.content_bytes
        typer.echo(f"{name} (version {profile.version}): {n_codes} codes, {n_codes * n_bytes} bytes per record")
        typer.echo(f"    {profile.purpose}")
