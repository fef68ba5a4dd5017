"""Make `src/pseudonym/tables/names.json`, the table that turns names in any of a dozen scripts into plain words.

The table is frozen data: the library reads it and never asks a run-time library what a character is, so that a change
of Unicode version cannot change a code (docs/spec.md, section 4). This script says where each entry comes from.

Sources: the Unicode character data in the `unicodedata` module of Python 3.11 or later (categories and canonical
decompositions, asked only in ranges where no later version has added a character), and the transliterations of the
`anyascii` package, version 0.3.3 (ISC licence). `OVERRIDES` stands above both and gives its reasons.

The table is closed under canonical equivalence: a letter with a decomposition gets what its parts get, so composed and
decomposed text give the same words. That is why Cyrillic U+0439 is `i` here, as its base letter is.

Usage: `python tools/make_name_tables.py [--check]`. With `--check` nothing is written and the exit status is 1 if the
committed table differs.
"""

from __future__ import annotations

import argparse
import json
import sys
import unicodedata
from collections.abc import Iterable, Iterator
from pathlib import Path

from anyascii import anyascii

TABLE = Path(__file__).resolve().parent.parent / "src" / "pseudonym" / "tables" / "names.json"

ALPHABETS = (
    (0x0041, 0x005A),  # Latin capitals.
    (0x0061, 0x007A),  # Latin small letters.
    (0x00AA, 0x00AA),  # Feminine ordinal, as in an abbreviated Maria.
    (0x00BA, 0x00BA),  # Masculine ordinal.
    (0x00C0, 0x024F),  # Latin-1 letters, Latin Extended-A and -B.
    (0x0250, 0x02AF),  # IPA letters; Azerbaijani writes a schwa, and its small form stands here.
    (0x0370, 0x03FF),  # Greek.
    (0x0400, 0x052F),  # Cyrillic.
    (0x0531, 0x0588),  # Armenian.
    (0x05D0, 0x05F2),  # Hebrew.
    (0x0620, 0x06FF),  # Arabic with the letters of Persian, Urdu, Kurdish and Pashto.
    (0x0750, 0x077F),  # Arabic Supplement.
    (0x10A0, 0x10FF),  # Georgian.
    (0x1200, 0x137F),  # Ethiopic.
    (0x1C90, 0x1CBF),  # Georgian capitals.
    (0x1E00, 0x1EFF),  # Latin Extended Additional, with the letters of Vietnamese.
    (0x2C60, 0x2C7F),  # Latin Extended-C.
    (0xFB00, 0xFB06),  # Latin ligatures, from typeset documents.
    (0xFF21, 0xFF3A),  # Full-width Latin capitals.
    (0xFF41, 0xFF5A),  # Full-width Latin small letters.
)
"""Ranges whose letters are taken from `anyascii`, and whose combining marks are dropped."""

SYLLABIC = (
    (0x0900, 0x097F),  # Devanagari.
    (0x0980, 0x09FF),  # Bengali.
    (0x0B80, 0x0BFF),  # Tamil.
    (0x0E00, 0x0E7F),  # Thai.
)
"""Ranges whose vowels are combining marks, so that a mark counts as a letter where it has a sound."""

OVERRIDES = {
    # Latin: the spelling used in Swedish registers, where it differs from anyascii.
    "\u00de": "th",
    "\u00fe": "th",
    "\u00d0": "d",
    "\u00f0": "d",
    "\u0110": "d",
    "\u0111": "d",
    "\u00c6": "ae",
    "\u00e6": "ae",
    "\u00d8": "o",
    "\u00f8": "o",
    "\u00df": "ss",
    "\u1e9e": "ss",
    "\u0130": "i",
    "\u0131": "i",
    "\u018f": "a",  # Schwa: Azerbaijani passports and Swedish registers write a or e; anyascii has a for one case only.
    "\u01dd": "a",
    "\u0259": "a",
    # The click letters of Khoekhoe: registers leave them out.
    "\u01c0": "",
    "\u01c1": "",
    "\u01c2": "",
    "\u01c3": "",
    # Armenian: the second letter of the digraph for u, which is its only use beside the ligature for ev.
    "\u0552": "u",
    "\u0582": "u",
    # Arabic: anyascii leaves out the alef and the ain, with which most names that have them are spelt in Latin letters.
    "\u0621": "",  # Hamza alone.
    "\u0627": "a",
    "\u0671": "a",
    "\u0629": "a",  # Ta marbuta.
    "\u0639": "a",
    "\u0649": "a",
    "\u0648": "u",  # Within names oftener a vowel than the consonant w.
    "\u06cc": "y",
    "\u06d5": "a",
    # Hebrew: the values at the beginning of a word, where a sound form keeps its letter.
    "\u05d0": "a",
    "\u05d1": "b",
    "\u05e2": "a",
    "\u05db": "k",
    "\u05e4": "p",
    "\u05f0": "v",
}
"""Replacements that differ from `anyascii`."""

