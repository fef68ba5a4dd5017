"""Every row of docs/reference/bad-input.md, run through the commands; document and tests name the same cases."""

from __future__ import annotations

import csv
import json
import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from linkage import Registry
from linkage.cli import main as linkage_main
from pseudonym import load_codebook
from pseudonym.cli import main as pseudonym_main
from pseudonym.faults import RULES
from pseudonym.identity.reader.damage import EFFECTS
from pseudonym.wire import read_totals, read_withdrawal
from tests.faults import bombs
from tests.paths import ROOT
from tests.unit.codebooks import book_of
from tests.unit.linkage.helpers import OTHER_KEY_ID, OTHER_PROFILE, PROFILE, Rec, dump, send, take_back
from tests.unit.pseudonym.totals import count
from tests.unit.pseudonym.workbooks import workbook

DOCUMENT = ROOT / "docs" / "reference" / "bad-input.md"

HEADER = "record_id,number,given_names,family_names,birth_date,sex"
ANNA = "a-1,20110713-9980,Annabella,Oxenstierna,2011-07-13,kvinna"
BO = "b-1,,Bogdan,Zvonimirovic,1989,man"
SECRETS = ("20110713", "9980", "Annabella", "Oxenstierna", "2011-07-13", "Bogdan", "Zvonimirovic")


def _rows(section: str) -> list[tuple[str, str, str]]:
    text = DOCUMENT.read_text(encoding="utf-8").split(f"## `{section}`")[1].split("\n## ")[0]
    return re.findall(r"^\| (.+?) \| (\d+) \| (.+) \|$", text, re.MULTILINE)


def _documented(section: str) -> dict[str, int]:
    return {name: int(status) for name, status, _ in _rows(section)}


@dataclass
class Reporter:
    """A folder with a key, in which `encode` is run."""

    folder: Path
    capture: pytest.CaptureFixture[str]
    options: list[str] = field(default_factory=list)
    out: str = "out.parquet"
    key: str = "key"
    name: str = "in.csv"

    def write(self, content: str | bytes) -> None:
        """Write the input file."""
        data = content.encode() if isinstance(content, str) else content
        (self.folder / self.name).write_bytes(data)

    def encode(self) -> int:
        """Run the command and keep what it prints."""
        words = [
            "encode",
            self.name,
            "--key",
            self.key,
            "--reporter",
            "police",
            "--out",
            self.out,
            "--rejects",
            "r.csv",
        ]
        with pytest.raises(SystemExit) as ended:
            pseudonym_main([*words, "--sequence", "1", *self.options])
        self.stdout, self.stderr = self.capture.readouterr()
        return int(ended.value.code or 0)

    def withdraw(self, *words: str) -> int:
        """Run `withdraw` with these options after its own, which they override, and keep what it prints."""
        with pytest.raises(SystemExit) as ended:
            pseudonym_main(["withdraw", "--key", self.key, "--reporter", "police", "--out", self.out, *words])
        self.stdout, self.stderr = self.capture.readouterr()
        return int(ended.value.code or 0)

    def totals(self, *words: str) -> int:
        """Run `totals` with these words, which override its own options, and keep what it prints."""
        own = ["--reporter", "police", "--period", "2026-03", "--unit", "person", "--codebook", BOOK, "--out", self.out]
        with pytest.raises(SystemExit) as ended:
            pseudonym_main(["totals", *own, *words])
        self.stdout, self.stderr = self.capture.readouterr()
        return int(ended.value.code or 0)

    def kept(self) -> list[str]:
        """Return the record ids in the output; none when there is no output."""
        path = self.folder / self.out
        if not path.exists():
            return []
        ids = pq.read_table(path, columns=["record_id"])["record_id"].to_pylist()
        return sorted(record_id for record_id in ids if record_id is not None)

    def rejects(self) -> list[tuple[str, str]]:
        """Return field and rule of each line of the rejects file."""
        path = self.folder / "r.csv"
        if not path.exists():
            return []
        with path.open(encoding="utf-8", newline="") as file:
            return [(row["field"], row["rule"]) for row in csv.DictReader(file)]


@pytest.fixture
def reporter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Reporter:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit):
        pseudonym_main(["keygen", "key"])
    capsys.readouterr()
    return Reporter(tmp_path, capsys)


def _lines(*rows: str, end: str = "\n") -> str:
    return "".join(row + end for row in (HEADER, *rows))


Case = tuple[str | bytes, list[str], list[tuple[str, str]]]
"""The input, the record ids that are kept, and what the rejects file lists."""

