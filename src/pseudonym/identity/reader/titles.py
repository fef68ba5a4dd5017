"""Recognise headers: which field a title names, which it may name if it is misspelt, and which it leaves open.

What is certain is read, whatever accents and punctuation a title has. What is merely probable becomes a suggestion:
*namn* is a whole name or part of one, and a misspelt title may be meant otherwise.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, NamedTuple

from pseudonym.identity.reader.escapes import unescape
from pseudonym.identity.reader.fields import ALIASES, RECORD_ID, REPEATABLE, fold_header
from pseudonym.identity.reader.mixed import unmix

__all__ = [
    "CERTAIN_LETTERS",
    "ID_TITLES",
    "Alias",
    "Judged",
    "Titles",
    "alias_of",
    "label_titles",
    "squash",
    "suggestion",
]

PROBABLE: Final[dict[str, str]] = {
    "namn": "names",
    "name": "names",
    "personnamn": "names",
    "enamn": "family_names",
    "fnamn": "given_names",
    "fodd": "birth_date",
    "alder": "age_at_event",
    "age": "age_at_event",
    "anmalningsdatum": "report_date",
    "anmaldatum": "report_date",
    "anmald": "report_date",
    "inkommen": "report_date",
    "inkomdatum": "report_date",
    "upptacktsdatum": "discovered_on",
    "upptackt": "discovered_on",
    "datumforhandelsen": "event_date",
    "utfallsdatum": "outcome_date",
    "arendestatus": "case_state",
    "personroll": "role",
    "rolliarendet": "role",
    "typavperson": "role",
    "hemkommun": "municipality",
    "bostadskommun": "municipality",
    "folkbokforingskommun": "municipality",
    "nationalitet": "citizenship",
    "bortfordtill": "country",
    "brottsdatum": "event_date",
    "datumforhandelse": "event_date",
    "nummer": "number",
    "passport": "foreign_number",
}
"""Squashed headers with a probable meaning, which is suggested and never assumed."""

ID_TITLES: Final = ("Löpnr", "Löpnummer", "Radnr", "Radnummer", "Post-id", "ID", "Nr", "Record number")
"""Usual headers of the column of record ids, as the user may type them."""

MIN_LETTERS: Final = 5
"""Shorter headers are near too many others."""

LONG_LETTERS: Final = 10
"""From this length on two slips of the hand still show the word."""

MAX_CHARACTERS: Final = 256
"""A longer cell is no header."""

CERTAIN_LETTERS: Final = 6
"""A recognised header of this length is no part of a person's name: *Kon* and *Sex* might be."""

_SEX: Final = "(?:kv?|m|f|x|kvinna|man|flicka|pojke|annat|okänt|woman|female|male|other)"
_FORMAT: Final = re.compile(
    r"\((?:[yåa]{2,4}[-/. ]?mm[-/. ]?dd(?:[-+/. ]*(?:nnnn|xxxx))?|\d\d? (?:siffror|tecken|digits)"
    rf"|{_SEX}(?: ?[/,;|] ?{_SEX})+|obligatorisk[at]?|frivillig[at]?|valfri(?:tt)?|required|optional)\)\s*\Z",
    re.IGNORECASE,
)
"""How values are written, which some systems add to a header: `Födelsedatum (ÅÅÅÅ-MM-DD)`, `Kön (K/M)`."""
_NO_LETTER: Final = re.compile("[^a-z0-9]+")
_PLACE: Final = re.compile(r"(.+?)([1-8])")


def squash(title: str) -> str:
    """Return a header in plain letters and digits only: `Pers.nr` and `persnr` are equal, and so are `Kön` and `kon`.

    >>> squash("Födelse-datum (ÅÅÅÅMMDD)")
    'fodelsedatum'
    """
    # A program that damages the letters of values damages those of the header too.
    plain = unicodedata.normalize("NFKD", _FORMAT.sub("", unmix(unescape(title))).casefold())
    return _NO_LETTER.sub("", "".join(sign for sign in plain if not unicodedata.combining(sign)))


_LOST: Final = re.compile(r"%[0-9a-f]{2}|[^a-z0-9_]+")
"""What stands where letters were lost."""

_SQUASHED: Final = {squash(title): field for title, field in ALIASES.items()}


class Alias(NamedTuple):
    """What a header stands for.

    Attributes:
        field: The field.
        position: The position of its value from 1: `personnummer_2` is the second number.
        kind: The first letters of the header: personnummer and samordningsnummer are two kinds of number.
    """

    field: str
    position: int
    kind: str


def alias_of(title: str) -> Alias | None:
    """Return what a header stands for that is no name of a field; None if it is not certain."""
    word = squash(title)
    if word in _SQUASHED:
        return Alias(_SQUASHED[word], 1, _kind(word))
    match = _PLACE.fullmatch(word)
    field = None if match is None else _SQUASHED.get(match[1])
    if match is None or field not in REPEATABLE:
        return None
    return Alias(field, int(match[2]), _kind(match[1]))


def label_titles(items: Iterable[str]) -> dict[str, str]:
    """Return the item that each label stands for as a header, squashed; none for a label that two items have.

    Args:
        items: The items of the codebook in use. A mapping has the labels of each.
    """
    titles: dict[str, set[str]] = {}
    for item, labels in items.items() if isinstance(items, Mapping) else ():
        for label in labels:
            titles.setdefault(squash(label), set()).add(item)
    return {title: owners.pop() for title, owners in titles.items() if title and len(owners) == 1}


