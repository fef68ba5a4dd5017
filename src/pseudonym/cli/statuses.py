"""What the exit status of each command means, for its help and for docs/reference/commands.md."""

from __future__ import annotations

from typing import Final

from pseudonym.console import exit_statuses

__all__ = ["COMMON", "STATUSES", "end_of_help"]

COMMON: Final = {70: "a bug in the library", 130: "interrupted"}
"""Statuses that every command can have."""

_DONE: Final = "done"
_USAGE: Final = "wrong usage"
_KEY: Final = "the key, profile or codebook cannot be used"
_OUTPUT: Final = "the output cannot be written"

_NEW_KEY: Final = {
    0: "the key was written",
    2: _USAGE,
    5: "the key cannot be written, or has a name that no key may have",
}
_WRITTEN_KEY: Final = {0: "the key was written", 2: _USAGE, 5: "the key cannot be read or written"}

STATUSES: Final[dict[str, dict[int, str]]] = {
    "keygen": _NEW_KEY,
    "key new": _NEW_KEY,
    "key inspect": {0: _DONE, 2: _USAGE, 5: "the key cannot be read"},
    "key wrap": _WRITTEN_KEY,
    "key unwrap": _WRITTEN_KEY,
    "enrol": {
        0: "the answer was written",
        2: _USAGE,
        5: "the invite or the key cannot be used, or the key cannot be written",
        6: _OUTPUT,
    },
    "check": {
        0: "no problems",
        2: _USAGE,
        3: "rows would be rejected or values left out, or a submission has warnings",
        4: "the file cannot be used, or encode would refuse it",
        5: "the profile or codebook cannot be used",
        6: "a temporary file cannot be written beside the submission",
    },
    "encode": {
        0: "everything was encoded",
        2: _USAGE,
        3: "written, but rows were rejected or values left out",
        4: "the input cannot be used",
        5: _KEY,
        6: _OUTPUT,
    },
    "totals": {
        0: "the totals were written",
        2: _USAGE,
        4: "the input or a row of it cannot be used",
        5: "the codebook cannot be used",
        6: _OUTPUT,
    },
    "withdraw": {
        0: "the withdrawal was written",
        2: _USAGE,
        4: "an id or a list of ids cannot be used",
        5: "the key cannot be used",
        6: _OUTPUT,
    },
    "show": {0: _DONE, 2: _USAGE, 4: "the file cannot be used"},
    "receipt": {
        0: "the registry signed the receipt, and it is for this reporter",
        2: _USAGE,
        4: "the receipt cannot be read or believed",
        5: "the invite cannot be used",
    },
    "codebook show": {0: _DONE, 2: _USAGE, 5: "the codebook cannot be used"},
    "codebook check": {0: "it is a codebook", 2: _USAGE, 5: "it is not, and the message says where it is wrong"},
    "codebook make": {0: "the codebook was written", 2: _USAGE, 5: "the codebook cannot be used", 6: _OUTPUT},
    "profiles": {0: _DONE, 2: _USAGE},
}
"""The statuses of each command; with any but 0 and 3, nothing was written."""


def end_of_help(command: str, example: str) -> str:
    """Return the end of the help of a command: an example, and what its exit statuses mean.

    Args:
        command: Its words, as in `STATUSES`.
        example: The example.

    Sees: neither
    """
    return f"{example}\n\n{exit_statuses(STATUSES[command])}"
