"""Key files: read whatever is in them, warn where others can read them, written once and whole."""

from __future__ import annotations

import os
import secrets
import stat
import warnings
from pathlib import Path
from typing import Final, NamedTuple

from pseudonym.key_file.passphrases import unlocked
from pseudonym.key_file.text import SECRET_BYTES
from pseudonym.key_file.wrap import is_wrapped
from pseudonym.output import Part

__all__ = ["KeyFile", "KeyFileSizeError", "KeyFileWarning", "draw_secret", "read_key_file", "save_key"]

_MAX_BYTES: Final = 1 << 16
"""No key file is longer, comments included; without a bound, a device would never end."""

_OTHERS: Final = 0o077
"""Every right of the group and of all others."""


class KeyFileSizeError(ValueError):
    """A file is too large to be a key file.

    Attributes:
        hint: What to do about it.
    """

    hint: Final = "Check the path. If it is a key file, remove comments from it."

    def __init__(self) -> None:
        super().__init__("The file is too large to be a key file.")

    @staticmethod
    def message(noun: str) -> str:
        """Return the sentence for users.

        Args:
            noun: What messages call the key.
        """
        return f"The file is too large to be that of a {noun}, which has at most {_MAX_BYTES >> 10} KiB."


class KeyFileWarning(UserWarning):
    """A key was read from a file that other users of the computer can use.

    The message is constant and shows no path, because paths can be sensitive.

    Attributes:
        path: The file.
    """

    def __init__(self, path: Path) -> None:
        super().__init__("Other users of this computer can use the key file: let only its owner read it (chmod 600).")
        self.path = path


class KeyFile(NamedTuple):
    """The content of a key file.

    Attributes:
        path: The file.
        text: Its text, as it is without a pass phrase. Bytes that are not UTF-8 are replaced, since a decoding error
            would contain the key.
        shared: Whether its group or others may read, replace or run it; unknown, and False, on Windows.
        wrapped: Whether it is under a pass phrase.
    """

    path: Path
    text: str
    shared: bool
    wrapped: bool = False

    def warn_if_shared(self, *, stacklevel: int = 3) -> None:
        """Warn the caller of the caller, once the text has turned out to be a key.

        Args:
            stacklevel: As for `warnings.warn`, seen from here.

        Warns:
            KeyFileWarning: The file is shared.
        """
        if self.shared:
            warnings.warn(KeyFileWarning(self.path), stacklevel=stacklevel)

    def __repr__(self) -> str:
        """Show nothing: the text is secret, and the path can be sensitive."""
        return "<KeyFile>"


def draw_secret() -> bytes:
    """Draw the 32 bytes of a new key from the operating system's random source."""
    return secrets.token_bytes(SECRET_BYTES)


def read_key_file(path: str | Path) -> KeyFile:
    """Read a key file, whatever is in it.

    Args:
        path: The file.

    Returns:
        Its content, opened with its pass phrase if it is wrapped.

    Raises:
        KeyFileSizeError: It is larger than any key file.
        KeyLockedError: It is wrapped and cannot be opened.
        OSError: It cannot be read.
    """
    with open(path, "rb") as file:
        mode = os.fstat(file.fileno()).st_mode
        data = file.read(_MAX_BYTES + 1)
    if len(data) > _MAX_BYTES:
        raise KeyFileSizeError
    text = data.decode("utf-8-sig", errors="replace")
    shared = os.name != "nt" and stat.S_ISREG(mode) and bool(mode & _OTHERS)
    wrapped = is_wrapped(text)
    return KeyFile(Path(path), unlocked(Path(path), text) if wrapped else text, shared, wrapped)


def save_key(path: Path, text: str) -> None:
    """Write the text of a key to a new file that only its owner may read.

    Args:
        path: The file.
        text: What `format_key` or `wrap` made.

    Raises:
        FileExistsError: A file already exists at this path; a key is never overwritten.
        OSError: The file cannot be written; nothing is left of it.
    """
    # Half a key under this name would block the next attempt.
    with Part(path) as part:
        part.path.write_text(text, encoding="utf-8", newline="\n")
        part.publish()
