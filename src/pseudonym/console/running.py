"""Run a command line: an error ends it with one line, an exit status and, under `--json`, a document."""

from __future__ import annotations

import shlex
import sys
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any, NoReturn

from pseudonym.console.failures import (
    INTERNAL,
    OK,
    UNWRITABLE,
    Explain,
    Failure,
    Unfinished,
    print_error_document,
    print_failure,
    wants_json,
)
from pseudonym.console.locale import replacing_unknown, undecoded, undecoded_failure, undecoded_hint
from pseudonym.console.passphrase import passphrases_from_user
from pseudonym.console.text import shown
from pseudonym.console.usage import explain_usage
from pseudonym.interrupt import INTERRUPTED, MESSAGE, Interruption
from pseudonym.key_file import KeyFileWarning
from pseudonym.output import FULL, is_full, private_files

__all__ = ["run"]


def run(
    app: Callable[[list[str] | None], Any], arguments: list[str] | None, *, name: str, explain: Explain
) -> NoReturn:
    """Run a command-line application and exit with its status; the user never sees a traceback.

    Whatever is written meanwhile, only its owner may read. Under `--json` an error is printed twice: as text to
    standard error, and as the document on standard output.

    Args:
        app: The application.
        arguments: The command-line arguments; None for those of the process.
        name: The name of the command, which starts every error message.
        explain: Returns what the user sees for an error, or None if the error is unexpected.
    """
    given = sys.argv[1:] if arguments is None else arguments
    with replacing_unknown():
        failure, beside = _run(app, arguments, explain, given)
        if failure is None:
            sys.exit(OK)
        failure = _as_typed(failure, given)
        if undecoded(given):
            failure = _with_encoding(failure)
        if wants_json(given):
            print_error_document(failure, beside)
        if failure.exit_status == INTERRUPTED:
            print(MESSAGE, file=sys.stderr)
        else:
            print_failure(name, failure)
        sys.exit(failure.exit_status)


def _run(
    app: Callable[[list[str] | None], Any], arguments: list[str] | None, explain: Explain, words: Sequence[str]
) -> tuple[Failure | None, Mapping[str, Any]]:
    """Run the application; return the error that ended it, and what stands beside it under `--json`."""
    interruption = Interruption()
    try:
        with interruption, private_files(), _key_files_warned_of(), passphrases_from_user():
            app(arguments)
    except KeyboardInterrupt:
        return _interrupted(), {}
    except SystemExit as ended:
        # Typer turns an interruption into this status, without a word.
        if ended.code == INTERRUPTED:
            return _interrupted(), {}
        raise
    except Exception as raised:
        if interruption.happened:
            # What an interrupted package makes of it is no error.
            return _interrupted(), {}
        if isinstance(raised, Unfinished):
            return _explained(raised.error, explain, words), raised.document
        return _explained(raised, explain, words), {}
    return None, {}


def _explained(error: Exception, explain: Explain, words: Sequence[str]) -> Failure:
    """Return what the user sees for an error, whatever it is, of a command line of these words."""
    if isinstance(error, OSError) and is_full(error):
        # For example, standard output goes to a file.
        return Failure(rule="output.full", message=FULL, exit_status=UNWRITABLE)
    if isinstance(error, OSError) and (failure := explain(error)) is not None:
        # Anything may stand where the system's errors name a file, so it is shown only if it was typed.
        return replace(failure, path=None if failure.path is None else _typed(failure.path, words))
    # Only the type of an unexpected error is shown: its message may contain a value.
    return (
        explain_usage(error)
        or explain(error)
        or Failure(
            rule="internal",
            message=f"An internal error occurred ({type(error).__name__}). Please report it.",
            exit_status=INTERNAL,
        )
    )


def _as_typed(failure: Failure, words: Sequence[str]) -> Failure:
    """Name the file as the command line does: a registry knows itself by its whole path, with all links followed."""
    typed = None if failure.path is None else _typed(failure.path, words)
    return failure if typed is None else replace(failure, path=typed)


def _typed(path: Path, words: Sequence[str]) -> Path | None:
    """Return a path as the command line names it, or None if it does not."""
    if str(path) in words:
        return path
    with suppress(OSError, ValueError):
        whole = path.resolve()
        for word in words:
            typed = Path(word.partition("=")[2] if word.startswith("--") else word)
            if typed.name and typed.resolve() == whole:
                return typed
    return None


def _interrupted() -> Failure:
    return Failure(rule="interrupted", message=MESSAGE, exit_status=INTERRUPTED)


def _with_encoding(failure: Failure) -> Failure:
    """Add that arguments could not be decoded: it may be the reason of the error, and no bug of the library."""
    if failure.exit_status == INTERNAL:
        return undecoded_failure()
    return replace(failure, hint=" ".join(filter(None, (failure.hint, undecoded_hint()))))


@contextmanager
def _key_files_warned_of() -> Iterator[None]:
    """Show the warning about a key file as one line that says how to mend it, once for each file."""
    told: set[Path] = set()
    show_other = warnings.showwarning

    def show(message: Warning | str, *place: Any, **options: Any) -> None:
        if not isinstance(message, KeyFileWarning):
            show_other(message, *place, **options)
        elif message.path not in told:
            told.add(message.path)
            mend = f"chmod 600 {shlex.quote(shown(message.path))}"
            print(f"Warning: other users of this computer can use the key file. Mend it with: {mend}", file=sys.stderr)

    with warnings.catch_warnings():
        warnings.simplefilter("always", KeyFileWarning)
        warnings.showwarning = show
        yield
