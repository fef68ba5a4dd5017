"""The library against the vectors, and the vectors against their generator."""

from __future__ import annotations

import ast
import hashlib
import itertools
import json
import sys
from collections.abc import Callable, Iterable
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pseudonym import encode, wire, words
from pseudonym.codebook import Codebook, parse_codebook
from pseudonym.encode import cases as cases_of_records
from pseudonym.errors import FieldError, KeyFileError
from pseudonym.identity import dates, names, numbers, sex
from pseudonym.identity.numbers import spellings
from pseudonym.keyed import keys
from pseudonym.profile import Profile, parse_profile
from pseudonym.tables import TABLES_DIGEST
from tests.vectors import cases, generate

FOLDER = Path(__file__).parent


def load(name: str) -> Any:
    return json.loads((FOLDER / name).read_text(encoding="utf-8"))


def named(vectors: list[dict[str, Any]], name: str = "name") -> list[Any]:
    return [pytest.param(vector, id=vector[name]) for vector in vectors]


def profile_of(document: dict[str, Any]) -> Profile:
    return parse_profile(json.dumps(document))


KEYS = load("keys.json")
NORMALISE = load("normalise.json")
CODES = load("codes.json")
SUBMISSION = load("submission.json")
FAULTS = load("submissions/faults.json")
WITHDRAWAL = load("withdrawal.json")
WITHDRAWAL_RULES = {
    "header-unknown-member": "header",
    "header-spec": "spec",
    "header-spaces": "header",
    "header-salt": "header",
    "header-records": "counts",
    "header-cases": "counts",
    "header-counts-swapped": "counts",
    "header-everything-and-ids": "header",
    "header-nothing": "header",
    "header-period-and-ids": "header",
    "header-content-digest": "content",
    "digest-wrong": "digest",
    "metadata-two-headers": "header",
    "column-optional": "columns",
    "column-unknown": "columns",
    # Its header counts no row of unit 2, and rows are counted before a unit is read.
    "unit-unknown": "counts",
    "unit-unknown-counted": "values",
    "order": "order",
    "order-of-units": "order",
    "repeated": "order",
    "id-empty": "values",
    "id-too-long": "values",
    "id-formula": "values",
    "id-invisible": "values",
    "id-number-like": "values",
    "group-empty": "groups",
    "group-too-large": "groups",
}
"""The rule by which this library refuses each withdrawal, without its first part `submission`."""
TOTALS = load("totals.json")
TOTALS_RULES = {
    "header-unknown-member": "header",
    "header-spec": "spec",
    "header-spaces": "header",
    "header-salt": "header",
    "header-period-null": "header",
    "header-period": "header",
    "header-unit": "header",
    "header-role": "header",
    "header-cells": "counts",
    "header-no-cells": "header",
    "header-too-many-cells": "header",
    "header-items-order": "header",
    "header-items-repeated": "header",
    "header-items-of-none": "header",
    "header-codebook": "codebook",
    "header-content-digest": "content",
    "digest-wrong": "digest",
    "metadata-two-headers": "header",
    "metadata-and-withdrawal": "header",
    "column-optional": "columns",
    "column-required": "columns",
    "column-unknown": "columns",
    "column-order": "columns",
    "column-signed": "columns",
    "column-short": "columns",
    "column-of-no-item": "columns",
    "code-unknown": "values",
    "code-of-other-item": "values",
    "code-empty": "values",
    "code-expired": "values",
    "code-several": "values",
    "order": "order",
    "order-null": "order",
    "repeated": "order",
    "group-empty": "groups",
    "group-too-large": "groups",
}
"""The rule by which this library refuses each totals file, without its first part `submission`."""
DIGEST = load("digest_10000.json")


@pytest.mark.slow
def test_committed_files_are_what_the_generator_makes(capsys: pytest.CaptureFixture[str]) -> None:
    assert (generate.main(["--check"]), capsys.readouterr().out) == (0, "")


@pytest.mark.parametrize(
    "path", [path for path in FOLDER.glob("*.py") if not path.name.startswith("test_")], ids=lambda p: p.name
)
def test_generator_imports_nothing_of_the_library(path: Path) -> None:
    imported = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            imported |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            imported.add((node.module or "").split(".")[0])
    assert imported - sys.stdlib_module_names <= {"cryptography", "tests"}


