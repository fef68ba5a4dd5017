"""Text, tables and progress on the console of both command lines."""

from __future__ import annotations

import io
import sys

from pseudonym import console
from pseudonym.console import WIDTH, table_text, wrapped


def test_long_sentences_are_broken_between_words_and_lose_none():
    sentence = "  Note: " + "a word of a sentence " * 20
    lines = wrapped(sentence).splitlines()
    assert max(map(len, lines)) <= WIDTH
    assert " ".join(wrapped(sentence).split()) == " ".join(sentence.split())
    assert all(line.startswith("    ") for line in lines[1:])


def test_a_table_aligns_integers_to_the_right():
    table = table_text(("reporter", "records"), [("police", 5), ("ud", 1200)])
    assert table.splitlines() == ["  reporter  records", "  police          5", "  ud           1200"]
    assert table_text(("a", "b"), []) == "  a  b"


def test_progress_is_quiet_off_a_terminal(monkeypatch, capsys):
    with console.progress() as show:
        show("compare", 1, 2)
    assert capsys.readouterr().err == ""
    watched = io.StringIO()
    monkeypatch.setattr(watched, "isatty", lambda: True)
    monkeypatch.setattr(sys, "stderr", watched)
    monkeypatch.setattr(console, "PROGRESS_DELAY_SECONDS", 0.0)
    with console.progress() as show:
        show("compare", 1, 2)
    assert "compare" in watched.getvalue()
