"""The console of both command lines: text, help, progress, and errors as one line with an exit status."""

from __future__ import annotations

from pseudonym.console.application import Application, Group, exit_statuses, version_option
from pseudonym.console.completion import offering, periods
from pseudonym.console.failures import OK, PARTIAL, USAGE, Failure, Unfinished, print_failure
from pseudonym.console.key_facts import KeyFacts, print_key
from pseudonym.console.passphrase import new_passphrase
from pseudonym.console.progress import Bar, progress
from pseudonym.console.running import run
from pseudonym.console.text import (
    WIDTH,
    counted,
    fitted,
    print_file,
    print_json,
    say,
    shown,
    table_text,
    text_width,
    wrapped,
)
from pseudonym.console.usage import wrong_option

__all__ = [
    "OK",
    "PARTIAL",
    "USAGE",
    "WIDTH",
    "Application",
    "Bar",
    "Failure",
    "Group",
    "KeyFacts",
    "Unfinished",
    "counted",
    "exit_statuses",
    "fitted",
    "new_passphrase",
    "offering",
    "periods",
    "print_failure",
    "print_file",
    "print_json",
    "print_key",
    "progress",
    "run",
    "say",
    "shown",
    "table_text",
    "text_width",
    "version_option",
    "wrapped",
    "wrong_option",
]
