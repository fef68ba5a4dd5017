"""Read names as docs/spec.md says in 4.1 and 4.2, from that page alone and character by character."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable
from typing import Final, NamedTuple

from tests.vectors.tables import is_a, tables

__all__ = [
    "NO_NAME",
    "Name",
    "in_doubt",
    "is_phrase",
    "is_statement",
    "read_name",
    "sound",
    "words",
    "written_as_name",
]


class Name(NamedTuple):
    """A name after section 4: folded words, bigrams and sounds of the core, form of the register, leading word."""

    words: tuple[str, ...]
    grams: tuple[str, ...]
    sounds: tuple[str, ...]
    register: str
    lead: str


NO_NAME: Final = Name((), (), (), "", "")


def distinct(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(values))


def mended(text: str) -> str:
    """Return the text of one program earlier, or the same text where that is not certain (step 1)."""
    table = tables()
    values = [table["bytes"].get(c, ord(c)) for c in text]
    beyond = [value for value in values if value >= 0x80]
    if not beyond or max(beyond) > 0xFF:
        return text
    try:
        earlier = bytes(values).decode("utf-8")
    except UnicodeDecodeError:
        return text
    known = all(ord(c) < 0x80 or c in known_characters() for c in earlier)
    only_spaces = len([c for c in text if c == "\u00a0"]) * 2 == len(beyond)
    return earlier if known and not only_spaces else text


@functools.cache
def known_characters() -> set[str]:
    """Return the characters of the tables, and the syllables of Hangul."""
    table = tables()
    return {*table["letters"], *table["dropped"], *table["separators"], *map(chr, range(0xAC00, 0xD7A4))}


@functools.cache
def second_characters() -> set[str]:
    return {pair[1] for pair in tables()["compose"]}


def composed(text: str) -> str:
    """Return the text with pairs put together and syllables of Hangul taken apart (steps 2 and 3)."""
    table = tables()
    second = second_characters()
    text = "".join(c for c in text if c in second or c not in table["dropped"])
    out = ""
    at = 0
    while at < len(text):
        pair = text[at : at + 2]
        out += table["compose"].get(pair, text[at])
        at += 2 if pair in table["compose"] else 1
    return "".join(apart(c) for c in out)


def apart(character: str) -> str:
    place = ord(character) - 0xAC00
    if not 0 <= place < 19 * 21 * 28:
        return character
    initial, vowel, final = place // (21 * 28), place // 28 % 21, place % 28
    return chr(0x1100 + initial) + chr(0x1161 + vowel) + (chr(0x11A7 + final) if final else "")


def runs(text: str) -> list[str]:
    """Return the stretches between separators (step 4)."""
    found = [""]
    for character in text:
        if character in tables()["separators"]:
            found.append("")
        else:
            found[-1] += character
    return found


def levels(run: str, used: list[tuple[str, int, int]] | None = None) -> tuple[str, str]:
    """Return a word folded and in the form of the register (steps 5 and 6); rules are added to `used`."""
    table = tables()
    register = ""
    for c in run:
        if c in table["register"]:
            register += table["register"][c]
        elif c in table["letters"]:
            register += table["letters"][c]
        elif c not in table["dropped"] and ord(c) >= 0x80:
            register += c
    folded = "".join(table["letters"].get(c, c) for c in register)
    for script in table["scripts"]:
        if any(first <= ord(c) <= last for c in run for first, last in script["ranges"]):
            for place, rules in enumerate(script["passes"]):
                places: list[int] = []
                folded = rewrite(folded, rules, places)
                if used is not None:
                    used += [(script["name"], place, number) for number in places]
            register = folded
    return folded, register


def fits(context: str | None, character: str) -> bool:
    if context is None:
        return True
    if context[:1] == "!":
        return character not in context[1:]
    return character in context


def rewrite(word: str, rules: list[dict[str, str]], used: list[int] | None = None) -> str:
    """Return a word after one pass; the places of the rules that are used are added to `used`."""
    out = ""
    at = 0
    while at < len(word):
        for place, rule in enumerate(rules):
            end = at + len(rule["from"])
            left = word[at - 1] if at else "^"
            right = word[end] if end < len(word) else "$"
            if word[at:end] == rule["from"] and fits(rule.get("left"), left) and fits(rule.get("right"), right):
                out += rule["to"]
                at = end
                if used is not None:
                    used.append(place)
                break
        else:
            out += word[at]
            at += 1
    return out


def sound(word: str, used: list[int] | None = None) -> str:
    """Return the sound form of a folded word (section 4.2); rules for long forms that are used are added to `used`."""
    table = tables()["sound"]
    *first, last = table["passes"]
    spoken = word
    for rules in first:
        spoken = rewrite(spoken, rules)
    form = ""
    for character in rewrite(spoken, last):
        if not form.endswith(character):
            form += character
    form = form[:1] + "".join(c for c in form[1:] if c not in table["vanish"])
    if len(form) >= table["long"]["from"]:
        form = rewrite(form, table["long"]["pass"], used)
    vowels = table["short"]["vowels"]
    if len(form) <= table["short"]["to"]:
        form += next((vowels[c] for c in spoken if c in vowels), "")
    return form or word


class Found(NamedTuple):
    """What stands beside a folded word: its form in the register, and the piece of text that it was made of."""

    register: str
    piece: str


def _words(text: str) -> dict[str, Found]:
    """Return the folded words with their forms in the register, in order."""
    text = "".join(c for c in text if not 0xD800 <= ord(c) <= 0xDFFF)
    text = "".join(" " if is_a("signs", c) else c for c in text)
    for _ in range(2):
        text = mended(text)
    kept: dict[str, Found] = {}
    for run in runs(composed(text)):
        folded, register = levels(run)
        if folded and folded[:32] not in kept:
            kept[folded[:32]] = Found(register[:32], run)
    return dict(list(kept.items())[:8])


def words(text: str) -> list[str]:
    return list(_words(text))


def is_letter(word: str) -> bool:
    return len(word) == 1 and "a" <= word <= "z"


def of_a_name(text: str, field: str) -> dict[str, Found]:
    """Return the words of a field that may be of a name; none if the field is a placeholder."""
    found, table = _words(text), tables()
    if len(found) == 1:
        ((word, one),) = found.items()
        written = re.fullmatch("[A-Z\u00c5\u00c4\u00d6][a-z\u00e5\u00e4\u00f6]+", one.piece) or one.register != word
        if written and word in table["as_names"][field]:
            return found
    persons = found and all(is_letter(word) or word in table["persons"] for word in found)
    if " ".join(found) in table["placeholders"] or is_of_kin(list(found)) or (persons and re.search("[0-9]", text)):
        return {}
    left = {word: one for word, one in found.items() if word not in table["nameless"]}
    if left != found and all(is_letter(word) or word in table["persons"] for word in left):
        return {}
    return left


def is_of_kin(words: list[str]) -> bool:
    """Return whether a field names somebody whose child or relative the person is."""
    table = tables()
    links = [place for place, word in enumerate(words) if place and word in table["kin"]]
    if not links:
        return False
    before, kin = words[: links[0]], table["kin"][words[links[0]]]
    known = [*kin, *table["nameless"], *table["persons"]]
    return any(word in kin for word in before) and all(is_letter(word) or word in known for word in before)


def is_phrase(given: Name, family: Name) -> bool:
    """Return whether given and family names together are a placeholder (section 4.6)."""
    together = " ".join([*given.words, *family.words])
    return " " in together and together in tables()["placeholders"]


def is_statement(text: str) -> bool:
    """Return whether a text without a name has words that may say that nobody knows the person (section 4.6)."""
    found = words(text)
    return bool(found) and " ".join(found) not in tables()["unsaid"]


def written_as_name(name: Name) -> bool:
    """Return whether the words of a name are all names only because of how they are written."""
    return all(any(word in listed for listed in tables()["as_names"].values()) for word in name.words)


def in_doubt(name: Name) -> bool:
    """Return whether each word of a name may as well say that there is none (section 4.6)."""
    table = tables()
    listed = [word for words in table["as_names"].values() for word in words]
    return all(
        ((is_letter(word) or word in listed) and register == word) or (word in table["persons"] and word not in listed)
        for word, register in zip(name.words, name.register.split(" "), strict=True)
    )


def core(found: dict[str, str], field: str) -> list[tuple[str, str]]:
    """Return the words that carry the name, each in its two levels; `found` has the forms of the register."""
    table = tables()
    left = list(found.items())
    ends = (left[0][0], left[-1][0]) if field == "given_names" else ()
    kept = []
    while left:
        folded, register = left.pop(0)
        if folded in table["joining"]:
            after = [place for place, (word, _) in enumerate(left) if word not in table["particles"]]
            if after:
                folded = register = (table["joining"][folded] + left[after[0]][0])[:32]
                left = left[after[0] + 1 :]
        if (folded not in table["particles"] or folded in ends) and not is_letter(folded):
            kept.append((folded, register))
    return kept or list(found.items())


def read_name(text: str, first: str = "", field: str = "given_names") -> Name | None:
    """Return what is read of a name field, or None where nothing of a name is there."""
    found: dict[str, str] = {}
    for one in (of_a_name(first, field), of_a_name(text, field)):
        for folded, (register, _) in one.items():
            found.setdefault(folded, register)
    found = dict(list(found.items())[:8])
    if not found:
        return None
    carried = core(found, field)
    spelt = [folded for folded, _ in carried] + [register for folded, register in carried if register != folded]
    grams = [padded[i : i + 2] for padded in (f"_{word}_" for word in spelt) for i in range(len(padded) - 1)]
    return Name(
        words=tuple(found),
        grams=distinct(grams),
        sounds=distinct(sound(folded) for folded, _ in carried),
        register=" ".join(found.values()),
        lead=core(found, "family_names")[0][0],
    )
