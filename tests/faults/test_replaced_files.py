"""What a command may replace: an older file of the kind that it writes, and nothing else."""

from __future__ import annotations

import errno
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from linkage.answers import write_links, write_persons, write_review, write_waterfall
from linkage.cli import main as linkage
from linkage.pipeline import Registry
from pseudonym.cli import main as pseudonym
from pseudonym.encode import Encoder, Record, report_totals, withdraw
from pseudonym.keyed import LinkageKey
from pseudonym.wire import read_header
from tests.unit.linkage.helpers import PROFILE, crowd, send

pytestmark = pytest.mark.whole

CASES = "record_id,given_names,sex\n1,Asa,woman\n2,Bo,x\n"
ENCODE = ("encode", "cases.csv", "--key", "linkage.key", "--reporter", "police")
ELSEWHERE = "Choose another path, or move that file away first."


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with one file of every kind."""
    folder = tmp_path_factory.mktemp("made")
    key = LinkageKey.generate()
    key.save(folder / "linkage.key")
    Encoder(key, reporter="police").write(folder / "sent.parquet", [Record("0", given_names="Eva")], sequence=1)
    withdraw(folder / "gone.parquet", key, reporter="police", sequence=2, records=["0"])
    counted = {"reporter": "police", "period": "2026-03", "unit": "person"}
    report_totals(folder / "counted.parquet", {(): 3}, sequence=3, **counted)
    (folder / "counts.csv").write_text("n\n3\n")
    (folder / "table.csv").write_text("reporter,period,unit,role,cell,own_total,records,difference\n")
    (folder / "cases.csv").write_text(CASES)
    (folder / "rejects.csv").write_text("row,field,rule,effect,meaning\n9,,record_id.missing,rejected,older\n")
    (folder / "empty").touch()
    (folder / "other.parquet").write_bytes(b"PAR1 of another program PAR1")
    (folder / "other.svg").write_text('<?xml version="1.0"?>\n<svg/>')
    registry = Registry.create(folder / "r.duckdb", profile=PROFILE)
    for reporter in "ab":
        registry.receive(send(folder / reporter, reporter, 1, crowd("x", range(9))))
    registry.link()
    write_persons(registry.persons(), folder / "persons.csv")
    write_links(registry.links(), folder / "links.csv")
    write_review(registry.review(), folder / "review.csv")
    write_waterfall(registry.explain("a/x-3", "b/x-3"), folder / "pair.svg")
    return folder


@pytest.fixture
def folder(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of that folder, as the current one."""
    for path in made.iterdir():
        if path.is_dir():
            shutil.copytree(path, tmp_path / path.name)
            continue
        (tmp_path / path.name).write_bytes(path.read_bytes())
        (tmp_path / path.name).chmod(0o600)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def contents(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def run(capsys: pytest.CaptureFixture[str], main: Callable[[list[str]], None], *words: str) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as ended:
        main(list(words))
    printed = capsys.readouterr()
    return int(ended.value.code or 0), printed.out, printed.err


COMMANDS: dict[str, tuple[Callable[[list[str]], None], tuple[str, ...], str, str]] = {
    "encode --out": (pseudonym, (*ENCODE, "--out"), "submission", "sent.parquet"),
    "encode --rejects": (pseudonym, (*ENCODE, "--out", "new.parquet", "--rejects"), "rejects file", "rejects.csv"),
    "withdraw --out": (
        pseudonym,
        ("withdraw", "--key", "linkage.key", "--reporter", "police", "--record", "0", "--out"),
        "withdrawal",
        "gone.parquet",
    ),
    "totals --out": (
        pseudonym,
        ("totals", "counts.csv", "--reporter", "police", "--period", "2026-03", "--unit", "person", "--out"),
        "totals file",
        "counted.parquet",
    ),
    "totals --csv": (linkage, ("totals", "r.duckdb", "--csv"), "table of totals", "table.csv"),
    "export persons": (linkage, ("export", "persons", "r.duckdb", "--out"), "persons file", "persons.csv"),
    "export links": (linkage, ("export", "links", "r.duckdb", "--out"), "links file", "links.csv"),
    "export links --review": (
        linkage,
        ("export", "links", "r.duckdb", "--review", "--out"),
        "review file",
        "review.csv",
    ),
    "explain --svg": (linkage, ("explain", "r.duckdb", "a/x-3", "b/x-3", "--svg"), "waterfall chart", "pair.svg"),
}
"""Each output of a command: the words before its path, what messages call it, and an older one."""

FILES = {
    "sent.parquet",
    "gone.parquet",
    "counted.parquet",
    "table.csv",
    "rejects.csv",
    "persons.csv",
    "links.csv",
    "review.csv",
    "pair.svg",
    "r.duckdb/linkage.duckdb",
    "r.duckdb/statistics.duckdb",
    "r.duckdb.key",
    "r.duckdb.statistics.key",
}
FILES |= {"empty", "other.parquet", "other.svg"}


@pytest.mark.parametrize("name", COMMANDS)
def test_only_its_own_kind_is_replaced(folder: Path, capsys: pytest.CaptureFixture[str], name: str) -> None:
    main, words, kind, own = COMMANDS[name]
    before = contents(folder)
    for file in sorted(FILES - {own}) + (["cases.csv"] if main is linkage else []):
        status, out, err = run(capsys, main, *words, file)
        assert (status, out) == (6, ""), file
        first, second = err.splitlines()
        said = f"Another file already exists at the path of the {kind}; only an older {kind} is replaced."
        assert said in first, file
        assert second.strip() == ELSEWHERE
        assert contents(folder) == before, file
    status, _, err = run(capsys, main, *words, own)
    assert status in (0, 3), err
    changed = {file for file, data in contents(folder).items() if before.get(file) != data}
    # An export has its entry in the audit log of the statistics unit.
    logged = {"r.duckdb/statistics.duckdb"} if words[0] == "export" else set()
    assert changed <= {own, "new.parquet", *logged}
    assert not name.startswith("encode") or own in changed


def test_a_folder_and_a_device_are_told_apart(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("inside").mkdir()
    before = contents(folder)
    for main, words, kind, _ in COMMANDS.values():
        status, _, err = run(capsys, main, *words, "inside")
        assert (status, f"The {kind} cannot be written: the path is a folder." in err) == (6, True)
        status, _, err = run(capsys, main, *words, os.devnull)
        assert (status, f"The {kind} cannot be written: the path is a pipe, a device" in err) == (6, True)
    assert contents(folder) == before
    assert not list(Path("inside").iterdir())


@pytest.mark.skipif(not Path("/dev/stdout").exists(), reason="no name for standard output on this system")
def test_standard_output_is_no_file(folder: Path) -> None:
    # With `>` the name leads to a file, here even to an older persons file.
    before = contents(folder)
    with Path("persons.csv").open("a") as older:
        done = subprocess.run(
            [sys.executable, "-m", "linkage", "export", "persons", "r.duckdb", "--out", "/dev/stdout"],
            stdout=older,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        )
    assert done.returncode == 6
    assert "an open stream" in done.stderr
    assert contents(folder) == before


# Several outputs.


OUTPUTS = ("--out", "new.parquet", "--rejects", "rejects.csv")


def test_both_outputs_are_written(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(capsys, pseudonym, *ENCODE, *OUTPUTS)[0] == 3
    assert read_header(Path("new.parquet")).records == 2
    assert Path("rejects.csv").read_text().splitlines()[1].startswith("3,sex,sex.unknown")


@pytest.mark.parametrize("older", [True, False])
@pytest.mark.parametrize("refused", ["new.parquet", "rejects.csv"])
def test_if_one_output_cannot_get_its_name_neither_does(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, refused: str, older: bool
) -> None:
    if older:
        Path("new.parquet").write_bytes(Path("sent.parquet").read_bytes())
    else:
        Path("rejects.csv").unlink()
    before = contents(folder)
    replace = os.replace

    def refuse(source: Path, target: Path) -> None:
        # As Windows does while a spreadsheet has the file open.
        if Path(target).name == refused:
            raise PermissionError(errno.EACCES, "in use")
        replace(source, target)

    monkeypatch.setattr(os, "replace", refuse)
    status, out, err = run(capsys, pseudonym, *ENCODE, *OUTPUTS)
    assert (status, out) == (6, "")
    assert "cannot be written: you may not write there. (output.unwritable)" in err
    assert contents(folder) == before


@pytest.mark.parametrize("refused", ["no/rejects.csv", "cases-2.csv"])
def test_a_rejects_file_that_cannot_be_written_leaves_the_older_submission(
    folder: Path, capsys: pytest.CaptureFixture[str], refused: str
) -> None:
    Path("cases-2.csv").write_text(CASES)
    before = contents(folder)
    assert run(capsys, pseudonym, *ENCODE, "--out", "sent.parquet", "--rejects", refused)[0] == 6
    assert contents(folder) == before


def test_a_submission_that_cannot_be_written_leaves_the_older_rejects_file(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = contents(folder)
    assert run(capsys, pseudonym, *ENCODE, "--out", "r.duckdb/statistics.duckdb", "--rejects", "rejects.csv")[0] == 6
    assert contents(folder) == before


@pytest.mark.parametrize(
    "paths",
    [
        ("same", "same"),
        ("same", "./same"),
        ("same", "SAME"),
        ("new.parquet", "cases.csv"),
        ("linkage.key", "rejects.csv"),
        ("hard", "rejects.csv"),
        ("soft", "rejects.csv"),
        ("ahead", "same"),
        ("previous", "rejects.csv"),
        ("profile.json", "rejects.csv"),
        ("codebook.json", "rejects.csv"),
    ],
)
def test_an_output_is_neither_an_input_nor_another_output(
    folder: Path, capsys: pytest.CaptureFixture[str], paths: tuple[str, str]
) -> None:
    os.link("cases.csv", "hard")
    os.link("sent.parquet", "previous")
    Path("soft").symlink_to("linkage.key")
    Path("ahead").symlink_to("same")
    before = contents(folder)
    out, rejects = paths
    documents = ("--profile", "profile.json", "--codebook", "codebook.json")
    words = (*ENCODE, *documents, "--previous", "sent.parquet", "--out", out, "--rejects", rejects)
    status, _, err = run(capsys, pseudonym, *words)
    assert status == 2
    assert "must not lead to an input, to the key, or to another output" in " ".join(err.replace("│", "").split())
    assert contents(folder) == before


def test_an_output_may_have_the_name_of_a_document_that_ships(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    name = "case-registry"
    words = (*ENCODE, "--profile", name, "--codebook", name, "--out", name, "--rejects", "rejects.csv")
    for _ in range(2):
        assert run(capsys, pseudonym, *words)[0] == 3
        assert read_header(folder / name).codebook is not None
