"""Own records and somebody's encoding are measured as the known data sets are."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pandas as pd
import pytest
from typer.testing import CliRunner

pytest.importorskip("faker", reason="the extra `benchmarks` is not installed")

from benchmarks.quality.__main__ import app
from benchmarks.quality.commands import own as own_command
from benchmarks.quality.data.own import own_dataset
from benchmarks.quality.figures.summary import measure
from benchmarks.quality.found import Found
from benchmarks.quality.studies import encoders
from benchmarks.quality.studies.encoders import link_encoded, load_encoder, most_similar
from pseudonym.classic import dice_matrix, encode_records
from pseudonym.errors import InputError
from tests.paths import ROOT

GIVEN = ("anna", "bertil", "cecilia", "david", "eva", "fredrik", "greta", "hugo")
FAMILY = ("bergqvist", "ekdahl", "askling", "holmgren", "lindeborg", "dahlman", "mossberg", "stensson")


def row(reporter: str, n: int) -> str:
    """Return a record of the person n; school leaves out the last letter of every third family name."""
    family = FAMILY[n // 8]
    slipped = family[:-1] if reporter == "school" and n % 3 == 0 else family
    return f"{reporter},{reporter[0]}{n},{GIVEN[n % 8]},{slipped},19{50 + n}-03-1{n % 9}\n"


RECORDS = "reporter,record_id,given_names,family_names,birth_date\n" + "".join(
    row(reporter, n) for reporter in ("police", "school") for n in range(16)
)
TRUTH = "reporter,record_id,person_id\n" + "".join(
    f"{reporter},{reporter[0]}{n},p{n}\n" for reporter in ("police", "school") for n in range(16)
)


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    """Own records and their truth."""
    return written(tmp_path, "records.csv", RECORDS), written(tmp_path, "truth.csv", TRUTH)


def written(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def rule_of(tmp_path: Path, records: str = RECORDS, truth: str = TRUTH) -> str:
    """Return the rule that records and truth break together."""
    with pytest.raises(InputError) as caught:
        own_dataset([written(tmp_path, "records.csv", records)], written(tmp_path, "truth.csv", truth))
    assert caught.value.message
    return caught.value.rule


# Own records.


def test_the_column_of_reporters_divides_a_file(files: tuple[Path, Path]) -> None:
    dataset = own_dataset([files[0]], files[1]).dataset
    assert {reporter: len(frame) for reporter, frame in dataset.reporters.items()} == {"police": 16, "school": 16}
    assert list(dataset.reporters["police"]) == ["record_id", "given_names", "family_names", "birth_date"]
    assert len(dataset.truth) == 32
    assert dataset.truth["person"].nunique() == 16


def test_without_that_column_each_file_is_a_reporter_and_the_truth_needs_none(tmp_path: Path) -> None:
    a = written(tmp_path, "sjö polis.csv", "record_id;förnamn\n1;Rut\n2;Bo\n")
    book = openpyxl.Workbook()
    for row in (("record_id", "Efternamn", "Personnummer"), ("7", "Ek", "19880326-9820"), ("8", "Ask", None)):
        book.active.append(row)
    book.save(tmp_path / "school.xlsx")
    truth = written(tmp_path, "truth.csv", "record_id,person_id\n1,p\n2,q\n7,p\n8,r\n")
    dataset = own_dataset([a, tmp_path / "school.xlsx"], truth).dataset
    assert list(dataset.reporters) == ["sj--polis", "school"]
    assert dataset.reporters["school"]["number"].tolist()[0] == "19880326-9820"
    assert dataset.truth.to_dict("list") == {
        "reporter": ["sj--polis", "sj--polis", "school", "school"],
        "record_id": ["1", "2", "7", "8"],
        "person": ["p", "q", "p", "r"],
    }


def test_several_values_of_a_field_stay_several(tmp_path: Path) -> None:
    records = written(tmp_path, "a.csv", "record_id,family_names,family_names_2\n1,Ek,Berg\n2,Ask,\n")
    truth = written(tmp_path, "t.csv", "record_id,person_id\n1,p\n2,q\n")
    frame = own_dataset([records], truth).dataset.reporters["a"]
    assert frame.to_dict("records")[0] == {"record_id": "1", "family_names": "Ek", "family_names_2": "Berg"}


def test_columns_may_be_named(tmp_path: Path) -> None:
    records = written(tmp_path, "a.csv", "Lopnr,Tilltal\n1,Rut\n")
    truth = written(tmp_path, "t.csv", "record_id,person_id\n1,p\n")
    found = own_dataset([records], truth, columns={"record_id": "Lopnr", "given_names": "Tilltal"})
    assert found.dataset.reporters["a"].to_dict("records") == [{"record_id": "1", "given_names": "Rut"}]


def test_a_row_that_cannot_be_read_is_counted_and_may_stand_in_the_truth(tmp_path: Path) -> None:
    records = written(tmp_path, "a.csv", "record_id,given_names\n1,Rut\n2,Bo,too,many,cells\n")
    truth = written(tmp_path, "t.csv", "record_id,person_id\n1,p\n2,q\n")
    found = own_dataset([records], truth)
    assert (found.n_rejected, len(found.dataset.truth)) == (1, 1)


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"records": "record_id,given_names\n"}, "own.no_records"),
        ({"records": RECORDS + ",x1,Rut,Ek,\n"}, "own.reporter"),
        ({"records": RECORDS + "po lice,x1,Rut,Ek,\n"}, "own.reporter"),
        ({"records": RECORDS + "police,p1,Rut,Ek,\n"}, "own.repeated"),
        ({"records": RECORDS + "police,x1,Rut,Ek,\n"}, "own.truth_missing"),
        ({"truth": TRUTH.replace("person_id", "person")}, "own.truth_columns"),
        ({"truth": TRUTH + "police,x1,p1\n"}, "own.truth_unknown"),
        ({"truth": TRUTH + "police,p1,p1\n"}, "own.truth_repeated"),
        ({"truth": TRUTH.replace("police,p1,p1", "police,p1,")}, "own.truth_value"),
        ({"truth": TRUTH.replace("police,p1,p1", ",p1,p1")}, "own.truth_value"),
    ],
)
def test_what_does_not_fit_together_is_refused(tmp_path: Path, changes: dict[str, str], rule: str) -> None:
    assert rule_of(tmp_path, **changes) == rule


def test_a_truth_without_reporters_must_not_leave_a_choice(tmp_path: Path) -> None:
    records = "reporter,record_id,given_names\na,1,Rut\nb,1,Rut\n"
    assert rule_of(tmp_path, records, "record_id,person_id\n1,p\n") == "own.truth_value"


# Encoders.


def constant(value: Any) -> Callable[[list[Any], bytes], Any]:
    """Return an encoder that gives every reporter the same answer."""
    return lambda records, secret: value


def test_an_encoder_is_found_by_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert load_encoder("pseudonym.classic:encode_records") is encode_records
    written(tmp_path, "my_encoder.py", "import missing_package_of_mine\n")
    written(tmp_path, "my_other.py", "SIZE = 1024\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    for name, rule in (
        ("pseudonym.classic", "encoder.name"),
        (":encode", "encoder.name"),
        ("no_such_module:encode", "encoder.module"),
        ("pseudonym.none:encode", "encoder.module"),
        ("pseudonym.classic:none", "encoder.function"),
        ("my_other:SIZE", "encoder.function"),
    ):
        with pytest.raises(InputError) as caught:
            load_encoder(name)
        assert caught.value.rule == rule
    with pytest.raises(ModuleNotFoundError, match="missing_package_of_mine"):
        load_encoder("my_encoder:encode")


def test_filters_become_links_with_their_dice_coefficients(files: tuple[Path, Path]) -> None:
    dataset = own_dataset([files[0]], files[1]).dataset
    calls: list[tuple[int, bytes]] = []

    def encode(records: list[Any], secret: bytes) -> Any:
        calls.append((len(records), secret))
        return encode_records(records, secret)

    found = link_encoded(dataset, encode, name="mine", seed=2, threshold=0.75)
    assert [n for n, _ in calls] == [16, 16], "each reporter encodes by itself"
    assert len({secret for _, secret in calls}) == 1, "with the secret of all"
    assert (found.compared, found.candidate_recall) == (32 * 31 // 2, 1.0)
    assert set(found.links["decision"]) == {"link", "no link"}
    assert ((found.links["probability"] >= 0.75) == (found.links["decision"] == "link")).all()
    figures = measure(dataset, found)
    assert figures["pairs"]["best_f1"] > 0.9
    strict = link_encoded(dataset, encode_records, name="strict", seed=2, threshold=1.0)
    assert figures["persons"] < 16 < measure(dataset, strict)["persons"] <= 22, "links join, by the threshold"
    array = link_encoded(
        dataset, lambda records, secret: np.array([one.tolist() for one in encode(records, secret)]), name="a", seed=2
    )
    pd.testing.assert_frame_equal(array.links.drop(columns="decision"), found.links.drop(columns="decision"))


def test_only_pairs_that_share_a_match_key_are_compared_if_so_wished(files: tuple[Path, Path]) -> None:
    dataset = own_dataset([files[0]], files[1]).dataset
    found = link_encoded(dataset, encode_records, name="mine", seed=2, pairs="keys")
    every = link_encoded(dataset, encode_records, name="mine", seed=2)
    assert found.compared is not None
    assert 16 <= found.compared < 32 * 31 // 2
    assert found.candidate_recall is not None
    assert found.candidate_recall > 0.9
    names = ["reporter_a", "record_id_a", "reporter_b", "record_id_b", "probability"]
    both = found.links[names].merge(every.links[names], on=names)
    assert len(both) == (found.links["probability"] >= encoders.LEAST).sum()


@pytest.mark.parametrize(
    ("answer", "rule"),
    [
        (None, "encoder.filters"),
        (iter(()), "encoder.filters"),
        ([], "encoder.number"),
        (["10"] * 16, "encoder.filters"),
        ([None] * 16, "encoder.filters"),
        (np.full((16, 8), 2), "encoder.filters"),
        (np.zeros((16, 8)), "encoder.filters"),
        (np.zeros(16, np.uint8), "encoder.filters"),
    ],
)
def test_an_answer_that_is_no_filters_is_refused(files: tuple[Path, Path], answer: Any, rule: str) -> None:
    dataset = own_dataset([files[0]], files[1]).dataset
    with pytest.raises(InputError) as caught:
        link_encoded(dataset, constant(answer), name="bad", seed=2)
    assert caught.value.rule == rule


def test_filters_of_two_lengths_are_refused(files: tuple[Path, Path]) -> None:
    dataset = own_dataset([files[0]], files[1]).dataset
    lengths = iter((8, 16))
    with pytest.raises(InputError) as caught:
        link_encoded(dataset, lambda *_: np.zeros((16, next(lengths)), np.uint8), name="bad", seed=2)
    assert caught.value.rule == "encoder.lengths"


def test_filters_without_a_bit_and_filters_that_are_all_equal_link_nothing_or_everything(
    files: tuple[Path, Path],
) -> None:
    dataset = own_dataset([files[0]], files[1]).dataset
    empty = link_encoded(dataset, constant(np.zeros((16, 64), np.uint8)), name="empty", seed=2)
    assert len(empty.links) == 0
    assert measure(dataset, empty)["persons"] == 32
    full = link_encoded(dataset, constant(np.ones((16, 64), np.uint8)), name="full", seed=2)
    assert measure(dataset, full)["persons"] == 1


# Pairs.


@pytest.mark.parametrize("n_bits", [1, 63, 64, 65, 1000])
@pytest.mark.parametrize("most", [1, 50, 400, 100_000])
def test_the_most_similar_pairs_are_those_of_all_pairs(n_bits: int, most: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(encoders, "SPAN", 17)
    bits = (np.random.default_rng(n_bits).random((60, n_bits)) < 0.5).astype(np.uint8)
    ends, similarity = most_similar(encoders._words(bits), bits.sum(axis=1, dtype=np.int64), most=most)
    wanted = dice_matrix(bits)
    assert len(ends) <= most
    assert (ends[:, 0] < ends[:, 1]).all()
    assert similarity.tolist() == wanted[ends[:, 0], ends[:, 1]].tolist()
    kept = set(map(tuple, ends.tolist()))
    left = [wanted[a, b] for a in range(60) for b in range(a + 1, 60) if (a, b) not in kept]
    # What is left out is less similar than all that is kept.
    assert max(left, default=0.0) < (similarity.min() if len(ends) else 2.0)
    if most == 100_000:
        assert max(left, default=0.0) < encoders.LEAST


# The command.


def command(*words: object) -> tuple[int, str, str]:
    done = CliRunner().invoke(app, ["own", *map(str, words)])
    return done.exit_code, done.stdout, done.stderr


@pytest.mark.slow
def test_this_library_and_an_encoding_stand_side_by_side(files: tuple[Path, Path]) -> None:
    words = ("--records", files[0], "--truth", files[1], "--encoder", "pseudonym.classic:encode_records")
    status, out, _ = command(*words, "--threshold", "0.7", "--json")
    assert status == 0
    found = json.loads(out)
    assert (found["reporters"], found["records"]) == (2, 32)
    ours, theirs = found["methods"].values()
    for figures in (ours, theirs):
        assert figures["true_persons"] == 16
        assert 0 < figures["pairs"]["f1"] <= figures["pairs"]["best_f1"] <= 1
        assert figures["one_to_one"]["best_f1"] > 0.9
    assert list(found["methods"])[1] == "pseudonym.classic:encode_records"


def test_the_table_has_a_column_for_each_method(files: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    def instead(dataset: Any, *, profile: str, seed: int) -> Found:
        return link_encoded(dataset, encode_records, name=f"ours, {profile}", seed=seed)

    monkeypatch.setattr(own_command, "run", instead)
    words = ("--records", files[0], "--truth", files[1], "--encoder", "pseudonym.classic:encode_records")
    status, out, _ = command(*words, "--profile", "clk")
    assert status == 0
    lines = out.splitlines()
    assert "32 records of 2 reporters" in lines[0]
    assert "ours, clk" in lines[1]
    assert "pseudonym.classic:encode_records" in lines[1]
    (best,) = (line.split() for line in lines if line.strip().startswith("best F1"))
    assert best[2] == best[3], "the same encoding under the same seed"


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        (["--encoder", "none"], 4, "(encoder.name)"),
        (["--encoder", "none:none"], 4, "(encoder.module)"),
        (["--peer", "none"], 2, "--peer"),
        (["--threshold", "2"], 2, "--threshold"),
        (["--pairs", "some"], 2, "--pairs"),
        (["--column", "x"], 2, "--column"),
        (["--records", "missing.csv"], 4, "(input."),
    ],
)
def test_what_cannot_be_measured_is_refused(files: tuple[Path, Path], words: list[str], status: int, said: str) -> None:
    found = command("--records", files[0], "--truth", files[1], *words)
    assert found[0] == status
    assert said in found[2]
    assert "Traceback" not in found[2]


def test_the_programs_of_the_guide_run(
    files: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = (ROOT / "docs/how-to/compare-encodings.md").read_text(encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    names: dict[str, Any] = {}
    for program in re.findall(r"```python\n(.*?)```", text, re.DOTALL):
        exec(program, names)
    assert names["similarities"].shape == (2, 2)
    assert names["again"] == names["filters"]
    dataset = own_dataset([files[0]], files[1]).dataset
    found = link_encoded(dataset, names["encode"], name="guide", seed=2)
    assert measure(dataset, found)["one_to_one"]["best_f1"] > 0.9
