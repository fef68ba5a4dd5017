"""The command `linkage`: what a registry runs."""

from __future__ import annotations

import os

from linkage.cli.commands import app, explain_error
from pseudonym.console import run

__all__ = ["app", "main"]


def main(arguments: list[str] | None = None) -> None:
    """Run the command and exit with its status; no traceback reaches the user.

    Exit status: 0 all well; 3 done, but rows were put in quarantine; 2 wrong usage; 4 a submission was refused; 5 the
    registry key, a profile or a codebook cannot be used; 6 a file cannot be opened or written, or is not a registry,
    or is busy; 70 a fault of the program.

    Args:
        arguments: The words of the command line; those of the process if not given.
    """
    # Only the owner may read what DuckDB puts beside the registry for a while, its log above all.
    before = os.umask(0o077)
    try:
        run(app, arguments, name="linkage", explain=explain_error)
    finally:
        os.umask(before)
