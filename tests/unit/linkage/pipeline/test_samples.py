"""Samples of a registry: drawn with strata and probabilities, answered by files, gone with their records."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

from linkage.errors import NotLinkedError, SampleError
from linkage.intake.sample_file import COLUMNS, RULES
from linkage.pipeline import Registry
from tests.registries import CopyOf
from tests.unit.linkage.helpers import PROFILE, Rec, crowd, dump, send, take_back

pytestmark = pytest.mark.whole

N = 30


def linked(folder: Path) -> Registry:
    """Return a linked registry of two reporters that both know the same persons; a third one knows two more."""
    made = Registry.create(folder / "r", profile=PROFILE)
    made.receive_all([send(folder / name, name, 1, crowd(name, range(N))) for name in "ab"])
    made.receive(send(folder / "c", "c", 1, [Rec("c-x", 900), Rec("c-y", 901)]))
    made.link()
    return made


@pytest.fixture
def registry(copy_of: CopyOf) -> Registry:
    return copy_of(linked)


Rows = list[dict[str, str]]


def questions(registry: Registry, reporter: str | None = None) -> Rows:
    return list(csv.DictReader(io.StringIO(registry.samples.questions(reporter=reporter))))


def written(path: Path, rows: Rows, *, columns: tuple[str, ...] = COLUMNS, delimiter: str = ",") -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns, delimiter=delimiter, extrasaction="ignore")
        writer.writeheader()
        writer.writerows(rows)
    return path


def all_the_same(rows: Rows) -> Rows:
    """Answer that the registry is right."""
    return [row | {"same_person": "yes"} for row in rows]


def test_a_sample_is_stored_with_its_strata_and_probabilities(registry: Registry) -> None:
    status = registry.samples.draw(20, seed=1)
    assert (status.sample, status.questions, status.answered, status.basis) == (1, 20, 0, "by assumption")
    assert sum(n for n, _ in status.strata.values()) == 2 * N + 2
    assert sum(drawn for _, drawn in status.strata.values()) == 20
    stored = dump(registry, "SELECT stratum, probability, missing FROM statistics.sampled")
    assert all(probability == pytest.approx(drawn_share(status, stratum)) for stratum, probability, _ in stored)
    assert {missing for *_, missing in stored} == {None}
    assert registry.samples.draw(20, seed=1).sample == 2
    drawn = dump(registry, "SELECT sample, rid FROM statistics.sampled ORDER BY question")
    assert [rid for sample, rid in drawn if sample == 1] == [rid for sample, rid in drawn if sample == 2]


def drawn_share(status, stratum: str) -> float:
    n, drawn = status.strata[stratum]
    return drawn / n


def test_questions_list_what_was_found_and_each_reporter_gets_its_own(registry: Registry) -> None:
    registry.samples.draw(62, seed=1)
    rows = questions(registry)
    assert {row["question"] for row in rows} == {str(number) for number in range(1, 63)}
    assert sum(row["asked"] == "yes" for row in rows) == 62
    by_question = {
        number: [row for row in rows if row["question"] == number] for number in {r["question"] for r in rows}
    }
    assert sorted(len(own) for own in by_question.values()) == [1, 1] + [2] * 60
    assert {row["same_person"] + row["wrong_fields"] for row in rows} == {""}
    own = questions(registry, "a")
    assert {row["reporter"] for row in own} == {"a"}
    assert len(own) == 60
    assert "b-" not in registry.samples.questions(reporter="a")


def test_answers_are_counted_and_change_no_person(registry: Registry, tmp_path: Path) -> None:
    registry.samples.draw(62, seed=1)
    before = registry.persons()
    rows = all_the_same(questions(registry))
    asked = {row["record_id"]: row["question"] for row in rows if row["asked"] == "yes"}
    # The two persons of c are one, and one field is wrong.
    for own, other in (("c-x", "c-y"), ("c-y", "c-x")):
        rows.append({"question": asked[own], "reporter": "c", "record_id": other, "asked": "no", "same_person": "ja"})
    rows[0]["wrong_fields"] = "birth_date, sex"
    status = registry.samples.take(written(tmp_path / "answers.csv", rows, delimiter=";"))
    assert (status.answered, status.missed) == (62, 1)
    assert status.wrong_fields == {"birth_date": 1, "sex": 1}
    # All records were asked about, so that nothing is open.
    assert dump(registry, "SELECT sum(missing) FROM statistics.sampled") == [(1.0,)]
    assert registry.persons().equals(before)
    acts = [entry.act for entry in registry.audit.entries()]
    assert acts[-2:] == ["sample draw", "sample answers"]


def _all_answered(
    registry: Registry, path: Path, *, same: tuple[tuple[str, str], ...] = (), apart: tuple[str, ...] = ()
) -> None:
    """Answer about every record that the registry is right, but for some of c that are one, and some that are not."""
    registry.samples.draw(1000, seed=1)
    rows = all_the_same(questions(registry))
    asked = {row["record_id"]: row["question"] for row in rows if row["asked"] == "yes"}
    of = {question: record_id for record_id, question in asked.items()}
    for pair in same:
        for own, other in (pair, pair[::-1]):
            row = {"question": asked[own], "reporter": "c", "record_id": other, "asked": "new", "same_person": "yes"}
            rows.append(row)
    for row in rows:
        if row["asked"] == "no" and {row["record_id"], of[row["question"]]} & set(apart):
            row["same_person"] = "no"
    registry.samples.take(written(path, rows))


def test_answers_about_everybody_leave_no_range(registry: Registry, tmp_path: Path) -> None:
    _all_answered(registry, tmp_path / "right.csv")
    found = registry.expected_persons()
    assert found is not None
    assert (found.found, found.expected, found.span) == (N + 2, N + 2, (N + 2, N + 2))
    # Nothing is missing by answers, which is not that nothing could be estimated.
    assert found.basis == f"by sample of {2 * N + 2}"
    _all_answered(registry, tmp_path / "joined.csv", same=(("c-x", "c-y"),))
    found = registry.expected_persons()
    assert found is not None
    assert (found.found, found.expected, found.span) == (N + 2, N + 1, (N + 1, N + 1))
    _all_answered(registry, tmp_path / "apart.csv", apart=("a-3", "a-7"))
    found = registry.expected_persons()
    assert found is not None
    assert (found.found, found.expected, found.span) == (N + 2, N + 4, (N + 4, N + 4))


def test_records_that_came_after_the_answers_are_not_known(registry: Registry, tmp_path: Path) -> None:
    _all_answered(registry, tmp_path / "right.csv")
    registry.receive(send(tmp_path / "c2", "c", 2, [Rec("c-z", 902)]))
    registry.link()
    found = registry.expected_persons()
    assert found is not None
    assert found.found == N + 3
    assert found.span is not None
    assert found.span[1] == N + 3
    # The new one may be anybody, and all others are as the answers have them.
    assert found.span[0] in {N + 2, N + 3}
    # Another sample takes the place of the answers, and ranges follow at once.
    registry.samples.draw(20, seed=2)
    again = registry.expected_persons()
    assert again is not None
    assert again.basis != found.basis


def test_answers_come_in_parts_and_later_ones_replace_earlier_ones(registry: Registry, tmp_path: Path) -> None:
    registry.samples.draw(20, seed=1)
    rows = all_the_same(questions(registry))
    first = [row if int(row["question"]) <= 5 else row | {"same_person": ""} for row in rows]
    assert registry.samples.take(written(tmp_path / "a.csv", first)).answered == 5
    again = [row | {"wrong_fields": "number"} for row in rows if row["question"] == "3"]
    status = registry.samples.take(written(tmp_path / "b.csv", again))
    assert status.answered == 5
    assert status.wrong_fields == {"number": len(again)}
    assert registry.samples.take(written(tmp_path / "c.csv", rows)).answered == 20


BAD = {
    "sample.question": {"question": "99"},
    "sample.record": {"record_id": "a-none"},
    "sample.same_person": {"same_person": "maybe"},
    "sample.itself": {"same_person": "no"},
    "sample.fields": {"wrong_fields": "Anna"},
}


@pytest.mark.parametrize(("rule", "change"), BAD.items())
def test_a_bad_row_is_named_and_nothing_is_taken(
    registry: Registry, tmp_path: Path, rule: str, change: dict[str, str]
) -> None:
    registry.samples.draw(20, seed=1)
    rows = all_the_same(questions(registry))
    rows[0] |= change
    with pytest.raises(SampleError) as error:
        registry.samples.take(written(tmp_path / "answers.csv", rows))
    assert error.value.rule == "sample.rows"
    assert (2, rule) in error.value.faults
    assert "Anna" not in f"{error.value} {error.value!r} {error.value.rules}"
    assert registry.samples.status().answered == 0


def test_rows_that_are_missing_repeated_or_cut_are_named(registry: Registry, tmp_path: Path) -> None:
    registry.samples.draw(20, seed=1)
    rows = all_the_same(questions(registry))
    two = next(row["question"] for row in rows if row["asked"] == "no")
    own = [row for row in rows if row["question"] == two]
    for chosen, rule, line in (
        (own[1:], "sample.missing", 2),
        ([own[0], own[0]], "sample.repeated", 3),
    ):
        with pytest.raises(SampleError) as error:
            registry.samples.take(written(tmp_path / "answers.csv", chosen))
        assert error.value.faults == ((line, rule),)
    path = tmp_path / "cut.csv"
    path.write_text(",".join(COLUMNS) + "\n1,a\n", encoding="utf-8")
    with pytest.raises(SampleError) as error:
        registry.samples.take(path)
    assert error.value.faults == ((2, "sample.cells"),)
    covered = {*BAD, "sample.missing", "sample.repeated", "sample.cells"}
    assert covered == RULES.keys()


@pytest.mark.parametrize(
    ("content", "rule"),
    [
        (b"", "sample.columns"),
        (b"question,reporter,record_id\n1,a,a-1\n", "sample.columns"),
        (b"question,reporter,record_id,same_person,name\n1,a,a-1,yes,Anna\n", "sample.columns"),
        ("question,reporter,record_id,same_person\n1,a,\u00e5,yes\n".encode("latin-1"), "sample.encoding"),
        (b'question,reporter,record_id,same_person\n1,a,"a-1,yes\n', "sample.rows"),
        (None, "sample.unreadable"),
    ],
)
def test_a_file_that_holds_no_answers_is_refused(
    registry: Registry, tmp_path: Path, content: bytes | None, rule: str
) -> None:
    registry.samples.draw(20, seed=1)
    path = tmp_path / "answers.csv"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(SampleError) as error:
        registry.samples.take(path)
    assert error.value.rule == rule


def test_what_cannot_be_drawn_is_refused(registry: Registry, tmp_path: Path) -> None:
    for ask in (registry.samples.status, registry.samples.questions, lambda: registry.samples.take(tmp_path)):
        with pytest.raises(SampleError) as error:
            ask()
        assert error.value.rule == "sample.none"
    with pytest.raises(SampleError) as error:
        registry.samples.draw(9)
    assert error.value.rule == "sample.records"
    for precision in (0.0, 1.0, float("nan")):
        with pytest.raises(SampleError) as error:
            registry.samples.needed(precision)
        assert error.value.rule == "sample.precision"
    new = Registry.create(tmp_path / "new", profile=PROFILE)
    with pytest.raises(NotLinkedError):
        new.samples.draw(20)


def test_withdrawn_records_take_their_questions_with_them(registry: Registry, tmp_path: Path) -> None:
    registry.samples.draw(62, seed=1)
    registry.samples.take(written(tmp_path / "answers.csv", all_the_same(questions(registry))))
    registry.receive(take_back(tmp_path / "back", "a", 2, records=["a-3"]))
    status = registry.samples.status()
    assert (status.questions, status.answered) == (61, 61)
    assert "a-3" not in {row["record_id"] for row in questions(registry)}
    rids = {rid for (rid,) in dump(registry, "SELECT rid FROM statistics.records")}
    assert {rid for (rid,) in dump(registry, "SELECT rid FROM statistics.sample_answers")} <= rids


def test_marginal_counts_add_up_with_what_is_found(registry: Registry) -> None:
    found = registry.bodies(role="all")
    rows = {row["reporter"]: row for row in found.marginal.reporters.to_pylist()}
    assert (rows["c"]["count"], rows["c"]["found"]) == (2, 2)
    assert rows["a"]["found"] == rows["b"]["found"] == 0
    assert found.marginal.total == N + 2
    assert set(found.to_dict()["reporters"][0]) == {"reporter", "count", "found", "expected", "fewest", "most"}
    assert "found" in found.table().column_names
