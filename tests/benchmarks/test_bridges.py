"""Bridging records copy what they say they copy, and are received as any others."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("faker", reason="the extra `benchmarks` is not installed")

from benchmarks.quality.studies.bridges import Codes, bridge, mixed
from linkage.pipeline import Registry
from pseudonym.wire import fixed_bytes, read_submission
from tests.unit.linkage.helpers import PROFILE, crowd, send


def test_every_code_is_of_one_of_the_two():
    zero, one = (Codes(*(np.full(shape, n, np.uint8) for shape in (40, (40, 16), (40, 8)))) for n in (0, 1))
    found = mixed(zero, one, np.random.default_rng(1))
    first = found.match_key[:, 0]
    assert set(first.tolist()) == {0, 1}
    assert (found.match_key == first[:, None]).all()
    assert (found.content == first[:, None]).all()


def test_a_submission_of_bridges_is_received(tmp_path):
    files = [send(tmp_path / name, name, 1, crowd(name, range(30))) for name in "ab"]
    pairs = [(("a", f"a-{n}"), ("b", f"b-{n + 1}")) for n in range(25)]
    bridge(files, tmp_path / "bridges", pairs, PROFILE, np.random.default_rng(1))
    sent = read_submission(tmp_path / "bridges", profile=PROFILE, codebook=None)
    known = read_submission(files[0], profile=PROFILE, codebook=None)
    keys = {bytes(key) for key in fixed_bytes(known.codes["match_key"])}
    assert all(bytes(key) in keys for key in fixed_bytes(sent.codes["match_key"]))
    registry = Registry.create(tmp_path / "r.duckdb", profile=PROFILE)
    assert registry.receive_all([*files, tmp_path / "bridges"])[-1].new == 25
