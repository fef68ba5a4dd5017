"""Where the distance to plaintext linkage lies: the ceiling, and the table of the page."""

from __future__ import annotations

import pytest

from benchmarks.pages import read_section
from benchmarks.quality.studies.losses import PAGE, SECTION, ceiling, render
from benchmarks.results import read_result


def test_the_ceiling_is_f1_with_every_pair_that_met_and_no_other():
    # Of ten true pairs six met: precision 1, recall .6.
    assert ceiling(0.6) == pytest.approx(2 * 6 / (6 + 10))
    assert (ceiling(0.0), ceiling(1.0)) == (0, 1)


def test_the_page_has_the_figures_of_the_result_file():
    assert read_section(PAGE, SECTION) == render(read_result("quality"))
