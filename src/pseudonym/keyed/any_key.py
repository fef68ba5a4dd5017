"""Read a key file of a reporter without knowing which kind of key it holds."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from pseudonym.errors import KeyFileError, concerning
from pseudonym.keyed.body_key import BodyKey
from pseudonym.keyed.keys import LinkageKey
from pseudonym.keyed.stored import StoredKey, read_stored

__all__ = ["KINDS", "load_any_key"]

KINDS: Final[dict[str, type[StoredKey]]] = {"linkage": LinkageKey, "body": BodyKey}
"""The kinds of keys that a reporter has, by the name of what they are for."""


def load_any_key(path: str | Path, *, kind: str | None = None) -> tuple[LinkageKey | BodyKey, bool]:
    """Read a key file.

    Args:
        path: The file.
        kind: The kind that it must be, a member of `KINDS`; None for any.

    Returns:
        The key, and whether its file is wrapped.

    Raises:
        KeyFileError: As for `StoredKey.load`; `key.form` also if it is of another kind.

    Warns:
        KeyFileWarning: Other users of the computer can use the file.
    """
    file = read_stored(path, "linkage key or body key")
    with concerning(path):
        key = _parsed(file.text, kind)
    file.warn_if_shared()
    return key, file.wrapped


def _parsed(text: str, kind: str | None) -> LinkageKey | BodyKey:
    wanted = [one for name, one in KINDS.items() if kind in {None, name}]
    for one in wanted:
        if any(line.strip().startswith(f"{one.LABEL}.") for line in text.splitlines()):
            key = one.parse(text)
            assert isinstance(key, LinkageKey | BodyKey)
            return key
    nouns = " or ".join(one.NOUN for one in wanted)
    raise KeyFileError(
        "key.form",
        f"The file does not hold exactly one {nouns}.",
        hint="Check the path. Keys of the registry are for: linkage key",
    )
