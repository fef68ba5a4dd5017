"""Expected precision and recall of the links, estimated without the truth.

The model scores each pair on its own. A pair within a group has more evidence: the other pairs of the group. So a link
gets the higher of two probabilities: that of the pair alone, and that of the average-linkage step that joined its two
records, whose log odds are the mean over all pairs between the two parts. A wrong step makes all its pairs wrong at
once, so they are doubtful together. The probabilities of the pairs that were not linked are scaled down by what the
links gain, so that the sum over all candidates is unchanged.

Recall also needs the matches that are not candidates. Some are visible: two records that share no match key but are in
one group through a third. The others are estimated by `linkage.linking.recapture`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from linkage.linking.compiled.steps import raise_to_steps
from linkage.linking.odds import MAX_LOG_ODDS, probabilities
from linkage.linking.recapture import band_rows, never_captured, weight_by_captures
from linkage.linking.sums import stable_sum
from pseudonym.profile import Encoding

__all__ = ["ExpectedAccuracy", "GroupEvidence", "expected_accuracy", "group_evidence", "match_probabilities"]


@dataclass(frozen=True)
class ExpectedAccuracy:
    """Expected accuracy of the links of a run.

    Attributes:
        precision: Expected share of the links that are matches; None without links.
        recall: Expected share of all matches that are links; None without links.
        recall_is_bound: Whether the recall is only an upper bound, because the matches that are not candidates could
            not be estimated.
    """

    precision: float | None
    recall: float | None
    recall_is_bound: bool


@dataclass(frozen=True, eq=False)
class GroupEvidence:
    """Evidence from groups of records about the pairs within them.

    Attributes:
        probability: `(l,) float64`, the probability that each link is a match.
        others: `(g,) float64`, for each group, in ascending order, the sum of the match probabilities of its pairs
            that are not candidates.
    """

    probability: NDArray[np.float64]
    others: NDArray[np.float64]


def group_evidence(
    ends: NDArray[np.int64],
    log_odds: NDArray[np.float64],
    *,
    group: NDArray[np.int64],
    rank: NDArray[np.int64],
    meeting: NDArray[np.float64],
) -> GroupEvidence:
    """Weigh each link together with the other pairs of its group.

    Args:
        ends: `(l, 2) int64`, the indices of each link's records among all `n`. Links are the candidates within groups.
        log_odds: `(l,) float64`, log odds of each link on its own.
        group: `(n,) int64`, the group of each record.
        rank: `(n,) int64`, the rank of each record in an order that does not depend on its arrival.
        meeting: `(n,) float64`, the meeting strength of each record: a pair that is not a candidate has log odds of
            minus the product of the two.

    Returns:
        The evidence, equal to the last bit whatever the order of pairs and records. In groups of more than
        `MAX_MEMBERS` records each link keeps its own probability, and other pairs count 0.
    """
    _, number, sizes = np.unique(group, return_inverse=True, return_counts=True)
    # The position of each record within its group, by rank.
    order = np.lexsort((rank, number))
    position = np.empty(len(group), np.int64)
    position[order] = np.arange(len(group)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    of_link = number[ends[:, 0]]
    by_group = np.argsort(of_link, kind="stable")
    raised = np.clip(log_odds[by_group], -MAX_LOG_ODDS, MAX_LOG_ODDS)
    others = np.zeros(len(sizes))
    firsts = np.searchsorted(of_link[by_group], np.arange(len(sizes) + 1))
    raise_to_steps(firsts, position[ends][by_group], sizes, raised, meeting[order], others)
    of_links = np.empty(len(raised))
    of_links[by_group] = raised
    return GroupEvidence(probabilities(of_links), others)


def expected_accuracy(
    probability: NDArray[np.float64],
    links: NDArray[np.bool_],
    *,
    evidence: GroupEvidence,
    captures: NDArray[np.int32],
    encoding: Encoding,
) -> ExpectedAccuracy:
    """Estimate the precision and recall of the links.

    Args:
        probability: `(p,) float64`, of all candidates, each on its own.
        links: `(p,) bool`, which of them are links.
        evidence: The `group_evidence` of the links, in their order.
        captures: `(p,) int32`, as `count_captures` counts them for the `repeated_kinds`.
        encoding: The profile's encoding.

    Returns:
        The estimate; the same to the last bit whatever the order of the pairs.
    """
    if not links.any():
        return ExpectedAccuracy(None, None, recall_is_bound=True)
    weight = match_probabilities(probability, links, evidence)
    right, matches = stable_sum(evidence.probability), stable_sum(weight)
    never = never_captured(weight_by_captures(weight, captures), band_rows(encoding))
    recall = right / (matches + max(never or 0.0, stable_sum(evidence.others)))
    return ExpectedAccuracy(right / int(links.sum()), recall, recall_is_bound=never is None)


def match_probabilities(
    probability: NDArray[np.float64], links: NDArray[np.bool_], evidence: GroupEvidence
) -> NDArray[np.float64]:
    """Return the probability that each candidate is a match, given the evidence of the groups.

    Args:
        probability: `(p,) float64`, of all candidates, each on its own.
        links: `(p,) bool`, which of them are links.
        evidence: The `group_evidence` of the links, in their order.

    Returns:
        `(p,) float64`: links get the probability in `evidence`; the others are scaled down by what the links gain.
    """
    weight = probability.copy()
    weight[links] = evidence.probability
    right, rest = stable_sum(evidence.probability), stable_sum(probability[~links])
    left = max(stable_sum(probability) - right, 0.0)
    weight[~links] *= min(left / rest, 1.0) if rest else 0.0
    return weight
