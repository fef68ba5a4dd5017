"""Explain how to install the packages of an extra, in words that are right however the library itself was installed.

The hint names folders and never the name of the library on an index: until it is published there, whoever registers
that name first decides what is installed.
"""

from __future__ import annotations

from typing import Final

__all__ = ["how_to_install"]

_WHEELHOUSE: Final = frozenset({"registry"})
"""Extras that the wheelhouse has a list for."""


def how_to_install(extra: str) -> str:
    """Return how to install the packages of an extra.

    Args:
        extra: The name of the extra, as pyproject.toml has it.
    """
    hint = f'In the folder of the library that has pyproject.toml, run: python -m pip install ".[{extra}]".'
    if extra in _WHEELHOUSE:
        hint += (
            f" In a wheelhouse, run: python -m pip install --no-index --find-links . --require-hashes -r {extra}.txt."
        )
    return hint
