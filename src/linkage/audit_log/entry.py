"""One entry of the log, and the text of it that is hashed.

The text is JSON in ASCII without blanks, with members in the order of their names, so that every entry has one text
only, and `sha256sum` of that text is the digest of the entry.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Protocol

__all__ = ["FIRST", "FORM", "Entry", "SealingKey", "digest_of", "parse_entry", "seal_of"]

FORM: Final = "linkage-audit/1"
"""The form of an entry, which is part of it."""

FIRST: Final = "0" * 64
"""What the first entry has for the digest of the one before."""

PURPOSE: Final = "audit log"
"""Names the subkey under which digests are sealed, so that a seal is good for nothing else."""

_TEXTS: Final = ("account", "act", "actor", "at", "previous", "unit")


class SealingKey(Protocol):
    """The key of a unit, such as `linkage.keys.RegistryKey`."""

    @property
    def check(self) -> str:
        """What identifies the key without revealing it."""
        ...

    def subkey(self, purpose: str) -> bytes:
        """Return the 32-byte subkey for one purpose."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """An entry of the log.

    Attributes:
        number: Its number; the first is 1.
        at: When it was written, in UTC.
        act: A key of `linkage.audit_log.acts.ACTS`.
        actor: Who acted: the account, unless a name was given.
        account: The account of the operating system.
        unit: The unit whose log it is.
        members: What is known of the act.
        previous: Digest of the entry before it, 64 hexadecimal digits.
        sealed_by: What identifies the key that sealed it; None if it is not sealed.
    """

    number: int
    at: str
    act: str
    actor: str
    account: str
    unit: str
    members: Mapping[str, Any]
    previous: str
    sealed_by: str | None = None

    @property
    def text(self) -> str:
        """The text that is hashed."""
        texts = {name: getattr(self, name) for name in _TEXTS}
        document = {**texts, "entry": self.number, "form": FORM, "members": dict(self.members)}
        return json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)

    @property
    def digest(self) -> str:
        """The digest of the entry, 64 hexadecimal digits."""
        return digest_of(self.text)

    def to_dict(self) -> dict[str, Any]:
        """Return plain lists, strings and numbers, as `linkage audit list --json` prints them."""
        return {
            "entry": self.number,
            "at": self.at,
            "act": self.act,
            "actor": self.actor,
            "account": self.account,
            "unit": self.unit,
            "members": dict(self.members),
            "digest": self.digest,
            "sealed_by": self.sealed_by,
        }


def digest_of(text: str) -> str:
    """Return the digest of the text of an entry."""
    return hashlib.sha256(text.encode()).hexdigest()


def seal_of(digest: str, key: SealingKey) -> str:
    """Return the seal of an entry: keyed BLAKE2b [RFC7693] of its digest.

    Args:
        digest: The digest of the entry.
        key: The key of the unit.

    Returns:
        64 hexadecimal digits.
    """
    return hashlib.blake2b(bytes.fromhex(digest), key=key.subkey(PURPOSE), digest_size=32).hexdigest()


def parse_entry(text: str, sealed_by: str | None = None) -> Entry:
    """Read the text of an entry.

    Args:
        text: The text.
        sealed_by: See `Entry`.

    Raises:
        ValueError: It is no text that `Entry.text` writes.
    """
    try:
        document = json.loads(text)
        texts = {name: str(document[name]) for name in _TEXTS}
        entry = Entry(number=int(document["entry"]), members=dict(document["members"]), sealed_by=sealed_by, **texts)
        # Whatever would not be written again as it stands has been written by something else.
        if entry.text == text:
            return entry
    except (KeyError, RecursionError, TypeError, ValueError):
        pass
    raise ValueError("not the text of an entry")
