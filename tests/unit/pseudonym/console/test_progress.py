"""Progress: the step and its number, a bar that can be seen, the time left, and nothing where nobody watches."""

from __future__ import annotations

import importlib
import io
import re
import sys
from functools import partial

import pytest
from rich.console import Console

from pseudonym.console import progress

MODULE = importlib.import_module("pseudonym.console.progress")
STEPS = ("candidates", "compare", "fit")


def watch(monkeypatch) -> io.StringIO:
    """Make standard error a terminal, on which everything is shown at once; called in the test itself."""
    found = io.StringIO()
    monkeypatch.setattr(found, "isatty", lambda: True)
    monkeypatch.setattr(sys, "stderr", found)
    monkeypatch.setattr(MODULE, "DELAY_SECONDS", -1.0)
    for name in ("NO_COLOR", "COLORTERM"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLUMNS", "100")
    return found


def drawn(watched: io.StringIO) -> list[str]:
    """Return the lines that were drawn, without what moves the cursor or sets a colour."""
    return [line.strip() for line in re.split(r"[\r\n]", re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", watched.getvalue()))]


def work() -> None:
    with progress(*STEPS) as show:
        show("candidates", 0, 0)
        show("join", 0, 8)
        show("compare", 2, 8)
        show("fit", 0, 0)


def test_progress_is_quiet_off_a_terminal(capsys):
    work()
    assert capsys.readouterr().err == ""


def test_short_work_shows_nothing(monkeypatch):
    watched = watch(monkeypatch)
    monkeypatch.setattr(MODULE, "DELAY_SECONDS", 60.0)
    work()
    assert "compare" not in watched.getvalue()


def test_the_step_its_number_the_share_and_the_time(monkeypatch):
    watched = watch(monkeypatch)
    with progress(*STEPS) as show:
        show("compare", 2, 8)
    (line,) = {line for line in drawn(watched) if "compare" in line}
    assert line.startswith("2 of 3, compare ")
    assert re.search(r"25 %, (0:\d\d left, )?0:00 so far$", line)


def test_the_time_left_is_shown(monkeypatch):
    watched = watch(monkeypatch)
    now = [0.0]
    monkeypatch.setattr(MODULE, "Progress", partial(MODULE.Progress, get_time=lambda: now[0]))
    with progress(*STEPS) as show:
        for done in range(5):
            show("compare", done, 20)
            now[0] += 30
    assert any("20 %, 8:00 left, " in line for line in drawn(watched))


def test_a_stage_that_alternates_keeps_the_bar_of_its_step():
    steps = MODULE._Steps(STEPS)
    assert [steps.enter(*call) for call in (("join", 0, 8), ("compare", 2, 8), ("join", 2, 8), ("fit", 0, 0))] == [
        ("2 of 3, compare", True),
        ("2 of 3, compare", False),
        ("2 of 3, compare", False),
        ("3 of 3, fit", True),
    ]


def test_every_file_has_a_bar_of_its_own():
    steps = MODULE._Steps(())
    calls = [("verify file 1 of 2", 0, 0), ("verify file 1 of 2", 9, 9), ("verify file 2 of 2", 0, 0)]
    calls += [("verify file 2 of 2", 4, 8), ("store file 1 of 2", 3, 9)]
    assert [steps.enter(*call)[1] for call in calls] == [True, True, True, True, True]
    assert steps.enter("store file 1 of 2", 6, 9) == ("store file 1 of 2", False)


def test_without_colours_the_part_that_is_not_done_is_seen(monkeypatch):
    watched = watch(monkeypatch)
    monkeypatch.setenv("NO_COLOR", "1")
    with progress(*STEPS) as show:
        show("fit", 0, 0)
        show("compare", 2, 8)
    assert any("[#####...............]" in line for line in drawn(watched))
    assert "\x1b[3" not in watched.getvalue()


def test_a_narrow_terminal_has_no_bar_and_one_line(monkeypatch):
    watched = watch(monkeypatch)
    monkeypatch.setenv("COLUMNS", "50")
    with progress(*STEPS) as show:
        show("compare", 2, 8)
    lines = [line for line in drawn(watched) if line]
    assert max(map(len, lines)) < 50
    assert all("25 %" in line for line in lines if "compare" in line)
    assert not re.search("[━╸#]", watched.getvalue())


def test_a_terminal_that_cannot_be_drawn_over_gets_a_line_for_each_step(monkeypatch):
    watched = watch(monkeypatch)
    monkeypatch.setenv("TERM", "dumb")
    work()
    assert watched.getvalue().splitlines() == [
        "1 of 3, candidates, 0:00 so far",
        "2 of 3, compare, 0 %, 0:00 so far",
        "3 of 3, fit, 0:00 so far",
    ]


def test_a_bar_in_ascii():
    console = Console(file=io.TextIOWrapper(io.BytesIO(), encoding="ascii"), force_terminal=True)
    assert isinstance(MODULE._bar(console), MODULE._PlainBar)


@pytest.mark.parametrize(("seconds", "text"), [(7.9, "0:07"), (61, "1:01"), (3600, "1:00:00"), (7384, "2:03:04")])
def test_durations(seconds, text):
    assert MODULE._clock(seconds) == text
