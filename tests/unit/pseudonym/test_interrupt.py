"""Ctrl-C ends both commands with one line and status 130: while modules load, and while they work."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from tests.paths import ROOT

pytestmark = [
    pytest.mark.whole,
    pytest.mark.skipif(os.name == "nt", reason="Windows has no signal that a process can send to itself and survive"),
]

AT_IMPORT = """
import builtins, os, signal, sys
count, real = 0, builtins.__import__
def interrupting(*arguments, **options):
    global count
    count += 1
    if count == {at}:
        os.kill(os.getpid(), signal.SIGINT)
    return real(*arguments, **options)
sys.argv[:] = ["{command}", "--help"]
import {command}.__main__
builtins.__import__ = interrupting
{command}.__main__.main()
"""

WHILE_WORKING = """
import os, signal, sys
import {command}.__main__ as started
from pseudonym.console import running
def app(arguments):
    {work}
running.run(app, [], name="{command}", explain=lambda error: None)
"""

BEFORE_AND_AFTER = """
import os, signal, sys
import {command}.__main__ as started
from pseudonym.console import running
class Interrupted(running.Interruption):
    def __init__(self):
        os.kill(os.getpid(), signal.SIGINT)
        super().__init__()
    def __exit__(self, *exception):
        super().__exit__(*exception)
        os.kill(os.getpid(), signal.SIGINT)
del Interrupted.{other}
running.Interruption = Interrupted
sys.argv[:] = ["{command}", "--version"]
started.main()
"""

WITH_FILES_IN_THE_MAKING = """
import os, signal
import {command}.__main__ as started
import {command}.cli
def app(arguments):
    try:
        os.kill(os.getpid(), signal.SIGINT)
    finally:
        print("tidied up", flush=True)
{command}.cli.app = app
started.main()
"""

AT_ITS_OWN_IMPORTS = """
import builtins, os, signal
real = builtins.__import__
def interrupting(name, globals=None, *arguments, **options):
    if (globals or {{}}).get("__name__") == "pseudonym.interrupt" and name == "{name}":
        os.kill(os.getpid(), signal.SIGINT)
    return real(name, globals, *arguments, **options)
builtins.__import__ = interrupting
import {command}.__main__
"""

WORK = {
    "an interruption as such": "os.kill(os.getpid(), signal.SIGINT)",
    "as an error of a package": """
    try:
        os.kill(os.getpid(), signal.SIGINT)
    except KeyboardInterrupt:
        raise RuntimeError("stopped") from None
""",
    "as Typer has it": "raise SystemExit(130)",
}


def run(program: str) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"PYTHONPATH": str(ROOT / "src")}
    # A shell may have started the tests with the signal ignored, and a child inherits that.
    program = "import signal\nsignal.signal(signal.SIGINT, signal.default_int_handler)\n" + program
    return subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, env=environment, check=False)


@pytest.mark.parametrize("command", ["linkage", "pseudonym"])
@pytest.mark.parametrize("at", [1, 2, 40, 400, 1000])
def test_while_modules_load(command: str, at: int):
    done = run(AT_IMPORT.format(command=command, at=at))
    assert (done.returncode, done.stderr, done.stdout) == (130, "Interrupted.\n", "")


@pytest.mark.parametrize("command", ["linkage", "pseudonym"])
@pytest.mark.parametrize("work", WORK)
def test_while_a_command_works(command: str, work: str):
    done = run(WHILE_WORKING.format(command=command, work=WORK[work]))
    assert (done.returncode, done.stderr, done.stdout) == (130, "Interrupted.\n", "")


@pytest.mark.parametrize("command", ["linkage", "pseudonym"])
def test_a_command_that_works_can_tidy_up(command: str):
    done = run(WITH_FILES_IN_THE_MAKING.format(command=command))
    assert (done.returncode, done.stderr, done.stdout) == (130, "Interrupted.\n", "tidied up\n")


@pytest.mark.parametrize("command", ["linkage", "pseudonym"])
@pytest.mark.parametrize("moment", ["__init__", "__exit__"])
def test_between_loading_and_working_and_after(command: str, moment: str):
    other = {"__init__": "__exit__", "__exit__": "__init__"}[moment]
    done = run(BEFORE_AND_AFTER.format(command=command, other=other))
    assert (done.returncode, done.stderr) == (130, "Interrupted.\n")


@pytest.mark.parametrize("command", ["linkage", "pseudonym"])
@pytest.mark.parametrize("name", ["signal", "collections.abc", "contextlib", "typing"])
def test_while_that_which_ends_it_is_loaded(command: str, name: str):
    done = run(AT_ITS_OWN_IMPORTS.format(command=command, name=name))
    assert (done.returncode, done.stderr, done.stdout) == (130, "Interrupted.\n", "")


@pytest.mark.parametrize("command", ["linkage", "pseudonym"])
def test_what_the_command_starts_with_is_light(command: str):
    # Nothing but the standard library may be loaded before the interruption is provided for.
    done = run(f"import sys, {command}.__main__\nprint(*sys.modules)")
    found = set(done.stdout.split())
    assert {one for one in found if one.startswith(("linkage", "pseudonym"))} == {
        command,
        f"{command}.__main__",
        "pseudonym",
        "pseudonym.interrupt",
    }
    assert not {"numpy", "pyarrow", "pydantic", "typer"} & found


def test_a_command_that_is_installed_starts_there():
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    assert 'linkage = "linkage.__main__:main"' in text
    assert 'pseudonym = "pseudonym.__main__:main"' in text
