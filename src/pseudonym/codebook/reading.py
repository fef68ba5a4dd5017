"""Read what a reporter wrote for an item: codes, labels, synonyms, ages; and several of them in one cell.

A text is read as a code only if one code fits it, and is marked unless it is the code itself. What fits none, or
several, is left out by a rule: a label of two codes, or a group of codes, is not an answer.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Final, NamedTuple

from pseudonym.characters import WHITE_SPACE, is_blank
from pseudonym.codebook.ages import codes_of_ages, read_about, read_ages
from pseudonym.codebook.document import Codebook, Item
from pseudonym.codebook.folding import fold, fold_boldly, lost_letters, spelt_out, unscrambled
from pseudonym.codebook.values import codebook_error, join_codes, too_many
from pseudonym.memory import kept

__all__ = ["CELL_CHARACTERS", "Answer", "CellReader"]

MAX_PARTS: Final = 64
"""A cell with more parts is text, not a list of at most 16 codes."""

CELLS_CACHED: Final = 1 << 13
CELL_CHARACTERS: Final = 256
"""Longer cells are not cached, so that text in the wrong column cannot fill the memory."""

_STRONG: Final = re.compile(r"[;|\uff1b\r\n\t]+")
"""Separates values, and is in no label."""

_COMMA: Final = re.compile(r",")
"""Separates values, but labels contain it too."""

_JOINT: Final = re.compile(r"(?<=\S) *[/+&] *(?=\S)| (?:och|samt|and) ", re.IGNORECASE)
"""Joins values, if all around it are values; otherwise it is part of a sentence, or of an age such as `26+`."""

_SIGN_OF_LIST: Final = re.compile(r"(?:(?<=\s)|\A)(?:[0-9]{1,2}[.)]|[A-Ha-h]\)|[-*\u2013\u2022\u00b7\u25aa])\s+")
"""A number, a letter or a bullet before each value of a list."""

_BLANK: Final = re.compile(r"\s+")
_AROUND: Final = WHITE_SPACE + ";,|"
"""No code and no label begins or ends with one of these."""
_FIRST: Final = re.compile(r"(?P<code>[A-Za-z0-9_.-]+?)(?:[ =:\u2013-]+|\. +)(?P<label>[^ =:-].*)")
_LAST: Final = re.compile(r"(?P<label>.*[^ ]) *[(\[] *(?P<code>[A-Za-z0-9_.-]+) *[)\]]")
"""A code before its label, or in brackets after it."""

_NUMBER: Final = re.compile(r"([0-9]+)([.,]0+)?")


class Answer(NamedTuple):
    """What a record says on an item.

    Attributes:
        value: Its codes in the form in which they are sent, or None.
        left_out: The rule for each text that is not used, and for all codes if they may not be together.
        marked: The rules by which other texts were read as codes, each once.
    """

    value: str | None
    left_out: tuple[str, ...] = ()
    marked: tuple[str, ...] = ()


class _Reading(NamedTuple):
    """What one text means.

    Attributes:
        codes: The codes that it can mean. If they are nested, the first that is valid counts; otherwise there must be
            one that is.
        rule: Why it is not used if there are no codes, else the rule by which it was read; None for the code itself.
        nested: Whether each code includes the one before.
    """

    codes: tuple[str, ...]
    rule: str | None
    nested: bool = False


_UNKNOWN: Final = _Reading((), "codebook.unknown_code")


class CellReader:
    """Read cells by a codebook."""

    def __init__(self, book: Codebook) -> None:
        """Take the codebook."""
        self._book = book
        self._texts: dict[str, _ItemTexts] = {}

    def read(self, item: str, cells: Iterable[str], *, date: str | None = None) -> Answer:
        """Read all that a record has for one item.

        Args:
            item: Name of an item.
            cells: The texts, each a code, a label, a synonym, an age, or several of these.
            date: The event date of the record, or its report date, or None; known to the day, month or year.

        Returns:
            The answer. Of an item that takes one code, nothing is sent if there is any other text beside it.

        Raises:
            CodebookError: `codebook.unknown_item`.
        """
        texts = self._texts.get(item) or self._of(item)
        distinct = tuple(dict.fromkeys(cells))
        # Nearly every cell is one short text.
        cached = len(distinct) == 1 and len(distinct[0]) <= CELL_CHARACTERS
        answer = _undated(texts, distinct[0]) if cached else None
        return texts.answer(_read_cells(texts, distinct), date) if answer is None else answer

    def undated(self, item: str) -> Callable[[str], Answer | None]:
        """Return what reads a cell of an item at once, or returns None where `read` must know the date.

        Args:
            item: Name of an item; the cells are texts of at most `CELL_CHARACTERS`.

        Raises:
            CodebookError: `codebook.unknown_item`.
        """
        return partial(_undated, self._of(item))

    def read_one(self, item: str, text: str, *, date: str | None = None) -> tuple[str | None, str | None]:
        """Read a cell that holds one value.

        Args:
            item: Name of an item.
            text: The cell, not blank.
            date: As for `read`.

        Returns:
            The code, and the rule by which it was read, None if it is the code itself; or None and the rule by which
            it is left out.

        Raises:
            CodebookError: `codebook.unknown_item`.
        """
        texts = self._of(item)
        return texts.choose(texts.match(text) or _UNKNOWN, date)

    def _of(self, item: str) -> _ItemTexts:
        found = self._texts.get(item)
        if found is None:
            if item not in self._book.by_name:
                raise codebook_error("codebook.unknown_item", None)
            found = self._texts[item] = _ItemTexts(self._book, self._book.by_name[item])
        return found


class _ItemTexts:
    """All that may be written for the codes of an item."""

    def __init__(self, book: Codebook, item: Item) -> None:
        self.item = item
        self._folded: dict[str, tuple[str, ...]] = {}
        self._bold: dict[str, tuple[str, ...]] = {}
        synonyms = [one for one in book.synonyms if item.name in one.items]
        for code in item.codes:
            others = [text for one in synonyms for text in one.codes.get(code.code, ())]
            for folded in dict.fromkeys(map(fold, (code.code, code.label.sv, code.label.en, *others))):
                _add(self._folded, folded, code.code)
                _add(self._bold, fold_boldly(folded), code.code)
                _add(self._bold, fold_boldly(spelt_out(folded)), code.code)
        # Texts of nothing but punctuation fold to nothing.
        self._bold.pop("", None)
        self._endings = tuple(dict.fromkeys(_ending(text) for one in synonyms for text in one.endings))
        groups = [group for one in book.groupings if one.item == item.name for group in one.groups]
        named = [fold(text) for group in groups for text in (group.group, group.label.sv, group.label.en)]
        self._groups = frozenset((*named, *map(fold_boldly, named)))
        self._without_zeros: dict[str, tuple[str, ...]] = {}
        for one in filter(str.isdecimal, item.by_code):
            _add(self._without_zeros, one.lstrip("0"), one)

    def answer(self, readings: Iterable[_Reading], date: str | None) -> Answer:
        """Return what readings mean together on a date."""
        codes: dict[str, str | None] = {}
        left_out: list[str] = []
        for reading in readings:
            code, rule = self.choose(reading, date)
            if code is not None:
                codes.setdefault(code, rule)
            elif rule is not None:
                left_out.append(rule)
        if codes and len(codes) + len(left_out) > 1 and not self.item.many:
            return Answer(None, (*left_out, "codebook.several"))
        if too_many(codes):
            return Answer(None, (*left_out, "codebook.too_many"))
        return Answer(join_codes(codes) or None, tuple(left_out), tuple(dict.fromkeys(filter(None, codes.values()))))

    def choose(self, reading: _Reading, date: str | None) -> tuple[str | None, str | None]:
        """Return the code that a reading means on a date, and the rule."""
        if not reading.codes:
            return None, reading.rule
        valid = [code for code in reading.codes if self.item.by_code[code].is_valid_on(date)]
        if not valid:
            return None, "codebook.expired_code"
        if len(valid) > 1 and not reading.nested:
            return None, "codebook.ambiguous_label"
        return valid[0], reading.rule

    def is_dated(self, reading: _Reading) -> bool:
        """Return whether the date of a record makes a difference."""
        codes = [self.item.by_code[code] for code in reading.codes]
        return any(code.valid_from is not None or code.valid_to is not None for code in codes)

    def match(self, text: str) -> _Reading | None:
        """Return what a text means as a whole; None if nothing."""
        if text in self.item.by_code:
            return _Reading((text,), None)
        mended = self._mended(text)
        if mended is not None:
            return mended
        folded = fold(text)
        bold = fold_boldly(folded)
        codes = self._named(folded, self._folded) or self._named(bold, self._bold)
        if codes:
            return _Reading(codes, "codebook.label")
        if folded in self._groups or bold in self._groups:
            return _Reading((), "codebook.group")
        return (self._aged(folded) if self.item.ages else None) or self._damaged(text, folded) or self._twice(text)

    def _mended(self, text: str) -> _Reading | None:
        """Restore what spreadsheets do to codes of digits: `180` and `180.0` for `0180`."""
        match = _NUMBER.fullmatch(text.strip())
        if match is None:
            return None
        if match[1] in self.item.by_code:
            return _Reading((match[1],), "damage.decimals" if match[2] else "codebook.label")
        padded = self._without_zeros.get(match[1], ())
        return _Reading(padded, "damage.zero_restored") if len(padded) == 1 else None

    def _named(self, text: str, table: dict[str, tuple[str, ...]]) -> tuple[str, ...]:
        """Return the codes that a folded text names, with an ending or without."""
        whole, *stems = self._forms(text)
        return table.get(whole, ()) or tuple(dict.fromkeys(code for stem in stems for code in table.get(stem, ())))

    def _forms(self, text: str) -> list[str]:
        """Return a folded text, and what stands before an ending."""
        stems = (text.removesuffix(ending) for ending in self._endings if text.endswith(ending))
        return [text, *filter(None, stems)]

    def _damaged(self, text: str, folded: str) -> _Reading | None:
        """Read a label whose letters went through a wrong encoding, or were lost."""
        lost = [pattern for form in self._forms(folded) if (pattern := lost_letters(form)) is not None]
        texts = [one for one in self._folded for pattern in lost if pattern.fullmatch(one)]
        codes = tuple(dict.fromkeys(code for one in texts for code in self._folded[one]))
        whole = unscrambled(text)
        if not lost and whole is not None:
            codes = self._named(fold(whole), self._folded)
        return _Reading(codes, "codebook.label") if codes else None

    def _twice(self, text: str) -> _Reading | None:
        """Read a code beside its own label: `0180 Stockholm`, `SE - Sverige`, `Sverige (SE)`."""
        first, last = _FIRST.fullmatch(text), _LAST.fullmatch(text)
        pairs = [(match["code"], match["label"]) for match in (first, last) if match is not None]
        for code, label in pairs:
            if code in self.item.by_code and code in self._named(fold(label), self._folded):
                return _Reading((code,), "codebook.label")
        return None

    def _aged(self, folded: str) -> _Reading | None:
        """Read ages: one, an estimate or several, as the narrowest code that includes all of them."""
        ages = read_ages(folded)
        if ages is None:
            about = read_about(folded)
            codes = () if about is None else codes_of_ages(self.item, about)
            return _Reading(codes, "codebook.age_band", nested=True) if codes else None
        single = [code for years, code in self.item.ages if (years.first, years.end) == ages]
        if single:
            return _Reading(tuple(single), "codebook.label")
        codes = codes_of_ages(self.item, ages)
        return _Reading(codes, "codebook.age_band", nested=True) if codes else None


def _add(table: dict[str, tuple[str, ...]], text: str, code: str) -> None:
    codes = table.get(text, ())
    if code not in codes:
        table[text] = (*codes, code)


def _ending(text: str) -> str:
    """Return an ending, folded; a blank before it counts."""
    return (" " if text[:1].isspace() else "") + fold_boldly(fold(text))


def _read_cells(texts: _ItemTexts, cells: tuple[str, ...]) -> list[_Reading]:
    """Return what the values in the cells of an item mean."""
    return [reading for cell in cells for reading in _read(texts, cell)]


@kept(CELLS_CACHED)
def _undated(texts: _ItemTexts, cell: str) -> Answer | None:
    """Return the answer of a cell if it is the same on all dates, else None."""
    readings = list(_read(texts, cell))
    return None if any(map(texts.is_dated, readings)) else texts.answer(readings, None)


def _read(texts: _ItemTexts, cell: str) -> Iterator[_Reading]:
    """Read a cell: as a whole, else in the parts between semicolons, bars and line ends, else between commas."""
    cell = cell.strip(_AROUND)
    if is_blank(cell):
        return
    whole = texts.match(cell)
    if whole is not None:
        yield whole
        return
    listed = _read_list(texts, cell)
    if listed is not None:
        yield from listed
        return
    for part in dict.fromkeys(_STRONG.split(cell, maxsplit=MAX_PARTS)):
        yield from _longest(texts, part, _COMMA, lambda rest: _read_joint(texts, rest))


def _read_list(texts: _ItemTexts, cell: str) -> list[_Reading] | None:
    """Read a cell whose values are numbered or have bullets, if all of them are values; None if they are not."""
    if _SIGN_OF_LIST.match(cell) is None:
        return None
    signs, parts = _SIGN_OF_LIST.findall(cell), _SIGN_OF_LIST.split(cell, maxsplit=MAX_PARTS)
    if any(sign.strip(" .)") in texts.item.by_code for sign in signs):
        return None
    readings = [texts.match(part.strip(_AROUND)) for part in parts if part.strip(_AROUND)]
    found = [reading for reading in readings if reading is not None and reading.codes]
    return found if found and len(found) == len(readings) else None


def _read_joint(texts: _ItemTexts, text: str) -> list[_Reading]:
    """Read a text as values that *and*, slashes or blanks join, if all of it is values."""
    joint = list(_longest(texts, text, _JOINT, lambda rest: [_UNKNOWN]))
    if all(reading.codes for reading in joint):
        return joint
    words = _BLANK.split(text, maxsplit=MAX_PARTS)
    if all(word in texts.item.by_code for word in words):
        return [_Reading((word,), None) for word in dict.fromkeys(words)]
    return [_UNKNOWN]


def _longest(
    texts: _ItemTexts, text: str, separator: re.Pattern[str], rest: Callable[[str], list[_Reading]]
) -> Iterator[_Reading]:
    """Read a text from left to right, each time as much of it as is a value; `rest` reads a part that is none."""
    ends = [match.span() for match in separator.finditer(text)]
    if len(ends) >= MAX_PARTS:
        yield _UNKNOWN
        return
    starts, stops = [0, *(stop for _, stop in ends)], [*(start for start, _ in ends), len(text)]
    first = 0
    while first < len(starts):
        for last in range(len(stops) - 1, first - 1, -1):
            part = text[starts[first] : stops[last]].strip(_AROUND)
            reading = None if is_blank(part) else texts.match(part)
            if reading is not None:
                yield reading
                break
        else:
            last = first
            part = text[starts[first] : stops[first]].strip(_AROUND)
            if not is_blank(part):
                yield from rest(part)
        first = last + 1
