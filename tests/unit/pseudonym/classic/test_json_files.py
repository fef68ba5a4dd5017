"""Files of clkhash and anonlink are read and written as theirs; whatever else a file holds is refused and not shown."""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from bitarray import bitarray

from pseudonym.classic import (
    ClassicError,
    json_files,
    read_blocks,
    read_clks,
    read_groups,
    read_similarities,
    write_clks,
    write_groups,
    write_similarities,
)
from pseudonym.classic.json_files import GROUP_SCHEMA, SIMILARITY_SCHEMA
from pseudonym.errors import OutputError

CLKS = {"clks": ["gAE=", "//8="]}
SCORES = {"similarity_scores": [[[0, 5], [1, 27], 1.0], [[1, 10], [0, 14], 0.93]]}
GROUPS = {"groups": [[[0, 6], [1, 3], [3, 1]], [[0, 8], [2, 6]]]}

Reader = Callable[[Path], Any]


def written(folder: Path, document: Any) -> Path:
    """Write a document, or a text as it is."""
    path = folder / "in.json"
    data = document if isinstance(document, bytes) else json.dumps(document).encode()
    path.write_bytes(data)
    return path


def rule_of(reader: Reader, path: Path) -> tuple[str, str | None]:
    """Return the rule that a file breaks, and where."""
    with pytest.raises(ClassicError) as caught:
        reader(path)
    assert "Anna" not in f"{caught.value}{caught.value!r}{caught.value.field}{caught.value.args}"
    assert caught.value.__cause__ is None
    return caught.value.rule, caught.value.field


# Encodings.


@pytest.mark.parametrize(
    "document",
    [CLKS, {"encodings": CLKS["clks"]}, {"clknblocks": [["gAE=", "a"], ["//8="]]}, {"clks": CLKS["clks"], "more": 1}],
)
def test_encodings_are_read_in_every_form(tmp_path: Path, document: Any) -> None:
    found = read_clks(written(tmp_path, document))
    assert found == [bitarray("1000000000000001"), bitarray("1111111111111111")]
    assert {one.endian if isinstance(one.endian, str) else one.endian() for one in found} == {"big"}


def test_what_is_written_is_as_clkhash_writes_it(tmp_path: Path) -> None:
    path = tmp_path / "clks.json"
    filters = [bitarray("1000000000000001"), bitarray("1000000000000001", endian="little")]
    write_clks(path, filters)
    assert json.loads(path.read_bytes()) == {"clks": ["gAE=", "gAE="]}
    assert read_clks(path) == filters
    write_clks(path, [])
    assert read_clks(path) == []


def test_a_length_that_is_no_multiple_of_eight_is_said_by_the_reader(tmp_path: Path) -> None:
    path = tmp_path / "clks.json"
    filters = [bitarray("1011000001"), bitarray("0000000000")]
    write_clks(path, filters)
    assert read_clks(path, length=10) == filters
    assert {len(one) for one in read_clks(path)} == {16}
    assert rule_of(lambda file: read_clks(file, length=17), path) == ("classic.lengths", "clks")


def test_blocks_stand_behind_their_encodings_or_in_a_file_of_their_own(tmp_path: Path) -> None:
    path = tmp_path / "blocked.json"
    write_clks(path, [bitarray("10000000"), bitarray("00000001")], blocks=[["a", "b"], []])
    assert json.loads(path.read_bytes()) == {"clknblocks": [["gA==", "a", "b"], ["AQ=="]]}
    assert read_blocks(path) == [("a", "b"), ()]
    assert read_blocks(written(tmp_path, {"blocks": {"2": ["x"], "0": [7]}, "meta": {}})) == [("7",), (), ("x",)]


