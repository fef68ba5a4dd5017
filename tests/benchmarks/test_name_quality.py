"""The measurement of names counts what it says, over a folder of invented files."""

import csv
import json

import pytest

pytest.importorskip("jellyfish", reason="the benchmarks bring the methods that ours is measured beside")
pytest.importorskip("metaphone", reason="the benchmarks bring the methods that ours is measured beside")

from benchmarks.pages import begin, end, read_section
from benchmarks.quality.pages import name_report
from benchmarks.quality.studies import name_pairs, names
from benchmarks.results import read_result

GROUPS = [f"grupp{number}" for number in range(8)]


def write(path, rows):
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)


@pytest.fixture(scope="module")
def figures(tmp_path_factory):
    folder = tmp_path_factory.mktemp("names")
    for file in name_pairs.GROUPED.values():
        rows = []
        for source in GROUPS:
            for spelling, bearers, likeness in (("Karl", 40, 1.0), ("Carl", 10, 0.8), ("Bo", 99, 0.2)):
                counts = {"scb_male_first": bearers, "scb_female_first": 0, "scb_surname": 0}
                rows.append({"source_form": source, "latin_variant": spelling, **counts, "jw_to_top": likeness})
        write(folder / file, rows)
    for file in name_pairs.LABELLED.values():
        rows = []
        for number in range(20):
            counts = {"scb_name": 10, "scb_variant": 3000}
            rows.append({"same": 1, "nickname": 0, "name": f"Erik{number}", "variant": f"Eric{number}", **counts})
            rows.append({"same": 0, "nickname": 0, "name": f"Nils{number}", "variant": f"Otto{number}", **counts})
            rows.append({"same": 1, "nickname": 1, "name": f"Vilhelm{number}", "variant": f"Bill{number}", **counts})
        write(folder / file, rows)
    given = {"Anna": 50, "Ana": 25, "Otto": 25}
    write(folder / "scb2020_given_names_min10.csv", [{"name": n, "count_tilltal": c} for n, c in given.items()])
    write(folder / "scb2020_surnames_min20.csv", [{"name": n, "count": c} for n, c in given.items()])
    return names.measure(folder)


def test_variants_that_meet(figures):
    level = figures["levels"]["sound"]
    assert level["variants"]["arabic"]["check"] == {"pairs": 1, "bearers": 1, "bearers_capped": 1}
    assert level["variants"]["given"]["check"]["pairs"] == 1
    assert level["different"]["given"]["check"]["pairs"] == 0
    assert figures["levels"]["folded"]["variants"]["given"]["check"]["pairs"] == 0


def test_alignment_errors_and_nicknames_are_left_out(figures):
    assert sum(figures["sizes"]["variants"]["arabic"]) == len(GROUPS)
    assert sum(figures["sizes"]["variants"]["given"]) == 20


def test_random_persons_with_different_names(figures):
    pairs = 0.5 * 0.25 + 0.5 * 0.25 + 0.25 * 0.25
    for level, share in (("sound", 0.125 / pairs), ("folded_dice_0.30", 0.125 / pairs), ("folded", 0)):
        assert figures["levels"][level]["random"]["given"] == pytest.approx(share)
    assert figures["levels"]["filter_26"]["random"]["given"] >= 0.125 / pairs


def test_curves_fall(figures):
    for prefix in ("folded_dice_", "grams_dice_"):
        found = [one["random"]["given"] for name, one in figures["levels"].items() if name.startswith(prefix)]
        assert found == sorted(found, reverse=True)
    assert "Karl" not in json.dumps(figures)


def test_plot_is_the_same_for_the_same_figures(figures, tmp_path):
    paths = [tmp_path / "one.svg", tmp_path / "two.svg"]
    for path in paths:
        name_report.plot(figures, path)
    assert paths[0].read_bytes() == paths[1].read_bytes()
    assert "Soundex" in paths[0].read_text("utf-8")


def test_tables_are_written_between_their_marks(figures, tmp_path):
    page = tmp_path / "page.md"
    page.write_text(f"before\n{begin(name_report.SECTION)}\nyesterday\n{end(name_report.SECTION)}\nafter\n", "utf-8")
    name_report.write_tables(figures, page)
    once = page.read_text("utf-8")
    assert "yesterday" not in once
    assert once.startswith("before\n")
    assert once.endswith("after\n")
    assert "| **sound form equal** | 1.000 |" in once
    name_report.write_tables(figures, page)
    assert page.read_text("utf-8") == once


def test_page_has_the_figures_of_the_result_file():
    assert read_section(name_report.PAGE, name_report.SECTION) == name_report.render(read_result("names")["figures"])
