"""Key files under a pass phrase: AES-256-GCM under a key that Argon2id makes of the pass phrase.

The label of the key and its fields stay in clear, so one sees which key it is, and are authenticated with it. The cost
of Argon2id [RFC9106] is in the file. It is bounded when it is read: a file from a stranger must not take gigabytes or
minutes.
"""

from __future__ import annotations

import re
import secrets
import unicodedata
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final, NamedTuple

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from pseudonym.key_file.text import (
    SECRET_BYTES,
    KeyTextError,
    checked_parts,
    decoded,
    encoded,
    format_line,
    with_check,
)

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

__all__ = ["LABEL", "MIN_CHARACTERS", "WrongPassphrase", "is_wrapped", "unwrap", "wrap"]

LABEL: Final = "PSEUDONYM-SECRET-WRAPPED-KEY-1"

MIN_CHARACTERS: Final = 12
"""A shorter pass phrase is not accepted for a new file."""

_COMMENT: Final = "# SECRET. A key under a pass phrase. Without the pass phrase nobody can read it, nor can you.\n"

_SALT_BYTES: Final = 16
_TAG_BYTES: Final = 16

_NONCE: Final = bytes(12)
"""The key of AES is new for each salt and encrypts once, so its nonce may be fixed."""

_NUMBER: Final = re.compile(r"[1-9][0-9]{0,6}")
_AFTER_FIELDS: Final = 5
"""Parts of the line behind the fields of the key: three numbers, salt, sealed secret."""

_MOST_FIELDS: Final = 4
"""More than any kind of key has."""


class _Cost(NamedTuple):
    """What a guess costs: the parameters of Argon2id, memory in KiB."""

    iterations: int
    memory: int
    lanes: int


COST: Final = _Cost(iterations=3, memory=1 << 16, lanes=4)
"""The second recommended option of [RFC9106], section 4: 64 MiB."""

_MOST: Final = _Cost(iterations=8, memory=1 << 18, lanes=8)
"""The most that is read: 256 MiB, some seconds."""


class WrongPassphrase(ValueError):
    """The pass phrase is not that of the file, or the file was altered."""

    def __init__(self) -> None:
        super().__init__("The pass phrase is wrong, or the file was altered.")


def is_wrapped(text: str) -> bool:
    """Return whether the text of a key file is under a pass phrase."""
    lines = (line.strip() for line in text.splitlines())
    return any(line.startswith(f"{LABEL}.") for line in lines)


def wrap(label: str, secret: bytes, passphrase: str, *, fields: Sequence[str] = ()) -> str:
    """Write a key under a pass phrase as the text of a file.

    Args:
        label: What kind of key it is.
        secret: 32 bytes.
        passphrase: The pass phrase, not too short.
        fields: What is not secret, in order; none holds a dot.

    Returns:
        The text; another one each time.

    Raises:
        ValueError: The pass phrase is shorter than `MIN_CHARACTERS`.
    """
    if len(passphrase) < MIN_CHARACTERS:
        raise ValueError(f"A pass phrase has at least {MIN_CHARACTERS} characters.")
    salt = secrets.token_bytes(_SALT_BYTES)
    head = ".".join((LABEL, label, *fields, *map(str, COST), encoded(salt)))
    sealed = _cipher(passphrase, salt, COST).encrypt(_NONCE, secret, head.encode())
    return f"{_COMMENT}{with_check(f'{head}.{encoded(sealed)}')}\n"


def unwrap(text: str, passphrase: str) -> str:
    """Read a file that `wrap` wrote.

    Args:
        text: Its text.
        passphrase: The pass phrase.

    Returns:
        The line of the key as it was before.

    Raises:
        KeyTextError: It is something else, its check digits are wrong, or it asks for too much memory or time.
        WrongPassphrase: The pass phrase is wrong, or the file was altered by somebody who renewed its check digits.
    """
    parts = checked_parts(text, LABEL, at_least=_AFTER_FIELDS + 2, at_most=_AFTER_FIELDS + 2 + _MOST_FIELDS)
    label, *fields = parts[1:-_AFTER_FIELDS]
    *numbers, salt_text, sealed_text = parts[-_AFTER_FIELDS:]
    cost, salt = _cost(numbers), decoded(salt_text, _SALT_BYTES)
    sealed = decoded(sealed_text, SECRET_BYTES + _TAG_BYTES)
    try:
        secret = _cipher(passphrase, salt, cost).decrypt(_NONCE, sealed, ".".join(parts[:-1]).encode())
    except InvalidTag:
        raise WrongPassphrase from None
    return format_line(label, secret, fields=fields)


def _cost(numbers: Sequence[str]) -> _Cost:
    if not all(map(_NUMBER.fullmatch, numbers)):
        raise KeyTextError(mistyped=False)
    cost = _Cost(*map(int, numbers))
    # Less than what is written would be the work of somebody who wants to guess.
    if any(not least <= one <= most for least, one, most in zip((COST[0], COST[1], 1), cost, _MOST, strict=True)):
        raise KeyTextError(mistyped=False)
    return cost


def _cipher(passphrase: str, salt: bytes, cost: _Cost) -> AESGCM:
    # Loaded only where a key is wrapped, so that a registry whose keys are open never loads a cipher.
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    # Keyboards compose accents differently.
    plain = unicodedata.normalize("NFC", passphrase).encode("utf-8", "surrogatepass")
    kdf = Argon2id(salt=salt, length=32, iterations=cost.iterations, lanes=cost.lanes, memory_cost=cost.memory)
    return AESGCM(kdf.derive(plain))
