"""What a shell offers when the tab key is pressed, for both command lines."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest

from linkage.cli import main as linkage_main
from linkage.pipeline import Registry
from pseudonym.cli import main as pseudonym_main
from pseudonym.console import offering, periods
from tests.unit.linkage.helpers import PROFILE, crowd, send

MAINS = {"pseudonym": pseudonym_main, "linkage": linkage_main}


@pytest.fixture
def offered(monkeypatch, capsys):
    """Return what bash is offered for the last word of a command line."""

    def of(line: str) -> list[str]:
        words = line.split(" ")
        monkeypatch.setenv(f"_{words[0].upper()}_COMPLETE", "complete_bash")
        monkeypatch.setenv("COMP_WORDS", line)
        monkeypatch.setenv("COMP_CWORD", str(len(words) - 1))
        with pytest.raises(SystemExit) as ended:
            MAINS[words[0]]([])
        assert not ended.value.code
        printed = capsys.readouterr()
        assert printed.err == ""
        return printed.out.split()

    return of


@pytest.mark.parametrize(
    ("line", "values"),
    [
        ("pseudonym en", ["enrol", "encode"]),
        ("pseudonym codebook ", ["show", "check", "make"]),
        ("pseudonym encode --refer", ["--reference-date"]),
        ("pseudonym encode --profile cl", ["clk"]),
        ("pseudonym encode --codebook ", ["case-registry"]),
        ("pseudonym check --date-order ", ["dmy", "mdy"]),
        ("pseudonym check --encoding cp", ["cp1252", "cp850"]),
        ("pseudonym check --column given", ["given_names="]),
        ("pseudonym totals --unit ", ["person", "case", "report"]),
        ("pseudonym encode cas", []),
        ("linkage stat", ["status"]),
        ("linkage init --profile case", ["case-registry"]),
        ("linkage roster set r a --kind sc", ["school"]),
        ("linkage receipt r a --language ", ["en", "sv"]),
        ("linkage receipt no-such-registry ", []),
    ],
)
def test_values_of_options_are_offered_and_files_where_nothing_fits(offered, line, values):
    assert offered(line) == values


@pytest.mark.whole
def test_reporters_of_the_registry_are_offered(offered, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    registry = Registry.create("r.duckdb", profile=PROFILE)
    registry.receive_all([send(Path(name), name, 1, crowd(name, [1])) for name in ("police", "polar", "school")])
    for command in ("receipt", "roster end", "roster set", "roster remove"):
        assert offered(f"linkage {command} r.duckdb pol") == ["polar", "police"]


def test_the_periods_that_are_offered_end_with_the_current_month():
    found = periods()
    assert found[0] == f"{date.today():%Y-%m}"
    assert sorted(found[:12], reverse=True) == found[:12]
    assert len(set(found)) == 14
    assert all(re.fullmatch(r"\d{4}(-(0[1-9]|1[0-2]))?", period) for period in found)


def test_an_error_while_somebody_types_offers_nothing():
    def fail():
        raise OSError

    assert offering(fail)("a") == []


@pytest.mark.parametrize("program", MAINS)
def test_completion_can_be_installed(program, capsys):
    with pytest.raises(SystemExit):
        MAINS[program](["-h"])
    shown = capsys.readouterr().out
    assert "--install-completion" in shown
    assert "--show-completion" in shown
