"""The table of names is what its script makes, and covers what the specification promises of it."""

import hashlib
import importlib.util
import json
import sys
import unicodedata
from collections.abc import Iterator

import pytest

from pseudonym.identity import names
from pseudonym.memory import forget
from pseudonym.tables import TABLES_DIGEST
from pseudonym.wire import CASE_STATES, ROLES, STATUSES
from pseudonym.words import folded
from tests.paths import ROOT

TABLE = ROOT / "src" / "pseudonym" / "tables.json"
DOCUMENT = json.loads(TABLE.read_bytes())
LETTERS, SEPARATORS, DROPPED = DOCUMENT["letters"], set(DOCUMENT["separators"]), set(DOCUMENT["dropped"])


def load_script(monkeypatch):
    """Import the script, which stands outside of the packages."""
    pytest.importorskip("anyascii", reason="the romanisation tables are needed to make the table, not to use it")
    spec = importlib.util.spec_from_file_location("make_tables", ROOT / "tools" / "make_tables.py")
    monkeypatch.syspath_prepend(str(ROOT / "tools"))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def covered(text: str) -> bool:
    return all(c in LETTERS or c in SEPARATORS or c in DROPPED or c < "\x80" for c in text)


def scalar_values() -> Iterator[str]:
    return (chr(point) for point in range(sys.maxunicode + 1) if not 0xD800 <= point < 0xE000)


@pytest.mark.whole
def test_script_makes_the_committed_bytes(monkeypatch):
    assert load_script(monkeypatch).make() == TABLE.read_bytes()


@pytest.mark.whole
def test_check_option_tells_a_changed_table(tmp_path, monkeypatch):
    script = load_script(monkeypatch)
    assert script.main(["--check"]) == 0
    changed = tmp_path / "names.json"
    changed.write_bytes(TABLE.read_bytes().replace(b'"ae"', b'"a"', 1))
    profile = tmp_path / "profile.json"
    profile.write_text('{\n "tables": "' + "0" * 64 + '"\n}\n')
    monkeypatch.setattr(script, "TABLE", changed)
    assert script.main(["--check"]) == 1
    monkeypatch.setattr(script, "PROFILES", (tmp_path / "profiles",))
    assert script.main([]) == 0
    assert changed.read_bytes() == TABLE.read_bytes()
    assert script.main(["--check"]) == 0
    monkeypatch.setattr(script, "PROFILES", (profile.parent,))
    changed.rename(tmp_path / "names.table")
    monkeypatch.setattr(script, "TABLE", tmp_path / "names.table")
    assert script.main(["--check"]) == 1
    assert script.main([]) == 0
    assert TABLES_DIGEST in profile.read_text()


def test_file_is_plain_and_small():
    data = TABLE.read_bytes()
    assert len(data) < 140_000
    assert data.isascii()
    assert b"\r" not in data
    assert data.endswith(b"}\n")


SEXES = ("man", "other", "unknown", "woman")
MEMBERS = {
    *(
        "as_names",
        "bytes",
        "case_states",
        "characters",
        "compose",
        "dates",
        "dropped",
        "joining",
        "kin",
        "letters",
        "nameless",
        "numbers",
        "particles",
        "persons",
        "placeholders",
    ),
    *("register", "roles", "scripts", "separators", "sexes", "sound", "statuses", "unsaid", "words"),
}


def test_members_are_those_of_the_specification():
    assert set(DOCUMENT) == MEMBERS
    assert all(len(letter) == 1 for letter in LETTERS)
    assert all(set(to) <= set("abcdefghijklmnopqrstuvwxyz") and to for to in LETTERS.values())
    assert len(SEPARATORS) == len(DOCUMENT["separators"])
    assert len(DROPPED) == len(DOCUMENT["dropped"])
    assert all(len(pair) == 2 for pair in DOCUMENT["compose"])
    passes = [*DOCUMENT["sound"]["passes"], DOCUMENT["sound"]["long"]["pass"]]
    passes += [rules for script in DOCUMENT["scripts"] for rules in script["passes"]]
    for rule in (rule for rules in passes for rule in rules):
        assert {"from", "to"} <= set(rule) <= {"from", "to", "left", "right"}
        assert rule["from"]


@pytest.mark.parametrize("tables", [("sexes",), ("roles",), ("statuses", "case_states")])
def test_no_word_has_two_meanings(tables):
    listed = [set(map(folded, words)) for table in tables for words in DOCUMENT[table].values()]
    assert sum(map(len, listed)) == len(set().union(*listed))


