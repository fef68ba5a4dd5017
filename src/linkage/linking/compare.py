"""Compare the candidate rows of each pair: one distance per field.

Fields are scored, never match keys. The keys that a pair shares repeat the same fields; when a prototype counted each
key as separate evidence, it estimated a precision of .9999 where the truth was .960. A distance is therefore computed
over all shared keys. If contents are padded, the pad is the same on both sides and cancels in the difference
(docs/spec.md, section 7).

A record with several identities may have one match key with several contents. Then only the closest combination of
contents counts, and a pair that shares such repeated keys is compared on those alone: they show all identities, other
keys only one. Keys that show identities other than the two most similar ones are dropped. So are keys that show two
different numbers if the pair shares a number: an earlier and a later number of one person are not a conflict.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from linkage.linking.compiled.kernels import Plan, Rows, aggregate, closest, of_closest_identities
from linkage.linking.patterns import EXCHANGED_FIELD, NAME_PAIR_FIELD, SWAPPED_FIELD, n_levels
from pseudonym.profile import PRESENCE_BITS, SLOTS_OF_FIELD, Combination, Encoding, FieldTable, Place

__all__ = [
    "EXTRA",
    "Comparison",
    "compare",
    "comparison_fields",
    "levels",
    "number_kinds",
    "sound_alike",
    "sound_kinds",
]

EXTRA: Final = -1.0
"""Marks the extra level of a field in place of a distance; distances are never negative."""

MIRROR_SHARE: Final = 0.5
"""Share of the margin of swapped names that is enough for mirrored ones: that other words are in them is known already.
Jens Hansen and Hans Jensen are alike in order too, and so fall short of the margin."""

N_PAIR_SLOTS: Final = SLOTS_OF_FIELD[NAME_PAIR_FIELD]

_GIVEN: Final = "given_names"
_FAMILY: Final = "family_names"
_DAY: Final = "birth_day"
_SERIAL: Final = "serial"
_NUMBER_PART: Final = "number"
_SOUNDS_OF_A_DATE: Final = frozenset({"year", "month", "day", "sound_pair"})


@dataclass(frozen=True, eq=False)
class Comparison:
    """The distances of pairs.

    Attributes:
        fields: Names of the `f` comparison fields, see `comparison_fields`.
        a: `(p,) int64`, the smaller record of each pair.
        b: `(p,) int64`, the greater record.
        distances: `(p, f) float32`, NaN where the field is absent on either side. For a filter the mean Hamming
            distance over the shared keys, in bits; for slots the number of differing slots; `EXTRA` for the extra
            level.
        n_keys: `(p,) int32`, number of distinct match keys that each pair shares.
    """

    fields: tuple[str, ...]
    a: NDArray[np.int64]
    b: NDArray[np.int64]
    distances: NDArray[np.float32]
    n_keys: NDArray[np.int32]


def comparison_fields(layout: Sequence[Place]) -> tuple[str, ...]:
    """Return the names of the comparison fields of a layout.

    Args:
        layout: Places of the segments.

    Returns:
        The field of each segment, in order; then `swapped` where given and family names have filters of one length.
    """
    fields = tuple(place.field for place in layout)
    return fields if _names(layout) == (-1, -1) else (*fields, SWAPPED_FIELD)


def number_kinds(encoding: Encoding) -> tuple[int, ...]:
    """Return the kinds of match key that only records with the same number share.

    Args:
        encoding: The profile's encoding.

    Returns:
        Kind numbers.
    """
    keys = enumerate(encoding.match_keys)
    return tuple(kind for kind, key in keys if isinstance(key, Combination) and _NUMBER_PART in key.parts)


def sound_kinds(encoding: Encoding) -> tuple[int, ...]:
    """Return the kinds of match key that records share whose names sound alike and whose whole birth dates are equal.

    Args:
        encoding: The profile's encoding.

    Returns:
        Kind numbers.
    """
    keys = enumerate(encoding.match_keys)
    return tuple(kind for kind, key in keys if isinstance(key, Combination) and set(key.parts) == _SOUNDS_OF_A_DATE)


def sound_alike(batch: pa.RecordBatch, kinds: Sequence[int]) -> NDArray[np.bool_]:
    """Return which pairs share a match key of the given kinds.

    Args:
        batch: Rows as `Engine.candidates` yields them.
        kinds: The `sound_kinds`.

    Returns:
        `(p,) bool`, in the order of the batch; all true without kinds, since then nothing shows it.
    """
    starts = _starts(_column(batch, "a"), _column(batch, "b"))[:-1]
    if not len(kinds) or not len(starts):
        return np.ones(len(starts), bool)
    return np.asarray(np.logical_or.reduceat(np.isin(_column(batch, "kind"), kinds), starts))


def compare(
    batch: pa.RecordBatch, layout: Sequence[Place], *, swap_margin: float, numbers: Sequence[int] = ()
) -> Comparison:
    """Compare the pairs of a batch field by field.

    A field is present on both sides if its presence slots are equal in all shared keys; in one key of 256, noise looks
    like presence.

    Given and family names share the tag of their tokens. If the names are exactly swapped, the XORs of both segments
    are therefore identical, and the XOR of these two XORs (the cross) is empty. A pair is swapped if the ones in both
    XORs, on average over the keys, exceed twice the ones in the cross by more than a margin; for unrelated names the
    cross has more than half as many ones as both XORs together. The distance of each name of a swapped pair is half the
    ones in the cross.

    Mirrored patronymics pass that test: Hans Larsson and Lars Hansson have the same bigrams, and the two family names
    end alike. So if the contents have the field `name_pair`, a pair that passes is swapped only if one of its slots is
    equal in every shared key, or if the field is absent: then at least one whole word is in both records. If both slots
    differ, half the margin shows that the names are mirrored. What they have in common then says nothing, and each gets
    the distance of filters in which all bits differ.

    Month and day are exchanged if they have the same XOR in every shared key, and not zero in all: two digits have the
    same bits in one key of 16. Then the month gets its extra level, and the day, which would repeat the same evidence,
    counts as absent.

    Args:
        batch: Rows as `Engine.candidates` yields them.
        layout: Places of the segments.
        swap_margin: The margin of the test for swapped names, in bits.
        numbers: The `number_kinds`. If a pair shares a key of these kinds and has serials, keys with two different
            serials, or with a serial on one side only, show other identities and are dropped.

    Returns:
        The comparison, one row per pair, in the order of the batch.

    Raises:
        ValueError: Contents are shorter than the layout.
    """
    a, b = _column(batch, "a"), _column(batch, "b")
    starts, groups = _starts(a, b), _starts(a, b, _column(batch, "kind"), _column(batch, "key"))
    rows = Rows(_words(batch, "xor"), starts)
    plan = _plan(layout, rows.xor.shape[1], swap_margin)
    n_keys = np.diff(np.searchsorted(groups, starts))
    counted = _of_one_number(rows, np.isin(_column(batch, "kind"), numbers), layout)
    if not counted.all():
        # Starts stay ascending; a group that has lost all its rows starts where the next one does.
        starts_left = _n_before(counted)[groups]
        groups = starts_left[np.append(starts_left[1:] > starts_left[:-1], True)]
        rows = _only(rows, counted)
    if len(groups) <= len(rows.xor):
        rows = _closest(rows, groups, plan)
    rows = _of_closest_identities(rows, plan)
    n_pairs = len(starts) - 1
    totals = np.empty((n_pairs, len(layout)), np.int64)
    crosses, exchanged = np.empty(n_pairs, np.int64), np.empty(n_pairs, np.bool_)
    aggregate(rows, plan, totals, crosses, exchanged)
    n_rows = np.diff(rows.starts)
    filters = np.array([place.form == "filter" for place in layout], bool)
    distances = totals / np.where(filters, n_rows[:, None], 1)
    distances[totals < 0] = np.nan
    if plan.dates != (-1, -1):
        _mark_exchanged(distances, plan, exchanged)
    if plan.names != (-1, -1):
        distances = _with_swapped(distances, plan, crosses / n_rows, other_words=_other_words(totals, layout))
    first = starts[:-1]
    fields = comparison_fields(layout)
    return Comparison(
        fields,
        a[first].astype(np.int64),
        b[first].astype(np.int64),
        distances.astype(np.float32),
        n_keys.astype(np.int32),
    )


def levels(comparison: Comparison, tables: Sequence[FieldTable]) -> NDArray[np.int8]:
    """Convert distances to levels.

    Args:
        comparison: The comparison.
        tables: One table per field to score, in the order of the columns. Fields without a table are not scored.

    Returns:
        `(p, f) int8`, one column per table: the number of edges that the distance does not exceed, the last level for
        `EXTRA`, -1 where absent.

    Raises:
        ValueError: A table is for a field that the comparison lacks, or its levels do not match its edges.
    """
    result = np.empty((len(comparison.a), len(tables)), np.int8)
    for column, table in enumerate(tables):
        if table.field not in comparison.fields:
            raise ValueError("a field table is for a field that the contents lack")
        distance = comparison.distances[:, comparison.fields.index(table.field)]
        ascending = np.sort(np.asarray(table.edges, np.float32))
        level = len(ascending) - np.searchsorted(ascending, distance, side="left")
        level[distance == EXTRA] = n_levels(table) - 1
        level[np.isnan(distance)] = -1
        result[:, column] = level
    return result


def _column(batch: pa.RecordBatch, name: str) -> NDArray[np.integer]:
    """Return an integer column as an array."""
    return np.asarray(batch.column(name).to_numpy(zero_copy_only=False))


def _starts(*columns: NDArray[np.integer]) -> NDArray[np.int64]:
    """Return the first row of each run of rows that are equal in all columns, and the end."""
    if not len(columns[0]):
        return np.zeros(1, np.int64)
    change = np.ones(len(columns[0]) + 1, bool)
    change[1:-1] = False
    for column in columns:
        change[1:-1] |= column[1:] != column[:-1]
    return np.flatnonzero(change).astype(np.int64)


def _of_one_number(rows: Rows, is_number: NDArray[np.bool_], layout: Sequence[Place]) -> NDArray[np.bool_]:
    """Return which rows count, `(rows,) bool`: in a pair that shares a number, all but those with another number."""
    place = next((place for place in layout if place.field == _SERIAL), None)
    if place is None or not is_number.any():
        return np.ones(len(rows.xor), bool)
    differ = np.zeros(len(rows.xor), bool)
    for first, n_bits in ((place.first_bit, place.n_bits), (place.presence_bit, PRESENCE_BITS)):
        for word in range(first // 64, (first + n_bits - 1) // 64 + 1):
            mask = ((1 << n_bits) - 1) << first >> 64 * word & 2**64 - 1
            differ |= (rows.xor[:, word] & np.uint64(mask)) != 0
    pair = np.repeat(np.arange(len(rows.starts) - 1), np.diff(rows.starts))
    shared = np.zeros(len(rows.starts) - 1, bool)
    shared[pair[is_number & ~differ]] = True
    return ~(shared[pair] & differ)


def _closest(rows: Rows, groups: NDArray[np.int64], plan: Plan) -> Rows:
    """Select the rows that count, see `linkage.linking.compiled.kernels.closest`."""
    counted = np.empty(len(rows.xor), np.bool_)
    closest(rows, groups, plan, counted)
    return _only(rows, counted)


def _of_closest_identities(rows: Rows, plan: Plan) -> Rows:
    """Select the rows of the closest identities, see `linkage.linking.compiled.kernels.of_closest_identities`."""
    counted = np.empty(len(rows.xor), np.bool_)
    of_closest_identities(rows, plan, counted)
    return rows if counted.all() else _only(rows, counted)


def _only(rows: Rows, counted: NDArray[np.bool_]) -> Rows:
    return Rows(rows.xor[counted], _n_before(counted)[rows.starts])


def _n_before(counted: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Return the number of counted rows before each row, and the total."""
    return np.concatenate([[0], np.cumsum(counted)]).astype(np.int64)