BOTH = ["a-1", "b-1"]
NUMBER_ROW = "20110713-9980,,,,,"
DAYS = ["c-25", "c-26", "c-27"]
NO_NAME = (None, "Anna", None)
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(2000)
INPUTS: dict[str, Case] = {
    "empty file": ("", [], []),
    "header only": (HEADER + "\n", [], []),
    "one row": (_lines(ANNA), ["a-1"], []),
    "unknown columns": (f"{HEADER},shoe_size\n{ANNA},38\n", ["a-1"], []),
    "no record_id column": (f"{ANNA}\n{BO}\n", [], []),
    "no identity column": ("record_id,role\na-1,victim\n", [], []),
    "row without an identity": (_lines(ANNA, "b-1,,,,,"), BOTH, [("", "identity.none")]),
    "missing record_id": (_lines(ANNA, "," + BO.split(",", 1)[1]), ["a-1"], [("record_id", "record_id.missing")]),
    "duplicate record_id": (_lines(ANNA, ANNA, BO), BOTH, [("record_id", "record_id.duplicate")]),
    "record_id that is a number": (_lines(ANNA, NUMBER_ROW), ["a-1"], [("record_id", "record_id.number_like")]),
    "record_id that equals a field": (
        _lines(ANNA, "Zvonimirovic,,Bogdan,Zvonimirovic,1989,man"),
        ["a-1"],
        [("record_id", "record_id.is_identity")],
    ),
    "every row rejected": (_lines(NUMBER_ROW), [], [("record_id", "record_id.number_like")]),
    "complete delivery with a rejected row": (_lines(ANNA, NUMBER_ROW), [], [("record_id", "record_id.number_like")]),
    "Latin-1 file": (_lines(ANNA, "c-1,,Åsa,Öberg,,").encode("latin-1"), ["a-1", "c-1"], []),
    "UTF-8 with one broken byte": (_lines(ANNA, "c-1,,Åsa,Öberg,,").encode() + b"d-1,,\xe5sa,,,\n", [], []),
    "UTF-8 byte order mark": (b"\xef\xbb\xbf" + _lines(ANNA, BO).encode(), BOTH, []),
    "CRLF line ends": (_lines(ANNA, BO, end="\r\n"), BOTH, []),
    "semicolons": (_lines(ANNA, BO).replace(",", ";"), BOTH, []),
    "NUL byte in a row": (_lines(ANNA, "c-1,,An\0na,,,", BO), BOTH, [("", "row.nul")]),
    "field of 5 MB": (_lines(ANNA, f"c-1,,{'x' * 5_000_000},,,", BO), BOTH, [("", "row.field_too_long")]),
    "lone CR line ends": (_lines(ANNA, BO, end="\r"), BOTH, []),
    "line end within a quoted field": (_lines('a-1,,"Anna\nMaria",,,', BO), BOTH, []),
    "bars between columns": (_lines(ANNA, BO).replace(",", "|"), BOTH, []),
    "UTF-16 without byte order mark": (_lines(ANNA, BO).encode("utf-16-le"), BOTH, []),
    "title above the header": ("Report of March\n\n" + _lines(ANNA), [], []),
    "too many columns in a row": (_lines(ANNA, "c-1,,,,,,,", BO), BOTH, [("", "row.columns")]),
    "impossible date": (_lines("c-1,,Anna,,1981-02-30,"), ["c-1"], [("birth_date", "birth_date.form")]),
    "unknown sex": (_lines("c-1,,Anna,,,x"), ["c-1"], [("sex", "sex.unknown")]),
    "unknown role": ("record_id,given_names,role\nc-1,Anna,onlooker\n", ["c-1"], [("role", "role.unknown")]),
    "unknown code of the codebook": (
        "record_id,given_names,state\nc-1,Anna,nothing\n",
        ["c-1"],
        [("state", "codebook.unknown_code")],
    ),
    "several codes for an item that takes one": (
        "record_id,given_names,state\nc-1,Anna,taken; kept\n",
        ["c-1"],
        [("state", "codebook.several")],
    ),
    "unknown code beside one of the codebook": (
        "record_id,given_names,purpose\nc-1,Anna,upbringing|nothing\n",
        ["c-1"],
        [("purpose", "codebook.unknown_code")],
    ),
    "closed as a status": ("record_id,given_names,status\nc-1,Anna,Closed\n", ["c-1"], []),
    "wrong check digit": (_lines("c-1,20110713-9981,,,,"), ["c-1"], [("number", "number.invalid")]),
    "names of 200 characters": (_lines(f"c-1,,{'Anna ' * 40},{'x' * 200},,"), ["c-1"], []),
    "number that lost its first zero": (
        _lines("c-1,901282392,,,,"),
        ["c-1"],
        [("number", "damage.zero_restored")],
    ),
    "number that may have lost a zero": (
        _lines("c-1,901282393,,,,"),
        ["c-1"],
        [("number", "damage.zero_lost"), ("number", "number.form")],
    ),
    "number shown as an amount": (
        _lines('c-1,"1,99E+11",Anna,,,', "1.99E+11,,Bo,,,"),
        ["c-1"],
        [("number", "damage.exponent"), ("record_id", "damage.exponent")],
    ),
    "number with decimals": (_lines("c-1,901282392.0,,,,"), ["c-1"], [("number", "damage.zero_restored")]),
    "foreign number with decimals": (
        "record_id,foreign_number\nc-1,77012.0\n",
        ["c-1"],
        [("foreign_number", "damage.decimals")],
    ),
    "date that became a day number": (_lines("c-1,,Anna,,39512,"), ["c-1"], [("birth_date", "damage.serial")]),
    "dates with the year last": (_lines(*(f"c-{day},,,,{day}.03.2008," for day in (25, 26, 27))), [*DAYS], []),
    "date whose day and month cannot be told apart": (
        _lines("c-1,,Anna,,05.03.2008,"),
        ["c-1"],
        [("birth_date", "date.order")],
    ),
    "year with two digits": (_lines("c-1,,Anna,,080305,"), ["c-1"], [("birth_date", "date.two_digit_year")]),
    "name of exactly 255 characters": (
        _lines(f"c-1,,{'Annabell ' * 28}Eva,,,"),
        ["c-1"],
        [("given_names", "damage.cut")],
    ),
    "spreadsheet error in place of a value": (_lines("c-1,#SAKNAS!,Anna,,,"), ["c-1"], [("number", "damage.error")]),
    "code of the codebook without its zero": (
        "record_id,given_names,municipality\nc-1,Anna,180\n",
        ["c-1"],
        [("municipality", "damage.zero_restored")],
    ),
    "workbook": (workbook([HEADER.split(","), ANNA.split(","), BO.split(",")]), BOTH, []),
    "workbook with a day number among dates": (
        workbook([HEADER.split(","), ("c-1", *NO_NAME, ("style 1", 39513)), ("c-2", *NO_NAME, 39512)]),
        ["c-1", "c-2"],
        [("birth_date", "damage.serial_restored")],
    ),
    "formula without its result": (
        workbook([HEADER.split(","), ("c-1", ("raw", '<c r="REF"><f>A1</f></c>'), "Anna")]),
        ["c-1"],
        [],
    ),
    "workbook with merged cells": (
        workbook(
            [HEADER.split(","), ANNA.split(","), [*BO.split(",")[:-1], None]],
            after='<mergeCells><mergeCell ref="F2:F3"/></mergeCells>',
        ),
        BOTH,
        [],
    ),
    "workbook locked with a password": (OLE + "EncryptedPackage".encode("utf-16-le"), [], []),
    "workbook in the format before 2007 (xls)": (OLE + "Workbook".encode("utf-16-le"), [], []),
    "damaged workbook": (workbook([HEADER.split(",")])[:-30], [], []),
    "names in other scripts": (_lines("c-1,,محمد,Олександр,,", "c-2,,王,สมชาย,,"), ["c-1", "c-2"], []),
    "file cut in the middle": (_lines(ANNA, BO) + 'c-1,,"Anna', BOTH, [("", "row.unterminated")]),
    "not a text file": (b"PK\x03\x04" + bytes(range(256)) * 8, [], []),
}

