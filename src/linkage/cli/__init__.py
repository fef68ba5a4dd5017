"""The command `linkage`, which the registry runs: one module per command, put together in `linkage.cli.app`."""

from __future__ import annotations

import os

from linkage.cli.app import app
from linkage.cli.failures import explain_error
from pseudonym.console import run

__all__ = ["app", "main"]


def main(arguments: list[str] | None = None) -> None:
    """Run the command and exit with its status; the user never sees a traceback.

    Exit status: 0 success; 3 done, but rows were quarantined; 2 wrong usage; 4 a submission was refused; 5 the
    registry key, a profile or a codebook cannot be used; 6 a file cannot be opened or written, is not a registry, or
    is busy; 70 an internal error.

    Args:
        arguments: The command-line arguments; None for those of the process.
    """
    # Only the owner may read the files that DuckDB puts beside the registry for a while, above all its log.
    before = os.umask(0o077)
    try:
        run(app, arguments, name="linkage", explain=explain_error)
    finally:
        os.umask(before)
