"""Make `tables.json`, the frozen tables by which names, dates, sexes and numbers are read.

The table is frozen data: the library reads it and never consults Unicode data at run time, so a new Unicode version
cannot change a code (docs/spec.md, section 4). This script documents where each entry comes from.

Sources: the Unicode character data in the `unicodedata` module of Python 3.11 or later (categories and canonical
decompositions, only in ranges where no later version has added a character), and the transliterations of the `anyascii`
package, version 0.3.3 (ISC licence). `OVERRIDES` takes precedence over both and gives its reasons.

The table is closed under canonical equivalence: a letter with a decomposition gets the result of its parts, after the
pairs of `compose` have been combined, so composed and decomposed text give the same words. Hand-written sound rules and
particles are in `name_rules.py`, what stands where there is no name in `name_placeholders.py`, scripts that are not
alphabets in `name_scripts.py`, and characters, dates, numbers and words of other fields in `value_tables.py`.

Usage: `python tools/make_tables.py [--check]`. The digest of the table is written to the member `tables`
of the profiles that ship. With `--check` nothing is written, and the exit status is 1 if a committed file differs.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
import sys
import unicodedata
from collections.abc import Iterable, Iterator
from pathlib import Path

from anyascii import anyascii
from name_placeholders import AS_NAMES, KIN, NAMELESS, PERSONS, PLACEHOLDERS, UNSAID
from name_rules import ARABIC_WORDS, ARTICLE_PASS, JOINING, PARTICLES, SCRIPT_PASSES, SOUND
from name_scripts import HAN, HANGUL_FINALS, HANGUL_INITIALS, HANGUL_VOWELS, KANA, SCRIPT_RANGES, THAI_PREPOSED
from value_tables import CASE_STATES, CHARACTERS, DATES, NUMBERS, ROLES, SEXES, STATUSES, WORDS

TABLE = Path(__file__).resolve().parent.parent / "src" / "pseudonym" / "tables.json"
PROFILES = (TABLE.parent / "profiles", TABLE.parents[2] / "benchmarks" / "profiles")

ALPHABETS = (
    (0x0041, 0x005A),  # Latin capitals.
    (0x0061, 0x007A),  # Latin small letters.
    (0x00AA, 0x00AA),  # Feminine ordinal, as in an abbreviated Maria.
    (0x00BA, 0x00BA),  # Masculine ordinal.
    (0x00C0, 0x024F),  # Latin-1 letters, Latin Extended-A and -B.
    (0x0250, 0x02AF),  # IPA letters; Azerbaijani writes a schwa, whose small form is here.
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
    "\u0648": "u",  # Within names more often a vowel than the consonant w.
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
"""Apostrophes, primes and the middle dot of Catalan: they occur within words, so they are dropped and end none."""

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
"""Ranges searched for punctuation and symbols; these end a word unless they are apostrophes."""

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
"""Ranges searched for combining marks; these are dropped unless a syllabic script uses them as vowels."""

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
"""Digits beyond ASCII; they are dropped like ASCII digits."""

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
"""Characters that are invisible in a name."""

REGISTER = "".join(map(chr, (*range(0xE0, 0xF7), *range(0xF8, 0x100))))
"""Letters beyond a to z that the Swedish register uses: those of ISO 8859-1 except the sharp s, written as ss."""

CYRILLIC_SHORT_I = {"\u0419": "y", "\u0439": "y"}
"""A letter of its own, even though it decomposes."""


def characters(ranges: Iterable[tuple[int, int]]) -> Iterator[str]:
    """Yield every assigned character of the ranges, both ends included."""
    for first, last in ranges:
        yield from (chr(point) for point in range(first, last + 1) if unicodedata.category(chr(point)) != "Cn")


def romanised(character: str) -> str:
    """Return the replacement of one letter, in letters a to z; empty if it has no sound of its own."""
    if character in OVERRIDES:
        return OVERRIDES[character]
    return "".join(letter for letter in anyascii(character).lower() if "a" <= letter <= "z")


def base_letters() -> dict[str, str]:
    """Return the letters of all scripts that do not decompose into other characters."""
    letters = {}
    for character in characters(ALPHABETS):
        if unicodedata.category(character)[0] == "L":
            letters[character] = romanised(character)
    for character in characters(SYLLABIC):
        if unicodedata.category(character)[0] in "LM":
            letters[character] = romanised(character)
    return letters


def is_separator(character: str) -> bool:
    """Return whether a character of the punctuation ranges ends a word."""
    return unicodedata.category(character)[0] in "PS" and character not in NO_SEPARATORS


def base_separators() -> set[str]:
    """Return white space of every kind, dashes of every kind, and the punctuation and symbols of the ranges."""
    found = {c for c in characters(PUNCTUATION_RANGES) if is_separator(c)}
    found |= {c for c in characters([(0, 0xFFFF)]) if unicodedata.category(c) in {"Zs", "Zl", "Zp", "Pd"}}
    found |= set("\t\n\x0b\x0c\r\x1c\x1d\x1e\x1f\x85\u00d7\u00f7")
    # Spacing accents are typed as apostrophes or left behind by a broken export: they do not end a word.
    return {c for c in found if unicodedata.category(c) != "Sk" or c == "^"}


def base_dropped() -> set[str]:
    """Return the characters to drop: combining marks, modifier letters, digits, invisible characters, apostrophes."""
    found = set(APOSTROPHES)
    found |= {c for c in characters(MARKS) if unicodedata.category(c) in {"Mn", "Me"}}
    found |= {c for c in characters(DIGITS) if unicodedata.category(c) in {"Nd", "No"}}
    found |= {c for c in characters(PUNCTUATION_RANGES) if unicodedata.category(c) == "Sk" and c > "\x80"}
    found |= {chr(point) for point in range(0x02B0, 0x0300)}
    found |= {chr(point) for first, last in INVISIBLE for point in range(first, last + 1)}
    return found


def compositions() -> dict[str, str]:
    """Return pairs of characters with their combined result, if it differs from that of the two in sequence.

    Letters of the register and the Cyrillic short i with their marks, kana with the sign of voice; and Thai vowels
    that are written before their consonant, turned round.
    """
    kana = [c for c in characters(KANA) if len(unicodedata.normalize("NFD", c)) == 2]
    letters = [*REGISTER, *REGISTER.upper(), *CYRILLIC_SHORT_I, *kana]
    # The capital y with diaeresis is not in ISO 8859-1.
    pairs = {unicodedata.normalize("NFD", c): c for c in letters if len(unicodedata.normalize("NFD", c)) == 2}
    vowels, consonants = (list(characters([span])) for span in THAI_PREPOSED)
    return pairs | {vowel + consonant: consonant + vowel for vowel in vowels for consonant in consonants}


def composed(text: str, pairs: dict[str, str], dropped: set[str]) -> str:
    """Return a text as the engine sees it before it looks up letters."""
    second = {pair[1] for pair in pairs}
    text = "".join(c for c in text if c not in dropped or c in second)
    out = ""
    while text:
        out += pairs.get(text[:2], text[0])
        text = text[2 if text[:2] in pairs else 1 :]
    return out


def close(letters: dict[str, str], separators: set[str], dropped: set[str], pairs: dict[str, str]) -> None:
    """Assign the result of its parts to every character with a canonical decomposition, in place."""
    for point in range(0x80, 0x10000):
        character = chr(point)
        parts = unicodedata.normalize("NFD", character)
        if parts == character or not all(p in letters or p in separators or p in dropped or p < "\x80" for p in parts):
            continue
        parts = composed(parts, pairs, dropped)
        if parts == character or 0xAC00 <= point <= 0xD7A3:
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


def register_forms(letters: dict[str, str], dropped: set[str], pairs: dict[str, str]) -> dict[str, str]:
    """Return the characters whose form in the register differs from their plain letters."""
    forms = {}
    for character in letters:
        parts = composed(unicodedata.normalize("NFD", character), pairs, dropped)
        lower = [part.lower() if part.lower() in REGISTER else letters.get(part, "") for part in parts]
        if "".join(lower) != letters[character]:
            forms[character] = "".join(lower)
    for form in forms.values():
        if not set(form) <= {*REGISTER, *map(chr, range(ord("a"), ord("z") + 1))}:
            raise ValueError("a form of the register has a letter that the register lacks")
    return forms


def hangul() -> dict[str, str]:
    """Return the letters of Hangul; its syllables are decomposed arithmetically by the engine."""
    parts = ((0x1100, HANGUL_INITIALS), (0x1161, HANGUL_VOWELS), (0x11A8, HANGUL_FINALS))
    return {chr(first + i): to.strip("-") for first, row in parts for i, to in enumerate(row.split())}


def scripts(letters: dict[str, str], dropped: set[str]) -> list[dict[str, object]]:
    """Return the passes over words of each script; whole words of Arabic are keyed by their plain letters."""
    words: dict[str, str] = {}
    for latin, forms in ARABIC_WORDS.items():
        for form in forms.split():
            plain = "".join(letters.get(c, "") for c in form if c not in dropped)
            if words.setdefault(plain, latin) != latin:
                raise ValueError(f"{latin} is spelt as {words[plain]}")
    whole = [{"from": plain, "to": latin, "left": "^", "right": "$"} for plain, latin in words.items()]
    passes = {name: [rules] for name, rules in SCRIPT_PASSES.items()}
    passes["arabic"] = [ARTICLE_PASS, [*whole, *SCRIPT_PASSES["arabic"]]]
    return [{"name": name, "ranges": SCRIPT_RANGES[name], "passes": passes[name]} for name in sorted(passes)]


def cp1252() -> dict[str, int]:
    """Return the characters of cp1252 that are not in ISO 8859-1, with their bytes."""
    found = {}
    for byte in range(0x80, 0xA0):
        try:
            found[bytes([byte]).decode("cp1252")] = byte
        except UnicodeDecodeError:
            continue
    return found


def make() -> bytes:
    """Return the bytes of the table: equal bytes for equal sources.

    Returns:
        JSON with sorted members, every character beyond ASCII escaped, one entry per line, and a final line feed.
    """
    letters = base_letters() | hangul() | {c: romanised(c) for c in HAN} | CYRILLIC_SHORT_I
    letters |= {c: romanised(c) for c in characters(KANA)} | {"\u3063": "", "\u30c3": "", "\u30fc": ""}
    separators = base_separators() - letters.keys()
    dropped = (base_dropped() | {c for c, to in letters.items() if not to} | {"\u3099", "\u309a"}) - separators
    letters = {c: to for c, to in letters.items() if to}
    dropped -= letters.keys()
    pairs = compositions()
    close(letters, separators, dropped, pairs)
    document = {
        "as_names": AS_NAMES,
        "bytes": cp1252(),
        "case_states": CASE_STATES,
        "characters": CHARACTERS,
        "compose": pairs,
        "dates": DATES,
        "dropped": "".join(sorted(dropped)),
        "joining": JOINING,
        "kin": {link: sorted(words) for link, words in KIN.items()},
        "letters": letters,
        "nameless": sorted(set(NAMELESS)),
        "numbers": NUMBERS,
        "particles": sorted(PARTICLES),
        "persons": sorted(set(PERSONS)),
        "placeholders": sorted({*PLACEHOLDERS, *UNSAID}),
        "register": register_forms(letters, dropped, pairs),
        "roles": ROLES,
        "scripts": scripts(letters, dropped),
        "separators": "".join(sorted(separators)),
        "sexes": SEXES,
        "sound": SOUND,
        "statuses": STATUSES,
        "unsaid": sorted(UNSAID),
        "words": WORDS,
    }
    return _one_entry_a_line(document)


def _one_entry_a_line(document: dict[str, object]) -> bytes:
    """Return JSON in which an object that holds only texts, such as a rule, and a range are on one line."""

    def lines(value: object, indent: str) -> str:
        plain = isinstance(value, dict) and len(value) <= 4 and all(isinstance(v, str) for v in value.values())
        plain |= isinstance(value, (list, tuple)) and all(isinstance(v, int) for v in value)
        if plain or not isinstance(value, (dict, list, tuple)):
            return json.dumps(value, ensure_ascii=True, sort_keys=True)
        deeper = indent + " "
        if isinstance(value, dict):
            inner = [f"{deeper}{json.dumps(key)}: {lines(value[key], deeper)}" for key in sorted(value)]
            return "{\n" + ",\n".join(inner) + "\n" + indent + "}"
        return "[\n" + ",\n".join(deeper + lines(one, deeper) for one in value) + "\n" + indent + "]"

    return (lines(document, "") + "\n").encode("ascii")


def with_digest(profile: str, table: bytes) -> str:
    """Return the text of a profile with the digest of the table as its member `tables`."""
    return re.sub(r'(?<="tables": ")[0-9a-f]{64}(?=")', hashlib.sha256(table).hexdigest(), profile)


def main(arguments: list[str]) -> int:
    """Write the table and its digest in the profiles, or compare them with the committed ones."""
    parser = argparse.ArgumentParser(description="Make the table of names, and write its digest into the profiles.")
    parser.add_argument("--check", action="store_true", help="write nothing, exit 1 if the committed files differ")
    check = parser.parse_args(arguments).check
    data = make()
    texts = {path: path.read_text("utf-8") for folder in PROFILES for path in sorted(folder.glob("*.json"))}
    changed = {path: made for path, text in texts.items() if (made := with_digest(text, data)) != text}
    if check:
        return 0 if TABLE.read_bytes() == data and not changed else 1
    TABLE.write_bytes(data)
    for path, text in changed.items():
        path.write_text(text, "utf-8", newline="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
