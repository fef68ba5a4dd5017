"""Environments for peers are made once, and again when the requirements change."""

from __future__ import annotations

import subprocess
import sys

import pytest

from benchmarks import environment as environments
from benchmarks.environment import environment


@pytest.fixture
def commands(monkeypatch):
    """Record the commands instead of running them; the first one creates the interpreter's folder."""
    done = []

    def run(command, **_):
        done.append([str(word) for word in command])
        if "venv" in done[-1]:
            python = command[-1] / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
            python.parent.mkdir(parents=True, exist_ok=True)
            python.touch()

    monkeypatch.setattr(environments.subprocess, "run", run)
    return done


def test_an_environment_is_made_once(tmp_path, commands):
    python = environment(tmp_path / "one", ["clkhash==0.18"])
    assert python is not None
    assert python.exists()
    assert [command[-1] for command in commands] == [str(tmp_path / "one"), "clkhash==0.18"]
    assert environment(tmp_path / "one", ["clkhash==0.18"]) == python
    assert len(commands) == 2


def test_another_pin_makes_it_anew(tmp_path, commands):
    environment(tmp_path / "one", ["clkhash==0.18"])
    environment(tmp_path / "one", ["clkhash==0.19"])
    assert len(commands) == 4


def test_what_was_broken_off_is_made_anew(tmp_path, commands, monkeypatch):
    def fail(command, **_):
        raise subprocess.CalledProcessError(1, command)

    with monkeypatch.context() as broken:
        broken.setattr(environments.subprocess, "run", fail)
        assert environment(tmp_path / "one", ["clkhash"]) is None
    assert environment(tmp_path / "one", ["clkhash"]) is not None
    assert len(commands) == 2
