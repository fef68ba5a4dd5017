"""`linkage init`: where the key is, what is said about it, and a key that exists already."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from benchmarks.keys import fixed_key_text, fixed_registry_key_text
from linkage import cli
from linkage.keys import RegistryKey
from linkage.pipeline import Registry
from linkage.store import database
from tests.unit.linkage.helpers import PROFILE, crowd, plain_codes, send, unit_store

BESIDE = "The key is beside the registry, which is fine for a trial."


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., str]:
    """Create a registry and return what is printed."""
    monkeypatch.chdir(tmp_path)
    Path("elsewhere").mkdir()

    def go(*words: str) -> str:
        with pytest.raises(SystemExit) as ended:
            cli.main(["init", "r.duckdb", *words])
        assert not ended.value.code
        out, err = capsys.readouterr()
        assert err == ""
        return " ".join(out.split())

    return go


@pytest.mark.parametrize("words", [[], ["--registry-key", "other.key"], ["--registry-key", "elsewhere/../k"]])
def test_a_key_beside_the_registry_is_fine_for_a_trial_and_that_is_said_once(run, words):
    shown = run(*words)
    assert shown.count(BESIDE) == 1
    assert "--registry-key" in shown
    assert "apart" not in shown


def test_a_key_elsewhere_needs_no_word(run, monkeypatch):
    shown = run("--registry-key", "elsewhere/r.key")
    assert BESIDE not in shown
    assert "Its own key: elsewhere/r.key. Back it up" in shown
    shutil.rmtree("r.duckdb")
    Path("r.duckdb.statistics.key").unlink()
    monkeypatch.setenv("LINKAGE_REGISTRY_KEY", "elsewhere/named.key")
    assert BESIDE not in run()


@pytest.fixture
def backup(tmp_path: Path) -> Path:
    """A registry's own key, as it was copied to another place."""
    path = tmp_path / "elsewhere.key"
    path.touch(mode=0o600)
    path.write_text(fixed_registry_key_text("backup"), encoding="utf-8")
    return path


def test_an_existing_key_is_used_and_stays_as_it_is(run, backup):
    before = backup.read_bytes(), backup.stat().st_mtime_ns
    shown = run("--registry-key", "elsewhere.key", "--existing-key")
    assert "Its own key: elsewhere.key, as it was. Back it up" in shown
    assert (backup.read_bytes(), backup.stat().st_mtime_ns) == before
    assert not Path("r.duckdb.key").exists()
    with unit_store("r.duckdb", "linkage").session(write=False) as session:
        assert session.get("registry_key_check") == RegistryKey.load(backup).check


@pytest.mark.whole
def test_a_lost_registry_is_made_again_with_its_key_and_knows_the_same_codes(tmp_path, backup):
    submission = send(tmp_path / "1", "a", 1, crowd("a", range(5)))
    codes = []
    for name in ("lost", "again"):
        path = tmp_path / f"{name}.duckdb"
        registry = Registry.create(path, profile=PROFILE, registry_key=backup, existing_key=True)
        registry.receive(submission)
        codes.append(plain_codes(registry))
    assert codes[0] == codes[1]
    assert codes[0]


@pytest.mark.parametrize(
    ("text", "rule", "message"),
    [
        (None, "registry_key.unreadable", "There is no such file."),
        ("", "registry_key.form", "is damaged, or is not a registry key"),
        (fixed_key_text("linkage"), "registry_key.form", "is damaged, or is not a registry key"),
        (fixed_registry_key_text("cut")[:-2], "registry_key.form", "is damaged, or is not a registry key"),
    ],
)
def test_what_is_no_registry_key_is_refused_and_nothing_is_made(tmp_path, monkeypatch, capsys, text, rule, message):
    monkeypatch.chdir(tmp_path)
    if text is not None:
        Path("k").write_text(text, encoding="utf-8")
    before = sorted(tmp_path.iterdir())
    with pytest.raises(SystemExit) as ended:
        cli.main(["init", "r.duckdb", "--registry-key", "k", "--existing-key"])
    out, err = capsys.readouterr()
    assert (ended.value.code, out) == (5, "")
    assert f"({rule})" in err
    assert message in " ".join(err.split())
    assert sorted(tmp_path.iterdir()) == before
    assert text is None or Path("k").read_text(encoding="utf-8") == text


def test_without_the_word_an_existing_key_is_not_touched_and_the_word_is_offered(tmp_path, monkeypatch, capsys, backup):
    monkeypatch.chdir(tmp_path)
    before = backup.read_bytes()
    with pytest.raises(SystemExit) as ended:
        cli.main(["init", "r.duckdb", "--registry-key", "elsewhere.key"])
    assert ended.value.code == 5
    assert "--existing-key" in capsys.readouterr().err
    assert backup.read_bytes() == before
    assert not Path("r.duckdb").exists()


def test_an_existing_key_outlives_a_registry_that_cannot_be_made(tmp_path, monkeypatch, backup):
    def full(*_):
        raise OSError(28, "no space")

    before = backup.read_bytes()
    with monkeypatch.context() as patch:
        patch.setattr(database, "give_name", full)
        with pytest.raises(Exception, match="disk is full"):
            Registry.create(tmp_path / "r.duckdb", profile=PROFILE, registry_key=backup, existing_key=True)
    assert backup.read_bytes() == before
    assert [entry.name for entry in tmp_path.iterdir()] == ["elsewhere.key"]
