"""`pseudonym check` says how a file is understood and what encoding would do, needs no key and shows no value."""

from __future__ import annotations

import csv
import json
import os
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from pseudonym.faults import RULES
from pseudonym.identity.reader import REPEATABLE
from tests.paths import ROOT
from tests.property.leaks import leaks
from tests.unit.pseudonym.commands import shown
from tests.unit.pseudonym.workbooks import workbook

TABLE = """\
Record ID;Personnummer;Gammalt nr;Förnamn;Efternamn;Födelsedatum;Kön;role;kommun;anteckning
a-1;20110713-9980;;Annabella|Ann;Oxenstierna;05.03.2008;kvinna;victim;0180;Hemlig
a-2;1,99E+11;;Мария;Zvonimirovic;25.03.2008;man;onlooker;180;Hemlig
a-3;901282392;199001612390;Ci;Ek;31.03.2008;k;victim;;Hemlig
a-4;#N/A;;;Ask;39512;x;;9999;Hemlig
a-4;;;Bo;Ek;;;;;
20110713-9980;;;Bo;Ek;;;;;
;;;Bo;Ek;;;;;
"""
SECRETS = ["20110713-9980", "199001612390", "901282392", "Annabella", "Oxenstierna", "Мария", "Zvonimirovic", "39512"]
SECRETS += ["05.03.2008", "2008-03", "Hemlig", "onlooker", "9999"]

OPTIONS = ["--column", "number_2=gammalt nr", "--column", "municipality=kommun", "--codebook", "case-registry"]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the table, in which commands run."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "cases.csv").write_text(TABLE, encoding="utf-8")
    return tmp_path


@pytest.fixture
def run(folder: Path, capsys: pytest.CaptureFixture[str]) -> Any:
    """Run a command and give its status and what it printed."""
    return partial(shown, capsys)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes on this system")
def test_a_pipe_is_refused_before_it_is_read(run: Any, folder: Path) -> None:
    os.mkfifo(folder / "pipe")
    # Held open and with something in it, so that whoever reads it all the same is not stuck.
    held = os.open(folder / "pipe", os.O_RDWR)
    try:
        os.write(held, b"PAR1")
        status, shown = run("check", "pipe")
    finally:
        os.close(held)
    assert status == 4
    assert "(input.not_a_file)" in shown


def test_in_short(run: Any) -> None:
    status, shown = run("check", "cases.csv", *OPTIONS)
    assert status == 3
    assert "cases.csv: text, utf-8, delimiter semicolon, 7 rows." in shown
    assert "number Personnummer (recognised) 4 (57.1 %)" in " ".join(shown.split())
    assert "municipality kommun 3 (42.9 %)" in " ".join(shown.split())
    assert "Columns not read: anteckning." in shown
    assert "birth_date: 3 dates that end with the year were read day first" in shown
    assert "Encode would write 4 of 7 records." in shown
    assert "1 x number: left out (damage.exponent). The number was shown as an amount" in shown
    assert leaks(shown, SECRETS) == []


def test_column_by_column(run: Any) -> None:
    status, shown = run("check", "cases.csv", "--columns", *OPTIONS)
    assert status == 3
    for line in (
        "3 x day, month, year",
        "1 x day number",
        "1 x left out: damage.serial",
        "1 x marked: damage.zero_restored",
        "1 x other scripts",
        "1 x | may separate two values: --separator splits them",
        "2 x woman",
        "1 x rejected: record_id.duplicate",
        "damage.exponent: The number was shown",
    ):
        assert line in shown
    assert leaks(shown, SECRETS) == []


def test_as_json(run: Any) -> None:
    status, shown = run("check", "cases.csv", "--json", *OPTIONS)
    assert status == 3
    found = json.loads(shown)
    assert found["input"] == {
        "kind": "text",
        "encoding": "utf-8",
        "delimiter": ";",
        "header_row": 1,
        "bytes": len(TABLE.encode()),
        "rows": 7,
    }
    columns = {column["field"]: column for column in found["columns"]}
    assert list(columns) == [
        *("record_id", "number", "number_2", "given_names", "family_names", "birth_date", "sex", "role", "municipality")
    ]
    assert columns["number"]["header"] == "Personnummer"
    assert columns["number"]["recognised_header"] is True
    assert columns["number"]["rows_filled"] == 4
    assert columns["number_2"]["header"] == "Gammalt nr"
    assert columns["birth_date"]["forms"] == {"day, month, year": 3, "day number": 1}
    assert columns["given_names"]["separators"] == {"|": 1}
    assert columns["municipality"]["rules"] == [
        {"rule": "codebook.unknown_code", "effect": "left out", "count": 1},
        {"rule": "damage.zero_restored", "effect": "marked", "count": 1},
    ]
    assert found["not_read"] == {"count": 1, "headers": ["anteckning"], "suggested": {}}
    assert found["encode"]["records"] == 4
    assert found["encode"]["rejected"] == 3
    assert {fault["rule"] for fault in found["encode"]["faults"]} <= set(RULES)
    assert leaks(shown, SECRETS) == []


