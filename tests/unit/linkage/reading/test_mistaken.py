"""Files that were given for submissions: what each is, and what to do about it, without a word of what is in it."""

from __future__ import annotations

import gzip
import zipfile
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from linkage.errors import RefusedError
from linkage.keys import RegistryKey
from linkage.pipeline import Registry
from linkage.reading.mistaken import is_identity, mistaken
from pseudonym.faults import Fault
from pseudonym.identity.reader.fields import ALIASES, NAME_FIELDS
from pseudonym.identity.rejects import write_rejects
from pseudonym.keyed import LinkageKey
from tests.unit.linkage.helpers import PROFILE, crowd, registry_bytes, send
from tests.unit.pseudonym.workbooks import workbook

SECRETS = ("Annabella", "Oxenstierna", "20110713", "9980")
CASES = "record_id;personnummer;förnamn;efternamn\n1;20110713-9980;Annabella;Oxenstierna\n"


def _key(path: Path) -> None:
    LinkageKey.generate(project="x").save(path)


def _parquet(path: Path, *columns: str) -> None:
    pq.write_table(pa.table({column: ["Annabella"] for column in columns}), path)


def _zip(path: Path, *members: str) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        for member in members:
            archive.writestr(member, "20110713-9980")


FILES = {
    "case file": ("case_file", lambda path: path.write_text(CASES, encoding="utf-8")),
    "case file in cp1252": ("case_file", lambda path: path.write_bytes(CASES.encode("cp1252"))),
    "case file in UTF-16": ("case_file", lambda path: path.write_bytes(CASES.encode("utf-16"))),
    "case file under a title": ("case_file", lambda path: path.write_text("Ärenden\n\nNamn\tOrt\nAnnabella\tX\n")),
    "case file with an English header": ("case_file", lambda path: path.write_text('"id","Birth date"\n1,2011\n')),
    "numbers without a header": ("case_file", lambda path: path.write_text("7 110713-9980\n")),
    "workbook with persons": (
        "case_file",
        lambda path: path.write_bytes(workbook([["record_id", "Förnamn"], ["1", "A"]])),
    ),
    "workbook with numbers": (
        "case_file",
        lambda path: path.write_bytes(workbook([["a", "b"], ["1", "201107139980"]])),
    ),
    "workbook without persons": (
        "workbook",
        lambda path: path.write_bytes(workbook([["municipality", "n"], ["0180", "9"]])),
    ),
    "old workbook": ("workbook", lambda path: path.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600))),
    "table with persons": ("case_file", lambda path: _parquet(path, "record_id", "Given names")),
    "linkage key": ("key_file", _key),
    "registry key": ("registry_key", lambda path: RegistryKey.generate().save(path)),
    "rejects file": ("rejects_file", lambda path: write_rejects(path, [Fault(2, "sex", "sex.unknown", "left out")])),
    "persons file": ("export", lambda path: path.write_text("reporter,record_id,person_id\na,1,p\n")),
    "Swedish links file": (
        "export",
        lambda path: path.write_text("\ufeffreporter_a;record_id_a;reporter_b;record_id_b\n"),
    ),
    "roster": ("roster", lambda path: path.write_text("reporter,name,kind,from\na,,police,2026-01\n")),
    "registry": ("registry", lambda path: Registry.create(path, profile=PROFILE)),
    "archive of submissions": ("archive", lambda path: _zip(path, "a.parquet", "b.parquet")),
    "damaged archive": ("archive", lambda path: path.write_bytes(b"PK\x03\x04" + bytes(40))),
    "compressed submission": ("archive", lambda path: path.write_bytes(gzip.compress(b"PAR1"))),
    "encrypted submission": ("encrypted", lambda path: path.write_bytes(b"age-encryption.org/v1\n-> X25519 \xff\n")),
    "folder": ("folder", lambda path: path.mkdir()),
    "empty file": ("not_parquet", lambda path: path.write_bytes(b"")),
    "nothing": ("unreadable", lambda path: None),
}


@pytest.mark.parametrize("name", FILES)
def test_each_file_has_its_own_rule(tmp_path, name):
    rule, write = FILES[name]
    path = tmp_path / "given"
    write(path)
    error = mistaken(path)
    assert error is not None
    assert (error.rule, error.path) == (f"submission.{rule}", path)
    assert error.hint
    assert not any(secret in error.message + error.hint for secret in SECRETS)


@pytest.mark.parametrize("pattern", ["*.parquet", "2026-0?.parquet", "[ab].parquet"])
def test_a_pattern_that_matches_nothing(tmp_path, pattern):
    assert mistaken(tmp_path / pattern).rule == "submission.no_match"


@pytest.mark.parametrize(
    "content",
    [b"hello\n", b"municipality;n\n0180;3\n", b'{"a": 1}\n', bytes(range(256)), b"PAR1 and no more", b"1234567890123"],
)
def test_of_other_files_nothing_is_said(tmp_path, content):
    (tmp_path / "given").write_bytes(content)
    assert mistaken(tmp_path / "given") is None


def test_every_header_of_an_identity_is_known():
    fields = {*NAME_FIELDS, "number", "foreign_number", "birth_date"}
    headers = {alias for alias, field in ALIASES.items() if field in fields} | fields - {"number"}
    assert [header for header in sorted(headers) if not is_identity(header)] == []


@pytest.mark.parametrize(
    "header", ["record_id", "n", "municipality", "Kommunnamn", "file name", "sex", "kön", "period"]
)
def test_a_header_of_something_else_is_none_of_an_identity(header):
    assert not is_identity(header)


def test_receive_says_it_and_keeps_nothing(tmp_path):
    registry = Registry.create(tmp_path / "r.duckdb", profile=PROFILE)
    (tmp_path / "cases.csv").write_text(CASES, encoding="utf-8")
    good = send(tmp_path / "good", "a", 1, crowd("a", [1]))
    refused, received = registry.receive_all([tmp_path / "cases.csv", good])
    assert isinstance(refused, RefusedError)
    assert (refused.rule, received.new) == ("submission.case_file", 1)
    # Four digits may stand in times and random bytes by chance.
    stored = registry_bytes(registry).decode("latin-1")
    assert not any(secret in stored for secret in SECRETS if len(secret) > 4)
