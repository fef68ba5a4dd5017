"""Parts of files: complete under their names or not there, and never in the way of another process."""

from __future__ import annotations

import errno
import os
import stat
import subprocess
import sys

import pytest

from pseudonym.output import Part, give_name, parts, parts_of, remove_parts

if sys.platform != "win32":
    import fcntl

_HOLD = """
import sys
from pathlib import Path
from pseudonym.output import Part
part = Part(Path(sys.argv[1]))
print(part.path.name, flush=True)
sys.stdin.read()
part.publish()
"""


def names(folder):
    return sorted(entry.name for entry in folder.iterdir())


def test_a_part_gets_its_name_when_it_is_published(tmp_path):
    with Part(tmp_path / "out") as part:
        part.path.write_text("whole")
        assert names(tmp_path) == [part.path.name]
        part.publish()
    assert names(tmp_path) == ["out"]
    assert (tmp_path / "out").read_text() == "whole"


def test_nothing_is_left_of_a_part_that_was_not_published(tmp_path):
    with pytest.raises(KeyboardInterrupt), Part(tmp_path / "out"):
        raise KeyboardInterrupt
    assert names(tmp_path) == []


def test_a_file_is_never_replaced(tmp_path):
    (tmp_path / "out").write_text("before")
    with pytest.raises(FileExistsError), Part(tmp_path / "out") as part:
        part.publish()
    assert names(tmp_path) == ["out"]
    assert (tmp_path / "out").read_text() == "before"


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes")
def test_only_the_owner_may_read_it(tmp_path):
    before = os.umask(0)
    try:
        with Part(tmp_path / "out") as part:
            assert stat.S_IMODE(part.path.stat().st_mode) == 0o600
            part.publish()
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "out").stat().st_mode) == 0o600


def test_what_was_left_behind_is_removed_by_its_name(tmp_path):
    others = [".out.0123abcd.part.txt", ".out.x.part", "out.0123abcd.part", ".outX0123abcd.part", ".b.0123abcd.part"]
    for name in [*others, ".out.0123abcd.part"]:
        (tmp_path / name).touch()
    assert [path.name for path in parts_of(tmp_path / "out")] == [".out.0123abcd.part"]
    remove_parts(tmp_path / "out")
    assert names(tmp_path) == sorted(others)


@pytest.mark.skipif(os.name == "nt", reason="on Windows only an administrator may make a link")
def test_a_link_and_a_folder_are_left_alone(tmp_path):
    (tmp_path / "mine").write_text("mine")
    (tmp_path / ".out.0123abcd.part").symlink_to(tmp_path / "mine")
    (tmp_path / ".out.fedc0123.part").mkdir()
    with Part(tmp_path / "out") as part:
        part.publish()
    assert names(tmp_path) == [".out.0123abcd.part", ".out.fedc0123.part", "mine", "out"]


def test_the_part_of_a_running_process_stays_and_that_of_a_killed_one_goes(tmp_path):
    with subprocess.Popen(
        [sys.executable, "-c", _HOLD, str(tmp_path / "out")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    ) as process:
        assert process.stdout is not None
        name = process.stdout.readline().strip()
        with Part(tmp_path / "out") as part:
            assert {path.name for path in parts_of(tmp_path / "out")} == {name, part.path.name}
            part.publish()
        assert names(tmp_path) == sorted([name, "out"])
        process.kill()
    assert names(tmp_path) == sorted([name, "out"])
    remove_parts(tmp_path / "out")
    assert names(tmp_path) == ["out"]


def refusing(number):
    """Return what stands in for a function of the system that always fails."""

    def refuse(*_):
        raise OSError(number, "refused")

    return refuse


@pytest.mark.skipif(os.name == "nt", reason="Windows renames, which needs no links")
def test_without_hard_links_a_name_that_cannot_be_given_is_free_again(tmp_path, monkeypatch):
    (tmp_path / "part").write_text("whole")
    monkeypatch.setattr(os, "link", refusing(errno.EPERM))
    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", refusing(errno.EIO))
        with pytest.raises(OSError, match="refused"):
            give_name(tmp_path / "part", tmp_path / "out")
        assert names(tmp_path) == ["part"]
    give_name(tmp_path / "part", tmp_path / "out")
    assert (tmp_path / "out").read_text() == "whole"


@pytest.mark.skipif(os.name == "nt", reason="Windows renames, which needs no links")
def test_without_hard_links_an_interruption_after_the_renaming_loses_nothing(tmp_path, monkeypatch):
    replace = os.replace

    def interrupted(*arguments):
        replace(*arguments)
        raise KeyboardInterrupt

    (tmp_path / "part").write_text("whole")
    monkeypatch.setattr(os, "link", refusing(errno.EPERM))
    monkeypatch.setattr(os, "replace", interrupted)
    with pytest.raises(KeyboardInterrupt):
        give_name(tmp_path / "part", tmp_path / "out")
    assert (tmp_path / "out").read_text() == "whole"


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such locks")
@pytest.mark.parametrize("error", [BlockingIOError(), FileNotFoundError()])
def test_a_part_that_another_process_takes_for_a_leftover_does_not_stay(tmp_path, monkeypatch, error):
    claim, refused = parts.claim, [error]

    def lose_once(part, **options):
        if refused:
            raise refused.pop()
        return claim(part, **options)

    monkeypatch.setattr(parts, "claim", lose_once)
    with Part(tmp_path / "out") as part:
        assert names(tmp_path) == [part.path.name]


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such locks")
def test_an_interruption_while_a_part_is_made_leaves_none(tmp_path, monkeypatch):
    def interrupted(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(parts, "claim", interrupted)
    with pytest.raises(KeyboardInterrupt):
        Part(tmp_path / "out")
    assert names(tmp_path) == []


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such locks")
def test_where_there_are_no_locks_only_parts_of_the_same_name_go(tmp_path, monkeypatch):
    left = [".a.0123abcd.part", ".b.0123abcd.part"]
    for name in left:
        (tmp_path / name).touch()
    with monkeypatch.context() as patch:
        patch.setattr(fcntl, "flock", refusing(errno.ENOLCK))
        remove_parts(tmp_path / "a", like=lambda file: True)
        assert names(tmp_path) == left[1:]
    remove_parts(tmp_path / "a", like=lambda file: True)
    assert names(tmp_path) == []
