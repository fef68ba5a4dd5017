"""Variants of a profile: for the attacker's simulations, for controls, and for sweeps.

They are real profiles, so the real `Encoder` makes their codes; their names show that they belong to the benchmarks.
"""

from __future__ import annotations

import json
from typing import Any

from linkage.linking.compare import comparison_fields
from pseudonym.profile import MinHash, Profile, parse_profile

__all__ = ["content_only", "exact_only", "keys_only", "unpadded", "with_encoding"]


def with_encoding(profile: Profile, name: str, **members: Any) -> Profile:
    """Return a profile with another name and changed members of its encoding, validated like any profile.

    Args:
        profile: The profile to start from.
        name: `[a-z0-9-]`, at most 32 characters.
        **members: Members of `encoding`, of JSON types.

    Returns:
        The profile; it keeps the linking tables of its remaining fields.
    """
    document = profile.model_dump(mode="json", exclude_none=True, exclude={"linking"})
    document["name"] = name
    document["encoding"] |= members
    made = parse_profile(json.dumps(document))
    if profile.linking is None:
        return made
    fields = comparison_fields(made.encoding.layout)
    tables = tuple(table for table in profile.linking.fields if table.field in fields)
    return made.model_copy(update={"linking": profile.linking.model_copy(update={"fields": tables})})


def _keys(profile: Profile) -> list[dict[str, Any]]:
    return [key.model_dump(mode="json", exclude_none=True) for key in profile.encoding.match_keys]


def _small_content() -> list[dict[str, Any]]:
    return [{"field": "sex", "form": "slots", "bits": 1, "slots": 1}]


def keys_only(profile: Profile) -> Profile:
    """Return a profile with the same match keys and almost no content, which encodes faster."""
    return with_encoding(profile, "attack-keys", match_keys=_keys(profile), segments=_small_content())


def exact_only(profile: Profile) -> Profile | None:
    """Return a profile with the combinations only, whose equality needs no key to be predicted; None if there is none.

    Contents stay, since a record of several identities repeats a match key for each content that it has.
    """
    exact = {key.kind for key in profile.encoding.match_keys if not isinstance(key, MinHash)}
    keys = [key for key in _keys(profile) if key["kind"] in exact]
    return with_encoding(profile, "attack-exact", match_keys=keys) if keys else None


def content_only(profile: Profile) -> Profile:
    """Return a profile with the same contents and all records in one group, so that any two can be compared."""
    everybody = [{"kind": "everybody", "parts": [], "codes": 1}]
    return with_encoding(profile, "attack-contents", match_keys=everybody)


def unpadded(profile: Profile) -> Profile:
    """Return the same profile without the pad over contents."""
    return with_encoding(profile, "attack-unpadded", padded=False)
