"""Exact partners: two records that differ, each of which has a partner of its own at both reporters, are two persons.

If police and school each know Lovisa and Vera of one family and one birth date, the two are twins, although each pair
of them could be one person with two names. What shows it is that the difference repeats: the names of one person that
share nothing come from a slip or a change, which the other reporter hardly has in the same two forms. A pair is
therefore *held apart* if

- its family names and birth dates do not count against one person, but given names, sex or number do, or given names
  are merely not equal, as Anna and Hanna or Julia and Julie, where the partners of both have equal ones; but Mohamed
  and Mohammed, which sound alike and differ in one slip, are spellings; so are Julia and Julie in a large registry;
- each of its records has a *like* partner at the reporter of the other or, for a pair within a reporter, each has one
  at one other reporter: a record that agrees in what the pair disagrees in;
- no record is like both. A record with the old and the new number, or with both names, says that they are one person,
  unless it is held apart from either: of Anna, Hanna and Johanna, known to both, Hanna is like both others.

A pair that disagrees in two of given names, sex and number needs no partners, nor does one whose sexes differ and whose
given names are not equal, such as Leo and Lea: of twins of whom each reporter knows one, neither has any.

Two records of one family whose given names *and* birth dates differ, as those of siblings born a year apart, are held
apart too if each has a partner with an equal name and date.

Two names do not hold a pair apart that has one number. Such pairs do not show how many persons have two names either:
others are twins or one person with two names, and what is known of persons with a number says nothing of how many twins
there are among these.

A pair that is held apart has `HELD_APART` less log odds, and how alike its given names are counts for nothing.

Of twins of whom each reporter knows one, no partner shows anything. What is left is that two given names of one family
and one date are *other words*: neither alike nor sharing a match key of what they sound like, as Mohammed and Muhamed
or Anna Lovisa and Lovisa do. Whether such a pair is rather twins or a person with two names depends on the registry,
and it shows: where both records have a like partner at the other reporter they are probably twins, and elsewhere they
may be either. So a pair of other words has up to `OTHER_WORDS` less log odds, and the less the more pairs without
partners there are for each with them: a registry that has many of these, as of persons with a nickname, takes them for
one person. As far as it does not, how alike the names are counts for nothing either: Anna and Hanna are alike because
many names are. Names that are near are counted by themselves, since most are slips where many are. Both kinds of
evidence add up. What such pairs weigh is measured in the run that fits a model, and kept with it.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise, product
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from linkage.integers import among, distinct
from linkage.linking.compiled.common import n_in_common
from linkage.linking.patterns import SWAPPED_FIELD, ordered_levels
from linkage.linking.score import log_ratios
from pseudonym.profile import FieldTable

__all__ = ["HELD_APART", "OF_SIBLINGS", "OTHER_WORDS", "PairEvidence", "held_apart", "knows_few", "other_words"]

HELD_APART: Final = 3.5
"""Evidence against one person in a pair that is held apart, in natural log odds. Chosen on synthetic twins, nicknames
and small registries (2.3, 3, 3.5 and 5): the least that keeps twins with short names apart in a registry of four
records. With 5, persons with a nickname at two reporters are parted."""

OF_SIBLINGS: Final = 2 * HELD_APART
"""The same for two names with two birth dates: both slips would have to come back together. With once as much, siblings
with birthdays a year apart are joined in a registry of some thousand records; F1 is the same."""

LIMITS: Final = ((0.0, 1.0, 1.0), (2.0, 2.0, 5.0))
"""Given names are unlike where their evidence, ln(m/u), is below the first, a record is like both where it is above
the second, and a partner's are like where it is above the third: names that share nothing against spellings of one
name, and names that share a part against equal ones."""

OF_EQUAL_NAMES: Final = (5.0, 6.0)
"""Where each record has a partner of *equal* given names, names are unlike although their evidence, ln(m/u), is as high
as this, and a record is like both from there on: names that share most, as Anna and Hanna do, and names with one slip.
Names that sound alike are unlike up to the first."""

OTHER_WORDS: Final = 3.7
"""Evidence against one person in a pair of other words, of which a registry shows nothing. As much as it takes to
review, and not to link, twins with short names in a registry of two records."""

OTHER_PAIRS: Final = 10.0
"""Weight of the prior that a pair of other words is as often without partners as with them, in pairs of each kind."""

LIKELY_ONE: Final = 1.0
"""Evidence, ln(m/u), from which the likeness of given names counts for one person: Maja and Maria, Anna and Hanna."""

NEAR_PAIRS: Final = 5.0
"""As `OTHER_PAIRS`, for names that are near. Most such pairs of a registry with many are slips, of which FEBRL 4 is
full, and few of them show it."""

N_WEIGHTS: Final = 4
"""Weights of pairs of other words: of two kinds, within and between reporters."""

WITHIN: Final = 2.0
"""How much more a pair of other words within a reporter shows that it calls persons by two names. Both names of one
person often come back at another reporter that was sent its reports, so partners show nothing here."""

WHOLE_DATE: Final = 8.0
"""Least evidence, ln(m/u), of the date of a pair of other words: a whole date that is equal has 8.5, one without a day
5.7."""

KNOWN_PERSONS: Final = 30
"""Number of persons of equal names known to two reporters from which a registry has many spellings of one person, so
that names that sound alike hold nobody apart. Without this limit, F1 of synthetic twins falls by .005."""

SOME: Final = 1 << 18
"""Pairs that are weighed at a time."""

STRONG: Final = 8.0
"""Least evidence, ln(m/u), of a like pair in all fields: about that of equal given and family names with one slip."""

_GIVEN: Final = "given_names"
_FAMILY: Final = "family_names"
_DATE: Final = frozenset({"birth_year", "birth_month", "birth_day"})
_SEX: Final = "sex"
_TELLING: Final = frozenset({_SEX, "serial", "foreign_number"})


def knows_few(
    ends: NDArray[np.int64], levels: NDArray[np.int8], tables: Sequence[FieldTable], *, reporter: NDArray[np.int64]
) -> bool:
    """Return whether fewer than `KNOWN_PERSONS` persons of equal names are known to two reporters by these pairs.

    Then what holds a pair apart depends on pairs of other records too. Further pairs never lower their number.

    Args:
        ends: As for `held_apart`.
        levels: As for `held_apart`.
        tables: As for `held_apart`.
        reporter: As for `held_apart`.
    """
    return not len(ends) or _knows_few(PairEvidence.of(levels, tables), ends, reporter)


def _knows_few(seen: PairEvidence, ends: NDArray[np.int64], reporter: NDArray[np.int64]) -> bool:
    between = reporter[ends[:, 0]] != reporter[ends[:, 1]]
    return _n_persons(ends[seen.strong & seen.same_given & between]) < KNOWN_PERSONS


def held_apart(
    ends: NDArray[np.int64],
    levels: NDArray[np.int8],
    tables: Sequence[FieldTable],
    *,
    reporter: NDArray[np.int64],
    sound_alike: NDArray[np.bool_],
    few: bool | None = None,
    seen: PairEvidence | None = None,
) -> NDArray[np.float64]:
    """Weigh that pairs are held apart.

    Args:
        ends: `(p, 2) int64`, the indices of the records of each pair.
        levels: `(p, f) int8`, -1 where absent.
        tables: The tables of the profile; m and u only say what counts for a match and what against it.
        reporter: `(n,) int64`, the reporter of each record.
        sound_alike: `(p,) bool`, whether the two share a match key of sounds, or none could show it.
        few: Whether the registry knows few persons, if these are not all of its pairs; see `knows_few`.
        seen: The evidence of these pairs by these tables; computed here when None.

    Returns:
        `(p,) float64`, evidence against one person in natural log odds; 0 for pairs that are not held apart. Nothing
        depends on the order of pairs and records.
    """
    found = np.zeros(len(ends), np.bool_)
    if not len(ends):
        return np.zeros(0)
    seen = PairEvidence.of(levels, tables) if seen is None else seen
    agree, given, strong = seen.agree & seen.shared, seen.given, seen.strong
    twice = agree & ((seen.n_differ + (seen.named & (given < 0)) > 1) | (seen.other_sex & seen.other_name))
    found[_without_common(ends, np.flatnonzero(twice), strong & (given > LIMITS[0][1]), len(reporter))] = True
    agree &= ~seen.same_number
    # In a small registry names that sound alike are two, and who is held apart from both is no record like both.
    few = _knows_few(seen, ends, reporter) if few is None else few
    spellings = sound_alike & (given >= (OF_EQUAL_NAMES[0] if few else LIMITS[1][1]))
    named = seen.named & ~seen.same_given & ~spellings
    # Names that are nearest come first.
    for both, least in pairwise((*OF_EQUAL_NAMES[::-1], LIMITS[1][1])):
        near = agree & named & (given >= least) & (given < both)
        left = _with_partners(ends, near, strong & seen.same_given, reporter)
        found[_without_common(ends, left, strong & (given >= both) & ~(found & few), len(reporter))] = True
    nearest = found & few
    for unlike, both, like in LIMITS:
        apart = agree & ((seen.n_differ > 0) | (seen.named & (given < unlike)))
        left = _with_partners(ends, apart, strong & (given > like), reporter)
        found[_without_common(ends, left, strong & (given > both) & ~nearest, len(reporter))] = True
    weight = np.where(found, HELD_APART, 0.0)
    siblings = seen.family & seen.shared & seen.near_date & ~seen.agree & ~seen.same_number & ~sound_alike
    siblings &= named & (given < OF_EQUAL_NAMES[0])
    left = _with_partners(ends, siblings, strong & seen.same_given & seen.whole_date, reporter)
    weight[_without_common(ends, left, strong & (given >= OF_EQUAL_NAMES[0]), len(reporter))] = OF_SIBLINGS
    return np.where(weight > 0, weight + np.maximum(given, 0.0), 0.0)


def other_words(
    ends: NDArray[np.int64],
    levels: NDArray[np.int8],
    tables: Sequence[FieldTable],
    *,
    reporter: NDArray[np.int64],
    sound_alike: NDArray[np.bool_],
    weights: tuple[float, ...] | None = None,
    seen: PairEvidence | None = None,
) -> tuple[NDArray[np.float64], tuple[float, ...]]:
    """Weigh that the given names of two records of one family and one birth date are other words.

    Args:
        ends: As for `held_apart`.
        levels: As for `held_apart`.
        tables: As for `held_apart`.
        reporter: As for `held_apart`.
        sound_alike: `(p,) bool`, whether the two share a match key of sounds, or none could show it.
        weights: What such pairs weigh, as it was returned for others; None to measure it on these pairs.
        seen: As for `held_apart`.

    Returns:
        `(p,) float64`, evidence against one person in natural log odds, at most `OTHER_WORDS` and what the likeness of
        given names counts for one; 0 for pairs that are not of other words; and the weights: of unlike names within and
        between reporters, then of those that are near. Nothing depends on the order of pairs and records.
    """
    against = np.zeros(len(ends))
    if not len(ends):
        return against, weights or (OTHER_WORDS,) * N_WEIGHTS
    seen = PairEvidence.of(levels, tables) if seen is None else seen
    within = reporter[ends[:, 0]] == reporter[ends[:, 1]]
    may_be = seen.named & ~sound_alike & seen.agree & seen.family & seen.whole_date & ~seen.same_number
    near = seen.given >= LIKELY_ONE
    # Where family names are spelled in two ways, these may be why no key of sounds is shared.
    unlike = ~near & (seen.same_family | (seen.given < LIMITS[0][0]))
    near &= seen.same_family & (seen.given < OF_EQUAL_NAMES[0])
    kinds = ((unlike, LIMITS[1][1], OTHER_PAIRS), (near, OF_EQUAL_NAMES[0], NEAR_PAIRS))
    found = []
    for (words, both, prior), (side, partners_tell) in product(kinds, ((within, False), (~within, True))):
        kind, like = words & may_be & side, seen.strong & (seen.given > both)
        chosen = _without_common(ends, np.flatnonzero(kind), like, len(reporter))
        if weights is None:
            twins = np.isin(chosen, _with_partners(ends, kind, like, reporter)) & partners_tell
            # Who differs in sex or number too shows nothing of names.
            telling = seen.n_differ[chosen] == 0
            n_twins, n_others = (_n_persons(ends[chosen[some & telling]]) for some in (twins, ~twins))
            rather_one = np.log((n_others + prior) / (n_twins + prior))
            weight = OTHER_WORDS - (1 if partners_tell else WITHIN) * rather_one
            found.append(float(np.clip(weight, 0.0, OTHER_WORDS)))
        else:
            found.append(weights[len(found)])
        against[chosen] = found[-1]
    # As far as they are other words, their likeness is chance.
    return np.asarray(against * (1 + np.maximum(seen.given, 0.0) / OTHER_WORDS)), tuple(found)


class PairEvidence(NamedTuple):
    """Evidence of pairs, `(p,)` each.

    Attributes:
        agree: Whether nothing that twins share counts against one person.
        shared: Whether the sum of ln(m/u) of what twins share counts for one person.
        whole_date: Whether its part of the birth date is that of a whole date.
        family: Whether its part of family names counts for one person.
        same_family: Whether these are equal.
        n_differ: Number of sex and numbers that count against one person.
        other_sex: Whether the sex does.
        other_name: Whether both have given names, which are not equal.
        named: Whether both have given names.
        same_given: Whether these are equal.
        given: ln(m/u) of given names; 0 without.
        near_date: Whether both have a whole birth date, which counts for one person though a part of it may not.
        same_number: Whether both have one number.
        strong: Whether the pair is like in all that it was compared in.
    """

    agree: NDArray[np.bool_]
    shared: NDArray[np.bool_]
    whole_date: NDArray[np.bool_]
    family: NDArray[np.bool_]
    same_family: NDArray[np.bool_]
    n_differ: NDArray[np.int8]
    other_sex: NDArray[np.bool_]
    other_name: NDArray[np.bool_]
    named: NDArray[np.bool_]
    same_given: NDArray[np.bool_]
    given: NDArray[np.float64]
    near_date: NDArray[np.bool_]
    same_number: NDArray[np.bool_]
    strong: NDArray[np.bool_]

    @classmethod
    def of(cls, levels: NDArray[np.int8], tables: Sequence[FieldTable]) -> PairEvidence:
        """Weigh pairs by the tables, some at a time: ln(m/u) of all fields takes ten times as much memory."""
        parts = [cls._of_some(levels[begin : begin + SOME], tables) for begin in range(0, max(len(levels), 1), SOME)]
        return cls(*(np.concatenate(column) for column in zip(*parts, strict=True)))

    @classmethod
    def _of_some(cls, levels: NDArray[np.int8], tables: Sequence[FieldTable]) -> PairEvidence:
        evidence = log_ratios(levels, tables)
        names = np.array([table.field for table in tables])
        telling, given, date = np.isin(names, sorted(_TELLING)), names == _GIVEN, np.isin(names, sorted(_DATE))
        shared = ~telling & ~given & (names != SWAPPED_FIELD)
        agree = np.asarray((evidence[:, shared] >= 0).all(axis=1))
        n_differ = (evidence[:, telling] < 0).sum(axis=1, dtype=np.int8)
        named = np.asarray((levels[:, given] >= 0).any(axis=1))
        same_given = _are_highest(levels, tables, _GIVEN)
        return cls(
            agree=agree,
            shared=evidence[:, shared].sum(axis=1) > 0,
            whole_date=evidence[:, date].sum(axis=1) >= WHOLE_DATE,
            family=evidence[:, names == _FAMILY].sum(axis=1) > 0,
            same_family=_are_highest(levels, tables, _FAMILY),
            n_differ=n_differ,
            other_sex=np.asarray((evidence[:, names == _SEX] < 0).any(axis=1)),
            other_name=named & ~same_given,
            named=named,
            same_given=same_given,
            given=evidence[:, given].sum(axis=1),
            near_date=(levels[:, date] >= 0).all(axis=1) & (evidence[:, date].sum(axis=1) > 0),
            same_number=_are_highest(levels, tables, "serial") | _are_highest(levels, tables, "foreign_number"),
            strong=agree & (n_differ == 0) & (evidence.sum(axis=1) >= STRONG),
        )


def _are_highest(levels: NDArray[np.int8], tables: Sequence[FieldTable], field: str) -> NDArray[np.bool_]:
    """Return which pairs have the highest level of a field, `(p,)`; none if it has no table."""
    highest = np.array([ordered_levels(table) - 1 if table.field == field else 127 for table in tables])
    return np.asarray((levels == highest).any(axis=1))


def _n_persons(ends: NDArray[np.int64]) -> int:
    """Return about how many pairs of persons these pairs of records are: a person may have several records."""
    return min(len(distinct(side)) for side in ends.T)


def _with_partners(
    ends: NDArray[np.int64], apart: NDArray[np.bool_], like: NDArray[np.bool_], reporter: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Return the indices of those pairs that may be apart of which each record has a partner where it must."""
    n_reporters = int(reporter.max(initial=-1)) + 1
    chosen = np.flatnonzero(apart)
    found = _found_at(ends[like], reporter)
    starts = np.searchsorted(found, np.arange(len(reporter) + 1) * n_reporters)
    a, b = ends[chosen].T
    left, right = reporter[a], reporter[b]
    # Two records of one reporter have it in common, and must have another one too.
    kept = left == right
    kept[kept] = _n_in_common(starts, (found % max(n_reporters, 1)).astype(np.int32), ends, chosen[kept], most=2) > 1
    between = np.flatnonzero(left != right)
    for record, place in ((a, right), (b, left)):
        between = between[among(found, (record * n_reporters + place)[between])]
    kept[between] = True
    return np.asarray(chosen[kept], np.int64)


