"""The hand-written lists of `tables.json` for what people and programs write where they have no name.

Words are folded: plain letters a to z. Whether a word is also a name was looked up in the counts of Statistics Sweden
(källa: SCB, 2020, names with at least two bearers).
"""

from __future__ import annotations

from typing import Final

__all__ = ["AS_NAMES", "NAMELESS", "PERSONS", "PLACEHOLDERS"]

PLACEHOLDERS: Final = (
    *("ok", "nn", "n", "no name", "ej kand", "ej kant", "ej angivet", "ej angiven", "ej uppgett", "ej uppgivet"),
    *("ej uppgiven", "inte angivet", "inte angiven", "inte kand", "inte kant", "vet ej", "vet inte", "inget namn"),
    *("inga namn", "utan namn", "null", "none", "n a", "na", "nan", "nil", "missing", "x", "xx", "xxx", "xxxx"),
    *("xxxxx", "xxxxxx", "fnu", "lnu", "no last name", "no first name", "no surname", "no given name", "not known"),
    *("not available", "not applicable", "not given", "not stated", "gosse", "namn", "name", "first name", "last name"),
    *("surname", "given name", "given names", "family name", "test", "test person", "baby boy", "baby girl"),
    *("boy child", "girl child", "ung man", "finns ej", "finns inte", "john doe", "jane doe"),
)
"""Whole fields; their words may be names beside others."""

NAMELESS: Final = (
    *("okand", "okanda", "okande", "okandt", "okant", "unknown", "ukjent", "ukendt", "tuntematon", "oidentifierad"),
    *("oidentifierat", "unidentified", "saknas", "saknad", "saknar", "uppgift", "uppgifter", "namnlos", "noname"),
    *("anonym", "anonymous", "fornamn", "efternamn", "skyddad", "skyddade", "skyddat", "sekretess"),
    *("sekretessmarkerad", "sekretessbelagd", "hemlig", "hemligt", "identitet", "personuppgifter", "testperson"),
    *("flicka", "flickan", "flickor", "pojke", "pojken", "pojkar", "kvinna", "kvinnan", "kvinnor", "kille", "killen"),
    *("tjej", "tjejen", "barn", "barnet", "spadbarn", "tonaring", "minderarig", "vuxen", "nyfodd", "nyfott", "ofodd"),
    *("ofott", "female", "woman", "infant", "ungdom", "flykting", "migrant", "asylsokande", "klient", "identifierad"),
    *("identifierat", "identified", "namngiven", "namngivet", "namnuppgift", "oklar", "oklart", "registrerad"),
    *("registrerat", "registered", "raderad", "raderat", "gallrad", "anonymiserad", "maskerad", "redacted", "deleted"),
    *("unnamed", "undisclosed", "withheld", "confidential"),
)
"""Words that are no part of any name in the register, or of a handful that stand for a name to come (Flicka)."""

PERSONS: Final = (
    *("man", "mannen", "men", "male", "boy", "girl", "kid", "guy", "gosse", "son", "sonen", "dotter", "dottern"),
    *("baby", "child", "person", "personen", "bror", "broder", "syster", "syskon", "tvilling", "mor", "mamma", "far"),
    *("pappa", "brother", "sister", "mother", "father", "han", "hon", "hen", "jente", "gutt", "pige", "dreng", "mand"),
    *("mann", "kvinde", "kvinne", "ung", "yngre", "yngst", "yngsta", "aldre", "aldst", "aldsta", "liten", "litet"),
    *("lilla", "lille", "medfoljande", "utlandsk", "utlandskt", "offer", "offret", "brottsoffer", "victim", "namn"),
    *("namnet", "name", "names", "first", "last", "middle", "family", "surname", "id", "nr", "nummer"),
    *("number", "ej", "inte", "ingen", "inget", "inga", "not", "no", "annu", "yet", "kand", "kant", "known", "given"),
    *("angiven", "angivet", "uppgiven", "uppgivet", "uppgett", "available", "missing", "null", "none", "nan", "na"),
    *("finns", "info", "information", "data", "patient", "elev", "student", "anhorig", "foralder", "folkbokforing"),
    *("nil", "nn", "ok", "fnu", "lnu", "test", "xx", "xxx", "xxxx", "xxxxx", "xxxxxx", "och", "and", "eller", "or"),
    *("av", "of", "the", "till", "med", "utan", "with", "without", "vet"),
)
"""Words that say nothing more beside one of `NAMELESS`, although some of them are names elsewhere."""

AS_NAMES: Final = {
    "family_names": ["gosse", "missing", "na", "nan", "nil", "nn", "null", "ok"],
    "given_names": ["gosse", "na", "nan", "nil", "ok"],
}
"""Members of `PLACEHOLDERS` that are names where they are written as names are: Null and Ok are surnames in Sweden, Nan
and Nil given names; Ok is also how a plain alphabet spells a Turkish surname."""
