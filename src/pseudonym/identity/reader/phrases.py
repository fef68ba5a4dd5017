"""What people write where the specification lists a word: `dam`, `misst.`, `utsatt kvinna`, `SLL reservnummer`.

The words of the specification are part of the frozen tables, so one more would change every code of every reporter.
What is read here becomes one of those words before it is a value. A phrase is understood only if each of its words is
known and all say the same: *ej bekräftad*, *mor till offret* and *kvinna/man* stay as they are and are named.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from typing import Final

from pseudonym.characters import DIGITS, plain
from pseudonym.identity.numbers.spellings import LEVEL_WORDS, TYPE_WORDS
from pseudonym.memory import kept
from pseudonym.tables import TABLES
from pseudonym.words import folded, folded_words, meanings

__all__ = ["PHRASES", "meaning_of_phrase"]

LONGEST: Final = 100
MOST_WORDS: Final = 8
PHRASES_CACHED: Final = 1 << 12

Words = frozenset[str]

_WORD: Final = re.compile(r"[^\W_]+|[\u2640\u2642+&]")
"""Letters with digits beside them, such as `K2`, are one word, which is none of a table."""
_AGE: Final = re.compile(r"\b[0-9]{1,3}[ -]?(?:år|årig|åring|mån|years?|yrs?)\b\.?(?: old| gammal)?")
_DAY: Final = re.compile(r"\b[0-9]{4}-[0-9]{2}-[0-9]{2}\b")
_CODE: Final = re.compile("[0-9]{1,2}")

_BOTH: Final = folded_words(("och", "and", "+", "&", "samt"))
_EITHER: Final = folded_words(("eller", "or"))
_NO: Final = folded_words(("ej", "inte", "icke", "not"))


def _words(*texts: str) -> Words:
    return folded_words(word for text in texts for word in text.split())


def _single(table: Mapping[str, list[str]]) -> dict[str, str]:
    """Return the single words of a table of the specification by their folded form."""
    return meanings({meaning: [word for word in words if word.isalpha()] for meaning, words in table.items()})


def _with(known: dict[str, str], more: Mapping[str, str]) -> dict[str, str]:
    return known | meanings({meaning: words.split() for meaning, words in more.items()})


_SEXES: Final = _with(
    _single({sex: words for sex, words in TABLES["sexes"].items() if sex != "unknown"}),
    {
        "woman": (
            "\u2640 dam damen damer fru frun fröken frk mrs ms miss lady ladies hon kvinnan kvinnorna kvinnliga kvi "
            "kvinn kvinno kvinnokön kvinnokönet flickan flickorna flickebarn fl flick tjejen tjejerna feminin "
            "femme fille weiblich nainen tyttö w pigen jenta kvinnen kvinden"
        ),
        "man": (
            "\u2642 herr herrn herre herren herrar hr mr gentleman gentlemen guy han mannen männen manliga manskön "
            "mankön manskönet pojken pojkarna pojkbarn po pojk gossen gossar gossarna gossebarn grabben "
            "grabbar grabbarna killen killarna masc maskulin homme garçon männlich mies poika gutten drengen manden"
        ),
        "other": "ickebinärt divers tredje annan annat",
    },
)
"""Not among them: D, G, H, P and T, each of which is short for two; X, which passports use for other and for unknown;
and *trans*, which does not say whether the sex before or after is meant."""

_OF_SEXES: Final = _words(
    "kön könet könstillhörighet könsidentitet juridisk juridiskt legal sex gender",
    "person ung unga yngre äldre vuxen vuxna vuxet minderårig minderåriga liten lilla lille barn",
    "adult child young minor teenage teenager tonårig",
)
"""Words beside a sex that say nothing of it."""

_UNKNOWN_SEX: Final = folded_words(
    (
        *(
            "okänt kön",
            "kön okänt",
            "könet okänt",
            "kön saknas",
            "unknown sex",
            "unknown gender",
            "unk",
        ),
        *(
            "oklart",
            "oklart kön",
            "osäkert",
            "ej fastställt",
            "ej fastställd",
            "inte fastställt",
            "unclear",
        ),
        *("vill ej uppge", "vill inte uppge", "vill ej ange", "vill inte ange", "prefer not to say", "undisclosed"),
        *("not disclosed", "unspecified", "undetermined", "indeterminate", "unbekannt"),
    )
)

_VICTIM, _WITH, _CHILD, _ADULT = "victim", "accompanying", "child", "adult"

_ROLES: Final = meanings(
    {
        _VICTIM: [
            *("offer", "offret", "offren", "brottsoffer", "brottsoffret", "brottsoffren", "brottsoff", "brottsutsatt"),
            *(
                "målsägande",
                "målsäganden",
                "målsägandena",
                "målsägare",
                "målsäg",
                "måläg",
            ),
            *(
                "utsatt",
                "utsatta",
                "utsatte",
                "våldsutsatt",
                "våldsutsatta",
                "våldsutsatte",
                "brottsutsatta",
            ),
            *("hedersutsatt", "hedersutsatta", "drabbad", "drabbade", "victim", "victims", "aggrieved"),
        ],
        _WITH: ["medföljande", "medfölj", "medflj", "medf", "accompanying", "accomp"],
        _CHILD: [
            *(
                "barn",
                "barnet",
                "barnen",
                "minderårig",
                "minderåriga",
                "minderårige",
                "flicka",
                "flickan",
                "flickor",
            ),
            *(
                "pojke",
                "pojken",
                "pojkar",
                "son",
                "sonen",
                "söner",
                "dotter",
                "dottern",
                "döttrar",
                "spädbarn",
                "bebis",
            ),
            *(
                "tonåring",
                "tonåringar",
                "child",
                "children",
                "minor",
                "minors",
                "girl",
                "boy",
                "girls",
                "boys",
                "infant",
            ),
        ],
        _ADULT: [
            *(
                "vuxen",
                "vuxna",
                "vuxne",
                "förälder",
                "föräldern",
                "föräldrar",
                "vårdnadshavare",
                "mor",
                "mamma",
            ),
            *("mamman", "modern", "moder", "far", "pappa", "pappan", "fadern", "fader", "adult", "adults", "parent"),
            *("parents", "mother", "father", "guardian", "guardians"),
        ],
    }
)
_OF_ROLES: Final = _words(
    "person personen personer roll role den det de the party kvinna man kvinnan mannen woman crime of"
)
"""Words beside a role that say nothing of it; *kvinna* and *man* may be of any age."""
_EXACT_ROLES: Final = {"mä": "victim", "mäg": "victim"}
"""Abbreviations of the police, which without their dots would be another word."""

_STATUSES: Final = _with(
    _single(TABLES["statuses"]),
    {
        "suspected": "misst misstänks misstänkte misstankar misstankarna misstanken susp suspect",
        "confirmed": (
            "bekr bekräftas fastställda fastst konst konstat verif verifierade konfirmerad konfirmerat "
            "konfirmerade conf established substantiated proven"
        ),
    },
)
_OF_STATUSES: Final = _words(
    "status fall fallet fallen case cases ärende ärenden ärendet brott brottet om för finns crime of",
    "utsatt utsatta utsatthet",
)

_STATES: Final = _with(
    _single(TABLES["case_states"]),
    {
        "open": (
            "påg pågå utreds aktiva aktuella öppnad öppnat öppnade opened inledd inlett inledda "
            "påbörjad påbörjat påbörjade löpande oavslutad oavslutat oavslutade"
        ),
        "closed": (
            "avslutas avslutades avslutats avskr avskrivna avskrevs nedl nedlagda nedlades arkiverad arkiverat "
            "arkiverade stängdes slutförda resolved ended"
        ),
    },
)
"""Not among them: *avsl.*, which is also short for *avslag*; *vilande*, *inaktiv*, *klar* and *ny*."""
_OF_STATES: Final = _words("status ärende ärendet ärenden fall fallet case cases still")
_INQUIRY: Final = _words("utredning utredningen förundersökning förundersökningen fu insats insatsen handläggning")
"""What goes on while a case is open, and may end before the case does; an investigation that is *nedlagd* ends it."""
_ABANDONED: Final = _words("nedl nedlagd nedlagt nedlades")

_PERSONNUMMER, _SAM, _INTERIM, _LMA, _DOSSIER, _RESERVE = "pnr", "sam", "interim", "lma", "dossier", "reserve"

_NUMBERS: Final = meanings(
    {
        _PERSONNUMMER: ["personnummer", "personnumret", "personnr", "pnr", "persnr"],
        _SAM: [
            "samordningsnummer",
            "samordningsnumret",
            "samordningsnr",
            "samordn",
            "samordnings",
            "samnr",
            "coordination",
        ],
        _INTERIM: [
            *("interim", "interims", "interimsnummer", "interimsnr", "interimspnr", "interimspersonnummer", "t", "tnr"),
            *("tf", "tfnr", "tillfälligt", "tillf", "temporärt", "temp", "tempnummer", "temporary"),
        ],
        _LMA: ["lma", "lmakort", "lmanr", "lmanummer", "lmakortnr", "lmakortnummer"],
        _DOSSIER: ["dossier", "dossiernr", "dossiernummer", "dossiernumret"],
        _RESERVE: ["reserv", "reservnummer", "reservnumret", "reservnr", "reservid", "reserve", "reservenummer"],
        "reserve_stockholm": ["sll", "stockholm", "stockholms"],
        "reserve_vgr": ["vgr", "västragötaland"],
        "reserve_skane": ["skåne", "skånes", "skånskt"],
        "reserve_varmland": ["värmland", "värmlands", "värmländskt"],
        "reserve_inera": ["inera", "ineras", "carelink"],
        "national_reserve": ["nationellt", "nationella", "national", "nat", "nrid"],
    }
)
_OF_NUMBERS: Final = _words(
    "nummer numret nr no number num id svenskt swedish region regionen regionens län läns landsting landstinget",
    "landstingets i från för of the siffror siffrigt kort kortet kortnummer kortnr card migrationsverket",
    "migrationsverkets typ type",
)
_TYPES: Final = {_PERSONNUMMER: "personnummer", _SAM: "samordningsnummer", _LMA: "lma", _DOSSIER: "dossier"}
_JOINED: Final[dict[str, tuple[tuple[re.Pattern[str], str], ...]]] = {
    "sex": ((re.compile(r"\b(?:icke|non)[ -]*bin"), "ickebin"), (_AGE, " ")),
    "role": ((re.compile(r"\bmål\.(?=äg)"), "mål"),),
    "status": ((_DAY, " "),),
    "case_state": ((_DAY, " "),),
    "number_type": (
        (re.compile(r"\bv[äa]stra\s+g[öo]taland(?:s|sregionens?)?\b"), "västragötaland"),
        (re.compile(r"\b(?:pers(?:on)?|personal(?: identity)?|civic registration)[ .-]*n(?:r|o|ummer|umber)\b"), "pnr"),
    ),
}
"""Words of more than one part, as one."""

_LEVELS: Final = _with(
    _single({level: words for level, words in LEVEL_WORDS.items() if level}),
    {
        "styrkt": "styrkta",
        "sannolik": "sannolikt sannolika sannolikgjord",
        "osaker": "osäkert osäkra",
    },
)
_OF_LEVELS: Final = _words(
    "identitet identiteten identity id gjord nivå level uppgift uppgifter pass passet idkort kort handling handlingar"
)


def meaning_of_phrase(field: str, text: str) -> str | None:
    """Return the word of the specification that a phrase stands for, or None if it is not certain.

    Args:
        field: One of `PHRASES`.
        text: The value, trimmed.

    >>> meaning_of_phrase("role", "våldsutsatt kvinna"), meaning_of_phrase("sex", "1 - Dam")
    ('victim', 'woman')
    >>> meaning_of_phrase("role", "mor till offret"), meaning_of_phrase("status", "ej bekräftad")
    (None, None)
    """
    return _meaning(field, text) if len(text) <= LONGEST else None


@kept(PHRASES_CACHED)
def _meaning(field: str, text: str) -> str | None:
    written = unicodedata.normalize("NFC", plain(text).translate(DIGITS)).casefold()
    words = _split(field, written)
    return PHRASES[field](words, written) if 0 < len(words) <= MOST_WORDS else None


def _split(field: str, written: str) -> list[str]:
    for pattern, joined in _JOINED.get(field, ()):
        written = pattern.sub(joined, written)
    words = [word if word in "+&\u2640\u2642" else folded(word) for word in _WORD.findall(written)]
    # A letter that stands for the word beside it: `V (victim)`. Of a sex it is a word itself.
    longer = {word[0] for word in words if len(word) > 1}
    return [word for word in words if word not in longer or field == "sex"]


def _agreed(words: list[str], known: Mapping[str, str], beside: Words) -> str | None:
    """Return what all words say that say anything, or None if one is not known or they differ."""
    found = {known[word] for word in words if word in known}
    rest = [word for word in words if word not in known and word not in beside]
    return found.pop() if len(found) == 1 and not rest else None


def _sex(words: list[str], written: str) -> str | None:
    if folded(written) in _UNKNOWN_SEX:
        return "unknown"
    if _BOTH.intersection(words) and not set(words) <= {*_SEXES, *_BOTH}:
        # A man and a child are two persons.
        return None
    said = [word for word in words if _CODE.fullmatch(word) is None]
    return _agreed(said, _SEXES, _OF_SEXES | _BOTH | _EITHER)


def _role(words: list[str], written: str) -> str | None:
    if (exact := written.strip(" .")) in _EXACT_ROLES:
        return _EXACT_ROLES[exact]
    if any(word not in _ROLES and word not in _OF_ROLES for word in words):
        return None
    said = {_ROLES[word] for word in words if word in _ROLES}
    if said in ({_VICTIM}, {_VICTIM, _CHILD}, {_VICTIM, _ADULT}):
        return "victim"
    if said in ({_WITH, _CHILD}, {_WITH, _ADULT}):
        return "accompanying_child" if _CHILD in said else "accompanying_adult"
    return None


def _state(words: list[str], written: str) -> str | None:
    negated = bool(_NO.intersection(words))
    said = [word for word in words if word not in _NO]
    inquiry = bool(_INQUIRY.intersection(said))
    state = _agreed(said, _STATES, _OF_STATES | _INQUIRY)
    if negated:
        return "open" if state == "closed" and not inquiry else None
    if state == "closed" and inquiry:
        return state if _ABANDONED.intersection(said) else None
    return state


def _status(words: list[str], written: str) -> str | None:
    status = _agreed(words, _STATUSES, _OF_STATUSES)
    return _state(words, written) if status is None else status


def _number_type(words: list[str], written: str) -> str | None:
    """Return a word for the type of a number; *number* names none, as for a reserve number without a place."""
    said = [word for word in words if _CODE.fullmatch(word) is None]
    if any(word not in _NUMBERS and word not in _OF_NUMBERS for word in said):
        return None
    found = {_NUMBERS[word] for word in said if word in _NUMBERS}
    if _RESERVE in found or found == {"national_reserve"}:
        places = found - {_RESERVE}
        return places.pop() if len(places) == 1 and not places & {*_TYPES, _INTERIM} else None if places else "number"
    if found in ({_INTERIM}, {_INTERIM, _PERSONNUMMER}) and written.strip(" .") != "t":
        return "interim"
    if found == {_PERSONNUMMER, _SAM}:
        return "number"
    return _TYPES.get(found.pop()) if len(found) == 1 else None


def _level(words: list[str], written: str) -> str | None:
    return _agreed(words, _LEVELS, _OF_LEVELS)


PHRASES: Final[dict[str, Callable[[list[str], str], str | None]]] = {
    "sex": _sex,
    "role": _role,
    "status": _status,
    "case_state": _state,
    "number_type": _number_type,
    "number_level": _level,
}
"""Fields with words, and what reads a phrase there."""

assert {*_TYPES.values(), "interim"} <= TYPE_WORDS.keys(), "types are those of the specification"
