"""`pseudonym codebook`: show a codebook, check a file, and make a smaller codebook for a project."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Final

import typer
from typer.core import TyperGroup

from pseudonym import load_codebook
from pseudonym.cli.options import Json
from pseudonym.codebook import Codebook, Item, select_items
from pseudonym.console import counted, print_json, wrapped
from pseudonym.output import Kind, replacing

__all__ = ["CODEBOOK", "app"]

_EXAMPLES: Final = """\b
Example: pseudonym codebook show case-registry municipality
  municipality: Municipality ...
  Definition: ...
  Codes per record: one
  ...

\b
Example: pseudonym codebook make school.json --name school --version 2026.1
           --item age_at_event --item municipality
  school.json: 2 items (digest ...).

\b
Example: pseudonym codebook check school.json
  school 2026.1: 2 items, ... codes, ..."""

CODEBOOK: Final = Kind("codebook", lambda file: b'"pseudonym-codebook/' in file.read(200))
"""A document that says that it is a codebook, of whatever version."""


class _Group(TyperGroup):
    """`pseudonym codebook NAME` is short for `pseudonym codebook show NAME`."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Put `show` before a name that is not a command."""
        if not args or (args[0] not in self.commands and not args[0].startswith("-")):
            args = ["show", *args]
        return list(super().parse_args(ctx, args))


app = typer.Typer(
    cls=_Group,
    rich_markup_mode=None,
    help="Show a codebook, check one, or make a smaller one. 'codebook NAME' is short for 'codebook show NAME'.",
    epilog=_EXAMPLES,
)

Name = Annotated[str, typer.Argument(help="A codebook file, or the name of a shipped one.")]


@app.command("show")
def _show(
    name: Name = "case-registry",
    item: Annotated[str | None, typer.Argument(help="An item. Default: list all items.")] = None,
    as_json: Json = False,
) -> None:
    """List the items of a codebook, or show one item: what it asks, why, under which law, and its codes."""
    book = load_codebook(name)
    if item is not None and item not in book.by_name:
        raise typer.BadParameter(f"The codebook has no such item; its items are {', '.join(book.item_names)}.")
    if as_json:
        print_json(book.model_dump(mode="json") if item is None else book.by_name[item].model_dump(mode="json"))
    elif item is None:
        for one in book.items:
            several = ", several per record" if one.many else ""
            typer.echo(f"{one.name}: {one.label.en} / {one.label.sv} ({counted(len(one.codes), 'code')}{several})")
    else:
        _show_item(book, book.by_name[item])


@app.command("check")
def _check(file: Annotated[Path, typer.Argument(help="A codebook file.")]) -> None:
    """Check that a file is a codebook. Exit status: 0 it is; 5 it is not, and the message says where it is wrong."""
    book = load_codebook(file)
    n_codes = sum(len(item.codes) for item in book.items)
    parts = (counted(len(book.items), "item"), counted(n_codes, "code"), counted(len(book.groupings), "grouping"))
    typer.echo(f"{book.name} {book.version}: {', '.join(parts)} (digest {book.digest}).")


@app.command("make")
def _make(
    out: Annotated[Path, typer.Argument(help="Codebook file to write.")],
    name: Annotated[str, typer.Option(help="Name of the new codebook: a-z, 0-9, - and _.")],
    version: Annotated[str, typer.Option(help="Its version, such as 2026.1.")],
    source: Annotated[str, typer.Option("--from", help="The codebook to take items from: a file, or a name.")] = (
        "case-registry"
    ),
    item: Annotated[list[str] | None, typer.Option(help="An item to keep; repeat it. Default: all.")] = None,
    without: Annotated[list[str] | None, typer.Option(help="An item to leave out; repeat it.")] = None,
    title_sv: Annotated[str | None, typer.Option(help="Its title in Swedish. Default: that of the source.")] = None,
    title_en: Annotated[str | None, typer.Option(help="Its title in English. Default: that of the source.")] = None,
) -> None:
    """Make a codebook with only the items that a project needs and may collect.

    Whoever runs the registry and all its reporters use the same file. Everything else about the items stays as it is,
    and so do their groupings.
    """
    book = load_codebook(source)
    title = {"sv": title_sv or book.title.sv, "en": title_en or book.title.en}
    made = select_items(book, _wanted(book, item or [], without or []), name=name, version=version, title=title)
    with replacing(out, CODEBOOK) as file:
        file.write(made.to_json())
    typer.echo(f"{out}: {counted(len(made.items), 'item')} (digest {made.digest}).")


def _wanted(book: Codebook, keep: list[str], leave: list[str]) -> list[str]:
    unknown = {*keep, *leave} - book.by_name.keys()
    if unknown or set(keep) & set(leave):
        raise typer.BadParameter(
            "The codebook has no such item, or it is named both to be kept and to be left out; the items are "
            f"{', '.join(book.item_names)}."
        )
    return [one for one in keep or book.item_names if one not in leave]


def _show_item(book: Codebook, item: Item) -> None:
    typer.echo(f"{item.name}: {item.label.en} / {item.label.sv}")
    for heading, text in (("Definition", item.definition), ("Purpose", item.purpose), ("Legal basis", item.basis)):
        typer.echo(wrapped(f"  {heading}: {text.en} / {text.sv}"))
    typer.echo(f"  Codes per record: {'several' if item.many else 'one'}")
    for grouping in book.groupings:
        if grouping.item == item.name:
            typer.echo(wrapped(f"  Grouping {grouping.name}: {', '.join(group.label.en for group in grouping.groups)}"))
    for code in item.codes:
        dates = f" [{code.valid_from or ''}..{code.valid_to or ''}]" if code.valid_from or code.valid_to else ""
        typer.echo(f"{code.code}: {code.label.en} / {code.label.sv}{dates}")
        if code.definition is not None:
            typer.echo(wrapped(f"    {code.definition.en} / {code.definition.sv}"))
