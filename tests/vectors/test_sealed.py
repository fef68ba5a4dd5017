"""The library against the vectors of parts and of sealed files, `parts.json` and `sealed.json`."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any, Final

import pytest

from linkage.keys import UNIT_KEYS
from pseudonym.codebook import parse_codebook
from pseudonym.keyed import BodyKey
from pseudonym.profile import parse_profile
from pseudonym.wire import (
    SubmissionError,
    open_cases,
    open_codes,
    read_any_header,
    read_sealed_header,
    split_submission,
)
from pseudonym.wire.sealed import open_part, verify_sealed

FOLDER: Final = Path(__file__).resolve().parent


def load(name: str) -> Any:
    return json.loads((FOLDER / name).read_text(encoding="utf-8"))


PARTS: Final = load("parts.json")
SEALED: Final = load("sealed.json")
SUBMISSION: Final = load("submission.json")
PROFILES: Final = {document["name"]: parse_profile(json.dumps(document)) for document in SUBMISSION["profiles"]}
PROFILE: Final = PROFILES["test-submission"]
CODEBOOK: Final = parse_codebook(json.dumps(SUBMISSION["codebook"]))
OPENERS: Final = {unit: key.parse(SEALED["keys"][unit]) for unit, key in UNIT_KEYS.items()}
REPORTER: Final = BodyKey.parse(SEALED["keys"]["reporter"]).public


def read_part(path: Path) -> Any:
    """Return the header of a part, all of which has been read."""
    if "codes" in path.name:
        with open_codes(path, profile=PROFILE) as (header, turns):
            assert sum(len(turn.records) for turn in turns) == header.records
            return header
    codebook = None if "without-codebook" in path.name else CODEBOOK
    with open_cases(path, codebook=codebook) as (cases_header, cases):
        assert sum(turn.cases.num_rows for turn in cases) == cases_header.records
        return cases_header


@pytest.mark.parametrize("name", PARTS["valid"])
def test_valid_parts_are_read(name: str) -> None:
    header, vector = read_part(FOLDER / "parts" / name), PARTS["valid"][name]
    assert (header.canonical().decode(), header.digest) == (vector["header"], vector["digest"])


@pytest.mark.parametrize("name", PARTS["refused"])
def test_parts_with_a_fault_are_refused(name: str) -> None:
    with pytest.raises(SubmissionError) as caught:
        read_part(FOLDER / "parts" / name)
    assert caught.value.rule == f"submission.{PARTS['refused'][name]['error']}"


@pytest.mark.parametrize("name", ["valid", "valid-two-turns", "valid-without-codebook", "valid-complete"])
def test_the_library_splits_a_submission_into_the_same_parts(name: str, tmp_path: Path) -> None:
    codebook = None if name == "valid-without-codebook" else CODEBOOK
    source = FOLDER / "submissions" / f"{name}.parquet"
    out = {"codes": tmp_path / "codes", "cases": tmp_path / "cases"}
    headers = split_submission(source, **out, profile=PROFILE, codebook=codebook)
    for kind, header in zip(out, headers, strict=True):
        vector = PARTS["valid"][f"{name}-{kind}.parquet"]
        assert (header.canonical().decode(), header.digest) == (vector["header"], vector["digest"])


def opened(path: Path, unit: str, folder: Path) -> bytes:
    with open_part(path, signer=REPORTER, opener=OPENERS[unit], folder=folder) as part:
        return part.path.read_bytes()


@pytest.mark.parametrize("name", SEALED["valid"])
def test_valid_sealed_files_are_opened(name: str, tmp_path: Path) -> None:
    path, vector = FOLDER / "sealed" / name, SEALED["valid"][name]
    header = verify_sealed(path, signer=REPORTER)
    assert read_any_header(path) == read_sealed_header(path) == header
    assert (header.canonical().decode(), header.digest) == (vector["header"], vector["digest"])
    assert header.binding.hex() == vector["binding"]
    assert [part.unit for part in header.parts] == list(vector["parts"])
    for unit, digest in vector["parts"].items():
        assert hashlib.sha256(opened(path, unit, tmp_path)).hexdigest() == digest
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", SEALED["refused"])
def test_sealed_files_with_a_fault_are_refused(name: str, tmp_path: Path) -> None:
    vector = SEALED["refused"][name]
    with pytest.raises(SubmissionError) as caught:
        opened(FOLDER / "sealed" / name, vector["unit"], tmp_path)
    kind = "submission" if vector["error"] == "part" else "sealed"
    assert caught.value.rule == f"{kind}.{vector['error']}"
    assert list(tmp_path.iterdir()) == []


def test_every_file_is_listed() -> None:
    for folder, vectors in (("parts", PARTS), ("sealed", SEALED)):
        assert {path.name for path in (FOLDER / folder).iterdir()} == vectors["valid"].keys() | vectors[
            "refused"
        ].keys()
