"""The one line that a key is: a label, fields that are not secret, the key in base32 and check digits, with dots.

The label is in capitals. That of a secret key says SECRET, as a warning to whoever opens the file. Each kind of key has
its own, which the caller names, so that one kind is never read as another.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
import secrets
from collections.abc import Sequence
from typing import Final

__all__ = [
    "SECRET_BYTES",
    "KeyTextError",
    "checked_parts",
    "decoded",
    "encoded",
    "format_key",
    "format_line",
    "parse_key",
    "parse_line",
    "with_check",
]

SECRET_BYTES: Final = 32
CHECK_DIGITS: Final = 8

_BASE32 = re.compile(r"[A-Z2-7]+")


class KeyTextError(ValueError):
    """A text is not a key of this form.

    Attributes:
        mistyped: Whether the form is right and only the check digits are wrong, as after a typing error.
    """

    def __init__(self, *, mistyped: bool) -> None:
        super().__init__("The text does not hold exactly one key.")
        self.mistyped = mistyped


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
    return f"{comment}{format_line(label, secret, fields=fields)}\n"


def format_line(label: str, key: bytes, *, fields: Sequence[str] = ()) -> str:
    """Write a key, secret or public, as one line.

    Args:
        label: What kind of key it is.
        key: The key.
        fields: As for `format_key`.

    Returns:
        The line, without a line end.
    """
    return with_check(".".join((label, *fields, encoded(key))))


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
    return parse_line(text, label, n_bytes=SECRET_BYTES, n_fields=n_fields)


def parse_line(text: str, label: str, *, n_bytes: int, n_fields: int = 0) -> tuple[list[str], bytes]:
    """Read a key, secret or public; anything that `format_line` would not write is refused, comments aside.

    Args:
        text: The text, which has one line that is no comment.
        label: The kind of key that it must be.
        n_bytes: The length of the key.
        n_fields: How many fields it has.

    Returns:
        The fields and the key.

    Raises:
        KeyTextError: It is something else, or its check digits are wrong.
    """
    parts = checked_parts(text, label, at_least=n_fields + 2, at_most=n_fields + 2)
    return parts[1:-1], decoded(parts[-1], n_bytes)


def checked_parts(text: str, label: str, *, at_least: int, at_most: int) -> list[str]:
    """Return the parts of the line of a key, without its check digits, which are right.

    Args:
        text: As for `parse_line`.
        label: Likewise.
        at_least: How many parts there must be, check digits aside.
        at_most: How many there may be.

    Returns:
        The label and what follows it.

    Raises:
        KeyTextError: It is something else, or its check digits are wrong.
    """
    lines = [line.strip() for line in text.splitlines()]
    lines = [line for line in lines if line and not line.startswith("#")]
    parts = lines[0].split(".") if len(lines) == 1 else []
    if not at_least < len(parts) <= at_most + 1 or parts[0] != label or not _BASE32.fullmatch(parts[-2]):
        raise KeyTextError(mistyped=False)
    body, _, check = lines[0].rpartition(".")
    if not secrets.compare_digest(_bytes(_check(body)), _bytes(check)):
        raise KeyTextError(mistyped=True)
    return parts[:-1]


def with_check(body: str) -> str:
    """Return what precedes the check digits of a line with them."""
    return f"{body}.{_check(body)}"


def encoded(value: bytes) -> str:
    """Return bytes in base32 [RFC4648], without padding."""
    return base64.b32encode(value).decode().rstrip("=")


def decoded(text: str, n_bytes: int) -> bytes:
    """Return the bytes that `encoded` has written.

    Args:
        text: The text.
        n_bytes: How many bytes it must be.

    Raises:
        KeyTextError: It is another text; there is only one for each value.
    """
    try:
        value = base64.b32decode(text + "=" * (-len(text) % 8))
    except (binascii.Error, ValueError):
        raise KeyTextError(mistyped=False) from None
    if len(value) != n_bytes or encoded(value) != text:
        raise KeyTextError(mistyped=False)
    return value


def _check(text: str) -> str:
    return hashlib.sha256(_bytes(text)).hexdigest()[:CHECK_DIGITS]


def _bytes(text: str) -> bytes:
    # A lone surrogate is only a wrong character; the error of the codec would hold the text, and so the key.
    return text.encode("utf-8", "surrogatepass")