CIRCUMSTANCES: dict[str, Callable[[Reporter], None]] = {
    "no such file": lambda reporter: setattr(reporter, "name", "missing.csv"),
    "sheet chosen in a text file": lambda reporter: reporter.options.extend(["--sheet", "Persons"]),
    "separator that is also the delimiter": lambda reporter: reporter.options.extend(["--separator", ","]),
    "complete delivery without a period": lambda reporter: reporter.options.append("--complete"),
    "no such key": lambda reporter: setattr(reporter, "key", "missing"),
    "damaged key": lambda reporter: _damage_key(reporter),
    "no such profile": lambda reporter: reporter.options.extend(["--profile", "missing"]),
    "output over the input": lambda reporter: setattr(reporter, "out", "in.csv"),
    "output in a missing folder": lambda reporter: setattr(reporter, "out", "missing/out.parquet"),
}


def _damage_key(reporter: Reporter) -> None:
    text = (reporter.folder / "key").read_text()
    (reporter.folder / "key").write_text(text[:-4] + "0000\n")


def test_the_document_names_the_cases_of_encode():
    assert set(_documented("pseudonym encode")) == {*INPUTS, *CIRCUMSTANCES}


@pytest.mark.whole
@pytest.mark.parametrize("name", INPUTS)
def test_encode(name: str, reporter: Reporter):
    content, kept, rejects = INPUTS[name]
    reporter.write(content)
    if "code" in name:
        # The items of the codebook are read only if it is named.
        reporter.options = ["--codebook", "case-registry"]
    if "complete" in name:
        reporter.options = ["--complete", "--period", "2026-03"]
    assert reporter.encode() == _documented("pseudonym encode")[name]
    assert reporter.kept() == kept
    assert reporter.rejects() == rejects
    _check_output(reporter)
    left = {path.name for path in reporter.folder.iterdir()}
    assert left <= {"in.csv", "key", "r.csv", "out.parquet"}, "half-written files stay behind"


