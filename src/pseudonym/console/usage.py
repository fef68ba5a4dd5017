"""Errors of the command line itself, each explained by the option or command that it is about."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

import typer

from pseudonym.console.failures import USAGE, Failure

__all__ = ["USAGE_ERROR", "explain_usage", "wrong_option"]

USAGE_ERROR: Final[type[Exception]] = typer.BadParameter.__mro__[1]
"""What Typer raises for a command line that makes no sense; it offers only this subclass by name."""

NO_ARGUMENTS: Final = "NoArgsIsHelpError"
"""The name of the error whose text is the whole help."""

_LEFT_OVER: Final = "Got unexpected extra argument"


def wrong_option(option: str, message: str) -> typer.BadParameter:
    """Return the error for a value that an option does not take.

    Args:
        option: The option, such as `--period`.
        message: What it takes, in a constant sentence.
    """
    return typer.BadParameter(message, param_hint=option)


def explain_usage(error: Exception) -> Failure | None:
    """Return what the user sees for an error of the command line, or None for any other error.

    Args:
        error: What a command, or Typer on its way to the command, has raised.
    """
    if not isinstance(error, USAGE_ERROR):
        return None
    if type(error).__name__ == NO_ARGUMENTS:
        return None
    context = getattr(error, "ctx", None)
    option, message = _explained(error)
    return Failure(
        rule="usage",
        message=message,
        hint=None if context is None else f"'{context.command_path} --help' shows how it is used.",
        field=option,
        usage="" if context is None else context.get_usage(),
        exit_status=USAGE,
    )


def _explained(error: Any) -> tuple[str | None, str]:
    """Return the option that an error is about, if any, and the sentence."""
    kind, parameter = type(error).__name__, getattr(error, "param", None)
    if kind == "NoSuchOption":
        near = _listed(getattr(error, "possibilities", None) or (), " or ")
        question = f" Did you mean {near}?" if near else ""
        return error.option_name, f"There is no option {error.option_name}.{question}"
    if kind == "MissingParameter" and parameter is not None:
        name = _name(parameter)
        return name, f"{name} is missing.{_takes(parameter)}"
    if kind == "BadOptionUsage":
        return error.option_name, error.message
    hint = getattr(error, "param_hint", None)
    if isinstance(hint, str):
        return hint, f"{hint}: {error.message}"
    if parameter is not None:
        name = _name(parameter)
        return name, f"{name}:{_takes(parameter) or f' {error.message}'}"
    if error.message.startswith(_LEFT_OVER):
        words = error.message[len(_LEFT_OVER) :].removeprefix("(s)").strip(" ()")
        return None, f"There is no place for: {words}. A value with blanks needs quotation marks around it."
    return None, error.message


def _name(parameter: Any) -> str:
    """Return the longest name of an option, or what the help calls an argument."""
    if parameter.param_type_name == "option":
        return str(max(parameter.opts, key=len))
    return str(parameter.metavar or parameter.name.upper())


def _takes(parameter: Any) -> str:
    """Return which values a parameter takes, as a sentence after a blank; empty if every text is one."""
    kind = getattr(parameter, "type_descriptor", None) or parameter.type
    choices = getattr(kind, "choices", None)
    if choices:
        return f" It takes {_listed((str(getattr(one, 'value', one)) for one in choices), ' or ')}."
    wanted = getattr(kind, "annotation", None)
    number = "a whole number" if wanted is int else "a number" if wanted is float else None
    low, high = getattr(parameter, "min", None), getattr(parameter, "max", None)
    if number is None and low is None and high is None:
        return ""
    bounds = "" if low is None else f", at least {low}" if high is None else f" from {low} to {high}"
    return f" It takes {number or 'a number'}{bounds}."


def _listed(words: Iterable[str], last: str) -> str:
    *most, end = list(words) or [""]
    return f"{', '.join(most)}{last}{end}" if most else end
