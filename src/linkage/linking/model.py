"""The model: what one fit has learned, as a document that later runs use unchanged.

Linking with a model that stands still is what makes the answer independent of the order of deliveries; a refit is a
dated event. A model is JSON, so that it can be read by people and other programs and can carry no code.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from linkage.linking.rivals import RIVALS
from pseudonym.profile import FieldTable

__all__ = ["MAX_PRIOR", "Model", "RivalRate", "Strata", "StratumPrior", "priors_of_rates", "rival_shares"]

FORMAT: Final = "linkage-model/1"

MAX_PRIOR: Final = 0.5
"""No stratum is taken to hold more matches than other pairs; only a body of two or three records comes near."""


@dataclass(frozen=True)
class Strata:
    """All pairs of records, divided by the bodies they come from: each pair of bodies, and the inside of each body.

    Attributes:
        reporters: Codes of the bodies, sorted.
        n_records: How many records each has.
    """

    reporters: tuple[str, ...]
    n_records: tuple[int, ...]

    @classmethod
    def of(cls, n_records: Mapping[str, int]) -> Strata:
        """Make strata from the number of records of each body.

        Args:
            n_records: By code of the body, in any order.

        Returns:
            The strata.

        Sees: neither
        """
        reporters = tuple(sorted(n_records))
        return cls(reporters, tuple(n_records[reporter] for reporter in reporters))

    def numbers(self, left: NDArray[np.integer], right: NDArray[np.integer]) -> NDArray[np.int64]:
        """Give the stratum number of each pair.

        Args:
            left: `(p,)` integers, the place in `reporters` of one record's body.
            right: `(p,)` integers, that of the other; which is which does not matter.

        Returns:
            `(p,) int64`, from 0 to `len(n_pairs) - 1`.

        Sees: neither
        """
        low = np.minimum(left, right).astype(np.int64)
        high = np.maximum(left, right).astype(np.int64)
        return np.asarray(high * (high + 1) // 2 + low)

    @cached_property
    def pairs_of_bodies(self) -> NDArray[np.int64]:
        """`(s, 2) int64`: for each stratum the places of its bodies in `reporters`, the smaller first."""
        high, low = np.tril_indices(len(self.reporters))
        return np.column_stack([low, high]).astype(np.int64)

    @cached_property
    def is_within(self) -> NDArray[np.bool_]:
        """`(s,) bool`: whether a stratum is the inside of one body."""
        return np.asarray(self.pairs_of_bodies[:, 0] == self.pairs_of_bodies[:, 1])

    @cached_property
    def n_pairs(self) -> NDArray[np.float64]:
        """`(s,) float64`: how many pairs of records each stratum has, candidates or not."""
        low, high = self._sizes()
        return np.where(self.is_within, low * (low - 1) / 2, low * high)

    @cached_property
    def n_small(self) -> NDArray[np.float64]:
        """`(s,) float64`: records of the smaller body of each stratum, the natural scale of its number of matches."""
        return np.minimum(*self._sizes())

    def _sizes(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Give the number of records of both bodies of each stratum."""
        sizes = np.asarray(self.n_records, np.float64)
        return sizes[self.pairs_of_bodies[:, 0]], sizes[self.pairs_of_bodies[:, 1]]


@dataclass(frozen=True)
class StratumPrior:
    """What was learned of one stratum.

    Attributes:
        reporters: The two bodies, sorted; twice the same for the inside of one.
        n_pairs: How many pairs the stratum had, candidates or not.
        expected_matches: The sum of the match probabilities of its candidates.
        match_prior: The probability that a pair of the stratum is a match, before it is compared.
        rival_shares: The probability that it is a rival of each kind, in the order of `RIVALS`.
    """

    reporters: tuple[str, str]
    n_pairs: int
    expected_matches: float
    match_prior: float
    rival_shares: tuple[float, ...]


@dataclass(frozen=True)
class RivalRate:
    """What was learned of one kind of non-matches that agree for a reason, see `linkage.linking.rivals`.

    Attributes:
        name: The kind.
        between: Such pairs for each record of the smaller body, over all pairs of bodies.
        within: The same inside a body.
    """

    name: str
    between: float
    within: float


