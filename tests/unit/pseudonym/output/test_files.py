"""Output files: all of a command or none, for their owner only, and never over a file of another kind."""

from __future__ import annotations

import errno
import os
import shutil
import stat
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from pseudonym.errors import OutputError
from pseudonym.output import (
    Outputs,
    check_target,
    claim,
    private_files,
    remove_parts,
    replacing,
    same_file,
    table_kind,
)

NOBODY = 65534
"""The user id without rights, on Linux and the BSDs."""

LIST = table_kind("list", ["row", "field"])
OTHER = table_kind("table", ["name"])
OLDER = "row,field\n1,older\n"

POSIX = pytest.mark.skipif(os.name == "nt", reason="Windows keeps file rights in access lists, not in a mode")


@pytest.fixture
def open_umask() -> Iterator[None]:
    """Give rights to everybody, as some servers do."""
    before = os.umask(0)
    yield
    os.umask(before)


def written(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8", newline="")
    return path


def fill(outputs: Outputs, **files: Path) -> None:
    """Add outputs with a line each."""
    for name, path in files.items():
        written(outputs.add(path, LIST), f"row,field\n1,{name}\n")


def write(folder: Path, names: str) -> None:
    """Write an output for each letter."""
    with Outputs() as outputs:
        fill(outputs, **{name: folder / name for name in names})
        outputs.commit()


def write_both(folder: Path, *, meanwhile: str | None = None) -> OutputError:
    """Write `a` and `b`, with another file at `b` before the names are given; return the error."""
    with Outputs() as outputs:
        fill(outputs, a=folder / "a", b=folder / "b")
        if meanwhile is not None:
            written(folder / "b", meanwhile)
        with pytest.raises(OutputError) as caught:
            outputs.commit()
    return caught.value


def rule_of(path: Path | str) -> str:
    with pytest.raises(OutputError) as caught:
        check_target(path, LIST)
    assert caught.value.hint is not None
    return caught.value.rule


def test_files_get_their_names_together(tmp_path: Path) -> None:
    with Outputs() as outputs:
        fill(outputs, a=tmp_path / "a", b=tmp_path / "b")
        assert not (tmp_path / "a").exists()
        outputs.commit()
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {
        "a": "row,field\n1,a\n",
        "b": "row,field\n1,b\n",
    }


def test_temporary_files_have_one_form_of_name_and_go_with_the_block(tmp_path: Path) -> None:
    with Outputs() as outputs:
        fill(outputs, a=tmp_path / "a")
        (name,) = (path.name for path in tmp_path.iterdir())
        head, digits, tail = name.rsplit(".", 2)
        assert (head, tail) == (".a", "part")
        assert len(bytes.fromhex(digits)) == 4
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("older", [True, False])
def test_a_second_name_that_cannot_be_given_takes_back_the_first(
    tmp_path: Path, older: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if older:
        written(tmp_path / "a", OLDER)
    replace = os.replace

    def refuse(source: Path, target: Path) -> None:
        # As Windows does while a spreadsheet has the file open.
        if Path(target).name == "b":
            raise PermissionError(errno.EACCES, "in use")
        replace(source, target)

    monkeypatch.setattr(os, "replace", refuse)
    error = write_both(tmp_path)
    assert (error.rule, error.path) == ("output.unwritable", tmp_path / "b")
    assert error.message == "The list cannot be written: you may not write there."
    assert [path.name for path in tmp_path.iterdir()] == ["a"] * older
    assert not older or (tmp_path / "a").read_text() == OLDER


def no_links(*_: object) -> None:
    raise OSError(errno.EPERM, "no hard links")


def test_without_hard_links_the_first_is_taken_back_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "link", no_links)
    test_a_second_name_that_cannot_be_given_takes_back_the_first(tmp_path, True, monkeypatch)


def content(folder: Path) -> dict[str, tuple[str, int]]:
    """The text and the rights of each file in a folder."""
    return {path.name: (path.read_text(), stat.S_IMODE(path.stat().st_mode)) for path in folder.iterdir()}


@pytest.mark.parametrize("links", [True, False])
@pytest.mark.parametrize("older", ["", "a", "b", "ab"])
@pytest.mark.parametrize("moment", ["before a", "after a", "before b", "after b"])
def test_an_interruption_between_the_names_changes_no_target(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, moment: str, older: str, links: bool
) -> None:
    for name in older:
        written(tmp_path / name, OLDER).chmod(0o640)
    before = content(tmp_path)
    replace, moments = os.replace, {moment}

    def interrupted(source: Path, target: Path) -> None:
        for when in ("before", "after"):
            if when == "after":
                replace(source, target)
            if f"{when} {Path(target).name}" in moments:
                moments.clear()
                raise KeyboardInterrupt

    if not links:
        monkeypatch.setattr(os, "link", no_links)
    monkeypatch.setattr(os, "replace", interrupted)
    with pytest.raises(KeyboardInterrupt):
        write(tmp_path, "ab")
    assert content(tmp_path) == before


def test_an_interruption_of_a_single_output_loses_neither_the_old_nor_the_new(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    replace = os.replace

    def interrupted(source: Path, target: Path) -> None:
        replace(source, target)
        raise KeyboardInterrupt

    written(tmp_path / "a", OLDER)
    monkeypatch.setattr(os, "replace", interrupted)
    with pytest.raises(KeyboardInterrupt):
        write(tmp_path, "a")
    assert {name: text for name, (text, _) in content(tmp_path).items()} == {"a": "row,field\n1,a\n"}


@pytest.mark.parametrize("error", [OSError(errno.ENOSPC, "No space left on device"), KeyboardInterrupt()])
def test_a_copy_of_the_older_file_that_ends_halfway_changes_no_target(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: BaseException
) -> None:
    for name in "ab":
        written(tmp_path / name, OLDER).chmod(0o640)
    before = content(tmp_path)

    def half(source: Path, target: Path) -> None:
        written(Path(target), "row,fi")
        # The copy of `a` is whole by then.
        if Path(source).name == "b":
            raise error
        written(Path(target), Path(source).read_text())

    monkeypatch.setattr(os, "link", no_links)
    monkeypatch.setattr(shutil, "copyfile", half)
    expected = OutputError if isinstance(error, OSError) else KeyboardInterrupt
    with pytest.raises(expected):
        write(tmp_path, "ab")
    assert content(tmp_path) == before


@POSIX
@pytest.mark.parametrize("links", [True, False])
def test_the_older_file_is_kept_safe_from_other_processes_and_readers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, links: bool
) -> None:
    for name in "ab":
        written(tmp_path / name, OLDER).chmod(0o640)
    replace, seen = os.replace, 0

    def watched(source: Path, target: Path) -> None:
        nonlocal seen
        if Path(target).name == "b":
            # What another process does that writes to the same target, or a list of another name beside it.
            for other in ("a", "b", "c"):
                remove_parts(tmp_path / other, like=LIST.is_one)
            kept = [path for path in tmp_path.glob(".?.*.part") if path.read_text() == OLDER]
            assert {stat.S_IMODE(path.stat().st_mode) for path in kept} == {0o640}
            seen = len(kept)
        replace(source, target)

    copyfile = shutil.copyfile

    def private(source: Path, target: Path) -> None:
        assert stat.S_IMODE(target.stat().st_mode) == 0o600
        copyfile(source, target)

    monkeypatch.setattr(shutil, "copyfile", private)
    monkeypatch.setattr(os, "replace", watched)
    if not links:
        monkeypatch.setattr(os, "link", no_links)
    write(tmp_path, "ab")
    assert seen == 2
    assert sorted(content(tmp_path)) == ["a", "b"]


@POSIX
def test_an_older_file_that_is_locked_or_read_only_is_kept_as_a_copy(tmp_path: Path) -> None:
    written(tmp_path / "a", OLDER).chmod(0o400)
    with claim(written(tmp_path / "b", OLDER)):
        write(tmp_path, "ab")
    assert {name: text[12:-1] for name, (text, _) in content(tmp_path).items()} == {"a": "a", "b": "b"}


def test_a_target_that_appears_meanwhile_is_not_replaced(tmp_path: Path) -> None:
    assert write_both(tmp_path, meanwhile="of value").rule == "output.exists"
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {"b": "of value"}


def test_an_unfinished_output_of_another_name_goes_if_it_is_of_the_kind(tmp_path: Path) -> None:
    written(tmp_path / ".list-2026-01.0123abcd.part", OLDER)
    written(tmp_path / ".table-2026-01.0123abcd.part", "name\nAnna\n")
    written(tmp_path / ".list-2026-01.part", OLDER)
    with Outputs() as running:
        part = running.add(tmp_path / "list-2026-02", LIST)
        written(part, OLDER)
        with replacing(tmp_path / "list-2026-03", LIST) as file:
            file.write(OLDER)
        assert part.exists(), "the part of a running process stays"
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        ".list-2026-01.part",
        ".table-2026-01.0123abcd.part",
        "list-2026-03",
    ]


