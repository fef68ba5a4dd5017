"""Make the notice to the linkage unit: which records are live, and which of them are different persons."""

from __future__ import annotations

from typing import Final

import numpy as np
import pyarrow as pa

from linkage.messages import Notice
from linkage.messages.notice import TABLES
from linkage.statistics_unit.constraints import bounded_cannot_links
from linkage.store import Session

__all__ = ["make_notice"]

_LIVE: Final = "SELECT reporter, handle FROM records ORDER BY reporter, handle"

_CASES: Final = """
SELECT rid, reporter, case_id, role FROM records JOIN cases USING (rid)
WHERE case_id IS NOT NULL AND role IS NOT NULL ORDER BY rid
"""

_APART: Final = """
SELECT a.reporter, a.handle AS handle_a, b.handle AS handle_b
FROM pairs JOIN records AS a ON a.rid = rid_a JOIN records AS b ON b.rid = rid_b ORDER BY ALL
"""

_SEEN: Final = """
SELECT reporter, sequence FROM submissions WHERE kind IN ('delivery', 'complete') ORDER BY reporter, sequence
"""

_CLOSED: Final = """
SELECT reporter, max(sequence) AS sequence FROM submissions
WHERE kind = 'withdrawal' GROUP BY reporter ORDER BY reporter
"""

_NUMBER: Final = "SELECT coalesce(max(submission), 0) FROM submissions"


def make_notice(session: Session, *, profile_digest: str, at: str) -> Notice:
    """Read all that the linkage unit is told.

    Args:
        session: The store of the statistics unit.
        profile_digest: Digest of the profile of this registry.
        at: The current time.

    Returns:
        The notice.
    """
    pairs, crowded = bounded_cannot_links(session.table(_CASES))
    ends = {name: pa.array(np.ascontiguousarray(pairs[:, side])) for side, name in enumerate(("rid_a", "rid_b"))}
    session.load("CREATE OR REPLACE TEMP TABLE pairs AS SELECT * FROM source", source=pa.table(ends))
    queries = {"live": _LIVE, "apart": _APART, "seen": _SEEN, "closed": _CLOSED}
    tables = {name: session.table(query).cast(TABLES[name]) for name, query in queries.items()}
    session.run("DROP TABLE pairs")
    return Notice(
        number=session.rows(_NUMBER)[0][0], made_at=at, profile_digest=profile_digest, crowded=crowded, **tables
    )