APOSTROPHES = "'`\u00b4\u2018\u2019\u201a\u201b\u2032\u2035\u055a\u05f3\u07f4\u07f5\ua78b\ua78c\uff07\u00b7\u2027"
"""Apostrophes, primes and the middle dot of Catalan: they stand within a word, so they vanish without ending it."""

NO_SEPARATORS = frozenset(APOSTROPHES)

PUNCTUATION_RANGES = (
    (0x0021, 0x007E),
    (0x00A1, 0x00BF),
    (0x0370, 0x03FF),
    (0x0530, 0x06FF),
    (0x0964, 0x0970),
    (0x0E00, 0x0E7F),
    (0x10FB, 0x10FB),
    (0x1360, 0x1368),
    (0x2010, 0x205E),
    (0x2212, 0x2219),
    (0x3001, 0x303F),
    (0x30FB, 0x30FB),
    (0xFF01, 0xFF65),
)
"""Where punctuation and symbols are looked for; they end a word unless they are apostrophes."""

MARKS = (
    (0x0300, 0x036F),  # Combining diacritical marks.
    (0x0483, 0x0489),  # Cyrillic.
    (0x0591, 0x05C7),  # Hebrew points.
    (0x0610, 0x061A),  # Arabic signs.
    (0x064B, 0x065F),  # Arabic vowel signs.
    (0x0670, 0x0670),  # Superscript alef.
    (0x06D6, 0x06ED),  # Koranic signs.
    (0x08D3, 0x08FF),  # Arabic Extended-A.
    (0x0900, 0x0DFF),  # Nuktas and viramas of the scripts of India.
    (0x0E31, 0x0E4E),  # Thai.
    (0x135D, 0x135F),  # Ethiopic.
    (0x1AB0, 0x1ACE),  # Combining diacritical marks, extended.
    (0x1DC0, 0x1DFF),  # Combining diacritical marks, supplement.
    (0x20D0, 0x20F0),  # Combining marks for symbols.
    (0xFE20, 0xFE2F),  # Combining half marks.
)
"""Where combining marks are looked for; they vanish unless a syllabic script uses them as vowels."""

DIGITS = (
    (0x00B2, 0x00BE),
    (0x0660, 0x0669),
    (0x06F0, 0x06F9),
    (0x0966, 0x096F),
    (0x09E6, 0x09EF),
    (0x0BE6, 0x0BEF),
    (0x0E50, 0x0E59),
    (0x1369, 0x137C),
    (0x2070, 0x2079),
    (0x2080, 0x2089),
    (0xFF10, 0xFF19),
)
"""Digits beyond ASCII; they vanish as ASCII digits do."""

INVISIBLE = (
    (0x0080, 0x0084),  # Control characters, left behind where cp1252 was read as Latin-1; U+0085 is a line end.
    (0x0086, 0x009F),
    (0x00AD, 0x00AD),  # Soft hyphen.
    (0x034F, 0x034F),  # Combining grapheme joiner.
    (0x0600, 0x0605),  # Arabic number signs.
    (0x061C, 0x061C),  # Arabic letter mark.
    (0x06DD, 0x06DD),
    (0x115F, 0x1160),  # Hangul fillers.
    (0x180B, 0x180E),  # Mongolian selectors.
    (0x200B, 0x200F),  # Zero-width space, joiners, direction marks.
    (0x202A, 0x202E),  # Direction embedding.
    (0x2060, 0x206F),  # Word joiner, invisible operators, direction isolates.
    (0x3164, 0x3164),
    (0xFE00, 0xFE0F),  # Variation selectors.
    (0xFEFF, 0xFEFF),  # Byte order mark.
    (0xFFA0, 0xFFA0),
    (0xFFF9, 0xFFFD),  # Annotation marks, and the replacement character of a broken export.
)
"""Characters that nobody sees in a name."""

SOUND = (
    {"from": "ph", "to": "f"},
    {"from": "th", "to": "t"},
    {"from": "ck", "to": "k"},
    {"from": "ch", "to": "k"},
    {"from": "q", "to": "k"},
    {"from": "c", "to": "s", "before": "eiy"},
    {"from": "c", "to": "k"},
    {"from": "w", "to": "v"},
    {"from": "z", "to": "s"},
    {"from": "x", "to": "ks"},
)
"""Spellings that Swedish registers exchange: Karlsson and Carlsson, Lindqvist and Lindkvist, Thor and Tor."""


