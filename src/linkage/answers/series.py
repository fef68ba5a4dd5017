"""Series of figures over versions of a codebook: which go on unchanged, which break, when and why.

A *series* is what one code of the newest codebook counts over the years. It goes on over a change of versions if the
code stands for exactly one older code; otherwise figures before and after the change cannot be compared as they are.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from pseudonym.codebook import Translation, Word, chained

__all__ = ["Change", "Kind", "Series", "series_of"]

Kind = Literal["continues", "changed", "merged", "split", "regrouped", "new", "ended"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A change from one codebook of a registry to the next.

    Attributes:
        translation: How answers in the older one are read in the newer one.
        since: The day on which the newer one was added.
        until: The last day on which the older one is accepted, or None.
    """

    translation: Translation
    since: str
    until: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """What a change of codebooks did to the series of one code.

    Attributes:
        item: An item of the newest codebook; if the series ended, of the older one.
        code: One of its codes.
        kind: "continues": it stands for one older code, in all versions. "changed": it does, but the map says that
            figures before and after cannot be compared. "merged": it stands for several older codes. "split": the
            older code became several codes of the item. "regrouped": both. "new": it stands for none. "ended": nothing
            became of it.
        before: The older items and codes that it stands for, as `item/code`.
        old: Name and version of the older codebook.
        new: Name and version of the newer one.
        since: The day from which answers may be given in the newer one: the break. None if it continues.
        until: The last day on which answers are accepted in the older one, or None.
        reason: What the map says about it, in `sv` and `en`, or None.
    """

    item: str
    code: str
    kind: Kind
    before: tuple[str, ...]
    old: str
    new: str
    since: str | None
    until: str | None
    reason: dict[str, str] | None

    def to_dict(self) -> dict[str, Any]:
        """Return the series as plain lists and strings, as `linkage codebook breaks --json` prints it."""
        return asdict(self) | {"before": list(self.before)}


def series_of(changes: Sequence[Change]) -> list[Series]:
    """Return what became of the series of each code of the newest codebook, and of each that ended.

    Args:
        changes: The changes of a registry, the first one first; each begins at the codebook where the one before ends.

    Returns:
        The series in the order of the newest codebook, those of one code from the newest break to the oldest; then
        those that ended.
    """
    if not changes:
        return []
    # For each change: the codes of its older codebook, and of its newer one, that each of the newest stands for.
    newest = changes[-1].translation.new
    sources = [_sources(chained([one.translation for one in changes[index:]])) for index in range(len(changes))]
    itself = {(item.name, code.code): [(item.name, code.code)] for item in newest.items for code in item.codes}
    found = [
        series
        for word in itself
        for series in _breaks(word, changes, [*sources, {w: _Origin(own, 1) for w, own in itself.items()}])
    ]
    return [*found, *_ended(changes)]


@dataclass(frozen=True, slots=True)
class _Origin:
    """Where a code comes from: the older codes, and the largest number of codes of its item that one of them became."""

    words: Sequence[Word]
    siblings: int

    @property
    def kind(self) -> Kind:
        if not self.words:
            return "new"
        if len(self.words) > 1:
            return "regrouped" if self.siblings > 1 else "merged"
        return "split" if self.siblings > 1 else "continues"


_NOWHERE = _Origin((), 0)


def _sources(words: Mapping[Word, frozenset[Word]]) -> dict[Word, _Origin]:
    found: dict[Word, list[Word]] = {}
    siblings: dict[Word, int] = {}
    for old, new in words.items():
        per_item = [item for item, _ in new]
        for word in new:
            found.setdefault(word, []).append(old)
            siblings[word] = max(siblings.get(word, 0), per_item.count(word[0]))
    return {word: _Origin(olds, siblings[word]) for word, olds in found.items()}


def _breaks(word: Word, changes: Sequence[Change], sources: Sequence[Mapping[Word, _Origin]]) -> Iterator[Series]:
    """Yield the breaks of one series from the newest to the oldest, or that it continues."""
    n_found, newer = 0, sources[-1][word]
    for index in reversed(range(len(changes))):
        change, origin = changes[index], sources[index].get(word, _NOWHERE)
        reason = _reason(change, newer.words)
        same = (origin.kind, len(origin.words)) == (newer.kind, len(newer.words))
        if reason is not None or not same:
            n_found += 1
            yield _series(word, "changed" if same else origin.kind, origin.words, change, reason)
        if not origin.words:
            return
        newer = origin
    if not n_found:
        old, new = changes[0].translation.old, changes[-1].translation.new
        yield Series(
            item=word[0],
            code=word[1],
            kind="continues",
            before=_shown(newer.words),
            old=f"{old.name} {old.version}",
            new=f"{new.name} {new.version}",
            since=None,
            until=changes[0].until,
            reason=None,
        )


def _ended(changes: Sequence[Change]) -> Iterator[Series]:
    for change in changes:
        for word, found in change.translation.words.items():
            if not found:
                yield _series(word, "ended", [word], change, _reason(change, [word]))


def _series(word: Word, kind: Kind, before: Sequence[Word], change: Change, reason: dict[str, str] | None) -> Series:
    old, new = change.translation.old, change.translation.new
    return Series(
        item=word[0],
        code=word[1],
        kind=kind,
        before=_shown(before),
        old=f"{old.name} {old.version}",
        new=f"{new.name} {new.version}",
        since=change.since,
        until=change.until,
        reason=reason,
    )


def _shown(words: Sequence[Word]) -> tuple[str, ...]:
    return tuple(f"{item}/{code}" for item, code in words)


def _reason(change: Change, words: Sequence[Word]) -> dict[str, str] | None:
    """Return the reason that the map of a change gives for a break of one of some codes."""
    document = change.translation.document
    for stated in () if document is None else document.breaks:
        if any(stated.concerns(item, code) for item, code in words):
            return {"sv": stated.reason.sv, "en": stated.reason.en}
    return None