def test_what_check_foretells_is_what_encode_does(run: Any, folder: Path) -> None:
    foretold = json.loads(run("check", "cases.csv", "--json", *OPTIONS)[1])["encode"]
    run("keygen", "key")
    status, shown = run(
        *("encode", "cases.csv", "--key", "key", "--reporter", "police", "--out", "out", "--rejects", "r.csv"),
        *("--json", *OPTIONS),
    )
    done = json.loads(shown)
    assert status == 3
    assert (done["records"], done["rejected"], done["left_out"], done["marked"]) == (
        *(foretold[name] for name in ("records", "rejected", "left_out", "marked")),
    )
    with (folder / "r.csv").open(encoding="utf-8", newline="") as file:
        listed = list(csv.DictReader(file))
    assert len(listed) == sum(fault["count"] for fault in foretold["faults"])
    # Figures of so few records would say what each of them lacks.
    assert done["header"]["quality"] is None


def test_figures_of_completeness_from_twenty_records_on(run: Any, folder: Path) -> None:
    more = "".join(f"more-{n};;;Bo;Ek;;;;;\n" for n in range(16))
    (folder / "cases.csv").write_text(TABLE + more, encoding="utf-8")
    run("keygen", "key")
    _, shown = run("encode", "cases.csv", "--key", "key", "--reporter", "police", "--out", "out", "--json", *OPTIONS)
    header = json.loads(shown)["header"]
    assert header["records"] == 20
    # The amount and the word of the spreadsheet were there and cannot be read; only the further records have no number.
    assert header["quality"]["number"] == {"missing": 16, "unreadable": 2, "marked": 2}


def test_a_workbook(run: Any, folder: Path) -> None:
    table = [("record_id", "förnamn"), ("1", "Annabella"), ("2", "Bo")]
    others = [("Berg", "visible", [("record_id",)])]
    (folder / "cases.xlsx").write_bytes(workbook(table, others=others, epoch_1904=True))
    status, shown = run("check", "cases.xlsx")
    assert status == 0
    assert "cases.xlsx: workbook, sheet 1 of 2, days counted from 1904, 2 rows." in shown
    assert "Encode would write 2 of 2 records." in shown
    assert leaks(shown, ["Annabella", "Berg", "Persons"]) == []


def test_several_values_in_a_cell(run: Any, folder: Path) -> None:
    (folder / "x.csv").write_text("record_id,number,number_type\n1,20110713-9980|x,personnummer|other\n2,,\n")
    found = json.loads(run("check", "x.csv", "--separator", "|", "--json")[1])
    columns = {column["field"]: column for column in found["columns"]}
    assert (columns["number"]["rows_filled"], columns["number"]["values"]) == (1, 2)
    assert columns["number"]["separators"] == {}


def test_a_file_in_which_no_column_identifies_a_person(run: Any, folder: Path) -> None:
    (folder / "x.csv").write_text("record_id,role\n1,victim\n")
    status, shown = run("check", "x.csv")
    assert "No column identifies a person" in shown
    assert "Encode would write 0 of 1 records." in shown
    assert status == 4
    assert json.loads(run("check", "x.csv", "--json")[1])["encode"]["records"] == 0


def test_a_file_that_encode_refuses_for_its_rows(run: Any, folder: Path) -> None:
    (folder / "x.csv").write_text("record_id,sex\n20110713-9980,man\n")
    for words in ([], ["--columns"], ["--json"]):
        assert run("check", "x.csv", *words)[0] == 4
    assert "No row can be used" in run("check", "x.csv")[1]


MESSY = """\
Utdrag, gjort av Zvonimirovic

Löpnr;Namn;Personnumer;Födelse-datum;Kön
1;Oxenstierna, Annabella;;2008-03-25;kvinna
2;Bo Ek;;;man
3;;;;
Summa;;;3;
"""
MESSY_OPTIONS = ["--column", "record_id=Löpnr", "--column", "names=Namn"]