@pytest.mark.parametrize(
    ("table", "codes"), [("roles", ROLES), ("statuses", STATUSES), ("case_states", CASE_STATES), ("sexes", SEXES)]
)
def test_every_code_is_a_word_for_itself(table, codes):
    assert set(DOCUMENT[table]) == set(codes)
    assert all(folded(code) in map(folded, DOCUMENT[table][code]) for code in codes)


def test_placeholders_of_names_are_told_apart():
    nameless, placeholders = (set(DOCUMENT[name]) for name in ("nameless", "placeholders"))
    assert set().union(*DOCUMENT["as_names"].values()) <= placeholders | nameless
    assert set(DOCUMENT["unsaid"]) <= placeholders | nameless


def test_forms_of_the_register_fold_to_the_letters():
    for character, form in DOCUMENT["register"].items():
        assert form.encode("latin-1").decode("latin-1").lower() == form
        assert "".join(LETTERS[letter] for letter in form) == LETTERS[character]
        assert form != LETTERS[character]


def test_no_rule_stands_behind_one_that_always_fits_first():
    passes = DOCUMENT["sound"]["passes"] + [rules for one in DOCUMENT["scripts"] for rules in one["passes"]]
    hidden = []
    for rules in passes:
        for place, rule in enumerate(rules):
            earlier = (one for one in rules[:place] if not one.keys() & {"left", "right"})
            hidden += [rule["from"] for one in earlier if rule["from"].startswith(one["from"])]
    assert hidden == []


def test_words_of_the_table_are_folded():
    texts = [*DOCUMENT["particles"], *DOCUMENT["placeholders"], *DOCUMENT["joining"]]
    assert [text for text in texts if names.words(text) != tuple(text.split())] == []


def test_no_character_has_two_meanings():
    assert not LETTERS.keys() & SEPARATORS
    assert not LETTERS.keys() & DROPPED
    assert not SEPARATORS & DROPPED


@pytest.mark.whole
def test_composed_and_decomposed_characters_give_the_same_words():
    wrong, n_compared = [], 0
    for character in scalar_values():
        decomposed = unicodedata.normalize("NFD", character)
        text = unicodedata.normalize("NFC", character)
        # Most characters are their own decomposition, and so is what they are composed to.
        if text != decomposed and covered(decomposed):
            n_compared += 1
            if names.words(f"a{text}b") != names.words(f"a{decomposed}b"):
                wrong.append(f"U+{ord(character):04X}")
    forget()
    assert n_compared > 500
    assert wrong == []


def test_white_space_and_dashes_of_all_kinds_separate():
    kinds = {"Zs", "Zl", "Zp", "Pd"}
    wanted = {c for c in scalar_values() if c < "\uffff" and (c.isspace() or unicodedata.category(c) in kinds)}
    assert wanted <= SEPARATORS
    assert set(" -,./;_()!?:") <= SEPARATORS


@pytest.mark.parametrize(
    "block",
    [
        range(0x00C0, 0x0250),
        range(0x1E00, 0x1F00),
        range(0x0386, 0x03D0),
        range(0x0400, 0x0530),
        range(0x0531, 0x0557),
        range(0x05D0, 0x05EB),
        range(0x0620, 0x064B),
        range(0x10D0, 0x10FB),
        range(0x1200, 0x135B),
        range(0x0E01, 0x0E2F),
        range(0x0904, 0x093A),
    ],
    ids=[
        "latin",
        "latin_additional",
        "greek",
        "cyrillic",
        "armenian",
        "hebrew",
        "arabic",
        "georgian",
        "ethiopic",
        "thai",
        "devanagari",
    ],
)
def test_every_letter_of_a_promised_script_is_known(block):
    letters = [chr(point) for point in block if unicodedata.category(chr(point))[0] == "L"]
    assert letters
    assert [letter for letter in letters if letter not in LETTERS and letter not in DROPPED | SEPARATORS] == []


def test_invisible_characters_vanish():
    assert set("\u200c\u200d\ufeff\u00ad\u200e\u200f\u202a\u202e\u2066\u2069\u2060") <= DROPPED


def test_digest_is_that_of_the_file():
    assert hashlib.sha256(TABLE.read_bytes()).hexdigest() == TABLES_DIGEST
