"""Every rule that a row or a value can break has one sentence, in one table."""

import ast
import re
from collections import Counter
from collections.abc import Iterator

import pytest

from pseudonym.faults import RULES, broken
from tests.paths import ROOT

SRC = ROOT / "src" / "pseudonym"
FAMILIES = sorted({rule.split(".")[0] for rule in RULES})
RULE = re.compile(rf"(?:{'|'.join(FAMILIES)})\.[a-z_]+")
DOCUMENT_RULES = {f"codebook.{rule}" for rule in ("json", "form", "format", "items", "unknown", "not_shipped")}
"""Rules for a codebook as a document: they refuse the file, so they are no faults of a row."""


def used_rules(source: str) -> set[str]:
    """Collect the rules that stand as string constants in a module."""
    found = {node.value for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Constant)}
    return {text for text in found if isinstance(text, str) and RULE.fullmatch(text)}


def sentences(source: str) -> Iterator[str]:
    """Yield the rules to which a module gives a sentence: as keys of a mapping, or beside it in a call."""
    for node in ast.walk(ast.parse(source)):
        pairs = zip(node.keys, node.values, strict=True) if isinstance(node, ast.Dict) else ()
        pairs = [node.args[:2]] if isinstance(node, ast.Call) and len(node.args) > 1 else pairs
        for rule, text in pairs:
            texts = [one.value for one in (rule, text) if isinstance(one, ast.Constant) and isinstance(one.value, str)]
            if len(texts) == 2 and re.fullmatch(r"[a-z_]+\.[a-z_]+", texts[0]) and texts[1].count(" ") > 1:
                yield texts[0]


def sources() -> dict[str, str]:
    return {path.relative_to(SRC).as_posix(): path.read_text(encoding="utf-8") for path in sorted(SRC.rglob("*.py"))}


def test_every_rule_in_the_sources_is_in_the_table():
    # The rules of `audit` judge a submission as a whole, and have a table of their own.
    used = set().union(*(used_rules(text) for name, text in sources().items() if not name.startswith("audit/")))
    assert used - DOCUMENT_RULES <= set(RULES)


def test_every_rule_that_is_put_together_is_in_the_table():
    ids = {
        f"{name}_id.{rule}" for name in ("record", "report", "case") for rule in ("form", "number_like", "is_identity")
    }
    assert ids | {"record_id.missing", "record_id.duplicate"} <= set(RULES)
    assert {"role.unknown", "status.unknown", "event_date.form", "report_date.form"} <= set(RULES)


def test_no_rule_has_a_second_sentence():
    counts = Counter(rule for text in sources().values() for rule in set(sentences(text)))
    assert {rule for rule in RULES if counts[rule] != 1} == set()


@pytest.mark.parametrize("source", ["A = {'sex.unknown': 'Not a sex.'}", "raise E('sex.unknown', 'Not a sex.')"])
def test_a_second_sentence_is_seen(source):
    assert list(sentences(source)) == ["sex.unknown"]


def test_effects_are_no_sentences():
    assert list(sentences("A = {'damage.cut': 'marked', 'date.order': 'left out'}")) == []


def test_sentences_are_sentences_and_differ():
    assert all(re.fullmatch(r"[A-Z].*[.]", text) for text in RULES.values())
    assert len(set(RULES.values())) == len(RULES)


def test_an_error_has_the_sentence_of_its_rule():
    error = broken("birth_date.form")
    assert (error.rule, error.field, error.message) == ("birth_date.form", "birth_date", RULES["birth_date.form"])
