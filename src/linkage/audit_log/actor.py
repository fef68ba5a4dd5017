"""Who is acting: the account of the operating system, and the name that was given beside it.

The account is read from the user id of the process; variables such as LOGNAME, which anybody can set, are not asked.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final

__all__ = ["MAX_LENGTH", "account_name", "acting_as", "actor_name", "check_name"]

MAX_LENGTH: Final = 100

_given: ContextVar[str | None] = ContextVar("actor", default=None)


def account_name() -> str:
    """Return the name of the account under which the process runs; of one without a name, its number."""
    if sys.platform == "win32":
        return os.getlogin()
    import pwd

    number = os.getuid()
    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:
        return f"uid {number}"


def actor_name() -> str:
    """Return the name that `acting_as` gives, otherwise that of the account."""
    return _given.get() or account_name()


def check_name(name: str) -> str:
    """Return a name without blanks around it, if an entry may hold it.

    Args:
        name: The name of a person, a post, a body or a service.

    Raises:
        ValueError: It is empty, longer than 100 characters, or has one that cannot be printed.
    """
    stripped = name.strip()
    if not 0 < len(stripped) <= MAX_LENGTH or not stripped.isprintable():
        raise ValueError("a name has 1 to 100 characters that can be printed")
    return stripped


@contextmanager
def acting_as(name: str | None) -> Iterator[None]:
    """Enter acts inside the block under a name; the account is entered beside it.

    Args:
        name: Who acts, such as the person for whom a service runs; None for nobody but the account.

    Raises:
        ValueError: As for `check_name`.
    """
    token = _given.set(None if name is None else check_name(name))
    try:
        yield
    finally:
        _given.reset(token)
