"""A submission splits into a part with codes alone and a part with cases alone, and each is read strictly."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from pseudonym.canonical import length_prefixed
from pseudonym.errors import SubmissionError
from pseudonym.wire import (
    RESERVED,
    CasesHeader,
    CodesHeader,
    case_faults,
    code_faults,
    fixed_bytes,
    fixed_column,
    open_cases,
    open_codes,
    part_writer,
    read_header,
    read_submission,
    row_faults,
    split_submission,
)
from tests.unit.codebooks import book_of
from tests.unit.linkage.helpers import OTHER_PROFILE, PROFILE, Rec, crowd, send

BOOK = book_of("1", {"kind": (False, "A B"), "place": (True, "X Y")})
OTHER_BOOK = book_of("2", {"kind": (False, "A B")})
RECORDS = [
    Rec("a-1", 1, {"role": "victim", "case_id": "c-1"}, {"kind": "A", "place": "X Y"}),
    Rec("a-2", 2, {"event_date": "2026-03"}),
    Rec("a-3", 3, {}, {"kind": "B"}),
]

Parts = tuple[Path, Path, Path]


@pytest.fixture
def parts(tmp_path: Path) -> Parts:
    return split(tmp_path, RECORDS, codebook=BOOK)


def split(folder: Path, records: list[Rec], **options: Any) -> Parts:
    whole = send(folder / "whole.parquet", "police", 7, records, **options)
    codes, cases = folder / "codes.parquet", folder / "cases.parquet"
    split_submission(whole, codes=codes, cases=cases, profile=PROFILE, codebook=options.get("codebook"))
    return whole, codes, cases


def codes_of(path: Path, profile: Any = PROFILE) -> tuple[CodesHeader, list[Any]]:
    with open_codes(path, profile=profile) as (header, turns):
        return header, list(turns)


def cases_of(path: Path, codebook: Any = BOOK) -> tuple[CasesHeader, list[Any]]:
    with open_cases(path, codebook=codebook) as (header, turns):
        return header, list(turns)


def refusal(read: Callable[..., Any], *args: Any) -> str:
    with pytest.raises(SubmissionError) as caught:
        read(*args)
    return caught.value.rule


def rewrite(
    path: Path,
    change: Callable[[list[pa.Table]], list[pa.Table]] = lambda groups: groups,
    *,
    header: Callable[[dict[str, Any]], dict[str, Any]] = lambda members: members,
    extra: dict[str, str] | None = None,
) -> Path:
    """Write a part again with other row groups, and a header whose own digest is right."""
    file = pq.ParquetFile(path)
    key, label = next(
        (key, label)
        for key, label in ((b"pseudonym.codes", "codes"), (b"pseudonym.cases", "cases"))
        if key in file.metadata.metadata
    )
    groups = change([file.read_row_group(index) for index in range(file.num_row_groups)])
    members = header(json.loads(file.metadata.metadata[key]))
    text = json.dumps(members, sort_keys=True, separators=(",", ":"))
    digest = hashlib.sha256(length_prefixed(f"pseudonym/3/{label}", text)).hexdigest()
    schema = groups[0].schema if groups else file.schema_arrow
    with pq.ParquetWriter(path, schema, store_schema=False) as writer:
        for group in groups:
            writer.write_table(group, row_group_size=max(group.num_rows, 1))
        writer.add_key_value_metadata({key.decode(): text, "pseudonym.digest": digest, **(extra or {})})
    return path


def test_each_part_has_its_own_half_of_the_rows(parts: Parts) -> None:
    whole, codes, cases = parts
    both = read_submission(whole, profile=PROFILE, codebook=BOOK)
    _, (code_turn,) = codes_of(codes)
    _, (case_turn,) = cases_of(cases)
    assert code_turn.codes.to_pylist() == both.codes.to_pylist()
    assert case_turn.cases.to_pylist() == both.cases.to_pylist()
    assert np.array_equal(code_turn.records, fixed_bytes(both.cases["record"]))
    assert pq.read_schema(codes).names == ["record", "kind", "match_key", "content"]
    assert pq.read_schema(cases).names == ["record", "record_id", *RESERVED, "payload.kind", "payload.place"]


def test_each_header_has_what_its_unit_needs_and_no_more(parts: Parts) -> None:
    whole = read_header(parts[0])
    codes, cases = codes_of(parts[1])[0], cases_of(parts[2])[0]
    shared = {"spec", "key_id", "epoch", "reporter", "sequence", "previous", "records", "nothing_to_report"}
    own = {"content_digest"}
    assert codes.members().keys() == shared | own | {"profile", "profile_digest", "codes"}
    assert cases.members().keys() == shared | own | {"codebook", "period", "quality"}
    for header in (codes, cases):
        assert {name: value for name, value in header.members().items() if name not in own} == {
            name: value for name, value in whole.members().items() if name in header.members() and name not in own
        }
    assert len({whole.content_digest, codes.content_digest, cases.content_digest}) == 3


def test_a_complete_delivery_is_complete_in_the_part_with_cases(tmp_path: Path) -> None:
    _, codes, cases = split(tmp_path, RECORDS, complete=True)
    assert cases_of(cases, None)[0].complete
    assert "complete" not in codes_of(codes)[0].members()


def test_content_digests_are_those_of_the_specification(parts: Parts) -> None:
    header, (turn,) = codes_of(parts[1])
    digests = []
    for handle in {row["record"] for row in turn.codes.to_pylist()}:
        own = [row for row in turn.codes.to_pylist() if row["record"] == handle]
        joined = b"".join(sorted(bytes([row["kind"]]) + row["match_key"] + row["content"] for row in own))
        digests.append(hashlib.sha256(length_prefixed("pseudonym/3/codes-record", handle, joined)).digest())
    joined = b"".join(sorted(digests))
    assert header.content_digest == hashlib.sha256(length_prefixed("pseudonym/3/codes-content", joined)).hexdigest()
    header, (turn,) = cases_of(parts[2])
    digests = []
    for row in turn.cases.to_pylist():
        fixed = [row[name] for name in ("record", "record_id", *RESERVED)]
        items = ["kind", row["payload.kind"], "place", row["payload.place"]]
        digests.append(hashlib.sha256(length_prefixed("pseudonym/3/cases-record", *fixed, "2", *items)).digest())
    joined = b"".join(sorted(digests))
    assert header.content_digest == hashlib.sha256(length_prefixed("pseudonym/3/cases-content", joined)).hexdigest()


@pytest.mark.whole
def test_parts_of_several_groups(tmp_path: Path) -> None:
    whole, codes, cases = split(tmp_path, crowd("police", range(9000)))
    header, code_turns = codes_of(codes)
    assert (header.records, header.codes) == (9000, 27000)
    assert [len(turn.records) for turn in code_turns] == [8192, 808]
    assert [turn.cases.num_rows for turn in cases_of(cases, None)[1]] == [8192, 808]
    both = read_submission(whole, profile=PROFILE, codebook=None)
    assert pa.concat_tables(turn.codes for turn in code_turns).to_pylist() == both.codes.to_pylist()


def test_nothing_to_report(tmp_path: Path) -> None:
    _, codes, cases = split(tmp_path, [], codebook=BOOK)
    header, turns = codes_of(codes)
    assert (header.nothing_to_report, header.records, turns) == (True, 0, [])
    header, turns = cases_of(cases)
    assert (header.nothing_to_report, header.codebook.version, turns) == (True, "1", [])
    # Whoever has another codebook can still note that there was nothing.
    assert cases_of(cases, OTHER_BOOK)[0] == cases_of(cases, None)[0] == header


def test_nothing_to_report_under_a_codebook_that_is_not_at_hand(tmp_path: Path) -> None:
    whole = send(tmp_path / "whole", "police", 7, [], codebook=BOOK)
    split_submission(whole, codes=tmp_path / "codes", cases=tmp_path / "cases", profile=PROFILE, codebook=None)
    assert cases_of(tmp_path / "cases", None)[0].codebook.version == "1"


def test_faults_of_rows_are_found_in_the_part_that_has_the_rows(tmp_path: Path) -> None:
    records = [*RECORDS, Rec("a-4", 4, {"role": "suspect"}), Rec("a-5", 5, {}, {}, missing=1)]
    records += [Rec("a-6", 6, {"report_date": "2026-03-01"})]
    whole, codes, cases = split(tmp_path, records, codebook=BOOK)
    both = read_submission(whole, profile=PROFILE, codebook=BOOK)
    expected = row_faults(both, profile=PROFILE, codebook=BOOK)
    (turn,) = codes_of(codes)[1]
    found = code_faults(turn.records, turn.codes, profile=PROFILE)
    found += case_faults(cases_of(cases)[1][0].cases, codebook=BOOK)
    assert sorted(found, key=lambda fault: fault.row) == expected
    assert {fault.rule for fault in expected} == {"codes.counts", "report_date.day", "role.unknown"}


def test_a_record_without_any_code_is_in_the_part_with_cases_alone(tmp_path: Path, monkeypatch: Any) -> None:
    # No writer of ours makes one.
    right = part_writer.open_submission

    @contextmanager
    def without_the_second(*args: Any, **options: Any) -> Iterator[Any]:
        with right(*args, **options) as (header, turns):
            yield header, (replace(turn, codes=codes_but_of(turn.cases["record"][1], turn.codes)) for turn in turns)

    def codes_but_of(handle: Any, codes: pa.Table) -> pa.Table:
        return codes.filter(pc.not_equal(codes["record"], handle))

    monkeypatch.setattr(part_writer, "open_submission", without_the_second)
    _, codes, cases = split(tmp_path, RECORDS, codebook=BOOK)
    header, (turn,) = codes_of(codes)
    _, (case_turn,) = cases_of(cases)
    handles = fixed_bytes(case_turn.cases["record"])
    assert (header.records, len(handles)) == (2, 3)
    assert np.array_equal(turn.records, handles[[0, 2]])


def test_a_part_is_neither_a_submission_nor_the_other_part(parts: Parts) -> None:
    whole, codes, cases = parts
    assert refusal(read_header, codes) == refusal(read_header, cases) == "submission.part"
    assert refusal(codes_of, cases) == refusal(codes_of, whole) == "submission.part"
    assert refusal(cases_of, codes) == refusal(cases_of, whole) == "submission.part"
    rewrite(codes, extra={"pseudonym.submission": "{}"})
    assert refusal(codes_of, codes) == "submission.part"


def test_other_documents_are_refused(parts: Parts) -> None:
    assert refusal(codes_of, parts[1], OTHER_PROFILE) == "submission.profile"
    assert refusal(cases_of, parts[2], OTHER_BOOK) == refusal(cases_of, parts[2], None) == "submission.codebook"


def test_a_damaged_submission_is_not_split(tmp_path: Path) -> None:
    whole = send(tmp_path / "whole", "police", 7, RECORDS)
    whole.write_bytes(whole.read_bytes()[:-100])
    with pytest.raises(SubmissionError):
        split_submission(whole, codes=tmp_path / "codes", cases=tmp_path / "cases", profile=PROFILE, codebook=None)
    assert [path.name for path in tmp_path.iterdir()] == ["whole"]


def _with(column: str, change: Callable[[list[Any]], list[Any]]) -> Callable[[list[pa.Table]], list[pa.Table]]:
    def changed(groups: list[pa.Table]) -> list[pa.Table]:
        (group,) = groups
        field = group.schema.field(column)
        place = group.schema.get_field_index(column)
        return [group.set_column(place, field, pa.array(change(group[column].to_pylist()), field.type))]

    return changed


def _rows(order: Callable[[int], list[int]]) -> Callable[[list[pa.Table]], list[pa.Table]]:
    return lambda groups: [groups[0].take(order(groups[0].num_rows))]


def _two_groups(groups: list[pa.Table]) -> list[pa.Table]:
    return [groups[0].slice(0, 1), groups[0].slice(1)]


FIRST_TWICE = _rows(lambda n: [0, *range(n)])
BACKWARDS = _rows(lambda n: [*range(n)][::-1])
ONE_LESS = _rows(lambda n: [*range(n - 1)])


@pytest.mark.parametrize(
    ("rule", "change", "header"),
    [
        ("order", BACKWARDS, {}),
        ("counts", ONE_LESS, {}),
        ("content", _with("content", lambda values: [bytes(len(value)) for value in values]), {}),
        ("content", _with("kind", lambda values: [1] * len(values)), {}),
        ("values", _two_groups, {}),
        ("groups", lambda groups: [*groups, groups[0].slice(0, 0)], {}),
        ("columns", lambda groups: [groups[0].drop_columns("kind")], {}),
        ("counts", lambda groups: groups, {"codes": 8}),
        ("counts", lambda groups: groups, {"records": 4}),
        ("content", lambda groups: groups, {"content_digest": "0" * 64}),
        ("spec", lambda groups: groups, {"spec": 2}),
        ("header", lambda groups: groups, {"period": "2026-03"}),
        ("header", lambda groups: groups, {"nothing_to_report": True}),
    ],
)
def test_codes_that_were_changed_are_refused(parts: Parts, rule: str, change: Any, header: dict[str, Any]) -> None:
    rewrite(parts[1], change, header=lambda members: members | header)
    assert refusal(codes_of, parts[1]) == f"submission.{rule}"


@pytest.mark.parametrize(
    ("rule", "change", "header"),
    [
        ("order", BACKWARDS, {}),
        ("counts", ONE_LESS, {}),
        ("values", FIRST_TWICE, {"records": 4}),
        ("values", _with("record_id", lambda values: [values[0]] * len(values)), {}),
        ("values", _with("record_id", lambda values: [None, *values[1:]]), {}),
        ("content", _with("case_id", lambda values: [None] * len(values)), {}),
        ("content", _with("payload.kind", lambda values: ["B"] * len(values)), {}),
        ("too_large", _with("case_id", lambda values: ["x" * 257, *values[1:]]), {}),
        ("columns", lambda groups: [groups[0].drop_columns("payload.kind")], {}),
        ("header", lambda groups: groups, {"profile": "test"}),
        ("header", lambda groups: groups, {"complete": False}),
        ("header", lambda groups: groups, {"nothing_to_report": True}),
        ("header", lambda groups: groups, {"quality": {}}),
    ],
)
def test_cases_that_were_changed_are_refused(parts: Parts, rule: str, change: Any, header: dict[str, Any]) -> None:
    rewrite(parts[2], change, header=lambda members: members | header)
    assert refusal(cases_of, parts[2]) == f"submission.{rule}"


def test_a_group_with_codes_of_too_many_records_is_refused(parts: Parts) -> None:
    def many(groups: list[pa.Table]) -> list[pa.Table]:
        n = 8193
        handles = np.arange(n, dtype=">u8").view(np.uint8).reshape(n, 8)
        rows = groups[0].take([0] * n)
        return [rows.set_column(0, rows.schema.field(0), fixed_column(np.hstack([handles, handles])))]

    rewrite(parts[1], many, header=lambda members: members | {"codes": 8193, "records": 8193})
    assert refusal(codes_of, parts[1]) == "submission.groups"


def test_a_short_file_that_claims_many_records_is_refused_before_it_is_read(parts: Parts) -> None:
    def repeated(groups: list[pa.Table]) -> list[pa.Table]:
        return [groups[0].take([0] * 8192)] * 40

    rewrite(parts[2], repeated, header=lambda members: members | {"records": 8192 * 40, "quality": QUALITY})
    assert refusal(cases_of, parts[2]) == "submission.too_large"


QUALITY = {
    name: {"missing": 0, "unreadable": 0, "marked": 0}
    for name in ("number", "foreign_number", "given_names", "family_names", "birth_date", "sex")
}
