"""`pseudonym codebook`: show a codebook, check a file, and make a smaller codebook for a project."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Final

import typer

from pseudonym import load_codebook
from pseudonym.cli.options import Json
from pseudonym.cli.statuses import end_of_help
from pseudonym.codebook import Codebook, Item, codebook_names, select_items
from pseudonym.console import Application, Group, counted, offering, print_json, say, wrong_option
from pseudonym.encode.derived import DERIVED_FROM
from pseudonym.output import Kind, replacing

__all__ = ["CODEBOOK", "app"]

SHOW_EXAMPLE: Final = """\b
Example: pseudonym codebook show case-registry municipality
  municipality: Municipality ...
  Definition: ...
  Codes per record: one
  ..."""

MAKE_EXAMPLE: Final = """\b
Example: pseudonym codebook make school.json --name school --version 2026.1 \
--item age_at_event --item municipality
  school.json: 2 items (digest ...)."""

CHECK_EXAMPLE: Final = """\b
Example: pseudonym codebook check school.json
  school 2026.1: 2 items, ... codes, ..."""

CODEBOOK: Final = Kind("codebook", lambda file: b'"pseudonym-codebook/' in file.read(200))
"""A document that says that it is a codebook, of whatever version."""


class _Group(Group):
    """`pseudonym codebook NAME` is short for `pseudonym codebook show NAME`."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Put `show` before a name that is not a command."""
        if ctx.resilient_parsing and not args:
            # A shell asks what may stand here.
            return list(super().parse_args(ctx, args))
        if not args or (args[0] not in self.commands and not args[0].startswith("-")):
            args = ["show", *args]
        return list(super().parse_args(ctx, args))


app = Application(
    cls=_Group,
    help="Show a codebook, check one, or make a smaller one. 'codebook NAME' is short for 'codebook show NAME'.",
    epilog="\n\n".join([SHOW_EXAMPLE, MAKE_EXAMPLE, CHECK_EXAMPLE]),
)

Name = Annotated[
    str,
    typer.Argument(help="A codebook file, or the name of a shipped one.", autocompletion=offering(codebook_names)),
]


@app.command("show", epilog=end_of_help("codebook show", SHOW_EXAMPLE))
def _show(
    name: Name = "case-registry",
    item: Annotated[str | None, typer.Argument(help="An item. Default: list all items.")] = None,
    as_json: Json = False,
) -> None:
    """List the items of a codebook, or show one item: what it asks, why, under which law, and its codes."""
    book = load_codebook(name)
    if item is not None and item not in book.by_name:
        raise wrong_option("ITEM", f"The codebook has no such item; {_items(book)}")
    if as_json:
        print_json(book.model_dump(mode="json") if item is None else book.by_name[item].model_dump(mode="json"))
    elif item is None:
        for one in book.items:
            several = ", several per record" if one.many else ""
            say(f"{one.name}: {one.label.en} / {one.label.sv} ({counted(len(one.codes), 'code')}{several})")
        _say_finer(book)
    else:
        _show_item(book, book.by_name[item])


@app.command("check", epilog=end_of_help("codebook check", CHECK_EXAMPLE))
def _check(file: Annotated[Path, typer.Argument(help="A codebook file.")]) -> None:
    """Check that a file is a codebook, and say where it is wrong if it is not."""
    book = load_codebook(file)
    n_codes = sum(len(item.codes) for item in book.items)
    parts = (counted(len(book.items), "item"), counted(n_codes, "code"), counted(len(book.groupings), "grouping"))
    say(f"{book.name} {book.version}: {', '.join(parts)} (digest {book.digest}).")
    _say_finer(book)


@app.command("make", epilog=end_of_help("codebook make", MAKE_EXAMPLE))
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
    say(f"{out}: {counted(len(made.items), 'item')} (digest {made.digest}).")


def _wanted(book: Codebook, keep: list[str], leave: list[str]) -> list[str]:
    unknown = {*keep, *leave} - book.by_name.keys()
    if unknown or set(keep) & set(leave):
        option = "--item" if set(keep) - book.by_name.keys() else "--without"
        if not unknown:
            raise wrong_option(option, "An item is named both to be kept and to be left out.")
        raise wrong_option(option, f"The codebook has no such item; {_items(book)}")
    return [one for one in keep or book.item_names if one not in leave]


def _items(book: Codebook) -> str:
    return f"its items are {', '.join(book.item_names)}."


def _say_finer(book: Codebook) -> None:
    """Say what is sent finer than to the month and in bands of ages, and why."""
    for one in book.finer:
        what = "days" if one.name in book.days else "single years of age"
        say(f"{one.name} is sent with {what}, because: {one.reason.en} / {one.reason.sv}")


def _show_item(book: Codebook, item: Item) -> None:
    say(f"{item.name}: {item.label.en} / {item.label.sv}")
    for heading, text in (("Definition", item.definition), ("Purpose", item.purpose), ("Legal basis", item.basis)):
        say(f"  {heading}: {text.en} / {text.sv}")
    say(f"  Codes per record: {'several' if item.many else 'one'}")
    if item.derive is not None:
        say(f"  Where the input has no column for it: filled in from {DERIVED_FROM[item.derive]}.")
    for one in book.finer:
        if one.name == item.name:
            say(f"  Single years of age, because: {one.reason.en} / {one.reason.sv}")
    for grouping in book.groupings:
        if grouping.item == item.name:
            say(f"  Grouping {grouping.name}: {', '.join(group.label.en for group in grouping.groups)}")
    synonyms = [one for one in book.synonyms if item.name in one.items]
    endings = [f"'{ending}'" for one in synonyms for ending in one.endings]
    if endings:
        say(f"  Labels may end with {', '.join(endings)}.")
    for code in item.codes:
        dates = f" [{code.valid_from or ''}..{code.valid_to or ''}]" if code.valid_from or code.valid_to else ""
        others = [text for one in synonyms for text in one.codes.get(code.code, ())]
        also = f" (also read: {', '.join(others)})" if others else ""
        say(f"{code.code}: {code.label.en} / {code.label.sv}{dates}{also}")
        if code.definition is not None:
            say(f"    {code.definition.en} / {code.definition.sv}")