@pytest.mark.parametrize("name", CIRCUMSTANCES)
def test_encode_under_circumstances(name: str, reporter: Reporter):
    reporter.write(_lines(ANNA, BO))
    CIRCUMSTANCES[name](reporter)
    before = {path.name: path.read_bytes() for path in reporter.folder.iterdir()}
    assert reporter.encode() == _documented("pseudonym encode")[name]
    assert {path.name: path.read_bytes() for path in reporter.folder.iterdir()} == before
    _check_output(reporter)


def _check_output(reporter: Reporter) -> None:
    shown = reporter.stdout + reporter.stderr
    if (reporter.folder / "r.csv").exists():
        shown += (reporter.folder / "r.csv").read_text(encoding="utf-8")
    assert not [secret for secret in SECRETS if secret in shown]
    assert "Traceback" not in shown


def test_unknown_columns_are_named_and_a_person_in_place_of_a_header_is_not(reporter: Reporter):
    reporter.write(INPUTS["unknown columns"][0])
    reporter.encode()
    assert "shoe_size" in reporter.stdout
    reporter.write(INPUTS["no record_id column"][0])
    reporter.encode()
    assert "Annabella" not in reporter.stdout + reporter.stderr


def test_the_document_says_what_each_rule_of_the_reader_says():
    text = DOCUMENT.read_text(encoding="utf-8").split("## What spreadsheets do")[1].split("\n## ")[0]
    rows = re.findall(r"^\| `(.+?)` \| (.+?) \| (.+?) \|$", text, re.MULTILINE)
    assert rows == [(rule, EFFECTS[rule], RULES[rule]) for rule in sorted(EFFECTS)]


WITHDRAWALS: dict[str, list[str]] = {
    "id that is named twice": ["--record", "pol-1", "--record", "pol-1"],
    "list of ids with blank lines": ["--records", "blank"],
    "neither ids nor `--everything`": [],
    "ids and `--everything`": ["--everything", "--record", "pol-1"],
    "sequence that is not above that of `--previous`": ["--record", "pol-1", "--sequence", "5", "--previous", "before"],
    "output over the list of ids": ["--records", "blank", "--out", "blank"],
    "id that is a number": ["--record", "20110713-9980"],
    "ids and a period": ["--record", "pol-1", "--period", "2026-03"],
    "list of ids that is not text": ["--records", "binary"],
    "no such list of ids": ["--records", "missing"],
    "period that is neither a year nor a month": ["--everything", "--period", "Annabella"],
    "no such key": ["--record", "pol-1", "--key", "missing"],
    "output over another file": ["--record", "pol-1", "--out", "in.csv"],
}


def test_the_document_names_the_cases_of_withdraw():
    assert set(_documented("pseudonym withdraw")) == set(WITHDRAWALS)


@pytest.mark.parametrize(("name", "status", "written"), _rows("pseudonym withdraw"))
def test_withdraw(name: str, status: str, written: str, reporter: Reporter):
    reporter.write(ANNA)
    (reporter.folder / "blank").write_text("\npol-1\n\n", encoding="utf-8")
    (reporter.folder / "binary").write_bytes(b"\xff\xfe\0Annabella")
    take_back(reporter.folder / "before", "police", 5)
    take_back(reporter.folder / "out.parquet", "police", 1)
    before = {path.name: path.read_bytes() for path in reporter.folder.iterdir()}
    assert reporter.withdraw(*WITHDRAWALS[name]) == int(status)
    if status == "0":
        assert read_withdrawal("out.parquet").records == ("pol-1",)
    else:
        assert {path.name: path.read_bytes() for path in reporter.folder.iterdir()} == before
    rules = re.findall(r"\(`(.+?)`\)", written)
    assert len(rules) == (status not in ("0", "2"))
    assert all(f"({rule})" in reporter.stderr for rule in rules)
    _check_output(reporter)


TABLE = "municipality;n\n;12\n0180;9\n"

