"""Templates for officers: commands parse, figures were measured, and the Swedish ones follow the English ones."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

import pytest
from typer.exceptions import TyperException

from linkage.cli.app import app as linkage
from pseudonym.cli.app import app as pseudonym
from tests.paths import ROOT
from tests.unit.commands import all_commands

FOLDER: Final = ROOT / "docs/templates"
TEMPLATES: Final = sorted(path for path in FOLDER.glob("*.md") if path.name != "README.md")
IN_SWEDISH: Final = {
    "impact-assessment.md": "konsekvensbedomning.md",
    "roles-and-law.md": "roller-och-regler.md",
    "for-data-protection-officers.md": "for-dataskyddsombud.md",
}
COMMANDS: Final = {"linkage": all_commands(linkage), "pseudonym": all_commands(pseudonym)}
VALUES: Final = {"DATE": "2021-01-01", "NUMBER": "2", "DAYS": "90", "HEX": "0" * 64, "PROJECT": "followup"}
"""What stands for a word in capitals where not every text will do."""

_COMMAND: Final = re.compile(r"`((?:linkage|pseudonym) [a-z][^`]*)`")
_LINK: Final = re.compile(r"\]\(([^)\s#]*)")
_SHARE: Final = re.compile(r"(?<![\d,.])(\d*[.,]?\d+) %")


def shares(text: str) -> list[float]:
    """Return the percentages of a text in order, written as .1 % in English and as 0,1 % in Swedish."""
    return [float(number.replace(",", ".")) for number in _SHARE.findall(text)]


def command_lines(text: str) -> list[str]:
    """Return the commands of a text that have a word in capitals, to be replaced; others are only named."""
    return [line for line in _COMMAND.findall(text) if re.search(r" [A-Z]{2,}", line)]


def parse(line: str) -> None:
    """Parse a command line, without running it; words in capitals are replaced by values."""
    program, *words = line.split()
    n_words = 2 if " ".join(words[:2]) in COMMANDS[program] else 1
    name, rest = " ".join(words[:n_words]), [VALUES.get(word, word) for word in words[n_words:]]
    COMMANDS[program][name].make_context(name, rest)


def plan(text: str) -> dict[str, list[object]]:
    """Return what a translation shares with its original: headings, tables, blanks, commands, links, percentages."""
    files = [IN_SWEDISH.get(Path(link).name, Path(link).name) for link in _LINK.findall(text)]
    lines = text.splitlines()
    return {
        "lines": [re.sub(r"[^#|].*", "", line[:3]) + str(line.count("|") + line.count("[…]")) for line in lines],
        "commands": sorted(re.sub(r" [A-Z]{2,}", "", line) for line in _COMMAND.findall(text)),
        "links": sorted(name for name in files if name not in IN_SWEDISH.values()),
        "shares": sorted(shares(text)),
    }


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_the_command_lines_of_a_template_parse(path: Path) -> None:
    for line in command_lines(path.read_text(encoding="utf-8")):
        parse(line)


def test_command_lines_are_found() -> None:
    found = [line for path in TEMPLATES for line in command_lines(path.read_text(encoding="utf-8"))]
    assert {line.split()[1] for line in found} >= {"erase", "purge", "audit", "body", "key", "receive", "check"}
    assert command_lines("`linkage summary` and `linkage export persons --for`") == []


@pytest.mark.parametrize(
    "line",
    [
        "linkage erase REGISTRY",
        "linkage purge REGISTRY --review-days DAY",
        "linkage purge REGISTRY --review DAYS",
        "linkage body suspend REGISTRY",
        "pseudonym key new FILE --for registry",
    ],
)
def test_a_command_line_that_does_not_parse_is_noticed(line: str) -> None:
    with pytest.raises(TyperException):
        parse(line)


MEASURED: Final = ("docs/threat-model.md", "docs/how-to/withdraw.md")
"""Where the templates have their figures from: what was measured, and how much a complete delivery may erase."""


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_no_percentage_is_invented(path: Path) -> None:
    threats, erasure = ((ROOT / name).read_text(encoding="utf-8") for name in MEASURED)
    plain = threats.partition("## In plain words")[2].partition("\n## ")[0]
    known = {*shares(plain), *(shares(erasure) if path.name == "retention.md" else ())}
    assert set(shares(path.read_text(encoding="utf-8"))) <= known


def test_percentages_are_read_in_both_languages() -> None:
    assert shares("names 22 % of 5,000, .1 % after; 0,02 % av barnen, 21.5 %") == [22, 0.1, 0.02, 21.5]


@pytest.mark.parametrize("name", [name for name in IN_SWEDISH if (FOLDER / name).exists()])
def test_a_swedish_template_follows_the_english_one(name: str) -> None:
    english, swedish = (plan((FOLDER / one).read_text(encoding="utf-8")) for one in (name, IN_SWEDISH[name]))
    assert swedish == english


def test_a_translation_that_lacks_a_blank_is_noticed() -> None:
    text = (FOLDER / "roller-och-regler.md").read_text(encoding="utf-8")
    assert plan(text.replace("[…]", "", 1)) != plan(text)
    assert plan(text.replace("linkage purge", "linkage erase", 1)) != plan(text)


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_a_template_leaves_blanks_and_calls_nothing_anonymous(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert "[…]" in text
    assert [line for line in text.splitlines() if re.search(r"(?<!not )(?<!inte )\banonym", line)] == []
