"""Text on the console: as wide as the terminal, without control characters, and tables."""

from __future__ import annotations

import io
import sys

import pytest

from pseudonym.console import WIDTH, print_file, say, shown, table_text, text_width, wrapped
from pseudonym.console import text as console_text


class Screen(io.StringIO):
    """A terminal."""

    def isatty(self) -> bool:
        return True


def terminal(monkeypatch, columns: int | None = None) -> Screen:
    """Make standard output a terminal; called in the test itself, since pytest sets standard output before it."""
    monkeypatch.delenv("COLUMNS", raising=False)
    found = Screen()
    monkeypatch.setattr(sys, "stdout", found)
    if columns is not None:
        monkeypatch.setattr(console_text, "_terminal_columns", lambda stream: columns)
    return found


SENTENCE = "  Note: " + "a word of a sentence " * 20


def test_long_sentences_are_broken_between_words_and_lose_none(monkeypatch):
    monkeypatch.delenv("COLUMNS", raising=False)
    lines = wrapped(SENTENCE).splitlines()
    assert WIDTH - 12 < max(map(len, lines)) <= WIDTH
    assert " ".join(wrapped(SENTENCE).split()) == " ".join(SENTENCE.split())
    assert all(line.startswith("    ") for line in lines[1:])


@pytest.mark.parametrize(("columns", "width"), [(60, 60), (80, 80), (200, WIDTH), (10, 40)])
def test_text_is_as_wide_as_the_terminal_but_never_too_wide(monkeypatch, columns, width):
    screen = terminal(monkeypatch, columns)
    assert text_width() == width
    say(SENTENCE)
    lines = screen.getvalue().splitlines()
    assert width - 12 < max(map(len, lines)) <= width


def test_a_terminal_that_does_not_know_its_width_has_eighty_columns(monkeypatch):
    terminal(monkeypatch)
    assert text_width() == 80


def test_the_variable_columns_comes_first(monkeypatch):
    terminal(monkeypatch, 90)
    monkeypatch.setenv("COLUMNS", "60")
    assert text_width() == 60
    monkeypatch.setenv("COLUMNS", "wide")
    assert text_width() == 90


def test_off_a_terminal_a_sentence_stays_one_line_that_can_be_searched_for(capsys):
    say("Note: " + "word " * 50 + "end")
    assert capsys.readouterr().out.count("\n") == 1


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ("a\x1b[31mb.csv", "a\\x1b[31mb.csv"),
        ("a\nb\tc\x7f", "a\\x0ab\\x09c\\x7f"),
        ("c1 \x9b2J", "c1 \\x9b2J"),
        ("evil\u202egnp.exe", "evil\\u202egnp.exe"),
        ("\udce4renden.csv", "\\xe4renden.csv"),
        ("ärenden, 案件.csv", "ärenden, 案件.csv"),
    ],
)
def test_control_characters_do_not_reach_the_terminal(text, safe, capsys):
    assert shown(text) == safe
    say(text)
    assert capsys.readouterr().out == safe + "\n"
    assert safe in table_text(("path",), [(text,)])


def test_a_table_aligns_integers_to_the_right():
    table = table_text(("reporter", "records"), [("police", 5), ("ud", 1200)])
    assert table.splitlines() == ["  reporter  records", "  police          5", "  ud           1200"]
    assert table_text(("a", "b"), []) == "  a  b"


def test_a_table_folds_its_widest_column_on_a_narrow_terminal_and_nowhere_else(monkeypatch):
    terminal(monkeypatch, 60)
    header, rows = ("item", "n", "meaning"), [("municipality", 12, "word " * 30), ("state", 3, "short")]
    narrow = table_text(header, rows).splitlines()
    assert max(map(len, narrow)) <= 60
    assert narrow[0].split() == ["item", "n", "meaning"]
    assert narrow[1].startswith("  municipality  12  word")
    assert narrow[2].startswith(" " * 20 + "word")
    assert sum(line.count("word") for line in narrow) == 30
    monkeypatch.setattr(sys, "stdout", io.StringIO())
    assert len(table_text(header, rows).splitlines()) == 3


def test_the_content_of_a_file_is_printed_in_utf_8_whatever_the_console(monkeypatch):
    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, encoding="ascii", errors="replace"))
    print_file("Södertälje\n")
    assert raw.getvalue() == "Södertälje\n".encode()
