"""A word for every rule of every pass of the tables (docs/spec.md, 4.2), so that no rule is without a vector.

The search is over words that have the `from` of a rule between characters of its contexts. A rule for which no word is
found cannot fire, which is an error of the tables: no vector could tell whether a program has it.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator
from itertools import product
from typing import Final, NamedTuple

from tests.vectors.read_names import levels, rewrite, sound
from tests.vectors.tables import tables

__all__ = ["RuleWord", "rule_words"]

LETTERS: Final = "abcdefghijklmnopqrstuvwxyz"
AROUND: Final = ("", "t", "a", "an", "tan", "sto")
Rules = list[dict[str, str]]


class RuleWord(NamedTuple):
    """A rule, a word in which it is used, the folded word, and its sound form."""

    rule: str
    word: str
    folded: str
    sound: str


def sides(context: str | None, edge: str) -> list[str]:
    """Return what may stand on one side of `from`: nothing at the edge of a word, otherwise letters."""
    if context is None:
        return ["", *"atneio"]
    signs = context.removeprefix("!")
    held = [c for c in (*LETTERS, edge) if (c in signs) != context.startswith("!")]
    return ["" if c == edge else c for c in held]


def candidates(rule: dict[str, str]) -> Iterator[str]:
    """Yield words in which a rule may be used, short ones first."""
    lefts, rights = sides(rule.get("left"), "^"), sides(rule.get("right"), "$")
    for before, after in product(AROUND, AROUND):
        for left, right in product(lefts, rights):
            # At the edge of a word nothing may stand further out.
            if not (before and not left) and not (after and not right):
                yield before + left + rule["from"] + right + after


def sound_word(place: int, number: int, rule: dict[str, str]) -> str | None:
    """Return a word in which a rule of a pass of sounds is used."""
    passes = tables()["sound"]["passes"]
    for word in candidates(rule):
        used: list[int] = []
        spoken = word
        for rules in passes[:place]:
            spoken = rewrite(spoken, rules)
        rewrite(spoken, passes[place], used)
        if number in used:
            return word
    return None


def long_word(number: int, rule: dict[str, str]) -> str | None:
    """Return a word in which a rule for long sound forms is used."""
    words = ("".join(parts) for parts in product(("karat", "balat"), ("", "k", "l"), (rule["from"],), ("", "at")))
    for word in words:
        used: list[int] = []
        sound(word, used)
        if number in used:
            return word
    return None


@functools.cache
def spellings(script: str) -> dict[str, str]:
    """Return a letter of a script for each of its replacements."""
    ranges = next(one["ranges"] for one in tables()["scripts"] if one["name"] == script)
    letters = tables()["letters"].items()
    return {to: c for c, to in letters if any(first <= ord(c) <= last for first, last in ranges)}


def spelt(script: str, text: str) -> str | None:
    """Return a word of a script whose letters have the replacements that make up a text."""
    if not text:
        return ""
    for n in range(min(4, len(text)), 0, -1):
        rest = spelt(script, text[n:]) if text[:n] in spellings(script) else None
        if rest is not None:
            return spellings(script)[text[:n]] + rest
    return None


def script_word(script: str, passes: list[Rules], place: int, number: int) -> str | None:
    """Return a word of a script in which a rule is used."""
    for text in candidates(passes[place][number]):
        word = spelt(script, text)
        if word is not None:
            used: list[tuple[str, int, int]] = []
            levels(word, used)
            if (script, place, number) in used:
                return word
    return None


def rule_words() -> list[RuleWord]:
    """Return a word for each rule of the tables.

    Raises:
        ValueError: A rule cannot fire.
    """
    found: list[tuple[str, str | None]] = []
    for place, rules in enumerate(tables()["sound"]["passes"]):
        found += [(f"sound.{place}.{n}", sound_word(place, n, rule)) for n, rule in enumerate(rules)]
    found += [(f"sound.long.{n}", long_word(n, rule)) for n, rule in enumerate(tables()["sound"]["long"]["pass"])]
    for script in tables()["scripts"]:
        name, passes = script["name"], script["passes"]
        for place, rules in enumerate(passes):
            found += [(f"{name}.{place}.{n}", script_word(name, passes, place, n)) for n in range(len(rules))]
    dead = [rule for rule, word in found if word is None]
    if dead:
        raise ValueError(f"rules that cannot fire: {' '.join(dead)}")
    return [RuleWord(rule, word, levels(word)[0], sound(levels(word)[0])) for rule, word in found if word is not None]
