"""Files of some kilobytes that would unpack to gigabytes are refused by a rule, within 512 MiB and 10 seconds."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

import pytest

from tests.faults.bombs import FILES, MEGABYTE
from tests.paths import ROOT

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="the peak of memory is read from /proc"),
]

MAX_MEGABYTES = 512
MAX_SECONDS = 10


def run(*arguments: str) -> Any:
    """Run a program in a process whose memory is bounded, should the bomb go off; return the JSON that it prints."""
    import resource

    def bound() -> None:
        resource.setrlimit(resource.RLIMIT_AS, (8192 * MEGABYTE, 8192 * MEGABYTE))

    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "src")])}
    done = subprocess.run(
        [sys.executable, *arguments], capture_output=True, text=True, check=True, env=environment, preexec_fn=bound
    )
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def received(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[str, str, float, int, int]]:
    folder = tmp_path_factory.mktemp("bombs")
    paths = [make(folder / f"{name}.parquet") for name, (make, _, _) in FILES.items()]
    found = run("-m", "tests.faults.bombs", *map(str, paths))
    sizes = [path.stat().st_size for path in paths]
    return {name: (*one, size) for name, one, size in zip(FILES, found, sizes, strict=True)}


@pytest.mark.parametrize("name", FILES)
def test_a_file_that_would_unpack_to_gigabytes_is_refused(received, name):
    rule, message, seconds, megabytes, size = received[name]
    _, expected, words = FILES[name]
    assert rule == expected
    assert words in message
    assert seconds < MAX_SECONDS
    assert megabytes < MAX_MEGABYTES
    assert size < 2 * MEGABYTE
