"""The hand-written members of `tables.json` for dates, words, numbers and ids: characters, words, placeholders.

Characters are ranges `[first, last]` of code points, both included. Digits are listed with the value of the first one,
as Unicode 16 has them; a later version of Unicode changes nothing here.
"""

from __future__ import annotations

from typing import Final

__all__ = ["CASE_STATES", "CHARACTERS", "DATES", "NUMBERS", "ROLES", "SEXES", "STATUSES", "WORDS"]

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
    "formula": [[point, point] for point in (*map(ord, "+-=@"), 0xFF0B, 0xFF0D, 0xFF1D, 0xFF20)],
    "full_width": [[0xFF21, 0xFF3A, 0x41], [0xFF41, 0xFF5A, 0x61]],
    "invisible": [
        *([0xAD, 0xAD], [0x34F, 0x34F], [0x61C, 0x61C], [0x115F, 0x1160], [0x17B4, 0x17B5], [0x180B, 0x180F]),
        *([0x200B, 0x200F], [0x202A, 0x202E], [0x2060, 0x206F], [0x3164, 0x3164], [0xFE00, 0xFE0F], [0xFEFF, 0xFEFF]),
        *([0xFFA0, 0xFFA0], [0xFFF0, 0xFFFB], [0x1BCA0, 0x1BCA3], [0x1D173, 0x1D17A], [0xE0000, 0xE0FFF]),
    ],
    "signs": [[0x2190, 0x2BFF], [0x1F000, 0x1FAFF], [0xE0000, 0xE0FFF]],
    "white_space": [
        *([0x09, 0x0D], [0x1C, 0x20], [0x85, 0x85], [0xA0, 0xA0], [0x1680, 0x1680], [0x2000, 0x200A], [0x2028, 0x2029]),
        *([0x202F, 0x202F], [0x205F, 0x205F], [0x3000, 0x3000]),
    ],
}
"""`invisible` are the characters that Unicode lets a program ignore (Default_Ignorable_Code_Point) and the marks of
annotations. `signs` are arrows, symbols, circled letters, emoji and tags, which people type beside a name. A cell that
begins with one of `formula`, in ASCII or of full width, is a formula to a spreadsheet."""

WORDS: Final = {
    "letters": {
        **dict.fromkeys("\u00c5\u00c4\u00e5\u00e4", "A"),
        **dict.fromkeys("\u00d6\u00f6", "O"),
        "\u0308": "",
        "\u030a": "",
    },
    "prefixes": [
        "URN:OID:",
        "OID:",
        "HTTP://ELECTRONICHEALTH.SE/IDENTIFIER/",
        "HTTPS://ELECTRONICHEALTH.SE/IDENTIFIER/",
    ],
    "signs": "\"'()*,-./:;<>?[]_",
}
"""Words are compared without the dots and rings of Swedish letters, whether these are composed or decomposed. The
addresses are those of the base profiles of HL7 Sweden."""

UNKNOWN: Final = (
    *(
        "ok\u00e4nd",
        "ok\u00e4nt",
        "unknown",
        "saknas",
        "uppgift saknas",
        "ingen uppgift",
        "ej k\u00e4nd",
        "ej k\u00e4nt",
    ),
    *("ej angiven", "ej angivet", "inte angiven", "inte angivet", "vet ej", "not known", "not stated"),
    *("missing", "na", "nan", "nat", "null", "none"),
)
"""What people and programs write when they have no value."""

DATES: Final = {
    "defaults": ["01-01", "07-01"],
    "margin": 2,
    "placeholders": [
        *("00010101", "11111111", "17530101", "18000101", "18991230", "18991231", "1900", "190000", "190001"),
        *("19000000", "19000100", "19000101", "20991231"),
    ],
    "signs": "*-./0?_",
    "words": sorted(UNKNOWN),
    "years": [1850, 2100],
}
"""Defaults are registered when month and day are unknown: in Sweden far more people have them than were born on them
[Ludvigsson2009]. The placeholders are first days of the calendars of .NET, SQL Server and spreadsheets, and fillers for
forms that accept no blank. The margin is roughly the uncertainty of age assessments of minors."""

