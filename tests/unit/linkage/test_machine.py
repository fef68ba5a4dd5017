"""Available memory, from what Linux says of the system and of a container."""

from __future__ import annotations

from pathlib import Path

from linkage.machine import available_memory

GIB = 2**30


def system(folder: Path, free: int, swap: int = 0) -> Path:
    path = folder / "meminfo"
    path.write_text(f"MemTotal: 99999999 kB\nMemAvailable: {free // 1024} kB\nSwapFree: {swap // 1024} kB\n")
    return path


def container(folder: Path, most: object, taken: int, files: int = 0) -> Path:
    group = folder / "group"
    group.mkdir()
    (group / "memory.max").write_text(f"{most}\n")
    (group / "memory.current").write_text(f"{taken}\n")
    (group / "memory.stat").write_text(f"anon 1\ninactive_file {files}\n")
    return group


def test_what_is_free_and_swap_count(tmp_path):
    assert available_memory(system=system(tmp_path, 4 * GIB, GIB), group=tmp_path / "none") == 5 * GIB


def test_a_container_has_what_its_limit_leaves_and_what_it_can_free(tmp_path):
    group = container(tmp_path, 3 * GIB, 2 * GIB, GIB // 2)
    assert available_memory(system=system(tmp_path, 4 * GIB), group=group) == GIB + GIB // 2
    (group / "memory.current").write_text(str(9 * GIB))
    assert available_memory(system=system(tmp_path, 4 * GIB), group=group) == 0


def test_the_system_may_have_less_than_the_container_allows(tmp_path):
    assert available_memory(system=system(tmp_path, GIB), group=container(tmp_path, 3 * GIB, 0)) == GIB


def test_a_container_without_limit_is_none(tmp_path):
    assert available_memory(system=system(tmp_path, GIB), group=container(tmp_path, "max", GIB)) == GIB


def test_elsewhere_it_is_the_memory_of_the_machine(tmp_path):
    found = available_memory(system=tmp_path / "none", group=tmp_path / "none")
    assert found is None or found > 2**27
    assert available_memory() is None or available_memory() > 0