def test_an_output_that_is_given_up_leaves_the_others(tmp_path: Path) -> None:
    with Outputs() as outputs:
        fill(outputs, a=tmp_path / "a")
        outputs.discard(outputs.add(tmp_path / "b", LIST))
        outputs.commit()
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


def test_a_full_disk_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    written(tmp_path / "a", OLDER)
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OutputError, match="the disk is full"), replacing(tmp_path / "a", LIST) as file:
        file.write("row,field\n")
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {"a": OLDER}


@contextmanager
def without_privileges() -> Iterator[None]:
    """Act as a user who owns nothing, if the tests are run by root, who may write everywhere."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)


@POSIX
def test_a_missing_folder_and_one_without_rights_are_told_apart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Named from within, since the folders above are closed to other users.
    tmp_path.chmod(0o755)
    monkeypatch.chdir(tmp_path)
    Path("shut").mkdir(mode=0o500)
    with pytest.raises(OutputError, match="the folder does not exist"), replacing("no/a", LIST):
        pass
    with without_privileges(), pytest.raises(OutputError, match="you may not write there"), replacing("shut/a", LIST):
        pass


# What is replaced.


@pytest.mark.parametrize("text", [OLDER, "row,field\n", "row,field", "row,field\r\n1,x\r\n"])
def test_an_older_file_of_the_kind_is_replaced(tmp_path: Path, text: str) -> None:
    path = written(tmp_path / "a", text)
    with replacing(path, LIST) as file:
        file.write("row,field\n2,new\n")
    assert path.read_text() == "row,field\n2,new\n"


@pytest.mark.parametrize("text", ["", "row\n", "row,field,more\n", "Row,Field\n", "name\n", "\nrow,field\n"])
def test_a_file_of_another_kind_is_not(tmp_path: Path, text: str) -> None:
    assert rule_of(written(tmp_path / "a", text)) == "output.exists"
    with pytest.raises(OutputError, match="only an older list is replaced"), Outputs() as outputs:
        outputs.add(tmp_path / "a", LIST)
    assert (tmp_path / "a").read_text() == text


def test_a_folder_is_not_a_file(tmp_path: Path) -> None:
    assert rule_of(tmp_path) == "output.folder"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes on this system")
def test_a_pipe_and_a_device_are_refused_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert rule_of(tmp_path / "pipe") == "output.device"
    assert rule_of(os.devnull) == "output.device"


@pytest.mark.skipif(not Path("/dev/fd").exists(), reason="no names for open files on this system")
def test_a_stream_is_refused_even_if_a_file_of_the_kind_is_behind_it(tmp_path: Path) -> None:
    with written(tmp_path / "a", OLDER).open() as file:
        assert rule_of(f"/dev/fd/{file.fileno()}") == "output.device"


@POSIX
def test_a_link_is_followed_and_stays(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "latest").symlink_to(tmp_path / "folder" / "march")
    for number in (1, 2):
        with replacing(tmp_path / "latest", LIST) as file:
            file.write(f"row,field\n{number},x\n")
        assert (tmp_path / "folder" / "march").read_text() == f"row,field\n{number},x\n"
    assert (tmp_path / "latest").is_symlink()
    written(tmp_path / "folder" / "march", "of value")
    assert rule_of(tmp_path / "latest") == "output.exists"


@POSIX
def test_a_hard_link_keeps_the_older_content(tmp_path: Path) -> None:
    os.link(written(tmp_path / "a", OLDER), tmp_path / "kept")
    with replacing(tmp_path / "a", LIST) as file:
        file.write("row,field\n2,new\n")
    assert (tmp_path / "kept").read_text() == OLDER


def test_two_outputs_with_one_path_are_refused(tmp_path: Path) -> None:
    with Outputs() as outputs:
        outputs.add(tmp_path / "a", LIST)
        with pytest.raises(OutputError) as caught:
            outputs.add(tmp_path / "A", OTHER)
    assert caught.value.rule == "output.same"
    assert list(tmp_path.iterdir()) == []


def test_one_file_is_seen_behind_two_names(tmp_path: Path) -> None:
    file = written(tmp_path / "file", "x")
    assert same_file(file, tmp_path / "." / "file")
    assert not same_file(file, written(tmp_path / "other", "x"))
    assert same_file(tmp_path / "new.csv", tmp_path / "New.CSV")
    assert same_file(tmp_path / "\u00e5.csv", tmp_path / "a\u030a.csv")
    assert not same_file(tmp_path / "new.csv", tmp_path / "new.txt")
    assert not same_file(tmp_path / "new.csv", tmp_path / "missing" / "new.csv")


@pytest.mark.parametrize("exists", ["new.csv", "New.CSV"])
def test_once_one_of_them_exists_the_system_says_whether_two_names_are_one_file(tmp_path: Path, exists: str) -> None:
    assert same_file(tmp_path / "new.csv", tmp_path / "New.CSV")
    written(tmp_path / exists, "x")
    takes_them_for_one = (tmp_path / "NEW.csv").exists()
    assert same_file(tmp_path / "new.csv", tmp_path / "New.CSV") == takes_them_for_one


@POSIX
def test_one_file_is_seen_behind_links(tmp_path: Path) -> None:
    file = written(tmp_path / "file", "x")
    os.link(file, tmp_path / "hard")
    (tmp_path / "soft").symlink_to(file)
    (tmp_path / "ahead").symlink_to(tmp_path / "new")
    assert same_file(file, tmp_path / "hard")
    assert same_file(tmp_path / "soft", tmp_path / "hard")
    assert same_file(tmp_path / "ahead", tmp_path / "new")


# Rights.


@POSIX
@pytest.mark.parametrize("umask", [0, 0o077, 0o377])
def test_an_output_is_for_its_owner_whatever_the_umask(tmp_path: Path, umask: int) -> None:
    before = os.umask(umask)
    try:
        with Outputs() as outputs:
            part = outputs.add(tmp_path / "a", LIST)
            assert stat.S_IMODE(part.stat().st_mode) == 0o600
            written(part, OLDER)
            outputs.commit()
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "a").stat().st_mode) == 0o600


@POSIX
def test_replacing_takes_away_the_rights_of_others(tmp_path: Path) -> None:
    written(tmp_path / "a", OLDER).chmod(0o666)
    with replacing(tmp_path / "a", LIST) as file:
        file.write(OLDER)
    assert stat.S_IMODE((tmp_path / "a").stat().st_mode) == 0o600


@POSIX
@pytest.mark.usefixtures("open_umask")
def test_what_others_create_meanwhile_is_private_until_the_last_block_ends(tmp_path: Path) -> None:
    entered, leave = threading.Event(), threading.Event()

    def hold() -> None:
        with private_files():
            entered.set()
            leave.wait(60)

    thread = threading.Thread(target=hold)
    with private_files():
        thread.start()
        entered.wait(60)
        (tmp_path / "folder").mkdir()
    written(tmp_path / "folder" / "file", "the other block is still open")
    leave.set()
    thread.join()
    written(tmp_path / "open", "x")
    modes = [stat.S_IMODE((tmp_path / name).stat().st_mode) for name in ("folder", "folder/file", "open")]
    assert [oct(mode) for mode in modes] == ["0o700", "0o600", "0o666"]
