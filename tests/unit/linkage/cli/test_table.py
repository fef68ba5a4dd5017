"""`linkage table`: text, JSON and files, each with what its figures are, and what is refused."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from openpyxl import load_workbook

from linkage import cli
from linkage.cli.cross_table import cross_table
from linkage.cli.table_text import WARNING
from linkage.counting import Dimension, default_rules
from linkage.pipeline import Registry
from tests.unit.codebooks import book_of
from tests.unit.linkage.helpers import PROFILE, Rec, send

pytestmark = pytest.mark.whole

Run = Callable[..., tuple[int, str, str]]

BOOK = book_of("1", {"kind": (False, "taken kept unknown"), "why": (True, "a b")})
POLICE = [
    Rec("p1", 1, {"role": "victim", "event_date": "2024-03"}, {"kind": "taken", "why": "a b"}),
    Rec("p2", 2, {"role": "victim", "event_date": "2025-03"}, {"kind": "kept"}),
    Rec("p3", 3, {"role": "accompanying_adult", "event_date": "2025-03"}, {"kind": "kept"}),
]
SCHOOL = [Rec("s1", 1, {"role": "victim", "event_date": "2024-05"}, {"kind": "kept"})]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A registry with three persons, of whom two are victims, to be copied."""
    folder = tmp_path_factory.mktemp("made")
    registry = Registry.create(folder / "r", profile=PROFILE, codebook=BOOK)
    registry.receive(send(folder / "a", "police", 1, POLICE, codebook=BOOK, period="2025"))
    registry.receive(send(folder / "b", "school", 1, SCHOOL, codebook=BOOK, period="2024"))
    registry.link()
    return folder