SEXES: Final = {
    "man": [
        *("boy", "boys", "dreng", "gosse", "gutt", "grabb", "kille", "killar", "m", "male", "males", "man", "mand"),
        *("manlig", "manligt", "manligt k\u00f6n", "mann", "men", "m\u00e4n", "pojk", "pojkar", "pojke"),
    ],
    "other": [
        *("annan", "annat", "annat k\u00f6n", "hen", "icke bin\u00e4r", "ickebin\u00e4r", "nonbinary", "o", "other"),
        *("tredje k\u00f6n", "\u00f6vrigt"),
    ],
    "unknown": ["", *sorted([*UNKNOWN, "u"])],
    "woman": [
        *("f", "female", "females", "flicka", "flickor", "girl", "girls", "jente", "k", "kv", "kvinde", "kvinna"),
        *(
            "kvinne",
            "kvinnlig",
            "kvinnligt",
            "kvinnligt k\u00f6n",
            "kvinnor",
            "pige",
            "tjej",
            "tjejer",
            "woman",
            "women",
        ),
    ],
}
"""Digits are not among them: 1 and 2 mean man and woman in one system, woman and man in another."""

ROLES: Final = {
    "victim": [
        *(
            "victim",
            "brottsoffer",
            "brottsoffret",
            "offer",
            "offret",
            "m\u00e5ls\u00e4gande",
            "brottsutsatt",
            "drabbad",
            "injured party",
        ),
        *("utsatt", "utsatt barn", "utsatt person", "utsatt vuxen", "v\u00e5ldsutsatt"),
    ],
    "accompanying_adult": [
        *("accompanying adult", "accompanying parent", "medf\u00f6ljande f\u00f6r\u00e4lder"),
        *("medf\u00f6ljande vuxen", "medf\u00f6ljande vuxen person", "medf\u00f6ljande vuxna"),
        "vuxen medf\u00f6ljande",
    ],
    "accompanying_child": [
        *("accompanying child", "accompanying children", "accompanying minor", "barn medf\u00f6ljande"),
        *("medf\u00f6ljande barn", "medf\u00f6ljande dotter", "medf\u00f6ljande flicka"),
        *("medf\u00f6ljande minder\u00e5rig", "medf\u00f6ljande pojke", "medf\u00f6ljande son"),
    ],
}

STATUSES: Final = {
    "suspected": [
        *("suspected", "suspected case", "suspicion", "misstanke", "misst\u00e4nkt", "misst\u00e4nkt fall"),
        "misst\u00e4nkta",
    ],
    "confirmed": [
        *("confirmed", "confirmed case", "bekr\u00e4ftad", "bekr\u00e4ftade", "bekr\u00e4ftat", "bekr\u00e4ftat fall"),
        *("fastst\u00e4lld", "fastst\u00e4llt"),
        *("konstaterad", "konstaterade", "konstaterat", "verified", "verifierad", "verifierat"),
    ],
}

CASE_STATES: Final = {
    "open": [
        *(
            "open",
            "active",
            "aktiv",
            "aktivt",
            "aktuell",
            "aktuellt",
            "ej avslutad",
            "ej avslutat",
            "in progress",
            "ongoing",
            "p\u00e5g\u00e5ende",
            "p\u00e5g\u00e5r",
        ),
        *("reopened", "under handl\u00e4ggning", "under utredning", "\u00e5ter\u00f6ppnad", "\u00e5ter\u00f6ppnat"),
        *("p\u00e5g\u00e5ende \u00e4rende", "\u00f6ppen", "\u00f6ppet", "\u00f6ppet \u00e4rende", "\u00f6ppna"),
    ],
    "closed": [
        *("closed", "avskriven", "avskrivet", "avslut", "avslutad", "avslutade", "avslutat", "avslutat \u00e4rende"),
        *("completed", "finished"),
        *("nedlagd", "nedlagt", "slutf\u00f6rd", "slutf\u00f6rt", "st\u00e4ngd", "st\u00e4ngda", "st\u00e4ngt"),
        "st\u00e4ngt \u00e4rende",
    ],
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
        *("national reserve number", "nationelltReservnumer", "1.2.752.74.9.1"),
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
    "": ("", *UNKNOWN, "reservnummer", "reserve number", "nummer", "number", "id"),
}
"""`lma` is a dossier number with a card digit, and the empty type means that none is named. Earlier base profiles of
HL7 Sweden misspelt the address of the national reserve number."""

LEVEL_WORDS: Final[dict[str, tuple[str, ...]]] = {
    "styrkt": ("styrkt", "styrkt identitet", "confirmed", "proven", "verified"),
    "sannolik": ("sannolik", "sannolik identitet", "gjord sannolik", "probable", "likely"),
    "osaker": ("osaker", "osäker", "osäker identitet", "uncertain", "unconfirmed", "unverified"),
    "": ("", *UNKNOWN),
}

NUMBERS: Final = {
    "fillers": "#*?",
    "levels": LEVEL_WORDS,
    "signs": "+-./:_",
    "types": TYPE_WORDS,
}
"""`fillers` stand for digits that are not known."""
