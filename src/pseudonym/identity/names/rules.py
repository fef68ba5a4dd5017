"""Passes of rewriting rules over a word: the engine behind scripts and sounds (docs/spec.md, section 4.2).

A pass becomes one regular expression with the rules as alternatives, grouped by first character, so that a name of ten
letters takes microseconds.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

__all__ = ["read_passes"]

Rewrite = Callable[[str], str]
Rule = Mapping[str, Any]

START: Final = "^"
END: Final = "$"
COMPLEMENT: Final = "!"


def read_passes(passes: Iterable[Iterable[Rule]]) -> tuple[Rewrite, ...]:
    """Return passes of the tables as functions from word to word.

    Args:
        passes: Lists of rules; within a pass the first matching rule at a position is used.

    Returns:
        One function per pass, to be called in order.
    """
    return tuple(_read_pass(list(rules)) for rules in passes)


def _read_pass(rules: list[Rule]) -> Rewrite:
    """Compile a pass; the number of the matching group identifies the rule."""
    by_first: dict[str, list[Rule]] = {}
    for rule in rules:
        by_first.setdefault(rule["from"][0], []).append(rule)
    ordered = [rule for same in by_first.values() for rule in same]
    pattern = re.compile(
        "|".join(
            f"{re.escape(first)}(?:{'|'.join(_alternative(rule) for rule in same)})" for first, same in by_first.items()
        ),
        re.DOTALL,
    )
    to: list[str] = ["", *(rule["to"] for rule in ordered)]

    def replacement(match: re.Match[str]) -> str:
        return to[match.lastindex or 0]

    def rewrite(word: str) -> str:
        return pattern.sub(replacement, word)

    return rewrite


def _alternative(rule: Rule) -> str:
    """Return the pattern after the first character of a rule; contexts refer to the word before the pass."""
    source = re.escape(rule["from"])
    left, right = _context(rule.get("left"), START, r"\A"), _context(rule.get("right"), END, r"\Z")
    before = "|".join(f"(?<={one}{source})" for one in left)
    after = "|".join(f"(?={one})" for one in right)
    return f"({re.escape(rule['from'][1:])}{f'(?:{before})' if left else ''}{f'(?:{after})' if right else ''})"


def _context(context: str | None, edge: str, edge_pattern: str) -> list[str]:
    """Return the patterns of which one must match on a side; no pattern if any character may be there."""
    if context is None:
        return []
    signs = context.removeprefix(COMPLEMENT)
    characters = re.escape(signs.replace(edge, ""))
    if context.startswith(COMPLEMENT):
        beyond_edge = [] if edge in signs else [edge_pattern]
        return [*beyond_edge, f"[^{characters}]" if characters else "."]
    at_edge = [edge_pattern] if edge in signs else []
    return [*at_edge, f"[{characters}]"] if characters else at_edge
