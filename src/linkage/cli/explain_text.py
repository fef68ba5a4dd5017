"""An explanation of one pair as text: figures with their units, and the decision in a sentence."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from linkage.cli.text import share
from pseudonym.console import table_text, wrapped

if TYPE_CHECKING:
    from linkage.answers import Candidate, Explanation, FieldWeight, NamedRecord

__all__ = ["REASON_SENTENCES", "explanation_text"]

_DECISIONS: Final = {"link": "one person", "review": "for review", "no link": "not one person"}

REASON_SENTENCES: Final = {
    "other records": "The pair alone is not probable enough, but other records show that the two are one person.",
    "uncertain": "The evidence does not settle it either way.",
    "one number, other names": (
        "The two share a number but no name agrees: either one person under two names, or a number typed for the "
        "wrong person. Ask the reporters."
    ),
    "number of another person": (
        "The two share a number, but neither the given names nor the sex agree: most likely the number was typed for "
        "the wrong person, often a relative. The pair counts against one person; only other records can outweigh that."
    ),
    "roles in one case": "The two have different roles in one case of one reporter, so they cannot be one person.",
    "roles of other records": (
        "The pair is probable, but a record of one person and a record of the other have different roles in one case, "
        "so they cannot be one person."
    ),
    "other records disagree": (
        "The pair is probable, but the two persons as a whole are not: the probable pairs of records between them "
        "are outweighed by pairs that are evidence against it, or that should have met and did not."
    ),
    "records of one reporter": (
        "The pair is probable, but only records of one reporter would join the two persons: no other record of one "
        "resembles any of the other, although they should share match keys. Such a record mixes two persons, or was "
        "made up. Ask its reporter."
    ),
    "too little to go by": (
        "The two agree, but in so few fields that others of the population would too. Only further records of the "
        "person, or a date or number, can show that they are one."
    ),
}

MOST: Final = 10
"""Candidates listed per record; the JSON has all of them."""


def explanation_text(explanation: Explanation) -> str:
    """Describe why two records are, or are not, considered one person."""
    return "\n".join(
        [
            *_heading(explanation),
            *_keys(explanation),
            *_fields(explanation),
            *_odds(explanation),
            *_candidates(explanation),
            *_decision(explanation),
            *(wrapped(f"Note: {note}") for note in explanation.notes),
        ]
    )


def _name(record: NamedRecord | Candidate) -> str:
    return f"{record.reporter}/{record.record_id}"


def _heading(explanation: Explanation) -> Iterator[str]:
    yield f"{_name(explanation.a)} and {_name(explanation.b)}"
    model = "no model" if explanation.model is None else f"model {explanation.model}"
    yield f"  Run {explanation.run}, {model}. Evidence in bits: +1 doubles the odds that it is one person."
    yield ""


def _keys(explanation: Explanation) -> Iterator[str]:
    if not explanation.keys:
        yield "Shared match keys: none."
    else:
        total = sum(explanation.keys.values())
        yield wrapped(
            f"Shared match keys: {total} ({', '.join(f'{n} {kind}' for kind, n in explanation.keys.items())})"
        )
    yield ""


def _fields(explanation: Explanation) -> Iterator[str]:
    if not explanation.fields:
        return
    rows = []
    for field in explanation.fields:
        if field.outcome == "absent":
            rows.append((field.field, "absent", "-", "-", "-", _bits(0.0)))
            continue
        level = f"{field.level} of 0-{field.n_levels - 1}"
        rows.append((field.field, _difference(field), level, f"{field.m:.4f}", f"{field.u:.6f}", _bits(field.weight)))
    yield "Fields (m, u: how often records of one person, of two persons, have this level; weight = log2(m/u)):"
    yield table_text(("field", "difference", "level", "m", "u", "weight"), rows)
    yield f"  Match weight (sum): {_bits(explanation.match_weight)}"
    yield ""


def _difference(field: FieldWeight) -> str:
    """Describe how much the two records differ in a field that both have."""
    if field.distance is None:
        return "not swapped" if field.outcome == "compared" else field.outcome
    if field.unit == "slots" and not field.distance:
        return "equal"
    if field.has_one_slot:
        return "differs"
    if field.unit == "slots":
        return "1 slot" if field.distance == 1 else f"{field.distance:g} slots"
    return f"{field.distance:.2f} {field.unit}"


def _odds(explanation: Explanation) -> Iterator[str]:
    yield "From weight to odds:"
    rows: list[tuple[str, str, str]] = [
        ("prior", _bits(explanation.prior_bits), f"{share(explanation.prior)} of the pairs of these reporters"),
    ]
    if explanation.fields:
        rows.append(("fields", _bits(explanation.match_weight), ""))
    likely = [f"{rival.name} {rival.odds:.3g}" for rival in explanation.rivals if rival.odds >= 0.01]
    compared = "times as probable as by chance:" if likely else "no more probable than by chance"
    rows.append(("rivals", _bits(explanation.rivals_bits), compared))
    rows += [("", "", f"  {rival}") for rival in likely]
    if explanation.chance_bits:
        times = f"two persons agree {2**-explanation.chance_bits:.2f} times as often as that, as numbers of others show"
        rows.append(("chance", _bits(explanation.chance_bits), times))
    before = explanation.prior_bits + explanation.match_weight + explanation.rivals_bits + explanation.chance_bits
    rows.append(("before competition", _bits(before), f"probability {share(explanation.before)}"))
    if explanation.competition_bits is not None and explanation.probability is not None:
        rows.append(("competition", _bits(explanation.competition_bits), _competition(explanation)))
        rows.append(("log odds", _bits(explanation.log_odds_bits), f"probability {share(explanation.probability)}"))
    yield table_text(("part", "bits", ""), rows)
    if explanation.competition_bits is None:
        below = f"its probability is below {explanation.storage_threshold:g}"
        yield f"  The pair is not stored: {below}, or it was never compared."
    yield ""


def _competition(explanation: Explanation) -> str:
    if explanation.a.reporter == explanation.b.reporter:
        held_apart = explanation.competition_bits is not None and explanation.competition_bits < -0.01
        return "partners of their own at another reporter" if held_apart else "none within one reporter"
    rivals = sum(candidate.competes for candidate in explanation.candidates)
    others = "1 other candidate competes" if rivals == 1 else f"{rivals} other candidates compete"
    return f"at most one partner per reporter; {others}"


def _candidates(explanation: Explanation) -> Iterator[str]:
    for of, record in enumerate((explanation.a, explanation.b)):
        found = [candidate for candidate in explanation.candidates if candidate.of == of]
        if not found:
            yield f"Other candidates of {_name(record)}: none at {explanation.storage_threshold:g} or above."
            continue
        yield f"Other candidates of {_name(record)} (* competes with this pair):"
        rows = [
            (
                ("* " if candidate.competes else "  ") + _name(candidate),
                share(candidate.before),
                f"< {explanation.storage_threshold:g}"
                if candidate.probability is None
                else share(candidate.probability),
                candidate.decision,
            )
            for candidate in found[:MOST]
        ]
        yield table_text(("record", "before competition", "after", "decision"), rows)
        if len(found) > MOST:
            yield f"  and {len(found) - MOST} more; --json lists them."
    yield ""


def _decision(explanation: Explanation) -> Iterator[str]:
    yield f"Decision: {explanation.decision} ({_DECISIONS[explanation.decision]})."
    if explanation.reason:
        yield wrapped(f"  Reason: {explanation.reason}. {REASON_SENTENCES[explanation.reason]}")
    persons = explanation.persons
    if persons.same:
        yield f"  Both belong to person {explanation.a.person_id}, which has {_records(persons.records[0])}."
        return
    one, other = (
        f"{record.person_id} ({_records(count)})"
        for record, count in zip((explanation.a, explanation.b), persons.records, strict=True)
    )
    yield f"  Two persons: {one} and {other}."
    if persons.pairs > 1:
        yield wrapped(
            f"  Of the {persons.pairs} pairs of records between them, {persons.in_favour} are evidence for one person; "
            "the others are evidence against it, or never met."
        )


def _records(count: int) -> str:
    return "1 record" if count == 1 else f"{count} records"


def _bits(bits: float) -> str:
    return f"{bits:+.2f}"
