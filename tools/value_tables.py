"""The hand-written members of `tables.json` for dates, sexes, numbers and ids: characters, words, placeholders.

Characters are ranges `[first, last]` of code points, both included. Digits are listed with the value of the first one,
as Unicode 16 has them; a later version of Unicode changes nothing here.
"""

from __future__ import annotations

from typing import Final

__all__ = ["CHARACTERS", "DATES", "NUMBERS", "SEXES"]

ZEROS: Final = (
    *(0x0660, 0x06F0, 0x07C0, 0x0966, 0x09E6, 0x0A66, 0x0AE6, 0x0B66, 0x0BE6, 0x0C66, 0x0CE6, 0x0D66, 0x0DE6, 0x0E50),
    *(0x0ED0, 0x0F20, 0x1040, 0x1090, 0x17E0, 0x1810, 0x1946, 0x19D0, 0x1A80, 0x1A90, 0x1B50, 0x1BB0, 0x1C40, 0x1C50),
    *(0x2080, 0xA620, 0xA8D0, 0xA900, 0xA9D0, 0xA9F0, 0xAA50, 0xABF0, 0xFF10, 0x104A0, 0x10D30, 0x10D40, 0x11066),
    *(0x110F0, 0x11136, 0x111D0, 0x112F0, 0x11450, 0x114D0, 0x11650, 0x116C0, 0x116D0, 0x116DA, 0x11730, 0x118E0),
    *(0x11950, 0x11BF0, 0x11C50, 0x11D50, 0x11DA0, 0x11DE0, 0x11F50, 0x16130, 0x16A60, 0x16AC0, 0x16B50, 0x16D70),
    *(0x1CCF0, 0x1D7CE, 0x1D7D8, 0x1D7E2, 0x1D7EC, 0x1D7F6, 0x1E140, 0x1E2F0, 0x1E4F0, 0x1E5F1, 0x1E950, 0x1F101),
    0x1FBF0,
)
"""The digit zero of each run of ten consecutive digits."""

ONES: Final = (0x1369, 0x2460, 0x2474, 0x2488, 0x24F5, 0x2776, 0x2780, 0x278A, 0x10E60, 0x11052)
"""The digit one of each run of nine digits without a zero."""

SINGLE: Final = (*((0xB2, 2), (0xB3, 3), (0xB9, 1), (0x19DA, 1), (0x2070, 0), (0x24EA, 0), (0x24FF, 0), (0x1F100, 0)),)
"""Digits that follow no other, with their values."""

CHARACTERS: Final = {
    "dashes": [[0x2010, 0x2015], [0x2212, 0x2212]],
    "digits": sorted(
        [
            *([zero, zero + 9, 0] for zero in ZEROS),
            *([one, one + 8, 1] for one in ONES),
            *([point, point, value] for point, value in SINGLE),
            [0x2074, 0x2079, 4],
        ]
    ),
    "full_width": [[0xFF21, 0xFF3A, 0x41], [0xFF41, 0xFF5A, 0x61]],
    "invisible": [[0xAD, 0xAD], [0x200B, 0x200F], [0x202A, 0x202E], [0x2060, 0x2069], [0xFEFF, 0xFEFF]],
    "signs": [[0x2190, 0x2BFF], [0x1F000, 0x1FAFF], [0xE0000, 0xE0FFF]],
    "white_space": [
        *([0x09, 0x0D], [0x1C, 0x20], [0x85, 0x85], [0xA0, 0xA0], [0x1680, 0x1680], [0x2000, 0x200A], [0x2028, 0x2029]),
        *([0x202F, 0x202F], [0x205F, 0x205F], [0x3000, 0x3000]),
    ],
}
"""`signs` are arrows, symbols, circled letters, emoji and tags, which people type beside a name."""

UNKNOWN: Final = ["ok\u00e4nd", "ok\u00e4nt", "oka\u0308nd", "oka\u0308nt", "unknown"]

DATES: Final = {
    "defaults": ["01-01", "07-01"],
    "margin": 2,
    "placeholders": [
        *("00010101", "11111111", "17530101", "18000101", "18991230", "18991231", "1900", "190000", "190001"),
        *("19000000", "19000100", "19000101", "20991231"),
    ],
    "signs": "*-./0?_",
    "words": sorted([*UNKNOWN, "saknas"]),
    "years": [1850, 2100],
}
"""Defaults are registered when month and day are unknown: in Sweden far more people have them than were born on them
[Ludvigsson2009]. The placeholders are first days of the calendars of .NET, SQL Server and spreadsheets, and fillers for
forms that accept no blank. The margin is roughly the uncertainty of age assessments of minors."""

SEXES: Final = {
    "man": ["m", "male", "man"],
    "other": ["annat", "o", "other"],
    "unknown": sorted([*UNKNOWN, "u"]),
    "woman": ["f", "female", "k", "kvinna", "woman"],
}

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
"""`lma` is a dossier number with a card digit, and the empty type means that none is named."""

LEVEL_WORDS: Final[dict[str, tuple[str, ...]]] = {
    "styrkt": ("styrkt", "styrkt identitet", "confirmed", "proven", "verified"),
    "sannolik": ("sannolik", "sannolik identitet", "gjord sannolik", "probable", "likely"),
    "osaker": ("osaker", "osäker", "osäker identitet", "uncertain", "unconfirmed", "unverified"),
    "": ("", "okänd", "okänt", "unknown"),
}

NUMBERS: Final = {
    "letters": {
        **dict.fromkeys("\u00c5\u00c4\u00e5\u00e4", "A"),
        **dict.fromkeys("\u00d6\u00f6", "O"),
        "\u0308": "",
        "\u030a": "",
    },
    "levels": LEVEL_WORDS,
    "prefix": "URN:OID:",
    "signs": "+-./:_",
    "types": TYPE_WORDS,
    "word_signs": "-./:_",
}
"""The words are compared without the dots and rings of Swedish letters, whether these are composed or decomposed."""