def test_a_file_as_a_body_has_it(run: Any, folder: Path) -> None:
    (folder / "x.csv").write_text(MESSY, encoding="utf-8")
    status, shown = run("check", "x.csv", *MESSY_OPTIONS)
    assert status == 3
    for line in (
        "x.csv: text, utf-8, delimiter semicolon, header in line 3, 4 rows.",
        "Columns not read: Personnumer.",
        "Some of these may be meant: --column number=Personnumer",
        "Note: The header is line 3; what is above it was not read.",
        "Encode would write 2 of 4 records.",
        "1 x row: rejected (identity.none).",
        "1 x row: rejected (row.footer).",
        "1 x names: marked (names.order).",
    ):
        assert line in shown
    assert leaks(shown, SECRETS) == []
    found = json.loads(run("check", "x.csv", "--json", *MESSY_OPTIONS)[1])
    assert found["input"]["header_row"] == 3
    assert found["not_read"] == {"count": 1, "headers": ["Personnumer"], "suggested": {"Personnumer": "number"}}


@pytest.mark.parametrize("words", [[], ["--json"], ["--columns"]])
def test_it_says_once_how_dates_are_sent(run: Any, folder: Path, words: list[str]) -> None:
    (folder / "x.csv").write_text("record_id;sex;event_date;report_date\n1;man;2026-03-02;\n2;man;2026-03;\n")
    status, shown = run("check", "x.csv", *words)
    assert (status, shown.count("Dates are sent to the month: event_date.")) == (0, 1)
    (folder / "x.csv").write_text("record_id;sex;event_date\n1;man;\n")
    assert "Dates are sent" not in run("check", "x.csv", *words)[1]


def test_what_check_says_to_type_works(run: Any, folder: Path) -> None:
    (folder / "x.csv").write_text(MESSY, encoding="utf-8")
    status, shown = run("check", "x.csv", "--column", "names=Namn")
    assert (status, "--column record_id=Löpnr" in shown) == (4, True)
    (folder / "x.xlsx").write_bytes(
        workbook([("x",)], others=[("Ek", "visible", [("record_id", "sex"), ("1", "man")])])
    )
    status, shown = run("check", "x.xlsx", "--sheet", "Berg")
    assert (status, "--sheet 2" in shown, "Ek" in shown) == (4, True, False)
    assert run("check", "x.xlsx", "--sheet", "2")[0] == 0
    (folder / "x.csv").write_text("1;Bo;Ek\nrecord_id;given_names;family_names\n2;Bo;Ek\n", encoding="utf-8")
    status, shown = run("check", "x.csv")
    assert (status, "--header-row 2" in shown) == (4, True)
    assert run("check", "x.csv", "--header-row", "2")[0] == 0


def test_records_without_identity_are_kept_by_option(run: Any, folder: Path) -> None:
    (folder / "x.csv").write_text("record_id,sex\n1,man\n2,\n", encoding="utf-8")
    assert run("check", "x.csv")[0] == 3
    status, shown = run("check", "x.csv", "--keep-empty")
    assert (status, "Encode would write 2 of 2 records." in shown) == (0, True)
    assert "1 x row: marked (identity.none)" in shown
    run("keygen", "key")
    words = ("encode", "x.csv", "--key", "key", "--reporter", "police", "--out", "out")
    assert [run(*words)[0], run(*words, "--keep-empty", "--sequence", "9000000000000")[0]] == [3, 0]
    for option in (["--keep-empty"], ["--header-row", "2"]):
        assert run("check", "out", *option)[0] == 2


def test_headers_that_may_be_a_person_are_not_shown(run: Any, folder: Path) -> None:
    (folder / "x.csv").write_text("17,Annabella,Oxenstierna\n18,Bo,Ek\n")
    for words in ([], ["--columns"], ["--json"]):
        status, shown = run("check", "x.csv", "--column", "record_id=17", *words)
        assert leaks(shown, SECRETS) == []
        assert status == 4


def test_an_empty_file_and_one_that_is_none(run: Any, folder: Path) -> None:
    (folder / "x.csv").write_text("")
    assert run("check", "x.csv")[0] == 4
    assert run("check", "none.csv")[0] == 4
    (folder / "x.csv").write_text("record_id,sex\n")
    status, shown = run("check", "x.csv")
    assert (status, "Encode would write 0 of 0 records." in shown) == (4, True)


def test_tables_on_a_terminal(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pseudonym.cli.text.sys.stdout.isatty", lambda: True, raising=False)
    _, shown = run("check", "cases.csv", "--columns", *OPTIONS)
    assert "│" in shown or "|" in shown
    assert "day, month, year" in shown


def test_the_how_to_page_lists_what_is_understood() -> None:
    from pseudonym.identity.reader import ALIASES

    page = (ROOT / "docs" / "how-to" / "prepare-a-file.md").read_text(encoding="utf-8")
    for header, field in ALIASES.items():
        assert f"`{header}`" in page, header
        assert f"`{field}`" in page, field
    for field in REPEATABLE:
        assert f"`{field}`" in page, field