TOTALS: dict[str, tuple[str, list[str]]] = {
    "right table": (TABLE, []),
    "code that a spreadsheet took zeros from": ("municipality;n\n;12\n180;9\n", []),
    "nothing was counted: one row with n 0": ("n\n0\n", []),
    "blank cell and the word `total` in two rows": ("municipality;n\n;12\ntotal;12\n", []),
    "unit that is none": (TABLE, ["--unit", "record"]),
    "sequence that is not above that of `--previous`": (TABLE, ["--sequence", "5", "--previous", "before"]),
    "output over the table": (TABLE, ["--out", "in.csv"]),
    "row without a number": ("municipality;n\n0180;\n", []),
    "number with a decimal sign, a sign or a word": ("municipality;n\n;1.5\n0180;-1\n0114;Annabella\n", []),
    "number that is larger than that of the whole": ("municipality;n\n;12\n0180;13\n", []),
    "unknown code": ("municipality;n\nAnnabella;1\n", []),
    "code that was not valid in the period": ("old;n\ngone;1\n", ["--codebook", "old.json"]),
    "two codes in a cell": ("municipality;n\n0180, 0114;1\n", []),
    "the same cell twice": (TABLE + "0180;1\n", []),
    "row with too many columns": ("municipality;n\n0180;1;Annabella\n", []),
    "file of persons": (f"{HEADER},n\n{ANNA},1\n", []),
    "no column n": ("municipality;number\n0180;1\n", []),
    "header without rows": ("municipality;n\n", []),
    "more than 65,536 rows": ("n\n" + "1\n" * 65_537, []),
    "period that is neither a year nor a month": (TABLE, ["--period", "Annabella"]),
    "no such table": (TABLE, []),
    "no such codebook": (TABLE, ["--codebook", "missing"]),
    "output over another file": (TABLE, ["--out", "other"]),
}


def test_the_document_names_the_cases_of_totals():
    assert set(_documented("pseudonym totals")) == set(TOTALS)


@pytest.mark.parametrize(("name", "status", "written"), _rows("pseudonym totals"))
def test_totals(name: str, status: str, written: str, reporter: Reporter):
    table, words = TOTALS[name]
    reporter.write(table)
    (reporter.folder / "other").write_text("Annabella", encoding="utf-8")
    (reporter.folder / "old.json").write_text(_expired_codebook(), encoding="utf-8")
    take_back(reporter.folder / "before", "police", 5)
    count(reporter.folder / "out.parquet", "police", 1, {(): 99})
    before = {path.name: path.read_bytes() for path in reporter.folder.iterdir()}
    assert reporter.totals("missing" if name == "no such table" else "in.csv", *words) == int(status)
    if status == "0":
        found = read_totals("out.parquet", codebook=load_codebook(BOOK))
        assert sum(cell.n for cell in found.cells) == (0 if "n 0" in name else 21)
        assert ("damage.zero_restored" in reporter.stdout) == ("zeros" in name)
    else:
        assert {path.name: path.read_bytes() for path in reporter.folder.iterdir()} == before
    rules = re.findall(r"\(`(.+?)`\)", written)
    assert len(rules) == (status not in ("0", "2"))
    assert all(rule in reporter.stderr for rule in rules)
    _check_output(reporter)


def _expired_codebook() -> str:
    text = {"sv": "Gammal", "en": "Old"}
    code = {"code": "gone", "label": text, "definition": None, "valid_from": None, "valid_to": "2025-12-31"}
    item = {"name": "old", "label": text, "definition": text, "purpose": text, "basis": text, "many": False}
    document = {"format": "pseudonym-codebook/2", "name": "old", "version": "1", "title": text, "groupings": []}
    return json.dumps(document | {"items": [item | {"codes": [code]}]})


BOOK = "case-registry"
RECEIVE = _documented("linkage receive")
VECTORS = ROOT / "tests" / "vectors" / "submissions"


@dataclass
class Centre:
    """A folder with a registry that has received one submission of two records."""

    folder: Path
    capture: pytest.CaptureFixture[str]
    registry: str = "registry"

    def receive(self, *files: str) -> int:
        """Run the command and keep what it prints."""
        with pytest.raises(SystemExit) as ended:
            linkage_main(["receive", self.registry, *files])
        self.stdout, self.stderr = self.capture.readouterr()
        return int(ended.value.code or 0)

    def state(self) -> list[tuple[object, ...]]:
        """Return all that the registry holds of records, codes and deliveries."""
        registry = Registry.open("registry")
        queries = (
            "SELECT reporter, record_id, sequence, digest FROM records ORDER BY ALL",
            "SELECT rid, kind, key_hi, key_lo, content FROM codes ORDER BY ALL",
            "SELECT reporter, sequence, period, digest FROM submissions ORDER BY ALL",
            "SELECT reporter, record_id, sequence FROM history ORDER BY ALL",
            "SELECT reporter, record_id, rule FROM quarantine ORDER BY ALL",
            "SELECT reporter, period, sequence, cell, n FROM totals ORDER BY sequence, n",
        )
        return [row for query in queries for row in dump(registry, query)]

    def records(self) -> list[tuple[object, ...]]:
        """Return the records of the registry."""
        return dump(Registry.open("registry"), "SELECT reporter, record_id, sequence FROM records ORDER BY ALL")


TWO = (Rec("x-1", 1), Rec("x-2", 2))