@pytest.mark.parametrize(
    ("document", "rule", "field"),
    [
        (b"", "classic.json", None),
        (b"\xff\xfe", "classic.json", None),
        (b"[" * 100_000, "classic.json", None),
        (b'{"clks": [], "clks": []}', "classic.json", None),
        ([], "classic.no_clks", None),
        ({"clks": {"Anna": "gAE="}}, "classic.no_clks", None),
        ({"clk": ["gAE="]}, "classic.no_clks", None),
        ({"clks": ["gAE=", "Anna!"]}, "classic.base64", "clks[1]"),
        ({"clks": ["gA"]}, "classic.base64", "clks[0]"),
        ({"clks": ["gAE=\n"]}, "classic.base64", "clks[0]"),
        ({"clks": ["å"]}, "classic.base64", "clks[0]"),
        ({"clks": [7]}, "classic.base64", "clks[0]"),
        ({"clks": [None]}, "classic.base64", "clks[0]"),
        ({"clknblocks": [[]]}, "classic.base64", "clknblocks[0]"),
        ({"clks": ["gAE=", "gA=="]}, "classic.lengths", "clks"),
    ],
)
def test_a_file_without_encodings_is_refused(tmp_path: Path, document: Any, rule: str, field: str | None) -> None:
    assert rule_of(read_clks, written(tmp_path, document)) == (rule, field)


@pytest.mark.parametrize(
    ("document", "rule"),
    [
        (CLKS, "classic.no_clks"),
        ({"blocks": {"Anna": ["a"]}}, "classic.blocks"),
        ({"blocks": {"-1": ["a"]}}, "classic.blocks"),
        ({"blocks": {"1": ["a"], "01": ["b"]}}, "classic.blocks"),
        ({"blocks": {"99999999999": ["a"]}}, "classic.blocks"),
        ({"blocks": {"0": "a"}}, "classic.blocks"),
        ({"blocks": {"0": [{}]}}, "classic.blocks"),
        ({"clknblocks": ["gAE="]}, "classic.blocks"),
        ({"clknblocks": [[]]}, "classic.blocks"),
    ],
)
def test_blocks_that_belong_to_nothing_are_refused(tmp_path: Path, document: Any, rule: str) -> None:
    assert rule_of(read_blocks, written(tmp_path, document))[0] == rule


