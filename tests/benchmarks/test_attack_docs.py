"""The generated sections of the pages agree with the result files."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks.attacks.frontier.plots import draw
from benchmarks.attacks.pages.docs import PROFILES, SECTIONS, generate
from benchmarks.attacks.pages.frontier_docs import contents, frontier, readable
from benchmarks.attacks.pages.result_docs import PROFILES as GATED
from benchmarks.attacks.pages.suite_docs import gates
from benchmarks.paths import DOCS, RESULTS
from benchmarks.results import read_result
from linkage.cli.privacy import TOGETHER


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


def test_pages_say_how_many_the_edge_fingerprint_names() -> None:
    found = {profile: read_result(f"attacks-{profile}")["figures"]["rows"] for profile in GATED}
    shares = {
        (profile, row["known"], row["payload"]): f"{100 * row['re_identified']:.0f} %"
        for profile, rows in found.items()
        for row in rows
        if row["attack"] == "edges" and row["population"] == "children"
    }
    threats = " ".join((DOCS / "threat-model.md").read_text(encoding="utf-8").split())
    alone, narrow = shares["case-registry", 0.0, False], shares["population", 0.0, False]
    assert (
        f"codes alone name {alone} of 5,000 children under `case-registry`, and {narrow} under `population`" in threats
    )
    assert f"It names {alone} of 5,000 children under `case-registry` with nobody known" in threats
    assert f"With 20 % known it names {shares['case-registry', 0.2, False]}, and with the payload" in threats
    assert f"nobody known, {shares['case-registry', 0.0, True]}." in threats
    for page in ("limitations.md", "decisions/0002-one-filter-per-match-key.md"):
        assert f"{alone} of 5,000 children" in " ".join((DOCS / page).read_text(encoding="utf-8").split())


def test_privacy_says_what_cases_and_a_register_add() -> None:
    rows = read_result("attacks-households")["figures"]["rows"]
    shares = {(row["attack"], row["population"], row["setting"]): f"{100 * row['re_identified']:.0f} %" for row in rows}
    both, no_place, coarse = (
        shares[f"households{end}", "children", "closed"]
        for end in ("", ", no municipality", ", counties, years, children and adults")
    )
    assert f"named {both} of 5,000 synthetic children, {no_place} where no municipality" in TOGETHER
    assert f"and {coarse} where only counties, years, and children or adults were" in TOGETHER


def test_descriptions_are_put_into_words() -> None:
    said = readable("number+foreign+date_pair+mh80x8w1.3.3.1+no_sex+bare_minhash")
    assert said == (
        "number, foreign number, birth date with two sounds, MinHash 80 × 8 (weights 1.3.3.1), content without sex, "
        "no content on MinHash codes"
    )
    assert readable("number+seg32+h2+foreign16+year8+half") == (
        "number, names in 32 bits, 2 hash functions, foreign number in 16 bits, birth year in 8 bits, "
        "filters half as long"
    )
