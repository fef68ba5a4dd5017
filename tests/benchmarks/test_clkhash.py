"""The filters that classic encodings are compared with are those of clkhash as it can be installed today.

clkhash has an environment of its own, which is made here and needs a package index; without one the test fails.
"""

from __future__ import annotations

import json
import subprocess

import pytest

pytest.importorskip("faker", reason="the extra `benchmarks` is not installed")

from benchmarks.quality.peers.outside import interpreter
from tests.paths import ROOT

FILTERS = ROOT / "tests/unit/pseudonym/classic/clkhash_filters.py"

pytestmark = pytest.mark.slow


def test_clkhash_makes_the_filters_of_the_file() -> None:
    done = subprocess.run([interpreter("anonlink"), "-I", FILTERS], capture_output=True, check=True)
    assert json.loads(done.stdout) == json.loads(FILTERS.with_suffix(".json").read_bytes())
