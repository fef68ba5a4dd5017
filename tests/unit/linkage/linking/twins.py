"""Slow twins: what the fast functions of `linkage.linking` say, said again in plain Python; and makers of input."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from itertools import combinations, groupby
from math import nan
from typing import Any, TypeAlias

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from linkage.engines.base import candidate_schema
from linkage.linking.compiled.kernels import SLOT_ONES, SLOT_SPREAD
from linkage.linking.recapture import band_rows
from pseudonym.profile import FieldTable, Linking, Place, load_profile

Row: TypeAlias = tuple[int, int, int, int, bytes, bytes]
"""What a candidate row is made from: a, b, kind, key, and both contents."""

Layout: TypeAlias = Sequence[Place]
Pair: TypeAlias = frozenset[int]

PRESENCE = 8

ENCODING = load_profile("case-registry").encoding
BAND_ROWS = band_rows(ENCODING)


def batch_of(rows: Sequence[Row], width: int) -> pa.RecordBatch:
    """Make a candidate batch."""
    joined = [(*ends, xor_of(left, right)) for *ends, left, right in rows]
    columns: list[Sequence[Any]] = list(zip(*joined, strict=True)) if rows else [[]] * 5
    schema = candidate_schema(width)
    return pa.record_batch(
        [pa.array(column, field.type) for column, field in zip(columns, schema, strict=True)], schema=schema
    )


def xor_of(left: bytes, right: bytes) -> bytes:
    """Return the XOR of two contents."""
    return bytes(x ^ y for x, y in zip(left, right, strict=True))


def bits(content: bytes, first: int, n_bits: int) -> int:
    """Read bits of a content as docs/spec.md numbers them."""
    return int.from_bytes(content, "little") >> first & (1 << n_bits) - 1


def slow_compare(
    rows: Iterable[Row], layout: Layout, swap_margin: float, numbers: Sequence[int] = ()
) -> list[tuple[int, int, dict[str, float], int]]:
    """Twin of `compare`: for each pair (a, b, distances by field, n_keys)."""
    result = []
    for (a, b), group in groupby(rows, key=lambda row: row[:2]):
        rows_of_pair = list(group)
        keys = slow_keys(rows_of_pair)
        xors = slow_closest(slow_keys(slow_of_one_number(rows_of_pair, layout, numbers)), layout, swap_margin)
        distance = {place.field: slow_distance(xors, place) for place in layout}
        place = {place.field: place for place in layout}
        if same_shape(place, "birth_month", "birth_day"):
            month, day = ([segment(xor, place[field]) for xor in xors] for field in ("birth_month", "birth_day"))
            absent = (
                distance["birth_month"] != distance["birth_month"] or distance["birth_day"] != distance["birth_day"]
            )
            if month == day and any(month) and not absent:
                distance |= {"birth_month": -1.0, "birth_day": nan}
        if same_shape(place, "given_names", "family_names"):
            names = "given_names", "family_names"
            crossed = [segment(xor, place[names[0]]) ^ segment(xor, place[names[1]]) for xor in xors]
            mean = sum(value.bit_count() for value in crossed) / len(xors)
            straight = distance[names[0]] + distance[names[1]]
            distance["swapped"] = straight * 0.0
            other_words = distance.get("name_pair", 0)
            if straight - 2 * mean > swap_margin and other_words != 2:
                distance |= dict.fromkeys(names, mean / 2) | {"swapped": -1.0}
            if straight - 2 * mean > swap_margin / 2 and other_words == 2:
                distance |= dict.fromkeys(names, float(place[names[0]].n_bits))
        result.append((a, b, distance, len(keys)))
    return result


def slow_keys(rows: Iterable[Row]) -> list[list[bytes]]:
    """Return the XORs of each match key that a pair shares."""
    keys: dict[tuple[int, int], list[bytes]] = {}
    for _, _, kind, key, left, right in rows:
        keys.setdefault((kind, key), []).append(xor_of(left, right))
    return list(keys.values())


def slow_of_one_number(rows: list[Row], layout: Layout, numbers: Sequence[int]) -> list[Row]:
    """Return the rows that count in a pair that may share a number."""
    serial = next((place for place in layout if place.field == "serial"), None)
    if serial is None:
        return rows

    def equal(row: Row) -> bool:
        xor = xor_of(row[4], row[5])
        return not segment(xor, serial) and not bits(xor, serial.presence_bit, PRESENCE)

    shared = any(row[2] in numbers and equal(row) for row in rows)
    return [row for row in rows if equal(row)] if shared else rows


def slow_closest(keys: list[list[bytes]], layout: Layout, swap_margin: float) -> list[bytes]:
    """Twin of `closest`: the XORs that count."""
    if any(len(xors) > 1 for xors in keys):
        keys = [xors for xors in keys if len(xors) > 1]

    def order(xor: bytes) -> tuple[float, int, list[int]]:
        present = [place for place in layout if not bits(xor, place.presence_bit, PRESENCE)]
        distance = {place.field: slow_distance([xor], place) for place in present}
        ones = sum(distance[place.field] * (1 if place.form == "filter" else SLOT_ONES) for place in present)
        names = {place.field: place for place in present if place.field in ("given_names", "family_names")}
        if same_shape(names, "given_names", "family_names") and names["given_names"].form == "filter":
            crossed = (segment(xor, names["given_names"]) ^ segment(xor, names["family_names"])).bit_count()
            straight = distance["given_names"] + distance["family_names"]
            ones += crossed - straight if straight - 2 * crossed > swap_margin else 0
        words = [int.from_bytes(xor[first : first + 8], "little") for first in range(0, len(xor), 8)]
        return ones, len(layout) - len(present), words

    return slow_of_closest_identities([min(xors, key=order) for xors in keys], layout)


def slow_of_closest_identities(xors: list[bytes], layout: Layout) -> list[bytes]:
    """Twin of `of_closest_identities`: the XORs of the most similar identities."""

    def apart(xor: bytes) -> float:
        present = [place for place in layout if not bits(xor, place.presence_bit, PRESENCE)]
        return sum(slow_distance([xor], place) for place in present if place.form == "slots")

    return [xor for xor in xors if apart(xor) <= min(map(apart, xors)) + SLOT_SPREAD]


def same_shape(place: Mapping[str, Place], *fields: str) -> bool:
    """Return whether both fields have segments, of one form and length."""
    shapes = [(place[name].form, place[name].n_bits, place[name].slot_bits) for name in fields if name in place]
    return len(shapes) == 2 and shapes[0] == shapes[1]


def segment(xor: bytes, place: Place) -> int:
    return bits(xor, place.first_bit, place.n_bits)


def slow_distance(xors: Sequence[bytes], place: Place) -> float:
    if any(bits(xor, place.presence_bit, PRESENCE) for xor in xors):
        return nan
    if place.form == "filter":
        return sum(segment(xor, place).bit_count() for xor in xors) / len(xors)
    slots = range(0, place.n_bits, place.slot_bits)
    return float(sum(any(bits(xor, place.first_bit + slot, place.slot_bits) for xor in xors) for slot in slots))


def slow_dice(left: int, right: int) -> Fraction:
    """Dice coefficient of two filters given as integers; that of two empty ones is 0."""
    ones = left.bit_count() + right.bit_count()
    return Fraction(2 * (left & right).bit_count(), ones) if ones else Fraction(0)


def slow_clusters(
    records: Iterable[int],
    log_odds: Mapping[Pair, float],
    *,
    digests: Mapping[int, bytes],
    together: Iterable[tuple[int, int]],
    apart: set[Pair],
    meeting: Mapping[int, int],
    most: float,
) -> set[Pair]:
    """Twin of `cluster`: average link over the full matrix, in exact fractions.

    Args:
        records: Record numbers.
        log_odds: By frozenset of two records.
        digests: By record.
        together: Pairs of records that must be one person.
        apart: Set of frozensets.
        meeting: By record, a whole number of 1024ths.
        most: Where log odds are cut.

    Returns:
        A set of frozensets of records.
    """
    step = 2**20

    def value(pair: Pair) -> Fraction:
        if pair in log_odds:
            return Fraction(round(max(-most, min(most, log_odds[pair])) * step), step)
        one, other = pair
        return -Fraction(meeting[one]) * Fraction(meeting[other])

    def mean(one: Pair, other: Pair) -> Fraction:
        total = sum((value(frozenset((x, y))) for x in one for y in other), Fraction(0))
        return total / (len(one) * len(other))

    def first(cluster: Pair) -> tuple[bytes, int]:
        return min((digests[record], record) for record in cluster)

    clusters = {frozenset([record]) for record in records}
    for pair in together:
        joined = frozenset().union(*(found for found in clusters if set(pair) & found))
        clusters = {found for found in clusters if not found <= joined} | {joined}
    apart = {pair for pair in apart if not any(pair <= found for found in clusters)}
    while True:
        moves: list[tuple[Fraction, tuple[bytes, int], tuple[bytes, int], Pair, Pair]] = []
        for one, other in combinations(clusters, 2):
            if not any(frozenset((x, y)) in apart for x in one for y in other) and mean(one, other) >= 0:
                low, high = sorted((first(one), first(other)))
                moves.append((-mean(one, other), low, high, one, other))
        if not moves:
            return clusters
        *_, one, other = min(moves, key=lambda move: move[:3])
        clusters = clusters - {one, other} | {one | other}


def layout_of(segments: Sequence[tuple[str, str, int, int]], *, gap: int = 0) -> tuple[Place, ...]:
    """Make a layout of (field, form, n_bits, slot_bits), beginning at bit `gap`, presence slots last."""
    places = []
    first = gap
    presence = gap + sum(n_bits for _, _, n_bits, _ in segments)
    for field, form, n_bits, slot_bits in segments:
        places.append(Place(field, form, first, n_bits, slot_bits, presence))
        first += n_bits
        presence += PRESENCE
    return tuple(places)


def width_of(layout: Layout) -> int:
    """Return the length of a content in bytes, a multiple of 8."""
    return -(-max(place.presence_bit + PRESENCE for place in layout) // 64) * 8


def draw_rows(
    layout: Layout, rng: random.Random, *, n_pairs: int, absent: float = 0.1, repeated: float = 0.0
) -> list[Row]:
    """Draw candidate rows whose differences have every shape that comparison tells apart.

    A share `repeated` of the match keys has several rows, some of which have one XOR or one distance.
    """
    width = width_of(layout)
    place = {place.field: place for place in layout}
    rows = []
    for pair in range(n_pairs):
        swapped, exchanged = rng.random() < 0.4, rng.random() < 0.4
        gone = [place.field for place in layout if rng.random() < absent]
        keys = [number for number in range(rng.choice([1, 1, 2, 5])) for _ in range(n_rows(rng, repeated))]
        for key in keys:
            xor = rng.getrandbits(8 * width) & rng.getrandbits(8 * width)
            for other in layout:
                xor &= ~(((1 << PRESENCE) - 1) << other.presence_bit)
                if rng.random() < 0.3:
                    xor &= ~(((1 << other.n_bits) - 1) << other.first_bit)
                if other.field in gone and rng.random() < 0.8:
                    xor |= 1 << other.presence_bit + rng.randrange(PRESENCE)
            for holds, fields in (
                (swapped, ("given_names", "family_names")),
                (exchanged, ("birth_month", "birth_day")),
            ):
                if holds and same_shape(place, *fields):
                    xor = copied(xor, place[fields[0]], place[fields[1]])
            left = rng.randbytes(width)
            right = (int.from_bytes(left, "little") ^ xor).to_bytes(width, "little")
            rows.append((2 * pair, 2 * pair + 1, key // 2, key % 2, left, right))
            if rng.random() < repeated / 4:
                rows.append((2 * pair, 2 * pair + 1, key // 2, key % 2, right, left))
    return rows


def n_rows(rng: random.Random, repeated: float) -> int:
    """Draw how many combinations a match key has."""
    return rng.choice([2, 4, 6]) if rng.random() < repeated else 1


def copied(xor: int, source: Place, target: Place) -> int:
    """Copy the bits of one segment to another."""
    mask = (1 << source.n_bits) - 1
    return xor & ~(mask << target.first_bit) | (xor >> source.first_bit & mask) << target.first_bit


def field_table(field: str, edges: Iterable[float], u: Iterable[float], m: Iterable[float]) -> FieldTable:
    return FieldTable(field=field, edges=tuple(edges), u=tuple(u), m=tuple(m))


def linking_of(
    tables: Iterable[FieldTable], *, match_prior: float = 0.2, prior_strength: float = 10.0, swap_margin: float = 10.0
) -> Linking:
    return Linking(
        source="test",
        fields=tuple(tables),
        swap_margin=swap_margin,
        prior_strength=prior_strength,
        match_prior=match_prior,
    )


def draw_captures(rows: int, *, power: float, n: int = 40_000, bands: int = 100, seed: int = 1) -> NDArray[np.float64]:
    """Count captures of true pairs whose similarity has a density proportional to a power of it."""
    rng = np.random.default_rng(seed)
    similarity = rng.random(n) ** (1 / (power + 1))
    return np.bincount(rng.binomial(bands, similarity**rows), minlength=bands + 1).astype(float)
