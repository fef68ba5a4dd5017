"""How a run's model explains pairs that are not matches: competing partners, and rivals that agree for a reason.

All figures come from the library's own functions and the model that the run stored.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from benchmarks.registry_files import attached
from linkage.keys import RegistryKey
from linkage.linkage_unit.deciphering import deciphering_engine
from linkage.linkage_unit.pairs import compare_pairs, read_records
from linkage.linkage_unit.stored_model import read_model
from linkage.linking.model import Model
from linkage.linking.rivals import RIVALS, log_alternative, rival_ratios, shared_fields
from linkage.linking.score import log_chance, log_ratios
from linkage.linking.strata import Strata
from linkage.pipeline import Registry
from linkage.pipeline.units import Units

__all__ = ["Alternatives", "Ran", "alternatives", "could_be", "read_run"]

CLEARLY: Final = -2.0
"""Match weight, in bits, at or below which a field is named as evidence against a pair."""

_DATE: Final = "birth date"

_COULD_BE: Final = {
    "namesake": "could be namesakes: both names agree",
    "twin": "could be twins: family name and birth date agree",
    "borrowed number": "could be one number of two persons: number and birth date agree",
    "number of a relative": "could be a relative's number: number, birth date and family name agree",
    "borrowed foreign number": "could be one number of two persons: foreign number agrees",
}
"""For each rival, what the two records could be if they belong to two persons."""

_CALLED: Final = {"birth_year": _DATE, "birth_month": _DATE, "birth_day": _DATE, "serial": "number"}

_NAME_OF: Final = {side: [f"reporter_{side}", f"record_id_{side}"] for side in "ab"}

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Ran:
    """The pairs that a run compared, and the model that weighed them.

    Attributes:
        model: The model.
        strata: The strata of the records.
        names: `(n,)` reporter and id of each record.
        a: `(p,) int64`, index in `names` of one record of each pair.
        b: `(p,) int64`, index of the other record, which is greater.
        levels: `(p, f) int8` over the fields of the model, -1 where absent.
    """

    model: Model
    strata: Strata
    names: pd.MultiIndex
    a: Ints
    b: Ints
    levels: NDArray[np.int8]

    def compared(self, pairs: pd.DataFrame) -> tuple[NDArray[np.bool_], NDArray[np.int8]]:
        """Look up pairs.

        Args:
            pairs: `reporter_a`, `record_id_a`, `reporter_b`, `record_id_b`, in any orientation.

        Returns:
            A mask of the pairs that were compared, and their levels.
        """
        ends = np.column_stack(
            [self.names.get_indexer(pd.MultiIndex.from_frame(pairs[_NAME_OF[side]])) for side in "ab"]
        )
        ends.sort(axis=1)
        places = pd.Index(self._key(self.a, self.b)).get_indexer(self._key(ends[:, 0], ends[:, 1]))
        known = (places >= 0) & (ends >= 0).all(axis=1)
        return known, self.levels[places[known]]

    def _key(self, a: Ints, b: Ints) -> Ints:
        return a * len(self.names) + b


def read_run(path: Path) -> Ran | None:
    """Compare the pairs of a registry again, as its last run did.

    Args:
        path: The registry file.

    Returns:
        The pairs and the model; None if the registry has no model.
    """
    registry = Registry.open(path)
    with Units.open(registry.path).linkage.session(write=True) as session:
        records = read_records(session)
        stored = read_model(session)
        if stored is None:
            return None
        pairs, _ = compare_pairs(
            deciphering_engine(session, RegistryKey.load(registry.registry_key)), records, registry.settings.profile,
            tables=stored.model.fields, progress=lambda *_: None,
        )  # fmt: skip
    with attached(registry.path) as store:
        names = store.sql("SELECT reporter, record_id FROM linked ORDER BY codes_rid").df()
    places = np.sort(np.column_stack([records.index(pairs.a), records.index(pairs.b)]), axis=1)
    return Ran(stored.model, records.strata, pd.MultiIndex.from_frame(names), places[:, 0], places[:, 1], pairs.levels)


@dataclass(frozen=True, eq=False)
class Alternatives:
    """Explanations of pairs, each as a natural log ratio to chance agreement.

    Attributes:
        match: `(p,) float64`, one person, if neither record has another partner at the other's reporter.
        rivals: `(p, rivals) float64`, in the order of `RIVALS`; minus infinity where a rival is impossible.
        free: `(p,) float64`, log odds of a match against all alternatives, chance included, if neither record has
            another partner.
    """

    match: Floats
    rivals: Floats
    free: Floats


def alternatives(
    levels: NDArray[np.int8], reporters: tuple[Sequence[str], Sequence[str]], *, model: Model, strata: Strata
) -> Alternatives:
    """Weigh a match against the alternatives.

    Args:
        levels: `(p, f) int8` over the fields of the model, -1 where absent.
        reporters: The reporters of both records of each pair.
        model: The model.
        strata: The strata.
    """
    places = pd.Index(strata.reporters)
    left, right = (places.get_indexer(list(side)) for side in reporters)
    stratum = strata.numbers(left, right)
    evidence = log_ratios(levels, model.fields)
    # Between reporters this is the prior with which competition starts, within a reporter that of each pair.
    match = evidence.sum(axis=1) + np.log(model.partner_odds(strata)[stratum])
    share = model.rival_shares(strata)[stratum]
    ratios = rival_ratios(evidence, shared_fields(model.fields))
    with np.errstate(divide="ignore"):
        rivals = ratios + np.log(share)
    against = log_alternative(ratios, share) + log_chance(evidence, stratum, model, strata=strata)
    return Alternatives(match, rivals, match - against)


def could_be(found: Alternatives, weights: Floats, levels: NDArray[np.int8], fields: Sequence[str]) -> Iterator[str]:
    """Name for each pair the rival that explains it better than a match or chance.

    Args:
        found: The alternatives of the pairs.
        weights: `(p, f) float64`, the match weight of each field, in bits.
        levels: `(p, f) int8`, -1 where absent.
        fields: Names of the fields.

    Yields:
        The rival in words, with the strongest evidence against a match among the fields that two such persons do not
        share; an empty text if no rival explains the pair better.
    """
    names = list(RIVALS)
    for match, rivals, weight, level in zip(found.match, found.rivals, weights, levels, strict=True):
        best = int(rivals.argmax())
        if rivals[best] <= max(match, 0.0):
            yield ""
            continue
        shared = RIVALS[names[best]].fields
        own = [place for place, field in enumerate(fields) if field not in shared]
        yield _COULD_BE[names[best]] + _difference(own, weight, level, fields)


def _difference(own: list[int], weight: Floats, level: NDArray[np.int8], fields: Sequence[str]) -> str:
    """Name the field with the strongest evidence against a match, or the fields that are missing."""
    worst = min(own, key=lambda place: float(weight[place]))
    if weight[worst] <= CLEARLY:
        name = _called(fields[worst])
        return f", {name} {'differ' if name.endswith('s') else 'differs'}"
    absent = dict.fromkeys(_called(fields[place]) for place in own if level[place] < 0)
    return f", no {' or '.join(absent)}" if absent else ", little else"


def _called(field: str) -> str:
    return _CALLED.get(field, field.replace("_", " "))