def _words(batch: pa.RecordBatch, name: str) -> NDArray[np.uint64]:
    """View a column of contents as words, without a copy if contents are whole words."""
    column = batch.column(name)
    width = column.type.byte_width
    data = np.frombuffer(column.buffers()[1] or b"", np.uint8)[
        column.offset * width : (column.offset + len(column)) * width
    ]
    contents = data.reshape(len(column), width)
    if width % 8:
        contents = np.pad(contents, ((0, 0), (0, -width % 8)))
    return contents.view("<u8").astype(np.uint64, copy=False)


def _plan(layout: Sequence[Place], n_words: int, swap_margin: float) -> Plan:
    """Convert a layout to the arrays that compiled code reads."""
    segments = np.array(
        [
            (place.first_bit, place.n_bits, place.slot_bits, _n_slots(place), place.presence_bit, PRESENCE_BITS)
            for place in layout
        ],
        np.int64,
    )
    if max(int((segments[:, 0] + segments[:, 1]).max()), int((segments[:, 4] + segments[:, 5]).max())) > 64 * n_words:
        raise ValueError("contents are shorter than the layout")
    return Plan(segments, _names(layout), _dates(layout), float(swap_margin))


def _n_slots(place: Place) -> int:
    """Return the number of slots, 0 for a filter."""
    return 0 if place.form == "filter" else place.n_bits // place.slot_bits


