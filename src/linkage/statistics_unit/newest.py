"""What records answered, read in the newest codebook, whichever they were sent in.

Records keep their payload as it was sent. Maps are applied when it is read: each to the next codebook, until the newest
is reached.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import pyarrow as pa

from linkage.answers import Change
from linkage.statistics_unit.stored_codebooks import read_changes
from linkage.store import Session
from pseudonym.codebook import chained

__all__ = ["newest_reports", "newest_words"]

_WORDS: Final = pa.schema(
    [
        pa.field("codebook", pa.int64()),
        *(pa.field(name, pa.string()) for name in ("item", "code", "new_item", "new_code")),
    ]
)

# Codes of one item are sent in byte order with a space between them, and read in the same form.
_TRANSLATED: Final = """
CREATE OR REPLACE TEMP TABLE translated AS
WITH answers AS (
    SELECT rid, codebook, unnest(map_entries(payload)) AS answer FROM reports
    WHERE codebook < (SELECT max(codebook) FROM codebooks)
), sent AS (
    SELECT rid, codebook, answer.key AS item, unnest(string_split(answer.value, ' ')) AS code FROM answers
), meant AS (
    SELECT DISTINCT rid, new_item, new_code FROM sent JOIN new_words USING (codebook, item, code)
), by_item AS (
    SELECT rid, new_item, string_agg(new_code, ' ' ORDER BY new_code) AS value FROM meant GROUP BY rid, new_item
)
SELECT rid, map(list(new_item ORDER BY new_item), list(value ORDER BY new_item)) AS payload FROM by_item GROUP BY rid
"""

_VIEW: Final = """
CREATE OR REPLACE TEMP VIEW newest_reports AS
SELECT reports.* REPLACE (
    CASE WHEN reports.codebook = (SELECT max(codebook) FROM codebooks) THEN reports.payload
    ELSE coalesce(translated.payload, MAP {}::MAP(VARCHAR, VARCHAR)) END AS payload)
FROM reports LEFT JOIN translated USING (rid)
"""


@contextmanager
def newest_reports(session: Session) -> Iterator[None]:
    """Offer the view `newest_reports`: the table `reports` with its payload in the newest codebook.

    Args:
        session: The open registry, of which nothing is changed.

    Raises:
        CodebookError: Never, as maps are checked before they are stored.
    """
    session.load("CREATE OR REPLACE TEMP TABLE new_words AS SELECT * FROM source", source=newest_words(session))
    session.run(_TRANSLATED)
    session.run("DROP TABLE new_words")
    session.run(_VIEW)
    try:
        yield
    finally:
        session.run("DROP VIEW newest_reports")
        session.run("DROP TABLE translated")


def newest_words(session: Session) -> pa.Table:
    """Return for each code of an older codebook its codes in the newest one.

    Args:
        session: The open registry.

    Returns:
        Columns `codebook` (its number), `item`, `code`, `new_item` and `new_code`.
    """
    changes = read_changes(session)
    numbers = [number for (number,) in session.rows("SELECT codebook FROM codebooks WHERE digest <> '' ORDER BY 1")]
    rows = [row for index in range(len(changes)) for row in _words_of(numbers[index], changes[index:])]
    return pa.table(
        [pa.array(column, field.type) for column, field in zip(_columns(rows), _WORDS, strict=True)], _WORDS
    )


def _words_of(number: int, changes: list[Change]) -> Iterator[tuple[int, str, str, str, str]]:
    for old, found in chained([change.translation for change in changes]).items():
        for new in found:
            yield (number, *old, *new)


def _columns(rows: list[tuple[int, str, str, str, str]]) -> list[list[object]]:
    return [[row[index] for row in rows] for index in range(len(_WORDS))]