def _kind(word: str) -> str:
    """Return the kind of number that a header names; a header for both kinds is of the first."""
    return "samordningsnummer" if word.startswith(("samordn", "coordination")) else "personnummer"


class Judged(NamedTuple):
    """How much a row looks like a header.

    Attributes:
        has_id: Whether it has the header of the record ids.
        n_others: Number of other headers that are recognised.
        positions: The columns of all of these.
    """

    has_id: bool
    n_others: int
    positions: tuple[int, ...]

    @property
    def is_header(self) -> bool:
        """Whether the row is certainly the header: the record ids and something else that is known."""
        return self.has_id and self.n_others > 0

    @property
    def lacks_id(self) -> bool:
        """Whether the row is a header in which only the record ids are not recognised."""
        return not self.has_id and self.n_others > 1


class Titles:
    """The headers that a file may have."""

    def __init__(self, known: Iterable[str], mapping: Mapping[str, str], *, key: str = RECORD_ID) -> None:
        """Prepare.

        Args:
            known: The names of all fields that may be read.
            mapping: The headers that the user named, by field.
            key: The field that every file must have.
        """
        known = tuple(known)
        self._id = fold_header(mapping.get(key, key))
        self._names = {fold_header(name) for name in (*known, *mapping.values())} - {self._id}
        self._known = {squash(name) for name in known}

    def judge(self, row: Sequence[str]) -> Judged:
        """Return how much a row looks like a header."""
        has_id, others, positions = False, set(), []
        for position, title in enumerate(row):
            folded = fold_header(title) if len(title) <= MAX_CHARACTERS else ""
            if not folded:
                continue
            if folded == self._id:
                has_id = True
            elif folded in self._names or squash(title) in self._known or alias_of(title) is not None:
                others.add(folded)
            else:
                continue
            positions.append(position)
        return Judged(has_id, len(others), tuple(positions))


def suggestion(title: str, fields: Iterable[str], items: Iterable[str] = ()) -> str | None:
    """Return the field of a header that is probably misspelt, or does not mean the same everywhere; None for others.

    Args:
        title: A header that is not recognised.
        fields: The fields that may be suggested.
        items: As for `label_titles`: a header that is a part of the label of one item probably means this item.
    """
    fields, word = tuple(fields), squash(title)
    if word in PROBABLE:
        return PROBABLE[word] if PROBABLE[word] in fields else None
    of_label = _in_labels(title, items)
    if of_label is not None:
        return of_label if of_label in fields else None
    lost = _with_lost_letters(title, fields)
    if lost is not None or not MIN_LETTERS <= len(word) <= MAX_CHARACTERS:
        return lost
    own = {squash(field): field for field in fields}
    aliases = {known: field for known, field in _SQUASHED.items() if field in own.values()}
    near = {field for known, field in (own | aliases).items() if _is_near(word, known)}
    return near.pop() if len(near) == 1 else None


def _in_labels(title: str, items: Iterable[str]) -> str | None:
    """Return the only item in whose labels the words of a header follow one another: *Kommun* in *Kommun där ...*."""
    wanted = _words(title)
    if not isinstance(items, Mapping) or not MIN_LETTERS <= len("".join(wanted)) <= MAX_CHARACTERS:
        return None
    n = len(wanted)
    found = {
        item
        for item, labels in items.items()
        for words in map(_words, labels)
        if any(words[at : at + n] == wanted for at in range(len(words) - n + 1))
    }
    return found.pop() if len(found) == 1 else None


def _words(text: str) -> list[str]:
    return [word for word in map(squash, text.split()) if word]


def _with_lost_letters(title: str, fields: tuple[str, ...]) -> str | None:
    """Return the field of a Swedish header whose letters beyond ASCII are lost, as in `f?rnamn`."""
    folded = fold_header(title)
    if len(folded) > MAX_CHARACTERS or (folded.isascii() and _LOST.search(folded) is None):
        return None
    pattern = re.compile(".{1,2}".join(map(re.escape, _LOST.split(folded))))
    swedish = ((known, field) for known, field in ALIASES.items() if field in fields and not known.isascii())
    return next((field for known, field in swedish if pattern.fullmatch(known)), None)


def _is_near(word: str, known: str) -> bool:
    """Return whether a word is a known one but for a slip of the hand, or two in a long one."""
    allowed = 2 if len(known) >= LONG_LETTERS else 1
    return len(known) >= MIN_LETTERS and abs(len(word) - len(known)) <= allowed and _slips(word, known) <= allowed


def _slips(one: str, other: str) -> int:
    """Return the number of letters to add, drop, change or exchange with their neighbour (optimal string alignment)."""
    before: list[int] = []
    last = list(range(len(other) + 1))
    for i, sign in enumerate(one, start=1):
        row = [i]
        for j, wanted in enumerate(other, start=1):
            cost = min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (sign != wanted))
            if i > 1 and j > 1 and sign == other[j - 2] and one[i - 2] == wanted:
                cost = min(cost, before[j - 2] + 1)
            row.append(cost)
        before, last = last, row
    return last[-1]
