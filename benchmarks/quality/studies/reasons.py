"""Why a pair was missed or wrongly linked, in words, from plaintext that only a benchmark may see."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import product

from pseudonym.identity.identities import Identity
from pseudonym.identity.tokens import CombinationCodes, Combinations, minhash_sources, rich_enough
from pseudonym.profile import Combination, Encoding, MinHash

__all__ = ["alike", "no_shared_key", "status"]


def status(a: Sequence[Identity], b: Sequence[Identity]) -> str:
    """Return in one line how two records compare, field by field, over their most similar identities.

    Args:
        a: The identities of one record.
        b: The identities of the other.
    """
    return ", ".join(
        min((read(one, other) for one, other in product(a, b)), key=_ORDER.index) for read in (_number, _date, _names)
    )


_ORDER = (
    "number equal", "number differs", "other number equal", "other number differs", "no common number",
    "date equal", "date in part", "date differs in one part", "date differs", "date missing",
    "names sound alike", "names exchanged", "one name sounds alike", "name missing", "names differ",
)  # fmt: skip
"""Best agreement first, within each field."""


def _number(a: Identity, b: Identity) -> str:
    one, other = a.number, b.number
    if one is not None and other is not None and one.type == other.type:
        return "number equal" if one.compact == other.compact else "number differs"
    if a.foreign_number and b.foreign_number:
        return "other number equal" if a.foreign_number == b.foreign_number else "other number differs"
    return "no common number"


def _date(a: Identity, b: Identity) -> str:
    parts = [
        (a.birth.exact_year, b.birth.exact_year),
        (a.birth.month, b.birth.month),
        (a.birth.day, b.birth.day),
    ]
    known = [(one, other) for one, other in parts if one is not None and other is not None]
    differs = sum(one != other for one, other in known)
    if not known:
        return "date missing"
    if differs:
        return "date differs in one part" if differs == 1 else "date differs"
    return "date equal" if len(known) == len(parts) else "date in part"


def _names(a: Identity, b: Identity) -> str:
    given, family = ({*one.sounds} & {*other.sounds} for one, other in ((a.given, b.given), (a.family, b.family)))
    if given and family:
        return "names sound alike"
    if {*a.given.sounds} & {*b.family.sounds} and {*a.family.sounds} & {*b.given.sounds}:
        return "names exchanged"
    if given or family:
        return "one name sounds alike"
    if not (a.given and b.given) or not (a.family and b.family):
        return "name missing"
    return "names differ"


def no_shared_key(a: Sequence[Identity], b: Sequence[Identity], encoding: Encoding) -> str:
    """Return for each combination of a profile why two records share no match key.

    Args:
        a: The identities of one record.
        b: The identities of the other.
        encoding: The profile's encoding.
    """
    found = []
    for key in encoding.match_keys:
        if isinstance(key, MinHash):
            found.append(f"{key.kind}: likeness {alike(a, b, key):.2f}")
        else:
            one, other = (_messages(identities, key) for identities in (a, b))
            found.append(f"{key.kind}: {'differs' if one and other else 'absent'}")
    return "; ".join(found)


def _messages(identities: Sequence[Identity], key: Combination) -> list[bytes]:
    found = CombinationCodes()
    for identity in identities:
        Combinations([key]).add_one(identity, found)
    return found.messages


def alike(a: Sequence[Identity], b: Sequence[Identity], key: MinHash) -> float:
    """Return the weighted Jaccard coefficient of the tokens of two records, which MinHash estimates.

    Args:
        a: The identities of one record.
        b: The identities of the other.
        key: The match key.

    Returns:
        The coefficient of the most similar identities; 0 if one of them has too few tokens for a code.
    """
    sources = minhash_sources(key.weights)

    def tokens(identity: Identity) -> set[tuple[str, str, int]]:
        if not rich_enough(identity, sources):
            return set()
        return {
            (*token, copy)
            for source, weight in sources
            for token in source.tokens(source.value(identity))
            for copy in range(weight)
        }

    return _best(tokens, a, b)


def _best(
    tokens: Callable[[Identity], set[tuple[str, str, int]]], one: Iterable[Identity], other: Iterable[Identity]
) -> float:
    sets = [tokens(identity) for identity in one], [tokens(identity) for identity in other]
    return max(len(x & y) / len(x | y) if x and y else 0.0 for x, y in product(*sets))
