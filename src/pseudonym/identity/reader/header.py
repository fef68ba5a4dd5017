"""Read the header: which column holds which field."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from pseudonym.identity.reader.fields import MAX_VALUES, NAMES, RECORD_ID, REPEATABLE, base_of, fold_header
from pseudonym.identity.reader.rules import refused
from pseudonym.identity.reader.titles import CERTAIN_LETTERS, Alias, alias_of, label_titles, squash, suggestion

__all__ = ["Columns", "find_columns"]

MAX_SHOWN_CHARACTERS: Final = 64

DAY_OR_DATE: Final = "fodelsedag"

MIN_NAMED: Final = 3
"""Headers that the user named or that are known, from which a first line is certainly no person."""


NO_FIELD: Final = (
    "'pseudonym encode --help' lists the fields. Items of a codebook are fields only if --codebook names the codebook."
)
NO_HEADER: Final = (
    "No column has the header that --column names for this field. 'pseudonym check INPUT' without that option shows "
    "the columns that are not read."
)


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns of the fields of a file.

    Attributes:
        positions: The column of each field found, from 0.
        n_columns: Number of columns of the header.
        unused: Names of the columns that are not read, if they are certainly names.
        n_unused: Number of columns that are not read.
        headers: The unchanged header of each field found, where it is certainly a name.
        by_alias: Fields found by a header that is not their name.
        suggested: For headers that are not read, the field that they probably stand for.
    """

    positions: Mapping[str, int]
    n_columns: int
    unused: tuple[str, ...]
    n_unused: int
    headers: Mapping[str, str] = field(default_factory=dict)
    by_alias: tuple[str, ...] = ()
    suggested: Mapping[str, str] = field(default_factory=dict)


def find_columns(
    header: list[str],
    known: Iterable[str],
    mapping: Mapping[str, str],
    items: Iterable[str] = (),
) -> Columns:
    """Find the column of each field.

    Names are compared ignoring case and what stands between words. A mapping takes precedence, and a column that it
    names is used for that field only. Field names come next, then other headers that are certain, then labels of items.

    Args:
        header: The fields of the header line.
        known: The names of all fields that may be read.
        mapping: Names of the columns in this file, by field.
        items: The items of the codebook in use, as for `label_titles`.

    Returns:
        The columns.

    Raises:
        InputError: `input.no_record_id_column`, `input.duplicate_column` or `input.column_mapping`. No error shows
            any part of the header: in a file without one, the first line is a person.
    """
    known = tuple(known)
    if not mapping.keys() <= set(known):
        raise refused("input.column_mapping", hint=NO_FIELD)
    folded = [fold_header(name) for name in header]
    claimed = {position for position, title in enumerate(folded) if title in set(map(fold_header, mapping.values()))}
    positions: dict[str, int] = {}
    for name in known:
        found = _mapped(folded, name, mapping) if name in mapping else _named(header, folded, name, claimed)
        if len(found) > 1:
            raise refused("input.duplicate_column", field=name)
        if found:
            positions[name] = found[0]
    if RECORD_ID not in positions:
        raise refused("input.no_record_id_column", field=RECORD_ID)
    labels = label_titles(items)
    by_alias = _find_aliases(header, positions, known, claimed, labels)
    _take_day(header, by_alias, positions)
    positions |= by_alias
    recognised = {
        name: position
        for name, position in positions.items()
        if name not in mapping or _is_usual(header[position], name, labels)
    }
    return _columns(header, positions, tuple(by_alias), known, recognised, items, mapping)


def _mapped(folded: list[str], name: str, mapping: Mapping[str, str]) -> list[int]:
    """Return the columns with the header that the user named for a field."""
    title = fold_header(mapping[name])
    found = [position for position, one in enumerate(folded) if one == title]
    if not found:
        raise refused("input.column_mapping", hint=NO_HEADER, field=name)
    return found


