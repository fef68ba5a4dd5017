"""No value of a person and no key comes out where something fails: random identities through every failure there is.

Searched are standard output and error, the rejects file, log records, and of an error its text, arguments, attributes,
notes, traceback and the errors before it. The search itself is tested at the end.
"""

from __future__ import annotations

import copy
import csv
import functools
import hashlib
import io
import json
import logging
import pickle
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final
from unittest import mock

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import linkage.cli
import pseudonym.cli
from linkage.keys import RegistryKey, StatisticsKey
from pseudonym import load_codebook
from pseudonym.classic import ClkEncoder, read_blocks, read_clks, read_groups, read_similarities
from pseudonym.codebook import parse_codebook
from pseudonym.encode import Encoder, FaultWarning, Record, report_totals, withdraw
from pseudonym.encode.batches import BatchMaker
from pseudonym.enrolment import DocumentReference, make_invite, parse_answer, parse_invite
from pseudonym.errors import FieldError, PseudonymError
from pseudonym.identity import dates, numbers, sex
from pseudonym.identity.identities import read_identities
from pseudonym.identity.reader import open_input
from pseudonym.key_file import parse_key, unwrap, wrap
from pseudonym.keyed import BodyKey, LinkageKey
from pseudonym.profile import parse_profile
from pseudonym.public_keys import BodyPublicKey, UnitPublicKey
from tests.property.leaks import leaks, raised_by, run, told_by

# Together these take too long for the quick run.
pytestmark = pytest.mark.whole

REFERENCE: Final = date(2026, 1, 1)

# The secret is random, but the same in each run.
KEY_TEXT: Final = "PSEUDONYM-SECRET-LINKAGE-KEY-1.leak-test.1.GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQGEZA"


@dataclass(frozen=True)
class Person:
    """An identity whose values are in no text by chance: no word of any language has such letters."""

    number: str
    foreign_number: str
    given_names: str
    family_names: str
    birth_date: str

    @property
    def values(self) -> list[str]:
        return [self.number, self.foreign_number, self.given_names, self.family_names, self.birth_date]


@st.composite
def people(draw: st.DrawFn) -> Person:
    """Draw an identity."""
    name = st.text("bcdfgkpqvwxzåäöéžщжшд", min_size=4, max_size=10)
    born = draw(st.dates(date(1930, 1, 1), date(2020, 12, 31)))
    serial = draw(st.integers(1000, 9899))
    return Person(
        number=f"{born:%Y%m%d}-{serial}",
        foreign_number="QX" + draw(st.text("BCDFGKPQVWXZ0123456789", min_size=6, max_size=10)),
        given_names=" ".join("Xq" + word for word in draw(st.lists(name, min_size=1, max_size=3))),
        family_names="Žw" + draw(name),
        birth_date=born.isoformat(),
    )


