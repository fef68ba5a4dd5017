"""The model: the fitted parameters, as a document that later runs use unchanged.

A model is fitted to the records of one run and then kept. As long as it is, links depend on the current records only,
not on the order in which they arrived; but they do depend on the records that the model was fitted to. Whatever is
measured on all pairs and weighs each of them is part of it, so that new records change nothing but what they touch. A
refit is a dated event. A model is JSON, so people and other programs can read it, and it cannot contain code.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from linkage.linking.meeting import MeetingStrengths
from linkage.linking.rivals import RIVALS
from linkage.linking.strata import Strata, partner_odds, priors_of_rates, rival_shares
from pseudonym.profile import FieldTable

__all__ = ["ChanceAgreement", "Model", "RivalRate", "StratumPrior"]

FORMAT: Final = "linkage-model/2"

_CHANCE: Final = ("chance_between", "chance_within")
_NESTED: Final = ("fields", "meeting", "rivals", "strata", *_CHANCE)
"""The members that are not plain values."""


@dataclass(frozen=True)
class StratumPrior:
    """Fitted parameters of one stratum.

    Attributes:
        reporters: The two reporters, sorted; the same one twice for pairs within a reporter.
        n_pairs: Number of pairs of the stratum, candidates or not.
        expected_matches: Sum of the match probabilities of its candidates.
        match_prior: Probability that a pair of the stratum is a match, before it is compared.
        partner_odds: Odds, before comparison, that two persons without other partners are partners; within a reporter,
            that two of its persons are one.
        rival_shares: Probability that a pair is a rival of each kind, in the order of `RIVALS`.
    """

    reporters: tuple[str, str]
    n_pairs: int
    expected_matches: float
    match_prior: float
    partner_odds: float
    rival_shares: tuple[float, ...]


@dataclass(frozen=True)
class RivalRate:
    """Fitted rates of one kind of rival, see `linkage.linking.rivals`.

    Attributes:
        name: The kind.
        between: Rivals per record of the smaller reporter, over all pairs of reporters.
        within: Rivals per record within reporters.
    """

    name: str
    between: float
    within: float


@dataclass(frozen=True)
class ChanceAgreement:
    """How often different persons agree in all but a number, see `linkage.linking.proven`.

    Attributes:
        ratio: By how much more often than the tables and rivals say; 1 if nothing shows that.
        proven: Number of pairs of two persons from which it was fitted, seen or expected, whichever are more.
    """

    ratio: float = 1.0
    proven: float = 0.0


@dataclass(frozen=True)
class Model:
    """Fitted parameters.

    Attributes:
        fields: One table per scored field: edges and u of the profile, m as fitted.
        strata: Parameters of each stratum that had candidates, sorted by reporters.
        rate_between: Matches per record of the smaller reporter, over all pairs of reporters; for strata not in
            `strata`.
        rate_within: Matches per record within reporters.
        partner_share: Share of the smaller reporter's persons who are known to the other, over all pairs of reporters;
            for strata not in `strata`.
        rivals: Rates of each kind of rival, in the order of `RIVALS`.
        iterations: Number of EM iterations.
        converged: Whether the fit converged within the maximum number of iterations.
        note: Sentences that a reader of the results must know; blank if there are none.
        chance_between: Agreement of different persons between reporters; a model fitted before it was known has none.
        chance_within: The same within reporters.
        other_words: Evidence against one person in pairs of other words, see `linkage.linking.partners`; None until it
            is measured.
        meeting: Meeting strengths, over sets of `fields`; None until they are measured.
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
    chance_between: ChanceAgreement = ChanceAgreement()
    chance_within: ChanceAgreement = ChanceAgreement()
    other_words: tuple[float, ...] | None = None
    meeting: MeetingStrengths | None = None

    @property
    def expected_matches(self) -> float:
        """Sum of the match probabilities of all candidates to which the model was fitted."""
        return float(sum(stratum.expected_matches for stratum in self.strata))

    def match_priors(self, strata: Strata) -> NDArray[np.float64]:
        """Return the match prior of each stratum.

        Args:
            strata: The current strata, which may have reporters that the model has not seen.

        Returns:
            `(s,) float64`: the fitted prior; for a new stratum, the prior that the rate over all strata implies at its
            size.
        """
        rates = np.where(strata.is_within, self.rate_within, self.rate_between)
        priors = priors_of_rates(rates, strata)
        numbers, known = self._known(strata)
        priors[numbers] = [stratum.match_prior for stratum in known]
        return priors

    def partner_odds(self, strata: Strata) -> NDArray[np.float64]:
        """Return, for each stratum, the odds that two persons without other partners are partners.

        Args:
            strata: The current strata.

        Returns:
            `(s,) float64`: the fitted odds; for a new stratum, those that the share over all strata implies. Within a
            reporter, the odds that two of its persons are one; for a new one, those of the match prior.
        """
        priors = self.match_priors(strata)
        sizes = np.asarray(strata.n_records, np.float64)[strata.reporter_pairs]
        odds = np.where(strata.is_within, priors / (1 - priors), partner_odds(self.partner_share, sizes))
        numbers, known = self._known(strata)
        odds[numbers] = [stratum.partner_odds for stratum in known]
        return odds

    def rival_shares(self, strata: Strata) -> NDArray[np.float64]:
        """Return the share of each rival among the pairs of each stratum.

        Args:
            strata: The current strata.

        Returns:
            `(s, rivals) float64`. Fitted shares do not change when reporters grow, so earlier results do not either.
        """
        shares = _shares(self.rivals, strata)
        numbers, known = self._known(strata)
        if known:
            shares[numbers] = [stratum.rival_shares for stratum in known]
        return shares

    def with_rivals(self, strata: Strata, fields: tuple[FieldTable, ...], rivals: tuple[RivalRate, ...]) -> Model:
        """Return the model with new tables and rivals.

        Args:
            strata: The strata that the model was fitted to.
            fields: One table per scored field.
            rivals: Rates, which determine the shares of the strata.

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
        """Return the model with new partner odds.

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

    def with_chance(self, between: ChanceAgreement, within: ChanceAgreement) -> Model:
        """Return the model with another agreement of different persons.

        Args:
            between: Between reporters.
            within: Within reporters.

        Returns:
            A new model.
        """
        return replace(self, chance_between=between, chance_within=within)

    def _known(self, strata: Strata) -> tuple[NDArray[np.int64], list[StratumPrior]]:
        """Return the numbers and the fitted parameters of the strata that the model has seen."""
        index = {reporter: position for position, reporter in enumerate(strata.reporters)}
        known = [stratum for stratum in self.strata if set(stratum.reporters) <= index.keys()]
        ends = np.array([[index[reporter] for reporter in stratum.reporters] for stratum in known], np.int64)
        ends = ends.reshape(-1, 2)
        return strata.numbers(ends[:, 0], ends[:, 1]), known

    def to_json(self) -> str:
        """Return the model as JSON text that `from_json` reads back to an equal model."""
        document: dict[str, Any] = {"format": FORMAT}
        document |= {name: value for name, value in vars(self).items() if name not in _NESTED}
        document["fields"] = [table.model_dump(mode="json") for table in self.fields]
        document["strata"] = [asdict(stratum) for stratum in self.strata]
        document["rivals"] = [asdict(rival) for rival in self.rivals]
        document["meeting"] = None if self.meeting is None else asdict(self.meeting)
        document |= {name: asdict(getattr(self, name)) for name in _CHANCE}
        return json.dumps(document, sort_keys=True, ensure_ascii=False, allow_nan=False)

    @classmethod
    def from_json(cls, text: str) -> Model:
        """Read a model that `to_json` wrote.

        Args:
            text: JSON text.

        Returns:
            The model.

        Raises:
            ValueError: The text is not a model in this format.
        """
        try:
            document = json.loads(text)
            if document.pop("format") != FORMAT:
                raise ValueError
            tables = [FieldTable.model_validate_json(json.dumps(table)) for table in document.pop("fields")]
            strata = [_stratum(**stratum) for stratum in document.pop("strata")]
            rivals = [RivalRate(**rival) for rival in document.pop("rivals")]
            document |= {name: ChanceAgreement(**document[name]) for name in _CHANCE if name in document}
            if [rival.name for rival in rivals] != list(RIVALS):
                raise ValueError
            words, meeting = document.pop("other_words"), _meeting(document.pop("meeting"))
            found = cls(fields=tuple(tables), strata=tuple(strata), rivals=tuple(rivals), **document)
            return replace(found, other_words=None if words is None else tuple(words), meeting=meeting)
        except (AttributeError, IndexError, KeyError, TypeError, ValueError):
            raise ValueError("the text is not a model of this format") from None


def _shares(rivals: Sequence[RivalRate], strata: Strata) -> NDArray[np.float64]:
    """Return the shares that the rates imply."""
    rates = np.array([[rival.between for rival in rivals], [rival.within for rival in rivals]])
    return rival_shares(rates, strata)


def _stratum(*, reporters: Sequence[str], rival_shares: Sequence[float], **values: Any) -> StratumPrior:
    """Build a stratum prior from JSON, where tuples are lists."""
    left, right = reporters
    return StratumPrior((left, right), rival_shares=tuple(rival_shares), **values)


def _meeting(values: dict[str, Any] | None) -> MeetingStrengths | None:
    """Build meeting strengths from JSON, where tuples are lists."""
    if values is None:
        return None
    sets = tuple((int(number), float(strength)) for number, strength in values["sets"])
    return MeetingStrengths(sets, float(values["otherwise"]))
