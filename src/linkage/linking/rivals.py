"""Rivals of a match: kinds of pairs of *different* persons that agree in several fields, and not by chance.

Twins share family name and birth date, namesakes both names, and a number may be typed for the wrong person. If chance
were the only alternative, each such pair would have to be a match, and in a large file there are more namesakes than
matches: a fit would take them for its matches and unlearn the birth date. So each kind is a latent class of non-matches
with a rate of its own. It is tied to the tables of the matches: in the fields that it shares it behaves as a match, in
all others as chance.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from pseudonym.profile import FieldTable

__all__ = ["RIVALS", "Rival", "log_alternative", "rival_ratios", "shared_fields"]


class Rival(NamedTuple):
    """One kind of rival: the fields it shares, and such pairs for each record, before anything is seen."""

    fields: frozenset[str]
    rate: float


RIVALS: Final = {
    "namesake": Rival(frozenset({"given_names", "family_names", "swapped"}), 0.01),
    "twin": Rival(frozenset({"family_names", "birth_year", "birth_month", "birth_day"}), 0.01),
    "borrowed number": Rival(frozenset({"serial", "foreign_number"}), 0.005),
}
"""The kinds of rivals. The rates are assumptions; some twenty records outweigh them."""


def shared_fields(tables: Sequence[FieldTable]) -> NDArray[np.bool_]:
    """Say which rivals share which fields.

    Args:
        tables: A table for each of `f` fields.

    Returns:
        `(rivals, f) bool`, rivals in the order of `RIVALS`. A rival all of whose fields are scored or none is no rival
        of a match but the same, so it shares none.

    Sees: neither
    """
    names = [table.field for table in tables]
    shared = np.array([[name in rival.fields for name in names] for rival in RIVALS.values()], bool)
    shared = shared.reshape(len(RIVALS), len(names))
    shared[shared.all(axis=1)] = False
    return shared


def rival_ratios(evidence: NDArray[np.float64], shared: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Sum ln(m/u) over the fields that each rival shares.

    Args:
        evidence: `(p, f) float64`, ln(m/u) of each field, 0 where absent.
        shared: `(rivals, f) bool`.

    Returns:
        `(p, rivals) float64`; minus infinity for a rival that shares no field.

    Sees: neither
    """
    # Not a matrix product, whose rounding depends on where a row stands among the others.
    never = np.full(len(evidence), -np.inf)
    return np.stack([evidence[:, fields].sum(axis=1) if fields.any() else never for fields in shared], axis=1)


def log_alternative(ratios: NDArray[np.float64], share: NDArray[np.float64]) -> NDArray[np.float64]:
    """Give ln of how probable a pattern is among all non-matches, over how probable it is by chance.

    Args:
        ratios: `(p, rivals) float64`.
        share: `(p, rivals) float64`, the share of each rival among the pairs of each pair's stratum.

    Returns:
        `(p,) float64`, at least 0 but for rounding.

    Sees: neither
    """
    return np.asarray(np.log1p((share * np.exp(ratios)).sum(axis=1)))
