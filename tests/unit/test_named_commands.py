"""Every command and option that a document names exists, and every file and heading that it links to."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from linkage.cli.app import app as linkage
from pseudonym.cli.app import app as pseudonym
from tests.paths import ROOT
from tests.unit.commands import all_commands, parameters

COMMANDS: Final = {"linkage": all_commands(linkage), "pseudonym": all_commands(pseudonym)}
OF_ALL: Final = {"--help", "-h", "--version", "--actor", "--install-completion", "--show-completion"}

DOCUMENTS: Final = sorted([ROOT / "README.md", ROOT / "SECURITY.md", *(ROOT / "docs").rglob("*.md")])

_CONTINUED: Final = re.compile(r"\\\n\s*")
_BLOCK: Final = re.compile(r"^ *```.*?^ *```", re.DOTALL | re.MULTILINE)
_IN_BLOCK: Final = re.compile(r"^ *((?:linkage|pseudonym) [a-z].*)$", re.MULTILINE)
_IN_LINE: Final = re.compile(r"`((?:linkage|pseudonym) [a-z][^`]*)`")
_CODE: Final = re.compile(r"`[^`\n]*`")
_OPTION: Final = re.compile(r"(?<![\w-])--?[a-z][a-z-]*")
_HEADING: Final = re.compile(r"^#+ (.*)$", re.MULTILINE)
_LINK: Final = re.compile(r"\]\(([^)\s#]*)(?:#([^)\s]+))?\)")


def wrong(text: str) -> Iterator[str]:
    """Name what a document calls a command or an option and is none."""
    text = _CONTINUED.sub(" ", text)
    in_blocks = [line for block in _BLOCK.findall(text) for line in _IN_BLOCK.findall(block)]
    for line in [*in_blocks, *_IN_LINE.findall(_BLOCK.sub("", text))]:
        program, *words = line.partition(" #")[0].split()
        known = COMMANDS[program]
        groups = {name.split()[0] for name in known if " " in name}
        name = " ".join(words[:2]) if words[0] in groups else words[0]
        if words[0] in groups and (len(words) == 1 or not re.fullmatch(r"[a-z-]+", words[1])):
            continue
        if name not in known:
            yield line
            continue
        options = set(_OPTION.findall(" ".join(words).partition(" |")[0]))
        yield from (f"{program} {name} {option}" for option in sorted(options - parameters(known[name]) - OF_ALL))


def anchor(heading: str) -> str:
    """Return the anchor of a heading, as it is made where documents are shown."""
    text = re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", heading).strip().lower()
    return re.sub(r"[^\w\- ]", "", text).replace(" ", "-")


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_the_commands_and_options_of_a_document_exist(path: Path) -> None:
    assert list(wrong(path.read_text(encoding="utf-8"))) == []


def dead(path: Path, text: str) -> Iterator[str]:
    """Name the relative links of a document whose file or heading does not exist. What is in code is no link."""
    for target, name in _LINK.findall(_CODE.sub("", _BLOCK.sub("", text))):
        if ":" in target:
            continue
        other = path.parent / target if target else path
        if not other.exists() or (name and name not in map(anchor, _HEADING.findall(other.read_text("utf-8")))):
            yield f"{target}#{name}" if name else target


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_the_files_and_headings_that_a_document_links_to_exist(path: Path) -> None:
    assert list(dead(path, path.read_text(encoding="utf-8"))) == []


@pytest.mark.parametrize(
    ("link", "found"),
    [
        ("(docs/spec.md)", []),
        ("(docs/limitations.md#what-encoding-cannot-hide)", []),
        ("(https://example.org/nowhere.md#x)", []),
        ("(docs/nowhere.md)", ["docs/nowhere.md"]),
        ("(docs/limitations.md#what-it-hides)", ["docs/limitations.md#what-it-hides"]),
    ],
)
def test_a_dead_link_is_noticed(link: str, found: list[str]) -> None:
    assert list(dead(ROOT / "README.md", f"See [it]{link}.")) == found
    assert list(dead(ROOT / "README.md", f"`rows[0]{link}`")) == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("`linkage purge national --dry-run`", []),
        ("`linkage purge national --dry`", ["linkage purge --dry"]),
        ("```\nlinkage forget national\n```", ["linkage forget national"]),
        ("`linkage audit`, `linkage audit head r`", []),
        ("`linkage audit heads r`", ["linkage audit heads r"]),
        ("```\npseudonym encode a.csv \\\n    --keys b\n```", ["pseudonym encode --keys"]),
    ],
)
def test_what_does_not_exist_is_noticed(text: str, found: list[str]) -> None:
    assert list(wrong(text)) == found
