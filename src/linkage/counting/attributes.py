"""Which value of an item a person, a case or a report has, when its records give several."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from linkage.counting.periods import NO_DAY
from linkage.counting.records import NO_ANSWER, Answers
from linkage.counting.rules import AttributeRule

__all__ = ["SEVERAL", "Conflicts", "Facts", "Resolved", "resolve"]

SEVERAL: Final = "several"
"""The value of an item if a rule allows one and the record that was chosen has several codes."""

_LAST: Final = np.iinfo(np.int64).max
_ORDER: Final = "order"

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Facts:
    """What a rule may look at beside the answers, one entry a record.

    Attributes:
        victim: `(n,) bool`, whether the record is of the person as a victim.
        first: `(n,) int64`, the first day that its date may mean; `NO_DAY` for none.
        last: `(n,) int64`, the last one.
        reporter: `(n,) int64`, index of its reporter.
        reporters: Codes of the reporters.
    """

    victim: NDArray[np.bool_]
    first: Ints
    last: Ints
    reporter: Ints
    reporters: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Conflicts:
    """How often the records of one unit disagree about an item.

    Attributes:
        item: The item.
        units: Number of persons, cases or reports.
        known: Number of those with a known answer.
        repeated: Number of those with a known answer in two or more records.
        differing: Number of those of which two records give different known answers.
        decided: For each criterion of the rule, of how many of these it was the one that left a single answer; `order`
            is the order of the codebook. Empty if the rule takes every code.
    """

    item: str
    units: int
    known: int
    repeated: int
    differing: int
    decided: dict[str, int] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """Return plain strings and numbers."""
        names = ("item", "units", "known", "repeated", "differing")
        return {name: getattr(self, name) for name in names} | {"decided": dict(self.decided)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolved:
    """The values of one item.

    Attributes:
        values: Columns `unit` (int64) and `value` (text), distinct rows; a unit without an answer has none, and one
            with several values several.
        conflicts: See `Conflicts`.
    """

    values: pa.Table
    conflicts: Conflicts


def resolve(
    unit: Ints, answers: Answers, rule: AttributeRule, facts: Facts, *, unknown: Sequence[str], item: str
) -> Resolved:
    """Choose the values of an item by a rule.

    Args:
        unit: `(n,) int64`, the person, case or report of each record, from 0; -1 for records that may not answer.
        answers: The answers of the records.
        rule: The rule.
        facts: What it may look at.
        unknown: Codes that stand for an unknown value; such a code beside a known one of the same record is dropped.
        item: The name of the item.

    Returns:
        The values, which do not depend on the order of the records.
    """
    cleaned, sets, is_known = _cleaned(answers, unknown)
    rows = np.flatnonzero((unit >= 0) & (answers.ids != NO_ANSWER))
    of, answer = unit[rows], cleaned[answers.ids[rows]] if len(cleaned) else np.zeros(0, np.int64)
    n_units = int(unit.max(initial=-1)) + 1
    known_rows = is_known[answer] if len(sets) else np.zeros(0, np.bool_)
    differing = _distinct(of[known_rows], answer[known_rows], n_units)
    alive = np.ones(len(rows), np.bool_)
    decided: dict[str, int] = {}
    pending = differing
    for criterion, key in _keys(rule, answers, sets, is_known, facts, rows, of, answer, alive):
        best = np.full(n_units, _LAST, np.int64)
        np.minimum.at(best, of[alive], key[alive])
        alive &= key == best[of]
        still = pending & _distinct(of[alive], answer[alive], n_units)
        decided[criterion] = int(np.count_nonzero(pending & ~still))
        pending = still
        if rule.values == "all" and criterion == "known":
            break
    decided[_ORDER] = int(np.count_nonzero(pending))
    conflicts = Conflicts(
        item=item,
        units=len(np.unique(unit[unit >= 0])),
        known=len(np.unique(of[known_rows])),
        repeated=int(np.count_nonzero(np.bincount(of[known_rows], minlength=n_units) > 1)),
        differing=int(np.count_nonzero(differing)),
        decided={} if rule.values == "all" else {name: n for name, n in decided.items() if name != "known" or n},
    )
    return Resolved(values=_values(rule, sets, of[alive], answer[alive], n_units), conflicts=conflicts)


def _cleaned(answers: Answers, unknown: Sequence[str]) -> tuple[Ints, list[tuple[str, ...]], NDArray[np.bool_]]:
    """Return for each answer its number without unknown codes beside known ones, the new answers, and which are known.

    The new answers keep the order of the codebook.
    """
    kept = [tuple(code for code in codes if code not in unknown) or codes for codes in answers.sets]
    first: dict[tuple[str, ...], int] = {}
    place = {code: number for number, code in enumerate(answers.order)}
    by_codebook = sorted(set(kept), key=lambda codes: [(place.get(code, len(place)), code) for code in codes])
    first = {codes: number for number, codes in enumerate(by_codebook)}
    is_known = np.array([any(code not in unknown for code in codes) for codes in by_codebook], np.bool_)
    return np.array([first[codes] for codes in kept], np.int64), by_codebook, is_known


def _distinct(of: Ints, answer: Ints, n_units: int) -> NDArray[np.bool_]:
    """Return which units have two different answers."""
    low, high = np.full(n_units, _LAST, np.int64), np.full(n_units, -1, np.int64)
    np.minimum.at(low, of, answer)
    np.maximum.at(high, of, answer)
    found: NDArray[np.bool_] = (high >= 0) & (low != high)
    return found


def _keys(
    rule: AttributeRule,
    answers: Answers,
    sets: Sequence[tuple[str, ...]],
    is_known: NDArray[np.bool_],
    facts: Facts,
    rows: Ints,
    of: Ints,
    answer: Ints,
    alive: NDArray[np.bool_],
) -> Iterator[tuple[str, Ints]]:
    """Yield for each criterion what is smallest in the records that it prefers; `alive` changes in between."""
    for criterion in rule.prefer:
        if criterion == "known":
            key = _of_answer([0 if known else 1 for known in is_known], answer)
        elif criterion == "victim":
            key = (~facts.victim[rows]).astype(np.int64)
        elif criterion == "earliest":
            key = facts.last[rows]
        elif criterion == "latest":
            key = np.where(facts.first[rows] == NO_DAY, NO_DAY, -facts.first[rows])
        elif criterion == "reporter":
            key = _preferred(rule.reporters, facts.reporters)[facts.reporter[rows]]
        elif criterion == "code":
            key = _of_answer([min(_preferred(rule.codes, codes).tolist()) for codes in sets], answer)
        elif criterion == "narrowest":
            widths = [answers.width(codes) for codes in sets]
            key = _of_answer(np.unique(np.array(widths), return_inverse=True)[1].tolist(), answer)
        else:
            key = -_how_often(of, answer, alive, len(sets))
        yield criterion, key


def _of_answer(keys: Sequence[int], answer: Ints) -> Ints:
    found: Ints = np.array(keys, np.int64)[answer] if len(keys) else np.zeros(len(answer), np.int64)
    return found


def _preferred(wanted: Sequence[str], given: Sequence[str]) -> Ints:
    place = {one: number for number, one in enumerate(wanted)}
    return np.array([place.get(one, len(wanted)) for one in given], np.int64)


def _how_often(of: Ints, answer: Ints, alive: NDArray[np.bool_], n_sets: int) -> Ints:
    """Return for each record how many records left of its unit give the same answer."""
    pairs = of * max(n_sets, 1) + answer
    names, place = np.unique(pairs, return_inverse=True)
    counts: Ints = np.bincount(place[alive], minlength=len(names))[place].astype(np.int64)
    return counts


def _values(rule: AttributeRule, sets: Sequence[tuple[str, ...]], of: Ints, answer: Ints, n_units: int) -> pa.Table:
    if rule.values != "all":
        chosen = np.full(n_units, _LAST, np.int64)
        np.minimum.at(chosen, of, answer)
        of = np.flatnonzero(chosen != _LAST)
        answer = chosen[of]
    pairs = np.unique(np.stack([of, answer], axis=1), axis=0) if len(of) else np.zeros((0, 2), np.int64)
    codes = [(SEVERAL,) if rule.values == "one" and len(one) > 1 else one for one in sets]
    units = np.repeat(pairs[:, 0], [len(codes[number]) for number in pairs[:, 1]] if len(pairs) else 0)
    values = [code for number in pairs[:, 1].tolist() for code in codes[number]]
    table = pa.table({"unit": pa.array(units, pa.int64()), "value": pa.array(values, pa.string())})
    return table.group_by(["unit", "value"]).aggregate([]).sort_by([("unit", "ascending"), ("value", "ascending")])
