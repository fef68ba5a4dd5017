"""Documents of attribute rules and definitions: what is refused, and that errors show nothing of a wrong file."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from linkage.cli.definitions import EXAMPLE
from linkage.counting import COLUMN_CODES, check_definition, default_rules, load_definition, load_rules
from linkage.counting.rules import AttributeRule
from linkage.errors import SettingsError
from pseudonym.codebook import load_codebook
from tests.paths import ROOT

DEFINITION = {
    "format": "linkage-definition/1",
    "name": "narrow",
    "version": "1",
    "title": {"sv": "Snäv", "en": "Narrow"},
    "judged_by": "record",
    "conditions": [{"item": "status", "codes": ["confirmed"], "unknown": False}],
}


def written(path: Path, document: object) -> Path:
    path.write_text(document if isinstance(document, str) else json.dumps(document), encoding="utf-8")
    return path


def test_the_rules_that_ship_are_read_from_a_file_too(tmp_path):
    rules = default_rules()
    assert load_rules(written(tmp_path / "r.json", rules.model_dump_json())) == rules
    assert rules.title_text == f"default 1 ({rules.digest[:8]})"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"prefer": ["known", "known"]}, "items_of_one_code.prefer[1]"),
        ({"prefer": ["oldest"]}, "items_of_one_code.prefer[0]"),
        ({"prefer": ["reporter"]}, "items_of_one_code.reporters"),
        ({"codes": ["a"]}, "items_of_one_code.codes"),
        ({"values": "some"}, "items_of_one_code.values"),
        ({"secret": 1}, "items_of_one_code"),
    ],
)
def test_a_wrong_rule_is_refused_by_its_place(tmp_path, change, field):
    document = default_rules().model_dump(mode="json")
    document["items_of_one_code"] |= change
    with pytest.raises(SettingsError) as caught:
        load_rules(written(tmp_path / "r.json", document))
    assert (caught.value.rule, caught.value.field) == ("rules.form", field)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"conditions": [{"item": "status", "unknown": True}]}, "conditions[0].codes"),
        ({"conditions": [{"item": "age", "codes": ["a"], "below_age": 18, "unknown": True}]}, "conditions[0].codes"),
        ({"conditions": [{"item": "age", "below_age": 0, "unknown": True}]}, "conditions[0].below_age"),
        ({"conditions": DEFINITION["conditions"] * 2}, "conditions[1].item"),
        ({"begins": "25"}, "begins"),
        ({"judged_by": "case"}, "judged_by"),
    ],
)
def test_a_wrong_definition_is_refused_by_its_place(tmp_path, change, field):
    with pytest.raises(SettingsError) as caught:
        load_definition(written(tmp_path / "d.json", DEFINITION | change))
    assert (caught.value.rule, caught.value.field) == ("definition.form", field)


@pytest.mark.parametrize("text", ["", "[1", '{"a": 1, "a": 2}'])
def test_what_is_no_json_is_refused_without_showing_it(tmp_path, text):
    with pytest.raises(SettingsError, match=r"definition\.json"):
        load_definition(written(tmp_path / "d.json", text))


def test_a_file_that_cannot_be_read_is_named(tmp_path):
    with pytest.raises(SettingsError, match=r"rules\.unreadable") as caught:
        load_rules(tmp_path / "none.json")
    assert caught.value.path == tmp_path / "none.json"


def test_a_definition_says_what_it_asks_for(tmp_path):
    conditions = [*DEFINITION["conditions"], {"item": "age_at_event", "below_age": 18, "unknown": True}]
    found = load_definition(written(tmp_path / "d.json", DEFINITION | {"conditions": conditions}))
    assert list(found.said()) == ["status: confirmed", "age_at_event: below 18, or unknown"]


def test_a_rule_says_its_steps_in_order_each_with_its_list():
    rule = AttributeRule(
        prefer=("known", "code", "reporter", "most"), values="one", codes=("a", "b"), reporters=("police",)
    )
    assert rule.said() == (
        "one value; records of the period; known before unknown, codes in the order given (a, b), reporters in the "
        "order given (police), what most records say"
    )


def test_the_documents_that_the_page_and_the_help_show_can_be_used(tmp_path):
    page = (ROOT / "docs" / "how-to" / "count.md").read_text(encoding="utf-8")
    rules, definition = re.findall(r"^```json\n(.*?)^```", page, re.DOTALL | re.MULTILINE)
    book = load_codebook("case-registry")
    found = load_rules(written(tmp_path / "r.json", rules))
    assert found.items.keys() <= book.by_name.keys()
    check_definition(load_definition(written(tmp_path / "d.json", definition)), book)
    shown = EXAMPLE[EXAMPLE.index('{"format"') :]
    check_definition(load_definition(written(tmp_path / "h.json", shown)), book)


def test_the_rules_that_ship_name_items_of_the_codebook_that_ships():
    book = load_codebook("case-registry")
    rules = default_rules()
    assert rules.items.keys() <= {*book.by_name, *COLUMN_CODES}
    for name, rule in rules.items.items():
        known = COLUMN_CODES.get(name) or [code.code for code in book.by_name[name].codes]
        assert set(rule.codes) <= set(known)
