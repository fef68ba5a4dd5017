"""Every row of docs/reference/bad-input.md about `linkage codebook add`; document and tests name the same cases."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, Final

import pytest

from linkage import Registry
from linkage.cli import main as linkage_main
from tests.paths import ROOT
from tests.unit.codebooks import book_of
from tests.unit.linkage.helpers import PROFILE, registry_bytes

_SECTION: Final = (
    (ROOT / "docs" / "reference" / "bad-input.md")
    .read_text(encoding="utf-8")
    .split("## `linkage codebook add`")[1]
    .split("\n## ")[0]
)
ROWS: Final = re.findall(r"^\| (.+?) \| (\d+) \| (.+) \|$", _SECTION, re.MULTILINE)

FIRST_BOOK: Final = book_of("1", {"why": (False, "a b")})
NEXT_BOOK: Final = book_of("2", {"why": (False, "b c"), "how": (True, "d")})


def _with_map(why: dict[str, Any], *, item: str = "why", **ends: dict[str, str]) -> dict[str, Any]:
    """Return a map from the first codebook to the next one that says what became of some codes."""
    names = {"from": {"name": "cases", "version": "1"}, "to": {"name": "cases", "version": "2"}, **ends}
    return {"format": "pseudonym-codebook-map/1", **names, "items": [{"item": item, "codes": why}]}


MORE_BOOK = book_of("2", {"why": (False, "a b c")})
SINGLE_YEAR = json.loads(MORE_BOOK.to_json())
SINGLE_YEAR["items"][0]["codes"][0]["years"] = {"first": 7, "last": 7}
BOOKS: dict[str, tuple[str, str | None]] = {
    "new codebook, every old code in it": (MORE_BOOK.to_json(), None),
    "old code that is not in the new codebook, no map": (NEXT_BOOK.to_json(), None),
    "file that is not a codebook": ("{}", None),
    "codebook with a code for a single year of age and no reason": (json.dumps(SINGLE_YEAR), None),
    "codebook that the registry has": (FIRST_BOOK.to_json(), None),
    "other codebook of the same version": (book_of("1", {"why": (False, "a")}).to_json(), None),
    "no such map": (NEXT_BOOK.to_json(), None),
    **{
        name: (NEXT_BOOK.to_json(), text if isinstance(text, str) else json.dumps(text))
        for name, text in {
            "old code that neither the map nor the new codebook has": _with_map({"b": {}}),
            "map that names an unknown item": _with_map({"a": {}}, item="where"),
            "map that names an unknown code": _with_map({"a": {"how": ["e"]}}),
            "map that gives several codes to an item that takes one": _with_map({"a": {"why": ["b", "c"]}}),
            "map from another codebook": _with_map({"a": {}}, **{"from": {"name": "cases", "version": "0"}}),
            "map to another codebook": _with_map({"a": {}}, to={"name": "cases", "version": "3"}),
            "map with a member twice": '{"items": [], "items": []}',
            "map of five megabytes": json.dumps(_with_map({"a": {}})) + " " * (5 << 20),
            "map with a list where a text belongs": _with_map({"a": {}}, to={"name": [], "version": "2"}),
        }.items()
    },
}
"""For each case the text of the new codebook, and that of the map."""


def test_the_document_names_the_cases_of_codebook_add():
    assert {name for name, _, _ in ROWS} == set(BOOKS)


@pytest.mark.whole
@pytest.mark.parametrize(("name", "status", "said"), ROWS)
def test_codebook_add(name: str, status: str, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    registry = Registry.create(tmp_path / "registry", profile=PROFILE, codebook=FIRST_BOOK)
    before = registry_bytes(registry)
    book, document = BOOKS[name]
    files = {"book.json": book, "map.json": document}
    for file, text in files.items():
        if text is not None:
            (tmp_path / file).write_text(text, encoding="utf-8")
    options = ["--map", str(tmp_path / "map.json")] if document or name == "no such map" else []
    with pytest.raises(SystemExit) as ended:
        linkage_main(["codebook", "add", str(registry.path), str(tmp_path / "book.json"), *options])
    output = capsys.readouterr()
    assert int(ended.value.code or 0) == int(status)
    rules = re.findall(r"\(`(.+?)`\)", said)
    assert len(rules) == (status != "0")
    assert all(f"({rule})" in output.err for rule in rules)
    assert (registry_bytes(registry) == before) == (status != "0")
    assert "Traceback" not in output.out + output.err