def _twins(layout: Sequence[Place], fields: tuple[str, str]) -> tuple[int, int]:
    """Return the columns of two segments with the same form and length; -1 and -1 if there are none."""
    column = {place.field: number for number, place in enumerate(layout)}
    one, other = (column.get(field, -1) for field in fields)
    if min(one, other) < 0:
        return -1, -1
    shapes = {(layout[number].form, layout[number].n_bits, layout[number].slot_bits) for number in (one, other)}
    return (one, other) if len(shapes) == 1 else (-1, -1)


def _names(layout: Sequence[Place]) -> tuple[int, int]:
    """Return the columns of given and family names."""
    found = _twins(layout, (_GIVEN, _FAMILY))
    return found if found[0] >= 0 and layout[found[0]].form == "filter" else (-1, -1)


def _dates(layout: Sequence[Place]) -> tuple[int, int]:
    """Return the columns of month and day."""
    found = _twins(layout, (EXCHANGED_FIELD, _DAY))
    return found if found[0] >= 0 and layout[found[0]].form == "slots" else (-1, -1)


def _mark_exchanged(distances: NDArray[np.float64], plan: Plan, exchanged: NDArray[np.bool_]) -> None:
    """Set the extra level of the month, and make the day absent."""
    month, day = plan.dates
    both = exchanged & ~np.isnan(distances[:, month]) & ~np.isnan(distances[:, day])
    distances[both, month] = EXTRA
    distances[both, day] = np.nan


