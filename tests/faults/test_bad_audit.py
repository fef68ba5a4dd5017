"""Every row of docs/reference/bad-input.md about `linkage audit`; document and tests name the same cases."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Final

import pytest

from linkage import Registry
from linkage.cli import main as linkage_main
from linkage.store import Session
from tests.paths import ROOT
from tests.registries import CopyOf
from tests.unit.linkage.helpers import PROFILE, crowd, registry_bytes, send

_SECTION: Final = (
    (ROOT / "docs" / "reference" / "bad-input.md")
    .read_text(encoding="utf-8")
    .split("## `linkage audit`")[1]
    .split("\n## ")[0]
)
ROWS: Final = re.findall(r"^\| (.+?) \| (\d+) \| (.+) \|$", _SECTION, re.MULTILINE)

Edit = Callable[[Session], object]

SHIFT: Final = (
    "CREATE TEMP TABLE moved AS SELECT * FROM audit_log WHERE entry > 2; DELETE FROM audit_log WHERE entry > 2;"
    "INSERT INTO audit_log SELECT entry + 1, content, digest, sealed_by, seal FROM moved;"
    "INSERT INTO audit_log SELECT 3, content, digest, sealed_by, seal FROM audit_log WHERE entry = 2"
)


def rechained(session: Session) -> None:
    """Edit the second entry and make the digests of all later ones fit, with the seals as they were."""
    from linkage.audit_log.entry import digest_of

    old = new = ""
    for number, text, digest in session.rows("SELECT entry, content, digest FROM audit_log ORDER BY entry"):
        changed = text.replace('"records":4', '"records":3')
        changed = changed.replace(old, new) if old else changed
        old, new = digest, digest_of(changed)
        session.rows("UPDATE audit_log SET content = ?, digest = ? WHERE entry = ?", changed, new, number)


EDITS: Final[dict[str, Edit]] = {
    "log that nobody has touched": lambda session: session.rows("SELECT 1"),
    "entry edited": lambda session: session.rows(
        "UPDATE audit_log SET content = replace(content, '\"records\":4', '\"records\":3')"
    ),
    "entry edited, and all digests made to fit": rechained,
    "entry removed": lambda session: session.rows("DELETE FROM audit_log WHERE entry = 2"),
    "two entries exchanged": lambda session: session.rows(
        "UPDATE audit_log SET entry = 5 - entry WHERE entry IN (2, 3)"
    ),
    "entry inserted": lambda session: [session.rows(statement) for statement in SHIFT.split(";")],
    "end cut off, with a head kept elsewhere": lambda session: session.rows("DELETE FROM audit_log WHERE entry > 2"),
    "all entries removed": lambda session: session.rows("DELETE FROM audit_log"),
    "seals removed": lambda session: session.rows("UPDATE audit_log SET seal = NULL, sealed_by = NULL"),
}
"""What is done to the log before it is verified."""

OF_LINKAGE: Final = ("audit", "verify", "r.duckdb", "--unit", "linkage")

COMMANDS: Final = {
    "head that is no digest": ["audit", "verify", "r.duckdb", "--head", "5be0"],
    "registry key that is not at hand": [*OF_LINKAGE],
    "registry key that is named and missing": [*OF_LINKAGE, "--key", "none"],
    "key of another registry": [*OF_LINKAGE, "--key", "other.duckdb.key"],
    "name of whoever acts with a line end": ["--actor", "A\nB", "audit", "list", "r.duckdb"],
    "run to be repeated after new records": ["audit", "repeat", "r.duckdb"],
    "run to be repeated after a correction": ["audit", "repeat", "r.duckdb"],
    "run to be repeated before the first": ["audit", "repeat", "other.duckdb"],
}


def linked(folder: Path) -> Registry:
    registry = Registry.create(folder / "r.duckdb", profile=PROFILE)
    registry.receive(send(folder / "a", "a", 1, crowd("a", range(4))))
    registry.roster.set("a", kind="police", from_period="2026-01")
    registry.link()
    return registry


@pytest.fixture
def registry(tmp_path: Path, copy_of: CopyOf, monkeypatch: pytest.MonkeyPatch) -> Registry:
    """Return a registry with four entries: init, receive, roster, link."""
    monkeypatch.chdir(tmp_path)
    return copy_of(linked)


def test_the_document_names_the_cases_of_audit():
    assert {name for name, _, _ in ROWS} == {*EDITS, *COMMANDS}


@pytest.mark.whole
@pytest.mark.parametrize(("name", "status", "said"), ROWS)
def test_audit(name, status, said, registry, capsys):
    words = COMMANDS.get(name, ["audit", "verify", "r.duckdb"])
    if name in EDITS:
        words = [*words, "--head", registry.audit.head()[1]] if name.startswith("end") else words
        with registry._store.session(write=True) as session, session.transaction():
            EDITS[name](session)
    if "other.duckdb" in " ".join(words):
        Registry.create("other.duckdb", profile=PROFILE)
    if name.startswith("registry key"):
        registry.registry_key.unlink()
    if "after new records" in name:
        registry.receive(send(Path("b"), "a", 2, crowd("b", range(4))))
    if "after a correction" in name:
        registry.receive(send(Path("b"), "a", 2, [replace(crowd("a", [0])[0], persona=9)]))
    before = registry_bytes(registry)
    with pytest.raises(SystemExit) as ended:
        linkage_main(words)
    output = capsys.readouterr()
    assert int(ended.value.code or 0) == int(status)
    rules = re.findall(r"\(`(.+?)`\)", said)
    assert len(rules) == (status in "56")
    assert all(f"({rule})" in output.err for rule in rules)
    assert registry_bytes(registry) == before
    assert "Traceback" not in output.out + output.err