@pytest.fixture
def run(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run a command of `linkage` on a copy of the registry."""
    shutil.copytree(made, tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)

    def go(command: str, *words: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as ended:
            cli.main([command, "r", *words])
        return (int(ended.value.code or 0), *capsys.readouterr())

    return go


def test_the_text_says_what_is_counted_and_that_it_must_not_leave(run):
    status, out, err = run("table", "--by", "kind")
    assert (status, err) == (0, "")
    lines = out.splitlines()
    assert lines[0] == WARNING
    assert lines[1] == "Persons (victims) by kind, all times: 2. Preliminary."
    table = [line.split() for line in lines[2:6]]
    assert [(row[0], row[-1]) for row in table] == [("kind", "persons"), ("taken", "1"), ("kept", "1"), ("all", "2")]
    assert "Codebook: cases 1." in lines
    assert "Definition: none; everybody in the role counts." in lines
    assert any(line.startswith("Attribute rules: default 1 (") for line in lines)
    assert any("kind: one value; records of the period; known before unknown" in line for line in lines)
    assert "  all reporting periods: 2 reported (police, school); 2 silent (police, school)" in lines


def test_years_are_columns_with_their_totals_and_coverage(run):
    out = run("table", "--by", "kind", "--by", "year", "--period", "2023..2025")[1]
    lines = out.splitlines()
    rows = [line.split() for line in lines if line.startswith("  ")]
    assert rows[0] == ["kind", "2023", "2024", "|2025"]
    assert [row for row in rows if row[0] in {"taken", "kept", "all"}][:3] == [
        ["taken", "Text", "0", "1", "0"],
        ["kept", "Text", "0", "0", "1"],
        ["all", "0", "1", "1"],
    ]
    assert "  2023: nothing sent" in lines
    assert "  2024: 1 reported (school); 1 silent (police)" in lines
    assert "  |2025 roster: police sends from 2025 on" in lines


def test_years_alone_are_one_row_with_marks(run):
    lines = run("table", "--by", "year")[1].splitlines()
    assert [line.split() for line in lines[2:4]] == [["2024", "|2025"], ["all", "1", "1"]]


@pytest.mark.parametrize(
    ("where", "hint"),
    [
        ("kind=gone", "pseudonym codebook show"),
        ("reporter=ud", "linkage roster list"),
        ("first_reporter=ud", "linkage roster list"),
        ("n_reporters=two", "n_reporters=2"),
    ],
)
def test_a_code_that_there_is_not_is_answered_by_where_the_codes_are(run, where, hint):
    status, _, err = run("table", "--where", where)
    assert (status, "table.code" in err, hint in err) == (5, True, True)


def test_two_items_make_a_cross_table(run):
    lines = run("table", "--by", "kind", "--by", "n_reporters")[1].splitlines()
    rows = [line.split() for line in lines[2:6]]
    assert rows == [
        ["kind", "1", "2", "all"],
        ["taken", "Text", "0", "1", "1"],
        ["kept", "Text", "1", "0", "1"],
        ["all", "1", "1", "2"],
    ]
    assert lines[6] == "  The columns are n_reporters."
    # The sum of cells that can hold one person twice is no number of persons.
    lines = run("table", "--by", "why", "--by", "kind")[1].splitlines()
    assert lines[2].split() == ["why", "taken", "kept"]
    assert not any(line.startswith("  all ") for line in lines[3:6])
    assert "  The columns are kind: taken (Text), kept (Text)." in lines


def test_the_item_with_fewer_values_is_in_the_columns_where_the_other_does_not_fit(run, monkeypatch):
    monkeypatch.setenv("COLUMNS", "40")
    lines = run("table", "--by", "kind", "--by", "reporters")[1].splitlines()
    assert any(line.split() == ["reporters", "taken", "kept", "all"] for line in lines)


def test_a_cross_table_that_does_not_fit_is_a_list():
    wide, high = Dimension(name="wide", kind="item"), Dimension(name="high", kind="item")
    cells = [{wide.column: f"code {one:02}", high.column: f"code {one:02}", "count": 1} for one in range(20)]
    assert cross_table((wide, high), cells, ["1"] * 20, total=20, sums=True) is None
    assert cross_table((wide,), cells, ["1"] * 20, total=20, sums=True) is None
    assert cross_table((wide, high), cells[:3], ["1"] * 3, total=3, sums=True) is not None


def test_cells_that_do_not_add_up_are_said_to(run):
    out = run("table", "--by", "why")[1]
    assert "The cells add up to more than the total: one person can have several values of why." in out
    assert "add up" not in run("table", "--by", "kind")[1]
    # Years may overlap, but with one of them nothing adds up to more.
    assert "add up" not in run("table", "--by", "year", "--period", "2024")[1]


def test_a_filter_for_no_answer_is_said_in_words(run):
    assert "Only: kind=(not given)." in run("table", "--where", "kind=")[1].splitlines()


def test_items_may_be_repeated_or_have_commas_between(run):
    assert run("table", "--by", "kind,year") == run("table", "--by", "kind", "--by", "year")
    assert run("table", "--by", "kind,")[0] == 5


def test_conflicts_are_shown_on_request(run):
    assert "Conflicts" not in run("table", "--by", "kind")[1]
    out = run("table", "--by", "kind", "--conflicts")[1]
    assert out.splitlines()[-1].split() == ["kind", "2", "2", "1", "1", "earliest", "1"]


def test_json_has_all_of_it(run):
    status, out, _ = run(
        "table", "--by", "year", "--by", "kind", "--json", "--where", "kind=taken", "--where", "kind=kept"
    )
    found = json.loads(out)
    assert status == 0
    assert found["use"].startswith("internal: not for release")
    assert (found["unit"], found["role"], found["figures"], found["total"]) == ("person", "victim", "preliminary", 2)
    certain = {"low": 1, "high": 1}
    assert found["totals"] == [{"year": year, "count": 1} | certain for year in ("2024", "2025")]
    assert {"year": "2024", "kind": "taken", "count": 1} | certain in found["cells"]
    assert (found["total_low"], found["total_high"]) == (2, 2)
    assert "95 % range" in found["ranges"]
    assert found["where"] == ["kind=taken", "kind=kept"]
    assert (found["cells_add_up"], found["several_values"]) == (True, ["year"])
    assert json.loads(run("table", "--by", "why", "--json")[1])["cells_add_up"] is False
    assert found["conflicts"][0]["differing"] == 1
    assert (found["review"], found["unlinked"], found["erased"]) == (0, 0, 0)


def test_files_have_the_same_rows_in_each_form_and_replace_each_other(run):
    wide = ("--by", "why", "--by", "kind", "--role", "all")
    for path in ("t.csv", "t.parquet", "t.xlsx"):
        for words in (("--by", "kind"), wide):
            status, _, err = run("table", *words, "--out", path)
            assert (status, err) == (0, "")
    rows = list(csv.DictReader(io.StringIO(Path("t.csv").read_text(encoding="utf-8"))))
    plain = [{name: value or "" for name, value in row.items()} for row in pq.read_table("t.parquet").to_pylist()]
    assert [row | {name: str(row[name] or 0) for name in ("count", "low", "high")} for row in plain] == rows
    sheet = load_workbook("t.xlsx").active
    assert [str(cell.value) for cell in sheet[1]] == list(rows[0])
    assert sheet.max_row == len(rows) + 1
    assert {row["use"].split(":")[0] for row in rows} == {"internal"}
    assert {(row["counted"], row["of_role"], row["codebook"], row["figures"]) for row in rows} == {
        ("person", "all", "cases 1", "preliminary")
    }


def test_standard_output_has_the_rows_and_nothing_else(run):
    status, out, err = run("table", "--by", "kind", "--out", "-")
    assert (status, err) == (0, "-: 2 rows. Internal, not for release.\n")
    assert [row["kind"] for row in csv.DictReader(io.StringIO(out))] == ["taken", "kept"]


@pytest.mark.parametrize(
    ("words", "status", "rule"),
    [
        (["--by", "nothing"], 5, "table.item"),
        (["--by", "kind", "--by", "kind"], 5, "table.repeated"),
        (["--where", "kind=gone"], 5, "table.code"),
        (["--where", "kind"], 5, "table.where"),
        (["--period", "2026..2024"], 5, "table.period"),
        (["--period", "2024-13"], 5, "table.period"),
        (["--as-of", "2999-01-01"], 5, "table.as_of"),
        (["--as-of", "yesterday"], 2, "--as-of"),
        (["--unit", "household"], 2, "--unit"),
        (["--role", "suspect"], 2, "--role"),
        (["--rules", "none.json"], 5, "rules.unreadable"),
        (["--definition", "bad.json"], 5, "definition.json"),
        (["--out", "t.txt"], 6, "export.suffix"),
        (["--out", "other.csv"], 6, "export.exists"),
    ],
)
def test_what_cannot_be_done_is_refused(run, words, status, rule):
    Path("bad.json").write_text("{", encoding="utf-8")
    Path("other.csv").write_text("reporter,record_id,person_id\n", encoding="utf-8")
    found, out, err = run("table", *words)
    assert (found, out) == (status, "")
    assert rule in err


def test_the_error_budget_is_drawn_and_told(run):
    status, out, _ = run("table", "--by", "kind", "--where", "kind=taken", "--budget", "b.svg")
    assert status == 0
    lines = out.splitlines()
    start = lines.index("Error budget of the total, in persons, mean over draws and 95 % range:")
    rows = [line.split() for line in lines[start + 1 : start + 9]]
    # Without bands nobody can say how many records never met.
    names = ["persons", "found", "wrong", "undecided", "expected", "records", "attribute", "silent"]
    assert [row[0] for row in rows] == names
    assert rows[1] == ["found", "1"]
    said = " ".join(out.split())
    assert "another record says otherwise" in said
    assert "what police, school would have added in the missing months if these were like those" in said
    assert "Missing reports: silent: police, school." in said
    assert "Expected: 1.0 (1-1) persons. On top, in no range: records that never met: no figure" in Path(
        "b.svg"
    ).read_text(encoding="utf-8")
    found = json.loads(run("table", "--json", "--budget", "b.svg")[1])
    assert [step["cause"] for step in found["budget"]["steps"]] == [
        "wrong links",
        "undecided pairs",
    ]
    assert [one["cause"] for one in found["budget"]["beyond"]] == [
        "records that never met",
        "attribute conflicts",
        "silent reporters",
    ]
    assert found["budget"]["beyond"][0]["mean"] is None
    assert "budget" not in json.loads(run("table", "--json")[1])


@pytest.mark.parametrize(
    ("words", "status", "rule"),
    [
        (["--unit", "case"], 5, "table.budget"),
        (["--as-of", "2026-01-10"], 5, "table.budget"),
        (["--plot", "b.svg"], 2, "--budget"),
    ],
)
def test_without_ranges_there_is_no_budget(run, words, status, rule):
    found, out, err = run("table", "--budget", "b.svg", *words)
    assert (found, out) == (status, "")
    assert rule in err
    assert not Path("b.svg").exists()


def test_a_file_and_json_are_not_both_written(run):
    status, out, _ = run("table", "--out", "t.csv", "--json")
    assert (status, json.loads(out)["error"]["field"]) == (2, "--out")
    assert not Path("t.csv").exists()


def test_overlap_has_each_part(run):
    status, out, _ = run("overlap", "--period", "2024")
    lines = out.splitlines()
    assert (status, lines[0]) == (0, WARNING)
    assert lines[1] == "Persons (victims), 2024: 1. Preliminary."
    assert ["police", "+", "school", "2", "1"] in [line.split() for line in lines]
    assert ["police", "school", "1", "1", "0", "0", "2"] in [line.split() for line in lines]
    assert any(line.startswith("With a closed case: 0 persons; 0 of them came back: 0 to") for line in lines)
    found = json.loads(run("overlap", "--json")[1])
    assert (found["total"], found["returns"]["closed"]) == (2, 0)
    for part, column in (("exact", "reporters"), ("pairs", "a_first"), ("order", "only"), ("returns", "returned")):
        assert run("overlap", "--out", "o.csv", "--part", part)[0] == 0
        assert column in Path("o.csv").read_text(encoding="utf-8").splitlines()[0].split(",")
    assert run("overlap", "--where", "kind=gone")[0] == 5
    assert run("overlap", "--plot", "o.svg")[0] == 0
    assert "known to exactly these reporters: police: 1; police and school: 1." in Path("o.svg").read_text(
        encoding="utf-8"
    )
    assert run("overlap", "--plot", "o.csv")[0] == 6


def test_of_many_sets_and_pairs_the_text_has_the_largest_and_says_so(run, monkeypatch):
    monkeypatch.setattr("linkage.cli.overlap.MOST_ROWS", 1)
    out = run("overlap", "--role", "all")[1]
    lines = [line.split() for line in out.splitlines()]
    # The police know two persons alone, and one with the school.
    assert ["police", "1", "2"] in lines
    assert ["police", "+", "school", "2", "1"] not in lines
    assert "  ... and 1 more: --out FILE --part exact writes all." in out.splitlines()
    assert "--part pairs" not in out
    assert run("overlap", "--role", "all", "--out", "-")[1].count("\n") == 3


def test_a_picture_is_drawn_beside_the_text(run):
    status, out, _ = run("table", "--by", "year", "--by", "kind", "--plot", "p.svg")
    svg = Path("p.svg").read_text(encoding="utf-8")
    assert (status, out.splitlines()[0]) == (0, WARNING)
    assert WARNING in svg
    assert "2024, Text: 1" in svg
    assert "cases 1" in svg
    Path("other.svg").write_text("<svg/>", encoding="utf-8")
    assert run("table", "--plot", "other.svg")[0] == 6


@pytest.mark.parametrize("command", ["table", "overlap"])
@pytest.mark.parametrize("name", ["p.png", "p", "p.svg.pdf"])
def test_a_picture_has_the_suffix_of_what_it_is(run, command, name):
    status, out, said = run(command, "--plot", name)
    assert (status, out) == (6, "")
    assert "is written as .svg" in said
    assert not Path(name).exists()


def written(name: str, codes: list[str], **members: object) -> str:
    document = {
        "format": "linkage-definition/1",
        "name": name,
        "version": "1",
        "title": {"sv": "Text", "en": "Text"},
        "judged_by": "record",
        "conditions": [{"item": "kind", "codes": codes, "unknown": False}],
    }
    Path(f"{name}.json").write_text(json.dumps(document | members), encoding="utf-8")
    return f"{name}.json"


def test_a_definition_says_who_counts(run):
    taken = written("taken", ["taken"], begins="2025")
    found = json.loads(run("table", "--by", "year", "--definition", taken, "--json")[1])
    assert (found["total"], found["definition_says"]) == (1, ["kind: taken"])
    assert [
        one["what"].startswith("definition taken 1 (") for one in found["breaks"] if one["kind"] == "definition"
    ] == [True]
    out = run("table", "--definition", taken)[1]
    assert re.search(r"^Definition: taken 1 \([0-9a-f]{8}\): kind: taken\.$", out, re.MULTILINE)


def test_definitions_are_compared(run):
    taken, kept = written("taken", ["taken"]), written("kept", ["kept", "taken"])
    status, out, _ = run("compare-definitions", taken, kept)
    lines = [line.split() for line in out.splitlines()]
    assert (status, out.splitlines()[0]) == (0, WARNING)
    assert ["(no", "definition)", "2", "+1", "1", "0", "1", "1"] in lines
    assert next(row[3:] for row in lines if row[:2] == ["kept", "1"]) == ["2", "+1", "1", "0", "1", "1"]
    assert "Definition: none" not in out
    found = json.loads(run("compare-definitions", kept, taken, "--json")[1])["definitions"]
    assert [(one["total"], one["with_first"], one["first_only"]) for one in found] == [(2, 2, 0), (2, 2, 0), (1, 1, 1)]
    assert run("compare-definitions", taken, kept, "--out", "c.csv")[0] == 0
    rows = list(csv.DictReader(io.StringIO(Path("c.csv").read_text(encoding="utf-8"))))
    assert [row["count"] for row in rows if row["year"] == "all"] == ["2", "1", "2"]
    assert [row["count"] for row in rows if row["definition"].startswith("kept") and row["year"] != "all"] == ["1", "1"]


@pytest.mark.parametrize(
    ("members", "rule"),
    [
        ({"conditions": [{"item": "nothing", "codes": ["a"], "unknown": True}]}, "definition.item"),
        ({"conditions": [{"item": "kind", "codes": ["gone"], "unknown": True}]}, "definition.code"),
        ({"conditions": [{"item": "kind", "below_age": 18, "unknown": True}]}, "definition.item"),
        ({"conditions": [{"item": "status", "below_age": 18, "unknown": True}]}, "definition.item"),
        ({"conditions": [{"item": "year", "codes": ["2024"], "unknown": True}]}, "definition.item"),
        ({"format": "linkage-definition/2"}, "definition.form"),
    ],
)
def test_a_definition_that_does_not_fit_is_refused_everywhere(run, members, rule):
    good, bad = written("good", ["kept"]), written("bad", ["kept"], **members)
    for words in (("table", "--definition", bad), ("overlap", "--definition", bad), ("compare-definitions", good, bad)):
        status, out, err = run(*words)
        assert (status, out) == (5, "")
        assert rule in err


def test_a_definition_is_not_compared_with_itself(run):
    good = written("good", ["kept"])
    status, _, err = run("compare-definitions", good, good)
    assert status == 5
    assert "definition.repeated" in err


def test_rules_come_from_a_file_and_are_named(run):
    document = default_rules().model_dump(mode="json") | {"name": "latest", "version": "7"}
    document["items_of_one_code"]["prefer"] = ["known", "latest"]
    document["items"] = {}
    Path("rules.json").write_text(json.dumps(document), encoding="utf-8")
    found = json.loads(run("table", "--by", "kind", "--rules", "rules.json", "--json")[1])
    assert found["cells"] == [{"kind": "kept", "count": 2, "low": 2, "high": 2}]
    assert found["attribute_rules"].startswith("latest 7 (")
    assert set(found["attribute_rules_say"]) == {"kind"}
    run("table", "--by", "kind", "--rules", "rules.json", "--out", "named.csv")
    with open("named.csv", encoding="utf-8") as file:
        assert next(csv.DictReader(file))["attribute_rules"] == found["attribute_rules"]
    document["items"] = {"kindness": document["items_of_one_code"]}
    Path("rules.json").write_text(json.dumps(document), encoding="utf-8")
    status, _, err = run("table", "--by", "kind", "--rules", "rules.json")
    assert status == 5
    assert "rules.item" in err


def test_a_registry_before_its_first_link_has_no_persons(run):
    registry = Registry.create("new", profile=PROFILE, codebook=BOOK)
    registry.receive(send(Path("c"), "police", 1, POLICE, codebook=BOOK))
    with pytest.raises(SystemExit) as ended:
        cli.main(["table", "new", "--by", "kind"])
    assert ended.value.code == 6
    with pytest.raises(SystemExit) as ended:
        cli.main(["table", "new", "--by", "kind", "--unit", "report"])
    assert not ended.value.code
