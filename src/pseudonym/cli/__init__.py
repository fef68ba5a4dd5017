"""The command `pseudonym`, which a reporter (a reporting body) runs: one module per command, put together in `app`.

Exit status: 0 everything was encoded; 3 output written, but rows were rejected or values left out; 2 wrong usage; 4 the
input cannot be used; 5 the key, profile or codebook cannot be used; 6 the output cannot be written; 70 a bug in the
program. A submission is written only with status 0 or 3. No message contains a value of the input.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import NoReturn

from pseudonym.cli.app import app
from pseudonym.console import Failure, run
from pseudonym.errors import DocumentError, OutputError, PseudonymError

__all__ = ["app", "main"]


def main(arguments: list[str] | None = None) -> NoReturn:
    """Run the command and exit with its status, without showing a traceback or a value of the input.

    Args:
        arguments: The command-line arguments; `sys.argv[1:]` by default.

    Sees: plaintext and key
    """
    run(app, arguments, name="pseudonym", explain=_explain)


def _explain(error: Exception) -> Failure | None:
    if isinstance(error, PseudonymError):
        return Failure(
            rule=error.rule,
            message=error.message,
            hint=error.hint,
            path=error.path,
            row=error.row,
            field=error.field,
            allowed=error.allowed if isinstance(error, DocumentError) else None,
            exit_status=error.exit_status,
        )
    if isinstance(error, OSError):
        return Failure(
            rule="output.failed",
            message="A file cannot be read or written.",
            hint="Check the disk, and that no other program has the file open.",
            # It may also be the number of an open file, which tells the user nothing.
            path=Path(os.fsdecode(error.filename)) if isinstance(error.filename, str | bytes | os.PathLike) else None,
            exit_status=OutputError.exit_status,
        )
    return None
