"""The version of the registry format changes with its tables."""

from __future__ import annotations

import hashlib

from linkage.store.schema import FORMAT_VERSION, statements

DIGESTS = {
    3: "763d027d3333ecb3c121408bd3460e124ee5907619169ecf434ec4904d11c200",
    4: "cd7087726ff88664cf297d5ab442dde23d1e49ce857b69c948705df1773ff992",
    5: "2019cb8d503152d7d5372f889b63a26006026432e6b8c57f0d79de4db65c049a",
}
"""SHA-256 of the statements that create the tables, by format version. Add a version; never change an entry."""


def digest_of(tables: list[str]) -> str:
    return hashlib.sha256("\n".join(tables).encode()).hexdigest()


def test_changed_tables_need_a_new_format_version() -> None:
    assert DIGESTS[FORMAT_VERSION] == digest_of(statements())
    assert max(DIGESTS) == FORMAT_VERSION


def test_one_more_column_changes_the_digest() -> None:
    changed = [statement.replace("rid BIGINT NOT NULL", "rid BIGINT NOT NULL, x BIGINT") for statement in statements()]
    assert digest_of(changed) not in DIGESTS.values()
