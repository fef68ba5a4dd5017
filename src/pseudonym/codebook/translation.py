"""Read the answers of one codebook in the words of the next, by a map that fits both.

The rule: a code that the map lists under its item becomes the new codes that it names, or nothing. A code that it does
not list keeps its text, in the item that `others` names; without `others`, or if the item is not listed at all, in the
item of the same name. If the new codebook does not have it there, the map is refused, so no answer is lost unnoticed.
Validity dates and the limits of what may be sent do not count: nothing that is read in this way is sent.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from pseudonym.codebook.document import Codebook
from pseudonym.codebook.map_document import CodebookMap, CodebookName, ItemMap
from pseudonym.codebook.values import codebook_error

__all__ = ["Translation", "Word", "chained", "translate"]

Word = tuple[str, str]
"""An item and one of its codes."""


@dataclass(frozen=True, slots=True)
class Translation:
    """What each code of a codebook means in the next one.

    Attributes:
        old: The codebook in which answers were given.
        new: The codebook in which they are read.
        document: The map, or None if every code keeps its item and text.
        words: For each item and code of the old codebook, those of the new one; none if nothing became of it.
    """

    old: Codebook
    new: Codebook
    document: CodebookMap | None
    words: Mapping[Word, frozenset[Word]]

    def apply(self, item: str, codes: Iterable[str]) -> dict[str, tuple[str, ...]]:
        """Read the codes that a record has of one item.

        Args:
            item: An item of the old codebook.
            codes: Some of its codes.

        Returns:
            New items with their codes, both in byte order; empty if nothing became of them.

        Raises:
            CodebookError: `codebook.unknown_item` or `codebook.unknown_code`.
        """
        found: dict[str, set[str]] = {}
        for code in codes:
            self.old.check(item, code)
            for new_item, new_code in self.words[item, code]:
                found.setdefault(new_item, set()).add(new_code)
        return {name: tuple(sorted(found[name])) for name in sorted(found)}


def translate(document: CodebookMap | None, old: Codebook, new: Codebook) -> Translation:
    """Check that a map leads from one codebook to another, and apply it to every code.

    Args:
        document: The map; None if every code keeps its item and text.
        old: The older codebook.
        new: The newer one.

    Returns:
        The translation.

    Raises:
        CodebookError: `codebook_map.from` or `codebook_map.to` if it belongs to other codebooks, or to one alone;
            `codebook_map.unknown_item` or `codebook_map.unknown_code` if a codebook does not have what it names;
            `codebook_map.not_listed` if a code is neither in the map nor in the new codebook; `codebook_map.several`
            if an item that takes one code could get several. The attribute `field` is the place in the map, or the
            item.
    """
    listed: dict[str, ItemMap] = {}
    if document is not None:
        _check_names(document, old, new)
        _check_old(document, old)
        _check_new(document, new)
        _check_breaks(document, old, new)
        listed = {one.item: one for one in document.items}
    words = {
        (item.name, code.code): _new_words(item.name, code.code, listed.get(item.name), new)
        for item in old.items
        for code in item.codes
    }
    _check_single(words, old, new)
    return Translation(old, new, document, words)


def chained(translations: Sequence[Translation]) -> Mapping[Word, frozenset[Word]]:
    """Return what each code of the first codebook means in the last one.

    Args:
        translations: At least one; each begins where the one before ends.
    """
    words = translations[0].words
    for translation in translations[1:]:
        words = {
            word: frozenset(newer for new in found for newer in translation.words[new]) for word, found in words.items()
        }
    return words


def _check_names(document: CodebookMap, old: Codebook, new: Codebook) -> None:
    names: Final[tuple[tuple[str, CodebookName, Codebook], ...]] = (
        ("from", document.source, old),
        ("to", document.target, new),
    )
    for member, name, book in names:
        if not name.names(book):
            raise codebook_error(f"codebook_map.{member}", member)
    if old.digest == new.digest:
        raise codebook_error("codebook_map.to", "to")


def _check_old(document: CodebookMap, old: Codebook) -> None:
    for index, one in enumerate(document.items):
        if one.item not in old.by_name:
            raise codebook_error("codebook_map.unknown_item", f"items[{index}].item")
        if not one.codes.keys() <= old.by_name[one.item].by_code.keys():
            raise codebook_error("codebook_map.unknown_code", f"items[{index}].codes")


def _check_new(document: CodebookMap, new: Codebook) -> None:
    for index, one in enumerate(document.items):
        place = f"items[{index}].codes"
        if one.others is not None and one.others not in new.by_name:
            raise codebook_error("codebook_map.unknown_item", f"items[{index}].others")
        for name, codes in ((name, codes) for given in one.codes.values() for name, codes in given.items()):
            item = new.by_name.get(name)
            if item is None:
                raise codebook_error("codebook_map.unknown_item", place)
            if not item.by_code.keys() >= set(codes):
                raise codebook_error("codebook_map.unknown_code", place)
            if len(codes) > 1 and not item.many:
                raise codebook_error("codebook_map.several", place)


def _check_breaks(document: CodebookMap, old: Codebook, new: Codebook) -> None:
    for index, one in enumerate(document.breaks):
        items = [book.by_name[one.item] for book in (old, new) if one.item in book.by_name]
        if not items:
            raise codebook_error("codebook_map.unknown_item", f"breaks[{index}].item")
        if not {code for item in items for code in item.by_code} >= set(one.codes or ()):
            raise codebook_error("codebook_map.unknown_code", f"breaks[{index}].codes")


def _new_words(item: str, code: str, listed: ItemMap | None, new: Codebook) -> frozenset[Word]:
    given = None if listed is None else listed.codes.get(code)
    if given is not None:
        return frozenset((name, one) for name, codes in given.items() for one in codes)
    name = item if listed is None else listed.rest
    if name is None:
        return frozenset()
    found = new.by_name.get(name)
    if found is None or code not in found.by_code:
        raise codebook_error("codebook_map.not_listed", item)
    return frozenset({(name, code)})


def _check_single(words: Mapping[Word, frozenset[Word]], old: Codebook, new: Codebook) -> None:
    """Refuse what could give a record several codes of an item that takes one."""
    sources: dict[str, dict[str, set[str]]] = {}
    for (item, _), found in words.items():
        for name, code in found:
            sources.setdefault(name, {}).setdefault(item, set()).add(code)
    for name, by_item in sources.items():
        distinct = set().union(*by_item.values())
        # Codes of one item that takes one exclude each other; others do not.
        exclusive = len(by_item) == 1 and not any(old.by_name[item].many for item in by_item)
        if len(distinct) > 1 and not new.by_name[name].many and not exclusive:
            raise codebook_error("codebook_map.several", name)
