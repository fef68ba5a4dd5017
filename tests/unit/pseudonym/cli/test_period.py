"""The period of `encode`: given, left out, said to be none, and beside the dates of the records."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks.keys import fixed_key_text
from pseudonym.cli import main
from pseudonym.wire import read_header

pytestmark = pytest.mark.whole

CASES = "record_id;fornamn;efternamn;event_date\n1;Bo;Ek;2026-03-02\n2;Ann;Asp;2026-03\n"
WORDS = ["encode", "--key", "key", "--reporter", "police", "--sequence", "1", "--out", "out.parquet"]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    """Encode a file with two dates in March 2026; give status, standard output and standard error."""
    monkeypatch.chdir(tmp_path)
    Path("key").write_text(fixed_key_text("period"))
    Path("key").chmod(0o600)
    Path("cases.csv").write_text(CASES)

    def go(*words: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as ended:
            main([*WORDS, *words])
        out, err = capsys.readouterr()
        return int(ended.value.code or 0), " ".join(out.split()), " ".join(err.split())

    return go


def test_without_a_period_it_works_as_ever_and_warns(run):
    status, _, err = run("cases.csv")
    assert status == 0
    assert err.startswith("Warning: Without --period, coverage cannot count this file for any period.")
    assert read_header("out.parquet").period is None


def test_json_has_the_warning_among_the_notices(run):
    status, out, err = run("cases.csv", "--json")
    assert (status, err) == (0, "")
    assert [notice for notice in json.loads(out)["notices"] if notice.startswith("Without --period")]


@pytest.mark.parametrize("words", [["cases.csv"], ["--nothing-to-report"]])
def test_no_period_may_be_said(run, words):
    assert run(*words, "--no-period")[::2] == (0, "")
    assert read_header("out.parquet").period is None


def test_both_are_a_mistake(run):
    status, _, err = run("cases.csv", "--period", "2026-03", "--no-period")
    assert (status, "--no-period: Use --period or --no-period, not both." in err) == (2, True)


@pytest.mark.parametrize("period", ["2026-30", "2026-3", "202603", "March"])
def test_a_period_that_does_not_exist_is_refused(run, period):
    status, _, _ = run("cases.csv", "--period", period)
    assert status in (2, 4)
    assert not Path("out.parquet").exists()


@pytest.mark.parametrize(
    ("period", "words"),
    [
        ("2062-03", ("has not begun yet", "No event or report date lies in the period 2062-03")),
        ("2025-03", ("No event or report date lies in the period 2025-03",)),
        ("2026-03", ()),
        ("2026", ()),
    ],
)
def test_dates_outside_of_the_period_are_noticed(run, period, words):
    status, out, err = run("cases.csv", "--period", period)
    assert (status, err) == (0, "")
    assert out.count("check the period") == len(words)
    assert all(word in out for word in words)


@pytest.mark.parametrize("words", [[], ["--json"]])
def test_the_summary_says_once_that_dates_are_sent_to_the_month(run, words):
    status, out, _ = run("cases.csv", "--period", "2026-03", *words)
    assert (status, out.count("Dates are sent to the month: event_date.")) == (0, 1)
    assert "Dates are sent" not in run("--nothing-to-report", "--period", "2026-03")[1]


def test_an_empty_period_to_come_is_noticed(run):
    assert "The period 2062-04 has not begun yet" in run("--nothing-to-report", "--period", "2062-04")[1]
