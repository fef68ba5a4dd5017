"""Family names that stand beside another name: `Rut (f. Ek)`, `Berg, f\u00f6dd Ek`, `Berg (tidigare Ek)`.

Left where they are, they and the word before them would be further words of one name. They are names by which the
person is or was known, so each is one more value of the family name.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from pseudonym.memory import kept

__all__ = ["Beside", "beside", "names_of"]

LONGEST: Final = 120
NAMES_CACHED: Final = 1 << 14

_NAME: Final = r"(?P<name>[^\W\d_][^\W\d_.'\u2019-]*(?:[ '\u2019-]+[^\W\d_][^\W\d_.'\u2019-]*){0,3})"
_WORDS: Final = (
    r"[Ff]\u00f6d[de]?|[Ff]\u00f6rut|[Tt]idigare|[Oo]gift|[Ff]lickn(?:amn|\.)|[Ff]\u00f8dt"
    r"|[Gg]eb(?:\.|oren[e]?)|[Nn]\u00e9e?|[Ff]ormerly"
)
_SHORT: Final = r"f\.?[ ]?d\.|f\.|fd|tid\.|fl\.|g\.|omg\."
_ONLY_IN_BRACKETS: Final = r"f|F\.|F\.?[ ]?D\.|G\.|[Gg]ift|[Nn]ee|[Bb]orn"
_THEN: Final = rf"(?:\s*:\s*|(?<=\.)|\s+)\s*{_NAME}"
_IN_BRACKETS: Final = re.compile(rf"\s*[(\[]\s*(?:{_WORDS}|{_SHORT}|{_ONLY_IN_BRACKETS}){_THEN}\s*[)\]]")
_AFTER: Final = re.compile(rf"(?:^|[,;]?\s+)(?:{_WORDS}|{_SHORT}){_THEN}(?=\s*(?:,|$))")
"""In capitals `F.` and `G.` are initials, unless brackets show otherwise; `f` alone may be one too."""


_DIGITS: Final = re.compile(
    r"[\s,;]*[(\[]?\s*(?:(?:\b[Ff]\u00f6dd(?:\sden)?|\b[Ff]\.?|\b[Pp]nr|\b[Pp]ers(?:on)?nr\.?|\b[Bb]orn)[\s:]*)?"
    r"(?<![0-9])[0-9][0-9./+ -]{2,}[0-9](?![0-9])\s*[)\]]?"
)
"""A birth date or number beside a name, with the word before it and the brackets around it."""


_ALIAS: Final = re.compile(
    r"(?<=\w)[\s,;(]+(?:alias|a\.?k\.?a\.?|\u00e4ven (?:kallad|k\u00e4nd som)|also known as)[\s:]+(?=[^\W\d_])",
    re.IGNORECASE,
)
"""Between two names of one person."""


def names_of(text: str) -> list[str]:
    """Return the names that a text says are those of one person; mostly it is one.

    Args:
        text: A given name, family name or whole name.

    >>> names_of("Rut Berg alias Eva Ek"), names_of("Rut (a.k.a. Eva)"), names_of("Alias Ek")
    (['Rut Berg', 'Eva Ek'], ['Rut', 'Eva'], ['Alias Ek'])
    """
    if text.isalpha() or len(text) > LONGEST:
        return [text]
    return [part.strip(" ,;()") if place else part for place, part in enumerate(_ALIAS.split(text))]


class Beside(NamedTuple):
    """A name without what stood beside it.

    Attributes:
        name: The name.
        family: The family names that stood beside it.
        has_digits: Whether a date or number did.
    """

    name: str
    family: tuple[str, ...]
    has_digits: bool = False

    def __repr__(self) -> str:
        """Show neither: a name is a person's data."""
        return "Beside(...)"


def beside(text: str) -> Beside | None:
    """Return a name without the other family names and digits beside it, and these names; None if there is nothing.

    Args:
        text: A given name, family name or whole name.

    >>> tuple(beside("Rut (f. Ek)")), tuple(beside("Berg, f\u00f6dd von Essen"))
    (('Rut', ('Ek',), False), ('Berg', ('von Essen',), False))
    >>> beside("Erik F. Ek"), tuple(beside("Rut Berg, f. 2011-07-13"))
    (None, ('Rut Berg', (), True))
    """
    return _beside(text) if len(text) <= LONGEST and not text.isalpha() else None


@kept(NAMES_CACHED)
def _beside(text: str) -> Beside | None:
    whole, found = text, list[str]()
    for pattern in (_IN_BRACKETS, _AFTER):
        names = [match["name"].strip() for match in pattern.finditer(text)]
        # A remark, such as born abroad, has no capital where names have.
        if names and (text.islower() or all(name != name.lower() for name in names)):
            found += names
            text = pattern.sub("", text)
    bare = _DIGITS.sub("", text)
    has_digits = bare != text and any(map(str.isalpha, bare))
    text = bare if has_digits else text
    return Beside(text.strip(" ,;"), tuple(dict.fromkeys(found)), has_digits) if text != whole else None
