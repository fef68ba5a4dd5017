"""The estimate of missing joins as the statistics unit has it: handed over, and re-centred by a sample of answers."""

from __future__ import annotations

from typing import Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from linkage.counting import Known, NeverMet, Posterior, SampleStrata, agreed, learned, recentred
from linkage.counting.sampling import STRATUM_NAMES, by_sample
from linkage.store import Session

__all__ = ["LINKED", "handed_estimate", "read_basis", "read_known", "read_never_met", "read_posterior", "strata_of"]

LINKED: Final = """
SELECT rid, reporter, record_id, person_id, has FROM records JOIN persons USING (rid) ORDER BY reporter, record_id
"""
"""The linked records, each with its person."""

_ESTIMATE: Final = "SELECT has, reporter, other_reporter, joins, variance FROM never_met ORDER BY ALL"
_SAMPLE: Final = "SELECT sample, joins, variance FROM samples ORDER BY sample DESC LIMIT 1"
_STRATA: Final = "SELECT stratum, n_records, joins FROM sample_strata WHERE sample = ?"
_ANSWERED: Final = """
SELECT stratum, joins, missing, reporter FROM sampled JOIN records USING (rid)
WHERE sample = ? AND missing IS NOT NULL ORDER BY question
"""
_N_ANSWERED: Final = """
SELECT count(*) FROM sampled JOIN records USING (rid)
WHERE missing IS NOT NULL AND sample = (SELECT max(sample) FROM samples)
"""
_SAME: Final = """
SELECT question, rid FROM sample_answers JOIN persons USING (rid)
WHERE same_person AND sample = (SELECT max(sample) FROM samples)
"""
_LATER: Final = """
SELECT rid FROM records JOIN submissions USING (submission)
WHERE received_at >= (SELECT drawn_at FROM samples ORDER BY sample DESC LIMIT 1)
"""


def handed_estimate(session: Session) -> NeverMet:
    """Read the estimate of the last run, as the linkage unit has handed it over."""
    return NeverMet(session.table(_ESTIMATE))


def read_never_met(session: Session) -> NeverMet:
    """Read the estimate of the last run, re-centred by the answers to the last sample, if there are any."""
    estimate, posterior = handed_estimate(session), read_posterior(session)
    return estimate if posterior is None else recentred(estimate, posterior)


def strata_of(session: Session) -> tuple[pa.Table, SampleStrata, NeverMet]:
    """Return the linked records, their strata, and the estimate without answers that these follow."""
    linked, estimate = session.table(LINKED), handed_estimate(session)
    labels = np.unique(linked["person_id"].to_numpy().astype(str), return_inverse=True)[1].astype(np.int64)
    return linked, SampleStrata.of(labels, linked, estimate), estimate


def read_known(session: Session, rid: NDArray[np.int64]) -> Known:
    """Read the persons of whom the answers to the last sample have named all records.

    Args:
        session: The open registry.
        rid: `(n,) int64`, the records, in any order.
    """
    same: dict[int, set[int]] = {}
    for question, one in session.rows(_SAME):
        same.setdefault(question, set()).add(one)
    number = {one: person for person, rids in enumerate(agreed(map(frozenset, same.values()))) for one in rids}
    later = session.table(_LATER)["rid"].to_numpy()
    return Known(np.array([number.get(one, -1) for one in rid.tolist()], np.int64), np.isin(rid, later))


def read_basis(session: Session) -> str | None:
    """Return on what the estimate of the last run rests; None if nothing could be estimated."""
    n_answers: int = session.rows(_N_ANSWERED)[0][0]
    if n_answers:
        return by_sample(n_answers)
    estimate = handed_estimate(session)
    return estimate.basis if estimate.is_estimated else None


def read_posterior(session: Session) -> Posterior | None:
    """Read what the answers to the last sample say; None without any."""
    found = session.rows(_SAMPLE)
    if not found:
        return None
    number, joins, variance = found[0]
    answered = session.rows(_ANSWERED, number)
    if not answered:
        return None
    strata, awaited, missing, reporters = zip(*answered, strict=True)
    place = {name: index for index, name in enumerate(STRATUM_NAMES)}
    sizes, expected = np.zeros(len(place), np.int64), np.zeros(len(place))
    for stratum, n_records, whole in session.rows(_STRATA, number):
        sizes[place[stratum]], expected[place[stratum]] = n_records, whole
    spread = float(np.sqrt(max(variance - joins, 0.0)) / joins) if joins > 0 else 1.0
    linked, of_records, _ = strata_of(session)
    named = read_known(session, linked["rid"].to_numpy()).person >= 0
    return learned(
        sizes,
        expected,
        spread,
        stratum=np.array([place[one] for one in strata], np.int64),
        joins=np.array(awaited),
        missing=np.array(missing),
        reporter=list(reporters),
        known=np.bincount(of_records.stratum[named], minlength=len(place)),
    )