some_people = given(person=people())
# Each example is a whole run of a command, and a person is like the next.
few = settings(max_examples=max(2, settings().max_examples // 20))
# Each example is several runs.
fewest = settings(max_examples=max(1, settings().max_examples // 50))

HEADER: Final = (
    *("record_id", "number", "foreign_number", "given_names", "family_names", "birth_date", "sex"),
    *("report_id", "case_id", "role", "event_date", "report_date", "status", "state"),
)


def row(person: Person, **changes: str) -> list[str]:
    """One row of a case file, whole but for the changes."""
    values = {
        "record_id": "r-1",
        "number": person.number,
        "foreign_number": person.foreign_number,
        "given_names": person.given_names,
        "family_names": person.family_names,
        "birth_date": person.birth_date,
        "role": "victim",
        **changes,
    }
    return [values.get(name, "") for name in HEADER]


def table(*rows: list[str], header: tuple[str, ...] | None = HEADER) -> bytes:
    """A case file with these rows, and one more that has nothing wrong."""
    text = io.StringIO()
    writer = csv.writer(text)
    if header is not None:
        writer.writerow(header)
    writer.writerows(rows)
    writer.writerow(["r-2", "", "", "Bo", "Ek", *[""] * (len(HEADER) - 5)])
    return text.getvalue().encode()


@contextmanager
def folder_with(data: bytes) -> Iterator[Path]:
    """A folder with a case file and a key."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        folder = Path(name)
        (folder / "cases.csv").write_bytes(data)
        (folder / "linkage.key").write_text(key_line() + "\n", encoding="utf-8")
        yield folder


def key_line() -> str:
    """The key in its text form, with its check digits."""
    return f"{KEY_TEXT}.{hashlib.sha256(KEY_TEXT.encode()).hexdigest()[:8]}"


def encode_words(folder: Path, **options: object) -> list[object]:
    """The words of `pseudonym encode` on the case file of a folder; an option of value None is left out."""
    given_options = {
        "key": folder / "linkage.key",
        "reporter": "police",
        "out": folder / "out.parquet",
        "rejects": folder / "rejects.csv",
        "codebook": "case-registry",
        "period": "2026-03",
        "sequence": 1,
        **options,
    }
    words: list[object] = ["encode", folder / "cases.csv"]
    for name, value in given_options.items():
        words += [] if value is None else [f"--{name.replace('_', '-')}", value]
    return words


def let_out(folder: Path, text: str) -> str:
    """All that people read after a run."""
    rejects = folder / "rejects.csv"
    return text + (rejects.read_text(encoding="utf-8") if rejects.exists() else "")


def secrets_of(person: Person) -> list[str]:
    """What must not come out."""
    return [*person.values, KEY_TEXT.split(".")[3]]


# Bad content of a case file.

BAD_FIELDS: Final[dict[str, Callable[[Person], dict[str, str]]]] = {
    "name as birth date": lambda p: {"birth_date": p.given_names},
    "number as birth date": lambda p: {"birth_date": p.number},
    "date that does not exist": lambda p: {"birth_date": p.birth_date[:8] + "32"},
    "name as sex": lambda p: {"sex": p.family_names},
    "name as number": lambda p: {"number": f"{p.family_names}1!"},
    "signs and name as foreign number": lambda p: {"foreign_number": "-./", "sex": p.given_names},
    "name as role": lambda p: {"role": p.given_names},
    "name as status": lambda p: {"status": p.given_names},
    "birth date as event date": lambda p: {"event_date": p.birth_date + "x"},
    "name as report date": lambda p: {"report_date": p.family_names},
    "number as case": lambda p: {"case_id": p.number},
    "number as report": lambda p: {"report_id": p.number},
    "name as payload": lambda p: {"state": p.family_names},
    "number as record id": lambda p: {"record_id": p.number},
    "name as record id": lambda p: {"record_id": p.given_names},
    "name in capitals as record id": lambda p: {"record_id": p.family_names.upper()},
    "foreign number as record id": lambda p: {"record_id": p.foreign_number},
    "record id with a control character": lambda p: {"record_id": f"{p.given_names}\x07"},
    "record id too long": lambda p: {"record_id": p.family_names * 20},
    "no record id": lambda p: {"record_id": ""},
    "record id of another row": lambda p: {"record_id": "r-2"},
}

BAD_ROWS: Final[dict[str, Callable[[Person], bytes]]] = {
    "column too many": lambda p: table([*row(p), p.given_names]),
    "column too few": lambda p: table(row(p)[:-1]),
    "NUL in a name": lambda p: table(row(p)).replace(p.family_names.encode(), p.family_names.encode() + b"\0"),
    "quote that does not end": lambda p: table(row(p)) + f'r-3,"{p.given_names}'.encode(),
    "text after a quote": lambda p: table(row(p)) + f'r-3,"{p.given_names}"{p.family_names},'.encode(),
    "cut in a row": lambda p: table() + ",".join(row(p)[:5]).encode(),
    "field too long": lambda p: table(row(p, given_names=p.family_names * 200_000)),
}

BAD_FILES: Final[dict[str, Callable[[Person], bytes]]] = {
    "no header": lambda p: table(row(p), header=None),
    "persons as header": lambda p: table(row(p), header=tuple(p.values)),
    "column twice": lambda p: table(row(p), header=(*HEADER[:-1], "given_names")),
    "no usable row": lambda p: ",".join(HEADER).encode() + b"\n" + ",".join(row(p, record_id=p.number)).encode(),
    "two encodings": lambda p: table(row(p)) + b"r-3,\xe5\xff\n" + p.given_names.encode("utf-16-le"),
    "not text": lambda p: b"PK\x03\x04\0\0" + table(row(p)),
    "UTF-16 that ends early": lambda p: b"\xff\xfe" + table(row(p)).decode().encode("utf-16-le")[:-1],
}


@pytest.mark.parametrize("fault", BAD_FIELDS)
@few
@some_people
def test_an_error_about_a_bad_field_shows_no_value(fault: str, person: Person) -> None:
    with folder_with(table(row(person, **BAD_FIELDS[fault](person)))) as folder:
        outcome = run(pseudonym.cli.main, encode_words(folder))
        assert outcome.status == 3
        assert leaks(let_out(folder, outcome.text), secrets_of(person)) == []


@pytest.mark.parametrize("fault", BAD_ROWS)
@few
@some_people
def test_an_error_about_a_bad_row_shows_no_value(fault: str, person: Person) -> None:
    with folder_with(BAD_ROWS[fault](person)) as folder:
        outcome = run(pseudonym.cli.main, [*encode_words(folder), "--json"])
        assert outcome.status == 3
        assert leaks(let_out(folder, outcome.text), secrets_of(person)) == []


@pytest.mark.parametrize("form", [[], ["--json"]])
@few
@some_people
def test_an_error_about_a_complete_delivery_shows_no_value(form: list[str], person: Person) -> None:
    with folder_with(table(row(person, record_id=person.number))) as folder:
        outcome = run(pseudonym.cli.main, [*encode_words(folder), "--complete", *form])
        assert outcome.status == 4
        assert "input.incomplete" in outcome.text
        assert leaks(let_out(folder, outcome.text), secrets_of(person)) == []


@pytest.mark.parametrize("fault", BAD_FILES)
@few
@some_people
def test_an_error_about_a_bad_file_shows_no_value(fault: str, person: Person) -> None:
    with folder_with(BAD_FILES[fault](person)) as folder:
        outcome = run(pseudonym.cli.main, encode_words(folder))
        assert outcome.status == 4, outcome.text
        assert leaks(let_out(folder, outcome.text), secrets_of(person)) == []
        assert not (folder / "out.parquet").exists()


@pytest.mark.parametrize("fault", [*BAD_FIELDS, *BAD_ROWS, *BAD_FILES])
@fewest
@some_people
def test_checking_a_bad_file_shows_no_value(fault: str, person: Person) -> None:
    bad = {**BAD_ROWS, **BAD_FILES}.get(fault)
    data = table(row(person, **BAD_FIELDS[fault](person))) if bad is None else bad(person)
    with folder_with(data) as folder:
        for words in ([], ["--columns"], ["--json"]):
            outcome = run(pseudonym.cli.main, ["check", folder / "cases.csv", "--codebook", "case-registry", *words])
            assert outcome.status in {0, 3, 4}, outcome.text
            assert leaks(outcome.text, secrets_of(person)) == []


@few
@some_people
def test_checking_a_submission_shows_no_value(person: Person) -> None:
    # The same person twice, so that record ids are listed: they are all of a record that may be seen.
    rows = (row(person, record_id=name, event_date="2026") for name in ("r-1", "r-3"))
    with folder_with(table(*rows)) as folder:
        assert run(pseudonym.cli.main, encode_words(folder)).status == 0
        codes = pq.read_table(folder / "out.parquet", columns=["match_key", "content"]).to_pylist()
        secret = [value for code in codes for value in code.values() if value is not None]
        for words in ([], ["--json"]):
            outcome = run(pseudonym.cli.main, ["check", folder / "out.parquet", *words])
            assert outcome.status == 3, outcome.text
            assert "r-3" in outcome.text
            assert leaks(outcome.text, secrets_of(person)) == []
            forms = (value.hex() for value in secret), (repr(value)[2:-1] for value in secret)
            assert not any(form[:12] in outcome.text for some in forms for form in some)


# Bad files and words on the command line.

BAD_OPTIONS: Final[dict[str, tuple[int, Callable[[Person, Path], dict[str, object]]]]] = {
    "case file as key": (5, lambda p, f: {"key": f / "copy.csv"}),
    "damaged key": (5, lambda p, f: {"key": f / "damaged.key"}),
    "key and a name": (5, lambda p, f: {"key": f / "two.key"}),
    "key and a name, too long": (5, lambda p, f: {"key": f / "long.key"}),
    "linkage key as body key": (5, lambda p, f: {"body_key": f / "linkage.key"}),
    "case file as body key": (5, lambda p, f: {"body_key": f / "cases.csv"}),
    "text of a key as body key": (5, lambda p, f: {"body_key": key_line()}),
    "case file as invite": (5, lambda p, f: {"to": f / "cases.csv", "body_key": f / "body.key"}),
    "document with a name in it as invite": (5, lambda p, f: {"to": f / "named.json", "body_key": f / "body.key"}),
    "invite without a key that signs": (2, lambda p, f: {"to": f / "named.json"}),
    "name as descriptor": (2, lambda p, f: {"passphrase_fd": p.given_names}),
    "case file as profile": (5, lambda p, f: {"profile": f / "cases.csv"}),
    "profile with a name in it": (5, lambda p, f: {"profile": f / "named.json"}),
    "case file as codebook": (5, lambda p, f: {"codebook": f / "cases.csv"}),
    "codebook with a name in it": (5, lambda p, f: {"codebook": f / "named.json"}),
    "case file as configuration": (5, lambda p, f: {"config": f / "cases.csv"}),
    "configuration with a name for a member": (5, lambda p, f: {"config": f / "named.toml"}),
    "configuration with a name for a text": (5, lambda p, f: {"config": f / "text.toml"}),
    "configuration with a name as default": (5, lambda p, f: {"config": f / "default.toml"}),
    "configuration with a name for a header": (4, lambda p, f: {"config": f / "header.toml"}),
    "case file as submission before": (4, lambda p, f: {"previous": f / "cases.csv"}),
    "name as reporter": (4, lambda p, f: {"reporter": p.given_names + "!"}),
    "name as period": (2, lambda p, f: {"period": p.family_names}),
    "birth date as period": (2, lambda p, f: {"period": p.birth_date, "reference_date": "2026-01-01"}),
    "name as reference date": (2, lambda p, f: {"reference_date": p.family_names}),
    "name as encoding": (4, lambda p, f: {"encoding": p.foreign_number}),
    "name as column": (4, lambda p, f: {"column": f"given_names={p.given_names}"}),
    "name as separator": (4, lambda p, f: {"separator": p.given_names}),
    "name as order of dates": (2, lambda p, f: {"date_order": p.given_names}),
    "name as sheet": (4, lambda p, f: {"sheet": p.given_names}),
    "name as delimiter": (4, lambda p, f: {"delimiter": p.given_names}),
    "name as field": (4, lambda p, f: {"column": f"{p.family_names}=number"}),
    "name for a mapping": (2, lambda p, f: {"column": p.family_names}),
    "no folder for the output": (6, lambda p, f: {"out": f / "none" / "out.parquet"}),
    "folder as output": (6, lambda p, f: {"out": f}),
    "no folder for the rejects": (6, lambda p, f: {"rejects": f / "none" / "rejects.csv"}),
}


def prepare(person: Person, folder: Path) -> None:
    """Write the files that bad options name."""
    named = {"format": person.given_names, "name": person.family_names, "items": [person.number], person.birth_date: 1}
    (folder / "named.json").write_text(json.dumps(named), encoding="utf-8")
    members = f"{json.dumps(person.family_names)} = {json.dumps(person.number)}\n{person.birth_date} = 1\n"
    (folder / "named.toml").write_text(members, encoding="utf-8")
    (folder / "text.toml").write_text(f"reporter = {person.birth_date}\n", encoding="utf-8")
    (folder / "default.toml").write_text(f"[defaults]\nrole = {json.dumps(person.given_names)}\n", encoding="utf-8")
    (folder / "header.toml").write_text(f"[columns]\nnumber = {json.dumps(person.given_names)}\n", encoding="utf-8")
    (folder / "copy.csv").write_bytes((folder / "cases.csv").read_bytes())
    (folder / "damaged.key").write_text(key_line()[:-1] + "\n", encoding="utf-8")
    (folder / "two.key").write_text(f"{key_line()}\n{person.given_names}\n", encoding="utf-8")
    (folder / "long.key").write_text(f"{key_line()}\n# {person.given_names * 30_000}\n", encoding="utf-8")


@pytest.mark.parametrize("fault", BAD_OPTIONS)
@few
@some_people
def test_an_error_about_a_bad_option_shows_no_value(fault: str, person: Person) -> None:
    status, options = BAD_OPTIONS[fault]
    with folder_with(table(row(person, birth_date="never"))) as folder:
        prepare(person, folder)
        outcome = run(pseudonym.cli.main, encode_words(folder, **options(person, folder)))
        assert outcome.status == status, outcome.text
        assert leaks(let_out(folder, outcome.text), secrets_of(person)) == []


REGISTRY_WORDS: Final[dict[str, tuple[int, Callable[[Person, Path], list[object]]]]] = {
    "case file received": (4, lambda p, f: ["receive", f / "registry", f / "cases.csv"]),
    "key received": (4, lambda p, f: ["receive", f / "registry", f / "linkage.key"]),
    "altered submission received": (4, lambda p, f: ["receive", f / "registry", f / "altered.parquet", "--json"]),
    "case file as answer": (5, lambda p, f: ["enrol", f / "registry", f / "cases.csv"]),
    "linkage key as answer": (5, lambda p, f: ["enrol", f / "registry", f / "linkage.key"]),
    "document with a name in it as answer": (5, lambda p, f: ["enrol", f / "registry", f / "named.json"]),
    "linkage key as key id of a policy": (5, lambda p, f: ["policy", f / "registry", "--key-id", key_line()]),
    "name as a reporter to be suspended": (5, lambda p, f: ["body", "suspend", f / "registry", p.family_names]),
    "case file as registry": (6, lambda p, f: ["summary", f / "cases.csv"]),
    "name as key id": (5, lambda p, f: ["init", f / "new", "--key-id", p.family_names]),
    "linkage key as key id": (5, lambda p, f: ["init", f / "new", "--key-id", key_line()]),
    "key and a name, too long": (
        5,
        lambda p, f: ["receive", f / "registry", f / "out.parquet", "--registry-key", f / "long.key"],
    ),
    "case file as profile": (5, lambda p, f: ["init", f / "new", "--profile", f / "cases.csv"]),
    "codebook with a name in it": (5, lambda p, f: ["init", f / "new", "--codebook", f / "named.json"]),
    "linkage key as registry key": (
        5,
        lambda p, f: ["receive", f / "registry", f / "out.parquet", "--registry-key", f / "linkage.key"],
    ),
    "linkage key as existing registry key": (
        5,
        lambda p, f: ["init", f / "new", "--registry-key", f / "linkage.key", "--existing-key"],
    ),
    "name in place of a record": (
        2,
        lambda p, f: ["explain", f / "registry", p.family_names.replace("/", "-"), "police/1"],
    ),
    "number as a record id": (6, lambda p, f: ["explain", f / "registry", f"police/{p.number}", "police/1"]),
}


@pytest.mark.parametrize("fault", REGISTRY_WORDS)
@fewest
@some_people
def test_the_registry_shows_no_value(fault: str, person: Person) -> None:
    status, words = REGISTRY_WORDS[fault]
    with folder_with(table(row(person))) as folder:
        prepare(person, folder)
        assert run(pseudonym.cli.main, encode_words(folder)).status == 0
        data = bytearray((folder / "out.parquet").read_bytes())
        data[len(data) // 2] ^= 0x40
        (folder / "altered.parquet").write_bytes(data)
        if "registry" in [getattr(word, "name", None) for word in words(person, folder)]:
            assert run(linkage.cli.main, ["init", folder / "registry", "--codebook", "case-registry"]).status == 0
        outcome = run(linkage.cli.main, words(person, folder))
        assert outcome.status == status, outcome.text
        assert leaks(outcome.text, secrets_of(person)) == []


@few
@some_people
def test_a_submission_holds_no_value_of_the_identity(person: Person) -> None:
    with folder_with(table(row(person))) as folder:
        shown = run(pseudonym.cli.main, encode_words(folder)).text
        shown += run(pseudonym.cli.main, ["show", folder / "out.parquet"]).text
        data = (folder / "out.parquet").read_bytes()
        assert leaks(shown + data.decode("latin-1") + data.decode("utf-8", "replace"), secrets_of(person)) == []


# Faults of the program, whose text may hold anything.


def unreadable(person: Person) -> UnicodeDecodeError:
    """An error of Python that carries the whole text."""
    return UnicodeDecodeError("utf-8", person.given_names.encode(), 0, 1, person.family_names)


PROGRAM_FAULTS: Final[dict[str, tuple[int, Callable[[Person], Exception]]]] = {
    "ValueError": (70, lambda p: ValueError(f"{p.given_names} {p.number}")),
    "KeyError": (70, lambda p: KeyError(p.family_names)),
    "OSError": (6, lambda p: OSError(2, p.given_names, p.family_names)),
    "OSError of bytes": (6, lambda p: OSError(2, p.number, p.family_names.encode())),
    "OSError of an open file": (6, lambda p: OSError(2, p.given_names, 7)),
    "UnicodeDecodeError": (70, unreadable),
    "group": (70, lambda p: ExceptionGroup(p.given_names, [ValueError(p.number)])),
    "RecursionError": (70, lambda p: RecursionError(p.birth_date)),
}


@pytest.mark.parametrize("fault", PROGRAM_FAULTS)
@few
@some_people
def test_a_bug_in_the_program_shows_no_value(fault: str, person: Person) -> None:
    status, error = PROGRAM_FAULTS[fault]
    broken = mock.Mock(side_effect=error(person))
    with folder_with(table(row(person))) as folder, mock.patch.object(BatchMaker, "batch", broken):
        outcome = run(pseudonym.cli.main, encode_words(folder))
        assert outcome.status == status
        assert broken.called
        assert "Traceback" not in outcome.text
        assert leaks(let_out(folder, outcome.text), secrets_of(person)) == []


@few
@some_people
def test_an_error_of_the_registry_shows_no_value(person: Person) -> None:
    broken = mock.Mock(side_effect=ValueError(person.given_names))
    with folder_with(b"") as folder, mock.patch("linkage.pipeline.Registry.create", broken):
        outcome = run(linkage.cli.main, ["init", folder / "registry"])
        assert outcome.status == 70
        assert leaks(outcome.text, secrets_of(person)) == []


# The Python interface.


def read_written(document: object, reader: Callable[[Path], object], *, n_bytes: int | None = None) -> object:
    """Write a document, or the beginning of one, and read it."""
    with folder_with(json.dumps(document, ensure_ascii=False).encode()[:n_bytes]) as folder:
        return reader(folder / "cases.csv")


def as_json(person: Person) -> str:
    return json.dumps({"format": person.given_names, "items": person.values, person.number: person.family_names})


RAISES: Final[dict[str, Callable[[Person], object]]] = {
    "birth_date": lambda p: dates.read_birth_date(p.given_names),
    "birth_date of a number": lambda p: dates.read_birth_date(p.number),
    "birth_date with a day too many": lambda p: dates.read_birth_date(p.birth_date[:8] + "32"),
    "sex": lambda p: sex.read_sex(p.family_names),
    "read_number": lambda p: numbers.read_number(p.given_names + "!", reference_date=REFERENCE),
    "validate": lambda p: numbers.validate(p.foreign_number, reference_date=REFERENCE),
    "format": lambda p: numbers.format(p.given_names + "!", reference_date=REFERENCE),
    "foreign number without a digit": lambda p: numbers.read_foreign_number(p.given_names),
    "number of another type": lambda p: numbers.KINDS["reserve_vgr"].validate(p.number, reference_date=REFERENCE),
    "number with serial 000": lambda p: numbers.read_number(f"{p.number[:9]}0000", reference_date=REFERENCE),
    "type of a number": lambda p: numbers.read_number(p.number, reference_date=REFERENCE, type=p.given_names),
    "level of a number": lambda p: numbers.read_number(p.number, reference_date=REFERENCE, level=p.family_names),
    "code": lambda p: load_codebook("case-registry").check("state", p.given_names),
    "item": lambda p: load_codebook("case-registry").check(p.family_names, "taken"),
    "label": lambda p: load_codebook("case-registry").label("state", p.number),
    "key": lambda p: LinkageKey.parse(p.given_names),
    "key damaged": lambda p: LinkageKey.parse(key_line()[:-1]),
    "key with another letter": lambda p: LinkageKey.parse(key_line().replace("GEZ", "GE1", 1)),
    "key with a lone surrogate": lambda p: LinkageKey.parse(key_line().replace("leak", "leak\ud800", 1)),
    "key with a lone surrogate at its end": lambda p: LinkageKey.parse(key_line()[:-1] + "\udfff"),
    "key pickled": lambda p: pickle.dumps(LinkageKey.parse(key_line())),
    "key copied": lambda p: copy.deepcopy(LinkageKey.parse(key_line())),
    "body key": lambda p: BodyKey.parse(p.given_names),
    "body key that is a linkage key": lambda p: BodyKey.parse(key_line()),
    "body key pickled": lambda p: pickle.dumps(BodyKey.generate()),
    "wrapped key": lambda p: unwrap(wrapped_line(), p.given_names),
    "key under a short pass phrase": lambda p: LinkageKey.parse(key_line()).save("x", passphrase=p.given_names[:11]),
    "wrapped key damaged": lambda p: unwrap(wrapped_line()[:-1], p.family_names),
    "wrapped key that is a name": lambda p: unwrap(p.given_names, p.family_names),
    "key of a unit": lambda p: RegistryKey.parse(key_line()),
    "key of a unit that is a name": lambda p: StatisticsKey.parse(p.given_names),
    "public key": lambda p: BodyPublicKey.parse(p.family_names),
    "public key that is a secret one": lambda p: UnitPublicKey.parse(key_line()),
    "classic value": lambda p: ClkEncoder(["a"], "secret").encode({"a": [p.number]}),
    "classic field": lambda p: ClkEncoder(["a"], "secret").encode({p.family_names: p.number}),
    "classic secret pickled": lambda p: pickle.dumps(ClkEncoder(["a"], p.family_names)),
    "classic secret that is none": lambda p: ClkEncoder(["a"], [p.family_names]),
}


def finer_codebook(person: Person, name: str) -> str:
    """Return a codebook with a reason, which is a name, for something that is not there."""
    document = json.loads(load_codebook("case-registry").to_json())
    reason = {"sv": person.given_names, "en": person.given_names}
    return json.dumps({**document, "finer": [{"name": name, "reason": reason}]})


RAISES_ON_DOCUMENTS: Final[dict[str, Callable[[Person], object]]] = {
    "codebook": lambda p: parse_codebook(as_json(p)),
    "codebook cut": lambda p: parse_codebook(as_json(p)[:-5]),
    "codebook with a name for what is sent finer": lambda p: parse_codebook(finer_codebook(p, p.family_names.lower())),
    "codebook with a number for what is sent finer": lambda p: parse_codebook(finer_codebook(p, p.number)),
    "profile": lambda p: parse_profile(as_json(p)),
    "profile cut": lambda p: parse_profile(as_json(p)[:-5]),
    "invite": lambda p: parse_invite(as_json(p).encode()),
    "invite cut": lambda p: parse_invite(as_json(p).encode()[:-5]),
    "invite with a name for a member": lambda p: parse_invite(json.dumps({p.given_names: p.number}).encode()),
    "answer": lambda p: parse_answer(as_json(p).encode()),
    "answer with a name for a format": lambda p: parse_answer(json.dumps({"format": p.family_names}).encode()),
    "invite for a name": lambda p: invite_for(p.given_names + "!"),
    "invite for the period of a name": lambda p: invite_for("police", period=p.family_names),
    "invite with a name in the roster": lambda p: invite_for("police", roster={p.given_names: p.number}),
    "reporter": lambda p: encoder(reporter=p.given_names + "!").write_nothing(Path("x"), sequence=1),
    "classic encodings": lambda p: read_written({"clks": ["gAE=", p.family_names]}, read_clks),
    "classic encodings by name": lambda p: read_written({"clks": {p.family_names: "gAE="}}, read_clks),
    "classic blocks": lambda p: read_written({"blocks": {p.family_names: [p.number]}}, read_blocks),
    "classic scores": lambda p: read_written({"similarity_scores": [[[0, 1], [1, 2], p.number]]}, read_similarities),
    "classic groups": lambda p: read_written({"groups": [[[0, p.number]]]}, read_groups),
    "classic file cut": lambda p: read_written({"clks": [p.family_names]}, read_clks, n_bytes=20),
    "withdrawal of a number": lambda p: taken_back(records=[p.number]),
    "withdrawal of a name for a list": lambda p: taken_back(records=p.given_names),
    "withdrawal of what is no text": lambda p: taken_back(cases=[p.given_names.encode()]),
    "withdrawal of a name and of everything": lambda p: taken_back(cases=["x" + p.family_names], everything=True),
    "withdrawal of a name and of a period": lambda p: taken_back(cases=["x"], period=p.family_names),
    "totals by a name": lambda p: counted({(p.given_names,): 1}, items=[p.family_names]),
    "totals of a name": lambda p: counted({(p.given_names,): 1}, items=["municipality"]),
    "totals with a name for a number": lambda p: counted({(None,): p.given_names}, items=["municipality"]),
    "totals of a reporter that is a name": lambda p: counted({(): 1}, reporter=p.family_names + "!"),
    "totals of a period that is a name": lambda p: counted({(): 1}, period=p.family_names),
    "withdrawal of nothing": lambda p: taken_back(records=[], period=p.family_names),
}


def wrong(value: Any) -> Any:
    """Return a value as it stands, for a field whose type does not take it."""
    return value


TRIES: Final[dict[str, Callable[[Person], Record]]] = {
    "lone surrogate in a name": lambda p: Record("r-1", given_names=f"{p.given_names}\ud800", birth_date=p.birth_date),
    "lone surrogate in a number": lambda p: Record("r-1", foreign_number=f"{p.foreign_number}\udfff"),
    "lone surrogate in an id": lambda p: Record(f"{p.given_names}\ud800", given_names=p.given_names),
    "number that is an int": lambda p: Record("r-1", number=wrong(int(p.number.replace("-", "")))),
    "date that is a date": lambda p: Record("r-1", birth_date=wrong(date.fromisoformat(p.birth_date))),
    "names that are a list": lambda p: Record("r-1", given_names=wrong(p.given_names.split())),
    "names that are bytes": lambda p: Record("r-1", family_names=wrong(p.family_names.encode())),
    "id that is bytes": lambda p: Record(wrong(p.number.encode())),
    "payload that is text": lambda p: Record("r-1", payload=wrong(p.given_names)),
    "payload of a name": lambda p: Record("r-1", payload={p.given_names: p.number}),
}


@functools.cache
def wrapped_line() -> str:
    """The key under a pass phrase; made once, since that takes time."""
    (project, epoch), secret = parse_key(key_line(), KEY_TEXT.split(".")[0], n_fields=2)
    return wrap(KEY_TEXT.split(".")[0], secret, "nine lazy owls hoot", fields=(project, epoch))


@functools.cache
def unit_keys() -> tuple[RegistryKey, StatisticsKey]:
    """A key of each unit."""
    return RegistryKey.generate(), StatisticsKey.generate()


def invite_for(reporter: str, **options: Any) -> object:
    """Make an invite, which is always refused."""
    profile = DocumentReference(name="case-registry", version="2", digest="0" * 64)
    return make_invite(reporter, keys=unit_keys(), profile=profile, **options)


def taken_back(**options: Any) -> object:
    """Write a withdrawal, which is always refused."""
    return withdraw(Path("x"), LinkageKey.parse(key_line()), reporter="police", sequence=1, **options)


def counted(numbers: Any, **options: Any) -> object:
    """Write totals, which are always refused."""
    right = {"reporter": "police", "period": "2026-03", "unit": "person", "codebook": load_codebook("case-registry")}
    return report_totals(Path("x"), numbers, sequence=1, **{**right, **options})


def encoder(**options: Any) -> Encoder:
    """An encoder with a fixed key."""
    return Encoder(LinkageKey.parse(key_line()), **{"reporter": "police", "reference_date": REFERENCE, **options})


@pytest.mark.parametrize("fault", RAISES)
@few
@some_people
def test_an_error_shows_no_value(fault: str, person: Person) -> None:
    assert leaks(raised_by(lambda: RAISES[fault](person)), secrets_of(person)) == []


@pytest.mark.parametrize("fault", RAISES_ON_DOCUMENTS)
@few
@some_people
def test_an_error_about_a_document_shows_nothing(fault: str, person: Person) -> None:
    # No identity belongs into these, so it is enough that Python shows none in tracebacks and logs.
    assert leaks(raised_by(lambda: RAISES_ON_DOCUMENTS[fault](person), hidden=False), secrets_of(person)) == []


@pytest.mark.parametrize("fault", TRIES)
@few
@some_people
def test_an_error_about_a_strange_record_shows_no_value(fault: str, person: Person) -> None:
    told = ""
    try:
        told = repr([batch.faults for batch in encoder().batches([TRIES[fault](person)])])
    except Exception as error:
        told = told_by(error)
    assert leaks(told, secrets_of(person)) == []


TABLES: Final[dict[str, Callable[[Person], object]]] = {
    "bytes in a dict": lambda p: [{"record_id": "r-1", "given_names": p.given_names.encode()}],
    "dict for a name": lambda p: [{"record_id": "r-1", "family_names": {p.family_names: p.number}}],
    "list for an id": lambda p: [{"record_id": [p.number, p.family_names]}],
    "names alone": lambda p: [p.given_names, p.family_names],
    "payload that is text": lambda p: [Record("r-1", payload=wrong(p.given_names))],
    "frame with bytes": lambda p: pd.DataFrame({"record_id": ["r-1"], "number": [p.number.encode()]}),
    "frame without a header": lambda p: pd.DataFrame([p.values], columns=p.values),
    "column of bytes": lambda p: pa.table({"record_id": ["r-1"], "given_names": [p.given_names.encode()]}),
    "array that is no table": lambda p: pa.array(p.values),
    "stream that fails": lambda p: Failing(p),
    "names of columns": lambda p: [{p.given_names: p.number, p.family_names: p.birth_date}],
}

LOSSES: Final[dict[str, Callable[[Person], object]]] = {
    "id that is a number": lambda p: [{**p.__dict__, "record_id": p.number}],
    "date that is a name": lambda p: pd.DataFrame([{**p.__dict__, "record_id": "r-1", "birth_date": p.given_names}]),
    "sex that is a name": lambda p: pa.Table.from_pylist([{**p.__dict__, "record_id": "r-1", "sex": p.family_names}]),
    "column that is a name": lambda p: [{**p.__dict__, "record_id": "r-1", "role": p.given_names, "x": p.number}],
}


class Failing:
    """A table whose maker fails with an error that holds values."""

    def __init__(self, person: Person) -> None:
        self._person = person

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        raise ValueError(*self._person.values)


@pytest.mark.parametrize("fault", TABLES)
@few
@some_people
def test_an_error_about_a_table_shows_no_value(fault: str, person: Person) -> None:
    assert leaks(raised_by(lambda: encoder().encode(TABLES[fault](person))), secrets_of(person)) == []


@pytest.mark.parametrize("fault", LOSSES)
@few
@some_people
def test_nothing_about_what_a_table_lost_shows_a_value(fault: str, person: Person) -> None:
    data = LOSSES[fault](person)
    with pytest.warns(FaultWarning) as warned:
        result = encoder().encode(data)
    told = [*result.faults, *(fault.meaning for fault in result.faults), *result.notices, result]
    told += [str(one.message) for one in warned]
    told.append(raised_by(lambda: encoder().encode(data, on_fault="raise")))
    assert leaks("".join(map(repr, told)), secrets_of(person)) == []


@few
@some_people
def test_no_object_shows_what_it_holds(person: Person) -> None:
    record = Record("r-1", payload={"x": person.number}, **person.__dict__)
    identities, faults = read_identities(record, row=1, reference_date=REFERENCE, reporter="police")
    key = LinkageKey.parse(key_line())
    with folder_with(table(row(person))) as folder:
        file = open_input(folder / "cases.csv")
        (identity,) = identities
        parts = [identity, identity.number, identity.given, identity.birth]
        shown = [record, identities, faults, *parts, key, key.subkeys("0" * 64), file, *file, encoder()]
        shown += [*encoder().batches([record]), encoder().encode([record], on_fault="ignore"), encoder().read([record])]
    text = "".join(f"{thing!r} {thing!s} {thing:}" for thing in shown if thing is not None)
    assert leaks(text, secrets_of(person)) == []


# The search finds what is there.

ANNA: Final = Person("19900228-1239", "XK77012", "Åsa Мария", "Öberg", "1990-02-28")


@pytest.mark.parametrize(
    "text",
    [
        *(
            "åsa",
            "x ÖBERG.",
            ascii("Åsa"),
            json.dumps("Öberg"),
            repr("Мария".encode()),
            repr("Öberg".encode("latin-1")),
        ),
        *("199002281239", "b'19900228'", "xk77012", "1990-02-28T00:00"),
    ],
)
def test_the_search_finds_a_value_in_any_form(text: str) -> None:
    assert leaks(f"before {text} after", ANNA.values) != []


def test_the_search_finds_nothing_where_nothing_is() -> None:
    assert leaks("Asa Oberg, born 1990, has r-1 at line 28.", ANNA.values) == []


def raise_with_context(first: Exception, second: Exception) -> None:
    try:
        raise first
    except Exception:
        raise second from None


@pytest.mark.parametrize(
    "first",
    [
        ValueError("Öberg"),
        UnicodeEncodeError("ascii", "Åsa", 0, 1, "x"),
        FileNotFoundError(2, "x", "Öberg"),
        FieldError("x.y", "Öberg", field="sex"),
        PseudonymError("x.y", "m", field="Öberg"),
    ],
)
def test_the_search_finds_an_error_before_the_error(first: Exception) -> None:
    assert leaks(raised_by(lambda: raise_with_context(first, RuntimeError("fine"))), ANNA.values) != []


@pytest.mark.parametrize(
    "leaky",
    [
        lambda words: print("Öberg"),
        lambda words: print("Öberg", file=sys.stderr),
        lambda words: sys.exit("Öberg"),
        lambda words: logging.getLogger("deep.down").debug("row %s", "Öberg"),
    ],
)
def test_the_search_finds_what_a_command_lets_out(leaky: Callable[[list[str]], object]) -> None:
    assert leaks(run(leaky, []).text, ANNA.values) != []


def test_an_action_that_does_not_fail_is_no_test() -> None:
    with pytest.raises(AssertionError, match="nothing was raised"), suppress(KeyError):
        raised_by(lambda: None)
