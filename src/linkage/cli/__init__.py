"""The command `linkage`, which the registry runs: one module per command, put together in `linkage.cli.app`."""

from __future__ import annotations

from typing import NoReturn

from linkage.cli.app import app
from linkage.cli.failures import explain_error
from pseudonym.console import run

__all__ = ["app", "main"]


def main(arguments: list[str] | None = None) -> NoReturn:
    """Run the command and exit with its status; the user never sees a traceback.

    Exit status: 0 success; 3 done, but rows were quarantined or came late; 2 wrong usage; 4 a submission was refused; 5
    the registry key, a profile or a codebook cannot be used; 6 a file cannot be opened or written, is not a registry,
    is damaged or busy, or something could not be erased; 70 an internal error.

    Args:
        arguments: The command-line arguments; None for those of the process.
    """
    run(app, arguments, name="linkage", explain=explain_error)
