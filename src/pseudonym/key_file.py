"""One form for the files of all secret keys, and the handle that a program holds in place of a key.

A key file has one line that is not a comment: a label, fields that are not secret, the secret in base32 and check
digits, joined by dots. The label is in capitals and says SECRET, as a warning to whoever opens the file. Each kind of
key has its own, which the caller names, so that one kind is never read as another.
"""

from __future__ import annotations

import base64
import hashlib
import os
import re
import secrets
import stat
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple, NoReturn

from pseudonym.output import Part

__all__ = [
    "SECRET_BYTES",
    "KeyFile",
    "KeyFileSizeError",
    "KeyFileWarning",
    "KeyHandle",
    "KeyTextError",
    "draw_secret",
    "format_key",
    "parse_key",
    "read_key_file",
    "save_key",
]

SECRET_BYTES: Final = 32
CHECK_DIGITS: Final = 8

_MAX_BYTES: Final = 1 << 16
"""No key file is longer, comments included; without a bound, a device would never end."""

_OTHERS: Final = 0o077
"""Every right of the group and of all others."""

_SECRET = re.compile(r"[A-Z2-7]{52}")


class KeyTextError(ValueError):
    """A text is not a key of this form.

    Attributes:
        mistyped: Whether the form is right and only the check digits are wrong, as after a typing error.
    """

    def __init__(self, *, mistyped: bool) -> None:
        super().__init__("The text does not hold exactly one key.")
        self.mistyped = mistyped


class KeyFileSizeError(ValueError):
    """A file is too large to be a key file."""

    def __init__(self) -> None:
        super().__init__("The file is too large to be a key file.")


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
        text: Its text. Bytes that are not UTF-8 are replaced, since a decoding error would contain the key.
        shared: Whether its group or others may read, replace or run it; unknown, and False, on Windows.
    """

    path: Path
    text: str
    shared: bool

    def warn_if_shared(self) -> None:
        """Warn the caller of the caller, once the text has turned out to be a key.

        Warns:
            KeyFileWarning: The file is shared.
        """
        if self.shared:
            warnings.warn(KeyFileWarning(self.path), stacklevel=3)

    def __repr__(self) -> str:
        """Show nothing: the text is secret, and the path can be sensitive."""
        return "<KeyFile>"


class KeyHandle:
    """A secret to be used, never printed, compared by value, copied or pickled.

    A subclass makes its instances in class methods that draw or read a key; calling the class itself is refused.
    """

    __slots__ = ()

    def __init__(self, *_: object, **__: object) -> None:
        """Refuse: a key is drawn or read, never put together."""
        raise TypeError("A key is drawn or read from its file; it cannot be constructed.")

    def __repr__(self) -> str:
        """Show the class only."""
        return f"<{type(self).__name__}>"

    def __eq__(self, other: object) -> bool:
        """Compare identity, never value, so that no timing or set membership tells about a key."""
        return self is other

    def __hash__(self) -> int:
        """Hash identity, as equality does."""
        return id(self)

    def __getstate__(self) -> NoReturn:
        """Refuse to hand out the secret as state."""
        raise TypeError("A key cannot be pickled or copied.")

    def __reduce_ex__(self, protocol: Any) -> NoReturn:
        """Refuse to be pickled or copied."""
        raise TypeError("A key cannot be pickled or copied.")


def draw_secret() -> bytes:
    """Draw the 32 bytes of a new key from the operating system's random source."""
    return secrets.token_bytes(SECRET_BYTES)


def format_key(label: str, secret: bytes, *, fields: Sequence[str] = (), comment: str = "") -> str:
    """Write a key as the text of its file.

    Args:
        label: What kind of key it is.
        secret: 32 bytes.
        fields: What is not secret, in order; none holds a dot.
        comment: Lines that begin with `#`, each with its line end.

    Returns:
        The text.
    """
    line = ".".join((label, *fields, _base32(secret)))
    return f"{comment}{line}.{_check(line)}\n"


def parse_key(text: str, label: str, *, n_fields: int = 0) -> tuple[list[str], bytes]:
    """Read the text of a key file; anything that `format_key` would not write is refused, other comments aside.

    Args:
        text: The text.
        label: The kind of key that it must be.
        n_fields: How many fields that are not secret it has.

    Returns:
        The fields and the secret.

    Raises:
        KeyTextError: It is something else, or its check digits are wrong.
    """
    lines = [line.strip() for line in text.splitlines()]
    lines = [line for line in lines if line and not line.startswith("#")]
    parts = lines[0].split(".") if len(lines) == 1 else []
    if len(parts) != n_fields + 3 or parts[0] != label or not _SECRET.fullmatch(parts[-2]):
        raise KeyTextError(mistyped=False)
    body, _, check = lines[0].rpartition(".")
    if not secrets.compare_digest(_check(body).encode(), check.encode()):
        raise KeyTextError(mistyped=True)
    secret = base64.b32decode(parts[-2] + "====")
    if _base32(secret) != parts[-2]:
        raise KeyTextError(mistyped=False)
    return parts[1:-2], secret


def read_key_file(path: str | Path) -> KeyFile:
    """Read a key file, whatever is in it.

    Args:
        path: The file.

    Returns:
        Its content.

    Raises:
        KeyFileSizeError: It is larger than any key file.
        OSError: It cannot be read.
    """
    with open(path, "rb") as file:
        mode = os.fstat(file.fileno()).st_mode
        data = file.read(_MAX_BYTES + 1)
    if len(data) > _MAX_BYTES:
        raise KeyFileSizeError
    text = data.decode("utf-8-sig", errors="replace")
    shared = os.name != "nt" and stat.S_ISREG(mode) and bool(mode & _OTHERS)
    return KeyFile(Path(path), text, shared)


def save_key(path: Path, text: str) -> None:
    """Write the text of a key to a new file that only its owner may read.

    Args:
        path: The file.
        text: What `format_key` made.

    Raises:
        FileExistsError: A file already exists at this path; a key is never overwritten.
        OSError: The file cannot be written; nothing is left of it.
    """
    # Half a key under this name would block the next attempt.
    with Part(path) as part:
        part.path.write_text(text, encoding="utf-8", newline="\n")
        part.publish()


def _base32(value: bytes) -> str:
    return base64.b32encode(value).decode().rstrip("=")


def _check(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:CHECK_DIGITS]
