"""The speed benchmark runs every encoder on the same records; the speeds themselves are not tested."""

from __future__ import annotations

from itertools import combinations

import pytest

pytest.importorskip("faker", reason="the extra `benchmarks` is not installed")

from benchmarks.keys import fixed_key_text
from benchmarks.paths import ROOT
from benchmarks.population import CODEBOOK
from benchmarks.results import read_result
from benchmarks.speed import submissions
from benchmarks.speed.files import Way, make_case_file, measure_files, ways_of
from benchmarks.speed.link import curve
from benchmarks.speed.pairs import OURS, make_filters, our_pairs
from benchmarks.speed.pairs import measure as measure_pairs
from benchmarks.speed.plots import plot_link
from benchmarks.speed.receive import Receiving, measure_receiving
from benchmarks.speed.run import FIELDS, WRITE, Series, make_records, make_rows, measure
from benchmarks.speed.seal import STEPS, Sealing, measure_sealing
from benchmarks.speed.stages import StageClock
from benchmarks.speed.tables import TABLES, make_registry, measure_tables
from benchmarks.speed.wire import describe_keys, measure_wire
from pseudonym.encode import Encoder
from pseudonym.keyed import LinkageKey


@pytest.mark.whole
def test_every_encoder_runs_once_a_round():
    rows = make_rows(60, seed=1)
    assert len(rows) == 60
    assert all(tuple(row) == FIELDS for row in rows)
    found = measure(rows, ["clk", "case-registry"], rounds=2, seconds=60, clkhash=None)
    assert {name: len(series.cpu) for name, series in found.items()} == {"clk": 2, "case-registry": 2, WRITE: 2}
    assert found["clk"].codes == 60


def test_no_round_begins_after_the_time_is_over():
    found = measure(make_rows(20, seed=1), ["clk"], rounds=5, seconds=0, clkhash=None)
    assert len(found["clk"].cpu) == 1


def test_figures_are_of_medians_and_against_the_other():
    ours, theirs = Series(100, 4100, [1.0, 2.0, 9.0]), Series(100, 100, [1.0, 1.0, 1.0])
    figures = ours.figures(theirs)
    assert (figures["records_per_second"], figures["codes_per_second"], figures["times_clkhash"]) == (50, 2050, 0.5)


def test_stages_have_the_seconds_until_the_next_one():
    ticks = iter([0.0, 1.0, 3.0, 6.0, 10.0])
    clock = StageClock(wall=lambda: next(ticks), cpu=lambda: 0.0)
    for stage in ("join", "compare", "join"):
        clock(stage, 0, 0)
    found = clock.stop()
    assert {stage: spent["wall"] for stage, spent in found.items()} == {"start": 1.0, "join": 6.0, "compare": 3.0}


def test_the_curve_compares_times_a_record_and_adds_up_what_was_received():
    found = [
        {
            "registry_bytes": 1,
            "received": {"stages": {"verify": {"wall": 3.0}}, "peak_bytes": 5},
            "linked": {"stages": {"fit": {"wall": spent / 2}, "join": {"wall": spent / 2}}, "peak_bytes": 7},
            "purged": {"stages": {"store": {"wall": 2 * spent}}, "peak_bytes": 6},
        }
        for spent in (2.0, 3.0, 30.0)
    ]
    points = curve([10, 30, 100], found)
    assert [point["link"]["times_the_least"] for point in points] == [2.0, 1.0, 3.0]
    assert [point["receive"]["seconds"] for point in points] == [3.0, 6.0, 9.0]
    assert [point["purge"]["times_link"] for point in points] == [2.0, 2.0, 2.0]


def test_submissions_cut_the_stream_at_the_sizes(monkeypatch):
    source = submissions._households("cases", 800, seed=1)
    parts = list(submissions._cut(source, [300, 301, 800]))
    assert [sum(map(len, part.values())) for part in parts] == [300, 1, 499]
    names = set().union(*parts)
    assert len(names) == submissions.REPORTERS
    ids = [
        (reporter, record)
        for part in parts
        for reporter, rows in part.items()
        for record in rows["record_id"].to_pylist()
    ]
    assert len(set(ids)) == 800


def test_pairs_are_those_of_a_slow_search():
    filters = make_filters(120, seed=1)
    bits = [int.from_bytes(row.astype("<u8").tobytes(), "little") for row in filters]

    def dice(a, b):
        return 2 * (bits[a] & bits[b]).bit_count() / (bits[a].bit_count() + bits[b].bit_count())

    slow = [pair for pair in combinations(range(120), 2) if dice(*pair) >= 0.7]
    assert sorted(map(tuple, our_pairs(filters, 0.7).tolist())) == slow
    assert len(slow) > 10
    found = measure_pairs(filters, 0.7, rounds=1, cache=None)
    assert found["alike"] == len(slow)
    assert found["methods"][OURS]["pairs_compared"] == 120 * 119 // 2


def test_the_picture_of_linking_is_drawn(tmp_path):
    plot_link([10, 100], {"join": [1.0, 2.0], "fit": [1.0, 3.0]}, [10**9, 2 * 10**9], tmp_path / "one.svg")
    assert (tmp_path / "one.svg").read_text(encoding="utf-8").count("records") >= 2