def _named(header: list[str], folded: list[str], name: str, claimed: set[int]) -> list[int]:
    """Return the columns with the name of a field, other than those that the user named for a field."""
    # Files that number the second column often number the first.
    spellings = (name, f"{name}_1") if name in REPEATABLE else (name,)
    for spelling in spellings:
        exact = [position for position, title in enumerate(folded) if title == spelling and position not in claimed]
        if exact:
            return exact
    words = {squash(spelling) for spelling in spellings}
    return [place for place, title in enumerate(header) if place not in claimed and squash(title) in words]


def _find_aliases(
    header: list[str],
    positions: Mapping[str, int],
    known: tuple[str, ...],
    claimed: set[int],
    labels: Mapping[str, str],
) -> dict[str, int]:
    """Find the fields with another header; two kinds of number become two values of one field."""
    found: dict[str, int] = {}
    kinds: dict[str, str] = {}
    for place, title in enumerate(header):
        free = place not in claimed and place not in positions.values()
        alias = (alias_of(title) or _item_of(title, labels)) if free else None
        if alias is None or alias.field not in known:
            continue
        name = alias.field if alias.position == 1 else f"{alias.field}_{alias.position}"
        if alias.field == "number" and name in found and kinds[name] != alias.kind:
            # Personnummer and samordningsnummer side by side are an earlier and a later number of one person.
            name = next(f"number_{n}" for n in range(2, MAX_VALUES + 2) if f"number_{n}" not in {*found, *positions})
        if name in positions or base_of(name)[1] > MAX_VALUES:
            continue
        if name in found:
            raise refused("input.duplicate_column", field=name)
        found[name], kinds[name] = place, alias.kind
    return found


def _take_day(header: list[str], by_alias: dict[str, int], positions: Mapping[str, int]) -> None:
    """Take *Födelsedag* beside a year and a month for the day of the birth; alone it is the whole date."""
    day, found = by_alias.get("birth_date"), {*by_alias, *positions}
    if day is not None and squash(header[day]) == DAY_OR_DATE and {"birth_year", "birth_month"} <= found:
        by_alias["birth_day"] = by_alias.pop("birth_date")


def _item_of(title: str, labels: Mapping[str, str]) -> Alias | None:
    item = labels.get(squash(title))
    return None if item is None else Alias(item, 1, "")


def _is_usual(title: str, name: str, labels: Mapping[str, str]) -> bool:
    """Return whether a header that the user named would be recognised as that of its field without that."""
    alias = alias_of(title) or _item_of(title, labels)
    return squash(title) == squash(name) or (alias is not None and alias.field == base_of(name)[0])


def _columns(
    header: list[str],
    positions: Mapping[str, int],
    by_alias: tuple[str, ...],
    known: tuple[str, ...],
    recognised: Mapping[str, int],
    items: Iterable[str],
    mapped: Collection[str],
) -> Columns:
    """Return the columns, with the headers that are certainly no part of a person."""
    titles = [name.strip() for name in header]
    rest = [title for position, title in enumerate(titles) if position not in set(positions.values())]
    # A header that the user named may also be a word in a first line that is a person.
    words = [squash(titles[position]) for position in recognised.values()]
    are_names = (
        len({*recognised, *mapped}) >= MIN_NAMED
        or RECORD_ID in recognised
        or len(words) > 1
        or any(len(word) >= CERTAIN_LETTERS for word in words)
    )
    headers = {
        name: titles[position]
        for name, position in (positions if are_names else recognised).items()
        if _is_shown(titles[position])
    }
    unused = tuple(filter(_is_shown, rest)) if are_names else ()
    missing = [name for name in known if name not in positions and base_of(name)[1] == 1]
    if {"given_names", "family_names"} <= positions.keys():
        missing = [name for name in missing if name != NAMES]
    suggested = {title: field for title in unused if (field := suggestion(title, missing, items)) is not None}
    return Columns(positions, len(header), unused, len(rest), headers, by_alias, suggested)


def _is_shown(name: str) -> bool:
    return name.isprintable() and 0 < len(name) <= MAX_SHOWN_CHARACTERS
