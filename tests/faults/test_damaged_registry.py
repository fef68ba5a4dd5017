"""A damaged registry is called damaged by every command, and none says that what it held still stands."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from linkage import cli
from linkage.errors import NotErasedError, RegistryError
from linkage.pipeline import Registry
from tests.unit.linkage.helpers import PROFILE, Rec, crowd, send

FILE = Path("r/statistics.duckdb")
"""The file that is damaged: every command opens it."""

HEADERS, BLOCK = 12_288, 262_144
"""Bytes of the headers of a DuckDB file, and of each block after them."""

COMMANDS = {
    "summary": ["summary", "r"],
    "receive": ["receive", "r", "later"],
    "link": ["link", "r"],
    "erase": ["erase", "r", "--before", "2020-01-01"],
    "purge": ["purge", "r", "--review-days", "0"],
    "export persons": ["export", "persons", "r", "--out", "p.csv"],
    "export links": ["export", "links", "r", "--out", "-"],
    "coverage": ["coverage", "r"],
    "privacy": ["privacy", "r"],
    "totals": ["totals", "r"],
    "receipt": ["receipt", "r", "a"],
    "explain": ["explain", "r", "a/a-1", "b/b-1"],
    "roster list": ["roster", "list", "r"],
    "roster set": ["roster", "set", "r", "a", "--kind", "police", "--from", "2026-01"],
    "codebook list": ["codebook", "list", "r"],
}

DAMAGE: dict[str, Callable[[bytes], bytes]] = {
    "first word": lambda data: data[:8] + b"DOCK" + data[12:],
    "zeros for the headers": lambda data: bytes(HEADERS) + data[HEADERS:],
    "cut in the headers": lambda data: data[:5000],
    "cut in the middle": lambda data: data[: len(data) // 2],
    "a bit of every block": lambda data: _flipped(data, *range(HEADERS + 99, len(data), BLOCK)),
}


def _flipped(data: bytes, *places: int) -> bytes:
    whole = bytearray(data)
    for place in places:
        whole[place] ^= 1
    return bytes(whole)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a registry that was linked, and a submission that supersedes a record."""
    folder = tmp_path_factory.mktemp("damaged")
    registry = Registry.create(folder / "r", profile=PROFILE)
    registry.receive_all([send(folder / name, name, 1, crowd(name, range(20))) for name in "ab"])
    registry.link()
    send(folder / "later", "a", 2, [Rec("a-1", 90_000)])
    return folder


@pytest.fixture
def run(
    whole: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., tuple[int, str, str]]:
    """Run a command on the registry with other content, and return status and output."""
    monkeypatch.chdir(tmp_path)

    def go(data: bytes, words: list[str], file: Path = FILE) -> tuple[int, str, str]:
        for name in ("later", "r.key", "r.statistics.key"):
            shutil.copy(whole / name, name)
        shutil.rmtree("r", ignore_errors=True)
        shutil.copytree(whole / "r", "r")
        file.write_bytes(data)
        with pytest.raises(SystemExit) as ended:
            cli.main(words)
        return (int(ended.value.code or 0), *capsys.readouterr())

    return go


def _assert_damaged(err: str) -> None:
    assert "(registry.damaged)" in err
    assert "The registry file is damaged" in err
    assert "Restore the backup of the file" in err
    assert not any(words in err for words in ("remains stored", "still contains everything", "linkage init"))


@pytest.mark.whole
@pytest.mark.parametrize("damage", DAMAGE)
def test_every_command_calls_it_damaged(damage, whole, run):
    data = DAMAGE[damage]((whole / FILE).read_bytes())
    for name in COMMANDS if damage == "a bit of every block" else ("summary", "receive"):
        status, out, err = run(data, COMMANDS[name])
        assert (status, out) == (6, ""), name
        _assert_damaged(err)
        assert FILE.read_bytes() == data, name


@pytest.mark.whole
def test_a_registry_cut_to_nothing_is_called_empty_and_its_backup_named(run):
    status, out, err = run(b"", COMMANDS["receive"])
    assert (status, out) == (6, "")
    assert "The file is empty" in err
    assert "if this was one, restore its backup" in err
    assert FILE.read_bytes() == b""


@pytest.mark.slow
def test_damage_that_is_met_after_a_submission_was_stored(whole, run):
    # Wherever a block is damaged, receive meets it while it opens, stores or erases, or does not read it at all.
    seen = set()
    for file in (FILE, FILE.with_name("linkage.duckdb")):
        data = (whole / file).read_bytes()
        for place in range(HEADERS + 99, len(data), BLOCK):
            status, out, err = run(_flipped(data, place), COMMANDS["receive"], file)
            seen.add((status, "received" in out))
            if status:
                _assert_damaged(err)
    assert {(6, False), (6, True)} <= seen <= {(6, False), (6, True), (0, True)}


@pytest.mark.parametrize(
    ("rule", "becomes", "hint"),
    [
        ("registry.damaged", "registry.damaged", "Restore"),
        ("registry.io", "registry.not_erased", "Restore"),
        ("registry.full", "registry.not_erased", "Whatever was stored remains stored."),
    ],
)
def test_what_is_certain_after_an_erasure_failed(rule, becomes, hint):
    error = NotErasedError(RegistryError(rule, "Why.", hint="Restore it."))
    assert (error.rule, error.hint.startswith(hint)) == (becomes, True)
    assert error.message.endswith("Why.")
