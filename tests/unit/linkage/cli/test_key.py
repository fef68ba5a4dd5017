"""`linkage key`: the key of each unit is made, inspected and wrapped, and a registry works with a wrapped one."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from linkage.cli import main
from linkage.keys import RegistryKey, StatisticsKey
from linkage.pipeline import Registry
from pseudonym.key_file import asking
from tests.unit.linkage.helpers import PROFILE, crowd, send

pytestmark = pytest.mark.whole

PASSPHRASE = "nine lazy owls hoot"


@contextmanager
def given(*passphrases: str) -> Iterator[list[str]]:
    """Words of a command line for a descriptor that gives pass phrases."""
    read_end, write_end = os.pipe()
    os.write(write_end, "\n".join(passphrases).encode())
    os.close(write_end)
    try:
        yield ["--passphrase-fd", str(read_end)]
    finally:
        os.close(read_end)


def shown(capsys: pytest.CaptureFixture[str], *words: str | Path) -> tuple[int, str]:
    with pytest.raises(SystemExit) as ended:
        main([str(word) for word in words])
    printed = capsys.readouterr()
    return int(ended.value.code or 0), printed.out + printed.err


@pytest.mark.parametrize(("unit", "kind"), [("linkage", RegistryKey), ("statistics", StatisticsKey)])
def test_the_key_of_a_unit_is_made_wrapped_and_opened_again(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, unit: str, kind: type[RegistryKey | StatisticsKey]
) -> None:
    open_key, wrapped, again = (tmp_path / name for name in ("open.key", "wrapped.key", "again.key"))
    assert shown(capsys, "key", "new", open_key, "--unit", unit)[0] == 0
    secret = open_key.read_text().split(".")[-2]
    with given(PASSPHRASE) as words:
        assert shown(capsys, "key", "wrap", open_key, wrapped, *words)[0] == 0
    with given(PASSPHRASE) as words:
        status, text = shown(capsys, "key", "inspect", wrapped, "--json", *words)
    key = kind.load(open_key)
    facts = json.loads(text)
    found = [facts[name] for name in ("kind", "key_id", "fingerprint", "spoken", "public_key", "wrapped")]
    public = key.public
    assert (status, found) == (0, [key.NOUN, key.check, public.fingerprint, public.spoken, public.text, True])
    assert secret not in text + wrapped.read_text()
    with given(PASSPHRASE) as words:
        assert shown(capsys, "key", "unwrap", wrapped, again, *words)[0] == 0
    assert again.read_bytes() == open_key.read_bytes()
    status, text = shown(capsys, "key", "unwrap", open_key, again)
    assert (status, f"{key.RULE}.exists" in text) == (5, True)


def test_the_key_of_the_other_unit_is_refused(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    StatisticsKey.generate().save(tmp_path / "s.key")
    status, text = shown(capsys, "key", "inspect", tmp_path / "s.key", "--unit", "linkage")
    assert (status, "registry_key.form" in text) == (5, True)
    assert shown(capsys, "key", "inspect", tmp_path / "s.key", "--unit", "statistics")[0] == 0


@pytest.mark.parametrize(
    ("passphrase", "status", "rule"), [(PASSPHRASE, 0, ""), ("a wrong one, indeed", 5, "registry_key.passphrase")]
)
def test_a_registry_receives_with_a_wrapped_key(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, passphrase: str, status: int, rule: str
) -> None:
    RegistryKey.generate().save(tmp_path / "wrapped.key", passphrase=PASSPHRASE)
    keyed = ["--registry-key", tmp_path / "wrapped.key"]
    with asking(lambda path: PASSPHRASE):
        Registry.create(tmp_path / "r", profile=PROFILE, registry_key=keyed[1], existing_key=True)
    sent = send(tmp_path / "1.parquet", "a", 1, crowd("x", range(2)))
    with given(passphrase) as words:
        found, text = shown(capsys, "receive", tmp_path / "r", sent, *keyed, *words)
    assert (found, rule in text) == (status, True)
