"""Every row of docs/reference/bad-input.md about other commands; document and tests name the same cases."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest

from benchmarks.keys import fixed_key_text, fixed_registry_key_text
from linkage.cli import main as linkage_main
from pseudonym.cli import main as pseudonym_main
from pseudonym.encode import batches, processes
from pseudonym.profile import load_profile
from tests.paths import ROOT

_SECTION: Final = (
    (ROOT / "docs" / "reference" / "bad-input.md")
    .read_text(encoding="utf-8")
    .split("## Other commands")[1]
    .split("\n## ")[0]
)
ROWS: Final = re.findall(r"^\| (.+?) \| (\d+) \| (.+) \|$", _SECTION, re.MULTILINE)

ENCODE: Final = ["encode", "in.csv", "--key", "key", "--reporter", "police", "--sequence", "1", "--out", "out.parquet"]
INIT: Final = ["init", "r", "--registry-key", "k", "--existing-key"]


def run(main: Callable[[list[str]], object], *words: str) -> int:
    with pytest.raises(SystemExit) as ended:
        main(list(words))
    return int(ended.value.code or 0)


def own_codebook() -> None:
    words = ("codebook", "make", "own.json", "--name", "own", "--version", "1", "--item", "municipality")
    assert run(pseudonym_main, *words) == 0
    assert run(pseudonym_main, *ENCODE, "--codebook", "own.json") == 0


def own_profile() -> None:
    profile = json.loads(load_profile("case-registry").to_json()) | {"name": "own"}
    Path("profile.json").write_text(json.dumps(profile))
    assert run(pseudonym_main, *ENCODE, "--profile", "profile.json") == 0


CASES: Final[dict[str, tuple[Callable[[], object], Callable[[list[str]], object], list[str]]]] = {
    "`check` of a submission under a codebook that does not ship": (
        own_codebook,
        pseudonym_main,
        ["check", "out.parquet"],
    ),
    "`check` of a submission under a profile that does not ship": (
        own_profile,
        pseudonym_main,
        ["check", "out.parquet"],
    ),
    "process of `encode` that dies": (lambda: None, pseudonym_main, [*ENCODE, "--jobs", "2"]),
    "`init --existing-key` without a key": (lambda: None, linkage_main, INIT),
    "`init --existing-key` with a linkage key": (
        lambda: Path("k").write_text(fixed_key_text("linkage")),
        linkage_main,
        INIT,
    ),
    "`init --existing-key` with a key that lost its end": (
        lambda: Path("k").write_text(fixed_registry_key_text("cut")[:-2]),
        linkage_main,
        INIT,
    ),
}
"""For each case what is there before, and the command."""


def test_the_document_names_the_cases():
    assert {name for name, _, _ in ROWS} == set(CASES)


@pytest.mark.whole
@pytest.mark.parametrize(("name", "status", "said"), ROWS)
def test_other_commands(name, status, said, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert run(pseudonym_main, "keygen", "key") == 0
    Path("in.csv").write_text("record_id,given_names\n" + "".join(f"a-{n},Anna\n" for n in range(40)))
    prepare, main, words = CASES[name]
    prepare()
    if "dies" in name:
        monkeypatch.setattr(batches, "BATCH_RECORDS", 8)
        submit = processes._Worker.submit

        def submit_and_kill(worker, task, rows):
            future = submit(worker, task, rows)
            worker._process.kill()
            return future

        monkeypatch.setattr(processes._Worker, "submit", submit_and_kill)
    before = sorted(tmp_path.iterdir())
    capsys.readouterr()
    assert run(main, *words) == int(status)
    output = capsys.readouterr()
    (rule,) = re.findall(r"\(`(.+?)`\)", said)
    assert f"({rule})" in output.err
    assert "Traceback" not in output.out + output.err
    assert sorted(tmp_path.iterdir()) == before
