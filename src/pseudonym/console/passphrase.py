"""Pass phrases of key files on a command line: typed without echo, or read from a descriptor.

Neither an argument nor the environment may hold one: other users of a computer can read those. The option
`--passphrase-fd` is added to every command that takes a key file.
"""

from __future__ import annotations

import functools
import getpass
import inspect
import os
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from pseudonym.console.text import shown
from pseudonym.console.usage import wrong_option
from pseudonym.key_file import MIN_CHARACTERS, asking

__all__ = ["new_passphrase", "passphrases_from_user", "taking_passphrases"]

OPTION: Final = "--passphrase-fd"

MAX_BYTES: Final = 1 << 14
"""A descriptor that gives more holds something else."""

NAMES_OF_KEYS: Final = frozenset({"body_key", "key", "key_file", "registry_key", "statistics_key", "wrapped"})
"""The parameters of commands that are key files to be read, and the option to write one under a pass phrase."""

_GIVEN: Final[ContextVar[list[str]]] = ContextVar("given")
"""The pass phrases that a descriptor gave, in the order in which they are used; the last serves all others."""


@contextmanager
def passphrases_from_user() -> Iterator[None]:
    """Ask the user of a command for the pass phrases of the key files that it reads."""
    token = _GIVEN.set([])
    try:
        with asking(_passphrase_of):
            yield
    finally:
        _GIVEN.reset(token)


def new_passphrase() -> str:
    """Return a pass phrase for a new file; typed twice, or from the descriptor.

    Raises:
        typer.BadParameter: It is too short, the two are not the same, or there is no terminal.
    """
    given = _next_given()
    if given is None:
        given = _typed("New pass phrase: ")
        if _typed("The same again: ") != given:
            raise wrong_option(OPTION, "The two pass phrases are not the same; nothing was written.")
    if len(given) < MIN_CHARACTERS:
        raise wrong_option(
            OPTION, f"A pass phrase has at least {MIN_CHARACTERS} characters: take five words that nobody would guess."
        )
    return given


def taking_passphrases(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return a command with the option `--passphrase-fd`, if it takes a key file; otherwise the command itself.

    Args:
        function: The function of a command.
    """
    signature = inspect.signature(function, eval_str=True)
    if NAMES_OF_KEYS.isdisjoint(signature.parameters):
        return function

    @functools.wraps(function)
    def command(*args: Any, passphrase_fd: int | None = None, **options: Any) -> Any:
        # Its callback has read the descriptor.
        return function(*args, **options)

    extra = inspect.Parameter(
        "passphrase_fd", inspect.Parameter.KEYWORD_ONLY, default=None, annotation=_passphrase_fd()
    )
    parameters = [*signature.parameters.values(), extra]
    vars(command)["__signature__"] = signature.replace(parameters=parameters)
    command.__annotations__ = {one.name: one.annotation for one in parameters}
    return command


def _passphrase_fd() -> Any:
    return Annotated[
        int | None,
        typer.Option(
            OPTION,
            metavar="N",
            min=0,
            callback=_read_descriptor,
            help="Read the pass phrases of wrapped key files from this open file descriptor, one a line, in the order "
            "in which they would be asked for. Default: they are asked for.",
        ),
    ]


def _read_descriptor(number: int | None) -> int | None:
    if number is not None:
        _GIVEN.set(_lines_of(number))
    return number


def _lines_of(number: int) -> list[str]:
    try:
        with os.fdopen(number, "rb", closefd=False) as file:
            data = file.read(MAX_BYTES + 1)
        text = data.decode("utf-8")
    except (OSError, ValueError):
        raise wrong_option(OPTION, "This is no open descriptor with text in UTF-8.") from None
    lines = text.removesuffix("\n").split("\n")
    if len(data) > MAX_BYTES or not text:
        raise wrong_option(OPTION, "The descriptor gives no pass phrases, one a line.")
    return [line.removesuffix("\r") for line in lines]


def _next_given() -> str | None:
    given = _GIVEN.get([])
    if not given:
        return None
    return given.pop(0) if len(given) > 1 else given[0]


def _passphrase_of(path: Path) -> str:
    given = _next_given()
    return _typed(f"Pass phrase of {shown(path)}: ") if given is None else given


def _typed(prompt: str) -> str:
    try:
        with warnings.catch_warnings():
            # Where the terminal cannot be told not to show what is typed, nothing is asked.
            warnings.simplefilter("error", getpass.GetPassWarning)
            return getpass.getpass(prompt)
    except (getpass.GetPassWarning, EOFError, OSError):
        raise wrong_option(
            OPTION,
            "A pass phrase is needed, and there is no terminal to ask for it: give it by a descriptor, such as "
            f"{OPTION} 3 3< FILE.",
        ) from None
