"""The words by which a case system names the type of a number and the level of a samordningsnummer."""

from __future__ import annotations

from typing import Final

from pseudonym.faults import broken
from pseudonym.identity.numbers.number import LEVELS, Level
from pseudonym.identity.numbers.text import tidy

__all__ = ["LEVEL_WORDS", "TYPE_WORDS", "read_level", "read_type_word"]

TYPE_WORDS: Final[dict[str, tuple[str, ...]]] = {
    "personnummer": (
        *(
            "personnummer",
            "pnr",
            "pn",
            "personnr",
            "svenskt personnummer",
            "personal number",
            "personal identity number",
        ),
        *("swedish personal identity number", "1.2.752.129.2.1.3.1"),
    ),
    "samordningsnummer": (
        *("samordningsnummer", "samordningsnr", "samnr", "snr", "coordination number", "co-ordination number"),
        "1.2.752.129.2.1.3.3",
    ),
    "interim": (
        *("interim", "interimsnummer", "interimspersonnummer", "interimnummer", "t-nummer", "tf-nummer", "t-number"),
        *("tillfälligt personnummer", "tillfälligt nummer", "interim number", "temporary number"),
    ),
    "reserve_stockholm": (
        *("reserve_stockholm", "reservnummer stockholm", "reservnummer region stockholm", "reservnummer sll"),
        *("reserve number stockholm", "1.2.752.97.3.1.3"),
    ),
    "reserve_vgr": (
        *("reserve_vgr", "reservnummer vgr", "reservnummer västra götaland", "reservnummer västra götalandsregionen"),
        *("reserve number vgr", "reserve number västra götaland", "1.2.752.113.11.0.2.1.1.1"),
    ),
    "reserve_varmland": (
        *("reserve_varmland", "reservnummer värmland", "reservnummer region värmland", "reserve number värmland"),
        "1.2.752.74.9.2",
    ),
    "reserve_inera": (
        *(
            "reserve_inera",
            "reservnummer inera",
            "reservnummer carelink",
            "reserve number inera",
            "1.2.752.129.2.1.3.2",
        ),
    ),
    "reserve_skane": (*("reserve_skane", "reservnummer skåne", "reservnummer region skåne", "reserve number skåne"),),
    "national_reserve": (
        *("national_reserve", "nationellt reservnummer", "nationella reservnummer", "reservnummer nationellt", "nrid"),
        *("national reserve number", "1.2.752.74.9.1"),
    ),
    "dossier": (
        *(
            "dossier",
            "dossiernummer",
            "dossiernr",
            "dossier number",
            "dnr migrationsverket",
            "dossier migrationsverket",
        ),
    ),
    "lma": ("lma", "lma-nummer", "lma-kort", "lma number", "lma card"),
    "other": ("other", "annat", "annat nummer", "övrigt", "other number"),
    "": ("", "okänd", "okänt", "unknown", "reservnummer", "reserve number", "nummer", "number", "id"),
}
"""Words for each type; `lma` is a dossier number with a card digit, and the empty type means that none is named."""

LEVEL_WORDS: Final[dict[str, tuple[str, ...]]] = {
    "styrkt": ("styrkt", "styrkt identitet", "confirmed", "proven", "verified"),
    "sannolik": ("sannolik", "sannolik identitet", "gjord sannolik", "probable", "likely"),
    "osaker": ("osaker", "osäker", "osäker identitet", "uncertain", "unconfirmed", "unverified"),
    "": ("", "okänd", "okänt", "unknown"),
}

# Drop the dots and rings of Swedish letters, whether composed or decomposed.
_FOLDED: Final = str.maketrans({"Å": "A", "Ä": "A", "Ö": "O", "å": "A", "ä": "A", "ö": "O", "\u0308": "", "\u030a": ""})
_SIGNS: Final = str.maketrans("", "", "-_.:/")


def _key(text: str) -> str:
    return tidy(text).removeprefix("URN:OID:").translate(_FOLDED).translate(_SIGNS)


def _table(words: dict[str, tuple[str, ...]]) -> dict[str, str]:
    return {_key(word): meaning for meaning, spellings in words.items() for word in spellings}


_TYPES: Final = _table(TYPE_WORDS)
_LEVELS: Final = _table(LEVEL_WORDS)


def read_type_word(text: str) -> str | None:
    """Read a word for the type of a number.

    Args:
        text: A word from `TYPE_WORDS`, ignoring case, spaces, hyphens and dots over letters.

    Returns:
        A member of `NUMBER_TYPES`, or `lma`; None if the text names no type.

    Raises:
        FieldError: `number_type.unknown`.
    """
    meaning = _TYPES.get(_key(text))
    if meaning is None:
        raise broken("number_type.unknown")
    return meaning or None


def read_level(text: str) -> Level | None:
    """Read the level of a samordningsnummer.

    Args:
        text: A word from `LEVEL_WORDS`, read as in `read_type_word`.

    Returns:
        The level; None if the text names none.

    Raises:
        FieldError: `number_level.unknown`.
    """
    meaning = _LEVELS.get(_key(text))
    if meaning is None:
        raise broken("number_level.unknown")
    return next((level for level in LEVELS if level == meaning), None)
