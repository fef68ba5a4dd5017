"""Rivals of a match: kinds of pairs of *different* persons that agree in several fields, but not by chance.

Twins share family name and birth date, namesakes share both names, and a number may be entered for the wrong person. If
chance were the only alternative to a match, all of these would be matches. A large file has more namesakes than
matches, so a fit would mistake namesakes for matches and learn that the birth date does not matter. Each kind is
therefore a latent class of non-matches with its own rate. In the fields that a rival shares, its levels have the
m-probabilities of a match; in all others they have the u-probabilities.

A number contains a birth date, and a number entered by mistake is often a relative's, so the family names agree too.
Pairs whose numbers disagree, or where a number is absent, are not rivals of this kind: the class would only express
that many people share a birth date, which u already does.
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
"""Relation of a rival to a field: shares it, or shares and requires it; 0 for neither. A required field must favour a
match."""

_DATE: Final = frozenset({"birth_year", "birth_month", "birth_day"})


class Rival(NamedTuple):
    """One kind of rival: the fields it shares, those it also requires, and its prior rate in pairs per record."""

    fields: frozenset[str]
    required: frozenset[str]
    rate: float


RIVALS: Final = {
    "namesake": Rival(frozenset({"given_names", "family_names", "swapped"}), frozenset(), 0.01),
    "twin": Rival(frozenset({"family_names"}) | _DATE, frozenset(), 0.03),
    "borrowed number": Rival(frozenset({"serial"}) | _DATE, frozenset({"serial"}), 0.005),
    "number of a relative": Rival(frozenset({"serial", "family_names"}) | _DATE, frozenset({"serial"}), 0.005),
    "borrowed foreign number": Rival(frozenset({"foreign_number"}), frozenset({"foreign_number"}), 0.005),
}
"""The kinds of rivals. The prior rates are assumptions with the weight of `PRIOR_RECORDS` records. About 3 of 100
persons have a twin, who is mostly met where they are."""


def shared_fields(tables: Sequence[FieldTable]) -> NDArray[np.int8]:
    """Return which fields each rival shares.

    Args:
        tables: A table for each of `f` fields.

    Returns:
        `(rivals, f) int8`, rivals in the order of `RIVALS`: 0, `SHARES` or `REQUIRES`. The row is 0 for a rival that
        shares every scored field, since it looks like a match, and for one whose required field is not scored.
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
        shared: `(rivals, f) int8`, as `shared_fields` returns it.

    Returns:
        `(p, rivals) float64`; minus infinity where a required field does not favour a match, and for a rival that
        shares no field.
    """
    ratios = np.full((len(evidence), len(shared)), -np.inf)
    for ratio, fields in zip(ratios.T, shared, strict=True):
        if fields.any():
            # Not a matrix product, whose rounding depends on the position of a row.
            of_fields = evidence[:, fields >= SHARES].sum(axis=1)
            met = (evidence[:, fields == REQUIRES] > 0).all(axis=1)
            ratio[met] = of_fields[met]
    return ratios


def log_alternative(ratios: NDArray[np.float64], share: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the log of the ratio between a pattern's probability among all non-matches and its probability by chance.

    Args:
        ratios: `(p, rivals) float64`.
        share: `(p, rivals) float64`, the share of each rival among the pairs of each pair's stratum.

    Returns:
        `(p,) float64`, at least 0 except for rounding.
    """
    return np.asarray(np.log1p((share * np.exp(ratios)).sum(axis=1)))
