"""The model: what one fit has learned, as a document that later runs use unchanged.

Linking with a model that stands still is what makes the answer independent of the order of deliveries; a refit is a
dated event. A model is JSON, so that it can be read by people and other programs and can carry no code.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from linkage.linking.rivals import RIVALS
from linkage.linking.strata import Strata, partner_odds, priors_of_rates, rival_shares
from pseudonym.profile import FieldTable

__all__ = ["Model", "RivalRate", "StratumPrior"]

FORMAT: Final = "linkage-model/1"


@dataclass(frozen=True)
class StratumPrior:
    """What was learned of one stratum.

    Attributes:
        reporters: The two bodies, sorted; twice the same for the inside of one.
        n_pairs: How many pairs the stratum had, candidates or not.
        expected_matches: The sum of the match probabilities of its candidates.
        match_prior: The probability that a pair of the stratum is a match, before it is compared.
        partner_odds: The odds that two of its records are partners, before they are compared, if neither has another
            partner; inside a body the odds of the match prior.
        rival_shares: The probability that it is a rival of each kind, in the order of `RIVALS`.
    """

    reporters: tuple[str, str]
    n_pairs: int
    expected_matches: float
    match_prior: float
    partner_odds: float
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
        partner_share: The share of the smaller body's persons who are known to the other, over all pairs of bodies; for
            pairs not in `strata`.
        rivals: What was learned of each kind of rival, in the order of `RIVALS`.
        iterations: Steps that the fit took.
        converged: Whether it came to rest before the limit of steps.
        note: What a reader must know about the fit, in sentences; empty when there is nothing.
    """

    fields: tuple[FieldTable, ...]
    strata: tuple[StratumPrior, ...]
    rate_between: float
    rate_within: float
    partner_share: float
    rivals: tuple[RivalRate, ...]
    iterations: int
    converged: bool
    note: str = ""

    @property
    def expected_matches(self) -> float:
        """Sum of the match probabilities of all candidates that the model was fitted to."""
        return float(sum(stratum.expected_matches for stratum in self.strata))

    def match_priors(self, strata: Strata) -> NDArray[np.float64]:
        """Return the match prior of each stratum.

        Args:
            strata: The strata of today, which may have bodies that the model has not seen.

        Returns:
            `(s,) float64`: the fitted prior; for a stratum without one, the rate of all strata at its size.
        """
        rates = np.where(strata.is_within, self.rate_within, self.rate_between)
        priors = priors_of_rates(rates, strata)
        numbers, known = self._known(strata)
        priors[numbers] = [stratum.match_prior for stratum in known]
        return priors

    def partner_odds(self, strata: Strata) -> NDArray[np.float64]:
        """Return the odds that two records without other partners are partners, for each stratum.

        Args:
            strata: The strata of today.

        Returns:
            `(s,) float64`: as fitted; for a stratum without fitted odds those of the share of all strata at its size.
        """
        priors = self.match_priors(strata)
        sizes = np.asarray(strata.n_records, np.float64)[strata.pairs_of_bodies]
        odds = np.where(strata.is_within, priors / (1 - priors), partner_odds(self.partner_share, sizes))
        numbers, known = self._known(strata)
        odds[numbers] = [stratum.partner_odds for stratum in known]
        return odds

    def rival_shares(self, strata: Strata) -> NDArray[np.float64]:
        """Return the share of each rival among the pairs of each stratum, fitted ones as they stand.

        Args:
            strata: The strata of today.

        Returns:
            `(s, rivals) float64`: what stands in the model does not move as bodies grow, so no old answer does.
        """
        shares = _shares(self.rivals, strata)
        numbers, known = self._known(strata)
        if known:
            shares[numbers] = [stratum.rival_shares for stratum in known]
        return shares

    def with_rivals(self, strata: Strata, fields: tuple[FieldTable, ...], rivals: tuple[RivalRate, ...]) -> Model:
        """Return the model with other tables and rivals.

        Args:
            strata: The strata that the model was fitted to.
            fields: Tables.
            rivals: Rates, of which the shares of the strata follow.

        Returns:
            A new model.
        """
        shares = _shares(rivals, strata)
        numbers, known = self._known(strata)
        fitted = [
            replace(stratum, rival_shares=tuple(shares[number].tolist()))
            for number, stratum in zip(numbers.tolist(), known, strict=True)
        ]
        return replace(self, fields=fields, strata=tuple(fitted), rivals=rivals)

    def with_partners(
        self, strata: Strata, odds: NDArray[np.float64], *, expected: NDArray[np.float64], share: float
    ) -> Model:
        """Return the model with other odds of partners.

        Args:
            strata: The strata that the model was fitted to.
            odds: `(s,) float64`, partner odds.
            expected: `(s,) float64`, expected matches.
            share: The partner share.

        Returns:
            A new model.
        """
        numbers, known = self._known(strata)
        fitted = [
            replace(stratum, partner_odds=float(odds[number]), expected_matches=float(expected[number]))
            for number, stratum in zip(numbers.tolist(), known, strict=True)
        ]
        return replace(self, strata=tuple(fitted), partner_share=share)

    def _known(self, strata: Strata) -> tuple[NDArray[np.int64], list[StratumPrior]]:
        """Find the strata of today that the model has seen."""
        places = {reporter: place for place, reporter in enumerate(strata.reporters)}
        known = [stratum for stratum in self.strata if set(stratum.reporters) <= places.keys()]
        ends = np.array([[places[reporter] for reporter in stratum.reporters] for stratum in known], np.int64)
        ends = ends.reshape(-1, 2)
        return strata.numbers(ends[:, 0], ends[:, 1]), known

    def to_json(self) -> str:
        """Return the model as JSON text that `from_json` reads back to an equal model."""
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


def _shares(rivals: Sequence[RivalRate], strata: Strata) -> NDArray[np.float64]:
    """Return the share of each rival among the pairs of each stratum by its rate."""
    rates = np.array([[rival.between for rival in rivals], [rival.within for rival in rivals]])
    return rival_shares(rates, strata)


def _stratum(*, reporters: Sequence[str], rival_shares: Sequence[float], **values: Any) -> StratumPrior:
    """Make a stratum prior from JSON, where tuples are lists."""
    left, right = reporters
    return StratumPrior((left, right), rival_shares=tuple(rival_shares), **values)
