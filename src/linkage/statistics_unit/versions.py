"""The records that tables count: the current ones, or those that the registry had on an earlier day."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from linkage.counting import COLUMN_CODES, RECORD_COLUMNS, Answers, Records, answers_of
from linkage.intake.erasure import BELONGS
from linkage.statistics_unit.newest import newest_words
from linkage.store import Session
from pseudonym.codebook import Codebook, Item

__all__ = ["read_records"]

_COLUMNS: Final = (
    "r.rid, r.reporter, r.record_id, person_id, has, {case}.case_id, {told}.report_id, {case}.role, {told}.status,"
    " {told}.case_state, {told}.event_date, {told}.report_date, {told}.outcome_date, s.period,"
    " s.received_at[:10] AS received, {told}.codebook, {told}.payload"
)

_CURRENT: Final = f"""
SELECT {_COLUMNS.format(case="c", told="t")}
FROM {BELONGS} JOIN cases AS c USING (rid) JOIN reports AS t USING (rid) LEFT JOIN persons USING (rid)
"""

# A version was current from the day on which it came to the one on which another took its place. The person of a record
# is that of the last run.
_AS_OF: Final = f"""
{_CURRENT} JOIN submissions AS v ON v.submission = r.submission WHERE v.received_at[:10] <= $as_of
UNION ALL
SELECT {_COLUMNS.format(case="h", told="h")}
FROM history AS h JOIN submissions AS s ON s.submission = h.submission
    JOIN records AS r ON r.reporter = h.reporter AND r.record_id = h.record_id LEFT JOIN persons USING (rid)
WHERE s.received_at[:10] <= $as_of AND h.superseded_at[:10] > $as_of
"""

# The order of the records makes no difference to any count.
_VERSIONS: Final = "CREATE OR REPLACE TEMP TABLE counted AS SELECT row_number() OVER () - 1 AS place, * FROM ({query})"

_ROWS: Final = """
SELECT rid, has, reporter, person_id, case_id, report_id, role, status, case_state, event_date, report_date,
    outcome_date, period, received{answers}
FROM counted ORDER BY place
"""

# Codes of one item are sent in byte order with a space between them, and read in the same form.
_NEWEST: Final = """,
    CASE WHEN codebook = (SELECT max(codebook) FROM codebooks) THEN map_extract(payload, '{item}')[1] END AS "{item}/"
"""
_OLDER: Final = """
WITH answers AS (
    SELECT place, codebook, unnest(map_entries(payload)) AS answer FROM counted
    WHERE codebook < (SELECT max(codebook) FROM codebooks)
), sent AS (
    SELECT place, codebook, answer.key AS item, unnest(string_split(answer.value, ' ')) AS code FROM answers
), meant AS (
    SELECT DISTINCT place, new_item, new_code FROM sent JOIN counted_words USING (codebook, item, code)
)
SELECT place, new_item AS item, string_agg(new_code, ' ' ORDER BY new_code) AS value
FROM meant GROUP BY place, new_item
"""


def read_records(session: Session, items: Collection[str], book: Codebook | None, *, as_of: date | None) -> Records:
    """Read the records with their answers to some items, in the newest codebook.

    Args:
        session: The open registry, of which nothing is changed.
        items: Items of the newest codebook, and columns that every record has.
        book: The newest codebook, or None.
        as_of: The records that had come by the end of this day, in the version of that day; None for the current ones.
            Records that were erased since are nowhere, and persons are those of the last run.
    """
    if as_of is None:
        session.run(_VERSIONS.format(query=_CURRENT))
    else:
        session.run(_VERSIONS.format(query=_AS_OF), as_of=as_of.isoformat())
    session.load("CREATE OR REPLACE TEMP TABLE counted_words AS SELECT * FROM source", source=newest_words(session))
    # Names of items have no character that means anything in SQL (`pseudonym.codebook.parts.NameText`).
    asked = [name for name in items if name not in COLUMN_CODES]
    answers = "".join(_NEWEST.format(item=name) for name in asked)
    try:
        rows, older = session.table(_ROWS.format(answers=answers)), session.table(_OLDER)
    finally:
        session.run("DROP TABLE counted")
        session.run("DROP TABLE counted_words")
    found = {name: answers_of(rows[name], codes) for name, codes in COLUMN_CODES.items() if name in items}
    for name in asked:
        found[name] = _answers(rows[f"{name}/"], older, {} if book is None else book.by_name, name)
    rid = rows["rid"].to_numpy().astype(np.int64)
    return Records(rows.select(RECORD_COLUMNS), found, rid=rid, has=rows["has"])


def _answers(newest: pa.ChunkedArray, older: pa.Table, items: Mapping[str, Item], name: str) -> Answers:
    own = older.filter(pc.equal(older["item"], name))
    if own.num_rows:
        values = newest.to_numpy(zero_copy_only=False).astype(object)
        values[own["place"].to_numpy()] = own["value"].to_pylist()
        newest = pa.chunked_array([pa.array(values, pa.string())])
    item = items[name]
    widths = {code: years.end - years.first for years, code in item.ages}
    return answers_of(newest, [code.code for code in item.codes], widths=widths, many=item.many)
