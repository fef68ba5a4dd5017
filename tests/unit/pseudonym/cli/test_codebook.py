"""`pseudonym codebook` says what is sent finer than to the month and in bands of ages, and why."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pseudonym.codebook import load_codebook
from tests.unit.codebooks import book_of
from tests.unit.pseudonym.commands import shown


@pytest.fixture
def book(tmp_path: Path) -> Path:
    """A codebook with a reason for the days of one date, and one for single years of an item."""
    document = json.loads(book_of("1", {"kind": (False, "A"), "age": (False, "0 1-")}).to_json())
    for code, years in zip(document["items"][1]["codes"], ((0, 0), (1, None)), strict=True):
        code["years"] = dict(zip(("first", "last"), years, strict=True))
    document["finer"] = [
        {"name": "event_date", "reason": {"sv": "Dagar behövs.", "en": "Days are needed."}},
        {"name": "age", "reason": {"sv": "År behövs.", "en": "Years are needed."}},
    ]
    (tmp_path / "book.json").write_text(json.dumps(document), encoding="utf-8")
    return tmp_path / "book.json"


@pytest.mark.parametrize("command", ["show", "check"])
def test_reasons_are_shown(capsys: pytest.CaptureFixture[str], book: Path, command: str) -> None:
    status, text = shown(capsys, "codebook", command, str(book))
    assert status == 0
    assert "event_date is sent with days, because: Days are needed. / Dagar behövs." in text
    assert "age is sent with single years of age, because: Years are needed. / År behövs." in text


def test_an_item_shows_its_own_reason(capsys: pytest.CaptureFixture[str], book: Path) -> None:
    assert (
        "Single years of age, because: Years are needed. / År behövs."
        in shown(capsys, "codebook", "show", str(book), "age")[1]
    )
    assert "because" not in shown(capsys, "codebook", "show", str(book), "kind")[1]


@pytest.mark.parametrize("command", ["show", "check"])
def test_without_reasons_there_is_nothing_to_show(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, command: str
) -> None:
    (tmp_path / "book.json").write_text(load_codebook("case-registry").to_json(), encoding="utf-8")
    assert "because" not in shown(capsys, "codebook", command, str(tmp_path / "book.json"))[1]


def test_single_years_without_a_reason_are_refused_by_the_name_of_the_item(
    capsys: pytest.CaptureFixture[str], book: Path
) -> None:
    document = json.loads(book.read_text(encoding="utf-8"))
    document["finer"].pop()
    book.write_text(json.dumps(document), encoding="utf-8")
    status, text = shown(capsys, "codebook", "check", str(book))
    assert status == 5
    assert "items[1].codes[0].years" in text
    assert "two years of age or more, unless finer gives a reason for the item age" in text