@dataclass(frozen=True)
class Model:
    """Fitted parameters.

    Attributes:
        fields: A table a scored field: edges and u as the profile has them, m as fitted.
        strata: What was learned of each stratum that had candidates, sorted by reporters.
        rate_between: Matches for each record of the smaller body, over all pairs of bodies; for pairs not in `strata`.
        rate_within: The same inside a body.
        rivals: What was learned of each kind of rival, in the order of `RIVALS`.
        iterations: Steps that the fit took.
        converged: Whether it came to rest before the limit of steps.
        note: What a reader must know about the fit, in sentences; empty when there is nothing.
    """

    fields: tuple[FieldTable, ...]
    strata: tuple[StratumPrior, ...]
    rate_between: float
    rate_within: float
    rivals: tuple[RivalRate, ...]
    iterations: int
    converged: bool
    note: str = ""

    @property
    def expected_matches(self) -> float:
        """Sum of the match probabilities of all candidates that the model was fitted to."""
        return float(sum(stratum.expected_matches for stratum in self.strata))

    def match_priors(self, strata: Strata) -> NDArray[np.float64]:
        """Give the match prior of each stratum.

        Args:
            strata: The strata of today, which may have bodies that the model has not seen.

        Returns:
            `(s,) float64`: the fitted prior; for a stratum without one, the rate of all strata at its size.

        Sees: neither
        """
        rates = np.where(strata.is_within, self.rate_within, self.rate_between)
        priors = priors_of_rates(rates, strata)
        numbers, known = self._known(strata)
        priors[numbers] = [stratum.match_prior for stratum in known]
        return priors

    def rival_shares(self, strata: Strata) -> NDArray[np.float64]:
        """Give the share of each rival among the pairs of each stratum, fitted ones as they stand.

        Args:
            strata: The strata of today.

        Returns:
            `(s, rivals) float64`: what stands in the model does not move as bodies grow, so no old answer does.

        Sees: neither
        """
        rates = np.array([[rival.between for rival in self.rivals], [rival.within for rival in self.rivals]])
        shares = rival_shares(rates, strata)
        numbers, known = self._known(strata)
        if known:
            shares[numbers] = [stratum.rival_shares for stratum in known]
        return shares

    def _known(self, strata: Strata) -> tuple[NDArray[np.int64], list[StratumPrior]]:
        """Find the strata of today that the model has seen."""
        places = {reporter: place for place, reporter in enumerate(strata.reporters)}
        known = [stratum for stratum in self.strata if set(stratum.reporters) <= places.keys()]
        ends = np.array([[places[reporter] for reporter in stratum.reporters] for stratum in known], np.int64)
        ends = ends.reshape(-1, 2)
        return strata.numbers(ends[:, 0], ends[:, 1]), known

    def to_json(self) -> str:
        """Give the model as JSON text that `from_json` reads back to an equal model.

        Sees: neither
        """
        document: dict[str, Any] = {"format": FORMAT}
        document |= {name: value for name, value in vars(self).items() if name not in ("fields", "strata", "rivals")}
        document["fields"] = [table.model_dump(mode="json") for table in self.fields]
        document["strata"] = [asdict(stratum) for stratum in self.strata]
        document["rivals"] = [asdict(rival) for rival in self.rivals]
        return json.dumps(document, sort_keys=True, ensure_ascii=False, allow_nan=False)

    @classmethod
    def from_json(cls, text: str) -> Model:
        """Read a model that `to_json` wrote.

        Args:
            text: JSON text.

        Returns:
            The model.

        Raises:
            ValueError: The text is not a model of this format.

        Sees: neither
        """
        try:
            document = json.loads(text)
            if document.pop("format") != FORMAT:
                raise ValueError
            tables = [FieldTable.model_validate_json(json.dumps(table)) for table in document.pop("fields")]
            strata = [_stratum(**stratum) for stratum in document.pop("strata")]
            rivals = [RivalRate(**rival) for rival in document.pop("rivals")]
            if [rival.name for rival in rivals] != list(RIVALS):
                raise ValueError
            return cls(fields=tuple(tables), strata=tuple(strata), rivals=tuple(rivals), **document)
        except (AttributeError, KeyError, TypeError, ValueError):
            raise ValueError("the text is not a model of this format") from None


def priors_of_rates(rates: NDArray[np.float64], strata: Strata) -> NDArray[np.float64]:
    """Turn matches for each record of the smaller body into match priors of pairs.

    Args:
        rates: `(s,) float64`.
        strata: The strata.

    Returns:
        `(s,) float64`, at most `MAX_PRIOR`.

    Sees: neither
    """
    return np.minimum(rates * strata.n_small / np.maximum(strata.n_pairs, 1), MAX_PRIOR)


def rival_shares(rates: NDArray[np.float64], strata: Strata) -> NDArray[np.float64]:
    """Turn rates of rivals into their shares among the pairs of each stratum.

    Args:
        rates: `(2, rivals) float64`, between bodies and within.
        strata: The strata.

    Returns:
        `(s, rivals) float64`.

    Sees: neither
    """
    of_stratum = rates[strata.is_within.astype(np.int64)]
    return np.stack([priors_of_rates(column, strata) for column in of_stratum.T], axis=1)


def _stratum(*, reporters: Sequence[str], rival_shares: Sequence[float], **values: Any) -> StratumPrior:
    """Make a stratum prior from JSON, where tuples are lists."""
    left, right = reporters
    return StratumPrior((left, right), rival_shares=tuple(rival_shares), **values)
