"""Rivals of a match: kinds of pairs of *different* persons that agree in several fields, and not by chance.

Twins share family name and birth date, namesakes both names, and a number may be typed for the wrong person. If chance
were the only alternative, each such pair would have to be a match, and in a large file there are more namesakes than
matches: a fit would take them for its matches and unlearn the birth date. So each kind is a latent class of non-matches
with a rate of its own. It is tied to the tables of the matches: in the fields that it shares it behaves as a match, in
all others as chance.

A number brings the birth date that stands in it along, and often it is a relative's, so that the family names agree as
well. Pairs whose numbers disagree, or of which one has none, are no rivals of this kind: of them it would only say that
many are born on one day, which chance says already.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from pseudonym.profile import FieldTable

__all__ = ["REQUIRES", "RIVALS", "SHARES", "Rival", "log_alternative", "rival_ratios", "shared_fields"]


SHARES: Final = 1
REQUIRES: Final = 2
"""How a rival and a field go together, 0 where they do not: the rival shares it; or it must speak for a match too."""

_DATE: Final = frozenset({"birth_year", "birth_month", "birth_day"})


class Rival(NamedTuple):
    """One kind of rival: the fields it shares, those it also requires, and such pairs for each record beforehand."""

    fields: frozenset[str]
    required: frozenset[str]
    rate: float


RIVALS: Final = {
    "namesake": Rival(frozenset({"given_names", "family_names", "swapped"}), frozenset(), 0.01),
    "twin": Rival(frozenset({"family_names"}) | _DATE, frozenset(), 0.01),
    "borrowed number": Rival(frozenset({"serial"}) | _DATE, frozenset({"serial"}), 0.005),
    "number of a relative": Rival(frozenset({"serial", "family_names"}) | _DATE, frozenset({"serial"}), 0.005),
    "borrowed foreign number": Rival(frozenset({"foreign_number"}), frozenset({"foreign_number"}), 0.005),
}
"""The kinds of rivals. The rates are assumptions; some twenty records outweigh them."""


def shared_fields(tables: Sequence[FieldTable]) -> NDArray[np.int8]:
    """Say which rivals share which fields.

    Args:
        tables: A table for each of `f` fields.

    Returns:
        `(rivals, f) int8`, rivals in the order of `RIVALS`: 0, `SHARES` or `REQUIRES`. A rival that shares every scored
        field or none is no rival of a match but the same, and one whose required field is not scored is none either;
        their rows are 0.
    """
    names = [table.field for table in tables]
    shared = np.zeros((len(RIVALS), len(names)), np.int8)
    for row, rival in zip(shared, RIVALS.values(), strict=True):
        if rival.required <= set(names) and not set(names) <= rival.fields:
            row[:] = [(name in rival.fields) + (name in rival.required) for name in names]
    return shared


def rival_ratios(evidence: NDArray[np.float64], shared: NDArray[np.int8]) -> NDArray[np.float64]:
    """Sum ln(m/u) over the fields that each rival shares.

    Args:
        evidence: `(p, f) float64`, ln(m/u) of each field, 0 where absent.
        shared: `(rivals, f) int8`, as `shared_fields` gives it.

    Returns:
        `(p, rivals) float64`; minus infinity where a field that the rival requires does not speak for a match, and for
        a rival that shares no field.
    """
    ratios = np.full((len(evidence), len(shared)), -np.inf)
    for ratio, fields in zip(ratios.T, shared, strict=True):
        if fields.any():
            # Not a matrix product, whose rounding depends on where a row stands among the others.
            of_fields = evidence[:, fields >= SHARES].sum(axis=1)
            met = (evidence[:, fields == REQUIRES] > 0).all(axis=1)
            ratio[met] = of_fields[met]
    return ratios


def log_alternative(ratios: NDArray[np.float64], share: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return ln of how probable a pattern is among all non-matches, over how probable it is by chance.

    Args:
        ratios: `(p, rivals) float64`.
        share: `(p, rivals) float64`, the share of each rival among the pairs of each pair's stratum.

    Returns:
        `(p,) float64`, at least 0 but for rounding.
    """
    return np.asarray(np.log1p((share * np.exp(ratios)).sum(axis=1)))