@pytest.fixture(scope="module")
def received(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a centre, to be copied by each test that spoils it."""
    folder = tmp_path_factory.mktemp("centre")
    Registry.create(folder / "registry", profile=PROFILE).receive(send(folder / "first", "police", 1, TWO))
    return folder


@pytest.fixture
def centre(
    received: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Centre:
    shutil.copytree(received, tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    return Centre(tmp_path, capsys)


FIRST = [("police", "x-1", 1), ("police", "x-2", 1)]


def _altered(path: Path) -> Path:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    return path


def _cut(path: Path) -> Path:
    path.write_bytes(path.read_bytes()[:-100])
    return path


def _written(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


def _ended(path: Path) -> Path:
    """Give the registry a codebook, and accept submissions without one no longer."""
    codebooks = Registry.open("registry").codebooks
    codebooks.add(book_of("1", {"why": (False, "a b")}))
    codebooks.end("none", date(2026, 1, 1))
    return path


MANY = [Rec(f"z-{persona}", persona) for persona in range(200)]

SUBMISSIONS: dict[str, Callable[[Path], Path]] = {
    "another key": lambda path: send(path, "police", 2, TWO, key_id=OTHER_KEY_ID),
    "another profile": lambda path: send(path, "police", 2, TWO, profile=OTHER_PROFILE),
    "codebook that the registry does not have": lambda path: send(path, "police", 2, TWO, codebook=load_codebook(BOOK)),
    "codebook that is no longer accepted": lambda path: _ended(send(path, "police", 2, TWO)),
    "another specification": lambda path: _written(path, (VECTORS / "header-spec-2.parquet").read_bytes()),
    "altered byte": lambda path: _altered(send(path, "police", 2, MANY)),
    "cut submission": lambda path: _cut(send(path, "police", 2, TWO)),
    "empty file": lambda path: _written(path, b""),
    "not a submission": lambda path: _written(path, b"reporter,record_id\npolice,x-1\n"),
    "file that would unpack to gigabytes": bombs.long_text_in_dictionary,
    "sequence far beyond the last one": lambda path: send(path, "police", 1_772_000_000_000, TWO),
    "new content, used sequence": lambda path: send(path, "police", 1, TWO[:1]),
    "withdrawal that is late": lambda path: take_back(path, "police", 0, records=["x-1"]),
    "withdrawal with a used sequence": lambda path: take_back(path, "police", 1, records=["x-1"]),
    "withdrawal under another key": lambda path: take_back(path, "police", 2, key_id=OTHER_KEY_ID),
    "altered totals": lambda path: _altered(count(path, "police", 2, {(): 9})),
    "totals that follow another codebook": lambda path: count(path, "police", 2, {(): 9}, codebook=load_codebook(BOOK)),
    "totals with a used sequence": lambda path: count(path, "police", 1, {(): 9}),
    "complete delivery that leaves out too much": lambda path: send(path, "police", 2, TWO[:1], complete=True),
}
"""Files that are refused whole: the registry stays as it was, to the byte of every row."""


@pytest.mark.whole
@pytest.mark.parametrize("name", SUBMISSIONS)
def test_receive_refuses(name: str, centre: Centre):
    SUBMISSIONS[name](centre.folder / "second")
    before = centre.state()
    assert centre.receive("second") == RECEIVE[name] == 4
    assert centre.state() == before
    assert centre.stderr.startswith("linkage: second: ")
    assert "Traceback" not in centre.stdout + centre.stderr


def _same_twice(centre: Centre) -> int:
    status = centre.receive("first")
    assert "already" in centre.stdout
    assert centre.records() == FIRST
    return status


def _same_content(centre: Centre) -> int:
    send(centre.folder / "second", "police", 2, TWO, period="2026-04")
    codes = "SELECT rid, kind, key_hi, key_lo, content FROM codes ORDER BY ALL"
    before = dump(Registry.open("registry"), codes)
    status = centre.receive("second")
    assert dump(Registry.open("registry"), codes) == before
    assert dump(Registry.open("registry"), "SELECT count(*) FROM history") == [(0,)]
    periods = {row["period"] for row in Registry.open("registry").coverage().to_pylist()}
    assert periods == {"2026-03", "2026-04"}
    return status


def _new_content(centre: Centre) -> int:
    send(centre.folder / "second", "police", 2, [Rec("x-1", 1, flips=(1, 2)), TWO[1]])
    before = {row[0] for row in dump(Registry.open("registry"), "SELECT content FROM codes")}
    status = centre.receive("second")
    registry = Registry.open("registry")
    assert dump(registry, "SELECT record_id, sequence FROM history") == [("x-1", 1)]
    assert {row[0] for row in dump(registry, "SELECT content FROM codes")} != before
    assert dump(registry, "SELECT count(*) FROM codes") == [(2 * sum(PROFILE.encoding.codes_per_kind),)]
    return status


def _lower_sequence(centre: Centre) -> int:
    send(centre.folder / "second", "police", 0, [Rec("x-1", 1, flips=(1, 2)), TWO[1]])
    before = centre.records()
    status = centre.receive("second")
    assert centre.records() == before
    assert "Warning: This submission has a lower sequence number" in centre.stdout
    assert "--sequence" in centre.stdout
    return status


def _good_and_bad(centre: Centre) -> int:
    send(centre.folder / "second", "school", 1, [Rec("y-1", 1)])
    _written(centre.folder / "third", b"")
    status = centre.receive("third", "second")
    assert centre.records() == [*FIRST, ("school", "y-1", 1)]
    return status


def _broken_record(centre: Centre) -> int:
    send(centre.folder / "second", "school", 1, [Rec("y-1", 1), Rec("y-2", 2, values={"role": "onlooker"})])
    status = centre.receive("second")
    assert centre.records() == [*FIRST, ("school", "y-1", 1)]
    assert dump(Registry.open("registry"), "SELECT record_id, rule FROM quarantine") == [("y-2", "role.unknown")]
    return status


def _withdrawal(centre: Centre) -> int:
    take_back(centre.folder / "second", "police", 2, records=["x-1"])
    status = centre.receive("second")
    assert centre.records() == FIRST[1:]
    assert "Erased: 1 record" in centre.stdout
    return status


def _withdrawal_of_unknown(centre: Centre) -> int:
    take_back(centre.folder / "second", "police", 2, records=["x-1", "x-9"])
    status = centre.receive("second")
    assert centre.records() == FIRST[1:]
    assert "Named, but not in the registry: 1 record and 0 cases." in centre.stdout
    return status


def _totals(centre: Centre) -> int:
    count(centre.folder / "second", "police", 2, {(): 9})
    status = centre.receive("second")
    assert centre.records() == FIRST
    assert centre.state()[-1][-1] == 9
    assert "totals of 1 cell (police, period 2026-03, sequence 2)" in centre.stdout
    return status


def _superseded_totals(centre: Centre) -> int:
    for name, sequence in (("second", 3), ("third", 2)):
        count(centre.folder / name, "police", sequence, {(): sequence})
        status = centre.receive(name)
    assert "a newer version is there" in centre.stdout
    assert [row[-1] for row in centre.state()[-2:]] == [2, 3]
    return status


def _totals_older_than_a_withdrawal(centre: Centre) -> int:
    take_back(centre.folder / "second", "police", 5, records=["x-1"])
    centre.receive("second")
    count(centre.folder / "third", "police", 3, {(): 9})
    before = centre.state()
    status = centre.receive("third")
    assert centre.state() == before
    return status


def _older_than_a_withdrawal(centre: Centre) -> int:
    take_back(centre.folder / "second", "police", 5, records=["x-1"])
    centre.receive("second")
    send(centre.folder / "third", "police", 3, TWO)
    status = centre.receive("third")
    assert centre.records() == FIRST[1:]
    assert "may hold what was withdrawn" in centre.stderr
    return status


def _older_than_a_complete_one(centre: Centre) -> int:
    send(centre.folder / "second", "police", 5, TWO, complete=True)
    centre.receive("second")
    send(centre.folder / "third", "police", 3, [*TWO, Rec("x-3", 3)])
    status = centre.receive("third")
    assert [record_id for _, record_id, _ in centre.records()] == ["x-1", "x-2"]
    assert "(submission.before_complete)" in " ".join(centre.stderr.split())
    return status


def _no_registry(centre: Centre) -> int:
    centre.registry = "missing"
    status = centre.receive("first")
    assert not (centre.folder / "missing").exists()
    return status


def _not_a_registry(centre: Centre) -> int:
    other = _written(centre.folder / "other", b"something of value\n")
    centre.registry = "other"
    status = centre.receive("first")
    assert other.read_bytes() == b"something of value\n"
    return status


def _held_back(centre: Centre, write: Callable[[Path], Path], *, until: str = "") -> int:
    registry = Registry.open("registry")
    registry.roster.set("police", kind="police", from_period="2026-01", until_period=until)
    write(centre.folder / "second")
    before = centre.state()
    status = centre.receive("second")
    assert centre.state() == before
    assert "(submission.reporter)" in centre.stderr
    assert dump(registry, "SELECT count(*) FROM held_back") == [(1,)]
    return status


def _receipt_over_another_file(centre: Centre) -> int:
    send(centre.folder / "second", "school", 1, [Rec("y-1", 1)])
    (centre.folder / "receipts").mkdir()
    other = _written(centre.folder / "receipts" / "receipt-school-1.txt", b"something of value\n")
    status = centre.receive("second", "--receipts", "receipts")
    assert "(export.exists)" in centre.stderr
    assert other.read_bytes() == b"something of value\n"
    assert centre.records() == [*FIRST, ("school", "y-1", 1)]
    return status


DELIVERIES: dict[str, Callable[[Centre], int]] = {
    "reporter that is not on the roster": lambda centre: _held_back(
        centre, lambda path: send(path, "stranger", 1, TWO)
    ),
    "withdrawal of a reporter that is not on the roster": lambda centre: _held_back(
        centre, lambda path: take_back(path, "stranger", 1, records=["x-1"])
    ),
    "period after the reporter left the roster": lambda centre: _held_back(
        centre, lambda path: send(path, "police", 2, TWO, period="2026-04"), until="2026-03"
    ),
    "receipt over another file": _receipt_over_another_file,
    "same submission twice": _same_twice,
    "same content, new sequence": _same_content,
    "new content, new sequence": _new_content,
    "new content, lower sequence": _lower_sequence,
    "one good and one bad file": _good_and_bad,
    "record that breaks a rule": _broken_record,
    "withdrawal": _withdrawal,
    "withdrawal that names unknown ids": _withdrawal_of_unknown,
    "totals": _totals,
    "totals of which a newer version is there": _superseded_totals,
    "totals older than a withdrawal": _totals_older_than_a_withdrawal,
    "submission older than a withdrawal": _older_than_a_withdrawal,
    "submission older than a complete one for its period": _older_than_a_complete_one,
    "no such registry": _no_registry,
    "file that is not a registry": _not_a_registry,
}


def test_the_document_names_the_cases_of_receive():
    assert set(RECEIVE) == {*SUBMISSIONS, *DELIVERIES}


@pytest.mark.whole
@pytest.mark.parametrize("name", DELIVERIES)
def test_receive(name: str, centre: Centre):
    assert DELIVERIES[name](centre) == RECEIVE[name]
    assert "Traceback" not in centre.stdout + centre.stderr


ROSTER = _documented("linkage roster import")
ROSTER_HEAD = "reporter,name,kind,county,from,until,cases_from\n"
ROSTER_ROW = "school,Åsas skola,school,01,2026-01,2026-12,police\n"

ROSTERS: dict[str, str | bytes | None] = {
    "roster with semicolons and byte order mark": ("\ufeff" + ROSTER_HEAD + ROSTER_ROW).replace(",", ";"),
    "roster twice": ROSTER_HEAD + "police,,police,,2026-01,,\n",
    "unknown kind of body": ROSTER_HEAD + ROSTER_ROW + "x,Åsas hus,house,01,2026-01,,\n",
    "period that does not exist": ROSTER_HEAD + ROSTER_ROW + "x,Åsas hus,shelter,01,2026-13,,\n",
    "last period before the first": ROSTER_HEAD + ROSTER_ROW + "x,Åsas hus,shelter,01,2026-03,2026-02,\n",
    "entry twice": ROSTER_HEAD + ROSTER_ROW + ROSTER_ROW,
    "cases from an unknown reporter": ROSTER_HEAD + ROSTER_ROW + "x,Åsas hus,shelter,01,2026-01,,ghost\n",
    "row with a cell too many": ROSTER_HEAD + ROSTER_ROW + "x,Åsas hus,shelter,01,2026-01,,,\n",
    "quote that is not closed": ROSTER_HEAD + ROSTER_ROW + 'x,"Åsas hus,shelter,01,2026-01,,\n',
    "unknown column": ROSTER_HEAD.replace("name", "title") + ROSTER_ROW,
    "roster without a required column": ROSTER_HEAD.replace("kind", "every") + ROSTER_ROW,
    "roster in Latin-1": (ROSTER_HEAD + ROSTER_ROW).encode("latin-1"),
    "empty roster file": "",
    "no such roster file": None,
}
BAD_LINES = {"entry twice": 3, "quote that is not closed": 3} | dict.fromkeys(
    ("unknown kind of body", "period that does not exist", "last period before the first"), 3
)
BAD_LINES |= {"cases from an unknown reporter": 3, "row with a cell too many": 3}


def test_the_document_names_the_cases_of_the_roster():
    assert set(ROSTER) == set(ROSTERS)


@pytest.mark.whole
@pytest.mark.parametrize("name", ROSTERS)
def test_import_a_roster(name: str, centre: Centre):
    registry = Registry.open("registry")
    registry.roster.set("police", kind="police", from_period="2026-01")
    before, content = registry.roster.entries(), ROSTERS[name]
    if content is not None:
        _written(centre.folder / "roster.csv", content.encode() if isinstance(content, str) else content)
    with pytest.raises(SystemExit) as ended:
        linkage_main(["roster", "import", "registry", "roster.csv"])
    shown = "".join(centre.capture.readouterr())
    assert int(ended.value.code or 0) == ROSTER[name]
    if ROSTER[name]:
        assert registry.roster.entries() == before
        assert "(roster." in shown
        assert (f"line {BAD_LINES.get(name)}:" in shown) == (name in BAD_LINES)
        assert "sas" not in shown
    else:
        assert ("1 unchanged." in shown) == (name == "roster twice")
        assert len(registry.roster.entries()) == (1 if name == "roster twice" else 2)
    assert "Traceback" not in shown
