"""The Python of the page about it runs as it stands. `test_readme.py` runs that of the README."""

from __future__ import annotations

import importlib.util
import re
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from linkage.keys import RegistryKey, StatisticsKey
from pseudonym import load_profile
from pseudonym.enrolment import DocumentReference, make_invite
from pseudonym.keyed import BodyKey, LinkageKey
from pseudonym.wire import read_sealed_header
from tests.paths import ROOT

pytest.importorskip("duckdb", reason="the extra `registry` is not installed")

BLOCK = re.compile(r"^```python\n(.*?)^```$", re.DOTALL | re.MULTILINE)
POLARS = importlib.util.find_spec("polars") is not None


def blocks(page: str) -> list[str]:
    """Return the blocks of a page, without the lines that need polars where it is not installed."""
    found = BLOCK.findall((ROOT / page).read_text(encoding="utf-8"))
    return ["".join(line for line in block.splitlines(True) if POLARS or "polars" not in line) for block in found]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a key and a workbook, as somebody has who follows the page."""
    LinkageKey.generate(project="followup").save(tmp_path / "linkage.key")
    BodyKey.generate().save(tmp_path / "body.key")
    profile = load_profile("case-registry")
    reference = DocumentReference(name=profile.name, version=str(profile.version), digest=profile.digest)
    invite = make_invite("police", keys=(RegistryKey.generate(), StatisticsKey.generate()), profile=reference)
    (tmp_path / "police-invite.json").write_bytes(invite.canonical())
    frame = pd.DataFrame(
        {
            "record_id": [1, 2],
            "Personnummer": [201107139980, None],
            "Förnamn": ["Åsa", "Mohamed"],
            "Efternamn": ["Lindqvist|Ek", "Abdi"],
            "Födelsedatum": [date(2011, 7, 13), date(1989, 3, 4)],
        }
    )
    frame.to_excel(tmp_path / "cases.xlsx", sheet_name="2026", index=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.whole
def test_the_page_about_python_runs_from_top_to_bottom(folder: Path) -> None:
    found = blocks("docs/how-to/use-from-python.md")
    frame = pd.DataFrame({"Löpnr": [7], "record_id": [7], "given_names": ["Åsa"], "birth_date": ["13.07.2011"]})
    space: dict[str, Any] = {"frame": frame}
    *of_reporter, of_registry = found
    for block in of_reporter:
        exec(block, space)
    assert space["report"].header.records == 1
    assert space["rows"].fields == ("record_id", "number", "given_names", "family_names", "birth_date")
    assert space["result"].faults == ()
    assert read_sealed_header("police-2026-03.sealed") == space["target"].header
    assert "registry.persons()" in of_registry