@pytest.mark.parametrize("reader", [read_clks, read_blocks, read_similarities, read_groups])
def test_what_is_no_file_of_a_fair_size_is_refused(
    tmp_path: Path, reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert rule_of(reader, tmp_path / "none.json") == ("classic.unreadable", None)
    assert rule_of(reader, tmp_path) == ("classic.unreadable", None)
    if os.path.exists("/dev/zero"):
        assert rule_of(reader, Path("/dev/zero")) == ("classic.unreadable", None)
    monkeypatch.setattr(json_files, "MAX_BYTES", 10)
    assert rule_of(reader, written(tmp_path, CLKS)) == ("classic.too_large", None)


def test_only_a_file_of_its_kind_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    path.write_text("notes", encoding="utf-8")
    with pytest.raises(OutputError) as caught:
        write_clks(path, [])
    assert caught.value.rule == "output.exists"
    path.unlink()
    write_groups(path, pa.table({"group": [0], "dataset": [0], "row": [1]}))
    with pytest.raises(OutputError):
        write_clks(path, [])


@pytest.mark.parametrize(
    ("filters", "blocks", "rule"),
    [
        (["10"], None, "classic.bits"),
        ([bitarray("1"), bitarray("10")], None, "classic.lengths"),
        ([bitarray("1")], [], "classic.blocks"),
        ([bitarray("1")], [[None]], "classic.blocks"),
    ],
)
def test_what_could_not_be_read_back_is_not_written(tmp_path: Path, filters: Any, blocks: Any, rule: str) -> None:
    with pytest.raises(ClassicError) as caught:
        write_clks(tmp_path / "x.json", filters, blocks=blocks)
    assert caught.value.rule == rule
    assert not list(tmp_path.iterdir())


# Results.


def test_similarity_scores_are_read_and_written(tmp_path: Path) -> None:
    found = read_similarities(written(tmp_path, SCORES))
    assert found.schema == SIMILARITY_SCHEMA
    assert found.to_pylist()[1] == {"dataset_a": 1, "row_a": 10, "dataset_b": 0, "row_b": 14, "similarity": 0.93}
    write_similarities(tmp_path / "out.json", found)
    assert json.loads((tmp_path / "out.json").read_bytes()) == SCORES
    oldest = read_similarities(written(tmp_path, {"similarity_scores": [[5, 27, 1]]}))
    assert oldest.to_pylist() == [{"dataset_a": 0, "row_a": 5, "dataset_b": 1, "row_b": 27, "similarity": 1.0}]
    assert read_similarities(written(tmp_path, {"similarity_scores": []})).num_rows == 0


def test_groups_are_read_and_written(tmp_path: Path) -> None:
    found = read_groups(written(tmp_path, GROUPS))
    assert found.schema == GROUP_SCHEMA
    assert found.column("group").to_pylist() == [0, 0, 0, 1, 1]
    write_groups(tmp_path / "out.json", found)
    assert json.loads((tmp_path / "out.json").read_bytes()) == GROUPS
    assert read_groups(written(tmp_path, {"groups": []})).num_rows == 0


@pytest.mark.parametrize(
    "entry",
    [
        [[0, 5], [1, 27]],
        [[0, 5], [1, 27], 1.01],
        [[0, 5], [1, 27], -0.1],
        [[0, 5], [1, 27], "Anna"],
        [[0, 5], [1, 27], True],
        [[0, 5], [1, -1], 1],
        [[0, 5], [1, 1.0], 1],
        [[0, 5], [True, 1], 1],
        [[0, 5, 6], [1, 1], 1],
        [[0, 5], 1, 1],
        [[0, 1 << 62], [1, 1], 1],
        "Anna",
        None,
    ],
)
def test_an_entry_that_is_no_score_is_refused(tmp_path: Path, entry: Any) -> None:
    path = written(tmp_path, {"similarity_scores": [*SCORES["similarity_scores"], entry]})
    assert rule_of(read_similarities, path) == ("classic.similarity", "similarity_scores[2]")


def test_a_score_that_is_no_number_is_no_json(tmp_path: Path) -> None:
    assert rule_of(read_similarities, written(tmp_path, b'{"similarity_scores": [[0, 1, NaN]]}'))[0] == "classic.json"


@pytest.mark.parametrize(
    "group",
    [[[0, 6]], [[0, 5], [0, 5]], [[0, 5, 1]], [["Anna", 5]], [[0, -5]], "Anna", None, {"Anna": 1}, [[False, 1]]],
)
def test_a_group_that_is_none_is_refused(tmp_path: Path, group: Any) -> None:
    path = written(tmp_path, {"groups": [*GROUPS["groups"], group]})
    assert rule_of(read_groups, path) == ("classic.group", "groups[2]")


@pytest.mark.parametrize(
    ("reader", "rule"), [(read_similarities, "classic.similarities"), (read_groups, "classic.groups")]
)
@pytest.mark.parametrize("document", [[], {}, CLKS, {"similarity_scores": {}, "groups": {}}, None, "Anna"])
def test_a_file_without_results_is_refused(tmp_path: Path, reader: Reader, rule: str, document: Any) -> None:
    assert rule_of(reader, written(tmp_path, document)) == (rule, None)


@pytest.mark.parametrize(
    ("write", "table", "rule"),
    [
        (write_similarities, pa.table({"row_a": [1]}), "classic.columns"),
        (write_groups, pa.table({"group": [1]}), "classic.columns"),
        (write_groups, pa.table({"group": [1, 2], "dataset": [0, 0], "row": [3, 3]}), "classic.group"),
        (
            write_similarities,
            pa.table({"dataset_a": [0], "row_a": [1], "dataset_b": [1], "row_b": [1], "similarity": [2.0]}),
            "classic.similarity",
        ),
    ],
)
def test_a_table_that_could_not_be_read_back_is_not_written(
    tmp_path: Path, write: Any, table: pa.Table, rule: str
) -> None:
    with pytest.raises(ClassicError) as caught:
        write(tmp_path / "x.json", table)
    assert caught.value.rule == rule
    assert not list(tmp_path.iterdir())


def test_base64_is_the_standard_one() -> None:
    assert base64.b64encode(bitarray("1" * 16).tobytes()) == b"//8="
