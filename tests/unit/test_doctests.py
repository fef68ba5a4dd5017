"""The examples in docstrings show what the functions return."""

from __future__ import annotations

import doctest
import importlib
from types import ModuleType

import pytest

from tests.paths import ROOT

SRC = ROOT / "src"
MODULES = sorted(
    ".".join(path.relative_to(SRC).with_suffix("").parts)
    for path in SRC.rglob("*.py")
    if path.stem != "__init__" and ">>> " in path.read_text(encoding="utf-8")
)


def failures(module: ModuleType) -> tuple[int, int]:
    """Run the examples of a module; return how many fail, and how many there are."""
    found = doctest.testmod(module)
    return found.failed, found.attempted


def test_numbers_names_and_dates_have_examples() -> None:
    stems = {name.rpartition(".")[2] for name in MODULES}
    assert {"dates", "ladder", "name", "phonetics", "sex", "spelling"} <= stems


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_of_a_module_are_true(name: str) -> None:
    n_failed, n_examples = failures(importlib.import_module(name))
    assert n_failed == 0 < n_examples


def test_a_wrong_example_fails() -> None:
    module = ModuleType("wrong")
    module.__doc__ = ">>> 1 + 1\n3\n"
    assert failures(module) == (1, 1)
