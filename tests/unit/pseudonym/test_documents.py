"""Documents and keys are small: whatever is larger, or never ends, is refused without being read whole."""

from __future__ import annotations

import os
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import pytest

from linkage.errors import RegistryKeyError
from linkage.keys import RegistryKey
from pseudonym.codebook import load_codebook
from pseudonym.errors import CodebookError, KeyFileError, ProfileError
from pseudonym.keyed import LinkageKey
from pseudonym.profile import load_profile

ZERO = Path("/dev/zero")

LOADERS: list[tuple[Callable[[Path], object], type[Exception], str]] = [
    (load_profile, ProfileError, "profile.json"),
    (load_codebook, CodebookError, "codebook.json"),
    (LinkageKey.load, KeyFileError, "key.too_large"),
    (RegistryKey.load, RegistryKeyError, "registry_key.too_large"),
]


@pytest.mark.parametrize(("load", "kind", "rule"), LOADERS, ids=["profile", "codebook", "linkage key", "registry key"])
@pytest.mark.parametrize(
    "endless",
    [
        pytest.param(False, id="large"),
        pytest.param(
            True, id="endless", marks=pytest.mark.skipif(not ZERO.exists(), reason="only POSIX has a device of zeros")
        ),
    ],
)
def test_what_is_too_large_is_refused_unread(
    tmp_path: Path, load: Callable[[Path], object], kind: type[Exception], rule: str, endless: bool
) -> None:
    path = ZERO if endless else tmp_path / "large"
    if not endless:
        path.touch(mode=0o600)
        os.truncate(path, 1 << 30)
    tracemalloc.start()
    try:
        with pytest.raises(kind) as caught:
            load(path)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert caught.value.rule == rule
    assert peak < 100 << 20


def keys_of(folder: Path) -> list[tuple[Path, Callable[[Path], object]]]:
    """Save a key of each kind."""
    LinkageKey.generate().save(folder / "linkage.key")
    RegistryKey.generate().save(folder / "registry.key")
    return [(folder / "linkage.key", LinkageKey.load), (folder / "registry.key", RegistryKey.load)]


def test_a_key_file_is_never_cut_to_what_is_read_of_it(tmp_path: Path) -> None:
    for path, load in keys_of(tmp_path):
        key = path.read_bytes()
        path.write_bytes(key + b"#" * ((1 << 16) - len(key)))
        load(path)
        # What is beyond the limit could be another key.
        path.write_bytes(key + b"# a comment line\n" * 4200)
        with pytest.raises((KeyFileError, RegistryKeyError), match="at most 64 KiB") as caught:
            load(path)
        assert caught.value.hint is not None