def _other_words(totals: NDArray[np.int64], layout: Sequence[Place]) -> NDArray[np.int64]:
    """Return the number of slots of `name_pair` that differ, `(p,) int64`; below 1 if the contents lack the field."""
    column = next((number for number, place in enumerate(layout) if place.field == NAME_PAIR_FIELD), None)
    return np.zeros(len(totals), np.int64) if column is None else totals[:, column]


def _with_swapped(
    distances: NDArray[np.float64], plan: Plan, cross: NDArray[np.float64], *, other_words: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Add the column of swapped names; give each of them half of the cross as its distance, mirrored ones the most."""
    names = list(plan.names)
    straight = distances[:, names].sum(axis=1)
    # A comparison with NaN is false, so a pair with an absent name is never swapped.
    alike_crosswise = straight - 2 * cross
    swapped = (alike_crosswise > plan.swap_margin) & (other_words < N_PAIR_SLOTS)
    mirrored = (alike_crosswise > MIRROR_SHARE * plan.swap_margin) & (other_words == N_PAIR_SLOTS)
    distances[np.ix_(mirrored, names)] = plan.segments[names[0], 1]
    distances[np.ix_(swapped, names)] = cross[swapped, None] / 2
    flag = np.where(swapped, EXTRA, np.where(np.isnan(straight), np.nan, 0.0))
    return np.column_stack([distances, flag])
