"""Texts as q-grams."""

from __future__ import annotations

__all__ = ["qgrams"]


def qgrams(text: str, q: int = 2, *, padding: str = " ", positional: bool = False) -> list[str]:
    """Return the q-grams of a text, in order, repeated ones too.

    >>> qgrams("rut")
    [' r', 'ru', 'ut', 't ']
    >>> qgrams("rut", padding="")
    ['ru', 'ut']
    >>> qgrams("11", 1, positional=True)
    ['1 1', '2 1']

    Args:
        text: The text. It is not changed: whoever wants equal case or no accents sees to it before.
        q: The number of characters.
        padding: The character that stands `q - 1` times before and after the text, so that its first and its last
            character are in as many q-grams as the others; empty for none.
        positional: Whether a q-gram has its position, from 1, before it, for texts such as dates.

    Returns:
        The q-grams; of an empty text, none.

    Sees: plaintext
    """
    if not text:
        return []
    padded = f"{padding * (q - 1)}{text}{padding * (q - 1)}"
    grams = [padded[place : place + q] for place in range(len(padded) - q + 1)]
    return [f"{place} {gram}" for place, gram in enumerate(grams, start=1)] if positional else grams