class TestKeys:
    @pytest.mark.parametrize("vector", named(KEYS["keys"]))
    def test_parts_and_key_id(self, vector: dict[str, Any]) -> None:
        key = keys.LinkageKey.parse(vector["text"])
        assert (key.project, key.epoch, key.key_id) == (vector["project"], vector["epoch"], vector["key_id"])

    @pytest.mark.parametrize("vector", named(KEYS["keys"]))
    def test_subkeys(self, vector: dict[str, Any]) -> None:
        subkeys = keys.LinkageKey.parse(vector["text"]).subkeys(KEYS["profile_digest"])
        for label, value in vector["subkeys"].items():
            name = label.removeprefix("pseudonym/3/").replace("-", "_")
            assert getattr(subkeys, name).reveal().hex() == value, label

    @pytest.mark.parametrize("vector", named(KEYS["files"]))
    def test_text_forms(self, vector: dict[str, Any]) -> None:
        assert keys.LinkageKey.parse(vector["text"]).key_id == vector["key_id"]

    @pytest.mark.parametrize("vector", named(KEYS["keys"]))
    def test_saved_file_holds_the_text_form(self, vector: dict[str, Any], tmp_path: Path) -> None:
        keys.LinkageKey.parse(vector["text"]).save(tmp_path / "key")
        lines = (tmp_path / "key").read_text(encoding="utf-8").splitlines()
        assert [line for line in lines if line and not line.startswith("#")] == [vector["text"]]

    @pytest.mark.parametrize("vector", named(KEYS["bad"], "fault"))
    def test_bad_texts_are_refused(self, vector: dict[str, Any]) -> None:
        with pytest.raises(KeyFileError):
            keys.LinkageKey.parse(vector["text"])

    def test_profile_digest(self) -> None:
        assert profile_of(KEYS["profile"]).digest == KEYS["profile_digest"]


class TestNormalise:
    def test_tables(self) -> None:
        assert NORMALISE["tables"] == TABLES_DIGEST

    @pytest.mark.parametrize("vector", named(NORMALISE["names"]))
    def test_names(self, vector: dict[str, Any]) -> None:
        try:
            found = names.read_name(vector["text"], first=vector["first"], field=vector["field"])
        except FieldError:
            found = names.Name()
        for level in ("words", "grams", "sounds"):
            assert list(getattr(found, level)) == vector[level]
        assert [found.register, found.lead] == [vector["register"], vector["lead"]]

    @pytest.mark.parametrize("vector", named(NORMALISE["dates"]))
    def test_dates(self, vector: dict[str, Any]) -> None:
        try:
            found = digits(dates.read_birth_date(vector["text"]))
        except FieldError:
            found = None
        assert found == vector["date"]

    @pytest.mark.parametrize("vector", named(NORMALISE["sexes"]))
    def test_sexes(self, vector: dict[str, Any]) -> None:
        try:
            found = sex.read_sex(vector["text"])
        except FieldError:
            found = None
        assert found == vector["sex"]

    @pytest.mark.parametrize("vector", named(NORMALISE["numbers"]))
    def test_numbers(self, vector: dict[str, Any]) -> None:
        system, text = numbers.split_system(vector["text"])
        kind = listed(spellings.read_type_word, vector.get("number_type")) or listed(spellings.read_type_word, system)
        level = listed(spellings.read_level, vector.get("number_level"))
        assert number_of(text, vector, type=kind, level=level) == vector["number"]

    @pytest.mark.parametrize("vector", named(NORMALISE["centuries"]))
    def test_centuries(self, vector: dict[str, Any]) -> None:
        births = [born for text in vector["birth_dates"] if (born := born_on(text)) is not None]
        assert number_of(vector["text"], vector, births=births) == vector["number"]

    @pytest.mark.parametrize("vector", named(NORMALISE["words"]))
    def test_words(self, vector: dict[str, Any]) -> None:
        found = cases_of_records.WORDS[vector["column"]].get(words.folded(vector["text"]))
        assert found == vector["meaning"]

    @pytest.mark.parametrize("vector", named(NORMALISE["foreign_numbers"]))
    def test_foreign_numbers(self, vector: dict[str, Any]) -> None:
        try:
            found = numbers.read_foreign_number(vector["text"])
        except FieldError:
            found = None
        assert found == vector["foreign_number"]


