"""Every named mistake changes a vector."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from tests.vectors.mutations import MUTATIONS, Mutation, noticed, patched_source, table

FOLDER = Path(__file__).parent
QUICK = {"subkeys_without_profile", "nine_identities"}


@pytest.mark.slow
@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda mutation: mutation.name)
def test_every_mutation_is_noticed(mutation: Mutation) -> None:
    assert noticed(mutation) is not None


@pytest.mark.whole
@pytest.mark.parametrize(
    "mutation", [one for one in MUTATIONS if one.name in QUICK], ids=lambda mutation: mutation.name
)
def test_a_few_mutations_are_noticed(mutation: Mutation) -> None:
    found = noticed(mutation)
    assert found is not None
    assert found.document == mutation.document


@pytest.mark.slow
def test_without_a_mutation_nothing_changes() -> None:
    assert noticed(None) is None


def test_every_mutation_can_be_applied_and_has_a_name_of_its_own() -> None:
    assert all(patched_source(mutation) for mutation in MUTATIONS)
    assert set(Counter(mutation.name for mutation in MUTATIONS).values()) == {1}
    assert len(MUTATIONS) >= 40


def test_a_mutation_leaves_the_generator_as_it_was() -> None:
    from tests.vectors import read_names

    before = read_names
    (mutation,) = (one for one in MUTATIONS if one.name == "subkeys_without_profile")
    noticed(mutation)
    from tests.vectors import read_names as after

    assert after is before


def test_the_page_lists_every_mutation() -> None:
    assert table() in (FOLDER / "README.md").read_text(encoding="utf-8")
