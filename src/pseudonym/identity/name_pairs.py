"""The field `name_pair`: whether names that look exchanged have a word in common (docs/spec.md, section 6).

The bigrams of Hans Larsson are those of Lars Hansson. So the leading words of given and family names are hashed, each
in a slot of its own, in an order that does not depend on which of them is the given name.
"""

from __future__ import annotations

from pseudonym.identity.identity import Identity
from pseudonym.identity.names import sound

__all__ = ["name_pair", "name_pair_tokens"]

_TAG = "name_pair"


def name_pair(identity: Identity) -> tuple[str, str] | None:
    """Return the leading words of given and family names, sorted.

    Args:
        identity: The identity.

    Returns:
        The two words; None if either name is missing, or if one word begins with the sounds of the other: Karl Karlsson
        exchanged is hardly another name, and Carl Carlsson is the same.
    """
    given, family = identity.given.lead, identity.family.lead
    if not (given and family):
        return None
    one, other = sound(given), sound(family)
    if one.startswith(other) or other.startswith(one):
        return None
    # Code points and UTF-8 bytes sort alike, so text order is the order of the specification.
    return (given, family) if given <= family else (family, given)


def name_pair_tokens(pair: tuple[str, str] | None) -> list[tuple[str, str]]:
    """Return the tokens of the two slots.

    Args:
        pair: As `name_pair` returns it.

    Returns:
        Tag and text of each slot; none for None.
    """
    return [] if pair is None else [(_TAG, f"0:{pair[0]}"), (_TAG, f"1:{pair[1]}")]
