"""A program withdraws what it names, and everything only if it says so."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from benchmarks.keys import fixed_key_text
from pseudonym.encode import withdraw
from pseudonym.errors import InputError
from pseudonym.keyed import LinkageKey
from pseudonym.wire import read_withdrawal


@pytest.fixture(scope="module")
def key(tmp_path_factory: pytest.TempPathFactory) -> LinkageKey:
    path = tmp_path_factory.mktemp("key") / "linkage.key"
    path.write_text(fixed_key_text("withdraw"), encoding="utf-8")
    path.chmod(0o600)
    return LinkageKey.load(path)


def test_each_id_is_named_once(key: LinkageKey, tmp_path: Path) -> None:
    header = withdraw(tmp_path / "w", key, reporter="police", sequence=1, records=["b", "a", "b"], cases={"c"})
    assert (header.records, header.cases, header.everything) == (2, 1, False)
    assert read_withdrawal(tmp_path / "w").records == ("a", "b")


def test_ids_that_can_be_read_only_once_are_all_named(key: LinkageKey, tmp_path: Path) -> None:
    ids: Any = iter(["a", "b"])
    assert withdraw(tmp_path / "w", key, reporter="police", sequence=1, records=ids).records == 2


@pytest.mark.parametrize("period", [None, "2026-03"])
def test_everything_is_withdrawn_if_asked_for(key: LinkageKey, tmp_path: Path, period: str | None) -> None:
    header = withdraw(tmp_path / "w", key, reporter="police", sequence=1, everything=True, period=period)
    assert (header.records, header.cases, header.everything, header.period) == (0, 0, True, period)


@pytest.mark.parametrize(
    ("what", "rule"),
    [
        ({}, "withdrawal.empty"),
        ({"records": [], "cases": []}, "withdrawal.empty"),
        ({"records": [], "period": "2026-03"}, "withdrawal.empty"),
        ({"records": iter([])}, "withdrawal.empty"),
        ({"everything": True, "records": ["a"]}, "withdrawal.everything"),
        ({"everything": True, "cases": ["a"]}, "withdrawal.everything"),
        ({"records": ["a"], "period": "2026-03"}, "withdrawal.period"),
        ({"records": "abc"}, "input.type"),
        ({"cases": "abc"}, "input.type"),
        ({"records": ""}, "input.type"),
        ({"records": ["a", 17]}, "input.type"),
        ({"records": ["a", None]}, "input.type"),
        ({"records": ["a", "20110713-9980"]}, "withdrawal.id"),
        ({"everything": True, "period": "March"}, "input.header"),
    ],
)
def test_what_is_unclear_is_refused(key: LinkageKey, tmp_path: Path, what: dict[str, Any], rule: str) -> None:
    with pytest.raises(InputError) as caught:
        withdraw(tmp_path / "w", key, reporter="police", sequence=1, **what)
    assert caught.value.rule == rule
    assert list(tmp_path.iterdir()) == []
