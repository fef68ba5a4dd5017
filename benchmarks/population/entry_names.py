"""How a reporter writes names: the spelling, the slips, and a second name where it knows one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np
from numpy.typing import NDArray

from benchmarks.population import spelling
from benchmarks.population.desk import Desk, only

__all__ = ["copy_names", "draft_names", "finish_names"]

_PASSPORT: Final = "passport"

Texts = NDArray[np.object_]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


def draft_names(desk: Desk) -> tuple[Texts, Texts]:
    """Write given and family names with slips of the hand and lost letters.

    Returns:
        Given and family names, each (e,) object.
    """
    alias = _aliases(desk)
    given, family = _given(desk, alias), _family(desk, alias)
    # Without nicknames nothing is drawn, so other populations stay as they were before there were any.
    if desk.rates.nickname:
        called = desk.hit(desk.rates.nickname)
        desk.change(given, called, "nickname", lambda text: spelling.nickname(text, desk.rng))
    for texts, flag in ((given, "typo_given"), (family, "typo_family")):
        desk.change(texts, desk.hit(desk.rates.part_lost), "part_lost", lambda text: spelling.lose_part(text, desk.rng))
        desk.change(texts, desk.hit(desk.rates.hyphen_lost), "hyphen_lost", _lose_hyphen(desk))
        desk.change(texts, desk.hit(desk.rates.typo), flag, lambda text: spelling.typo(text, desk.rng))
    for flag, edit in (
        ("travel_letters", spelling.travel_letters),
        ("folded", spelling.fold),
        ("mojibake", spelling.mojibake),
    ):
        rows = desk.hit(getattr(desk.rates, flag))
        desk.change(given, rows, flag, edit)
        desk.change(family, rows, flag, edit)
    return given, family


def copy_names(given: Texts, family: Texts, source: Ints, native: Bools) -> None:
    """Copy names from the entries of a sender, in place.

    Args:
        given: Given names of all entries of all reporters.
        family: Family names of all entries of all reporters.
        source: (e,) the entry to copy from, -1 for none.
        native: (e,) whether the receiver keeps letters that the Swedish register does not have.
    """
    for texts in (given, family):
        for i in np.flatnonzero(source >= 0).tolist():
            text = texts[source[i]]
            texts[i] = text if native[i] or text.isascii() else spelling.register_letters(text)


def finish_names(desk: Desk, given: Texts, family: Texts) -> dict[str, Texts]:
    """Bring names into the reporter's form: capitals, exchanged or missing names, second names.

    Args:
        desk: The entries.
        given: Given names as drafted or copied; changed in place.
        family: Family names likewise.

    Returns:
        The reporter's name columns.
    """
    columns = {"given_names": given, "family_names": family}
    if desk.reporter.capitals:
        family[:] = [text.upper() for text in family.tolist()]
    swapped = desk.hit(desk.rates.swapped)
    given[swapped], family[swapped] = family[swapped], given[swapped]
    desk.mark(swapped, "swapped")
    for texts in (given, family):
        _lose(desk, texts)
    if "name_of_address" in desk.reporter.columns:
        columns["name_of_address"] = _address(desk)
    columns |= _second_names(desk)
    return columns


def _lose_hyphen(desk: Desk) -> Callable[[str], str]:
    return lambda text: spelling.lose_hyphen(text, desk.rng, space=desk.rates.hyphen_space)


def _lose(desk: Desk, texts: Texts) -> None:
    """Leave names out, or type a placeholder instead."""
    unknown = desk.hit(desk.rates.name_placeholder)
    words = desk.rng.integers(0, len(desk.reporter.placeholders), len(texts))
    texts[unknown] = np.array(desk.reporter.placeholders, dtype=object)[words[unknown]]
    desk.mark(unknown, "name_placeholder")
    texts[desk.chance(desk.reporter.no_name)] = None


def _aliases(desk: Desk) -> Bools:
    """Draw the entries that show an alias instead of the name."""
    known = (desk.population.alias[desk.person, 1] >= 0) & desk.known_before()
    alias = desk.hit(desk.rates.false_name, among=known)
    desk.mark(alias, "false_name")
    return alias


def _given(desk: Desk, alias: Bools) -> Texts:
    """Write all given names, the name of address, or the first name."""
    population, person = desk.population, desk.person
    naming = population.naming
    names, joined = naming.given[person], naming.joined[person]
    called = naming.called[person] if desk.reporter.given == "called" else np.zeros_like(person)
    earlier = population.earlier_given[person]
    before = (earlier >= 0) & ~desk.changed()
    names[before, 0] = earlier[before]
    names[alias] = np.column_stack([population.alias[person[alias], 0], np.full((alias.sum(), 2), -1)])
    called[alias] = 0
    names = _respell(_as_in_passport(names, desk), desk)
    if desk.reporter.given != "all":
        # The two halves of a hyphenated name count as one name.
        both = joined & (called < 2)
        first = np.where(both, names[:, 0], np.take_along_axis(names, called[:, None], axis=1)[:, 0])
        names = np.column_stack([first, np.where(both, names[:, 1], -1), np.full_like(first, -1)])
        joined = both
    return _join(names, joined & (names[:, 1] >= 0), desk)


def _family(desk: Desk, alias: Bools) -> Texts:
    """Write family names: the former one before a change, and sometimes after it."""
    population, person = desk.population, desk.person
    names = population.naming.family[person]
    earlier = population.earlier_family[person]
    old = desk.hit(desk.rates.old_name, among=(earlier >= 0) & desk.changed() & desk.known_before())
    desk.mark(old, "old_name")
    former = ((earlier >= 0) & ~desk.changed()) | old
    names[former, 0] = earlier[former]
    names[alias, 0] = population.alias[person[alias], 1]
    names = _respell(_as_in_passport(names, desk), desk)
    return _join(names, np.zeros(len(person), dtype=bool), desk)


def _as_in_passport(names: Ints, desk: Desk) -> Ints:
    """Write names as the passport spells them, if the reporter follows passports."""
    if desk.reporter.spelling != _PASSPORT:
        return names
    vocabulary, step = desk.population.names.vocabulary, desk.population.passport_step[desk.person][:, None]
    start, size = vocabulary.start[names], vocabulary.size[names]
    other = start + (names - start + 1 + step % np.maximum(size - 1, 1)) % size
    return np.where((names >= 0) & (step > 0), other, names)


def _respell(names: Ints, desk: Desk) -> Ints:
    """Write some names in another of their spellings."""
    rows = desk.rng.random(names.shape) < desk.rates.variant * desk.reporter.errors
    other = np.where(rows, desk.population.names.vocabulary.other(names, desk.rng), names)
    desk.mark((other != names).any(axis=1), "variant")
    return other


def _join(names: Ints, hyphen: Bools, desk: Desk) -> Texts:
    """Join the names of each row, the first two with a hyphen where asked."""
    vocabulary = desk.population.names.vocabulary
    text = vocabulary.text if desk.reporter.native_letters else vocabulary.register
    joined: Texts = text[names[:, 0]]
    for place in range(1, names.shape[1]):
        rows = np.flatnonzero(names[:, place] >= 0)
        between = np.where(hyphen[rows], "-", " ").astype(object) if place == 1 else " "
        joined[rows] = joined[rows] + between + text[names[rows, place]]
    return joined


def _address(desk: Desk) -> Texts:
    """Write the name of address where it is not the first given name."""
    naming = desk.population.naming
    called = naming.called[desk.person]
    names = naming.given[desk.person, called]
    return only(desk.population.names.vocabulary.register[names], (called > 0) & desk.chance(desk.reporter.second))


def _second_names(desk: Desk) -> dict[str, Texts]:
    """Write aliases and former names in the second-name columns that the reporter has."""
    population, person, columns = desk.population, desk.person, desk.reporter.columns
    if "family_names_2" not in columns:
        return {}
    register = population.names.vocabulary.register
    listed = desk.chance(desk.reporter.second) & desk.known_before()
    earlier = population.earlier_family[person]
    given, family = np.full(len(person), None, dtype=object), np.full(len(person), None, dtype=object)
    former = listed & (earlier >= 0) & desk.changed()
    family[former] = register[earlier[former]]
    if "given_names_2" not in columns:
        return {"family_names_2": family}
    alias = listed & (population.alias[person, 1] >= 0)
    given[alias] = register[population.alias[person[alias], 0]]
    family[alias] = register[population.alias[person[alias], 1]]
    return {"given_names_2": given, "family_names_2": family}
