"""How to install the packages of an extra: from a folder, never by a name that somebody else could register."""

from __future__ import annotations

import re
import tomllib

import pytest

from linkage.errors import MissingExtraError, needing_extra
from pseudonym.extras import how_to_install
from tests.paths import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


@pytest.mark.parametrize("extra", PROJECT["optional-dependencies"])
def test_the_hint_names_folders_and_never_the_library(extra):
    hint = how_to_install(extra)
    assert f'pip install ".[{extra}]"' in hint
    assert PROJECT["name"] not in hint
    assert ("wheelhouse" in hint) == (ROOT / f"requirements-{extra}.lock").exists() or extra == "dev"


def test_the_error_of_a_missing_package_has_the_hint():
    with pytest.raises(MissingExtraError) as caught, needing_extra():
        raise ModuleNotFoundError("No module named 'duckdb'", name="duckdb")
    assert caught.value.hint == how_to_install("registry")


def test_no_text_of_the_library_installs_it_by_a_name_on_an_index():
    asked = re.compile(rf"pip install[^\n]*{PROJECT['name']}")
    folders = ("src", "docs", "examples", "tools", "benchmarks")
    paths = [*ROOT.glob("*.md"), *(path for folder in folders for path in (ROOT / folder).rglob("*") if path.is_file())]
    texts = [path for path in paths if path.suffix in {".md", ".py", ".txt", ".toml"}]
    assert len(texts) > 200
    assert [str(path) for path in texts if asked.search(path.read_text(encoding="utf-8"))] == []
