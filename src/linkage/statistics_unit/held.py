"""The files that a registry holds back, as programs use them."""

from __future__ import annotations

from collections.abc import Iterable

from linkage.intake.trust import HeldFile, dismiss, read_held
from linkage.progress import now
from linkage.store import Store

__all__ = ["Held"]


class Held:
    """Which files wait for a decision of the registry's staff; nothing of what is in them is stored.

    To accept one, receive it again with the option that its error names.
    """

    def __init__(self, store: Store) -> None:
        """Use `Registry.held` instead."""
        self._store = store

    def files(self, *, dismissed: bool = False) -> list[HeldFile]:
        """Return the files that wait, in the order in which they came.

        Args:
            dismissed: Whether to return those too that were dismissed.
        """
        with self._store.session(write=False) as session:
            return read_held(session, dismissed=dismissed)

    def dismiss(self, numbers: Iterable[int]) -> list[HeldFile]:
        """Decide that files are not received: all of them, or none if one is unknown.

        Args:
            numbers: Their numbers, as `files` gives them.

        Returns:
            The files.

        Raises:
            RecordError: `held.unknown` if no file with such a number waits.
            RegistryError: The registry cannot be opened or written.
        """
        with self._store.session(write=True) as session, session.transaction():
            return [dismiss(session, number, at=now()) for number in dict.fromkeys(numbers)]
