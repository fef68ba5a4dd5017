"""The page about the commands says what they do."""

from __future__ import annotations

import json
import re

import pytest

from pseudonym.cli import main
from tools.make_commands import PAGE, page

TEXT = PAGE.read_text(encoding="utf-8")


def test_its_tables_are_those_of_the_commands():
    assert page(TEXT) == TEXT


def test_a_table_without_its_marks_is_no_page():
    with pytest.raises(ValueError, match="missing or repeated"):
        page(TEXT.replace("<!-- commands:linkage:end -->", ""))


def test_the_document_that_it_shows_is_the_one_that_is_printed(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit):
        main(["check", "cases.xlsx", "--json"])
    printed = capsys.readouterr()
    shown = TEXT.partition("## JSON")[2].partition("```\n")[2].partition("```")[0]
    assert json.loads(shown) == json.loads(printed.out)
    lines = printed.err.splitlines()
    assert lines == re.findall(r"^(?:pseudonym: cases.xlsx|  Check its name).*$", TEXT, re.MULTILINE)
