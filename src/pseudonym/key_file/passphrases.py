"""Who is asked for the pass phrase of a key file: whatever the program has set for the time being."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import Final

from pseudonym.key_file.text import KeyTextError
from pseudonym.key_file.wrap import WrongPassphrase, unwrap

__all__ = ["Ask", "KeyLockedError", "asking", "asking_nobody", "unlocked"]

Ask = Callable[[Path], str]
"""Returns the pass phrase of a key file."""


class KeyLockedError(Exception):
    """A wrapped key file cannot be read.

    Attributes:
        rule: The end of the rule that is broken: `wrapped`, `passphrase` or `wrapped_form`.
        message: What is wrong, in a constant sentence.
        hint: What to do about it.
    """

    def __init__(self, rule: str, message: str, hint: str) -> None:
        super().__init__(message)
        self.rule = rule
        self.message = message
        self.hint = hint


class _Asker:
    """Asks for the pass phrase of each file once, and keeps the key rather than the pass phrase."""

    def __init__(self, ask: Ask) -> None:
        self._ask = ask
        self._open: dict[bytes, str] = {}

    def silent(self) -> _Asker:
        """Return an asker that knows the files that this one has opened, and asks nobody about others."""
        made = _Asker(_refuse)
        made._open = self._open
        return made

    def open_text(self, path: Path, text: str) -> str:
        place = hashlib.sha256(text.encode()).digest()
        if place not in self._open:
            self._open[place] = unwrap(text, self._ask(path))
        return self._open[place]

    def __repr__(self) -> str:
        return "<_Asker>"


_ASKER: Final[ContextVar[_Asker | None]] = ContextVar("asker", default=None)


@contextmanager
def asking(ask: Ask) -> Iterator[None]:
    """Let the block read wrapped key files.

    Args:
        ask: Called with the path of each wrapped file that is read, once for each content; returns its pass phrase.
    """
    token = _ASKER.set(_Asker(ask))
    try:
        yield
    finally:
        _ASKER.reset(token)


@contextmanager
def asking_nobody() -> Iterator[None]:
    """Let the block read those wrapped key files that were opened before within the same `asking`, and no others."""
    asker = _ASKER.get()
    token = _ASKER.set(None if asker is None else asker.silent())
    try:
        yield
    finally:
        _ASKER.reset(token)


def unlocked(path: Path, text: str) -> str:
    """Return the open text of a wrapped key file.

    Args:
        path: The file.
        text: Its text.

    Raises:
        KeyLockedError: Nobody can be asked, the pass phrase is wrong, or the file is damaged or asks for more memory or
            time than is given.
    """
    asker = _ASKER.get() or _Asker(_refuse)
    try:
        return asker.open_text(path, text)
    except WrongPassphrase:
        raise KeyLockedError(
            "passphrase",
            "The pass phrase is wrong, or the key file was altered.",
            "Try again. Without the pass phrase the key is lost: use its backup.",
        ) from None
    except KeyTextError:
        raise KeyLockedError(
            "wrapped_form",
            "The wrapped key file is damaged, or asks for more memory or time than is given to it.",
            "Use its backup, or copy it again.",
        ) from None


def _refuse(_path: Path) -> str:
    raise KeyLockedError(
        "wrapped",
        "The key file is under a pass phrase, and none was given.",
        "In a program, read it within `with pseudonym.key_file.asking(...)`.",
    )
