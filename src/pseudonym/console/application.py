"""Command lines put together with Typer: help that follows the terminal, `-h`, completion, and errors left to `run`."""

from __future__ import annotations

import inspect
import re
import sys
import textwrap
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command

from pseudonym.console.failures import USAGE
from pseudonym.console.passphrase import taking_passphrases
from pseudonym.console.text import text_width
from pseudonym.console.usage import NO_ARGUMENTS, USAGE_ERROR
from pseudonym.version import __version__

__all__ = ["Application", "Group", "exit_statuses", "version_option"]

_COMMAND: Final = re.compile(r" *(Example: )?(pseudonym|linkage) ")
"""A line of an example that can be typed as it stands."""

_VERBATIM: Final = "\b"
"""A paragraph that begins with this line keeps its lines, as in all programs that Click has made."""

_OPTIONS: Final = re.compile(r" (?=--)")
_COLUMN_ENDS: Final = re.compile(r"\S {2,}(?=\S)")
_GOES_ON: Final = " \\"
_CUT: Final = " ..."
_WORDS: Final[dict[str, Any]] = {"break_long_words": False, "break_on_hyphens": False}


class _Help:
    """The end of a help text: its lines are kept, and folded only where the terminal is too narrow."""

    epilog: str | None

    def format_epilog(self, ctx: Any, formatter: Any) -> None:
        """Write the examples of a command and its exit statuses."""
        if self.epilog:
            formatter.write_paragraph()
            lines = _folded(inspect.cleandoc(self.epilog), formatter.width - 2)
            formatter.write("".join(f"  {line}".rstrip() + "\n" for line in lines))


class _Command(_Help, TyperCommand):
    """One command."""

    def __init__(self, *args: Any, **options: Any) -> None:
        """Leave it to the command whether it can read a file: Typer would call it wrong usage, without the reason."""
        super().__init__(*args, **options)
        for parameter in self.params:
            described = getattr(parameter, "type_descriptor", None)
            kind: Any = getattr(parameter, "type", None) if described is None else described.parameter_info
            if hasattr(kind, "readable"):
                kind.readable = False


class Group(_Help, TyperGroup):
    """A group of commands; the first one is the program."""

    def main(self, *args: Any, **options: Any) -> Any:
        """Run the program by its own name and leave errors to the caller; exit with its status."""
        options = {"prog_name": self.name, "terminal_width": text_width(), **options, "standalone_mode": False}
        try:
            status = super().main(*args, **options)
        except USAGE_ERROR as error:
            if type(error).__name__ != NO_ARGUMENTS:
                raise
            typer.echo(str(getattr(error, "message", "")), err=True)
            status = USAGE
        sys.exit(status if isinstance(status, int) else 0)


class Application(typer.Typer):
    """A program, or a group of its commands."""

    def __init__(self, *, name: str | None = None, help: str, epilog: str, cls: type[Group] = Group) -> None:
        """Set up a program.

        Args:
            name: Its name; None for a group of commands.
            help: What it is for.
            epilog: Examples, in paragraphs that begin with a line that holds only a backspace.
            cls: The class of the group.
        """
        super().__init__(
            name=name,
            cls=cls,
            no_args_is_help=cls is Group,
            add_completion=name is not None,
            pretty_exceptions_enable=False,
            rich_markup_mode=None,
            context_settings={"help_option_names": ["-h", "--help"]},
            help=help,
            epilog=epilog,
        )
        self._made: Any = None

    def __call__(self, *args: Any, **options: Any) -> Any:
        """Run the program; its commands are made from their functions once for each process."""
        if self._made is None:
            self._made = get_command(self)
        return self._made(*args, **options)

    def command(self, name: str | None = None, **options: Any) -> Callable[[Any], Any]:
        """Add a command, as `typer.Typer.command` does; one that takes a key file also takes its pass phrase."""
        register = super().command(name, **{"cls": _Command, **options})

        def keep(function: Callable[..., Any]) -> Callable[..., Any]:
            register(taking_passphrases(function))
            return function

        return keep


def exit_statuses(statuses: Mapping[int, str]) -> str:
    """Return the sentence of a help text that says what each exit status means."""
    return f"Exit status: {'; '.join(f'{number} {meaning}' for number, meaning in sorted(statuses.items()))}."


def version_option(name: str) -> Any:
    """Return the option `--version` of a command with this name; both commands have the version of the library."""

    def show(wanted: bool) -> None:
        if wanted:
            typer.echo(f"{name} {__version__}")
            raise typer.Exit

    return typer.Option("--version", callback=show, is_eager=True, help="Show the version and exit.")


def _folded(text: str, width: int) -> Iterator[str]:
    """Yield the lines of an epilog, none of them wider than the terminal."""
    for number, paragraph in enumerate(text.split("\n\n")):
        lines = paragraph.splitlines()
        if number:
            yield ""
        if lines[0].strip() != _VERBATIM:
            yield from textwrap.wrap(" ".join(lines), width, break_on_hyphens=False)
            continue
        # Further marks within the paragraph are blank lines.
        for line in lines[1:]:
            yield from [""] if line.strip() == _VERBATIM else _fold(line, width)


def _fold(line: str, width: int) -> list[str]:
    """Fold one line: a command so that it can still be typed, prose with an indentation; a row of a table is cut."""
    if len(line) <= width:
        return [line]
    if _COMMAND.match(line):
        return _fold_command(line, width - len(_GOES_ON))
    if len(_COLUMN_ENDS.findall(line)) > 1:
        return [line[: width - len(_CUT)].rstrip() + _CUT]
    indent = " " * (len(line) - len(line.lstrip(" ")))
    return textwrap.wrap(line, width, subsequent_indent=indent + "  ", break_on_hyphens=False)


def _fold_command(line: str, width: int) -> list[str]:
    """Fold a command before options, each of which stays with its value."""
    indent = " " * (len(line) - len(line.lstrip(" ")) + 4)
    lines: list[str] = []
    room = width - len(indent)
    for part in (piece for option in _OPTIONS.split(line) for piece in textwrap.wrap(option, room, **_WORDS)):
        if lines and len(lines[-1]) + 1 + len(part) <= width:
            lines[-1] += f" {part}"
        else:
            lines.append(f"{indent}{part}" if lines else part)
    return [line + _GOES_ON for line in lines[:-1]] + lines[-1:]