def number_of(text: str, vector: dict[str, Any], **options: Any) -> dict[str, Any] | None:
    """Return what is read of a number, None if it is absent or unreadable."""
    day = date.fromisoformat(vector["reference_date"])
    try:
        number = numbers.read_number(text, reference_date=day, **options)
    except FieldError:
        return None
    return {
        "type": number.type,
        "valid": number.valid,
        "compact": number.compact,
        "birth_date": digits(number.birth) if number.birth else None,
        "certainty": number.certainty,
        "level": number.level,
    }


def born_on(text: str) -> dates.Birth | None:
    try:
        return dates.read_birth_date(text)
    except FieldError:
        return None


def listed(read: Callable[[str], str | None], word: str | None) -> str | None:
    """Return what a word for a type or level means; without a listed word the number is read alone."""
    try:
        return None if word is None else read(word)
    except FieldError:
        return None


def digits(found: dates.Birth) -> dict[str, str | int | None] | None:
    if found == dates.Birth():
        return None
    return {
        "year": f"{found.year:04d}",
        "month": None if found.month is None else f"{found.month:02d}",
        "day": None if found.day is None else f"{found.day:02d}",
        "margin": found.margin,
    }


def encoder(vectors: dict[str, Any], profile: Profile, **options: Any) -> encode.Encoder:
    return encode.Encoder(
        keys.LinkageKey.parse(vectors["key"]),
        reporter=cases.REPORTER,
        profile=profile,
        reference_date=date.fromisoformat(vectors["reference_date"]),
        keep_empty=True,
        **options,
    )


def codes_of(made: encode.Encoder, records: Iterable[encode.Record]) -> list[list[Any]]:
    """Return record id, kind, match key and content of each code; values are taken as they stand."""
    return [
        [record_id, int(kind), match_key.tobytes().hex(), content.tobytes().hex()]
        for batch in made.batches(records)
        for record_id, *of_record in zip(
            batch.record_ids, batch.codes.kind, batch.codes.match_key, batch.codes.content, strict=True
        )
        for kind, match_key, content in zip(*of_record, strict=True)
    ]


PROFILES = {each["profile"]["name"]: each for each in CODES["profiles"]}


class TestCodes:
    @pytest.mark.parametrize("vector", [pytest.param(vector, id=name) for name, vector in PROFILES.items()])
    def test_profiles(self, vector: dict[str, Any]) -> None:
        profile = profile_of(vector["profile"])
        assert profile.digest == vector["digest"]
        assert profile.encoding.content_bytes == vector["content_bytes"]

    @pytest.mark.parametrize("name", PROFILES)
    @pytest.mark.parametrize("vector", named(CODES["records"]))
    def test_codes(self, vector: dict[str, Any], name: str) -> None:
        profile = profile_of(PROFILES[name]["profile"])
        found = [row[1:] for row in codes_of(encoder(CODES, profile), [encode.Record(**vector["record"])])]
        # The order of the codes of one record is no one's business: on the wire they are sorted.
        assert sorted(found) == sorted(vector["codes"][name])

    @pytest.mark.parametrize("name", PROFILES)
    def test_codes_of_all_records_at_once(self, name: str) -> None:
        profile = profile_of(PROFILES[name]["profile"])
        records = [encode.Record(**vector["record"]) for vector in CODES["records"]]
        found = codes_of(encoder(CODES, profile), records)
        expected = [
            [vector["record"]["record_id"], *code] for vector in CODES["records"] for code in vector["codes"][name]
        ]
        assert sorted(found) == sorted(expected)

    @pytest.mark.parametrize(
        "n", [pytest.param(n, marks=[pytest.mark.whole] if n > 1000 else []) for n in map(int, DIGEST["after_records"])]
    )
    def test_digest_of_synthetic_records(self, n: int) -> None:
        state = hashlib.sha256()
        records = (encode.Record(**vars(record)) for record in cases.synthetic_records(n))
        found = codes_of(encoder(DIGEST, profile_of(DIGEST["profile"])), records)
        for _, rows in itertools.groupby(found, key=lambda row: row[0]):
            parts = (bytes([kind]) + bytes.fromhex(key + content) for _, kind, key, content in rows)
            state.update(b"".join(sorted(parts)))
        assert state.hexdigest() == DIGEST["after_records"][str(n)]