def characters(ranges: Iterable[tuple[int, int]]) -> Iterator[str]:
    """Give every assigned character of the ranges, both ends included."""
    for first, last in ranges:
        yield from (chr(point) for point in range(first, last + 1) if unicodedata.category(chr(point)) != "Cn")


def romanised(character: str) -> str:
    """Give the replacement of one letter, of a to z only; empty where it has no sound of its own."""
    if character in OVERRIDES:
        return OVERRIDES[character]
    return "".join(letter for letter in anyascii(character).lower() if "a" <= letter <= "z")


def base_letters() -> dict[str, str]:
    """Give the letters of all scripts that are not made of other characters."""
    letters = {}
    for character in characters(ALPHABETS):
        if unicodedata.category(character)[0] == "L":
            letters[character] = romanised(character)
    for character in characters(SYLLABIC):
        if unicodedata.category(character)[0] in "LM":
            letters[character] = romanised(character)
    return letters


def is_separator(character: str) -> bool:
    """Tell whether a character of the punctuation ranges ends a word."""
    return unicodedata.category(character)[0] in "PS" and character not in NO_SEPARATORS


def base_separators() -> set[str]:
    """Give white space of every kind, dashes of every kind, and the punctuation and symbols of the ranges."""
    found = {c for c in characters(PUNCTUATION_RANGES) if is_separator(c)}
    found |= {c for c in characters([(0, 0xFFFF)]) if unicodedata.category(c) in {"Zs", "Zl", "Zp", "Pd"}}
    found |= set("\t\n\x0b\x0c\r\x1c\x1d\x1e\x1f\x85\u00d7\u00f7")
    # Spacing accents are typed for apostrophes or left behind by a broken export: they do not end a word.
    return {c for c in found if unicodedata.category(c) != "Sk" or c == "^"}


def base_dropped() -> set[str]:
    """Give what vanishes: combining marks, modifier letters, digits, invisible characters, apostrophes."""
    found = set(APOSTROPHES)
    found |= {c for c in characters(MARKS) if unicodedata.category(c) in {"Mn", "Me"}}
    found |= {c for c in characters(DIGITS) if unicodedata.category(c) in {"Nd", "No"}}
    found |= {c for c in characters(PUNCTUATION_RANGES) if unicodedata.category(c) == "Sk" and c > "\x80"}
    found |= {chr(point) for point in range(0x02B0, 0x0300)}
    found |= {chr(point) for first, last in INVISIBLE for point in range(first, last + 1)}
    return found


def close(letters: dict[str, str], separators: set[str], dropped: set[str]) -> None:
    """Give every character with a canonical decomposition what its parts get, in place."""
    for point in range(0x80, 0x10000):
        character = chr(point)
        parts = unicodedata.normalize("NFD", character)
        if parts == character or not all(p in letters or p in separators or p in dropped or p < "\x80" for p in parts):
            continue
        replacement = "".join(letters.get(p, "") for p in parts)
        ends_word = any(p in separators for p in parts)
        if replacement and ends_word:
            raise ValueError(f"U+{point:04X} is a letter and a separator")
        letters.pop(character, None)
        separators.discard(character)
        dropped.discard(character)
        if replacement:
            letters[character] = replacement
        elif ends_word:
            separators.add(character)
        else:
            dropped.add(character)


def make() -> bytes:
    """Give the bytes of the table: equal bytes for equal sources.

    Returns:
        JSON with sorted members, every character beyond ASCII escaped, one entry a line, a line feed at the end.
    """
    letters = base_letters()
    separators = base_separators() - letters.keys()
    dropped = (base_dropped() | {c for c, to in letters.items() if not to}) - separators
    letters = {c: to for c, to in letters.items() if to}
    dropped -= letters.keys()
    close(letters, separators, dropped)
    document = {
        "letters": letters,
        "separators": "".join(sorted(separators)),
        "dropped": "".join(sorted(dropped)),
        "sound": list(SOUND),
    }
    return (json.dumps(document, ensure_ascii=True, indent=1, sort_keys=True) + "\n").encode("ascii")


def main(arguments: list[str]) -> int:
    """Write the table, or compare it with the committed one."""
    parser = argparse.ArgumentParser(description="Make the table of names.")
    parser.add_argument("--check", action="store_true", help="write nothing, exit 1 if the committed table differs")
    check = parser.parse_args(arguments).check
    data = make()
    if check:
        return 0 if TABLE.read_bytes() == data else 1
    TABLE.write_bytes(data)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
