"""Profiles of a sweep with tables of their own, since m and u depend on how long the segments of a content are."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from importlib import import_module
from typing import Final

from benchmarks.quality.data.datasets import Dataset, synthetic
from benchmarks.quality.studies.field_tables import ERROR_LEVEL, open_profile
from pseudonym.encode import Record
from pseudonym.profile import Linking, Profile, parse_profile

__all__ = ["with_tables"]

# mypy knows the modules of this folder by their names alone, since some of them are run as files.
_generator = import_module("tools.make_profile_tables")
first_values: Callable[[Dataset], list[tuple[str, Record]]] = _generator.first_values
make_linking: Callable[..., dict[str, object]] = _generator.make_linking

PERSONS: Final = 4000
PAIRS: Final = 1_000_000
"""Persons and pairs of the tables: fewer than of those that ship, so that a sweep does not take hours."""

SEED: Final = 1


def with_tables(profile: Profile) -> Profile:
    """Return the profile with tables of m and u that were made for its contents.

    Args:
        profile: A profile with the fields of a built-in one, in segments of other lengths.
    """
    return profile.model_copy(update={"linking": _linking(open_profile(profile).to_json())})


@cache
def _linking(opened: str) -> Linking:
    """Make the tables of a profile whose match key all records share, as text."""
    made = make_linking(parse_profile(opened), _records(), n_pairs=PAIRS, seed=SEED)
    return Linking.model_validate_json(json.dumps({"source": "python -m benchmarks.attacks frontier", **made}))


@cache
def _records() -> list[tuple[str, Record]]:
    return first_values(synthetic(PERSONS, level=ERROR_LEVEL, seed=SEED))