SUBMISSION_PROFILES = {document["name"]: profile_of(document) for document in SUBMISSION["profiles"]}
CODEBOOK = parse_codebook(json.dumps(SUBMISSION["codebook"]))
FINER_CODEBOOK = parse_codebook(json.dumps(SUBMISSION["finer_codebook"]))


def codebook_of(vector: dict[str, Any]) -> Codebook | None:
    """Return the codebook that a file follows, by its header as the generator made it."""
    reference = json.loads(vector["header"])["codebook"]
    books = {book.digest: book for book in (CODEBOOK, FINER_CODEBOOK)}
    return None if reference is None else books[reference["digest"]]


def codebook_of_fault(vector: dict[str, Any]) -> Codebook | None:
    if vector.get("finer_codebook"):
        return FINER_CODEBOOK
    return CODEBOOK if vector["codebook"] else None


def read(name: str, profile: str, *, codebook: Codebook | None) -> wire.Submission:
    return wire.read_submission(FOLDER / "submissions" / name, profile=SUBMISSION_PROFILES[profile], codebook=codebook)


class TestSubmissions:
    def test_codebook_digest(self) -> None:
        assert CODEBOOK.digest == SUBMISSION["codebook_digest"]
        assert FINER_CODEBOOK.digest == SUBMISSION["finer_codebook_digest"]

    @pytest.mark.parametrize("name", SUBMISSION["files"])
    def test_valid_files_are_read(self, name: str) -> None:
        vector = SUBMISSION["files"][name]
        codebook = codebook_of(vector)
        submission = read(name, vector["profile"], codebook=codebook)
        assert submission.header.canonical().decode() == vector["header"]
        assert submission.digest == vector["submission_digest"]
        assert submission.content_digest == vector["content_digest"]
        profile = SUBMISSION_PROFILES[vector["profile"]]
        assert wire.row_faults(submission, profile=profile, codebook=codebook) == []
        assert wire.read_header(FOLDER / "submissions" / name) == submission.header

    def test_record_digests(self) -> None:
        submission = read("valid.parquet", "test-submission", codebook=CODEBOOK)
        found = zip(submission.cases["record_id"].to_pylist(), submission.record_digests, strict=True)
        assert {record_id: digest.hex() for record_id, digest in found} == {
            vector["record"]["record_id"]: vector["digest"] for vector in SUBMISSION["records"]
        }

    def test_handles(self) -> None:
        submission = read("valid.parquet", "test-submission", codebook=CODEBOOK)
        found = zip(submission.cases["record_id"].to_pylist(), submission.cases["record"].to_pylist(), strict=True)
        assert {record_id: handle.hex() for record_id, handle in found} == {
            vector["record"]["record_id"]: vector["handle"] for vector in SUBMISSION["records"]
        }

    @pytest.mark.parametrize("name", FAULTS)
    def test_faults(self, name: str) -> None:
        vector = FAULTS[name]
        codebook = codebook_of_fault(vector)
        profile = SUBMISSION_PROFILES[vector["profile"]]
        if vector["outcome"] == "refused":
            with pytest.raises(wire.SubmissionError):
                read(name, vector["profile"], codebook=codebook)
            return
        submission = read(name, vector["profile"], codebook=codebook)
        faults = wire.row_faults(submission, profile=profile, codebook=codebook)
        record_ids = submission.cases["record_id"].to_pylist()
        assert [record_ids[fault.row] for fault in faults] == [vector["record_id"]]

    def test_a_file_of_the_specification_before_is_refused_with_the_remedy(self) -> None:
        with pytest.raises(wire.SubmissionError) as caught:
            read("header-spec-2.parquet", "test-submission", codebook=CODEBOOK)
        assert caught.value.rule == "submission.spec"
        assert caught.value.hint

    def test_every_file_is_listed(self) -> None:
        found = {path.name for path in (FOLDER / "submissions").glob("*.parquet")}
        assert found == FAULTS.keys() | SUBMISSION["files"].keys()

    @pytest.mark.whole
    def test_one_altered_bit_is_refused_or_changes_nothing(self, tmp_path: Path) -> None:
        data = (FOLDER / "submissions" / "valid.parquet").read_bytes()
        given = read("valid.parquet", "test-submission", codebook=CODEBOOK)
        profile = SUBMISSION_PROFILES["test-submission"]
        outcomes = set()
        # Steps without a common factor with 8 reach every bit of a byte; a bit in a part that no one reads may differ.
        for bit in range(0, 8 * len(data), 41):
            altered = bytearray(data)
            altered[bit // 8] ^= 1 << bit % 8
            (tmp_path / "altered.parquet").write_bytes(altered)
            try:
                found = wire.read_submission(tmp_path / "altered.parquet", profile=profile, codebook=CODEBOOK)
            except wire.SubmissionError:
                outcomes.add("refused")
            else:
                outcomes.add("read")
                assert (found.header, found.record_digests) == (given.header, given.record_digests), bit
                assert found.cases.equals(given.cases), bit
                assert found.codes.equals(given.codes), bit
        assert outcomes == {"refused", "read"}

    def test_arrow_schema_in_the_metadata_is_ignored(self, tmp_path: Path) -> None:
        # Other writers leave other Arrow types there (polars: large strings) for the same Parquet columns.
        source = pq.ParquetFile(FOLDER / "submissions" / "valid.parquet")
        fields = [
            pa.field(field.name, pa.large_string() if field.type == pa.string() else field.type, field.nullable)
            for field in source.schema_arrow
        ]
        schema = pa.schema(fields, metadata=source.schema_arrow.metadata)
        with pq.ParquetWriter(tmp_path / "large.parquet", schema) as writer:
            for index in range(source.num_row_groups):
                writer.write_table(source.read_row_group(index).cast(schema))
        profile = SUBMISSION_PROFILES["test-submission"]
        submission = wire.read_submission(tmp_path / "large.parquet", profile=profile, codebook=CODEBOOK)
        assert submission.digest == SUBMISSION["files"]["valid.parquet"]["submission_digest"]

    @pytest.mark.parametrize("codec", ["none", "snappy", "gzip", "zstd"])
    @pytest.mark.parametrize("version", ["1.0", "2.0"])
    def test_every_codec_and_version_of_pages_is_read(self, tmp_path: Path, codec: str, version: str) -> None:
        source = pq.ParquetFile(FOLDER / "submissions" / "valid.parquet")
        schema = source.schema_arrow
        path = tmp_path / "made.parquet"
        with pq.ParquetWriter(path, schema, compression=codec, data_page_version=version) as writer:
            for index in range(source.num_row_groups):
                writer.write_table(source.read_row_group(index))
        profile = SUBMISSION_PROFILES["test-submission"]
        submission = wire.read_submission(path, profile=profile, codebook=CODEBOOK)
        assert submission.digest == SUBMISSION["files"]["valid.parquet"]["submission_digest"]

    @pytest.mark.parametrize("vector", named(SUBMISSION["record_ids"]))
    def test_record_ids(self, vector: dict[str, Any]) -> None:
        assert (wire.id_rule(vector["text"]) is None) == vector["accepted"]

    @pytest.mark.parametrize("name", ["valid.parquet", "valid-days.parquet"])
    def test_library_writes_the_same_submission(self, name: str, tmp_path: Path) -> None:
        records = []
        for vector in SUBMISSION["records"]:
            case = {name: value for name, value in vector["case"].items() if not name.startswith("payload.")}
            payload = {
                name.removeprefix("payload."): value
                for name, value in vector["case"].items()
                if name.startswith("payload.") and value is not None
            }
            records.append(encode.Record(**{**vector["record"], **case}, payload=payload))
        profile = SUBMISSION_PROFILES["test-submission"]
        vector = SUBMISSION["files"][name]
        codebook = codebook_of(vector)
        made = encoder(SUBMISSION, profile, codebook=codebook)
        report = made.write(tmp_path / "out.parquet", records, sequence=7, period="2026-03", on_fault="ignore")
        assert report.header.canonical().decode() == vector["header"]
        written = wire.read_submission(tmp_path / "out.parquet", profile=profile, codebook=codebook)
        given = read(name, "test-submission", codebook=codebook)
        assert written.digest == vector["submission_digest"]
        assert written.cases.equals(given.cases)
        assert written.codes.equals(given.codes)


class TestWithdrawals:
    @pytest.mark.parametrize("name", WITHDRAWAL["valid"])
    def test_valid_files_are_read(self, name: str) -> None:
        path, vector = FOLDER / "withdrawals" / name, WITHDRAWAL["valid"][name]
        found = wire.read_withdrawal(path)
        assert (found.header.canonical().decode(), found.header.digest) == (vector["header"], vector["digest"])
        assert (len(found.records), len(found.cases)) == (found.header.records, found.header.cases)
        assert wire.read_any_header(path) == found.header
        with pytest.raises(wire.SubmissionError) as caught:
            wire.read_header(path)
        assert caught.value.rule == "submission.withdrawal"

    def test_ids(self) -> None:
        found = wire.read_withdrawal(FOLDER / "withdrawals" / "valid.parquet")
        assert (found.records, found.cases) == (("a-1", "\u00e5-2"), ("case-2",))

    @pytest.mark.parametrize("name", WITHDRAWAL["refused"])
    def test_faults(self, name: str) -> None:
        with pytest.raises(wire.SubmissionError) as caught:
            wire.read_withdrawal(FOLDER / "withdrawals" / name)
        assert caught.value.rule == f"submission.{WITHDRAWAL_RULES[name.removesuffix('.parquet')]}"

    def test_every_file_is_listed(self) -> None:
        found = {path.name for path in (FOLDER / "withdrawals").glob("*.parquet")}
        assert found == WITHDRAWAL["valid"].keys() | WITHDRAWAL["refused"].keys()

    @pytest.mark.parametrize("name", WITHDRAWAL["valid"])
    def test_library_writes_the_same_withdrawal(self, name: str, tmp_path: Path) -> None:
        given = wire.read_withdrawal(FOLDER / "withdrawals" / name)
        header = given.header.model_copy(update={"content_digest": "0" * 64})
        ids = {"records": reversed(given.records), "cases": reversed(given.cases)}
        written = wire.write_withdrawal(tmp_path / "out.parquet", header, **ids)
        assert written == given.header
        assert wire.read_withdrawal(tmp_path / "out.parquet") == given


class TestTotals:
    @staticmethod
    def read(name: str) -> wire.Totals:
        header = None if name not in TOTALS["valid"] else json.loads(TOTALS["valid"][name]["header"])
        codebook = CODEBOOK if header is None or header["codebook"] is not None else None
        return wire.read_totals(FOLDER / "totals" / name, codebook=codebook)

    @pytest.mark.parametrize("name", TOTALS["valid"])
    def test_valid_files_are_read(self, name: str) -> None:
        path, vector = FOLDER / "totals" / name, TOTALS["valid"][name]
        found = self.read(name)
        assert (found.header.canonical().decode(), found.header.digest) == (vector["header"], vector["digest"])
        assert len(found.cells) == found.header.cells
        assert wire.read_any_header(path) == found.header
        with pytest.raises(wire.SubmissionError) as caught:
            wire.read_header(path)
        assert caught.value.rule == "submission.totals"

    def test_cells(self) -> None:
        assert self.read("valid.parquet").cells == (
            wire.Cell((None, None), 7),
            wire.Cell((None, "A"), 4),
            wire.Cell((None, "B.1"), 3),
            wire.Cell(("SE", None), 0),
            wire.Cell(("SE", "A"), 1),
        )

    def test_the_codebook_is_that_of_the_submissions(self) -> None:
        assert parse_codebook(json.dumps(TOTALS["codebook"])).digest == CODEBOOK.digest

    @pytest.mark.parametrize("name", TOTALS["refused"])
    def test_faults(self, name: str) -> None:
        with pytest.raises(wire.SubmissionError) as caught:
            self.read(name)
        assert caught.value.rule == f"submission.{TOTALS_RULES[name.removesuffix('.parquet')]}"

    def test_every_file_is_listed(self) -> None:
        found = {path.name for path in (FOLDER / "totals").glob("*.parquet")}
        assert found == TOTALS["valid"].keys() | TOTALS["refused"].keys()

    @pytest.mark.parametrize("name", TOTALS["valid"])
    def test_library_writes_the_same_totals(self, name: str, tmp_path: Path) -> None:
        given = self.read(name)
        header = given.header.model_copy(update={"content_digest": "0" * 64})
        written = wire.write_totals(tmp_path / "out.parquet", header, given.cells[::-1])
        assert written == given.header
        codebook = None if header.codebook is None else CODEBOOK
        assert wire.read_totals(tmp_path / "out.parquet", codebook=codebook) == given
