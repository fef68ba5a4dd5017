"""The codebooks of a registry as programs use them: add a version, end an older one, see which series break."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Final

from linkage.answers import Change, Series, series_of
from linkage.errors import SettingsError
from linkage.progress import now
from linkage.statistics_unit.new_items import SHORT_NOTICE, new_items, short_notice
from linkage.statistics_unit.stored_codebooks import (
    NO_CODEBOOK,
    StoredCodebook,
    codebook_row,
    read_book,
    read_changes,
    read_codebooks,
)
from linkage.store import Session, Store
from pseudonym.codebook import Codebook, CodebookError, CodebookMap, load_codebook, load_map, translate

__all__ = ["CodebookChange", "Codebooks"]

_MESSAGES: Final = {
    "registry.codebook_known": "The registry has this codebook already.",
    "registry.codebook_version": "The registry has another codebook of this name and version.",
    "registry.codebook_unknown": "The registry has no such codebook, or several.",
    "registry.codebook_newest": "The newest codebook cannot end: nothing could be received any more.",
    "registry.codebook_item": "No codebook of the registry has this item.",
}
_HINTS: Final = {
    "registry.codebook_known": "linkage codebook list shows it; linkage codebook end sets until when older ones are "
    "accepted.",
    "registry.codebook_version": "Any change of a codebook needs a new version.",
    "registry.codebook_unknown": "Name one by its version or its digest, as linkage codebook list shows them; none is "
    "for submissions without a codebook.",
    "registry.codebook_newest": "Add the codebook that replaces it first: linkage codebook add.",
    "registry.codebook_item": "pseudonym codebook show lists the items of a codebook.",
}

NONE: Final = "none"
"""Names the row for submissions without a codebook."""

DIGEST_DIGITS: Final = 8
"""The least number of digits of a digest by which a codebook may be named."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CodebookChange:
    """What `add` or `end` did.

    Attributes:
        codebook: Name and version of the codebook that was added or ended.
        digest: Its digest, or None for submissions without a codebook.
        previous: Name and version of the codebook that was the newest before; None if there was none, and for `end`.
        accepted_until: The last day on which older codebooks, or the one that ends, are accepted; None for no end.
        series: For each kind of series the number of codes, see `Series`; empty for `end`.
        new_items: Items that the codebook before it does not have.
        warnings: Constant sentences for users.
        dry_run: Whether nothing was written.
    """

    codebook: str
    digest: str | None
    previous: str | None = None
    accepted_until: str | None = None
    series: dict[str, int]
    new_items: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    dry_run: bool = False

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain lists, strings and numbers, as `linkage codebook add --json` prints it."""
        return asdict(self) | {"new_items": list(self.new_items), "warnings": list(self.warnings)}


class Codebooks:
    """The codebooks of a registry. Submissions of each are received until it ends; answers are read in the newest."""

    def __init__(self, store: Store) -> None:
        """Use `Registry.codebooks` instead."""
        self._store = store

    def list(self) -> list[StoredCodebook]:
        """Return the codebooks in the order in which they were added; the newest is the last."""
        with self._store.session(write=False) as session:
            return read_codebooks(session)

    def add(
        self,
        codebook: str | Path | Codebook,
        *,
        codebook_map: str | Path | CodebookMap | None = None,
        accept_old_until: date | None = None,
        dry_run: bool = False,
    ) -> CodebookChange:
        """Add a codebook, which becomes the newest; what was received stays as it was sent.

        Args:
            codebook: The codebook, the name of one that ships, or its file.
            codebook_map: The map that leads to it from the newest one, or its file; None if every code stays.
            accept_old_until: The last day, in UTC, on which older codebooks are accepted, unless they end earlier;
                None to accept them until `end`.
            dry_run: Whether to check only.

        Returns:
            What it does to the series, with warnings.

        Raises:
            SettingsError: The codebook or the map cannot be loaded, or do not fit each other or the newest codebook
                (see `pseudonym.codebook.translate`); `registry.codebook_known` if the registry has it,
                `registry.codebook_version` if it has another one of this name and version. Nothing was changed.
            RegistryError: The registry cannot be opened or written; nothing was changed.
        """
        try:
            book = codebook if isinstance(codebook, Codebook) else load_codebook(codebook)
            document = _loaded(codebook_map)
        except CodebookError as error:
            raise _settings_error(error) from None
        with self._store.session(write=not dry_run) as session:
            at, known = now(), read_codebooks(session)
            _check_new(book, known)
            previous = read_book(session)
            kinds = _kinds(document, previous, book, since=at)
            until = None if accept_old_until is None else accept_old_until.isoformat()
            if not dry_run:
                _store(session, codebook_row(known[-1].number + 1, book, added_at=at, document=document), until)
        added = new_items(previous, book)
        hurried = bool(added) and short_notice(accept_old_until, today=_today())
        return CodebookChange(
            codebook=f"{book.name} {book.version}",
            digest=book.digest,
            previous=known[-1].title,
            accepted_until=until,
            series=kinds,
            new_items=added,
            warnings=(SHORT_NOTICE,) if hurried else (),
            dry_run=dry_run,
        )

    def end(self, codebook: str, on: date) -> CodebookChange:
        """Set the last day on which an older codebook is accepted, or another one than before.

        Args:
            codebook: Its version or its digest, of which eight digits are enough; `none` for submissions without one.
            on: The last day, in UTC.

        Returns:
            What was set, with warnings.

        Raises:
            SettingsError: `registry.codebook_unknown` if there is no such codebook, or several;
                `registry.codebook_newest` if it is the newest.
            RegistryError: The registry cannot be opened or written; nothing was changed.
        """
        with self._store.session(write=True) as session:
            known = read_codebooks(session)
            one = _find(known, codebook)
            if one.newest:
                raise _error("registry.codebook_newest")
            with session.transaction():
                session.rows("UPDATE codebooks SET accepted_until = ? WHERE codebook = ?", on.isoformat(), one.number)
                told = {"codebook": one.title, "digest": one.digest, "accepted_until": on.isoformat()}
                session.log("codebook end", at=now(), **told)
            newest = read_book(session)
            old = read_book(session, one.number)
        added = () if newest is None else new_items(old, newest)
        hurried = bool(added) and short_notice(on, today=_today())
        return CodebookChange(
            codebook=one.title,
            digest=one.digest,
            accepted_until=on.isoformat(),
            series={},
            new_items=added,
            warnings=(SHORT_NOTICE,) if hurried else (),
        )

    def breaks(self, *, item: str | None = None) -> tuple[Series, ...]:
        """Return for each code whether its series continues over all codebooks of the registry, and if not, why.

        Args:
            item: Only this item, of any of the codebooks.

        Returns:
            The series, see `linkage.answers.series_of`; empty if there are fewer than two codebooks.

        Raises:
            SettingsError: `registry.codebook_item` if no codebook has the item.
        """
        with self._store.session(write=False) as session:
            changes = read_changes(session)
            newest = read_book(session)
        found = series_of(changes)
        if item is None:
            return tuple(found)
        books = [newest, *(change.translation.old for change in changes)]
        if not any(book is not None and item in book.by_name for book in books):
            raise _error("registry.codebook_item")
        return tuple(one for one in found if one.item == item or any(_item_of(word) == item for word in one.before))


def _store(session: Session, row: tuple[int | str | None, ...], until: str | None) -> None:
    """Enter a new codebook and end the older ones, both or neither."""
    with session.transaction():
        session.rows(f"INSERT INTO codebooks VALUES ({', '.join('?' * len(row))})", *row)
        if until is not None:
            session.rows(
                "UPDATE codebooks SET accepted_until = least(coalesce(accepted_until, ?), ?) WHERE codebook < ?",
                *(until, until, row[0]),
            )
        new = read_codebooks(session)[-1]
        told = {"codebook": new.title, "digest": new.digest, "map_digest": new.map_digest, "accepted_until": until}
        session.log("codebook add", at=new.added_at, **told)


def _loaded(document: str | Path | CodebookMap | None) -> CodebookMap | None:
    return document if document is None or isinstance(document, CodebookMap) else load_map(document)


def _check_new(book: Codebook, known: list[StoredCodebook]) -> None:
    if book.digest in [one.digest for one in known]:
        raise _error("registry.codebook_known")
    if (book.name, book.version) in [(one.name, one.version) for one in known]:
        raise _error("registry.codebook_version")


def _kinds(document: CodebookMap | None, old: Codebook | None, new: Codebook, *, since: str) -> dict[str, int]:
    """Check that a map fits, and count what it does to the series of each code."""
    if old is None:
        if document is not None:
            raise _settings_error(CodebookError("codebook_map.from", _NO_OLD, hint="Leave out the map.", field="from"))
        return {"new": sum(len(item.codes) for item in new.items)}
    try:
        translation = translate(document, old, new)
    except CodebookError as error:
        raise _settings_error(error) from None
    found = series_of([Change(translation=translation, since=since, until=None)])
    return dict(sorted(Counter(str(one.kind) for one in found).items()))


_NO_OLD: Final = "The registry has no codebook yet at which a map could begin."


def _find(known: list[StoredCodebook], name: str) -> StoredCodebook:
    found = [one for one in known if name == one.version or _is_digest(name, one.digest)]
    if not found and name == NONE:
        found = [one for one in known if one.title == NO_CODEBOOK]
    if len(found) != 1:
        raise _error("registry.codebook_unknown")
    return found[0]


def _is_digest(name: str, digest: str | None) -> bool:
    return digest is not None and len(name) >= DIGEST_DIGITS and digest.startswith(name)


def _item_of(word: str) -> str:
    return word.partition("/")[0]


def _today() -> date:
    return datetime.now(UTC).date()


def _error(rule: str) -> SettingsError:
    return SettingsError(rule, _MESSAGES[rule], hint=_HINTS[rule])


def _settings_error(error: CodebookError) -> SettingsError:
    return SettingsError(
        error.rule, error.message, hint=error.hint, field=error.field, allowed=error.allowed, path=error.path
    )
