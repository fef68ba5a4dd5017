"""The generated sections of the pages agree with the result files."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks.attacks.docs import PROFILES, SECTIONS, contents, frontier, gates, generate, readable
from benchmarks.attacks.plots import draw
from benchmarks.paths import RESULTS
from benchmarks.results import read_result


@pytest.mark.parametrize("page", SECTIONS, ids=lambda path: path.stem)
def test_the_pages_are_what_the_command_writes(page: Path) -> None:
    assert page.read_text(encoding="utf-8") == generate(page), "run `python -m benchmarks.attacks docs`"


def test_every_plot_that_the_page_shows_is_there() -> None:
    for row in read_result("frontier")["figures"]:
        assert (PROFILES.parent / f"frontier-{row['name']}.svg").exists()


def _row(profile: str, *, known: float, f1: float | None) -> dict[str, object]:
    return {
        "profile": profile, "name": "children", "data": "d", "codes": 5, "bytes_a_record": 1234, "share_rate": 0.25,
        "re_identified": {"unseeded": 0.001, "1%": 0.002, "20%": known, "open 1%": 0.0005},
        "gains": {"d": {"recall": 0.91, "f1": f1}}, "top_precision": 0.1,
    }  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    rows = [
        _row("number+mh20x5", known=0.2, f1=0.88), _row("number+mh20x5+bare_all", known=0.1, f1=None),
        _row("number+mh30x5:name_bigram=1,birth_date=2", known=0.3, f1=0.9),
    ]  # fmt: skip
    (tmp_path / "frontier.json").write_text(json.dumps({"figures": rows}), encoding="utf-8")
    return tmp_path


def test_the_frontier_has_recall_and_f1_in_one_row(folder: Path) -> None:
    text = frontier(folder)
    assert "| number, MinHash 20 × 5 | 5 | 1,234 | 0.910 | 0.880 | – | 25 % |" in text
    assert "weights name bigram × 1, birth date × 2" in text
    assert "no content" not in text


def test_profiles_without_contents_are_beside_those_with_contents(folder: Path) -> None:
    lines = contents(folder).splitlines()[2:]
    assert [line.split(" | ")[-1] for line in lines] == ["20.00 % |", "10.00 % |"]


@pytest.mark.whole
def test_plots_are_equal_for_equal_figures(folder: Path, tmp_path: Path) -> None:
    rows = json.loads((folder / "frontier.json").read_text(encoding="utf-8"))["figures"]
    first = [path.read_bytes() for path in draw(rows, tmp_path)]
    assert first == [path.read_bytes() for path in draw(rows, tmp_path)]
    assert len(first) == 1


def test_a_missed_gate_is_reported() -> None:
    figures = read_result("attacks-population")["figures"]
    missed = sum(one["state"] == "missed" for one in figures["verdicts"])
    assert gates(RESULTS).count("| missed |") >= missed


def test_descriptions_are_put_into_words() -> None:
    said = readable("number+foreign+date_pair+mh80x8w1.3.3.1+no_sex+bare_minhash")
    assert said == (
        "number, foreign number, birth date with two sounds, MinHash 80 × 8 (weights 1.3.3.1), content without sex, "
        "no content on MinHash codes"
    )
