"""`pseudonym codebook`: list the items of a codebook, or the codes of one item."""

from __future__ import annotations

from typing import Annotated, Final

import typer

from pseudonym import load_codebook

__all__ = ["EXAMPLE", "codebook"]

EXAMPLE: Final = """\b
Example: pseudonym codebook case-registry kind_of_case
  taken_abroad: Taken abroad / ...
  kept_abroad: Kept abroad / ...
  ..."""


def codebook(
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