def _found_at(like: NDArray[np.int64], reporter: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return where each record is found, at its own reporter and wherever it has a like partner, as one number."""
    n_reporters = int(reporter.max(initial=-1)) + 1
    left, right = like.T
    found = np.concatenate(
        [
            np.arange(len(reporter)) * n_reporters + reporter,
            left * n_reporters + reporter[right],
            right * n_reporters + reporter[left],
        ]
    )
    return distinct(found)


def _without_common(
    ends: NDArray[np.int64], chosen: NDArray[np.int64], like: NDArray[np.bool_], n: int
) -> NDArray[np.int64]:
    """Return those of the chosen pairs that have no common partner."""
    if not len(chosen):
        return chosen
    left, right = ends[like].astype(np.int32).T
    rows, columns = np.append(left, right), np.append(right, left)
    likes = csr_array((np.ones(len(rows), np.int8), (rows, columns)), shape=(n, n))
    likes.sort_indices()
    starts, values = likes.indptr.astype(np.int64), likes.indices.astype(np.int32, copy=False)
    return np.asarray(chosen[_n_in_common(starts, values, ends, chosen, most=1) == 0], np.int64)


def _n_in_common(
    starts: NDArray[np.int64],
    values: NDArray[np.int32],
    ends: NDArray[np.int64],
    chosen: NDArray[np.int64],
    *,
    most: int,
) -> NDArray[np.int8]:
    """Return how many values both records of each chosen pair have, at most `most`; see `n_in_common`."""
    found = np.empty(len(chosen), np.int8)
    n_in_common(starts, values, np.ascontiguousarray(ends), chosen, most, found)
    return found
