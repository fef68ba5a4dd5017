"""The configuration file: what it sets, that options win, how it is written, and what is wrong with it."""

from __future__ import annotations

import json
import tomllib
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pseudonym.cli.config import Members, read_config
from pseudonym.cli.config_text import toml_text, write_document
from pseudonym.codebook import load_codebook, select_items
from pseudonym.errors import ConfigError
from pseudonym.profile import load_profile
from pseudonym.wire import read_any_header, read_submission
from tests.unit.pseudonym.commands import shown
from tests.unit.pseudonym.workbooks import workbook

TABLE = """\
Löpnr;Personnummer;Namn A;Namn B;Läge;Fritt
a-1;20110713-9980;Annabella;Oxenstierna;Bortförd utomlands;x
a-2;;Bogdan;Zvonimirovic;taken;x
"""

CONFIG = """\
# How our file is read.
reporter = "police"
key = "keys/linkage.key"
codebook = "books/own.json"
encoding = "utf-8"
delimiter = ";"

[columns]
record_id = "Löpnr"
given_names = "Namn A"
family_names = "Namn B"
state = "Läge"

[defaults]
role = "victim"
municipality = "Stockholms stad"
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a table, a key, a codebook and a configuration in a folder of its own, in which commands run."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "cases.csv").write_text(TABLE, encoding="utf-8")
    (tmp_path / "body" / "keys").mkdir(parents=True)
    (tmp_path / "body" / "books").mkdir()
    book = select_items(load_codebook("case-registry"), ["state", "municipality", "purpose"], name="own", version="1")
    (tmp_path / "body" / "books" / "own.json").write_text(book.to_json(), encoding="utf-8")
    (tmp_path / "body" / "body.toml").write_text(CONFIG, encoding="utf-8")
    return tmp_path


@pytest.fixture
def run(folder: Path, capsys: pytest.CaptureFixture[str]) -> Any:
    """Run a command and give its status and what it printed."""
    command = partial(shown, capsys)
    assert command("keygen", "body/keys/linkage.key", "--project", "test")[0] == 0
    return command


def cases(path: str = "out.parquet") -> list[tuple[Any, ...]]:
    """Return role, municipality and state of each record, sorted."""
    book = load_codebook("body/books/own.json")
    table = read_submission(path, profile=load_profile("case-registry"), codebook=book).cases
    names = ("role", "payload.municipality", "payload.state")
    return sorted(zip(*(table[name].to_pylist() for name in names), strict=True))


def test_a_short_command(run: Any) -> None:
    status, printed = run(
        "encode", "cases.csv", "--config", "body/body.toml", "--period", "2026-03", "--out", "out.parquet"
    )
    assert status == 0, printed
    header = read_any_header("out.parquet")
    assert (header.reporter, header.period, header.codebook.name) == ("police", "2026-03", "own")
    assert cases() == [("victim", "0180", "taken")] * 2
    assert "The same in every record, by default: role, municipality." in printed
    assert "personnummer as number" in printed.lower()


def test_options_win(run: Any) -> None:
    own = ("--reporter", "school", "--codebook", "case-registry", "--column", "given_names=Namn B")
    own += ("--column", "family_names=Namn A")
    status, _ = run("encode", "cases.csv", *own, "--config", "body/body.toml", "--out", "out.parquet")
    header = read_any_header("out.parquet")
    assert (status, header.reporter, header.codebook.name) == (0, "school", "case-registry")
    status, printed = run("check", "cases.csv", *own[2:], "--config", "body/body.toml", "--json")
    headers = {column["field"]: column["header"] for column in json.loads(printed)["columns"]}
    assert (headers["given_names"], headers["family_names"], headers["record_id"]) == ("Namn B", "Namn A", "Löpnr")


def test_what_is_missing_in_both_is_asked_for(run: Any, folder: Path) -> None:
    (folder / "body.toml").write_text('reporter = "police"\n', encoding="utf-8")
    status, printed = run("encode", "cases.csv", "--config", "body.toml", "--out", "out.parquet")
    assert status == 2
    assert "--key" in printed


def test_a_default_is_for_fields_without_a_column(run: Any, folder: Path) -> None:
    (folder / "body" / "body.toml").write_text(CONFIG + 'state = "kept"\nstatus = "suspected"\n', encoding="utf-8")
    command = ("cases.csv", "--config", "body/body.toml")
    status, printed = run("encode", *command, "--out", "out.parquet")
    assert (status, cases()) == (0, [("victim", "0180", "taken")] * 2)
    assert "The same in every record, by default: role, municipality, status." in printed
    assert "The input has columns for these, so their defaults are not used: state." in printed
    assert "so their defaults are not used: state." in run("check", *command)[1]


@pytest.mark.parametrize(
    ("member", "rule", "field"),
    [
        ('role = "onlooker"', "config.default", "defaults.role"),
        ('event_date = "3 March"', "config.default", "defaults.event_date"),
        ('municipality = "Annabella"', "config.default", "defaults.municipality"),
        ('state = ""', "config.default", "defaults.state"),
        ('country = "SE"', "config.default_field", "defaults.country"),
        ('given_names = "Annabella"', "config.default_field", "defaults.given_names"),
        ('sex = "woman"', "config.default_field", "defaults.sex"),
        ('case_id = "1"', "config.default_field", "defaults.case_id"),
        ('record_id = "1"', "config.default_field", "defaults.record_id"),
    ],
)
def test_defaults_that_cannot_be(run: Any, folder: Path, member: str, rule: str, field: str) -> None:
    text = CONFIG.split("[defaults]")[0] + f"[defaults]\n{member}\n"
    (folder / "body" / "body.toml").write_text(text, encoding="utf-8")
    for words in (("check", "cases.csv"), ("encode", "cases.csv", "--out", "out.parquet")):
        status, printed = run(*words, "--config", "body/body.toml")
        assert (status, rule in printed, field in printed, "Annabella" in printed) == (5, True, True, False)
    assert not (folder / "out.parquet").exists()


def test_commands_take_only_what_applies_to_them(run: Any, folder: Path) -> None:
    (folder / "counts.csv").write_text("municipality;n\n;12\nStockholm;9\n", encoding="utf-8")
    words = ("--period", "2026-03", "--unit", "person", "--out", "totals.parquet")
    assert run("totals", "counts.csv", "--config", "body/body.toml", *words)[0] == 0
    header = read_any_header("totals.parquet")
    assert (header.reporter, header.codebook.name) == ("police", "own")
    words = ("--record", "a-1", "--out", "withdrawal.parquet")
    assert run("withdraw", "--config", "body/body.toml", *words)[0] == 0
    assert read_any_header("withdrawal.parquet").reporter == "police"


@pytest.mark.parametrize(
    ("text", "rule", "field", "row"),
    [
        (b'reporter = "police"\nkey = linkage.key\n', "config.toml", None, 2),
        (b'reporter = "a"\nreporter = "b"\n', "config.toml", None, 2),
        (b"a = " + b"[" * 100_000, "config.toml", None, None),
        (TABLE.encode(), "config.toml", None, 1),
        ('reporter = "Åsa"'.encode("latin-1"), "config.encoding", None, None),
        (b'colums = "x"\n', "config.unknown_member", "colums", None),
        (b'"Anna Svensson" = "x"\n', "config.unknown_member", None, None),
        (b"reporter = 7\n", "config.form", "reporter", None),
        (b'header_row = "3"\n', "config.form", "header_row", None),
        (b"sheet = true\n", "config.form", "sheet", None),
        (b"header_row = 0\n", "config.form", "header_row", None),
        (b"keep_empty = 1\n", "config.form", "keep_empty", None),
        (b'date_order = "ymd"\n', "config.form", "date_order", None),
        (b'columns = "number"\n', "config.form", "columns", None),
        (b'[columns]\nnumber = ["a", "b"]\n', "config.form", "columns.number", None),
        (b"[defaults]\nmunicipality = 180\n", "config.form", "defaults.municipality", None),
        (b'format = "pseudonym-config/2"\n', "config.form", "format", None),
    ],
)
def test_what_is_wrong_with_a_file_is_named(tmp_path: Path, text: bytes, rule: str, field: str, row: int) -> None:
    path = tmp_path / "body.toml"
    path.write_bytes(text)
    with pytest.raises(ConfigError) as caught:
        read_config(str(path))
    assert (caught.value.rule, caught.value.field, caught.value.exit_status) == (rule, field, 5)
    if row is None or rule != "config.toml":
        assert "Anna" not in f"{caught.value} {caught.value.field}"
    else:
        assert caught.value.row == row


def test_no_file_and_a_folder(tmp_path: Path, run: Any) -> None:
    for path in ("missing.toml", str(tmp_path)):
        status, printed = run("check", "cases.csv", "--config", path)
        assert (status, "config.unreadable" in printed, "--write-config" in printed) == (5, True, True)


def test_a_sheet_by_its_name_or_number(run: Any, folder: Path) -> None:
    rows = [line.split(";") for line in TABLE.splitlines()]
    (folder / "cases.xlsx").write_bytes(workbook(rows))
    for sheet, expected in (("1", 0), ('"1"', 0), ("7", 4), ('"persons"', 0)):
        (folder / "body" / "sheet.toml").write_text(f"sheet = {sheet}\n{CONFIG}", encoding="utf-8")
        text = (folder / "body" / "sheet.toml").read_text(encoding="utf-8").replace('encoding = "utf-8"\n', "")
        (folder / "body" / "sheet.toml").write_text(text.replace('delimiter = ";"\n', ""), encoding="utf-8")
        status, printed = run("check", "cases.xlsx", "--config", "body/sheet.toml")
        assert status == expected, printed


def test_windows_files_are_read(tmp_path: Path) -> None:
    path = tmp_path / "body.toml"
    path.write_bytes(b"\xef\xbb\xbf" + CONFIG.replace("\n", "\r\n").encode())
    assert read_config(str(path)).members.columns["record_id"] == "Löpnr"


def test_check_writes_what_it_understood(run: Any, folder: Path) -> None:
    options = ("--column", "record_id=löpnr", "--column", "given_names=Namn A", "--separator", "|", "--no-derived")
    status, _ = run(
        "check", "cases.csv", *options, "--codebook", "body/books/own.json", "--write-config", "body/new.toml"
    )
    assert status == 0
    text = (folder / "body" / "new.toml").read_text(encoding="utf-8")
    assert tomllib.loads(text) == {
        "format": "pseudonym-config/1",
        "codebook": "books/own.json",
        "separator": "|",
        "derived": False,
        "columns": {"record_id": "löpnr", "number": "Personnummer", "given_names": "Namn A", "state": "Läge"},
        "defaults": {},
    }
    assert '# delimiter = ";"' in text
    (folder / "body" / "new.toml").write_text(
        'reporter = "police"\nkey = "keys/linkage.key"\n' + text, encoding="utf-8"
    )
    status, _ = run("encode", "cases.csv", "--config", "body/new.toml", "--out", "out.parquet")
    assert (status, read_any_header("out.parquet").codebook.name) == (0, "own")


def test_a_written_file_keeps_what_the_given_one_says(run: Any, folder: Path) -> None:
    status, _ = run("check", "cases.csv", "--config", "body/body.toml", "--write-config", "new.toml")
    written = tomllib.loads((folder / "new.toml").read_text(encoding="utf-8"))
    assert status == 0
    assert written["columns"] == tomllib.loads(CONFIG)["columns"] | {"number": "Personnummer"}
    assert written["defaults"] == tomllib.loads(CONFIG)["defaults"]
    assert (written["key"], written["codebook"]) == ("body/keys/linkage.key", "body/books/own.json")
    assert run("encode", "cases.csv", "--config", "new.toml", "--out", "out.parquet")[0] == 0


def test_a_column_that_is_gone_is_not_overlooked(run: Any, folder: Path) -> None:
    (folder / "cases.csv").write_text(TABLE.replace("Läge", "Status"), encoding="utf-8")
    status, printed = run("encode", "cases.csv", "--config", "body/body.toml", "--out", "out.parquet")
    assert (status, "input.column_mapping" in printed, "state" in printed) == (4, True, True)


def test_only_a_configuration_is_replaced(run: Any, folder: Path) -> None:
    (folder / "notes.toml").write_text('title = "Annabella"\n', encoding="utf-8")
    own = ("check", "cases.csv", "--column", "record_id=Löpnr", "--column", "given_names=Namn A", "--write-config")
    assert run(*own, "notes.toml")[0] == 6
    assert run(*own, "cases.csv")[0] == 2
    assert run(*own, "new.toml")[0] == 0
    assert run(*own, "new.toml", "--separator", "|")[0] == 0
    assert read_config("new.toml").members.separator == "|"
    assert run(*own, "new.toml", "--config", "new.toml")[0] == 2
    assert (folder / "notes.toml").read_text(encoding="utf-8") == 'title = "Annabella"\n'
    assert (folder / "cases.csv").read_text(encoding="utf-8") == TABLE


def test_headers_that_may_be_a_person_are_not_written(run: Any, folder: Path) -> None:
    (folder / "persons.csv").write_text("17;Annabella;Oxenstierna\n18;Bo;Ek\n", encoding="utf-8")
    assert run("check", "persons.csv", "--column", "record_id=17", "--write-config", "new.toml")[0] == 4
    assert "Annabella" not in (folder / "new.toml").read_text(encoding="utf-8")


TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)


@given(TEXTS, st.dictionaries(TEXTS, TEXTS, max_size=3))
def test_any_text_is_read_back(text: str, columns: dict[str, str]) -> None:
    assert tomllib.loads(f"x = {toml_text(text)}") == {"x": text}
    members = Members(sheet=text, header_row=3, keep_empty=True, columns=columns, defaults=columns)
    written = tomllib.loads(write_document(members, {"encoding": text, "delimiter": "\n"}))
    assert Members.model_validate(written) == members
