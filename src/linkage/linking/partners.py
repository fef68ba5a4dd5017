"""Exact partners: two records that differ, each of which has a partner of its own at both reporters, are two persons.

If police and school each know Lovisa and Vera of one family and one birth date, the two are twins, although each pair
of them could be one person with two names. What shows it is that the difference repeats: the names of one person that
share nothing come from a slip or a change, which the other reporter hardly has in the same two forms. A pair is
therefore *held apart* if

- its family names and birth dates do not count against one person, but given names, sex or number do;
- each of its records has a *like* partner at the reporter of the other or, for a pair within a reporter, each has one
  at one other reporter: a record that agrees in what the pair disagrees in;
- no record is like both. A record with the old and the new number, or with both names, says that they are one person.

A pair that disagrees in two of given names, sex and number needs no partners: of twins of whom each reporter knows one,
neither has any.

A pair that is held apart has `HELD_APART` less log odds.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from linkage.linking.patterns import SWAPPED_FIELD
from linkage.linking.score import log_ratios
from pseudonym.profile import FieldTable

__all__ = ["HELD_APART", "held_apart"]

HELD_APART: Final = 3.5
"""Evidence against one person in a pair that is held apart, in natural log odds. Chosen on synthetic twins, nicknames
and small registries (2.3, 3, 3.5 and 5): the least that keeps twins with short names apart in a registry of four
records. With 5, persons with a nickname at two reporters are parted."""

LIMITS: Final = ((0.0, 1.0, 1.0), (2.0, 2.0, 5.0))
"""Given names are unlike where their evidence, ln(m/u), is below the first, a record is like both where it is above
the second, and a partner's are like where it is above the third: names that share nothing against spellings of one
name, and names that share a part against equal ones."""

STRONG: Final = 8.0
"""Least evidence, ln(m/u), of a like pair in all fields: about that of equal given and family names with one slip."""

_GIVEN: Final = "given_names"
_TELLING: Final = frozenset({"sex", "serial", "foreign_number"})


def held_apart(
    ends: NDArray[np.int64], levels: NDArray[np.int8], tables: Sequence[FieldTable], *, reporter: NDArray[np.int64]
) -> NDArray[np.bool_]:
    """Find the pairs that are held apart.

    Args:
        ends: `(p, 2) int64`, the indices of the records of each pair.
        levels: `(p, f) int8`, -1 where absent.
        tables: The tables of the profile; m and u only say what counts for a match and what against it.
        reporter: `(n,) int64`, the reporter of each record.

    Returns:
        `(p,) bool`. Nothing depends on the order of pairs and records.
    """
    column = {table.field: index for index, table in enumerate(tables)}
    found = np.zeros(len(ends), np.bool_)
    if not len(ends):
        return found
    evidence = log_ratios(levels, tables)
    shared = [index for name, index in column.items() if name not in {_GIVEN, SWAPPED_FIELD, *_TELLING}]
    telling = [index for name, index in column.items() if name in _TELLING]
    agree = (evidence[:, shared] >= 0).all(axis=1)
    differ = (evidence[:, telling] < 0).any(axis=1)
    strong = agree & ~differ & (evidence.sum(axis=1) >= STRONG)
    given = evidence[:, column[_GIVEN]] if _GIVEN in column else np.zeros(len(ends))
    named = levels[:, column[_GIVEN]] >= 0 if _GIVEN in column else np.zeros(len(ends), np.bool_)
    twice = agree & (evidence[:, shared].sum(axis=1) > 0)
    twice &= (evidence[:, telling] < 0).sum(axis=1) + (named & (given < 0)) > 1
    found[_without_common(ends, np.flatnonzero(twice), strong & (given > LIMITS[0][1]), len(reporter))] = True
    for unlike, both, like in LIMITS:
        apart = agree & (evidence[:, shared].sum(axis=1) > 0) & (differ | (named & (given < unlike)))
        left = _with_partners(ends, apart, strong & (given > like), reporter)
        found[_without_common(ends, left, strong & (given > both), len(reporter))] = True
    return found


def _with_partners(
    ends: NDArray[np.int64], apart: NDArray[np.bool_], like: NDArray[np.bool_], reporter: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Return the indices of those pairs that may be apart of which each record has a partner where it must."""
    n, n_reporters = len(reporter), int(reporter.max(initial=-1)) + 1
    left, right = ends[like].T
    # Where each record is found: at its own reporter, and wherever it has a like partner.
    records = np.concatenate([np.arange(n), left, right])
    places = np.concatenate([reporter, reporter[right], reporter[left]])
    found = np.unique(records * n_reporters + places)
    at = csr_array((np.ones(len(found), np.int32), np.divmod(found, n_reporters)), shape=(n, n_reporters))
    chosen = np.flatnonzero(apart)
    a, b = ends[chosen].T
    at_each = np.isin(a * n_reporters + reporter[b], found) & np.isin(b * n_reporters + reporter[a], found)
    # Two records of one reporter have it in common, and must have another one too.
    in_common = np.asarray(at[a].multiply(at[b]).sum(axis=1)).ravel()
    kept: NDArray[np.bool_] = np.where(reporter[a] == reporter[b], in_common > 1, at_each)
    return np.asarray(chosen[kept], np.int64)


def _without_common(
    ends: NDArray[np.int64], chosen: NDArray[np.int64], like: NDArray[np.bool_], n: int
) -> NDArray[np.int64]:
    """Return those of the chosen pairs that have no common partner."""
    left, right = ends[like].T
    rows, columns = np.append(left, right), np.append(right, left)
    likes = csr_array((np.ones(len(rows), np.int32), (rows, columns)), shape=(n, n))
    a, b = ends[chosen].T
    in_common = np.asarray(likes[a].multiply(likes[b]).sum(axis=1)).ravel()
    return np.asarray(chosen[in_common == 0], np.int64)
