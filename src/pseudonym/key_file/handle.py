"""The handle that a program holds in place of a secret key."""

from __future__ import annotations

from typing import Any, NoReturn

__all__ = ["KeyHandle"]


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
