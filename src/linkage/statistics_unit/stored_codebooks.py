"""The codebooks as the registry file holds them: every version, the map that leads to it, until when it is accepted.

Rows are numbered in the order in which they were added, and the last one is the newest. A registry that was created
without a codebook has a first row without one. No row is ever removed, since records refer to it.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Any, Final

from linkage.answers import Change
from linkage.store import Session
from pseudonym.codebook import Codebook, CodebookMap, parse_codebook, parse_map, translate

__all__ = ["NO_CODEBOOK", "StoredCodebook", "codebook_row", "read_book", "read_books", "read_changes", "read_codebooks"]

NO_CODEBOOK: Final = "no codebook"
"""What a registry without a codebook shows in its place."""

_COLUMNS: Final = """
SELECT codebook, name, version, digest, added_at, accepted_until, map, codebook = (SELECT max(codebook) FROM codebooks)
FROM codebooks ORDER BY codebook
"""
_RECORDS: Final = "SELECT codebook, count(*) FROM reports GROUP BY codebook"


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredCodebook:
    """One codebook of a registry.

    Attributes:
        number: Its number in the order in which they were added.
        name: Its name; None if it stands for submissions without a codebook, and likewise the next two.
        version: Its version.
        digest: Its digest.
        added_at: When it was added, in UTC.
        accepted_until: The last day, in UTC, on which submissions that follow it are accepted, or None.
        map_digest: Digest of the map that leads to it from the one before; None if every code stays.
        newest: Whether it was added last: answers are read in it.
        records: Number of current records that follow it.
    """

    number: int
    name: str | None
    version: str | None
    digest: str | None
    added_at: str
    accepted_until: str | None
    map_digest: str | None
    newest: bool
    records: int

    @property
    def title(self) -> str:
        """Its name and version, or `no codebook`."""
        return NO_CODEBOOK if self.name is None else f"{self.name} {self.version}"

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain strings and numbers, as `linkage codebook list --json` prints it."""
        return asdict(self)


def codebook_row(
    number: int, book: Codebook | None, *, added_at: str, document: CodebookMap | None = None
) -> tuple[int | str | None, ...]:
    """Return a new row of the table `codebooks`.

    Args:
        number: Its number.
        book: The codebook, or None for submissions without one.
        added_at: The current time.
        document: The map from the codebook before it, or None.
    """
    described = ("", "", "", "") if book is None else (book.digest, book.name, book.version, book.to_json())
    return (number, *described, None if document is None else document.to_json(), added_at, None)


def read_codebooks(session: Session) -> list[StoredCodebook]:
    """Read the codebooks of an open registry, the newest last."""
    records = dict(session.rows(_RECORDS))
    return [
        StoredCodebook(
            number=number,
            name=name or None,
            version=version or None,
            digest=digest or None,
            added_at=added_at,
            accepted_until=until,
            map_digest=None if document is None else parse_map(document).digest,
            newest=newest,
            records=records.get(number, 0),
        )
        for number, name, version, digest, added_at, until, document, newest in session.rows(_COLUMNS)
    ]


def read_book(session: Session, number: int | None = None) -> Codebook | None:
    """Read the document of one codebook.

    Args:
        session: The open registry.
        number: Its number; None for the newest.

    Returns:
        The codebook; None if the row stands for submissions without one.
    """
    query = "SELECT document FROM codebooks WHERE codebook = coalesce(?, codebook) ORDER BY codebook DESC LIMIT 1"
    text = session.rows(query, number)[0][0]
    return _parse(text) if text else None


def read_books(session: Session) -> tuple[Codebook | None, ...]:
    """Read the documents of all codebooks, the newest last; None stands for submissions without one."""
    rows = session.rows("SELECT document FROM codebooks ORDER BY codebook")
    return tuple(_parse(text) if text else None for (text,) in rows)


def read_changes(session: Session) -> list[Change]:
    """Read how each codebook leads to the next one, the oldest first; empty if there are fewer than two."""
    rows = session.rows(
        "SELECT document, map, added_at, accepted_until FROM codebooks WHERE digest <> '' ORDER BY codebook"
    )
    changes = []
    for (old, _, _, until), (new, text, added_at, _) in pairwise(rows):
        document = None if text is None else parse_map(text)
        translation = translate(document, _parse(old), _parse(new))
        changes.append(Change(translation=translation, since=added_at[: len("YYYY-MM-DD")], until=until))
    return changes


@lru_cache(maxsize=8)
def _parse(text: str) -> Codebook:
    """Parse a document once: it is needed for every file that is received."""
    return parse_codebook(text)
