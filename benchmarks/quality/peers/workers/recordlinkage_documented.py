"""The recordlinkage package's own guide: FEBRL 4 blocked on the given name, linked where four fields of six agree."""

from __future__ import annotations

import pandas as pd
import pyarrow as pa
import recordlinkage
from common import Job

AGREEING = 4
"""More than three of the six fields."""


def link(job: Job) -> None:
    """Link both files."""
    records = job.records.to_pandas().set_index("row")
    files = [records[records["reporter"] == reporter] for reporter in job.reporters]
    index = recordlinkage.Index()
    index.block("given_name")
    pairs = index.index(*files)
    comparison = recordlinkage.Compare()
    for field in ("given_name", "date_of_birth", "suburb", "state"):
        comparison.exact(field, field, label=field)
    comparison.string("surname", "surname", method="jarowinkler", threshold=0.85, label="surname")
    comparison.string("address_1", "address_1", threshold=0.85, label="address_1")
    agreeing = comparison.compute(pairs, *files).sum(axis=1)
    linked = agreeing[agreeing >= AGREEING]
    columns = {side: linked.index.get_level_values(place) for place, side in enumerate("ab")}
    frame = pd.DataFrame({**columns, "probability": linked.to_numpy() / 6, "linked": True})
    job.answer("default", pa.Table.from_pandas(frame, preserve_index=False))
    job.report(("recordlinkage", "pandas"), candidates=len(pairs))
