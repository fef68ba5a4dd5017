"""Explanations: why two records are, or are not, taken for one person, as figures in bits.

The log odds are a sum: the prior of two records of these reporters, the weight of each field, what the rivals of a
match subtract, and what competition with the other candidates of both records adds. `steps` lists the terms for a
waterfall.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from pseudonym.profile import SLOTS_OF_FIELD

__all__ = ["Candidate", "Explanation", "FieldWeight", "NamedRecord", "Persons", "RivalWeight"]


@dataclass(frozen=True, slots=True)
class NamedRecord:
    """A record with its reporter, its id there, and its person in the last run."""

    reporter: str
    record_id: str
    person_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldWeight:
    """The evidence of one field.

    Attributes:
        field: Name of the field.
        outcome: `absent` on either side, `compared`, `swapped` (names) or `exchanged` (month and day).
        distance: Mean number of differing bits over the shared match keys (`unit` is `bits`), or number of differing
            slots (`slots`); None if there is no distance.
        unit: See `distance`.
        level: Level of similarity, from 0; None if absent.
        n_levels: Number of levels.
        m: Probability of the level among records of one person.
        u: Probability of the level among records of two persons.
        weight: log2(m/u) in bits; 0 if absent.
    """

    field: str
    outcome: str
    distance: float | None
    unit: str
    level: int | None
    n_levels: int
    m: float | None
    u: float | None
    weight: float

    @property
    def has_one_slot(self) -> bool:
        """Whether the field is either equal or different, with nothing in between."""
        return SLOTS_OF_FIELD.get(self.field) == 1


@dataclass(frozen=True, slots=True, kw_only=True)
class RivalWeight:
    """How well one kind of rival explains the pair.

    Attributes:
        name: The kind.
        share: Share of this kind among all pairs of the two reporters.
        odds: Probability of the pair as a rival of this kind, divided by its probability by chance.
    """

    name: str
    share: float
    odds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """Another record that may be the same person as one of the two.

    Attributes:
        of: 0 for a candidate of the first record, 1 for one of the second.
        reporter: Its reporter.
        record_id: Its id.
        competes: Whether it competes with the pair, because it is from the other record's reporter.
        chance_bits: What numbers of other pairs show of chance agreement adds, in bits (`linkage.linking.proven`); 0
            where the two have numbers to compare.
        before: Probability before competition.
        probability: Probability after competition; None if it is too low to be stored.
        decision: `link`, `review` or `no link`.
    """

    of: int
    reporter: str
    record_id: str
    competes: bool
    before: float
    probability: float | None
    decision: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Persons:
    """Counts for the persons of the two records.

    Attributes:
        same: Whether they are the same person.
        records: Number of records of each.
        pairs: Number of pairs with one record from each; 0 if they are the same person.
        in_favour: Number of these pairs that, on their own, have a probability of at least 0.5.
    """

    same: bool
    records: tuple[int, int]
    pairs: int
    in_favour: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """Why two records are, or are not, taken for one person.

    Attributes:
        a: The first record.
        b: The second.
        run: Number of the run that is explained.
        model: Number of its model; None if there were no pairs to learn from.
        keys: Number of shared match keys of each kind; kinds that are not shared are left out.
        fields: Comparison fields in the order of the model; empty if no match key is shared.
        match_weight: Sum of the fields' weights, in bits, as in `export links`.
        prior: Probability that two records of these reporters are one person, before they are compared.
        prior_bits: Log odds of the prior, in bits.
        rivals: The alternatives to a match other than chance.
        rivals_bits: What the rivals add to the log odds, in bits; usually negative.
        before: Probability before competition.
        competition_bits: What all other records add, in bits: competition, the joined evidence of both persons,
            partners of their own, and too little evidence to go by; None if the pair was not stored.
        log_odds_bits: Log odds after competition, in bits; before competition if the pair was not stored.
        probability: Probability after competition; None if it is too low to be stored.
        storage_threshold: Probability below which a pair is not stored unless it is a link or left for review.
        decision: `link`, `review` or `no link`.
        reason: The reason for the decision, as in `export links`.
        persons: Counts for the persons of the two records.
        candidates: Other candidates of both records, the most probable first.
        notes: Sentences that a reader of the result must know.
    """

    a: NamedRecord
    b: NamedRecord
    run: int
    model: int | None
    keys: Mapping[str, int]
    fields: tuple[FieldWeight, ...]
    match_weight: float
    prior: float
    prior_bits: float
    rivals: tuple[RivalWeight, ...]
    rivals_bits: float
    chance_bits: float
    before: float
    competition_bits: float | None
    log_odds_bits: float
    probability: float | None
    storage_threshold: float
    decision: str
    reason: str
    persons: Persons
    candidates: tuple[Candidate, ...]
    notes: tuple[str, ...]

    def steps(self) -> tuple[tuple[str, float], ...]:
        """Return the terms that add up to `log_odds_bits`: prior, present fields, rivals, chance, competition."""
        fields = [(field.field, field.weight) for field in self.fields if field.outcome != "absent"]
        last = [] if self.competition_bits is None else [("competition", self.competition_bits)]
        chance = [("chance", self.chance_bits)] if self.chance_bits else []
        return (("prior", self.prior_bits), *fields, ("rivals", self.rivals_bits), *chance, *last)

    def to_dict(self) -> dict[str, Any]:
        """Return the explanation as plain lists, strings and numbers, as `linkage explain --json` prints it."""
        steps = [{"step": name, "bits": bits} for name, bits in self.steps()]
        return asdict(self) | {"keys": dict(self.keys), "steps": steps}
