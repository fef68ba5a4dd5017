"""A command does not load pandas, and a program that uses the library can."""

from __future__ import annotations

import subprocess
import sys

import pytest

pytestmark = pytest.mark.whole

pytest.importorskip("pandas", reason="pandas is not installed")

ARRAY = "import sys, pyarrow; pyarrow.array(['a']); print('pandas' in sys.modules)"
LEFT_OUT = "from pseudonym.own_process import prepare_process; prepare_process()"


def loads_pandas(*statements: str) -> bool:
    done = subprocess.run([sys.executable, "-c", "; ".join(statements)], capture_output=True, text=True, check=True)
    return done.stdout.split() == ["True"]


def test_pandas_is_left_out() -> None:
    assert loads_pandas(ARRAY)
    assert not loads_pandas(LEFT_OUT, ARRAY)


def test_pandas_that_is_loaded_already_stays() -> None:
    assert loads_pandas("import pandas", LEFT_OUT, ARRAY)


def test_a_package_that_needs_pandas_gets_it() -> None:
    assert loads_pandas(LEFT_OUT, "from pseudonym.own_process import need_pandas; need_pandas(); import pandas", ARRAY)


@pytest.mark.parametrize("command", ["pseudonym", "linkage"])
def test_commands_leave_it_out(command: str) -> None:
    run = f"from {command}.__main__ import main; import sys; sys.argv = ['x', '--help']"
    ended = (
        "import contextlib, io\nwith contextlib.suppress(SystemExit), contextlib.redirect_stdout(io.StringIO()): main()"
    )
    assert not loads_pandas(f"{run}\n{ended}\n{ARRAY}")
