"""What the registry's staff has accepted for the files of one call, and would otherwise be refused or held back."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final, TypedDict

__all__ = ["NOTHING", "Accept", "Accepted"]


class Accept(TypedDict, total=False):
    """The same as keywords, as `Registry.receive` takes them."""

    accept_withdrawals: bool
    accept_replacements: bool
    accept_sequence: bool
    accept_reporters: Collection[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """What has been accepted.

    Attributes:
        accept_withdrawals: A complete delivery may leave out, and so erase, any number of records of its period;
            otherwise at most 5 %.
        accept_replacements: A delivery may change the codes of most records of its reporter.
        accept_sequence: A sequence number may be far from the reporter's last one.
        accept_reporters: Codes of new reporters that are right although the registry knows nearly the same.
    """

    accept_withdrawals: bool = False
    accept_replacements: bool = False
    accept_sequence: bool = False
    accept_reporters: Collection[str] = ()

    def __post_init__(self) -> None:
        """Refuse a single code, which would be read as its letters."""
        if isinstance(self.accept_reporters, str):
            raise TypeError("accept_reporters takes several codes")

    def words(self, reporter: str) -> list[str]:
        """Return what was accepted for a file of a reporter, as words for the audit log."""
        given = {
            "withdrawals": self.accept_withdrawals,
            "replacements": self.accept_replacements,
            "sequence": self.accept_sequence,
            "reporter": reporter in self.accept_reporters,
        }
        return [word for word, holds in given.items() if holds]


NOTHING: Final = Accepted()
