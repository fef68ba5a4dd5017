"""Explanation: why two records are, or are not, taken for one person, as plain figures in bits.

The evidence adds up: what is known of two records of these bodies before they are compared, what each field says, what
the rivals of a match take away, and what the other candidates of the two records change. `steps` gives the sum part by
part, for a waterfall.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from pseudonym.profile import SLOTS_OF_FIELD

__all__ = ["Candidate", "Explanation", "FieldWeight", "NamedRecord", "Persons", "RivalWeight"]


@dataclass(frozen=True, slots=True)
class NamedRecord:
    """A record by the body's own name for it, and the person that the last run took it for."""

    reporter: str
    record_id: str
    person_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldWeight:
    """What one field says.

    Attributes:
        field: Its name.
        outcome: `absent` on a side, `compared`; `swapped` names, or month and day `exchanged`.
        distance: Mean number of differing bits over the shared match keys (`unit` is `bits`), or number of differing
            slots (`slots`); None where there is none.
        unit: See `distance`.
        level: Level of likeness, from 0; None where absent.
        n_levels: Number of levels.
        m: Probability of the level among records of one person.
        u: The same among records of two persons.
        weight: log2(m/u) in bits, 0 where absent.
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
        """Whether the field is equal or not, and nothing in between."""
        return SLOTS_OF_FIELD.get(self.field) == 1


@dataclass(frozen=True, slots=True, kw_only=True)
class RivalWeight:
    """What one kind of rival has to say of the pair.

    Attributes:
        name: The kind.
        share: Share of such pairs among all pairs of the two bodies.
        odds: How probable the pair is as such a rival, over how probable it is by chance.
    """

    name: str
    share: float
    odds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """Another record with which one of the two may be one person.

    Attributes:
        of: 0 for a candidate of the first record, 1 for one of the second.
        reporter: Its body.
        record_id: Its id.
        competes: Whether it competes with the pair: it is of the other record's body.
        before: Probability before competition.
        probability: Probability after it; None where it is too low to be kept.
        decision: What was decided.
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
    """The records of the persons that the two records belong to.

    Attributes:
        same: Whether it is one person.
        records: How many records each has.
        pairs: Pairs of a record of one and a record of the other; 0 for one person.
        in_favour: How many of these pairs by themselves are at least as likely to be one person as not.
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
        model: Number of its model; None when there was nothing to learn from.
        keys: Shared match keys by kind, only kinds that the two share.
        fields: Comparison fields in the order of the model; none when no match key is shared.
        match_weight: Sum of the fields' weights, in bits, as `export links` has it.
        prior: Probability that two records of these bodies are one person, before they are compared.
        prior_bits: Its log odds in bits.
        rivals: What the alternatives to a match say, besides chance.
        rivals_bits: What they take from the log odds, in bits.
        before: Probability before competition.
        competition_bits: What competition adds, in bits; None when the pair was not kept.
        log_odds_bits: Log odds after competition, in bits; before it when the pair was not kept.
        probability: Probability after competition; None when it is too low to be kept.
        kept_from: Least probability of a pair that is kept.
        decision: `link`, `review` or `no link`.
        reason: Why, as `export links` has it.
        persons: The persons of the two.
        candidates: Other candidates of both records, the most probable first.
        notes: What a reader must know, in sentences.
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
    before: float
    competition_bits: float | None
    log_odds_bits: float
    probability: float | None
    kept_from: float
    decision: str
    reason: str
    persons: Persons
    candidates: tuple[Candidate, ...]
    notes: tuple[str, ...]

    def steps(self) -> tuple[tuple[str, float], ...]:
        """Return the parts whose sum is `log_odds_bits`, in bits: prior, fields present, rivals, competition."""
        fields = [(field.field, field.weight) for field in self.fields if field.outcome != "absent"]
        last = [] if self.competition_bits is None else [("competition", self.competition_bits)]
        return (("prior", self.prior_bits), *fields, ("rivals", self.rivals_bits), *last)

    def to_dict(self) -> dict[str, Any]:
        """Turn the explanation into plain lists, strings and numbers, as `linkage explain --json` prints it."""
        steps = [{"step": name, "bits": bits} for name, bits in self.steps()]
        return asdict(self) | {"keys": dict(self.keys), "steps": steps}
