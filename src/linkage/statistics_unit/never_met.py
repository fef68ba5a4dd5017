"""The estimate of missing joins as the statistics unit has it: handed over, and re-centred by a sample of answers."""

from __future__ import annotations

from typing import Final

import numpy as np

from linkage.counting import NeverMet, Posterior, learned, recentred
from linkage.counting.sampling import STRATUM_NAMES
from linkage.store import Session

__all__ = ["handed_estimate", "read_never_met", "read_posterior"]

_ESTIMATE: Final = "SELECT has, reporter, other_reporter, joins, variance FROM never_met ORDER BY ALL"
_SAMPLE: Final = "SELECT sample, joins, variance FROM samples ORDER BY sample DESC LIMIT 1"
_STRATA: Final = "SELECT stratum, n_records, joins FROM sample_strata WHERE sample = ?"
_ANSWERED: Final = """
SELECT stratum, joins, missing, reporter FROM sampled JOIN records USING (rid)
WHERE sample = ? AND missing IS NOT NULL ORDER BY question
"""


def handed_estimate(session: Session) -> NeverMet:
    """Read the estimate of the last run, as the linkage unit has handed it over."""
    return NeverMet(session.table(_ESTIMATE))


def read_never_met(session: Session) -> NeverMet:
    """Read the estimate of the last run, re-centred by the answers to the last sample, if there are any."""
    estimate, posterior = handed_estimate(session), read_posterior(session)
    return estimate if posterior is None else recentred(estimate, posterior)


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
    return learned(
        sizes,
        expected,
        spread,
        stratum=np.array([place[one] for one in strata], np.int64),
        joins=np.array(awaited),
        missing=np.array(missing),
        reporter=list(reporters),
    )