def test_a_case_file_is_encoded_by_every_way_in_turn(tmp_path):
    source = tmp_path / "cases.csv"
    make_case_file(source, 40, seed=1)
    assert len(source.read_text(encoding="utf-8").splitlines()) == 41
    ways = [*ways_of([2], None, tmp_path), Way("the same", ROOT / "src")]
    measure_files(ways, source, tmp_path, rounds=2, seconds=0)
    assert [len(way.cpu) for way in ways] == [1, 1, 1]
    assert all(0.1 < way.own[0] <= way.cpu[0] for way in ways)
    # The first process is one of two, and of two commands.
    assert all(way.own[0] < way.cpu[0] - 0.1 for way in ways[:2])
    assert [(way.figures(40)["commands"], way.figures(40)["jobs"]) for way in ways] == [(2, 1), (1, 2), (1, 1)]
    assert ways[0].figures(40)["records_per_second"] == round(80 / ways[0].wall[0])
    for number in (0, 1):
        assert (tmp_path / f"submission{number}.parquet").stat().st_size > 40 * 100 * 50


def test_a_way_has_medians_for_its_records():
    figures = Way("one", ROOT, None, cpu=[9.0, 2.0, 1.0], wall=[1.0, 4.0, 5.0]).figures(20_000)
    assert (figures["cpu_per_10000_records"], figures["records_per_second"]) == (1.0, 5000)


def test_submissions_are_received_by_every_way_in_turn(tmp_path):
    file = tmp_path / "a.parquet"
    encoder = Encoder(LinkageKey.parse(fixed_key_text("speed")), reporter="a", profile="population", codebook=CODEBOOK)
    encoder.write(file, make_records(make_rows(30, seed=1)), sequence=1, on_fault="ignore")
    ways = [Receiving("one", ROOT / "src"), Receiving("other", ROOT / "src")]
    n = measure_receiving(ways, [file], tmp_path, profile="population", threads=1, rounds=1)
    figures = [way.figures(n) for way in ways]
    assert n == 30
    assert all(one["stages"]["verify"] > 0 < one["stages"]["store"] for one in figures)
    assert all(one["registry_bytes"] > one["records_per_cpu_second"] > 0 for one in figures)


def test_receiving_has_medians_for_its_records():
    way = Receiving(
        "one", ROOT, {"verify": [1.0, 5.0, 2.0], "store": [1.0, 1.0, 3.0]}, [4.0, 2.0, 8.0], [7, 9, 8], [1.0]
    )
    figures = way.figures(10_000)
    assert (figures["cpu_per_10000_records"], figures["records_per_second"]) == (5.0, 2500)
    assert (figures["stages"], figures["peak_bytes"]) == ({"verify": 2.0, "store": 1.0}, 9)


def test_pairs_are_counted_by_the_match_keys_that_they_share():
    figures = describe_keys([0, 1, 1, 2, 9, 0])
    assert figures["pairs"] == 4
    assert figures["by_keys"] == {"1": 0.5, "2": 0.25, "3": 0.0, "4": 0.25}
    assert figures["without_content"] == round((0.5 + 0.5 + 0.25 + 0.5**9) / 4, 4)


def test_the_bytes_of_a_record_are_those_of_its_columns(tmp_path):
    figures = measure_wire("clk", 200, tmp_path, seed=1)
    sizes = sum(file.stat().st_size for file in tmp_path.glob("*.parquet"))
    assert figures["bytes"] == round(sizes / figures["records"])
    assert sum(figures["bytes_a_record"].values()) == pytest.approx(figures["bytes"], abs=1)
    assert figures["pairs"] > 0


def test_sealing_is_measured_beside_encoding_the_same_records():
    found = measure_sealing(make_rows(30, seed=1), ["population"], rounds=1)["population"]
    assert {step: len(runs) for step, runs in found.cpu.items()} == dict.fromkeys(STEPS, 1)
    assert found.sealed_bytes > sum(found.part_bytes.values()) > 0
    assert found.open_bytes > 0


def test_figures_of_sealing_are_ratios_of_medians():
    cpu = {"encode": [2.0, 4.0, 9.0], "seal": [1.0, 2.0, 3.0], "open_linkage": [1.0], "open_statistics": [0.4]}
    figures = Sealing(10, cpu, 1000, 1100, {"linkage": 600, "statistics": 400}).figures()
    assert figures["times_encoding"] == {"seal": 0.5, "open_linkage": 0.25, "open_statistics": 0.1}
    assert figures["bytes_a_record"] == {"open": 100, "sealed": 110, "linkage": 60, "statistics": 40}
    assert figures["times_open_bytes"] == 1.1


def test_tables_are_counted_on_a_registry_of_invented_answers(tmp_path):
    registry = make_registry(tmp_path, records=400, seed=1)
    everybody = registry.counted(role="all").counts.total
    assert everybody == registry.summary().persons > 100
    assert registry.counted("purpose", period="2025").counts.conflicts[0].known > 0
    found = measure_tables(registry)
    assert len(found["seconds"]) == len(TABLES) + 2
    assert found["sum"] > 0
    assert found["processor"] > 0
    ranges = registry.counted(role="all").counts.ranges
    assert ranges is not None
    assert ranges.total.low < ranges.total.high


def test_the_page_about_counting_has_the_figure_of_the_result():
    found = read_result("speed-tables")["figures"]
    page = (ROOT / "docs" / "how-to" / "count.md").read_text(encoding="utf-8")
    figure = f"take {found['processor']:.0f} seconds of processor time together with {found['records']:,} records"
    assert figure in page
    assert f"busy with much other work that was {found['sum']:.0f} seconds" in page
    assert len(found["seconds"]) == len(TABLES) + 2 == 14
