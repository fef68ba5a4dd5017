"""What is to be reviewed: pairs of persons, each with the pairs of records that it comes from.

One doubtful pair of persons is as many pairs of records as the two have between them, so a list of these says little
about the work. Who reviews decides on two persons, and one pair of their records tells the most: the most probable one.
"""

from __future__ import annotations

from pathlib import Path
from typing import IO, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from linkage.answers.export import LINK_COLUMNS, orient_links, write_pairs
from pseudonym.output import export_kind

__all__ = ["REVIEW_COLUMNS", "REVIEW_FILE", "queue_of", "write_review"]

REVIEW_COLUMNS: Final = (*LINK_COLUMNS, "pair_of_persons", "pairs_of_records")

REVIEW_FILE: Final = export_kind("review file", REVIEW_COLUMNS)


def queue_of(links: pa.Table) -> pa.Table:
    """Number the pairs of persons to be reviewed and put their strongest pairs of records first.

    Args:
        links: The columns `LINK_COLUMNS`, and the persons of both records as `person_a` and `person_b`; rows in any
            order, pairs in either orientation.

    Returns:
        The columns `REVIEW_COLUMNS` of the pairs for review: first the most probable pair of records of each pair of
        persons, the most probable first; then all others, by pair of persons and probability. `pair_of_persons` numbers
        these from 1, `pairs_of_records` is how many pairs of records it has for review. Ties are broken by match
        weight, then by the records.
    """
    chosen = links.filter(pc.equal(links["decision"], "review"))
    persons = [chosen[f"person_{side}"] for side in "ab"]
    ends = pa.table({"low": pc.min_element_wise(*persons), "high": pc.max_element_wise(*persons)})
    numbers = _numbered(ends)
    # The orientation of a row is that of the links file; the number of its persons goes with it.
    rows = orient_links(chosen, beside={"pair_of_persons": pa.array(numbers)})
    strength = [("probability", "descending"), ("match_weight", "descending")]
    rows = rows.sort_by([*strength, *((name, "ascending") for name in LINK_COLUMNS[:4])])
    group = rows["pair_of_persons"].to_numpy()
    _, first, inverse, counts = np.unique(group, return_index=True, return_inverse=True, return_counts=True)
    queue = np.empty(len(first), np.int64)
    queue[np.argsort(first)] = np.arange(1, len(first) + 1)
    place = queue[inverse]
    is_first = np.zeros(len(group), bool)
    is_first[first] = True
    order = np.lexsort((np.arange(len(group)), place, ~is_first))
    rows = rows.set_column(len(LINK_COLUMNS), REVIEW_COLUMNS[-2], pa.array(place, pa.int64()))
    rows = rows.append_column(REVIEW_COLUMNS[-1], pa.array(counts[inverse], pa.int64()))
    return rows.take(pa.array(order))


def write_review(queue: pa.Table, path: str | Path | IO[bytes], *, locale: str = "en") -> None:
    """Write the review file: the rows of `queue_of`, in their order.

    Args:
        queue: The columns `REVIEW_COLUMNS`.
        path: As for `write_persons`.
        locale: As for `write_persons`.

    Raises:
        ExportError: As for `write_persons`.
    """
    write_pairs(queue.select(REVIEW_COLUMNS), path, REVIEW_FILE, locale=locale)


def _numbered(ends: pa.Table) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """Return a number for each row that equal rows share."""
    codes = [column.combine_chunks().dictionary_encode() for column in ends.columns]
    span = max((len(one.dictionary) for one in codes), default=0) + 1
    low, high = (one.indices.to_numpy(zero_copy_only=False).astype(np.int64) for one in codes)
    return np.asarray(low * span + high, np.int64)
