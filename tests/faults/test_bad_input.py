"""Every row of docs/reference/bad-input.md, run through the commands; document and tests name the same cases."""

from __future__ import annotations

import csv
import gzip
import json
import os
import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Literal

import duckdb
import pyarrow.parquet as pq
import pytest

from linkage import Registry
from linkage.cli import main as linkage_main
from linkage.keys import RegistryKey, StatisticsKey
from pseudonym import load_codebook
from pseudonym.cli import main as pseudonym_main
from pseudonym.enrolment import DocumentReference, make_invite
from pseudonym.faults import RULES
from pseudonym.identity.reader.damage import EFFECTS
from pseudonym.identity.rejects import write_rejects
from pseudonym.key_file.text import with_check
from pseudonym.keyed import BodyKey, LinkageKey
from pseudonym.profile import load_profile
from pseudonym.wire import read_totals, read_withdrawal, split_submission
from tests.faults import bombs
from tests.paths import ROOT
from tests.unit.codebooks import book_of
from tests.unit.linkage.helpers import OTHER_KEY_ID, OTHER_PROFILE, PROFILE, Rec, dump, send, take_back, unit_store
from tests.unit.linkage.trust import Keys, invite, new_keys, sealed, write_answer
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
    "row without an identity": (_lines(ANNA, "b-1,,,,,"), ["a-1"], [("", "identity.none")]),
    "row without an identity, kept by option": (_lines(ANNA, "b-1,,,,,"), BOTH, [("", "identity.none")]),
    "row of an unknown person": (
        _lines(ANNA, "b-1,,Ej känd,Okänd,,"),
        BOTH,
        [("given_names", "name.placeholder"), ("family_names", "name.placeholder"), ("", "identity.unknown")],
    ),
    "missing record_id": (_lines(ANNA, "," + BO.split(",", 1)[1]), ["a-1"], [("record_id", "record_id.missing")]),
    "duplicate record_id": (_lines(ANNA, ANNA, BO), BOTH, [("record_id", "record_id.duplicate")]),
    "record_id that is a number": (_lines(ANNA, NUMBER_ROW), ["a-1"], [("record_id", "record_id.number_like")]),
    "record_id that equals a field": (
        _lines(ANNA, "Zvonimirovic,,Bogdan,Zvonimirovic,1989,man"),
        ["a-1"],
        [("record_id", "record_id.is_identity")],
    ),
    "record_id that is a formula": (_lines(ANNA, "=1+1,,Bo,,,"), ["a-1"], [("record_id", "record_id.formula")]),
    "every row rejected": (_lines(NUMBER_ROW), [], [("record_id", "record_id.number_like")]),
    "complete delivery with a rejected row": (_lines(ANNA, NUMBER_ROW), [], [("record_id", "record_id.number_like")]),
    "complete delivery with a row without an identity": (_lines(ANNA, "b-1,,,,,"), [], [("", "identity.none")]),
    "complete delivery with a footer": (_lines(ANNA, BO, "Summa,,,2,,"), BOTH, [("", "row.footer")]),
    "Latin-1 file": (_lines(ANNA, "c-1,,Åsa,Öberg,,").encode("latin-1"), ["a-1", "c-1"], []),
    "Mac Roman file": ("record_id,förnamn\na-1,Göran\nc-1,Åsa\n".encode("mac-roman"), ["a-1", "c-1"], []),
    "file of a Macintosh with one word that shows it": (_lines("c-1,,Göran,,,").encode("mac-roman"), [], []),
    "file in the Swedish seven-bit alphabet": ("record_id,f|rnamn\na-1,G|ran\nc-1,]sa\n", ["a-1", "c-1"], []),
    "header with a letter lost": ("record_id,efternamn,f?rnamn\na-1,Ek,Anna\n", ["a-1"], []),
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
    "title above the header": ("Report of March\n\n" + _lines(ANNA), ["a-1"], []),
    "title above a header without record_id": ("Report\n" + _lines(ANNA).replace("record_id", "Annabella"), [], []),
    "record above the header": (f"{ANNA}\n" + _lines(BO), [], []),
    "header in two rows": (
        "record_id,Annabella,,\n,number,given_names,family_names\na-1,20110713-9980,Annabella,Oxenstierna\n",
        [],
        [],
    ),
    "columns of a fixed width": (
        "record_id   given_names   family_names\na-1         Annabella     Oxenstierna\n",
        [],
        [],
    ),
    "web page or JSON in place of a table": ("<html><table><tr><td>record_id</td><td>given_names</td></tr>\n", [], []),
    "two columns of one field": ("record_id,given_names,given_names\na-1,Annabella,Annabella\n", [], []),
    "birth date in three columns": (
        "record_id,F\u00f6delse\u00e5r,F\u00f6delsem\u00e5nad,F\u00f6delsedag\na-1,2011,7,13\nb-1,1989,,\n",
        BOTH,
        [],
    ),
    "two headers with different columns": (_lines(ANNA, "record_id,sex,birth_date,role,status,x"), [], []),
    "header row that does not exist": (_lines(ANNA), [], []),
    "header again among the rows": (_lines(ANNA, HEADER, BO), BOTH, [("", "row.header_again")]),
    "line of dashes under the header": (_lines("---,---,---,---,---,---", ANNA, BO), BOTH, [("", "row.rule")]),
    "footer with a total": (_lines(ANNA, "Summa,,Bo,,,", "Summa,,,2,,"), ["Summa", "a-1"], [("", "row.footer")]),
    "footer of a database": (_lines(ANNA, BO) + "\n(2 rows affected)\n", BOTH, [("", "row.footer")]),
    "blank cells beyond the header": (_lines(ANNA + ",", BO + ","), BOTH, []),
    "blank cells beyond the header in one row": (
        _lines(ANNA + ",", BO, BO.replace("b", "c", 1)),
        [*BOTH, "c-1"],
        [("", "row.spare_cells")],
    ),
    "lines in quotation marks as a whole": ("".join(f'"{row}"\n' for row in (HEADER, ANNA, BO)), BOTH, []),
    "whole names in one column": (
        'record_id,names\na-1,"Oxenstierna, Annabella"\nb-1,Bogdan Zvonimirovic\n',
        BOTH,
        [("names", "names.order")],
    ),
    "too many columns in a row": (_lines(ANNA, "c-1,,,,,,,x", BO), BOTH, [("", "row.columns")]),
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
    "labels in place of codes": (
        "record_id,given_names,municipality,state,purpose\nc-1,Anna,Stockholms kommun,Bortford utomlands,"
        '"Barnäktenskap, Könsstympning"\n',
        ["c-1"],
        [(item, "codebook.label") for item in ("municipality", "purpose", "state")],
    ),
    "age in years in place of the code of a band": (
        "record_id,given_names,age_at_event\nc-1,Anna,40\n",
        ["c-1"],
        [("age_at_event", "codebook.age_band")],
    ),
    "group in place of a code": (
        "record_id,given_names,municipality\nc-1,Anna,Stockholms län\n",
        ["c-1"],
        [("municipality", "codebook.group")],
    ),
    "code for an age that contradicts the birth date": (
        "record_id,given_names,birth_date,event_date,age_at_event\nc-1,Anna,2010-05-17,2026-05-17,13-15\n",
        ["c-1"],
        [("age_at_event", "codebook.age_contradicts")],
    ),
    "closed as a status": ("record_id,given_names,status\nc-1,Anna,Closed\n", ["c-1"], []),
    "wrong check digit": (_lines("c-1,20110713-9981,,,,"), ["c-1"], [("number", "number.invalid")]),
    "event before the birth": (
        "record_id,given_names,birth_date,event_date\nc-1,Annabella,2011-07-13,2010-12-31\n",
        ["c-1"],
        [("event_date", "event_date.before_birth")],
    ),
    "event in the future": (
        "record_id,given_names,event_date\nc-1,Anna,2962-03-14\n",
        ["c-1"],
        [("event_date", "date.future")],
    ),
    "birth in the future": (_lines("c-1,,Anna,,2092-03-14,"), ["c-1"], [("birth_date", "birth_date.future")]),
    "number of the other sex": (
        _lines("c-1,20110713-9980,Anna,,2011-07-13,man"),
        ["c-1"],
        [("number", "number.contradicts_sex")],
    ),
    "number for no case": (
        "record_id,given_names,case_id\nc-1,Anna,1042\nc-2,Bo,9999\nc-3,Cia,9999\n",
        ["c-1", "c-2", "c-3"],
        [("case_id", "value.placeholder")] * 2,
    ),
    "family name beside the name": (
        _lines('c-1,,Anna,"Ek, f. Holm",,'),
        ["c-1"],
        [("family_names", "names.former")],
    ),
    "date beside the name": (
        _lines("c-1,,Anna (f. 110713),Ek,2011-07-13,"),
        ["c-1"],
        [("given_names", "names.digits")],
    ),
    "number of another birth date": (
        _lines("c-1,20110713-9980,,,1961-02-03,"),
        ["c-1"],
        [("number", "number.contradicts_birth_date")],
    ),
    "birth date in place of a number": (_lines("c-1,110713-****,Anna,,,"), ["c-1"], [("number", "number.placeholder")]),
    "nothing known of a person": (
        _lines("c-1,,Okänd pojke,Okänd,2011,"),
        ["c-1"],
        [("given_names", "name.placeholder"), ("family_names", "name.placeholder"), ("", "identity.unknown")],
    ),
    "words of a Swedish system": (
        "record_id,given_names,sex,role,status\nc-1,Anna,Flicka,Målsägande,misstänkt\n",
        ["c-1"],
        [],
    ),
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
    "number shown as an amount with all of its digits": (
        _lines('c-1,"2,01107139980E+11",Anna,,,'),
        ["c-1"],
        [("number", "damage.exponent_restored")],
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
    "midnight in Sweden written in UTC": (
        _lines("c-1,,Anna,,1988-03-26T23:00:00Z,"),
        ["c-1"],
        [("birth_date", "date.time_zone")],
    ),
    "time that may be midnight elsewhere": (
        _lines("c-1,,Anna,,1988-01-26T22:00:00Z,"),
        ["c-1"],
        [("birth_date", "date.time_unclear")],
    ),
    "year with two digits": (_lines("c-1,,Anna,,080305,"), ["c-1"], [("birth_date", "date.two_digit_year")]),
    "name of exactly 255 characters": (
        _lines(f"c-1,,{'Annabell ' * 28}Eva,,,"),
        ["c-1"],
        [("given_names", "damage.cut")],
    ),
    "NULL in place of a value": (
        "record_id,given_names,case_id\na-1,Anna,NULL\n",
        ["a-1"],
        [("case_id", "value.placeholder")],
    ),
    "NULL in place of a record_id": (_lines(ANNA, "NULL,,Bo,,,"), ["a-1"], [("record_id", "record_id.missing")]),
    "ids that differ in invisible characters": (
        _lines("17,,Anna,,,", "17\u200b,,Bo,,,", "\uff11\uff17,,Cy,,,"),
        ["17"],
        [("record_id", "record_id.duplicate")] * 2,
    ),
    "record_id that became a date": (
        workbook([HEADER.split(","), ("3-12", *NO_NAME), (("style 1", 46359), *NO_NAME)]),
        ["3-12"],
        [("record_id", "damage.id")],
    ),
    "record_ids with decimals": (
        _lines("1.0,,Anna,,,", "2.0,,Bo,,,"),
        ["1", "2"],
        [("record_id", "damage.decimals")] * 2,
    ),
    "letters written as codes": (_lines("c-1,,Bj&ouml;rn,,,"), ["c-1"], [("given_names", "damage.escaped")]),
    "name with letters lost": (_lines("c-1,,Bj?rn,,,"), ["c-1"], [("given_names", "damage.letters")]),
    "spreadsheet error in place of a value": (_lines("c-1,#SAKNAS!,Anna,,,"), ["c-1"], [("number", "damage.error")]),
    "code of the codebook without its zero": (
        "record_id,given_names,municipality\nc-1,Anna,180\n",
        ["c-1"],
        [("municipality", "damage.zero_restored")],
    ),
    "workbook": (workbook([HEADER.split(","), ANNA.split(","), BO.split(",")]), BOTH, []),
    "workbook with its records on the second sheet": (
        workbook([("Report", "Annabella")], others=[("Oxenstierna", "visible", [HEADER.split(","), ANNA.split(",")])]),
        ["a-1"],
        [],
    ),
    "workbook with records on two sheets": (
        workbook(
            [HEADER.split(","), ANNA.split(",")],
            others=[("Oxenstierna", "visible", [HEADER.split(","), BO.split(",")])],
        ),
        [],
        [],
    ),
    "sheet that is not in the workbook": (
        workbook([HEADER.split(","), ANNA.split(",")], others=[("Oxenstierna", "visible", [("x",)])]),
        [],
        [],
    ),
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

OPTIONS = {
    "row without an identity, kept by option": ["--keep-empty"],
    "header row that does not exist": ["--header-row", "9"],
    "sheet that is not in the workbook": ["--sheet", "Annabella"],
}
"""The options of some of them."""

CIRCUMSTANCES: dict[str, Callable[[Reporter], None]] = {
    "no such file": lambda reporter: setattr(reporter, "name", "missing.csv"),
    "sheet chosen in a text file": lambda reporter: reporter.options.extend(["--sheet", "Persons"]),
    "separator that is also the delimiter": lambda reporter: reporter.options.extend(["--separator", ","]),
    "complete delivery without a period": lambda reporter: reporter.options.append("--complete"),
    "no such key": lambda reporter: setattr(reporter, "key", "missing"),
    "damaged key": lambda reporter: _damage_key(reporter),
    "linkage key in place of the body key": lambda reporter: reporter.options.extend(["--body-key", "key"]),
    "wrapped key with another pass phrase": lambda reporter: _wrap_key(reporter),
    "wrapped key that asks for terabytes of memory": lambda reporter: _wrap_key(reporter, memory="4294967295"),
    "no such profile": lambda reporter: reporter.options.extend(["--profile", "missing"]),
    "invite without a key that signs": lambda reporter: _invite(reporter, "police", sign=False),
    "no such invite": lambda reporter: _invite(reporter, None),
    "invite that was edited": lambda reporter: _invite(
        reporter, "police", edit=lambda text: text.replace(b"police", b"school")
    ),
    "invite for another reporter": lambda reporter: _invite(reporter, "school"),
    "invite of a registry with another profile": lambda reporter: _invite(reporter, "police"),
    "no such configuration": lambda reporter: reporter.options.extend(["--config", "missing.toml"]),
    "configuration that is not TOML": lambda reporter: _configure(reporter, "reporter = Annabella"),
    "configuration with an unknown member": lambda reporter: _configure(reporter, 'reporters = "Annabella"'),
    "default that is no value of its field": lambda reporter: _configure(reporter, '[defaults]\nrole = "Annabella"'),
    "configuration with a column that the file does not have": lambda reporter: _configure(
        reporter, '[columns]\nnumber = "Annabella"'
    ),
    "profile with a member out of range": lambda reporter: _own_profile(reporter),
    "output over the input": lambda reporter: setattr(reporter, "out", "in.csv"),
    "output in a missing folder": lambda reporter: setattr(reporter, "out", "missing/out.parquet"),
    "output with the name of another format": lambda reporter: setattr(reporter, "out", "out.xlsx"),
    "list of rejects with the name of a workbook": lambda reporter: reporter.options.extend(["--rejects", "r.xlsx"]),
}


def _configure(reporter: Reporter, text: str) -> None:
    (reporter.folder / "body.toml").write_text(text, encoding="utf-8")
    reporter.options += ["--config", "body.toml"]


def _invite(
    reporter: Reporter,
    invited: str | None,
    *,
    edit: Callable[[bytes], bytes] = lambda text: text,
    sign: bool = True,
) -> None:
    """Seal for the units of an invite, whose profile is not the one of the submission."""
    BodyKey.generate().save(reporter.folder / "body.key")
    if invited is not None:
        profile = DocumentReference(name="other", version="1", digest="0" * 64)
        made = make_invite(invited, keys=(RegistryKey.generate(), StatisticsKey.generate()), profile=profile)
        (reporter.folder / "invite.json").write_bytes(edit(made.canonical()))
    reporter.options += ["--to", "invite.json", *(["--body-key", "body.key"] if sign else [])]


def _damage_key(reporter: Reporter) -> None:
    text = (reporter.folder / "key").read_text()
    (reporter.folder / "key").write_text(text[:-4] + "0000\n")


def _wrap_key(reporter: Reporter, *, memory: str = "65536") -> None:
    """Put the key under a pass phrase, and give another one."""
    LinkageKey.load("key").save("wrapped", passphrase="nine lazy owls hoot")
    line = Path("wrapped").read_text(encoding="utf-8").splitlines()[-1].rpartition(".")[0]
    Path("wrapped").write_text(with_check(line.replace(".65536.", f".{memory}.")), encoding="utf-8")
    read_end, write_end = os.pipe()
    os.write(write_end, b"another pass phrase")
    os.close(write_end)
    reporter.key = "wrapped"
    reporter.options += ["--passphrase-fd", str(read_end)]


def _own_profile(reporter: Reporter) -> None:
    document = json.loads(load_profile("case-registry").to_json()) | {"name": "own", "version": 0}
    (reporter.folder / "own.json").write_text(json.dumps(document), encoding="utf-8")
    reporter.options.extend(["--profile", "own.json"])


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
    reporter.options += OPTIONS.get(name, [])
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
    "label in place of a code": ("municipality;n\n;12\nStockholms stad;9\n", []),
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


@pytest.mark.whole
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
        assert ("codebook.label" in reporter.stdout) == ("label" in name)
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
    "case file": lambda path: _written(path, f"{HEADER}\n{ANNA}\n".encode()),
    "linkage key": lambda path: LinkageKey.generate().save(path),
    "rejects file in place of a submission": lambda path: write_rejects(path, []),
    "workbook": lambda path: _written(path, workbook([["municipality", "n"], ["0180", "9"]])),
    "archive of submissions": lambda path: _written(path, gzip.compress(b"PAR1")),
    "folder in place of a submission": lambda path: path.mkdir(),
    "no such file": lambda path: None,
    "new reporter, known but for capitals": lambda path: send(path, "Police", 1, TWO),
    "file that would unpack to gigabytes": bombs.long_text_in_dictionary,
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


def _copies(centre: Centre) -> int:
    send(centre.folder / "second", "school", 1, [Rec(f"y-{n}", 9) for n in range(21)])
    status = centre.receive("second")
    assert "Warning: Many codes have match keys that more than 20 records of the file share" in centre.stdout
    assert len(centre.records()) == len(FIRST) + 21
    return status


def _broken_record(centre: Centre) -> int:
    send(centre.folder / "second", "school", 1, [Rec("y-1", 1), Rec("y-2", 2, values={"role": "onlooker"})])
    status = centre.receive("second")
    assert centre.records() == [*FIRST, ("school", "y-1", 1)]
    assert dump(Registry.open("registry"), "SELECT record_id, rule FROM quarantine") == [("y-2", "role.unknown")]
    return status


def _day_without_a_reason(centre: Centre) -> int:
    send(centre.folder / "second", "school", 1, [Rec("y-1", 1), Rec("y-2", 2, values={"event_date": "2026-03-01"})])
    status = centre.receive("second")
    assert centre.records() == [*FIRST, ("school", "y-1", 1)]
    assert dump(Registry.open("registry"), "SELECT record_id, rule FROM quarantine") == [("y-2", "event_date.day")]
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


def _in_one_file(centre: Centre) -> int:
    with duckdb.connect("older") as connection:
        connection.execute("CREATE TABLE meta AS SELECT 'format' AS key, 'linkage-registry/5' AS value")
    before = Path("older").read_bytes()
    centre.registry = "older"
    status = centre.receive("first")
    assert "(registry.older)" in centre.stderr
    assert Path("older").read_bytes() == before
    return status


def _file_of_a_unit(centre: Centre) -> int:
    centre.registry = "registry/statistics.duckdb"
    before = centre.state()
    status = centre.receive("first")
    assert "(registry.unit_file)" in centre.stderr
    assert centre.state() == before
    return status


def _missing_unit(centre: Centre) -> int:
    Path("registry/linkage.duckdb").unlink()
    status = centre.receive("first")
    assert "(registry.missing)" in centre.stderr
    assert [path.name for path in Path("registry").iterdir()] == ["statistics.duckdb"]
    return status


def _alone(centre: Centre, unit: Literal["linkage", "statistics"], file: str, rule: str) -> int:
    Registry.create("alone", profile=PROFILE, unit=unit)
    split_submission("first", codes="codes", cases="cases", profile=PROFILE, codebook=None)
    centre.registry = "alone"
    status = centre.receive(file)
    assert f"({rule})" in centre.stderr
    with unit_store("alone", unit).session(write=False) as session:
        assert session.rows("SELECT count(*) FROM records") == [(0,)]
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


def _waits(centre: Centre, rule: str, *words: str) -> int:
    """Receive the file `second`, which is held back by a rule; return the status."""
    before = centre.state()
    status = centre.receive("second", *words)
    assert centre.state() == before
    assert f"({rule})" in " ".join(centre.stderr.split())
    assert [one.rule for one in Registry.open("registry").held.files()] == [rule]
    return status


def _far_sequence(centre: Centre, sequence: int, *words: str) -> int:
    send(centre.folder / "second", "police", sequence, TWO)
    return _waits(centre, "submission.sequence_ahead", *words)


def _time_to_come(centre: Centre) -> int:
    send(centre.folder / "second", "school", 4_000_000_000_000, [Rec("y-1", 1)])
    return _waits(centre, "submission.sequence_ahead")


def _behind(centre: Centre) -> int:
    send(centre.folder / "third", "school", 1_772_000_000_000, [Rec("y-1", 1)])
    centre.receive("third")
    send(centre.folder / "second", "school", 2, [Rec("y-1", 2)])
    return _waits(centre, "submission.sequence_behind")


def _far_sequence_accepted(centre: Centre) -> int:
    _far_sequence(centre, 1_772_000_000_000)
    status = centre.receive("second", "--accept-sequence")
    assert [row[-1] for row in centre.records()] == [1_772_000_000_000] * 2
    assert Registry.open("registry").held.files() == []
    return status


def _replaces_most(centre: Centre) -> int:
    send(centre.folder / "third", "school", 1, [Rec(f"y-{i}", i) for i in range(20)])
    centre.receive("third")
    send(centre.folder / "second", "school", 2, [Rec(f"y-{i}", i + 9) for i in range(11)])
    status = _waits(centre, "submission.replaces_most")
    assert "It would change 11 of 20 records." in centre.stderr
    return status


def _replaces_most_accepted(centre: Centre) -> int:
    _replaces_most(centre)
    status = centre.receive("second", "--accept-replacements")
    assert "11 superseding an older version" in centre.stdout
    return status


def _enrolled(reporter: str = "police") -> BodyKey:
    key = BodyKey.generate()
    Registry.open("registry").enrolments.enrol(reporter, key.public, fingerprint=key.public.spoken)
    return key


def _seal(centre: Centre, signer: BodyKey, reporter: str = "police", keys: Keys | None = None) -> Path:
    """Seal a submission, by default for the units of the registry, and return its path, `second`."""
    own = RegistryKey.load("registry.key"), StatisticsKey.load("registry.statistics.key")
    source = send(centre.folder / "open", reporter, 2, [Rec("x-1", 1, flips=(1, 2))])
    return sealed(source, signer, keys or own).rename(centre.folder / "second")


def _sender_refused(centre: Centre, rule: str) -> int:
    before = centre.state()
    status = centre.receive("second")
    assert centre.state() == before
    assert f"({rule})" in " ".join(centre.stderr.split())
    return status


def _sealed(centre: Centre) -> int:
    _seal(centre, _enrolled())
    status = centre.receive("second")
    assert "Signed by its reporter." in centre.stdout
    assert centre.records() == [("police", "x-1", 2), ("police", "x-2", 1)]
    return status


def _open_of_enrolled(centre: Centre) -> int:
    _enrolled()
    send(centre.folder / "second", "police", 2, TWO)
    return _sender_refused(centre, "sender.unsigned")


def _open_where_all_sign(centre: Centre) -> int:
    Registry.open("registry").enrolments.set_policy(enrolled_only=True)
    send(centre.folder / "second", "police", 2, TWO)
    return _sender_refused(centre, "sender.enrolled_only")


def _of_somebody(centre: Centre, rule: str) -> int:
    _enrolled()
    _seal(centre, BodyKey.generate(), "police" if rule == "sender.key" else "stranger")
    return _sender_refused(centre, rule)


def _with_an_ended_key(centre: Centre, act: str, rule: str) -> int:
    _seal(centre, _enrolled())
    enrolments, new = Registry.open("registry").enrolments, BodyKey.generate().public
    if act == "replace":
        enrolments.replace("police", new, fingerprint=new.spoken)
    else:
        getattr(enrolments, act)("police")
    return _sender_refused(centre, rule)


def _for_another_registry(centre: Centre) -> int:
    _seal(centre, _enrolled(), keys=new_keys())
    return _sender_refused(centre, "sealed.recipient")


def _altered_sealed(centre: Centre, *, header: bool, rule: str) -> int:
    path = _seal(centre, _enrolled())
    data = path.read_bytes()
    changed = data.replace(b'"sequence":2,', b'"sequence":3,') if header else data[:-1] + bytes([data[-1] ^ 1])
    assert changed != data
    path.write_bytes(changed)
    return _sender_refused(centre, rule)


def _receipt_over_another_file(centre: Centre) -> int:
    send(centre.folder / "second", "school", 1, [Rec("y-1", 1)])
    (centre.folder / "receipts").mkdir()
    other = _written(centre.folder / "receipts" / "receipt-school-1.txt", b"something of value\n")
    status = centre.receive("second", "--receipts", "receipts")
    assert "(export.exists)" in centre.stderr
    assert other.read_bytes() == b"something of value\n"
    assert centre.records() == [*FIRST, ("school", "y-1", 1)]
    return status


def _nothing_under_another_codebook(centre: Centre) -> int:
    send(centre.folder / "second", "police", 2, codebook=load_codebook(BOOK), period="2026-04")
    status = centre.receive("second")
    assert centre.records() == FIRST
    assert "nothing to report; recorded for coverage" in centre.stdout
    return status


def _period_to_come(centre: Centre) -> int:
    send(centre.folder / "second", "school", 1, [Rec("y-1", 1)], period="2062-03")
    status = centre.receive("second")
    assert "Warning: The period of this file has not begun yet" in centre.stdout
    return status


def _accepted_reporter(centre: Centre) -> int:
    send(centre.folder / "second", "Police", 1, [Rec("y-1", 1)])
    centre.receive("second")
    assert "The file says Police; the registry knows police." in centre.stderr
    assert "--accept-reporter CODE" in centre.stderr
    status = centre.receive("second", "--accept-reporter", "Police")
    assert centre.records() == sorted([*FIRST, ("Police", "y-1", 1)])
    return status


def _reporter_with_a_slip(centre: Centre) -> int:
    send(centre.folder / "second", "polixe", 1, [Rec("y-1", 1)])
    status = centre.receive("second", "--json")
    assert json.loads(centre.stdout)[0]["near_reporter"] == "police"
    centre.receive("second")
    assert centre.records() == [*FIRST, ("polixe", "y-1", 1)]
    return status


def _damaged_registry(centre: Centre) -> int:
    path = centre.folder / "registry" / "statistics.duckdb"
    path.write_bytes(path.read_bytes()[:100_000])
    status = centre.receive("first")
    assert "The registry file is damaged" in centre.stderr
    assert "Restore the backup" in centre.stderr
    return status


DELIVERIES: dict[str, Callable[[Centre], int]] = {
    "nothing to report, under another codebook": _nothing_under_another_codebook,
    "period that has not begun": _period_to_come,
    "new reporter, known but for capitals, accepted": _accepted_reporter,
    "new reporter, known but for a letter": _reporter_with_a_slip,
    "registry that is damaged": _damaged_registry,
    "reporter that is not on the roster": lambda centre: _held_back(
        centre, lambda path: send(path, "stranger", 1, TWO)
    ),
    "withdrawal of a reporter that is not on the roster": lambda centre: _held_back(
        centre, lambda path: take_back(path, "stranger", 1, records=["x-1"])
    ),
    "period after the reporter left the roster": lambda centre: _held_back(
        centre, lambda path: send(path, "police", 2, TWO, period="2026-04"), until="2026-03"
    ),
    "sequence far beyond the last one": lambda centre: _far_sequence(centre, 1_772_000_000_000),
    "highest sequence that there is": lambda centre: _far_sequence(centre, (1 << 53) - 1, "--accept-sequence"),
    "sequence that is a time to come": _time_to_come,
    "sequence far before the last one": _behind,
    "sequence far beyond the last one, accepted": _far_sequence_accepted,
    "delivery that changes most identities": _replaces_most,
    "delivery that changes most identities, accepted": _replaces_most_accepted,
    "sealed file of an enrolled reporter": _sealed,
    "open file in the name of an enrolled reporter": _open_of_enrolled,
    "open file where only signed ones are accepted": _open_where_all_sign,
    "sealed file of a reporter that is not enrolled": lambda centre: _of_somebody(centre, "sender.unknown"),
    "sealed file with a key that is not enrolled": lambda centre: _of_somebody(centre, "sender.key"),
    "sealed file of a suspended reporter": lambda centre: _with_an_ended_key(centre, "suspend", "sender.suspended"),
    "sealed file with a replaced key": lambda centre: _with_an_ended_key(centre, "replace", "sender.replaced"),
    "sealed file with a revoked key": lambda centre: _with_an_ended_key(centre, "revoke", "sender.revoked"),
    "sealed file for another registry": _for_another_registry,
    "sealed file with an altered header": lambda centre: _altered_sealed(centre, header=True, rule="sealed.signature"),
    "sealed file with an altered part": lambda centre: _altered_sealed(centre, header=False, rule="sealed.digest"),
    "receipt over another file": _receipt_over_another_file,
    "same submission twice": _same_twice,
    "same content, new sequence": _same_content,
    "new content, new sequence": _new_content,
    "new content, lower sequence": _lower_sequence,
    "one good and one bad file": _good_and_bad,
    "record that breaks a rule": _broken_record,
    "date to the day without a reason in the codebook": _day_without_a_reason,
    "records that are in the file many times": _copies,
    "withdrawal": _withdrawal,
    "withdrawal that names unknown ids": _withdrawal_of_unknown,
    "totals": _totals,
    "totals of which a newer version is there": _superseded_totals,
    "totals older than a withdrawal": _totals_older_than_a_withdrawal,
    "submission older than a withdrawal": _older_than_a_withdrawal,
    "submission older than a complete one for its period": _older_than_a_complete_one,
    "no such registry": _no_registry,
    "file that is not a registry": _not_a_registry,
    "registry in a single file, of an older version": _in_one_file,
    "file of one unit in place of the registry": _file_of_a_unit,
    "registry without the file of one unit": _missing_unit,
    "whole submission at a linkage unit on its own": lambda centre: _alone(
        centre, "linkage", "first", "submission.whole"
    ),
    "whole submission at a statistics unit on its own": lambda centre: _alone(
        centre, "statistics", "first", "submission.whole"
    ),
    "part with cases at a linkage unit": lambda centre: _alone(centre, "linkage", "cases", "submission.unit"),
    "part with codes at a statistics unit": lambda centre: _alone(centre, "statistics", "codes", "submission.unit"),
}


def test_the_document_names_the_cases_of_receive():
    assert set(RECEIVE) == {*SUBMISSIONS, *DELIVERIES}


@pytest.mark.whole
@pytest.mark.parametrize("name", DELIVERIES)
def test_receive(name: str, centre: Centre):
    assert DELIVERIES[name](centre) == RECEIVE[name]
    assert "Traceback" not in centre.stdout + centre.stderr


ENROL = {name: (int(status), kept) for name, status, kept in _rows("linkage enrol")}

_SAID = "--fingerprint", "SPOKEN"
ANSWERS: dict[str, tuple[str, ...]] = {
    "answer with the right fingerprint": ("answer", *_SAID),
    "answer with another fingerprint": ("answer", "--fingerprint", "12345"),
    "answer without a fingerprint and without a terminal": ("answer",),
    "answer that was altered": ("altered", *_SAID),
    "answer to another invite": ("answer", "--invite", "other-invite", *_SAID),
    "answer to an invite of another registry": ("strange", *_SAID),
    "answer of a reporter that is enrolled": ("of-police", *_SAID),
    "answer with the key of another reporter": ("same-key", *_SAID),
    "file that is no answer": ("first", *_SAID),
    "no such answer": ("missing", *_SAID),
}


def test_the_document_names_the_cases_of_enrolment():
    assert set(ENROL) == set(ANSWERS)


@pytest.mark.whole
def test_enrol(centre: Centre):
    police, school = _enrolled(), BodyKey.generate()
    enrolments, invites = Registry.open("registry").enrolments, Registry.open("registry").invites
    answer = write_answer(centre.folder / "answer", "school", school, invites.make("school"))
    _written(centre.folder / "altered", answer.read_bytes().replace(b'"school"', b'"schoo1"'))
    write_answer(centre.folder / "of-police", "police", school, invites.make("police"))
    write_answer(centre.folder / "same-key", "shelter", police, invites.make("shelter"))
    write_answer(centre.folder / "strange", "school", school)
    _written(centre.folder / "other-invite", invite("school").canonical())
    for name in sorted(ANSWERS, key=lambda one: ENROL[one][0], reverse=True):
        spoken = police.public.spoken if ANSWERS[name][0] == "same-key" else school.public.spoken
        words = [spoken if word == "SPOKEN" else word for word in ANSWERS[name]]
        with pytest.raises(SystemExit) as ended:
            linkage_main(["enrol", "registry", *words])
        said = " ".join("".join(centre.capture.readouterr()).split())
        status, kept = ENROL[name]
        assert int(ended.value.code or 0) == status, name
        assert all(f"({rule})" in said for rule in re.findall(r"\(`(.+?)`\)", kept)), (name, said)
        assert len(enrolments.keys()) == (1 if status else 2)


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
